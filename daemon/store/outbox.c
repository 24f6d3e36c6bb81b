/* Replies on their way out, and what becomes of them.  Verbs on the store
 * thread, reading where the reader is; turn.h has the contract. */
#include "base/mem.h"
#include "store/reader.h"
#include "store/rows.h"

static int
insert_reply(struct writer *writer, struct reply *reply, struct err *err)
{
	struct query q;

	query_begin(&q, &writer->db,
		    "INSERT INTO reply (id, conversation_id, turn_id, target,"
		    " job, kind, confidence, author, text, options, sources,"
		    " next_at, created_at, words_id)"
		    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
		    " nullif(?, 0))");
	query_bind_int(&q, reply->id);
	query_bind_int(&q, reply->conversation_id);
	query_bind_int(&q, reply->turn_id);
	query_bind_text(&q, reply->target);
	query_bind_text(&q, reply->job);
	query_bind_text(&q, reply->kind);
	query_bind_real(&q, reply->confidence);
	query_bind_text(&q, reply->author);
	query_bind_text(&q, reply->words_id ? reply->rest : reply->text);
	query_bind_text(&q, reply->options_json ? reply->options_json : "[]");
	query_bind_text(&q, reply->sources_json ? reply->sources_json : "[]");
	query_bind_int(&q, reply->next_at_us);
	query_bind_int(&q, reply->created_at_us);
	query_bind_int(&q, reply->words_id);
	return query_run(&q, err);
}

enum store_status
row_add_replies(struct writer *writer, int64_t conversation_id, int64_t turn_id,
		struct reply *replies, size_t n, int64_t now_us,
		struct err *err)
{
	for (struct reply *reply = replies; reply < replies + n; reply++) {
		if (!reply->target || !reply->target[0] || !reply->job ||
		    !reply->job[0]) {
			err_set(err, "a reply needs a target and a job");
			return STORE_INVALID;
		}
		reply->id = writer_next_id(writer);
		reply->conversation_id = conversation_id;
		reply->turn_id = turn_id;
		reply->created_at_us = now_us;
		if (insert_reply(writer, reply, err) < 0)
			return writer_failed(writer);
	}
	return STORE_OK;
}

/* What each outcome changes; parameter 1 is the id.  Of a reply that was taken
 * back a plugin may still be telling what became of it: if it was out, it was
 * sent.  Nothing else makes it pending or failed again. */
#define PENDING " WHERE id = ?1 AND state = 'pending'"
#define UNDER_WAY \
	" WHERE id = ?1 AND (state = 'pending' OR state = 'withdrawn')"

static void
begin_end(struct query *q, struct db *db, const struct store_mark_reply *mark)
{
	if (mark->outcome == REPLY_SENT)
		query_begin(q, db,
			    "UPDATE reply SET state = 'sent', external_id = ?2,"
			    " sent_at = ?3" UNDER_WAY);
	else
		query_begin(q, db,
			    "UPDATE reply SET error = ?2, maybe_sent = ?3,"
			    " state = iif(state = 'pending', 'failed', "
			    "state)" UNDER_WAY);
	query_bind_int(q, mark->id);
	if (mark->outcome == REPLY_SENT) {
		query_bind_text(q, mark->external_id);
		query_bind_int(q, mark->now_us);
	} else {
		query_bind_text(q, mark->error);
		query_bind_int(q, mark->maybe_sent);
	}
}

static void
begin_retry(struct query *q, struct db *db, const struct store_mark_reply *mark)
{
	query_begin(q, db,
		    "UPDATE reply SET error = ?2, maybe_sent = ?3,"
		    " next_at = ?4, progress = coalesce(?5, progress),"
		    " attempts = max(attempts, ?6)" UNDER_WAY);
	query_bind_int(q, mark->id);
	query_bind_text(q, mark->error);
	query_bind_int(q, mark->maybe_sent);
	query_bind_int(q, mark->next_at_us);
	query_bind_blob(q, mark->progress, mark->progress_len);
	query_bind_int(q, mark->attempts);
}

static int
begin_mark(struct query *q, struct db *db, const struct store_mark_reply *mark)
{
	switch (mark->outcome) {
	case REPLY_SENT:
	case REPLY_FAILED:
		begin_end(q, db, mark);
		return 0;
	case REPLY_RETRY:
		begin_retry(q, db, mark);
		return 0;
	case REPLY_PROGRESS:
		query_begin(q, db,
			    "UPDATE reply SET progress ="
			    " coalesce(?2, progress)" UNDER_WAY);
		query_bind_int(q, mark->id);
		query_bind_blob(q, mark->progress, mark->progress_len);
		return 0;
	case REPLY_TRYING:
		query_begin(q, db,
			    "UPDATE reply SET attempts = attempts + 1,"
			    " maybe_sent = maybe_sent + 1" PENDING);
		query_bind_int(q, mark->id);
		return 0;
	}
	return -1;
}

