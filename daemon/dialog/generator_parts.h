/* What a generator is made of, for the files of generator.h. */
#ifndef DIALOG_GENERATOR_PARTS_H
#define DIALOG_GENERATOR_PARTS_H

#include <pthread.h>

#include "base/err.h"
#include "base/queue.h"
#include "dialog/generator.h"
#include "dialog/generator_model.h"
#include "model/engine.h"
#include "model/stop.h"

struct metric;

struct generator {
	char *path, *weights;
	enum packing packing;
	struct engine_settings engine_settings;
	int max_tokens;
	int64_t deadline_ms;
	struct stop_strings stops;
	struct metric *first_token;
	struct pool *pool, *loader;
	struct job load;
	pthread_mutex_t lock; /* of what follows */
	enum generator_state state;
	bool is_stopping;
	struct err why; /* it failed */
	/* Set once, before it is ready. */
	struct generator_model made;
	struct engine *engine;
};

/* Tokens that a prompt may have, so that there are max_tokens behind it: what
 * the model has positions for, and the memory for keys and values.  May be
 * negative. */
int generator_room(const struct engine_settings *, const struct model_config *,
		   int max_tokens);

#endif
