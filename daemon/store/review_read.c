/* Reading turns for a reviewer.  Where the reader is; review.h has the
 * contract. */
#include "store/review.h"

#include "base/buf.h"
#include "base/mem.h"
#include "store/reader.h"
#include "store/rows.h"

#define WORDS_MAX (1024 * 1024)

/* SQL, of a turn t. */
#define RATING(column)                                      \
	"(SELECT f." column " FROM reply r JOIN feedback f" \
	" ON f.reply_id = r.id WHERE r.turn_id = t.id"      \
	" ORDER BY f.id DESC LIMIT 1)"
#define VERDICT(column)                                             \
	"(SELECT v." column " FROM review v WHERE v.turn_id = t.id" \
	" ORDER BY v.id DESC LIMIT 1)"
#define NEWEST_RATING RATING("rating")
#define NEWEST_REASON RATING("reason")
#define NEWEST_ID VERDICT("id")
#define NEWEST_VERDICT VERDICT("verdict")
#define NEWEST_ENTRY VERDICT("entry")
#define WITHDRAWN                                              \
	"EXISTS (SELECT 1 FROM reply r WHERE r.turn_id = t.id" \
	" AND r.state = 'withdrawn')"
#define HANDED_OVER                                    \
	"EXISTS (SELECT 1 FROM transition x"           \
	" WHERE x.conversation_id = t.conversation_id" \
	" AND x.turn_id = t.id AND x.state_to = 'waiting')"
/* The next turn of its conversation. */
#define NEXT(column)                                                   \
	"(SELECT n." column " FROM turn n"                             \
	" WHERE n.conversation_id = t.conversation_id AND n.id > t.id" \
	" ORDER BY n.id LIMIT 1)"
/* Whoever means none of what was offered says so in the next turn, whose words
 * are no question. */
#define IS_NONE "(t.rule = 'none_of_these')"
#define ASKS_BACK "(t.kind = 'ask' AND NOT " IS_NONE ")"
#define CHOSE_NONE                                \
	"((t.kind = 'options' OR t.kind = 'ask')" \
	" AND coalesce(" NEXT("rule") " = 'none_of_these', 0))"
#define CHOSE_NOTHING          \
	"(t.kind = 'options'"  \
	" AND coalesce(" NEXT( \
		"rule") ", '') NOT IN ('confirmed', 'none_of_these'))"
#define IS_UNANSWERED \
	"(t.kind = 'out_of_scope' OR " ASKS_BACK " OR " CHOSE_NONE ")"
#define IS_RATED_DOWN "coalesce(" NEWEST_RATING " = -1, 0)"
/* A person came instead of one more turn that fails, or was called right behind
 * one, and so because of it. */
#define FAILED_TO_PERSON                                                       \
	"(t.rule = 'not_understood'"                                           \
	" OR (t.kind = 'out_of_scope' OR " ASKS_BACK " OR t.kind = 'options')" \
	" AND coalesce(" NEXT("kind") " = 'handover', 0))"

/* As enum turn_gap has them.  What a reviewer found right is none, whatever the
 * customer thought of it. */
#define GAPS                                                               \
	"iif(coalesce(" NEWEST_VERDICT " = 'approved', 0), 0,"             \
	" (t.kind = 'out_of_scope') + 2 * " ASKS_BACK " + 4 * " CHOSE_NONE \
	" + 8 * " IS_RATED_DOWN " + 16 * " FAILED_TO_PERSON                \
	" + 32 * (" NEWEST_VERDICT " IS NOT NULL) + 64 * " CHOSE_NOTHING ")"

#define ANSWERS_CUSTOMER                                         \
	"EXISTS (SELECT 1 FROM message m WHERE m.turn_id = t.id" \
	" AND (m.kind = 'text' OR m.kind = 'option'"             \
	"      OR m.kind = 'handover'))"

/* Several texts as one. */
static const char *
read_joined(struct query *q, struct arena *arena, struct err *err)
{
	struct buf all;
	int found;

	buf_init(&all, WORDS_MAX);
	while ((found = query_step(q, err)) > 0) {
		const char *text = query_peek_text(q);
		if (all.len && *text)
			buf_addc(&all, '\n');
		buf_adds(&all, text);
	}
	const char *joined =
		found < 0 ? NULL : arena_strdup(arena, buf_str(&all));
	buf_release(&all);
	return joined;
}

