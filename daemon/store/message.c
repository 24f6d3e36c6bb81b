/* The inbox.  Verbs on the store thread, reading where the reader is. */
#include "store/message.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "store/reader.h"
#include "store/rows.h"

/* Is the message known by that id?  1: yes, and what it was is set. */
static int
find_copy(struct db *db, struct store_add_message *add, const char *external_id,
	  struct err *err)
{
	struct query q;
	size_t len;

	query_begin(&q, db,
		    "SELECT m.id, m.conversation_id, c.public_id,"
		    " m.fingerprint FROM message_external AS e"
		    " JOIN message AS m ON m.id = e.message_id"
		    " JOIN conversation AS c ON c.id = m.conversation_id"
		    " WHERE e.channel = ? AND e.account = ?"
		    " AND e.external_id = ?");
	query_bind_text(&q, add->channel);
	query_bind_text(&q, add->account);
	query_bind_text(&q, external_id);
	int found = query_step(&q, err);
	if (found <= 0)
		return found;
	add->message.id = query_int(&q);
	add->message.conversation_id = query_int(&q);
	snprintf(add->public_id, sizeof add->public_id, "%s",
		 query_peek_text(&q));
	const void *fingerprint = query_peek_blob(&q, &len);
	add->is_same = len == sizeof add->fingerprint &&
		       memcmp(fingerprint, add->fingerprint, len) == 0;
	query_end(&q);
	return 1;
}

static enum store_status
find_any_copy(struct writer *writer, struct store_add_message *add)
{
	for (int i = 0; i < MESSAGE_EXTERNAL_IDS; i++) {
		if (!row_is_id(add->external_ids[i]))
			continue;
		int found = find_copy(&writer->db, add, add->external_ids[i],
				      &add->write.err);
		if (found < 0)
			return writer_failed(writer);
		if (found) {
			err_set(&add->write.err,
				"the message is there already");
			return STORE_DUPLICATE;
		}
	}
	return STORE_OK;
}

int
row_add_message(struct writer *writer, struct message *m,
		const uint8_t fingerprint[FINGERPRINT_BYTES], bool is_queued,
		struct err *err)
{
	struct query q;

	m->id = writer_next_id(writer);
	query_begin(&q, &writer->db,
		    "INSERT INTO message (id, conversation_id, kind, author_id,"
		    " author_name, trust, text, option, target, rating,"
		    " redacted, attachments, fingerprint, sent_at,"
		    " received_at, state, crashes, private_key, origin_id)"
		    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
		    " ?, ?, ?)");
	query_bind_int(&q, m->id);
	query_bind_int(&q, m->conversation_id);
	query_bind_text(&q, m->kind);
	query_bind_text(&q, m->author_id);
	query_bind_text(&q, m->author_name);
	query_bind_int(&q, m->trust);
	query_bind_text(&q, m->text);
	query_bind_text(&q, m->option);
	query_bind_text(&q, m->target);
	query_bind_int(&q, m->rating);
	query_bind_text(&q, m->redacted);
	query_bind_text(&q, m->attachments);
	query_bind_blob(&q, fingerprint, FINGERPRINT_BYTES);
	query_bind_int(&q, m->sent_at_us);
	query_bind_int(&q, m->received_at_us);
	query_bind_text(&q, is_queued ? "queued" : "kept");
	query_bind_int(&q, m->crashes);
	query_bind_text(&q, m->private_key);
	query_bind_id(&q, m->origin_id);
	return query_run(&q, err);
}

/* One message may bring the same id twice. */
static int
insert_external_ids(struct writer *writer, struct store_add_message *add)
{
	struct query q;

	for (int i = 0; i < MESSAGE_EXTERNAL_IDS; i++) {
		if (!row_is_id(add->external_ids[i]))
			continue;
		query_begin(&q, &writer->db,
			    "INSERT OR IGNORE INTO message_external"
			    " VALUES (?, ?, ?, ?)");
		query_bind_text(&q, add->channel);
		query_bind_text(&q, add->account);
		query_bind_text(&q, add->external_ids[i]);
		query_bind_int(&q, add->message.id);
		if (query_run(&q, &add->write.err) < 0)
			return -1;
	}
	return 0;
}

/* Most messages of a customer who writes fast change nothing here; that he
 * wrote is kept to a second, and spares the row being written each time. */
