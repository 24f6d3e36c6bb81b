/* The sequences that run, and their steps.  One thread at a time. */
#ifndef MODEL_ENGINE_BATCH_H
#define MODEL_ENGINE_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "model/kv.h"
#include "model/prefix.h"
#include "model/sample.h"
#include "model/step.h"

struct compute;
struct engine_settings;
struct err;
struct forward;
struct generation;
struct model;
struct model_config;

/* Embedded in what its owner keeps of it. */
struct sequence {
	struct generation *generation;
	int n_shared_prompt;
	bool is_in_step;
};

struct engine_batch {
	int max_running, max_rows, drafts_below;
	struct kv kv;
	struct prefixes prefixes;
	struct compute *compute;
	struct forward *forward;
	struct step step;
	struct sampler sampler;
	struct sequence **running; /* (max_running), the oldest first */
	int n_running;
	int turn; /* of the prompts, whose part is the first of a step */
	int64_t n_steps, n_rows, n_prompt_rows;
};

/* The model is borrowed.  0, or -1 and *err: a setting is out of its range, or
 * there is no memory, or no thread. */
int engine_batch_init(struct engine_batch *, const struct engine_settings *,
		      const struct model *, struct err *);
/* Nothing runs.  Also of one that failed to begin. */
void engine_batch_release(struct engine_batch *);
/* Bytes that it takes. */
size_t engine_batch_plan_bytes(const struct engine_settings *,
			       const struct model_config *);

/* As engine_positions() says. */
int engine_batch_positions(const struct engine_settings *,
			   const struct model_config *);

/* false: too many run, or there are too few blocks for it. */
bool engine_batch_add(struct engine_batch *, struct sequence *);
/* It takes part in no step any more; the others keep their order.  What can be
 * shared of its prompt is, and its blocks go back. */
void engine_batch_remove(struct engine_batch *, struct sequence *);
/* One step for those that run: some have tokens then, some have ended. */
void engine_batch_step(struct engine_batch *);

#endif