static int
read_words(struct store_reader *reader, struct arena *arena,
	   struct reviewed_turn *row, struct err *err)
{
	struct query q;

	query_begin(&q, &reader->db,
		    "SELECT " MESSAGE_WORDS " FROM message WHERE turn_id = ?"
		    " ORDER BY id");
	query_bind_int(&q, row->turn.id);
	row->question = read_joined(&q, arena, err);
	if (!row->question)
		return -1;
	query_begin(&q, &reader->db,
		    "SELECT " REPLY_WORDS("reply") " FROM reply"
						   " WHERE turn_id = ?"
						   " AND (job = 'reply' OR job "
						   "= 'notice') ORDER BY id");
	query_bind_int(&q, row->turn.id);
	row->reply = read_joined(&q, arena, err);
	return row->reply ? 0 : -1;
}

static void
read_row(struct query *q, struct arena *arena, struct reviewed_turn *row)
{
	*row = (struct reviewed_turn){0};
	row->turn.id = query_int(q);
	row->turn.conversation_id = query_int(q);
	row->conversation = query_text(q, arena);
	row->turn.kind = query_text(q, arena);
	row->turn.rule = query_text(q, arena);
	row->turn.entry = query_text(q, arena);
	row->turn.record = query_text(q, arena);
	row->turn.confidence = query_real(q);
	row->turn.at_us = query_int(q);
	row->verdict = query_text(q, arena);
	bool has_entry = query_int(q) != 0;
	const char *entry = query_text(q, arena);
	row->entry = has_entry ? entry : NULL;
	row->rating = (int)query_int(q);
	row->reason = query_text(q, arena);
	row->gaps = (int)query_int(q);
	row->is_withdrawn = query_int(q) != 0;
}

/* 1, 0: there is none, -1 and *err. */
static int
load(struct store_reader *reader, struct arena *arena, int64_t turn_id,
     struct reviewed_turn *row, struct err *err)
{
	struct query q;

	query_begin(&q, &reader->db,
		    "SELECT t.id, t.conversation_id, c.public_id, t.kind,"
		    " t.rule, t.entry, t.record, t.confidence, t.at,"
		    " " NEWEST_VERDICT ", " NEWEST_ENTRY " IS NOT NULL,"
		    " " NEWEST_ENTRY ", " NEWEST_RATING ", " NEWEST_REASON ","
		    " " GAPS ", " WITHDRAWN " FROM turn t"
		    " JOIN conversation c ON c.id = t.conversation_id"
		    " WHERE t.id = ?");
	query_bind_int(&q, turn_id);
	int found = query_step(&q, err);
	if (found <= 0)
		return found;
	read_row(&q, arena, row);
	query_end(&q);
	return read_words(reader, arena, row, err) < 0 ? -1 : 1;
}

int
store_get_review(struct store_reader *reader, struct arena *arena,
		 int64_t turn_id, const struct reviewed_turn **found_r,
		 struct err *err)
{
	struct reviewed_turn *row = arena_new(arena, sizeof *row);
	int found = load(reader, arena, turn_id, row, err);

	*found_r = found > 0 ? row : NULL;
	return found;
}

/* When the turn was, behind which a list goes on. */
static int
find_before(struct store_reader *reader, int64_t turn_id, int64_t *at_r,
	    struct err *err)
{
	struct query q;

	*at_r = INT64_MAX;
	if (!turn_id)
		return 0;
	query_begin(&q, &reader->db, "SELECT at FROM turn WHERE id = ?");
	query_bind_int(&q, turn_id);
	int found = query_step(&q, err);
	if (found < 0)
		return -1;
	if (!found)
		return err_set(err, "there is no turn %lld",
			       (long long)turn_id);
	*at_r = query_int(&q);
	query_end(&q);
	return 0;
}

static void
bind_filter(struct query *q, const struct review_filter *filter,
	    int64_t before_us)
{
	query_bind_int(q, filter->since_us);
	query_bind_int(q, before_us);
	query_bind_int(q, filter->before ? filter->before : INT64_MAX);
	query_bind_text(q, filter->kind);
	query_bind_real(q, filter->below);
	query_bind_int(q, filter->gaps);
	query_bind_int(q, filter->is_rated_down);
	query_bind_int(q, filter->is_unanswered);
	query_bind_int(q, filter->is_handed_over);
	query_bind_int(q, filter->also_reviewed);
}

