/* Turns.  Verbs on the store thread, reading where the reader is. */
#include "store/turn.h"

#include "base/mem.h"
#include "store/reader.h"
#include "store/rows.h"

static enum store_status
stale(struct err *err, const char *why)
{
	err_set(err, "%s", why);
	return STORE_STALE;
}

/* Is the conversation still what the turn was made for? */
static enum store_status
check_basis(struct writer *writer, struct store_finish_turn *turn)
{
	enum conversation_state state;
	struct err *err = &turn->write.err;
	struct query q;

	enum store_status status =
		row_get_state(writer, turn->conversation_id, &state, err);
	if (status != STORE_OK)
		return status;
	if (state != turn->before)
		return stale(err, "the state of the conversation has changed");
	if (turn->is_final)
		return STORE_OK;
	query_begin(&q, &writer->db,
		    "SELECT 1 FROM message INDEXED BY message_open"
		    " WHERE conversation_id = ? AND id > ?"
		    " AND " IS_OPEN " LIMIT 1");
	query_bind_int(&q, turn->conversation_id);
	query_bind_int(&q, turn->newest_seen);
	int found = query_step(&q, err);
	if (found < 0)
		return writer_failed(writer);
	query_end(&q);
	return found ? stale(err, "a newer message has come") : STORE_OK;
}

