/* How the generator is: for status, and as metrics. */
#include <stdio.h>
#include <string.h>

#include "base/metric.h"
#include "dialog/generator_parts.h"

void
generator_read_status(struct generator *generator, struct generator_status *out)
{
	static const char *const names[] = {
		[GENERATOR_LOADING] = "loading",
		[GENERATOR_READY] = "ready",
		[GENERATOR_FAILED] = "failed",
	};
	*out = (struct generator_status){
		.model = generator->path,
		.weights = generator->weights,
	};
	pthread_mutex_lock(&generator->lock);
	out->state = generator->state;
	memcpy(out->words, generator->why.text, sizeof(out->words));
	pthread_mutex_unlock(&generator->lock);
	out->state_name = names[out->state];
	if (out->state != GENERATOR_READY)
		return;
	const struct model *model = &generator->made.model;
	engine_read_counts(generator->engine, &out->counts);
	out->model_bytes = model->memory_bytes;
	out->engine_bytes =
		engine_plan_bytes(&generator->engine_settings, &model->config);
}

/* ---- Metrics */

static void
set_counter(const char *name, const char *help, const char *labels,
	    int64_t value)
{
	metric_set(metric_get(METRIC_COUNTER, name, help, labels),
		   (double)value);
}

static void
set_gauge(const char *name, const char *help, double value)
{
	metric_set(metric_get(METRIC_GAUGE, name, help, ""), value);
}

static void
gather_requests(const struct engine_counts *counts)
{
	static const char name[] = "tellerd_generator_requests_total";
	static const char help[] =
		"Texts that were asked for, by how it ended.";
	char label[64];
	for (int i = GENERATION_RUNS + 1; i < N_GENERATION_ENDS; i++) {
		snprintf(label, sizeof(label), "end=\"%s\"",
			 generation_end_name((enum generation_end)i));
		set_counter(name, help, label, counts->n_ended[i]);
	}
	set_counter(name, help, "end=\"busy\"", counts->n_busy);
	set_counter(name, help, "end=\"refused\"", counts->n_refused);
	set_gauge("tellerd_generator_running", "Texts that are generated now.",
		  counts->n_running);
	set_gauge("tellerd_generator_waiting", "Texts that wait to be begun.",
		  counts->n_waiting);
}

static void
gather_tokens(const struct engine_counts *counts)
{
	set_counter("tellerd_generator_tokens_total", "Tokens generated.", "",
		    counts->new_tokens);
	set_counter("tellerd_generator_prompt_tokens_total",
		    "Tokens of prompts, computed or kept from others.",
		    "from=\"computed\"", counts->prompt_tokens);
	set_counter("tellerd_generator_prompt_tokens_total",
		    "Tokens of prompts, computed or kept from others.",
		    "from=\"cache\"", counts->prompt_tokens_kept);
	set_counter("tellerd_generator_lookups_total",
		    "Tokens that were tried because the prompt has them.", "",
		    counts->drafts);
	set_counter("tellerd_generator_lookups_right_total",
		    "Those that were right.", "", counts->drafts_right);
	set_counter("tellerd_generator_steps_total", "Steps of the model.", "",
		    counts->steps);
}

static void
gather_cache(const struct engine_counts *counts)
{
	static const char name[] = "tellerd_generator_prefixes_total";
	static const char help[] =
		"Prompts whose beginning was, or was not, in the cache.";
	set_counter(name, help, "found=\"yes\"", counts->prefix_hits);
	set_counter(name, help, "found=\"no\"", counts->prefix_misses);
	set_counter("tellerd_generator_prefix_evictions_total",
		    "Blocks of the cache that made room for others.", "",
		    counts->prefix_evictions);
	set_gauge("tellerd_generator_blocks",
		  "Blocks of memory for keys and values.", counts->blocks);
	set_gauge("tellerd_generator_blocks_in_use", "Those in use.",
		  counts->blocks_in_use);
}

void
generator_gather(struct generator *generator)
{
	struct generator_status status;
	generator_read_status(generator, &status);
	set_gauge("tellerd_generator_ready", "Whether drafts can be written.",
		  status.state == GENERATOR_READY);
	set_gauge("tellerd_generator_model_bytes", "Memory of the model.",
		  (double)status.model_bytes);
	gather_requests(&status.counts);
	gather_tokens(&status.counts);
	gather_cache(&status.counts);
}
