/* What people think of replies and turns, and the totals.  Verbs on the store
 * thread, reading where the reader is; turn.h has the contract. */
#include <stdio.h>
#include <string.h>

#include "store/knowledge_rows.h"
#include "store/reader.h"
#include "store/rows.h"

/* A message that the channel brings again rates once.  1: it has. */
static int
has_rated(struct writer *writer, struct store_add_feedback *add)
{
	struct query q;

	query_begin(&q, &writer->db,
		    "SELECT 1 FROM feedback WHERE message_id = ?");
	query_bind_id(&q, add->message_id);
	int found = query_step(&q, &add->write.err);
	if (found > 0)
		query_end(&q);
	return found;
}

#define COMMENT_OF(id) \
	"coalesce((SELECT text FROM message WHERE id = " id "), '')"

/* How often the reply was rated, and whether the newest rating says what this
 * one does. */
static int
look_at_ratings(struct writer *writer, struct store_add_feedback *add,
		int64_t *n_r, bool *is_same_r)
{
	struct query q;

	query_begin(
		&q, &writer->db,
		"SELECT count(*), coalesce((SELECT rating = ?2"
		" AND reason = ?3 AND actor = ?4 AND " COMMENT_OF(
			"message_id") " = " COMMENT_OF("?5") " FROM feedback "
							     "WHERE reply_id = "
							     "?1"
							     " ORDER BY id "
							     "DESC LIMIT 1), 0)"
							     " FROM feedback "
							     "WHERE reply_id = "
							     "?1");
	query_bind_int(&q, add->reply_id);
	query_bind_int(&q, add->rating);
	query_bind_text(&q, add->reason);
	query_bind_text(&q, add->actor);
	query_bind_id(&q, add->message_id);
	if (query_step(&q, &add->write.err) < 0)
		return -1;
	*n_r = query_int(&q);
	*is_same_r = query_int(&q) != 0;
	query_end(&q);
	return 0;
}

/* A message rates what its own customer sees.  1: so it is. */
static int
is_ratable(struct writer *writer, struct store_add_feedback *add)
{
	struct query q;

	query_begin(&q, &writer->db,
		    "SELECT 1 FROM reply WHERE id = ?1 AND (job = 'reply'"
		    " OR job = 'notice' OR job = 'agent_text')"
		    " AND (?2 IS NULL OR conversation_id ="
		    " (SELECT conversation_id FROM message WHERE id = ?2))");
	query_bind_int(&q, add->reply_id);
	query_bind_id(&q, add->message_id);
	int found = query_step(&q, &add->write.err);
	if (found > 0)
		query_end(&q);
	return found;
}

static int
insert_rating(struct writer *writer, struct store_add_feedback *add)
{
	struct query q;

	query_begin(&q, &writer->db,
		    "INSERT INTO feedback (reply_id, message_id, rating,"
		    " reason, actor, at) VALUES (?, ?, ?, ?, ?, ?)");
	query_bind_int(&q, add->reply_id);
	query_bind_id(&q, add->message_id);
	query_bind_int(&q, add->rating);
	query_bind_text(&q, add->reason);
	query_bind_text(&q, add->actor);
	query_bind_int(&q, add->now_us);
	return query_run(&q, &add->write.err);
}

static enum store_status
rate(struct writer *writer, struct store_add_feedback *add)
{
	int64_t n;
	bool is_same;

	if (look_at_ratings(writer, add, &n, &is_same) < 0)
		return writer_failed(writer);
	if (is_same)
		return STORE_OK;
	if (n >= FEEDBACK_MAX) {
		err_set(&add->write.err, "the reply was rated %d times",
			FEEDBACK_MAX);
		return STORE_INVALID;
	}
	return insert_rating(writer, add) < 0 ? writer_failed(writer)
					      : STORE_OK;
}

static enum store_status
add_feedback(struct writer *writer, struct store_write *write)
{
	struct store_add_feedback *add =
		container_of(write, struct store_add_feedback, write);

	if (add->rating != 1 && add->rating != -1) {
		err_set(&write->err, "a rating is 1 or -1, not %d",
			add->rating);
		return STORE_INVALID;
	}
	int has = has_rated(writer, add);
	if (has > 0) {
		err_set(&write->err, "the message has rated before");
		return STORE_DUPLICATE;
	}
	int is_there = has < 0 ? -1 : is_ratable(writer, add);
	if (is_there < 0)
		return writer_failed(writer);
	if (is_there)
		return rate(writer, add);
	err_set(&write->err, "there is no reply %lld",
		(long long)add->reply_id);
	return STORE_NOT_FOUND;
}

const struct store_verb store_verb_add_feedback = {
	.name = "add_feedback",
	.run = add_feedback,
};

static const struct {
	const char *name, *action;
	bool has_entry;
} verdicts[] = {
	{"approved", "turn.approve", false},
	{"rejected", "turn.reject", false},
	{"corrected", "turn.correct", true},
};
#define N_VERDICTS (sizeof verdicts / sizeof *verdicts)