static int
list_ids(struct store_reader *reader, struct arena *arena,
	 const struct review_filter *filter, size_t limit, int64_t **ids_r,
	 struct err *err)
{
	int64_t before_us, *ids = NULL;
	struct query q;
	int found, n = 0;

	if (find_before(reader, filter->before, &before_us, err) < 0)
		return -1;
	query_begin(&q, &reader->db,
		    "SELECT t.id FROM turn t WHERE t.at >= ?1"
		    " AND (t.at, t.id) < (?2, ?3)"
		    " AND (?4 = '' OR t.kind = ?4)"
		    " AND (?5 > 1 OR t.confidence < ?5)"
		    " AND (?6 = 0 OR (" GAPS " & ?6) <> 0)"
		    " AND (?7 = 0 OR " IS_RATED_DOWN ")"
		    " AND (?8 = 0 OR " IS_UNANSWERED ")"
		    " AND (?9 = 0 OR " HANDED_OVER ")"
		    " AND (?10 <> 0 OR " NEWEST_ID " IS NULL)"
		    " AND " ANSWERS_CUSTOMER
		    " ORDER BY t.at DESC, t.id DESC LIMIT ?11");
	bind_filter(&q, filter, before_us);
	query_bind_int(&q, (int64_t)limit);
	while ((found = query_step(&q, err)) > 0) {
		ids = query_grow(arena, ids, (size_t)n, sizeof *ids);
		ids[n++] = query_int(&q);
	}
	*ids_r = ids;
	return found < 0 ? -1 : n;
}

long
store_list_reviews(struct store_reader *reader, struct arena *arena,
		   const struct review_filter *filter, size_t limit,
		   const struct reviewed_turn **list_r, struct err *err)
{
	int64_t *ids;

	int n = list_ids(reader, arena, filter, limit, &ids, err);
	if (n < 0)
		return -1;
	struct reviewed_turn *list =
		arena_array(arena, (size_t)n, sizeof *list);
	for (int i = 0; i < n; i++)
		if (load(reader, arena, ids[i], &list[i], err) < 0)
			return -1;
	*list_r = list;
	return n;
}

long
store_verdicts(struct store_reader *reader, struct arena *arena,
	       int64_t turn_id, const struct verdict **list_r, struct err *err)
{
	struct verdict *list = NULL;
	struct query q;
	size_t n = 0;
	int found;

	query_begin(&q, &reader->db,
		    "SELECT verdict, note, actor, entry IS NOT NULL, entry, at"
		    " FROM review WHERE turn_id = ? ORDER BY id");
	query_bind_int(&q, turn_id);
	while ((found = query_step(&q, err)) > 0) {
		list = query_grow(arena, list, n, sizeof *list);
		struct verdict *row = &list[n++];
		row->verdict = query_text(&q, arena);
		row->note = query_text(&q, arena);
		row->actor = query_text(&q, arena);
		bool has_entry = query_int(&q) != 0;
		const char *entry = query_text(&q, arena);
		row->entry = has_entry ? entry : NULL;
		row->at_us = query_int(&q);
	}
	*list_r = list;
	return found < 0 ? -1 : (long)n;
}

long
store_ratings(struct store_reader *reader, struct arena *arena, int64_t turn_id,
	      const struct rating **list_r, struct err *err)
{
	struct rating *list = NULL;
	struct query q;
	size_t n = 0;
	int found;

	query_begin(&q, &reader->db,
		    "SELECT f.reply_id, f.rating, f.reason, m.text, f.actor,"
		    " f.at FROM reply r JOIN feedback f ON f.reply_id = r.id"
		    " LEFT JOIN message m ON m.id = f.message_id"
		    " WHERE r.turn_id = ? ORDER BY f.id");
	query_bind_int(&q, turn_id);
	while ((found = query_step(&q, err)) > 0) {
		list = query_grow(arena, list, n, sizeof *list);
		struct rating *row = &list[n++];
		row->reply_id = query_int(&q);
		row->rating = (int)query_int(&q);
		row->reason = query_text(&q, arena);
		row->comment = query_text(&q, arena);
		row->actor = query_text(&q, arena);
		row->at_us = query_int(&q);
	}
	*list_r = list;
	return found < 0 ? -1 : (long)n;
}
