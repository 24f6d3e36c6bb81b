#include "dialog/delivery.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "dialog/case.h"

#define LISTS_MAX_DEPTH 4
/* The most that an attempt is put off by: a wrong clock may have named its
 * time. */
#define WAIT_MAX_US (INT64_C(24) * 3600 * 1000 * 1000)

/* Names of jobs in the store, and for plugins. */
static const struct {
	const char *name;
	enum teller_job_kind kind;
} jobs[] = {
	{"reply", TELLER_JOB_REPLY},
	{"notice", TELLER_JOB_NOTICE},
	{JOB_AGENT_TEXT, TELLER_JOB_AGENT_TEXT},
	{"desk_card", TELLER_JOB_DESK_CARD},
	{"card_update", TELLER_JOB_CARD_UPDATE},
	{"customer_text", TELLER_JOB_CUSTOMER_TEXT},
	{JOB_CASE, TELLER_JOB_CASE},
	{JOB_RECEIPT, TELLER_JOB_RECEIPT},
};

static enum teller_job_kind
job_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(jobs) / sizeof(*jobs); i++)
		if (strcmp(jobs[i].name, name) == 0)
			return jobs[i].kind;
	return TELLER_JOB_NOTICE;
}

static void *
copy_bytes(struct arena *arena, const void *data, size_t len)
{
	return len ? memcpy(arena_new(arena, len), data, len) : NULL;
}

static const char *
copy_text(struct arena *arena, const char *text)
{
	return arena_strdup(arena, text ? text : "");
}

static void
read_options(struct delivery *delivery)
{
	const char *text = delivery->reply.options_json;
	json_t *list = json_read(text, strlen(text), LISTS_MAX_DEPTH, NULL);
	size_t n = json_array_size(list);
	delivery->options =
		arena_array(&delivery->arena, n, sizeof(*delivery->options));
	delivery->n_options = n;
	for (size_t i = 0; i < n; i++) {
		const json_t *row = json_array_get(list, i);
		delivery->options[i] = (struct teller_choice){
			.id = copy_text(&delivery->arena,
					json_get_text(row, "id", "")),
			.label = copy_text(&delivery->arena,
					   json_get_text(row, "label", "")),
		};
	}
	json_decref(list);
}

static void
read_sources(struct delivery *delivery)
{
	const char *text = delivery->reply.sources_json;
	json_t *list = json_read(text, strlen(text), LISTS_MAX_DEPTH, NULL);
	size_t n = json_array_size(list);
	delivery->sources =
		arena_array(&delivery->arena, n, sizeof(*delivery->sources));
	delivery->n_sources = n;
	for (size_t i = 0; i < n; i++) {
		const json_t *row = json_array_get(list, i);
		delivery->sources[i] = (struct teller_source){
			.id = copy_text(&delivery->arena,
					json_get_text(row, "id", "")),
			.version = (int)json_get_int(row, "version", 0),
			.title = copy_text(&delivery->arena,
					   json_get_text(row, "title", "")),
		};
	}
	json_decref(list);
}

static void
copy_reply(struct delivery *delivery, const struct reply *reply)
{
	struct arena *arena = &delivery->arena;
	struct reply *own = &delivery->reply;
	*own = *reply;
	own->target = copy_text(arena, reply->target);
	own->job = copy_text(arena, reply->job);
	own->kind = copy_text(arena, reply->kind);
	own->author = copy_text(arena, reply->author);
	own->options_json = copy_text(arena, reply->options_json);
	own->sources_json = copy_text(arena, reply->sources_json);
	own->progress = copy_bytes(arena, reply->progress, reply->progress_len);
}

/* The rows of a desk do not hold what the customer wrote, and that of a case
 * only names it. */
static const char *
text_of(struct arena *arena, const struct reply *reply, const char *words)
{
	switch (job_kind(reply->job)) {
	case TELLER_JOB_DESK_CARD:
	case TELLER_JOB_CUSTOMER_TEXT:
		return arena_printf(arena, "%s%s%s", words,
				    *words && *reply->text ? "\n\n" : "",
				    reply->text);
	case TELLER_JOB_CASE:
		return copy_text(arena, words);
	default:
		return copy_text(arena, reply->text);
	}
}

