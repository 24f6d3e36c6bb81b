/* What a customer takes back, within the transaction of the message that says
 * so. */
#include "store/reader.h"
#include "store/rows.h"

/* What answers him and is not out, to the message ?2 and no other, or (0) to
 * any.  Not what says that a person comes or asks for what a form needs, as the
 * conversation goes on from there, nor what the first turn said, which tells
 * who answers. */
#define TAKE_BACK                                                         \
	"UPDATE reply SET state = 'withdrawn' WHERE conversation_id = ?1" \
	" AND state = 'pending' AND job = 'reply'"                        \
	" AND kind IN ('answer', 'options', 'ask', 'smalltalk',"          \
	"  'out_of_scope')"                                               \
	" AND EXISTS (SELECT 1 FROM turn AS t"                            \
	"  WHERE t.conversation_id = ?1 AND t.id < reply.turn_id)"        \
	" AND (?2 = 0 OR (SELECT min(m.id) = ?2 AND max(m.id) = ?2"       \
	"  FROM message AS m WHERE m.turn_id = reply.turn_id)) RETURNING id"

static enum store_status
withdraw_replies(struct writer *writer, struct store_add_message *add,
		 int64_t message_id)
{
	int64_t *list = NULL;
	struct query q;
	size_t n = 0;
	int found;

	query_begin(&q, &writer->db, TAKE_BACK);
	query_bind_int(&q, add->message.conversation_id);
	query_bind_int(&q, message_id);
	while ((found = query_step(&q, &add->write.err)) > 0) {
		list = query_grow(add->arena, list, n, sizeof *list);
		list[n++] = query_int(&q);
	}
	if (found < 0)
		return writer_failed(writer);
	add->withdrawn = list;
	add->n_withdrawn = n;
	return STORE_OK;
}

static enum store_status
not_there(struct store_add_message *add, const char *what)
{
	err_set(&add->write.err, "there is no such %s", what);
	return STORE_NOT_FOUND;
}

/* The message of that id, as it reads by now. */
static enum store_status
find_message(struct writer *writer, struct store_add_message *add,
	     int64_t *id_r)
{
	struct query q;

	query_begin(&q, &writer->db,
		    "SELECT m.id FROM message_external AS e"
		    " JOIN message AS m ON m.id = e.message_id"
		    " WHERE e.channel = ? AND e.account = ?"
		    " AND e.external_id = ? AND m.conversation_id = ?");
	query_bind_text(&q, add->channel);
	query_bind_text(&q, add->account);
	query_bind_text(&q, add->withdraws);
	query_bind_int(&q, add->message.conversation_id);
	int found = query_step(&q, &add->write.err);
	if (found < 0)
		return writer_failed(writer);
	if (!found)
		return not_there(add, "message in the conversation");
	*id_r = query_int(&q);
	query_end(&q);
	return STORE_OK;
}

/* A message that was answered stays so: what corrects it is only kept, what
 * deletes it takes back the answer, if that is not out. */
static enum store_status
withdraw_one(struct writer *writer, struct store_add_message *add)
{
	struct query q;
	int64_t id = 0;

	enum store_status status = find_message(writer, add, &id);
	if (status != STORE_OK)
		return status;
	query_begin(&q, &writer->db,
		    "UPDATE message SET state = 'kept' WHERE id = ?"
		    " AND " IS_OPEN);
	query_bind_int(&q, id);
	if (query_run(&q, &add->write.err) < 0)
		return writer_failed(writer);
	add->is_late = add->is_queued && db_changes(&writer->db) == 0;
	return add->is_queued ? STORE_OK : withdraw_replies(writer, add, id);
}

/* Agents' acts are not the customer's to take back, nor is his wish for a
 * person. */
static enum store_status
withdraw_all(struct writer *writer, struct store_add_message *add, bool is_new)
{
	struct query q;

	if (is_new)
		return not_there(add, "conversation");
	query_begin(&q, &writer->db,
		    "UPDATE message INDEXED BY message_open"
		    " SET state = 'kept' WHERE conversation_id = ?"
		    " AND " IS_OPEN " AND kind IN ('text', 'option')");
	query_bind_int(&q, add->message.conversation_id);
	return query_run(&q, &add->write.err) < 0
		       ? writer_failed(writer)
		       : withdraw_replies(writer, add, 0);
}

enum store_status
row_withdraw(struct writer *writer, struct store_add_message *add, bool is_new)
{
	add->is_late = false;
	add->n_withdrawn = 0;
	if (add->withdraws_all)
		return withdraw_all(writer, add, is_new);
	return row_is_id(add->withdraws) ? withdraw_one(writer, add) : STORE_OK;
}

/* A further correction is one of the words that stand there now. */
int
row_take_place(struct writer *writer, struct store_add_message *add)
{
	struct query q;

	if (!row_is_id(add->withdraws) || !add->is_queued || add->is_late)
		return 0;
	query_begin(&q, &writer->db,
		    "UPDATE message_external SET message_id = ?"
		    " WHERE channel = ? AND account = ? AND external_id = ?");
	query_bind_int(&q, add->message.id);
	query_bind_text(&q, add->channel);
	query_bind_text(&q, add->account);
	query_bind_text(&q, add->withdraws);
	return query_run(&q, &add->write.err);
}
