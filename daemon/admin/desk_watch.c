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

struct watch {
	struct store_reader *reader;
	struct arena arena;
	struct desk_place place; /* what is behind it was not shown yet */
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
	watch->place.words = words->id;
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
	watch->place.change = change->id;
}

/* A case is for people whoever has its conversation. */
static void
add_new_case(struct watch *watch, const struct form_case *c)
{
	json_t *event = event_new("case", c->conversation, c->created_at_us);
	json_object_set_new(event, "case", cases_row(c));
	json_array_append_new(watch->events, event);
	watch->place.form_case = c->id;
}

/* What came behind the place, oldest first each. */
struct news {
	const struct desk_words *words;
	const struct desk_change *changes;
	const struct form_case *cases; /* of all conversations */
	long n_words, n_changes, n_cases;
};

static int
read_news(struct watch *watch, struct news *news, struct err *err)
{
	int64_t id = watch->conversation ? watch->conversation->id : 0;
	news->n_words = store_desk_words(watch->reader, &watch->arena, id,
					 watch->place.words, EVENTS_MAX,
					 &news->words, err);
	news->n_changes = store_desk_changes(watch->reader, &watch->arena, id,
					     watch->place.change, EVENTS_MAX,
					     &news->changes, err);
	if (!watch->conversation)
		news->n_cases = store_new_cases(watch->reader, &watch->arena,
						watch->place.form_case,
						EVENTS_MAX, &news->cases, err);
	return news->n_words < 0 || news->n_changes < 0 || news->n_cases < 0
		       ? -1
		       : 0;
}

/* All kinds, in the order of time. */
static int
add_news(struct watch *watch, struct err *err)
{
	struct news news = {0};
	if (read_news(watch, &news, err))
		return -1;
	for (long w = 0, t = 0, c = 0;;) {
		int64_t words_us =
			w < news.n_words ? news.words[w].at_us : INT64_MAX;
		int64_t change_us =
			t < news.n_changes ? news.changes[t].at_us : INT64_MAX;
		int64_t case_us = c < news.n_cases ? news.cases[c].created_at_us
						   : INT64_MAX;
		if (w < news.n_words && words_us <= change_us &&
		    words_us <= case_us)
			add_words(watch, &news.words[w++]);
		else if (t < news.n_changes && change_us <= case_us)
			add_change(watch, &news.changes[t++]);
		else if (c < news.n_cases)
			add_new_case(watch, &news.cases[c++]);
		else
			return 0;
	}
}

/* Of all conversations only what is to come: what was said with the bot before
 * somebody asked for a person is not new when he does. */
static int
skip(struct watch *watch, struct err *err)
{
	if (watch->conversation || json_array_size(watch->events) >= EVENTS_MAX)
		return 0;
	return store_desk_now(watch->reader, &watch->place, err);
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
read_place(struct watch *watch, const char *after, struct err *err)
{
	long long words, change, form_case;
	int n = sscanf(after, "%lld.%lld.%lld", &words, &change, &form_case);
	if (n < 2)
		return err_misuse(err,
				  "--after: '%.40s' is no place that "
				  "'desk watch' has given",
				  after);
	/* Daemons that did not tell of cases gave no place among them. */
	if (n == 2 && store_desk_now(watch->reader, &watch->place, err))
		return -1;
	if (n == 3)
		watch->place.form_case = form_case;
	watch->place.words = words;
	watch->place.change = change;
	return 0;
}

static int
look(struct admin_call *call, struct watch *watch, struct err *err)
{
	const char *after = admin_text(call, "after");
	if (find(watch, admin_text(call, "ID"), err))
		return -1;
	if (!after && !watch->conversation)
		return skip(watch, err);
	if (!after)
		return add_news(watch, err);
	return read_place(watch, after, err) || add_news(watch, err) ||
			       skip(watch, err)
		       ? -1
		       : 0;
}

static void
fill_result(struct admin_call *call, struct watch *watch)
{
	const struct conversation *conversation = watch->conversation;
	char after[64];
	snprintf(after, sizeof(after), "%lld.%lld.%lld",
		 (long long)watch->place.words, (long long)watch->place.change,
		 (long long)watch->place.form_case);
	call->result = json_object();
	json_object_set(call->result, "events", watch->events);
	json_set_text(call->result, "after", after);
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
	return desk_add_queue(call, "queue", call->result, err);
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
print_said(const json_t *event, FILE *out)
{
	const char *name = json_get_text(event, "name", "");
	fprintf(out, "%s%s%s: ", json_get_text(event, "author", ""),
		*name ? " " : "", name);
	print_words(json_get_text(event, "text", ""), out);
	if (json_object_get(event, "case"))
		cases_print_one(json_object_get(event, "case"), out);
}

static void
print_new_case(const json_t *row, FILE *out)
{
	const char *reference = json_get_text(row, "reference", "");
	fprintf(out, "new case %s: %s%s ('tellerctl cases show %s')\n",
		reference, json_get_text(row, "title", ""),
		json_get_bool(row, "complete", true) ? "" : " (not complete)",
		reference);
}

static void
print_change(const json_t *event, FILE *out)
{
	const char *to = json_get_text(event, "to", "");
	const char *text = json_get_text(event, "text", "");
	fprintf(out, "%s -> %s: %s (%s)", json_get_text(event, "from", ""), to,
		json_get_text(event, "reason", ""),
		json_get_text(event, "actor", ""));
	bool has_words = strcmp(to, "waiting") == 0 && *text;
	fputs(has_words ? ": " : "", out);
	print_words(has_words ? text : "", out);
}

static void
print_event(const json_t *event, FILE *out)
{
	const char *kind = json_get_text(event, "event", "");
	print_clock(event, out);
	if (strcmp(kind, "words") == 0)
		print_said(event, out);
	else if (strcmp(kind, "case") == 0)
		print_new_case(json_object_get(event, "case"), out);
	else
		print_change(event, out);
}

void
desk_print_watch(const json_t *result, FILE *out)
{
	size_t i;
	json_t *event;
	if (json_object_get(result, "queue"))
		desk_print_queue(result, "queue", out);
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