struct delivery *
delivery_new(const struct conversation *conversation,
	     enum conversation_state state, const struct reply *reply,
	     const char *words, const int64_t *in_reply_to,
	     size_t n_in_reply_to)
{
	struct delivery *delivery = mem_new(sizeof(*delivery));
	struct arena *arena = &delivery->arena;
	copy_reply(delivery, reply);
	delivery->reply.text = text_of(arena, reply, words);
	delivery->account = copy_text(arena, conversation->account);
	delivery->key = copy_text(arena, conversation->key);
	delivery->public_id = copy_text(arena, conversation->public_id);
	delivery->state = conversation_state_name(state);
	delivery->route_len = conversation->route_len;
	delivery->route =
		copy_bytes(arena, conversation->route, conversation->route_len);
	delivery->in_reply_to = arena_array(arena, n_in_reply_to,
					    sizeof(*delivery->in_reply_to));
	delivery->n_in_reply_to = n_in_reply_to;
	for (size_t i = 0; i < n_in_reply_to; i++) {
		char id[MESSAGE_ID_SIZE];
		message_id_format(in_reply_to[i], id);
		delivery->in_reply_to[i] = copy_text(arena, id);
	}
	delivery_put_off(delivery, reply->next_at_us);
	read_options(delivery);
	read_sources(delivery);
	message_id_format(reply->id, delivery->id);
	delivery->unmarked = DELIVERY_MARKED;
	delivery->external_id = delivery->error = "";
	return delivery;
}

struct delivery *
delivery_receipt(const struct delivery *of, const struct reply *receipt)
{
	struct delivery *delivery = mem_new(sizeof(*delivery));
	struct arena *arena = &delivery->arena;
	copy_reply(delivery, receipt);
	delivery->reply.text = copy_text(arena, receipt->text);
	delivery->account = delivery->key = "";
	delivery->public_id = copy_text(arena, of->public_id);
	delivery->state = of->state;
	delivery->n_in_reply_to = of->n_in_reply_to;
	delivery->in_reply_to = arena_array(arena, of->n_in_reply_to,
					    sizeof(*delivery->in_reply_to));
	for (size_t i = 0; i < of->n_in_reply_to; i++)
		delivery->in_reply_to[i] = copy_text(arena, of->in_reply_to[i]);
	message_id_format(receipt->id, delivery->id);
	delivery->unmarked = DELIVERY_MARKED;
	delivery->external_id = delivery->error = "";
	return delivery;
}

void
delivery_free(struct delivery *delivery)
{
	if (!delivery)
		return;
	arena_release(&delivery->arena);
	free(delivery);
}

static bool
is_for_any_channel(enum teller_job_kind kind)
{
	return kind == TELLER_JOB_DESK_CARD || kind == TELLER_JOB_CARD_UPDATE ||
	       kind == TELLER_JOB_CUSTOMER_TEXT || kind == TELLER_JOB_CASE ||
	       kind == TELLER_JOB_RECEIPT;
}

bool
delivery_is_for_any_channel(const char *job)
{
	return is_for_any_channel(job_kind(job));
}

void
delivery_job(const struct delivery *delivery, struct teller_job *out)
{
	const struct reply *reply = &delivery->reply;
	enum teller_job_kind kind = job_kind(reply->job);
	bool is_any = is_for_any_channel(kind);
	*out = (struct teller_job){
		.size = sizeof(*out),
		.id = delivery->id,
		.key = delivery->id,
		.kind = kind,
		.attempt = reply->attempts,
		.maybe_sent = reply->maybe_sent > 0,
		.account = is_any ? "" : delivery->account,
		.conversation = is_any ? delivery->public_id : delivery->key,
		.conversation_id = delivery->public_id,
		.conversation_state = delivery->state,
		.reply_kind = reply->kind,
		.confidence = reply->confidence,
		.text = reply->text,
		.author = reply->author,
		.options = delivery->options,
		.n_options = delivery->n_options,
		.sources = delivery->sources,
		.n_sources = delivery->n_sources,
		.in_reply_to = delivery->in_reply_to,
		.n_in_reply_to = delivery->n_in_reply_to,
		.route = is_any ? NULL : delivery->route,
		.route_len = is_any ? 0 : delivery->route_len,
		.progress = reply->progress,
		.progress_len = reply->progress_len,
		.created_at_us = reply->created_at_us,
	};
}

void
delivery_set_progress(struct delivery *delivery, const void *state, size_t len)
{
	delivery->reply.progress = copy_bytes(&delivery->arena, state, len);
	delivery->reply.progress_len = len;
}

void
delivery_put_off(struct delivery *delivery, int64_t at_us)
{
	int64_t wait_us = at_us - time_now_us();
	if (wait_us > WAIT_MAX_US)
		wait_us = WAIT_MAX_US;
	delivery->reply.next_at_us = at_us;
	delivery->due_us = time_mono_us() + wait_us;
}

int64_t
delivery_wait_ms(const struct delivery *delivery)
{
	int64_t left_us = delivery->due_us - time_mono_us();
	return left_us > 0 ? left_us / 1000 + 1 : 0;
}

bool
delivery_is_internal(const struct delivery *delivery)
{
	return strcmp(delivery->reply.target, CHANNEL_TERMINAL) == 0;
}
