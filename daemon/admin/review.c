#include <stdlib.h>
#include <string.h>

#include "admin/admin.h"
#include "admin/commands.h"
#include "admin/review_row.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "base/utf8.h"
#include "dialog/desk.h"
#include "dialog/turn.h"
#include "store/review.h"
#include "text/redact.h"

#define LIST_DEFAULT 20
#define LIST_MAX 1000
#define NOTE_CHARS 2000

/* ---- list */

static int
read_kind(struct admin_call *call, const char **kind_r, struct err *err)
{
	struct buf names;
	*kind_r = admin_text(call, "kind");
	for (int i = 0; *kind_r && i < TURN_KINDS; i++)
		if (strcmp(*kind_r, turn_kind_name((enum turn_kind)i)) == 0)
			return 0;
	if (!*kind_r)
		return 0;
	buf_init(&names, 1024);
	for (int i = 0; i < TURN_KINDS; i++)
		buf_addf(&names, "%s%s", i ? ", " : "",
			 turn_kind_name((enum turn_kind)i));
	err_misuse(err, "--kind: one of %s", buf_str(&names));
	buf_release(&names);
	return -1;
}

/* Above every confidence without one. */
static int
read_below(struct admin_call *call, double *below_r, struct err *err)
{
	const char *text = admin_text(call, "below");
	*below_r = 2;
	if (!text)
		return 0;
	char *end;
	double value = strtod(text, &end);
	if (end == text || *end || !(value >= 0 && value <= 1))
		return err_misuse(err, "--below: a confidence from 0 to 1");
	*below_r = value;
	return 0;
}

static int
read_filter(struct admin_call *call, struct review_filter *filter,
	    struct err *err)
{
	*filter = (struct review_filter){
		.is_rated_down = admin_flag(call, "down"),
		.is_unanswered = admin_flag(call, "unanswered"),
		.is_handed_over = admin_flag(call, "handed-over"),
		.also_reviewed = admin_flag(call, "all"),
		.before = admin_number(call, "before", 0),
	};
	if (read_kind(call, &filter->kind, err) ||
	    read_below(call, &filter->below, err))
		return -1;
	return admin_date(call, "since", &filter->since_us, err);
}

static int
run_list(struct admin_call *call, struct err *err)
{
	int64_t limit;
	struct review_filter filter;
	if (admin_limit(call, LIST_DEFAULT, LIST_MAX, &limit, err))
		return -1;
	if (read_filter(call, &filter, err))
		return -1;
	struct store_reader *reader =
		store_read_begin(desk_store(call->desk), err);
	if (!reader)
		return -1;
	struct arena arena = {0};
	const struct reviewed_turn *list;
	/* One more than are wanted tells that there are more. */
	long n = store_list_reviews(reader, &arena, &filter, (size_t)limit + 1,
				    &list, err);
	store_read_end(reader);
	json_t *rows = json_array();
	for (long i = 0; i < n && i < limit; i++)
		json_array_append_new(rows, review_row_json(&list[i]));
	arena_release(&arena);
	call->result =
		json_pack("{s:o, s:b}", "turns", rows, "more", n > limit);
	return n < 0 ? -1 : 0;
}

static void
print_list(const json_t *result, FILE *out)
{
	size_t i;
	json_t *row = NULL;
	json_array_foreach (json_object_get(result, "turns"), i, row)
		review_row_print(row, out);
	if (!i)
		fprintf(out, "No turns wait for a reviewer.\n");
	else if (json_get_bool(result, "more", false))
		fprintf(out, "There are more: --before %lld goes on.\n",
			(long long)json_get_int(row, "turn", 0));
}

/* ---- show */

static int
add_verdicts(struct store_reader *reader, struct arena *arena, int64_t turn_id,
	     json_t *result, struct err *err)
{
	const struct verdict *list;
	long n = store_verdicts(reader, arena, turn_id, &list, err);
	json_t *rows = json_array();
	for (long i = 0; i < n; i++) {
		json_t *row = json_object();
		json_set_text(row, "verdict", list[i].verdict);
		json_set_text(row, "right_entry", list[i].entry);
		json_set_text(row, "note", list[i].note);
		json_set_text(row, "actor", list[i].actor);
		json_object_set_new(row, "at", admin_time(list[i].at_us));
		json_array_append_new(rows, row);
	}
	json_object_set_new(result, "verdicts", rows);
	return n < 0 ? -1 : 0;
}

static int
no_turn(int64_t turn_id, struct err *err)
{
	return err_set(err,
		       "there is no turn %lld; 'tellerctl review list --all' "
		       "shows them",
		       (long long)turn_id);
}

static int
show(struct admin_call *call, struct store_reader *reader, struct arena *arena,
     struct err *err)
{
	int64_t turn_id = admin_number(call, "TURN", 0);
	const struct reviewed_turn *row;
	int found = store_get_review(reader, arena, turn_id, &row, err);
	if (found <= 0)
		return found ? -1 : no_turn(turn_id, err);
	call->result = review_row_json(row);
	json_object_set_new(call->result, "why",
			    admin_embedded(row->turn.record));
	if (add_verdicts(reader, arena, turn_id, call->result, err))
		return -1;
	return review_add_ratings(reader, arena, turn_id, 0, call->result, err);
}

static int
run_show(struct admin_call *call, struct err *err)
{
	return admin_read(call, show, err);
}

