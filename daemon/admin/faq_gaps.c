/* What customers asked and were not answered, or not well. */
#include <stdlib.h>
#include <string.h>

#include "admin/faq_verbs.h"
#include "admin/review_row.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "dialog/desk.h"
#include "dialog/find.h"
#include "dialog/knowledge.h"
#include "faq/csv.h"
#include "faq/group.h"
#include "faq/index.h"
#include "nlu/pack.h"
#include "store/review.h"

#define LIST_DEFAULT 20
#define LIST_MAX 1000
#define PAGE 200
#define TURNS_MAX 20000 /* the newest are looked at */
#define EXAMPLES_MAX 5
#define GAPS_MAX 7
#define CSV_MAX ((size_t)16 << 20)
#define ALL_GAPS ((1 << GAPS_MAX) - 1)

struct gap {
	const char *question; /* the newest one */
	const char *examples[EXAMPLES_MAX];
	size_t n_examples;
	int64_t count, newest_turn, newest_us;
	int64_t counts[GAPS_MAX]; /* by reason */
	size_t number;		  /* in the order in which they began */
};

/* A question that was not answered. */
struct unanswered {
	const char *question;
	int64_t turn, at_us;
	int reasons; /* enum turn_gap */
};

struct gaps {
	struct admin_call *call;
	struct arena arena;
	struct groups *groups;
	struct gap *list; /* as many as there are groups */
	size_t room;
	struct unanswered *turns;
	size_t n_turns;
	int64_t n_grouped;
	const struct knowledge *knowledge;
	struct index_scratch *scratch;
};

/* ---- Gathering */

static struct gap *
gap_of(struct gaps *gaps, size_t number)
{
	if (number >= gaps->room) {
		size_t room = gaps->room ? 2 * gaps->room : 64;
		struct gap *grown =
			mem_array_grow(gaps->list, room, sizeof(*gaps->list));
		if (!grown)
			mem_exhausted();
		memset(grown + gaps->room, 0,
		       (room - gaps->room) * sizeof(*grown));
		gaps->list = grown;
		gaps->room = room;
	}
	gaps->list[number].number = number;
	return &gaps->list[number];
}

static void
add_example(struct gap *gap, const char *question)
{
	for (size_t i = 0; i < gap->n_examples; i++)
		if (strcmp(gap->examples[i], question) == 0)
			return;
	if (gap->n_examples < EXAMPLES_MAX)
		gap->examples[gap->n_examples++] = question;
}

static void
add_turn(struct gaps *gaps, const struct unanswered *turn)
{
	long number = groups_add(gaps->groups, turn->question);
	if (number < 0)
		return;
	struct gap *gap = gap_of(gaps, (size_t)number);
	if (!gap->count++) {
		gap->newest_turn = turn->turn;
		gap->newest_us = turn->at_us;
	}
	add_example(gap, turn->question);
	gap->question = gap->examples[0];
	for (int i = 0; i < GAPS_MAX; i++)
		gap->counts[i] += turn->reasons >> i & 1;
	gaps->n_grouped++;
}

/* What many of today's entries ask alike says little. */
static void
group(struct gaps *gaps)
{
	const struct index *index = gaps->knowledge->index;
	for (size_t i = 0; i < index_count(index); i++)
		groups_see(gaps->groups,
			   index_entry(index, (uint32_t)i)->question);
	for (size_t i = 0; i < gaps->n_turns; i++)
		groups_see(gaps->groups, gaps->turns[i].question);
	for (size_t i = 0; i < gaps->n_turns; i++)
		add_turn(gaps, &gaps->turns[i]);
}

static void
keep_turn(struct gaps *gaps, const struct reviewed_turn *row)
{
	gaps->turns[gaps->n_turns++] = (struct unanswered){
		.question = arena_strdup(&gaps->arena, row->question),
		.turn = row->turn.id,
		.at_us = row->turn.at_us,
		.reasons = row->gaps,
	};
}

/* A page in a snapshot of its own. */
static long
read_page(struct gaps *gaps, struct review_filter *filter, struct err *err)
{
	struct store_reader *reader =
		store_read_begin(desk_store(gaps->call->desk), err);
	if (!reader)
		return -1;
	struct arena arena = {0};
	const struct reviewed_turn *list;
	long n = store_list_reviews(reader, &arena, filter, PAGE, &list, err);
	store_read_end(reader);
	for (long i = 0; i < n; i++) {
		filter->before = list[i].turn.id;
		keep_turn(gaps, &list[i]);
	}
	arena_release(&arena);
	return n;
}

static int
gather(struct gaps *gaps, struct err *err)
{
	struct review_filter filter = {
		.gaps = ALL_GAPS,
		.below = 2,
		.also_reviewed = true,
	};
	long n;
	if (admin_date(gaps->call, "since", &filter.since_us, err))
		return -1;
	gaps->turns =
		arena_array(&gaps->arena, TURNS_MAX, sizeof(*gaps->turns));
	do
		n = read_page(gaps, &filter, err);
	while (n == PAGE && gaps->n_turns + PAGE <= TURNS_MAX);
	if (n < 0)
		return -1;
	group(gaps);
	return 0;
}

/* ---- Telling */

static int
compare_gaps(const void *a, const void *b)
{
	const struct gap *x = a, *y = b;
	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return x->number < y->number ? -1 : x->number > y->number;
}

/* What today's entries have that is nearest. */
static void
add_nearest(const struct gaps *gaps, const struct gap *gap, json_t *row)
{
	struct candidate candidates[2];
	const struct index *index = gaps->knowledge->index;
	struct intents intents;
	size_t n = find_answers(gaps->knowledge, gaps->scratch, gap->question,
				time_now_us(), 2, candidates, &intents);
	json_set_text(row, "nearest",
		      n ? index_entry(index, candidates[0].entry)->name : NULL);
	json_set_real(row, "confidence", candidates_confidence(candidates, n));
}

