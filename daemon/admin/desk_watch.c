/* What happened since a place in the store: who watches asks again and again,
 * so that it goes on where it was when the daemon was started anew. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "admin/cases.h"
#include "admin/desk_verbs.h"
#include "admin/on_loop.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "dialog/desk.h"
#include "store/case.h"
#include "store/conversation.h"
#include "store/desk.h"

#define EVENTS_MAX 200

/* Behind it everything is yet to be shown. */
struct cursor {
	int64_t words, change;
};

struct watch {
	struct store_reader *reader;
	struct arena arena;
	struct cursor cursor;
	const struct conversation *conversation; /* NULL: all of them */
	const struct form_case *cases;		 /* of that one */
	long n_cases;
	json_t *events;
};

static void
note_watched(struct desk *desk, void *arg)
{
	(void)arg;
	desk_watched(desk);
}

static json_t *
event_new(const char *kind, const char *conversation, int64_t at_us)
{
	json_t *event = json_object();
	json_set_text(event, "event", kind);
	json_set_text(event, "conversation", conversation);
	json_object_set_new(event, "at", admin_time(at_us));
	return event;
}

/* Who ends a form is told the reference of his case: whoever watches sees then
 * what is in it. */
static void
add_case(const struct watch *watch, const struct desk_words *words,
	 json_t *event)
{
	if (strcmp(words->author, "bot") != 0)
		return;
	for (long i = 0; i < watch->n_cases; i++) {
		const struct form_case *c = &watch->cases[i];
		if (strstr(words->text, c->draft.reference))
			json_object_set_new(event, "case", cases_row(c));
	}
}

static void
add_words(struct watch *watch, const struct desk_words *words)
{
	json_t *event = event_new("words", words->conversation, words->at_us);
	json_set_text(event, "author", words->author);
	json_set_text(event, "name", words->name);
	json_set_text(event, "text", words->text);
	add_case(watch, words, event);
	json_array_append_new(watch->events, event);
	watch->cursor.words = words->id;
}

static void
add_change(struct watch *watch, const struct desk_change *change)
{
	json_t *event = event_new("state", change->conversation, change->at_us);
	json_set_text(event, "from", change->from);
	json_set_text(event, "to", change->to);
	json_set_text(event, "reason", change->reason);
	json_set_text(event, "actor", change->actor);
	json_set_text(event, "text", change->text);
	json_array_append_new(watch->events, event);
	watch->cursor.change = change->id;
}

/* Both kinds, in the order of time. */
static int
add_news(struct watch *watch, struct err *err)
{
	const struct desk_words *words;
	const struct desk_change *changes;
	int64_t id = watch->conversation ? watch->conversation->id : 0;
	long n_words =
		store_desk_words(watch->reader, &watch->arena, id,
				 watch->cursor.words, EVENTS_MAX, &words, err);
	long n_changes = store_desk_changes(watch->reader, &watch->arena, id,
					    watch->cursor.change, EVENTS_MAX,
					    &changes, err);
	if (n_words < 0 || n_changes < 0)
		return -1;
	for (long w = 0, c = 0; w < n_words || c < n_changes;)
		if (c == n_changes ||
		    (w < n_words && words[w].at_us <= changes[c].at_us))
			add_words(watch, &words[w++]);
		else
			add_change(watch, &changes[c++]);
	return 0;
}

/* Of all conversations only what is to come: what was said with the bot before
 * somebody asked for a person is not new when he does. */
static int
skip(struct watch *watch, struct err *err)
{
	if (watch->conversation || json_array_size(watch->events) >= EVENTS_MAX)
		return 0;
	return store_desk_now(watch->reader, &watch->cursor.words,
			      &watch->cursor.change, err);
}

static int
find(struct watch *watch, const char *id, struct err *err)
{
	if (!id)
		return 0;
	if (admin_find_conversation(watch->reader, &watch->arena, id,
				    &watch->conversation, err))
		return -1;
	watch->n_cases =
		store_cases_of(watch->reader, &watch->arena,
			       watch->conversation->id, &watch->cases, err);
	return watch->n_cases < 0 ? -1 : 0;
}

