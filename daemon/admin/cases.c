#include <string.h>

#include "admin/admin.h"
#include "admin/cases.h"
#include "admin/commands.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "dialog/desk.h"
#include "dialog/knowledge.h"
#include "nlu/form.h"
#include "nlu/pack.h"
#include "store/case.h"
#include "text/redact.h"
#include "text/reference.h"

#define LIST_DEFAULT 20
#define LIST_MAX 1000
#define NOTE_MAX 2000
#define REDACTED_MAX (64 * NOTE_MAX)

json_t *
cases_row(const struct form_case *c)
{
	json_t *row = json_object();
	json_set_text(row, "reference", c->draft.reference);
	json_set_text(row, "form", c->draft.form);
	json_set_text(row, "title", c->draft.title);
	json_set_bool(row, "complete", c->draft.is_complete);
	json_set_text(row, "state", c->closed_at_us ? "closed" : "open");
	json_set_text(row, "conversation", c->conversation);
	json_set_text(row, "channel", c->channel);
	json_object_set_new(row, "slots", admin_embedded(c->draft.slots_json));
	json_object_set_new(row, "created", admin_time(c->created_at_us));
	if (c->closed_at_us) {
		json_object_set_new(row, "closed", admin_time(c->closed_at_us));
		json_set_text(row, "closed_by", c->closed_by);
		json_set_text(row, "note", c->note);
	}
	return row;
}

void
cases_print_one(const json_t *row, FILE *out)
{
	size_t i;
	json_t *slot;
	fprintf(out, "%s  %s%s, %s, since %s\n",
		json_get_text(row, "reference", ""),
		json_get_text(row, "title", ""),
		json_get_bool(row, "complete", true) ? "" : " (not complete)",
		json_get_text(row, "state", ""),
		json_get_text(row, "created", ""));
	json_array_foreach (json_object_get(row, "slots"), i, slot) {
		const char *verdict = json_get_text(slot, "verdict", "");
		fprintf(out, "  %s", json_get_text(slot, "label", ""));
		if (strcmp(verdict, "ok") != 0)
			fprintf(out, " (%s)", verdict);
		fputc('\n', out);
		admin_print_text(json_get_text(slot, "value", ""), out);
	}
	if (json_object_get(row, "closed"))
		fprintf(out, "  closed by %s at %s\n",
			json_get_text(row, "closed_by", ""),
			json_get_text(row, "closed", ""));
	admin_print_text(json_get_text(row, "note", ""), out);
}

/* Of the first of a list, as many as that. */
static json_t *
rows_of(const struct form_case *list, long n, int64_t most)
{
	json_t *rows = json_array();
	for (long i = 0; i < n && i < most; i++)
		json_array_append_new(rows, cases_row(&list[i]));
	return rows;
}

int
cases_add(struct store_reader *reader, struct arena *arena,
	  int64_t conversation_id, json_t *result, struct err *err)
{
	const struct form_case *list = NULL;
	long n = store_cases_of(reader, arena, conversation_id, &list, err);
	json_object_set_new(result, "cases", rows_of(list, n, n));
	return n < 0 ? -1 : 0;
}

void
cases_print(const json_t *result, FILE *out)
{
	size_t i;
	json_t *row;
	json_array_foreach (json_object_get(result, "cases"), i, row) {
		fputc('\n', out);
		cases_print_one(row, out);
	}
}

int
cases_add_open(struct store_reader *reader, json_t *result, struct err *err)
{
	struct arena arena = {0};
	const struct form_case *list = NULL;
	/* One more than are wanted tells that there are more. */
	long n = store_list_cases(reader, &arena, CASES_OPEN, NULL, 0,
				  LIST_DEFAULT + 1, &list, err);
	json_object_set_new(result, "cases", rows_of(list, n, LIST_DEFAULT));
	arena_release(&arena);
	json_set_bool(result, "more_cases", n > LIST_DEFAULT);
	return n < 0 ? -1 : 0;
}

