/* One text.  told() is on the engine's thread, generator_give_up() on any, all
 * else on threads of the generator's pool. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/metric.h"
#include "base/time.h"
#include "dialog/generator_parts.h"
#include "dialog/prompt.h"
#include "model/draft.h"
#include "model/encoder.h"

/* One who waits, on his own stack. */
struct waiting {
	struct generator *generator;
	struct generator_wish *wish;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	int64_t begin_us;
	bool has_first, is_over;
	enum generation_end end;
	char *text;
	size_t n_new;
};

static void
told(void *arg, const struct generation *generation)
{
	struct waiting *waiting = arg;
	enum generation_end end = generation_end(generation);
	int n;
	generation_tokens(generation, &n);
	if (n > 0 && !waiting->has_first) {
		waiting->has_first = true;
		metric_observe(waiting->generator->first_token,
			       (double)(time_mono_us() - waiting->begin_us) /
				       1e6);
	}
	if (end == GENERATION_RUNS)
		return;
	size_t len;
	const char *text = generation_text(generation, &len);
	pthread_mutex_lock(&waiting->lock);
	waiting->end = end;
	waiting->n_new = (size_t)n;
	waiting->text = mem_strndup(text, len);
	waiting->is_over = true;
	pthread_cond_signal(&waiting->ended);
	pthread_mutex_unlock(&waiting->lock);
}

static void
wait_until_over(struct waiting *waiting)
{
	pthread_mutex_lock(&waiting->lock);
	while (!waiting->is_over)
		pthread_cond_wait(&waiting->ended, &waiting->lock);
	pthread_mutex_unlock(&waiting->lock);
}

static int
refuse_given_up(struct err *err)
{
	return err_set(err, "who asked for it is gone");
}

/* How it ended, if that is no text. */
static int
refuse_end(const struct waiting *waiting, struct err *err)
{
	switch (waiting->end) {
	case GENERATION_END:
	case GENERATION_STOP:
	case GENERATION_LENGTH:
	case GENERATION_POSITIONS:
		return 0;
	case GENERATION_DEADLINE:
		return err_set(err,
			       "there was no draft within %lld ms "
			       "(generator.deadline); try again when less is "
			       "going on",
			       (long long)waiting->generator->deadline_ms);
	case GENERATION_CANCELLED:
		return atomic_load(&waiting->wish->is_given_up)
			       ? refuse_given_up(err)
			       : err_set(err, "tellerd is stopping");
	default:
		return err_set(err, "the generator came to no text (%s)",
			       generation_end_name(waiting->end));
	}
}

static int
submit(struct waiting *waiting, const struct token_list *tokens,
       size_t n_shared, struct err *err)
{
	struct generator *generator = waiting->generator;
	const struct model_config *config = &generator->made.model.config;
	struct engine_request request = {
		.generation =
			{
				.prompt = tokens->ids,
				.n_prompt = (int)tokens->n,
				.sampling = sampling_greedy,
				.tokenizer = generator->made.tokenizer,
				.stops = &generator->stops,
				.max_tokens = generator->max_tokens,
				.max_drafts = DRAFT_MAX,
				.deadline_us = waiting->begin_us +
					       generator->deadline_ms * 1000,
			},
		.n_shared_prompt = (int)n_shared,
		.run = told,
		.arg = waiting,
	};
	if (config->eos_token >= 0) {
		request.generation.sampling.ends = &config->eos_token;
		request.generation.sampling.n_ends = 1;
	}
	uint64_t id;
	if (atomic_load(&waiting->wish->is_given_up))
		return refuse_given_up(err);
	switch (engine_submit(generator->engine, &request, &id, err)) {
	case ENGINE_TAKEN:
		/* Either we see that it was given up, or who did sees the id.
		 */
		atomic_store(&waiting->wish->id, id);
		if (atomic_load(&waiting->wish->is_given_up))
			engine_cancel(generator->engine, id);
		return 0;
	case ENGINE_BUSY:
		return err_set(err, "the generator is busy with other drafts; "
				    "try again in a moment");
	default:
		return -1;
	}
}

static int
wait_for_text(struct generator *generator, struct generator_wish *wish,
	      const struct token_list *tokens, struct generated *out,
	      struct err *err)
{
	struct waiting waiting = {
		.generator = generator,
		.wish = wish,
		.begin_us = time_mono_us(),
	};
	pthread_mutex_init(&waiting.lock, NULL);
	pthread_cond_init(&waiting.ended, NULL);
	int rc = submit(&waiting, tokens, out->parts.n_shared, err);
	if (!rc) {
		wait_until_over(&waiting);
		rc = refuse_end(&waiting, err);
	}
	pthread_cond_destroy(&waiting.ended);
	pthread_mutex_destroy(&waiting.lock);
	if (rc) {
		free(waiting.text);
		return -1;
	}
	out->text = waiting.text;
	out->n_new = waiting.n_new;
	out->is_cut = waiting.end == GENERATION_LENGTH ||
		      waiting.end == GENERATION_POSITIONS;
	return 0;
}

static int
check_ready(struct generator *generator, struct err *err)
{
	pthread_mutex_lock(&generator->lock);
	enum generator_state state = generator->state;
	bool is_stopping = generator->is_stopping;
	struct err why = generator->why;
	pthread_mutex_unlock(&generator->lock);
	if (is_stopping)
		return err_set(err, "tellerd is stopping");
	if (state == GENERATOR_LOADING)
		return err_set(err, "the generator's model is still being "
				    "loaded; try again in a moment");
	if (state == GENERATOR_FAILED)
		return err_set(err, "the generator has no model: %s", why.text);
	return 0;
}

/* What came of the question alone would look as if it had answers behind it. */
static int
refuse_without_passages(size_t room, struct err *err)
{
	return err_set(
		err,
		"the approved entries that are near are too long for a "
		"draft: its prompt has room for %zu tokens, half of them "
		"for entries; shorter entries, a smaller "
		"generator.max_tokens or a larger generator.kv_memory "
		"make room",
		room);
}

int
generator_run(struct generator *generator, const struct prompt *prompt,
	      struct generator_wish *wish, struct generated *out,
	      struct err *err)
{
	struct prompt_parts *parts = &out->parts;
	*out = (struct generated){.text = NULL};
	if (check_ready(generator, err))
		return -1;
	size_t room = (size_t)generator_room(&generator->engine_settings,
					     &generator->made.model.config,
					     generator->max_tokens);
	struct token_list tokens = {.max = room};
	struct encoder *encoder = encoder_new(generator->made.tokenizer);
	int rc = prompt_encode(prompt, encoder, room, &tokens, parts, err);
	encoder_free(encoder);
	if (!rc && prompt->n_passages && !parts->n_passages)
		rc = refuse_without_passages(room, err);
	if (!rc)
		rc = wait_for_text(generator, wish, &tokens, out, err);
	out->n_prompt = tokens.n;
	token_list_release(&tokens);
	return rc;
}

void
generator_give_up(struct generator *generator, struct generator_wish *wish)
{
	atomic_store(&wish->is_given_up, true);
	uint64_t id = atomic_load(&wish->id);
	if (id)
		engine_cancel(generator->engine, id);
}
