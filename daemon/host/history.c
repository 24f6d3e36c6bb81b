/* Everything but the call-back runs on a worker: finding the rows, and making
 * of them what plugins get. */
#include "host/history.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "host/check.h"
#include "host/option.h"
#include "host/reading.h"
#include "store/conversation.h"

#define MAX_ENTRIES 200
#define MAX_DEPTH 4

struct history {
	struct reading reading;
	bool is_desk;
	const char *channel, *account, *key;
	int64_t after;
	size_t limit;
	struct teller_history found;
	teller_history_fn *fn;
	void *arg;
};

/* The store's texts are our own, so what is not as we wrote it is left out. */
static json_t *
read_array(const char *text)
{
	json_t *array =
		text ? json_read(text, strlen(text), MAX_DEPTH, NULL) : NULL;

	if (array && !json_is_array(array)) {
		json_decref(array);
		array = NULL;
	}
	return array;
}

static void
convert_options(struct arena *arena, const char *text, struct teller_entry *out)
{
	json_t *array = read_array(text), *value;
	struct teller_choice *options =
		arena_array(arena, json_array_size(array), sizeof *options);
	size_t i;

	json_array_foreach (array, i, value) {
		options[i].id =
			arena_strdup(arena, json_get_text(value, "id", ""));
		options[i].label =
			arena_strdup(arena, json_get_text(value, "label", ""));
	}
	out->options = options;
	out->n_options = json_array_size(array);
	json_decref(array);
}

static void
convert_sources(struct arena *arena, const char *text, struct teller_entry *out)
{
	json_t *array = read_array(text), *value;
	struct teller_source *sources =
		arena_array(arena, json_array_size(array), sizeof *sources);
	size_t i;

	json_array_foreach (array, i, value) {
		sources[i].id =
			arena_strdup(arena, json_get_text(value, "id", ""));
		sources[i].version = (int)json_get_int(value, "version", 0);
		sources[i].title =
			arena_strdup(arena, json_get_text(value, "title", ""));
	}
	out->sources = sources;
	out->n_sources = json_array_size(array);
	json_decref(array);
}

static const char *
format_id(struct arena *arena, int64_t id)
{
	return message_id_format(id, arena_new(arena, MESSAGE_ID_SIZE));
}

static void
convert_entry(struct arena *arena, const struct entry *in,
	      struct teller_entry *out)
{
	const char **in_reply_to =
		arena_array(arena, in->n_in_reply_to, sizeof *in_reply_to);

	for (size_t i = 0; i < in->n_in_reply_to; i++)
		in_reply_to[i] = format_id(arena, in->in_reply_to[i]);
	*out = (struct teller_entry){
		.size = sizeof *out,
		.id = format_id(arena, in->id),
		.author = in->author,
		.name = in->name ? in->name : "",
		.kind = in->kind ? in->kind : "",
		.text = in->text,
		.confidence = in->confidence,
		.in_reply_to = in_reply_to,
		.n_in_reply_to = in->n_in_reply_to,
		.at_us = in->at_us,
	};
	convert_options(arena, in->options_json, out);
	convert_sources(arena, in->sources_json, out);
}

/* A desk may read any conversation, by our id; a channel its own. */
static int
find_conversation(struct history *history, struct store_reader *reader,
		  const struct conversation **found_r, struct err *err)
{
	struct arena *arena = &history->reading.arena;

	if (history->is_desk && strncmp(history->key, "cnv_", 4) == 0)
		return store_get_conversation(reader, arena, history->key,
					      found_r, err);
	return store_find_conversation(reader, arena, history->channel,
				       history->account, history->key, found_r,
				       err);
}

static int
read_history(struct reading *reading, struct store_reader *reader,
	     struct err *err)
{
	struct history *history =
		container_of(reading, struct history, reading);
	struct teller_history *found = &history->found;
	const struct conversation *conversation;
	const struct entry *entries;

	int is_there = find_conversation(history, reader, &conversation, err);
	if (is_there <= 0)
		return is_there;
	long n = store_told(reader, &reading->arena, conversation->id,
			    history->after, history->limit, &entries,
			    &found->more, err);
	if (n < 0)
		return -1;
	struct teller_entry *converted =
		arena_array(&reading->arena, (size_t)n, sizeof *converted);
	int *ratings = arena_array(&reading->arena, (size_t)n, sizeof *ratings);
	for (long i = 0; i < n; i++) {
		convert_entry(&reading->arena, &entries[i], &converted[i]);
		ratings[i] = entries[i].rating;
	}
	found->found = true;
	found->conversation_id = conversation->public_id;
	found->state = conversation_state_name(conversation->state);
	found->entries = converted;
	found->n_entries = (size_t)n;
	found->ratings = ratings;
	return 0;
}

static bool
tell_history(struct reading *reading, struct teller_host *host)
{
	struct history *history =
		container_of(reading, struct history, reading);
	struct entered entered = instance_enter(host);

	history->fn(history->arg, &history->found);
	instance_leave(host, "the end of history()", entered);
	return false;
}

int
history_read(struct teller_host *host, const char *account, const char *key,
	     const char *after, size_t limit, teller_history_fn *fn, void *arg)
{
	bool is_from_start = !after || !*after;

	account = account ? account : "";
	if (instance_check_room(host, "history", INSTANCE_STOPPING) < 0)
		return -1;
	if (!fn || !check_is_conversation(account, key) || limit == 0 ||
	    limit > MAX_ENTRIES ||
	    (!is_from_start && message_id_parse(after) == 0)) {
		instance_warn(host, "history is refused: no good key, id or "
				    "limit");
		return -1;
	}
	struct history *history = mem_new(sizeof *history);
	struct arena *arena = &history->reading.arena;
	history->reading.what = "reading a history";
	history->reading.read = read_history;
	history->reading.tell = tell_history;
	history->is_desk = option_capabilities(host->plugin, host->settings) &
			   TELLER_CAN_DESK;
	history->channel = arena_strdup(arena, host->plugin->name);
	history->account = arena_strdup(arena, account);
	history->key = arena_strdup(arena, key);
	history->after = is_from_start ? 0 : message_id_parse(after);
	history->limit = limit;
	history->found.size = sizeof history->found;
	history->fn = fn;
	history->arg = arg;
	return reading_start(&history->reading, host);
}