static int
touch_conversation(struct writer *writer, struct store_add_message *add)
{
	struct query q;

	query_begin(&q, &writer->db,
		    "UPDATE conversation SET"
		    " updated_at = max(updated_at, ?2),"
		    " route = coalesce(?3, route),"
		    " language = CASE language WHEN '' THEN ?4"
		    " ELSE language END WHERE id = ?1"
		    " AND (updated_at + 1000000 <= ?2"
		    "  OR (?3 IS NOT NULL AND route IS NOT ?3)"
		    "  OR (language = '' AND ?4 <> ''))");
	query_bind_int(&q, add->message.conversation_id);
	query_bind_int(&q, add->message.received_at_us);
	query_bind_blob(&q, add->is_desk ? NULL : add->route, add->route_len);
	query_bind_text(&q, add->is_desk ? "" : add->language);
	return query_run(&q, &add->write.err);
}

static enum store_status
add_message(struct writer *writer, struct store_write *write)
{
	struct store_add_message *add =
		container_of(write, struct store_add_message, write);
	struct conversation_name name = {
		.channel = add->channel,
		.account = add->account,
		.key = add->key,
		.language = add->language,
		.is_desk = add->is_desk,
		.now_us = add->message.received_at_us,
	};

	enum store_status status = find_any_copy(writer, add);
	if (status != STORE_OK)
		return status;
	status = row_name_conversation(writer, &name,
				       &add->message.conversation_id,
				       add->public_id, &write->err);
	if (status != STORE_OK && status != STORE_DUPLICATE)
		return status;
	status = row_withdraw(writer, add, status == STORE_OK);
	if (status == STORE_OK)
		status = row_get_state(writer, add->message.conversation_id,
				       &add->conversation_state, &write->err);
	if (status != STORE_OK)
		return status;
	if (row_add_message(writer, &add->message, add->fingerprint,
			    add->is_queued && !add->is_late, &write->err) < 0 ||
	    row_take_place(writer, add) < 0 ||
	    insert_external_ids(writer, add) < 0 ||
	    touch_conversation(writer, add) < 0 ||
	    row_put_states(writer, add->channel, add->states, add->n_states,
			   &write->err) < 0)
		return writer_failed(writer);
	return STORE_OK;
}

const struct store_verb store_verb_add_message = {
	.name = "add_message",
	.takes_in = true,
	.is_repeatable = true,
	.run = add_message,
};

static enum store_status
mark_running(struct writer *writer, struct store_write *write)
{
	struct store_mark_running *mark =
		container_of(write, struct store_mark_running, write);
	struct query q;

	query_begin(&q, &writer->db,
		    "UPDATE message INDEXED BY message_open"
		    " SET state = CASE conversation_id WHEN ?1 THEN 'running'"
		    " ELSE 'queued' END"
		    " WHERE conversation_id IN (?1, ?2) AND " IS_OPEN);
	query_bind_int(&q, mark->conversation_id);
	query_bind_int(&q, mark->before_id);
	return query_run(&q, &write->err) < 0 ? writer_failed(writer)
					      : STORE_OK;
}

const struct store_verb store_verb_mark_running = {
	.name = "mark_running",
	.is_repeatable = true,
	.run = mark_running,
};

static enum store_status
count_refused(struct writer *writer, struct store_write *write)
{
	struct store_count_refused *count =
		container_of(write, struct store_count_refused, write);
	struct query q;

	query_begin(&q, &writer->db,
		    "UPDATE message INDEXED BY message_open"
		    " SET crashes = crashes + 1 WHERE conversation_id = ?"
		    " AND " IS_OPEN " AND id <= ?");
	query_bind_int(&q, count->conversation_id);
	query_bind_int(&q, count->last_message);
	return query_run(&q, &write->err) < 0 ? writer_failed(writer)
					      : STORE_OK;
}

const struct store_verb store_verb_count_refused = {
	.name = "count_refused",
	.is_repeatable = true,
	.run = count_refused,
};

static int
list_queued(struct writer *writer, struct store_recover *recover)
{
	int64_t *list = NULL;
	struct query q;
	size_t n = 0;
	int found;

	query_begin(&q, &writer->db,
		    "SELECT conversation_id, min(id)"
		    " FROM message INDEXED BY message_open WHERE " IS_OPEN
		    " GROUP BY conversation_id ORDER BY 2");
	while ((found = query_step(&q, &recover->write.err)) > 0) {
		list = query_grow(recover->arena, list, n, sizeof *list);
		list[n++] = query_int(&q);
	}
	recover->conversations = list;
	recover->n_conversations = n;
	return found;
}