static void
print_show(const json_t *result, FILE *out)
{
	size_t i;
	json_t *row;
	review_row_print(result, out);
	review_print_ratings(result, out);
	json_array_foreach (json_object_get(result, "verdicts"), i, row) {
		fprintf(out, "\n%s  %s by %s", json_get_text(row, "at", ""),
			json_get_text(row, "verdict", ""),
			json_get_text(row, "actor", ""));
		const char *entry = json_get_text(row, "right_entry", NULL);
		if (entry)
			fprintf(out, ": %s", *entry ? entry : "no entry");
		fputc('\n', out);
		admin_print_text(json_get_text(row, "note", ""), out);
	}
}

/* ---- approve, reject, correct */

/* A reviewer may quote the customer, or somebody's letter: what must not be
 * kept of a customer's words is not kept of his. */
static int
read_note(struct admin_call *call, struct buf *out, struct err *err)
{
	const char *note = admin_text(call, "note");
	unsigned int found;
	size_t len = note ? strlen(note) : 0;
	if (note && utf8_count(note, len) > NOTE_CHARS)
		return err_misuse(err, "--note: at most %d characters",
				  NOTE_CHARS);
	if (note && text_redact(out, note, len, &found))
		return err_set(err, "--note: it cannot be kept");
	return 0;
}

static int
judge(struct admin_call *call, const char *verdict, const char *entry,
      struct err *err)
{
	struct buf note;
	struct store_add_review review = {
		.write.verb = &store_verb_add_review,
		.turn_id = admin_number(call, "TURN", 0),
		.verdict = verdict,
		.entry = entry,
		.actor = call->actor,
		.now_us = time_now_us(),
	};
	buf_init(&note, (size_t)16 * NOTE_CHARS);
	int rc = read_note(call, &note, err);
	review.note = buf_str(&note);
	if (!rc &&
	    store_call(desk_store(call->desk), &review.write) != STORE_OK)
		rc = review.write.status == STORE_NOT_FOUND
			     ? no_turn(review.turn_id, err)
			     : err_set(err, "%s", review.write.err.text);
	buf_release(&note);
	if (rc)
		return -1;
	call->result = json_object();
	json_set_int(call->result, "turn", review.turn_id);
	json_set_text(call->result, "verdict", verdict);
	json_set_text(call->result, "right_entry", entry);
	return 0;
}

static int
run_approve(struct admin_call *call, struct err *err)
{
	return judge(call, "approved", NULL, err);
}

static int
run_reject(struct admin_call *call, struct err *err)
{
	return judge(call, "rejected", NULL, err);
}

static int
run_correct(struct admin_call *call, struct err *err)
{
	const char *entry = admin_text(call, "entry");
	bool is_none = admin_flag(call, "no-entry");
	if ((entry && *entry) == is_none)
		return err_misuse(err, "which entry should have answered: "
				       "--entry NAME, or --no-entry?");
	return judge(call, "corrected", is_none ? "" : entry, err);
}

static void
print_judged(const json_t *result, FILE *out)
{
	const char *entry = json_get_text(result, "right_entry", NULL);
	fprintf(out, "Turn %lld is %s%s%s.\n",
		(long long)json_get_int(result, "turn", 0),
		json_get_text(result, "verdict", ""), entry ? ": " : "",
		!entry	 ? ""
		: *entry ? entry
			 : "no entry answers it");
}

static const struct admin_argument list_arguments[] = {
	{"--kind", ADMIN_TEXT, false, "KIND",
	 "only turns of that kind: answer, ask, out_of_scope, ..."},
	{"--below", ADMIN_TEXT, false, "N", "only with a confidence below it"},
	{"--down", ADMIN_FLAG, false, NULL, "only those that were rated down"},
	{"--unanswered", ADMIN_FLAG, false, NULL,
	 "only those that answered nothing"},
	{"--handed-over", ADMIN_FLAG, false, NULL,
	 "only those that called a person"},
	{"--since", ADMIN_TEXT, false, "DATE", "only those from then on"},
	{"--all", ADMIN_FLAG, false, NULL, "those that were judged as well"},
	{"--limit", ADMIN_NUMBER, false, "N", "at most so many (20)"},
	{"--before", ADMIN_NUMBER, false, "TURN", "only those before this one"},
	{0},
};

static const struct admin_argument show_arguments[] = {
	{"TURN", ADMIN_NUMBER, true, NULL, "its number"},
	{0},
};

static const struct admin_argument judge_arguments[] = {
	{"TURN", ADMIN_NUMBER, true, NULL, "its number"},
	{"--note", ADMIN_TEXT, false, "TEXT", "why, for colleagues"},
	{0},
};

static const struct admin_argument correct_arguments[] = {
	{"TURN", ADMIN_NUMBER, true, NULL, "its number"},
	{"--entry", ADMIN_TEXT, false, "NAME",
	 "the entry that should have answered"},
	{"--no-entry", ADMIN_FLAG, false, NULL, "none should have"},
	{"--note", ADMIN_TEXT, false, "TEXT", "why, for colleagues"},
	{0},
};

const struct admin_command admin_review_commands[] = {
	{"review", "list", "The turns that wait for a reviewer, newest first.",
	 ADMIN_STORE, list_arguments, run_list, print_list},
	{"review", "show", "One turn, with all that was said of it.",
	 ADMIN_STORE, show_arguments, run_show, print_show},
	{"review", "approve", "The turn was right.", ADMIN_STORE,
	 judge_arguments, run_approve, print_judged},
	{"review", "reject", "The turn was wrong.", ADMIN_STORE,
	 judge_arguments, run_reject, print_judged},
	{"review", "correct", "The turn was wrong, and what were right.",
	 ADMIN_STORE, correct_arguments, run_correct, print_judged},
	{0},
};