void
cases_print_open(const json_t *result, FILE *out)
{
	size_t i;
	json_t *row;
	json_array_foreach (json_object_get(result, "cases"), i, row) {
		if (!i)
			fprintf(out,
				"Open cases, newest first; 'tellerctl cases "
				"show REFERENCE' has the answers:\n");
		fprintf(out, "%s  %s%s  %s  since %s\n",
			json_get_text(row, "reference", ""),
			json_get_text(row, "title", ""),
			json_get_bool(row, "complete", true)
				? ""
				: " (not complete)",
			json_get_text(row, "conversation", ""),
			json_get_text(row, "created", ""));
	}
	if (json_get_bool(result, "more_cases", false))
		fprintf(out, "There are more: 'tellerctl cases list'.\n");
}

/* The reference on the command line as the store has it. */
static int
read_reference(struct admin_call *call, char out[REFERENCE_SIZE],
	       struct err *err)
{
	const char *text = admin_text(call, "REFERENCE");
	if (reference_read(text, out))
		return 0;
	return err_set(err,
		       "%s is no reference of a case: it has been mistyped, or "
		       "is not whole",
		       text);
}

static int
no_case(const char *reference, struct err *err)
{
	return err_set(err,
		       "there is no case %s; 'tellerctl cases list' shows them",
		       reference);
}

/* ---- list */

static int
read_choice(struct admin_call *call, enum case_choice *choice_r,
	    struct err *err)
{
	const char *name = admin_text(call, "in");
	if (!name || strcmp(name, "open") == 0)
		*choice_r = CASES_OPEN;
	else if (strcmp(name, "closed") == 0)
		*choice_r = CASES_CLOSED;
	else if (strcmp(name, "all") == 0)
		*choice_r = CASES_ALL;
	else
		return err_misuse(err, "--in: open, closed or all");
	return 0;
}

/* The place in the list behind which it goes on; 0: from its beginning. */
static int
find_before(struct admin_call *call, struct store_reader *reader,
	    struct arena *arena, int64_t *before_r, struct err *err)
{
	const char *text = admin_text(call, "before");
	char reference[REFERENCE_SIZE];
	*before_r = 0;
	if (!text)
		return 0;
	const struct form_case *c;
	const char *known = reference_read(text, reference);
	int found = known ? store_get_case(reader, arena, known, &c, err) : 0;
	if (!found)
		return no_case(text, err);
	if (found > 0)
		*before_r = c->id;
	return found > 0 ? 0 : -1;
}

static long
read_list(struct admin_call *call, struct store_reader *reader,
	  struct arena *arena, int64_t limit, const struct form_case **list_r,
	  struct err *err)
{
	enum case_choice choice = CASES_OPEN;
	int64_t before;
	if (read_choice(call, &choice, err) ||
	    find_before(call, reader, arena, &before, err))
		return -1;
	return store_list_cases(reader, arena, choice, admin_text(call, "form"),
				before, (size_t)limit, list_r, err);
}

/* A form that the pack had once may have left cases. */
static int
check_form(struct admin_call *call, struct err *err)
{
	const char *form = admin_text(call, "form");
	const struct knowledge *knowledge =
		library_get(desk_library(call->desk));
	bool is_there = !form || !knowledge || pack_form(knowledge->pack, form);
	knowledge_put(knowledge);
	return is_there ? 0
			: err_set(err,
				  "no such case has a form '%s', and neither "
				  "has "
				  "the pack: its file forms.yaml names its "
				  "forms",
				  form);
}

static int
run_list(struct admin_call *call, struct err *err)
{
	int64_t limit;
	if (admin_limit(call, LIST_DEFAULT, LIST_MAX, &limit, err))
		return -1;
	struct store_reader *reader =
		store_read_begin(desk_store(call->desk), err);
	if (!reader)
		return -1;
	struct arena arena = {0};
	const struct form_case *list = NULL;
	/* One more than are wanted tells that there are more. */
	long n = read_list(call, reader, &arena, limit + 1, &list, err);
	store_read_end(reader);
	json_t *rows = rows_of(list, n, limit);
	arena_release(&arena);
	call->result =
		json_pack("{s:o, s:b}", "cases", rows, "more", n > limit);
	return n < 0 || (n == 0 && check_form(call, err)) ? -1 : 0;
}