/* What runs when the store is closed was given up on purpose. */
static enum store_status
recover(struct writer *writer, struct store_write *write)
{
	struct store_recover *recover =
		container_of(write, struct store_recover, write);
	struct query q;

	query_begin(&q, &writer->db,
		    "UPDATE message SET state = 'queued',"
		    " crashes = crashes + ?"
		    " WHERE " IS_OPEN " AND state = 'running'");
	query_bind_int(&q, writer->was_clean ? 0 : 1);
	if (query_run(&q, &write->err) < 0 || list_queued(writer, recover) < 0)
		return writer_failed(writer);
	return STORE_OK;
}

const struct store_verb store_verb_recover = {
	.name = "recover",
	.run = recover,
};

#define MESSAGE_COLUMNS                                             \
	"id, conversation_id, kind, author_id, author_name, trust," \
	" text, option, target, rating, redacted, attachments,"     \
	" crashes, sent_at, received_at, private_key,"              \
	" coalesce(origin_id, 0)"

static void
read_message(struct query *q, struct arena *arena, struct message *m)
{
	m->id = query_int(q);
	m->conversation_id = query_int(q);
	m->kind = query_text(q, arena);
	m->author_id = query_text(q, arena);
	m->author_name = query_text(q, arena);
	m->trust = (int)query_int(q);
	m->text = query_text(q, arena);
	m->option = query_text(q, arena);
	m->target = query_text(q, arena);
	m->rating = (int)query_int(q);
	m->redacted = query_text(q, arena);
	m->attachments = query_text(q, arena);
	m->crashes = (int)query_int(q);
	m->sent_at_us = query_int(q);
	m->received_at_us = query_int(q);
	m->private_key = query_text(q, arena);
	m->origin_id = query_int(q);
}

/* The rows of q, whose columns are MESSAGE_COLUMNS. */
static long
read_messages(struct query *q, struct arena *arena,
	      const struct message **list_r, struct err *err)
{
	struct message *list = NULL;
	size_t n = 0;
	int found;

	while ((found = query_step(q, err)) > 0) {
		list = query_grow(arena, list, n, sizeof *list);
		read_message(q, arena, &list[n++]);
	}
	if (found < 0)
		return -1;
	*list_r = list;
	return (long)n;
}

long
store_queued_messages(struct store_reader *reader, struct arena *arena,
		      int64_t conversation_id, size_t limit,
		      const struct message **list_r, struct err *err)
{
	struct query q;

	query_begin(&q, &reader->db,
		    "SELECT " MESSAGE_COLUMNS
		    " FROM message INDEXED BY message_open"
		    " WHERE conversation_id = ? AND " IS_OPEN
		    " ORDER BY id LIMIT ?");
	query_bind_int(&q, conversation_id);
	query_bind_int(&q, (int64_t)limit);
	return read_messages(&q, arena, list_r, err);
}

long
store_answered_messages(struct store_reader *reader, struct arena *arena,
			int64_t turn_id, const struct message **list_r,
			struct err *err)
{
	struct query q;

	query_begin(&q, &reader->db,
		    "SELECT " MESSAGE_COLUMNS " FROM message"
		    " WHERE turn_id = ? ORDER BY id");
	query_bind_int(&q, turn_id);
	return read_messages(&q, arena, list_r, err);
}

int
store_message_rule(struct store_reader *reader, struct arena *arena,
		   int64_t message_id, const char **rule_r, struct err *err)
{
	struct query q;

	*rule_r = NULL;
	query_begin(&q, &reader->db,
		    "SELECT t.rule FROM message AS m"
		    " JOIN turn AS t ON t.id = m.turn_id WHERE m.id = ?");
	query_bind_int(&q, message_id);
	int found = query_step(&q, err);
	if (found <= 0)
		return found;
	*rule_r = query_text(&q, arena);
	query_end(&q);
	return 0;
}

int
store_message_derived(struct store_reader *reader, struct arena *arena,
		      int64_t message_id, const char **derived_r,
		      struct err *err)
{
	struct query q;

	*derived_r = NULL;
	query_begin(&q, &reader->db,
		    "SELECT derived FROM message WHERE id = ?");
	query_bind_int(&q, message_id);
	int found = query_step(&q, err);
	if (found <= 0)
		return found;
	*derived_r = query_text(&q, arena);
	query_end(&q);
	return 0;
}
