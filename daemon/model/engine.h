/* The engine: one thread that runs many generations at once.  Each step has
 * one row of every sequence that goes on, and in what is left of it parts of
 * prompts.  What comes of a generation depends on its request alone, bit for
 * bit: not on its company, its wait, the threads, the cache or drafts.
 *
 * Keys and values lie in one arena of a fixed size.  A sequence begins, first
 * come first served, when all the blocks that it may ever need are free; what
 * has begun goes on to its end. */
#ifndef MODEL_ENGINE_H
#define MODEL_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/generate.h"
#include "model/kernels.h"

struct engine;
struct err;
struct kv;
struct model;
struct model_config;

struct engine_settings {
	int n_threads; /* that compute, the engine's own with them */
	enum kv_type kv_type;
	size_t kv_bytes; /* of the arena, in whole blocks */
	int max_rows;	 /* of a step: what a long prompt may hold others up */
	int max_running; /* sequences, up to max_rows */
	int max_waiting; /* as many more are taken in when so many run */
	/* Of the blocks, so many in a hundred may be kept for the beginnings
	 * that prompts share; 0: none. */
	int prefix_percent;
	/* Drafts are tried while fewer sequences than this run; 0: never. */
	int drafts_below;
};

/* On the engine's thread, with no lock held: tokens came, or it has ended, see
 * generation_end().  The generation is borrowed for the call; after the call
 * in which it has ended, which comes exactly once, it is gone.  Must not wait;
 * may submit and cancel. */
typedef void engine_fn(void *arg, const struct generation *);

#define ENGINE_LIST_MAX (1 << 16)

struct engine_request {
	/* The lists in it, of up to ENGINE_LIST_MAX numbers, and the stop
	 * strings are copied, too.  Drafts are as many as it says, while there
	 * may be any.  The tokenizer, and what
	 * `allow` uses, which the engine's thread calls, are borrowed until it
	 * has ended. */
	struct generation_request generation;
	/* Leading tokens of the prompt that are nobody's own: instructions, a
	 * passage.  Keys and values of whole blocks of these may be kept for
	 * other requests that begin with the same. */
	int n_shared_prompt;
	engine_fn *run; /* NULL: nobody wants to know */
	void *arg;
};

enum engine_answer {
	ENGINE_TAKEN,
	ENGINE_REFUSED, /* can never be served as it is */
	ENGINE_BUSY	/* later it may be */
};

/* The model is borrowed.  NULL and *err: a setting is out of its range, or
 * there is no memory, or no thread. */
struct engine *engine_new(const struct engine_settings *, const struct model *,
			  struct err *);
/* Closes it; nobody uses it any more.  NULL does nothing. */
void engine_free(struct engine *);
/* Bytes that an engine takes beside its model. */
size_t engine_plan_bytes(const struct engine_settings *,
			 const struct model_config *);
/* Positions that one sequence may have: those of the model, or fewer if the
 * arena has no more; and the kv_bytes that so many take. */
int engine_positions(const struct engine_settings *,
		     const struct model_config *);
size_t engine_kv_bytes(const struct model_config *, enum kv_type,
		       int n_positions);

/* --- Any thread */

/* Unless it is taken, run() is never called, and *err says why.  *id_r, which
 * may be NULL, is there before run() is called. */
enum engine_answer engine_submit(struct engine *, const struct engine_request *,
				 uint64_t *id_r, struct err *);
/* It ends within one step.  false: it has ended already. */
bool engine_cancel(struct engine *, uint64_t id);
/* All end as cancelled, within one step, and what is submitted from now on is
 * refused.  Does not wait for that. */
void engine_begin_close(struct engine *);
/* The same, but returns after the last call of run().  Not from run(). */
void engine_close(struct engine *);

/* Times to the first token are counted by these bounds, and above them. */
#define ENGINE_N_BOUNDS 12
extern const int engine_bounds_ms[ENGINE_N_BOUNDS];

struct engine_counts {
	/* Since it was made. */
	int64_t n_taken, n_busy, n_refused;
	int64_t n_ended[N_GENERATION_ENDS]; /* by enum generation_end */
	int64_t prompt_tokens;		    /* computed */
	int64_t prompt_tokens_kept;	    /* that were in the cache */
	int64_t new_tokens, drafts, drafts_right;
	int64_t steps, rows;
	/* Of the requests that began with a prefix to share: those that found
	 * some of it, and those that found none.  Blocks that made room for
	 * others. */
	int64_t prefix_hits, prefix_misses, prefix_evictions;
	/* From engine_submit() to the first token. */
	int64_t n_firsts, first_sum_us, first_max_us;
	int64_t first_buckets[ENGINE_N_BOUNDS + 1];
	/* Now.  Blocks of prefixes that nobody uses are not in use: they go
	 * when others need them. */
	int n_waiting, n_running;
	int blocks, blocks_in_use, blocks_of_prefixes;
};
/* As of the end of the last step, before its calls of run(). */
void engine_read_counts(struct engine *, struct engine_counts *out);

/* look(arg, kv) on the engine's thread, between two steps; returns after it.
 * For tests: what is in blocks that are free.  Not from run(), nor once it is
 * closed. */
void engine_look(struct engine *, void (*look)(void *arg, const struct kv *),
		 void *arg);

#endif
