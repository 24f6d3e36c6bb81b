/* What goes on in another conversation, and word from there.  On the store
 * thread, within the transaction of a verb. */
#include "base/mem.h"
#include "store/reader.h"
#include "store/rows.h"

/* Of messages that no channel brings again. */
static const uint8_t no_fingerprint[FINGERPRINT_BYTES];

static int
add_queued(struct writer *writer, const struct message *message,
	   int64_t conversation_id, int64_t now_us, int64_t *id_r,
	   struct err *err)
{
	struct message own = *message;

	own.conversation_id = conversation_id;
	own.received_at_us = now_us;
	if (row_add_message(writer, &own, no_fingerprint, true, err) < 0)
		return -1;
	*id_r = own.id;
	return 0;
}

/* The one to go on in has the channel, account and language of that with the
 * turn, read where it stands: 1, and the texts are in the arena. */
static int
read_name(struct writer *writer, struct store_finish_turn *turn,
	  struct arena *arena, struct conversation_name *name_r)
{
	struct query q;

	query_begin(&q, &writer->db,
		    "SELECT channel, account, language FROM conversation"
		    " WHERE id = ?");
	query_bind_int(&q, turn->conversation_id);
	int found = query_step(&q, &turn->write.err);
	if (found <= 0)
		return found;
	*name_r = (struct conversation_name){
		.channel = query_text(&q, arena),
		.account = query_text(&q, arena),
		.language = query_text(&q, arena),
		.key = turn->onward_key,
		.now_us = turn->now_us,
	};
	query_end(&q);
	return 1;
}

static enum store_status
name_onward(struct writer *writer, struct store_finish_turn *turn)
{
	struct arena arena = {0};
	struct conversation_name name;
	char public_id[CONVERSATION_ID_SIZE];
	enum store_status status = STORE_NOT_FOUND;

	int found = read_name(writer, turn, &arena, &name);
	if (found < 0)
		status = writer_failed(writer);
	else if (found)
		status = row_name_conversation(writer, &name, &turn->onward_id,
					       public_id, &turn->write.err);
	arena_release(&arena);
	return status == STORE_DUPLICATE ? STORE_OK : status;
}

enum store_status
row_add_onward(struct writer *writer, struct store_finish_turn *turn)
{
	if (!turn->onward_key)
		return STORE_OK;
	enum store_status status = name_onward(writer, turn);
	for (size_t i = 0; i < turn->n_onward && status == STORE_OK; i++)
		if (add_queued(writer, &turn->onward[i], turn->onward_id,
			       turn->now_us, &turn->onward_newest,
			       &turn->write.err) < 0)
			status = writer_failed(writer);
	return status;
}

/* Which of the turn's messages was taken along from where, unless word of it
 * was brought there before. */
static int
find_origin(struct writer *writer, const struct store_mark_reply *mark,
	    struct message *origin_r, struct err *err)
{
	struct query q;

	query_begin(&q, &writer->db,
		    "SELECT o.id, o.conversation_id FROM reply AS r"
		    " JOIN message AS m ON m.turn_id = r.turn_id"
		    " JOIN message AS o ON o.id = m.origin_id"
		    " WHERE r.id = ? AND r.job = 'reply'"
		    " AND NOT EXISTS (SELECT 1 FROM message AS u"
		    "  WHERE u.origin_id = o.id"
		    "  AND u.kind = '" MESSAGE_UNREACHED "')"
		    " ORDER BY m.id LIMIT 1");
	query_bind_int(&q, mark->id);
	int found = query_step(&q, err);
	if (found <= 0)
		return found;
	origin_r->origin_id = query_int(&q);
	origin_r->conversation_id = query_int(&q);
	query_end(&q);
	return 1;
}

int
row_add_unreached(struct writer *writer, struct store_mark_reply *mark)
{
	struct message word = {
		.kind = MESSAGE_UNREACHED,
		.trust = MESSAGE_TRUST_OWN,
		.sent_at_us = mark->now_us,
	};

	int found = find_origin(writer, mark, &word, &mark->write.err);
	if (found <= 0)
		return found;
	mark->unreached_id = word.conversation_id;
	return add_queued(writer, &word, word.conversation_id, mark->now_us,
			  &mark->unreached_message, &mark->write.err);
}
