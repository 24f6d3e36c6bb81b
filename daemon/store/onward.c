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

/* Its author is told that he is written to directly: not at the address that
 * something else he asked there before came with. */
static enum store_status
forget_route(struct writer *writer, struct store_finish_turn *turn)
{
	struct query q;

	query_begin(&q, &writer->db,
		    "UPDATE conversation SET route = NULL"
		    " WHERE id = ? AND route IS NOT NULL");
	query_bind_int(&q, turn->onward_id);
	return query_run(&q, &turn->write.err) < 0 ? writer_failed(writer)
						   : STORE_OK;
}

enum store_status
row_add_onward(struct writer *writer, struct store_finish_turn *turn)
{
	if (!turn->onward_key)
		return STORE_OK;
	enum store_status status = name_onward(writer, turn);
	if (status == STORE_OK)
		status = forget_route(writer, turn);
	for (size_t i = 0; i < turn->n_onward && status == STORE_OK; i++)
		if (add_queued(writer, &turn->onward[i], turn->onward_id,
			       turn->now_us, &turn->onward_newest,
			       &turn->write.err) < 0)
			status = writer_failed(writer);
	return status;
}

/* The conversations that the turn's messages were taken along from, with one
 * message of each, but for those that word of it was brought to before.  How
 * many, or -1. */
static long
find_origins(struct writer *writer, const struct store_mark_reply *mark,
	     struct arena *arena, struct message **list_r, struct err *err)
{
	struct message *list = NULL;
	struct query q;
	size_t n = 0;
	int found;

	query_begin(&q, &writer->db,
		    "SELECT min(o.id), o.conversation_id FROM reply AS r"
		    " JOIN message AS m ON m.turn_id = r.turn_id"
		    " JOIN message AS o ON o.id = m.origin_id"
		    " WHERE r.id = ? AND r.job = 'reply' AND r.state = 'failed'"
		    " GROUP BY o.conversation_id"
		    " HAVING NOT max(EXISTS (SELECT 1 FROM message AS u"
		    "  WHERE u.origin_id = o.id"
		    "  AND u.kind = '" MESSAGE_UNREACHED "'))"
		    " ORDER BY 1");
	query_bind_int(&q, mark->id);
	while ((found = query_step(&q, err)) > 0) {
		list = query_grow(arena, list, n, sizeof *list);
		struct message *word = &list[n++];
		*word = (struct message){
			.kind = MESSAGE_UNREACHED,
			.trust = MESSAGE_TRUST_OWN,
			.sent_at_us = mark->now_us,
		};
		word->origin_id = query_int(&q);
		word->conversation_id = query_int(&q);
	}
	*list_r = list;
	return found < 0 ? -1 : (long)n;
}

int
row_add_unreached(struct writer *writer, struct store_mark_reply *mark)
{
	struct err *err = &mark->write.err;
	struct message *words;

	long n = find_origins(writer, mark, mark->arena, &words, err);
	if (n <= 0)
		return (int)n;
	struct unreached *list =
		arena_array(mark->arena, (size_t)n, sizeof *list);
	for (long i = 0; i < n; i++) {
		list[i].conversation_id = words[i].conversation_id;
		if (add_queued(writer, &words[i], words[i].conversation_id,
			       mark->now_us, &list[i].message_id, err) < 0)
			return -1;
	}
	mark->unreached = list;
	mark->n_unreached = (size_t)n;
	return 0;
}