static void
print_list(const json_t *result, FILE *out)
{
	size_t i;
	json_t *row = NULL;
	json_array_foreach (json_object_get(result, "cases"), i, row)
		fprintf(out, "%s  %-6s  %s  %s%s\n",
			json_get_text(row, "reference", ""),
			json_get_text(row, "state", ""),
			json_get_text(row, "created", ""),
			json_get_text(row, "title", ""),
			json_get_bool(row, "complete", true)
				? ""
				: " (not complete)");
	if (!i)
		fprintf(out, "No cases.\n");
	else if (json_get_bool(result, "more", false))
		fprintf(out, "There are more: --before %s goes on.\n",
			json_get_text(row, "reference", ""));
}

/* ---- show */

static int
show(struct admin_call *call, const char *reference, struct err *err)
{
	struct arena arena = {0};
	struct store_reader *reader =
		store_read_begin(desk_store(call->desk), err);
	if (!reader)
		return -1;
	const struct form_case *c;
	int found = store_get_case(reader, &arena, reference, &c, err);
	store_read_end(reader);
	if (found > 0)
		call->result = cases_row(c);
	arena_release(&arena);
	return found ? found > 0 ? 0 : -1 : no_case(reference, err);
}

static int
run_show(struct admin_call *call, struct err *err)
{
	char reference[REFERENCE_SIZE];
	if (read_reference(call, reference, err))
		return -1;
	return show(call, reference, err);
}

static void
print_show(const json_t *result, FILE *out)
{
	cases_print_one(result, out);
	fprintf(out, "Conversation %s on %s\n",
		json_get_text(result, "conversation", ""),
		json_get_text(result, "channel", ""));
}

/* ---- close */

static int
close_case(struct admin_call *call, const char *reference, const char *note,
	   struct err *err)
{
	struct store_close_case close = {
		.write.verb = &store_verb_close_case,
		.reference = reference,
		.actor = call->actor,
		.note = note,
		.now_us = time_now_us(),
	};
	if (store_call(desk_store(call->desk), &close.write) != STORE_OK)
		return err_set(err, "%s", close.write.err.text);
	return show(call, reference, err);
}

/* What a colleague writes is redacted as what a customer does. */
static int
run_close(struct admin_call *call, struct err *err)
{
	char reference[REFERENCE_SIZE];
	const char *note = admin_text(call, "note");
	size_t len = note ? strlen(note) : 0;
	unsigned int found;
	struct buf kept;
	if (read_reference(call, reference, err))
		return -1;
	if (len > NOTE_MAX)
		return err_misuse(err, "--note: at most %d bytes", NOTE_MAX);
	buf_init(&kept, REDACTED_MAX);
	int rc = text_redact(&kept, len > 0 ? note : "", len, &found);
	if (rc < 0)
		err_set(err, "--note: it cannot be redacted");
	else
		rc = close_case(call, reference, buf_str(&kept), err);
	buf_release(&kept);
	return rc;
}

static void
print_close(const json_t *result, FILE *out)
{
	fprintf(out, "The case %s is closed.\n",
		json_get_text(result, "reference", ""));
}

static const struct admin_argument list_arguments[] = {
	{"--in", ADMIN_TEXT, false, "STATE",
	 "only those: open (else), closed, all"},
	{"--form", ADMIN_TEXT, false, "NAME", "only those of a form"},
	{"--limit", ADMIN_NUMBER, false, "N", "at most so many (20)"},
	{"--before", ADMIN_TEXT, false, "REFERENCE",
	 "only those behind this one"},
	{0},
};

static const struct admin_argument show_arguments[] = {
	{"REFERENCE", ADMIN_TEXT, true, NULL, "as the customer has it"},
	{0},
};

static const struct admin_argument close_arguments[] = {
	{"REFERENCE", ADMIN_TEXT, true, NULL, "as the customer has it"},
	{"--note", ADMIN_TEXT, false, "TEXT", "what was done"},
	{0},
};

const struct admin_command admin_cases_commands[] = {
	{"cases", "list", "What forms left for a person to do, newest first.",
	 ADMIN_STORE, list_arguments, run_list, print_list},
	{"cases", "show", "All that a customer answered in a form.",
	 ADMIN_STORE, show_arguments, run_show, print_show},
	{"cases", "close", "Say that a case is done with.", ADMIN_STORE,
	 close_arguments, run_close, print_close},
	{0},
};
