/* Settings, loading and the end of it.  load() is on a thread of its own, all
 * else on the loop, or before it runs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/metric.h"
#include "base/time.h"
#include "conf/options.h"
#include "dialog/generator_parts.h"
#include "model/compute.h"
#include "model/kv.h"

#define MIB (1024.0 * 1024.0)
/* What its threads yield to the others: CPU time at 1 to 10. */
#define NICE 10
/* Jobs that wait for a thread of the pool: the engine has the queue. */
#define POOL_JOBS 16
/* Tokens that a prompt has at least room for: in half of them, instructions and
 * an entry. */
#define PROMPT_MIN 256

/* ---- Settings */

static int
n_threads(const struct settings *settings)
{
	int n = (int)settings_int(settings, "generator.threads");
	return n ? n : compute_n_processors();
}

static enum packing
packing_of(const struct settings *settings)
{
	return (enum packing)packing_find(
		settings_text(settings, "generator.weights"));
}

static int
max_tokens_of(const struct settings *settings)
{
	return (int)settings_int(settings, "generator.max_tokens");
}

static bool
is_off(const struct settings *settings)
{
	return strcmp(settings_text(settings, "generator.mode"), "off") == 0;
}

static int
check_mode(const struct settings *settings, struct err *err)
{
	if (strcmp(settings_text(settings, "generator.mode"), "verified") ==
	    0) {
		err_set(err,
			"verified is not there yet: nothing checks generated "
			"text against the approved answers; use draft, which "
			"only agents see, or off");
		return settings_blame(settings, "generator.mode", err);
	}
	if (*settings_text(settings, "generator.model"))
		return 0;
	err_set(err, "draft needs a model: set generator.model");
	return settings_blame(settings, "generator.mode", err);
}

int
generator_room(const struct engine_settings *settings,
	       const struct model_config *config, int max_tokens)
{
	return engine_positions(settings, config) - max_tokens;
}

/* The setting that leaves too little room for what drafts are to be written
 * from, and why in *err; NULL: none does. */
static const char *
find_lack(const struct engine_settings *settings,
	  const struct model_config *config, int max_tokens, struct err *err)
{
	if (generator_room(settings, config, max_tokens) >= PROMPT_MIN)
		return NULL;
	if (config->n_positions - max_tokens < PROMPT_MIN) {
		err_set(err,
			"the model has %d positions: a draft of %d tokens "
			"leaves less than %d for its prompt",
			config->n_positions, max_tokens, PROMPT_MIN);
		return "generator.max_tokens";
	}
	size_t needed = engine_kv_bytes(config, settings->kv_type,
					max_tokens + PROMPT_MIN);
	err_set(err,
		"the memory for keys and values has room for %d tokens: a "
		"draft of %d leaves less than %d for its prompt; %.0f MiB are "
		"enough",
		engine_positions(settings, config), max_tokens, PROMPT_MIN,
		ceil((double)needed / MIB));
	return "generator.kv_memory";
}

static int
check_load(const struct settings *settings, struct err *err)
{
	struct generator_model made;
	int rc = generator_model_load(
		&made, settings_text(settings, "generator.model"),
		packing_of(settings), n_threads(settings), err);
	generator_model_release(&made);
	return rc;
}

static struct engine_settings
read_engine_settings(const struct settings *settings)
{
	int percent = (int)settings_int(settings, "generator.shared");
	return (struct engine_settings){
		.n_threads = n_threads(settings),
		.kv_type = (enum kv_type)kv_type_find(
			settings_text(settings, "generator.kv_type")),
		.kv_bytes =
			(size_t)settings_int(settings, "generator.kv_memory"),
		.max_rows = (int)settings_int(settings, "generator.step"),
		.max_running =
			(int)settings_int(settings, "generator.parallel"),
		.max_waiting = (int)settings_int(settings, "generator.queue"),
		.prefix_percent = percent,
		.drafts_below = (int)settings_int(settings, "generator.lookup"),
	};
}

int
generator_check_settings(const struct settings *settings, struct err *err)
{
	return is_off(settings) ? 0 : check_mode(settings, err);
}

