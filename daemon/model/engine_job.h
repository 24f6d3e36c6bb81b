/* A request as the engine keeps it. */
#ifndef MODEL_ENGINE_JOB_H
#define MODEL_ENGINE_JOB_H

#include "base/mem.h"
#include "model/engine.h"
#include "model/engine_batch.h"

struct engine_job {
	struct sequence sequence;
	struct engine_job *next; /* that waits */
	uint64_t id;
	engine_fn *run;
	void *arg;
	int64_t submitted_us;
	int n_told; /* new tokens, so far */
	bool has_begun;
	struct arena lists; /* of its sampling, and stop strings */
};

/* Any thread.  A copy; NULL and *err: it is refused. */
struct engine_job *engine_job_new(const struct engine_request *,
				  const struct model_config *, struct err *);
void engine_job_free(struct engine_job *);

#endif
