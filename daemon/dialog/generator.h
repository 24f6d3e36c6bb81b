/* The desk's generator: a model in memory, and the engine that runs it.  What
 * it says is for agents: draft.c asks it, and nothing else does.
 *
 * The model is loaded by a thread of the generator's own, while the desk
 * already answers: no turn needs it, and reading and packing a model that was
 * not converted takes seconds.  Its threads yield to the others' (nice), so
 * that on a busy machine a turn comes first. */
#ifndef DIALOG_GENERATOR_H
#define DIALOG_GENERATOR_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dialog/prompt.h"
#include "model/engine.h"

struct err;
struct generator;
struct pool;
struct settings;

/* Do the settings fit together?  0, or -1 and *err, which names the setting's
 * line. */
int generator_check_settings(const struct settings *, struct err *);
/* The same, and the model is read to its end.  A desk does without: it serves
 * customers whether there are drafts or not.  Not on the loop. */
int generator_check(const struct settings *, struct err *);

/* Begin to load it; what is wrong with it is logged, and told to who asks.  0
 * and *out: NULL if the settings have it off; -1 and *err: there are no
 * threads. */
int generator_new(struct generator **out, const struct settings *,
		  struct err *);
/* All that is asked for ends within a step of the engine, for which it does not
 * wait, and what is asked from now on is refused. */
void generator_stop(struct generator *);
/* Nobody uses it.  Waits until a model that is being loaded is.  NULL does
 * nothing. */
void generator_free(struct generator *);
/* Threads that may wait for it: as many as it takes requests. */
struct pool *generator_pool(struct generator *);

struct generated {
	char *text;		   /* the caller frees it */
	struct prompt_parts parts; /* what of the prompt it was made of */
	size_t n_prompt, n_new;	   /* tokens */
	bool is_cut;		   /* it had no room to end */
};
/* A request that may be given up: zeroed, and there until generator_run() and
 * the last generator_give_up() of it are over. */
struct generator_wish {
	atomic_bool is_given_up;
	_Atomic(uint64_t) id; /* the engine's; 0: it has none yet */
};
/* Have the prompt gone on with, and wait for that: not on the loop.  0, or -1
 * and *err: it is busy, the deadline is over, it is not there, or there are
 * passages and none of them fits. */
int generator_run(struct generator *, const struct prompt *,
		  struct generator_wish *, struct generated *, struct err *);
/* Nobody wants it any more: it ends within a step, or does not begin.  Any
 * thread. */
void generator_give_up(struct generator *, struct generator_wish *);

enum generator_state { GENERATOR_LOADING, GENERATOR_READY, GENERATOR_FAILED };

/* How it is now.  Any thread. */
struct generator_status {
	enum generator_state state;
	const char *state_name, *model, *weights; /* live as long as it does */
	char words[512];			  /* why it failed, or "" */
	size_t model_bytes;			  /* 0: it is not loaded */
	size_t engine_bytes;
	struct engine_counts counts; /* zeros: it is not ready */
};
void generator_read_status(struct generator *, struct generator_status *);
/* Bring the metrics up to date.  On the loop. */
void generator_gather(struct generator *);

#endif