static int
insert_turn(struct writer *writer, struct store_finish_turn *turn)
{
	struct query q;

	query_begin(&q, &writer->db,
		    "INSERT INTO turn (conversation_id, kind, confidence, rule,"
		    " entry, record, at, decide_us)"
		    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
	query_bind_int(&q, turn->conversation_id);
	query_bind_text(&q, turn->kind);
	query_bind_real(&q, turn->confidence);
	query_bind_text(&q, turn->rule);
	query_bind_text(&q, turn->entry);
	query_bind_text(&q, turn->record);
	query_bind_int(&q, turn->now_us);
	query_bind_int(&q, turn->decide_us);
	if (query_run(&q, &turn->write.err) < 0)
		return -1;
	turn->turn_id = sqlite3_last_insert_rowid(writer->db.handle);
	return 0;
}

/* The condition on the state makes sure that no message has two turns. */
static enum store_status
take_messages(struct writer *writer, struct store_finish_turn *turn)
{
	struct query q;

	for (size_t i = 0; i < turn->n_messages; i++) {
		query_begin(&q, &writer->db,
			    "UPDATE message SET state = 'done', turn_id = ?,"
			    " derived = ? WHERE id = ? AND conversation_id = ?"
			    " AND " IS_OPEN);
		query_bind_int(&q, turn->turn_id);
		query_bind_text(&q, turn->derived ? turn->derived[i] : "");
		query_bind_int(&q, turn->messages[i]);
		query_bind_int(&q, turn->conversation_id);
		if (query_run(&q, &turn->write.err) < 0)
			return writer_failed(writer);
		if (db_changes(&writer->db) != 1)
			return stale(&turn->write.err,
				     "a message of the turn was answered or "
				     "withdrawn meanwhile");
	}
	return STORE_OK;
}

static int
set_after(struct writer *writer, struct store_finish_turn *turn)
{
	struct query q;

	query_begin(&q, &writer->db,
		    "UPDATE conversation SET state = ?, failed_turns = ?,"
		    " memory = ?, owner = ?, lease_until = ?,"
		    " turns = " TURNS " + 1, updated_at = max(updated_at, ?)"
		    " WHERE id = ?");
	query_bind_text(&q, conversation_state_name(turn->after.state));
	query_bind_int(&q, turn->after.failed_turns);
	query_bind_text(&q, turn->after.memory);
	query_bind_text(&q, turn->after.owner);
	query_bind_int(&q, turn->after.lease_until_us);
	query_bind_int(&q, turn->now_us);
	query_bind_int(&q, turn->conversation_id);
	return query_run(&q, &turn->write.err);
}

static int
insert_transition(struct writer *writer, struct store_finish_turn *turn,
		  const struct state_change *change)
{
	struct query q;

	query_begin(&q, &writer->db,
		    "INSERT INTO transition (conversation_id, turn_id,"
		    " state_from, state_to, reason, actor, at)"
		    " VALUES (?, ?, ?, ?, ?, ?, ?)");
	query_bind_int(&q, turn->conversation_id);
	query_bind_int(&q, turn->turn_id);
	query_bind_text(&q, conversation_state_name(change->from));
	query_bind_text(&q, conversation_state_name(change->to));
	query_bind_text(&q, change->reason);
	query_bind_text(&q, change->actor);
	query_bind_int(&q, turn->now_us);
	return query_run(&q, &turn->write.err);
}

static enum store_status
finish_turn(struct writer *writer, struct store_write *write)
{
	struct store_finish_turn *turn =
		container_of(write, struct store_finish_turn, write);

	enum store_status status = check_basis(writer, turn);
	if (status != STORE_OK)
		return status;
	if (insert_turn(writer, turn) < 0)
		return writer_failed(writer);
	status = take_messages(writer, turn);
	if (status != STORE_OK)
		return status;
	for (size_t i = 0; i < turn->n_changes; i++)
		if (insert_transition(writer, turn, &turn->changes[i]) < 0)
			return writer_failed(writer);
	if (set_after(writer, turn) < 0)
		return writer_failed(writer);
	if (turn->draft &&
	    row_add_case(writer, turn->conversation_id, turn->turn_id,
			 turn->draft, turn->now_us, &write->err) < 0)
		return writer_failed(writer);
	status = row_add_replies(writer, turn->conversation_id, turn->turn_id,
				 turn->replies, turn->n_replies, turn->now_us,
				 &write->err);
	return status == STORE_OK ? row_add_onward(writer, turn) : status;
}

const struct store_verb store_verb_finish_turn = {
	.name = "finish_turn",
	.is_repeatable = true,
	.run = finish_turn,
};

#define COLUMNS                                                      \
	"SELECT id, conversation_id, kind, rule, entry, record, at," \
	" confidence, decide_us FROM turn "

static void
read_turn(struct query *q, struct arena *arena, struct turn *turn)
{
	turn->id = query_int(q);
	turn->conversation_id = query_int(q);
	turn->kind = query_text(q, arena);
	turn->rule = query_text(q, arena);
	turn->entry = query_text(q, arena);
	turn->record = query_text(q, arena);
	turn->at_us = query_int(q);
	turn->confidence = query_real(q);
	turn->decide_us = query_int(q);
}

long
store_turns(struct store_reader *reader, struct arena *arena,
	    int64_t conversation_id, int64_t after, size_t limit,
	    const struct turn **list_r, struct err *err)
{
	struct turn *list = NULL;
	struct query q;
	size_t n = 0;
	int found;

	if (conversation_id) {
		query_begin(&q, &reader->db,
			    COLUMNS "WHERE conversation_id = ? AND id > ?"
				    " ORDER BY id LIMIT ?");
		query_bind_int(&q, conversation_id);
	} else {
		query_begin(&q, &reader->db,
			    COLUMNS "WHERE id > ? ORDER BY id LIMIT ?");
	}
	query_bind_int(&q, after);
	query_bind_int(&q, (int64_t)limit);
	while ((found = query_step(&q, err)) > 0) {
		list = query_grow(arena, list, n, sizeof *list);
		read_turn(&q, arena, &list[n++]);
	}
	if (found < 0)
		return -1;
	*list_r = list;
	return (long)n;
}

int
store_reply_turn(struct store_reader *reader, struct arena *arena,
		 int64_t conversation_id, int64_t reply_id,
		 const struct turn **found_r, struct err *err)
{
	struct query q;

	query_begin(&q, &reader->db,
		    COLUMNS "WHERE id = (SELECT turn_id FROM reply"
			    " WHERE id = ? AND conversation_id = ?"
			    " AND job = 'reply')");
	query_bind_int(&q, reply_id);
	query_bind_int(&q, conversation_id);
	*found_r = NULL;
	int found = query_step(&q, err);
	if (found <= 0)
		return found;
	struct turn *turn = arena_new(arena, sizeof *turn);
	read_turn(&q, arena, turn);
	query_end(&q);
	*found_r = turn;
	return 1;
}

long
store_turn_messages(struct store_reader *reader, struct arena *arena,
		    int64_t turn_id, const int64_t **list_r, struct err *err)
{
	int64_t *list = NULL;
	struct query q;
	size_t n = 0;
	int found;

	query_begin(&q, &reader->db,
		    "SELECT id FROM message WHERE turn_id = ? ORDER BY id");
	query_bind_int(&q, turn_id);
	while ((found = query_step(&q, err)) > 0) {
		list = query_grow(arena, list, n, sizeof *list);
		list[n++] = query_int(&q);
	}
	if (found < 0)
		return -1;
	*list_r = list;
	return (long)n;
}