/* STORE_OK: such an entry was shown at some time, or none is meant. */
static enum store_status
check_entry(struct writer *writer, struct store_add_review *add)
{
	struct query q;

	if (!add->entry || !add->entry[0])
		return STORE_OK;
	query_begin(&q, &writer->db,
		    "SELECT 1 FROM faq f JOIN faq_version v ON v.faq_id = f.id"
		    " JOIN import i ON i.id = v.import_id"
		    " WHERE f.name = ? AND i.generation IS NOT NULL LIMIT 1");
	query_bind_text(&q, add->entry);
	int found = query_step(&q, &add->write.err);
	if (found < 0)
		return writer_failed(writer);
	if (found) {
		query_end(&q);
		return STORE_OK;
	}
	err_set(&add->write.err, "there is no entry %s", add->entry);
	return STORE_INVALID;
}

static int
insert_review(struct writer *writer, struct store_add_review *add)
{
	struct query q;

	query_begin(&q, &writer->db,
		    "INSERT INTO review (turn_id, verdict, note, actor, at,"
		    " entry) SELECT id, ?2, ?3, ?4, ?5, iif(?6, ?7, NULL)"
		    " FROM turn WHERE id = ?1");
	query_bind_int(&q, add->turn_id);
	query_bind_text(&q, add->verdict);
	query_bind_text(&q, add->note);
	query_bind_text(&q, add->actor);
	query_bind_int(&q, add->now_us);
	query_bind_int(&q, add->entry != NULL);
	query_bind_text(&q, add->entry);
	return query_run(&q, &add->write.err);
}

static enum store_status
keep_verdict(struct writer *writer, struct store_add_review *add,
	     const char *action)
{
	struct err *err = &add->write.err;
	char object[40];

	enum store_status status = check_entry(writer, add);
	if (status != STORE_OK)
		return status;
	if (insert_review(writer, add) < 0)
		return writer_failed(writer);
	if (db_changes(&writer->db) != 1) {
		err_set(err, "there is no turn %lld", (long long)add->turn_id);
		return STORE_NOT_FOUND;
	}
	snprintf(object, sizeof object, "turn %lld", (long long)add->turn_id);
	if (row_add_audit(writer, add->now_us, add->actor, action, object,
			  add->entry, err) < 0)
		return writer_failed(writer);
	return STORE_OK;
}

static enum store_status
add_review(struct writer *writer, struct store_write *write)
{
	struct store_add_review *add =
		container_of(write, struct store_add_review, write);
	const char *verdict = add->verdict ? add->verdict : "";
	size_t i = 0;

	while (i < N_VERDICTS && strcmp(verdict, verdicts[i].name) != 0)
		i++;
	if (i == N_VERDICTS) {
		err_set(&write->err,
			"a verdict is approved, rejected or corrected");
		return STORE_INVALID;
	}
	if (verdicts[i].has_entry != (add->entry != NULL)) {
		err_set(&write->err,
			"a corrected turn has the right entry, or none; others "
			"have not");
		return STORE_INVALID;
	}
	return keep_verdict(writer, add, verdicts[i].action);
}

const struct store_verb store_verb_add_review = {
	.name = "add_review",
	.run = add_review,
};

/* The newest generation. */
#define NOW "(SELECT coalesce(max(id), 0) FROM generation)"

static const struct {
	const char *sql;
	size_t at;
} totals_table[] = {
	{"SELECT count(*) FROM conversation",
	 offsetof(struct store_totals, conversations)},
	{"SELECT count(*) FROM conversation WHERE state = 'waiting'",
	 offsetof(struct store_totals, waiting)},
	{"SELECT count(*) FROM message",
	 offsetof(struct store_totals, messages)},
	{"SELECT count(*) FROM message WHERE state IN ('queued', 'running')",
	 offsetof(struct store_totals, queued)},
	{"SELECT count(*) FROM turn", offsetof(struct store_totals, turns)},
	{"SELECT count(*) FROM reply WHERE state = 'pending'",
	 offsetof(struct store_totals, replies_pending)},
	{"SELECT count(*) FROM reply WHERE state = 'failed'",
	 offsetof(struct store_totals, replies_failed)},
	{"SELECT count(*) FROM form_case WHERE closed_at = 0",
	 offsetof(struct store_totals, cases_open)},
	{"SELECT count(*) FROM faq f CROSS JOIN faq_version v"
	 " ON v.id = " NEWEST_APPROVED(
		 "f.id",
		 NOW) " LEFT JOIN import r ON r.id = v.retired_import_id"
		      " WHERE " NOT_RETIRED(NOW),
	 offsetof(struct store_totals, entries_approved)},
	{"SELECT count(*) FROM faq f CROSS JOIN faq_version v"
	 " ON v.id = " NEWEST_VERSION(
		 "f.id", NOW,
		 "") " LEFT JOIN import r ON r.id = v.retired_import_id"
		     " WHERE v.approved_generation IS NULL AND " NOT_RETIRED(
			     NOW),
	 offsetof(struct store_totals, entries_draft)},
};

int
store_totals(struct store_reader *reader, struct store_totals *totals,
	     struct err *err)
{
	struct query q;

	for (size_t i = 0; i < sizeof totals_table / sizeof *totals_table;
	     i++) {
		query_begin(&q, &reader->db, totals_table[i].sql);
		if (query_step(&q, err) < 0)
			return -1;
		int64_t *total =
			(int64_t *)((char *)totals + totals_table[i].at);
		*total = query_int(&q);
		query_end(&q);
	}
	return 0;
}
