/* What people think of replies and turns, and the totals.  Verbs on the store
 * thread, reading where the reader is; turn.h has the contract. */
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

static enum store_status
add_feedback(struct writer *writer, struct store_write *write)
{
	struct store_add_feedback *add =
		container_of(write, struct store_add_feedback, write);
	struct query q;

	if (add->rating != 1 && add->rating != -1) {
		err_set(&write->err, "a rating is 1 or -1, not %d",
			add->rating);
		return STORE_INVALID;
	}
	int has = has_rated(writer, add);
	if (has < 0)
		return writer_failed(writer);
	if (has) {
		err_set(&write->err, "the message has rated before");
		return STORE_DUPLICATE;
	}
	query_begin(&q, &writer->db,
		    "INSERT INTO feedback (reply_id, message_id, rating, actor,"
		    " at) SELECT id, ?2, ?3, ?4, ?5 FROM reply WHERE id = ?1"
		    " AND (?2 IS NULL OR conversation_id ="
		    " (SELECT conversation_id FROM message WHERE id = ?2))");
	query_bind_int(&q, add->reply_id);
	query_bind_id(&q, add->message_id);
	query_bind_int(&q, add->rating);
	query_bind_text(&q, add->actor);
	query_bind_int(&q, add->now_us);
	if (query_run(&q, &write->err) < 0)
		return writer_failed(writer);
	if (db_changes(&writer->db) == 1)
		return STORE_OK;
	err_set(&write->err, "there is no reply %lld",
		(long long)add->reply_id);
	return STORE_NOT_FOUND;
}

const struct store_verb store_verb_add_feedback = {
	.name = "add_feedback",
	.run = add_feedback,
};

static bool
is_verdict(const char *verdict)
{
	return verdict &&
	       (!strcmp(verdict, "approved") || !strcmp(verdict, "rejected") ||
		!strcmp(verdict, "corrected"));
}

static enum store_status
add_review(struct writer *writer, struct store_write *write)
{
	struct store_add_review *add =
		container_of(write, struct store_add_review, write);
	struct query q;

	if (!is_verdict(add->verdict)) {
		err_set(&write->err,
			"a verdict is approved, rejected or corrected");
		return STORE_INVALID;
	}
	query_begin(&q, &writer->db,
		    "INSERT INTO review (turn_id, verdict, note, actor, at)"
		    " SELECT id, ?2, ?3, ?4, ?5 FROM turn WHERE id = ?1");
	query_bind_int(&q, add->turn_id);
	query_bind_text(&q, add->verdict);
	query_bind_text(&q, add->note);
	query_bind_text(&q, add->actor);
	query_bind_int(&q, add->now_us);
	if (query_run(&q, &write->err) < 0)
		return writer_failed(writer);
	if (db_changes(&writer->db) == 1)
		return STORE_OK;
	err_set(&write->err, "there is no turn %lld", (long long)add->turn_id);
	return STORE_NOT_FOUND;
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
