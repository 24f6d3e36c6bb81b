/* What a customer takes back, within the transaction of the message that says
 * so. */
#include "store/rows.h"

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

/* What was answered already cannot be taken back: then the message that
 * wanted it is only kept. */
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
	if (!add->is_queued)
		add->withdrawn_id = id;
	if (db_changes(&writer->db) == 0)
		add->is_queued = false;
	return STORE_OK;
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
	return query_run(&q, &add->write.err) < 0 ? writer_failed(writer)
						  : STORE_OK;
}

enum store_status
row_withdraw(struct writer *writer, struct store_add_message *add, bool is_new)
{
	if (add->withdraws_all)
		return withdraw_all(writer, add, is_new);
	return row_is_id(add->withdraws) ? withdraw_one(writer, add) : STORE_OK;
}

/* A further correction is one of the words that stand there now. */
int
row_take_place(struct writer *writer, struct store_add_message *add)
{
	struct query q;

	if (!row_is_id(add->withdraws) || !add->is_queued)
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