static json_t *
gap_json(const struct gaps *gaps, const struct gap *gap)
{
	json_t *row = json_object(), *reasons = json_object();
	json_t *examples = json_array();
	json_set_int(row, "count", gap->count);
	json_set_text(row, "question", gap->question);
	for (size_t i = 0; i < gap->n_examples; i++)
		json_add_text(examples, gap->examples[i]);
	for (int i = 0; i < GAPS_MAX; i++)
		json_set_int(reasons, review_gap_name(i), gap->counts[i]);
	json_object_set_new(row, "reasons", reasons);
	add_nearest(gaps, gap, row);
	json_object_set_new(row, "examples", examples);
	json_set_int(row, "turn", gap->newest_turn);
	json_object_set_new(row, "at", admin_time(gap->newest_us));
	return row;
}

static json_t *
gaps_json(struct gaps *gaps, int64_t limit)
{
	json_t *rows = json_array();
	size_t n = groups_count(gaps->groups);
	if (n)
		qsort(gaps->list, n, sizeof(*gaps->list), compare_gaps);
	for (size_t i = 0; i < n && (int64_t)i < limit; i++)
		json_array_append_new(rows, gap_json(gaps, &gaps->list[i]));
	return rows;
}

static void
add_csv_row(struct buf *out, const json_t *row)
{
	const json_t *reasons = json_object_get(row, "reasons");
	buf_addf(out, "%lld,", (long long)json_get_int(row, "count", 0));
	csv_write_cell(out, json_get_text(row, "question", ""));
	buf_addc(out, ',');
	csv_write_cell(out, json_get_text(row, "nearest", ""));
	buf_addf(out, ",%.2f",
		 json_number_value(json_object_get(row, "confidence")));
	for (int i = 0; i < GAPS_MAX; i++)
		buf_addf(out, ",%lld",
			 (long long)json_get_int(reasons, review_gap_name(i),
						 0));
	buf_addf(out, ",%lld,%s\n", (long long)json_get_int(row, "turn", 0),
		 json_get_text(row, "at", ""));
}

static int
add_csv(json_t *result, struct err *err)
{
	struct buf out;
	size_t i;
	json_t *row;
	buf_init(&out, CSV_MAX);
	buf_adds(&out, "count,question,nearest,confidence");
	for (int reason = 0; reason < GAPS_MAX; reason++)
		buf_addf(&out, ",%s", review_gap_name(reason));
	buf_adds(&out, ",turn,at\n");
	json_array_foreach (json_object_get(result, "gaps"), i, row)
		add_csv_row(&out, row);
	json_set_text(result, "csv", buf_str(&out));
	int rc = out.failed ? err_set(err, "there is too much of it") : 0;
	buf_release(&out);
	return rc;
}

int
faq_gaps(struct admin_call *call, struct err *err)
{
	int64_t limit;
	if (admin_limit(call, LIST_DEFAULT, LIST_MAX, &limit, err))
		return -1;
	struct gaps gaps = {
		.call = call,
		.knowledge = library_get(desk_library(call->desk)),
		.scratch = index_scratch_new(),
	};
	gaps.groups = groups_new(gaps.knowledge->pack->language);
	int rc = gather(&gaps, err);
	if (!rc) {
		call->result = json_object();
		json_set_int(call->result, "turns", gaps.n_grouped);
		json_set_int(call->result, "groups",
			     (int64_t)groups_count(gaps.groups));
		json_object_set_new(call->result, "gaps",
				    gaps_json(&gaps, limit));
		if (admin_flag(call, "csv"))
			rc = add_csv(call->result, err);
	}
	groups_free(gaps.groups);
	index_scratch_free(gaps.scratch);
	knowledge_put(gaps.knowledge);
	free(gaps.list);
	arena_release(&gaps.arena);
	return rc;
}

static void
print_reasons(const json_t *reasons, FILE *out)
{
	const char *name;
	int n = 0;
	for (int i = 0; (name = review_gap_name(i)); i++) {
		int64_t count = json_get_int(reasons, name, 0);
		if (count)
			fprintf(out, "%s%s %lld", n++ ? ", " : "", name,
				(long long)count);
	}
}

void
faq_print_gaps(const json_t *result, FILE *out)
{
	const char *csv = json_get_text(result, "csv", NULL);
	size_t i, j;
	json_t *row, *example;
	if (csv) {
		fprintf(out, "%s", csv);
		return;
	}
	json_array_foreach (json_object_get(result, "gaps"), i, row) {
		fprintf(out, "\n%lld times (",
			(long long)json_get_int(row, "count", 0));
		print_reasons(json_object_get(row, "reasons"), out);
		fprintf(out, "), nearest %s %.2f\n",
			json_get_text(row, "nearest", "nothing"),
			json_number_value(json_object_get(row, "confidence")));
		json_array_foreach (json_object_get(row, "examples"), j,
				    example)
			admin_print_text(json_string_value(example), out);
	}
	fprintf(out, "%s%lld questions in %lld groups.\n", i ? "\n" : "",
		(long long)json_get_int(result, "turns", 0),
		(long long)json_get_int(result, "groups", 0));
}

const struct admin_argument faq_gaps_arguments[] = {
	{"--since", ADMIN_TEXT, false, "DATE", "only questions from then on"},
	{"--limit", ADMIN_NUMBER, false, "N", "at most so many groups (20)"},
	{"--csv", ADMIN_FLAG, false, NULL, "as CSV"},
	{0},
};