static enum store_status
why_not_marked(struct writer *writer, struct store_mark_reply *mark)
{
	struct query q;

	query_begin(&q, &writer->db, "SELECT 1 FROM reply WHERE id = ?");
	query_bind_int(&q, mark->id);
	int found = query_step(&q, &mark->write.err);
	if (found < 0)
		return writer_failed(writer);
	query_end(&q);
	err_set(&mark->write.err,
		found ? "the reply %lld was sent, taken back or has failed"
		      : "there is no reply %lld",
		(long long)mark->id);
	return found ? STORE_STALE : STORE_NOT_FOUND;
}

/* Was it written at that desk? */
static int
is_of_desk(struct writer *writer, const struct reply *receipt, struct err *err)
{
	struct query q;

	query_begin(&q, &writer->db,
		    "SELECT 1 FROM message WHERE turn_id = ?"
		    " AND kind = 'agent' AND target = ? LIMIT 1");
	query_bind_int(&q, receipt->turn_id);
	query_bind_text(&q, receipt->target);
	int found = query_step(&q, err);
	if (found > 0)
		query_end(&q);
	return found;
}

static enum store_status
add_receipt(struct writer *writer, struct store_mark_reply *mark)
{
	struct reply *receipt = mark->receipt;
	struct err *err = &mark->write.err;

	if (!receipt)
		return STORE_OK;
	receipt->id = 0;
	int found = is_of_desk(writer, receipt, err);
	if (found < 0)
		return writer_failed(writer);
	return found ? row_add_replies(writer, receipt->conversation_id,
				       receipt->turn_id, receipt, 1,
				       mark->now_us, err)
		     : STORE_OK;
}

static enum store_status
mark_reply(struct writer *writer, struct store_write *write)
{
	struct store_mark_reply *mark =
		container_of(write, struct store_mark_reply, write);
	struct query q;

	if (begin_mark(&q, &writer->db, mark) < 0) {
		err_set(&write->err, "no such outcome: %d", mark->outcome);
		return STORE_INVALID;
	}
	if (query_run(&q, &write->err) < 0)
		return writer_failed(writer);
	if (db_changes(&writer->db) != 1)
		return why_not_marked(writer, mark);
	mark->n_unreached = 0;
	if (mark->outcome == REPLY_FAILED &&
	    row_add_unreached(writer, mark) < 0)
		return writer_failed(writer);
	return add_receipt(writer, mark);
}

const struct store_verb store_verb_mark_reply = {
	.name = "mark_reply",
	.is_repeatable = true,
	.run = mark_reply,
};

static void
read_reply(struct query *q, struct arena *arena, struct reply *reply)
{
	reply->id = query_int(q);
	reply->conversation_id = query_int(q);
	reply->turn_id = query_int(q);
	reply->target = query_text(q, arena);
	reply->job = query_text(q, arena);
	reply->kind = query_text(q, arena);
	reply->confidence = query_real(q);
	reply->author = query_text(q, arena);
	reply->text = query_text(q, arena);
	reply->options_json = query_text(q, arena);
	reply->sources_json = query_text(q, arena);
	reply->attempts = (int)query_int(q);
	reply->maybe_sent = (int)query_int(q);
	reply->next_at_us = query_int(q);
	reply->progress = query_blob(q, arena, &reply->progress_len);
	reply->created_at_us = query_int(q);
}

long
store_pending_replies(struct store_reader *reader, struct arena *arena,
		      int64_t after, size_t limit, const struct reply **list_r,
		      struct err *err)
{
	struct reply *list = NULL;
	struct query q;
	size_t n = 0;
	int found;

	query_begin(&q, &reader->db,
		    "SELECT id, conversation_id, turn_id, target, job, kind,"
		    " confidence, author, " REPLY_WORDS(
			    "reply") ", options,"
				     " sources, attempts,"
				     " maybe_sent, next_at, progress, "
				     "created_at FROM reply"
				     " WHERE state = 'pending' AND id > ? "
				     "ORDER BY id LIMIT ?");
	query_bind_int(&q, after);
	query_bind_int(&q, (int64_t)limit);
	while ((found = query_step(&q, err)) > 0) {
		list = query_grow(arena, list, n, sizeof *list);
		read_reply(&q, arena, &list[n++]);
	}
	if (found < 0)
		return -1;
	*list_r = list;
	return (long)n;
}

int
store_find_reply(struct store_reader *reader, int64_t conversation_id,
		 const char *external_id, int64_t *id_r, struct err *err)
{
	struct query q;

	query_begin(&q, &reader->db,
		    "SELECT id FROM reply WHERE conversation_id = ?"
		    " AND external_id = ? ORDER BY id DESC LIMIT 1");
	query_bind_int(&q, conversation_id);
	query_bind_text(&q, external_id);
	int found = query_step(&q, err);
	if (found < 0)
		return -1;
	*id_r = found ? query_int(&q) : 0;
	query_end(&q);
	return 0;
}