int
generator_check(const struct settings *settings, struct err *err)
{
	struct model_config config;
	if (generator_check_settings(settings, err))
		return -1;
	if (is_off(settings))
		return 0;
	if (generator_model_check(settings_text(settings, "generator.model"),
				  packing_of(settings), &config, err) ||
	    check_load(settings, err))
		return settings_blame(settings, "generator.model", err);
	struct engine_settings wanted = read_engine_settings(settings);
	const char *lack =
		find_lack(&wanted, &config, max_tokens_of(settings), err);
	return lack ? settings_blame(settings, lack, err) : 0;
}

/* ---- Loading */

static int
load_all(struct generator *generator, struct err *err)
{
	const struct engine_settings *settings = &generator->engine_settings;
	if (generator_model_load(&generator->made, generator->path,
				 generator->packing, settings->n_threads, err))
		return -1;
	if (find_lack(settings, &generator->made.model.config,
		      generator->max_tokens, err))
		return -1;
	generator->engine = engine_new(settings, &generator->made.model, err);
	return generator->engine ? 0 : -1;
}

/* The threads that it makes are as nice as it is. */
static void
load(struct job *job)
{
	struct generator *generator = container_of(job, struct generator, load);
	struct err err = {0};
	setpriority(PRIO_PROCESS, 0, NICE);
	int64_t begin_us = time_mono_us();
	int rc = load_all(generator, &err);
	pthread_mutex_lock(&generator->lock);
	generator->state = rc ? GENERATOR_FAILED : GENERATOR_READY;
	generator->why = err;
	pthread_mutex_unlock(&generator->lock);
	if (rc)
		log_error("generator: no drafts: %s", err.text);
	else
		log_info("generator: ready after %.2f s; memory: model "
			 "%.1f MiB, keys, values and steps %.1f MiB",
			 (double)(time_mono_us() - begin_us) / 1e6,
			 (double)generator->made.model.memory_bytes / MIB,
			 (double)engine_plan_bytes(
				 &generator->engine_settings,
				 &generator->made.model.config) /
				 MIB);
}

static int
make_threads(struct generator *generator, struct err *err)
{
	const struct engine_settings *settings = &generator->engine_settings;
	/* More than the engine takes, so that it is who says that it is busy.
	 */
	int n = settings->max_running + settings->max_waiting + 2;
	generator->pool = pool_new("draft", n, POOL_JOBS);
	generator->loader = pool_new("generator", 1, 1);
	if (!generator->pool || !generator->loader)
		return err_set(err, "the system gives no more threads");
	generator->load.run = load;
	pool_push(generator->loader, &generator->load);
	return 0;
}

int
generator_new(struct generator **out, const struct settings *settings,
	      struct err *err)
{
	*out = NULL;
	if (is_off(settings))
		return 0;
	struct generator *generator = mem_new(sizeof(*generator));
	pthread_mutex_init(&generator->lock, NULL);
	generator->path =
		mem_strdup(settings_text(settings, "generator.model"));
	generator->weights =
		mem_strdup(settings_text(settings, "generator.weights"));
	generator->packing = packing_of(settings);
	generator->engine_settings = read_engine_settings(settings);
	generator->max_tokens = max_tokens_of(settings);
	generator->deadline_ms = settings_int(settings, "generator.deadline");
	generator->first_token = metric_get(
		METRIC_HISTOGRAM, "tellerd_generator_first_token_seconds",
		"From a request to the first token of its text.", "");
	if (make_threads(generator, err) ||
	    stop_strings_add(&generator->stops, "\nCustomer:", 10, err) ||
	    stop_strings_add(&generator->stops, "\nAgent:", 7, err)) {
		generator_free(generator);
		return -1;
	}
	*out = generator;
	return 0;
}

void
generator_stop(struct generator *generator)
{
	pthread_mutex_lock(&generator->lock);
	bool is_first = !generator->is_stopping;
	bool is_ready = generator->state == GENERATOR_READY;
	generator->is_stopping = true;
	pthread_mutex_unlock(&generator->lock);
	if (is_first && is_ready)
		engine_begin_close(generator->engine);
}

void
generator_free(struct generator *generator)
{
	if (!generator)
		return;
	generator_stop(generator);
	pool_free(generator->loader);
	pool_free(generator->pool);
	engine_free(generator->engine);
	generator_model_release(&generator->made);
	pthread_mutex_destroy(&generator->lock);
	free(generator->path);
	free(generator->weights);
	free(generator);
}

struct pool *
generator_pool(struct generator *generator)
{
	return generator->pool;
}