static int
look(struct admin_call *call, struct watch *watch, struct err *err)
{
	const char *after = admin_text(call, "after");
	long long words, change;
	if (find(watch, admin_text(call, "ID"), err))
		return -1;
	if (!after && !watch->conversation)
		return skip(watch, err);
	if (!after)
		return add_news(watch, err);
	if (sscanf(after, "%lld.%lld", &words, &change) != 2)
		return err_misuse(err,
				  "--after: '%.40s' is no place that "
				  "'desk watch' has given",
				  after);
	watch->cursor = (struct cursor){words, change};
	return add_news(watch, err) || skip(watch, err) ? -1 : 0;
}

static void
fill_result(struct admin_call *call, struct watch *watch)
{
	const struct conversation *conversation = watch->conversation;
	char cursor[64];
	snprintf(cursor, sizeof(cursor), "%lld.%lld",
		 (long long)watch->cursor.words,
		 (long long)watch->cursor.change);
	call->result = json_object();
	json_object_set(call->result, "events", watch->events);
	json_set_text(call->result, "after", cursor);
	if (!conversation)
		return;
	json_set_text(call->result, "state",
		      conversation_state_name(conversation->state));
	json_set_text(call->result, "owner", conversation->owner);
}

int
desk_run_watch(struct admin_call *call, struct err *err)
{
	struct watch watch = {0};
	on_loop(call->desk, note_watched, NULL);
	watch.reader = store_read_begin(desk_store(call->desk), err);
	if (!watch.reader)
		return -1;
	watch.events = json_array();
	int rc = look(call, &watch, err);
	store_read_end(watch.reader);
	if (!rc)
		fill_result(call, &watch);
	json_decref(watch.events);
	arena_release(&watch.arena);
	if (rc || admin_text(call, "after") || admin_text(call, "ID"))
		return rc;
	json_t *queue = desk_queue(call, err);
	json_object_set_new(call->result, "queue", queue);
	return queue ? 0 : -1;
}

/* An event is one line. */
static void
print_words(const char *text, FILE *out)
{
	for (; *text; text++)
		fputc(*text == '\n' ? ' ' : *text, out);
	fputc('\n', out);
}

/* By the clock of the terminal. */
static void
print_clock(const json_t *event, FILE *out)
{
	int64_t us = 0;
	struct tm tm;
	time_parse(json_get_text(event, "at", ""), &us);
	time_t seconds = us / 1000000;
	localtime_r(&seconds, &tm);
	fprintf(out, "%02d:%02d:%02d  %s  ", tm.tm_hour, tm.tm_min, tm.tm_sec,
		json_get_text(event, "conversation", ""));
}

static void
print_event(const json_t *event, FILE *out)
{
	const char *name = json_get_text(event, "name", "");
	print_clock(event, out);
	if (strcmp(json_get_text(event, "event", ""), "words") == 0) {
		fprintf(out, "%s%s%s: ", json_get_text(event, "author", ""),
			*name ? " " : "", name);
		print_words(json_get_text(event, "text", ""), out);
		if (json_object_get(event, "case"))
			cases_print_one(json_object_get(event, "case"), out);
		return;
	}
	const char *to = json_get_text(event, "to", "");
	const char *text = json_get_text(event, "text", "");
	fprintf(out, "%s -> %s: %s (%s)", json_get_text(event, "from", ""), to,
		json_get_text(event, "reason", ""),
		json_get_text(event, "actor", ""));
	bool has_words = strcmp(to, "waiting") == 0 && *text;
	fputs(has_words ? ": " : "", out);
	print_words(has_words ? text : "", out);
}

void
desk_print_watch(const json_t *result, FILE *out)
{
	const json_t *queue = json_object_get(result, "queue");
	size_t i;
	json_t *event;
	if (queue)
		desk_print_queue(queue, out);
	json_array_foreach (json_object_get(result, "events"), i, event)
		print_event(event, out);
}

const struct admin_argument desk_watch_arguments[] = {
	{"ID", ADMIN_TEXT, false, NULL, "cnv_...: only that one, all of it"},
	{"--claim", ADMIN_FLAG, false, NULL,
	 "claim it; lines go to the customer, //TEXT is a note, /return and "
	 "/close end it"},
	{"--actor", ADMIN_TEXT, false, "NAME",
	 "act in this name; for root and the daemon's own user"},
	{"--after", ADMIN_TEXT, false, "PLACE",
	 "go on where --json had said it was"},
	{0},
};
