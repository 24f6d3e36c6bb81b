/* What was said in a conversation.  Where the reader is; conversation.h has
 * the contract. */
#include "base/mem.h"
#include "store/conversation.h"
#include "store/reader.h"
#include "store/rows.h"

#define MESSAGES                                         \
	"SELECT id, 0, 'customer', author_name, kind,"   \
	" " MESSAGE_WORDS ", option, 0.0,"               \
	" '[]', '[]', state, turn_id, 0, 0, received_at" \
	" FROM message INDEXED BY "
#define OF_CONVERSATION                           \
	" WHERE conversation_id = ?1 AND id > ?2" \
	" AND kind IN ('text', 'option', 'handover') AND "

/* All three are read by (conversation_id, id) and merged. */
#define HISTORY                                                                \
	MESSAGES "message_closed" OF_CONVERSATION IS_CLOSED                    \
		 " UNION ALL " MESSAGES "message_open" OF_CONVERSATION IS_OPEN \
		 " UNION ALL "                                                 \
		 "SELECT id, 1, CASE WHEN author <> '' THEN 'agent'"           \
		 " WHEN job = 'notice' THEN 'system' ELSE 'bot' END, author, " \
		 "kind,"                                                       \
		 " " REPLY_WORDS(                                              \
			 "reply") ", '', confidence, options, sources, "       \
				  "state, turn_id,"                            \
				  " (SELECT rating FROM feedback WHERE "       \
				  "reply_id = reply.id"                        \
				  "  ORDER BY id DESC LIMIT 1),"               \
				  " 'approved' = (SELECT verdict FROM review"  \
				  "  WHERE review.turn_id = reply.turn_id "    \
				  "ORDER BY id DESC "                          \
				  "LIMIT 1),"                                  \
				  " created_at FROM reply WHERE "              \
				  "conversation_id = ?1 AND id > "             \
				  "?2"                                         \
				  " AND job IN ('reply', 'notice', "           \
				  "'agent_text')"                              \
				  " AND (?4 OR state <> 'withdrawn')"          \
				  " ORDER BY 1 LIMIT ?3"

static void
read_entry(struct query *q, struct arena *arena, struct entry *entry)
{
	entry->id = query_int(q);
	entry->is_reply = query_int(q) != 0;
	entry->author = query_text(q, arena);
	entry->name = query_text(q, arena);
	entry->kind = query_text(q, arena);
	entry->text = query_text(q, arena);
	entry->option = query_text(q, arena);
	entry->confidence = query_real(q);
	entry->options_json = query_text(q, arena);
	entry->sources_json = query_text(q, arena);
	entry->state = query_text(q, arena);
	entry->turn_id = query_int(q);
	entry->rating = (int)query_int(q);
	entry->is_approved = query_int(q) != 0;
	entry->at_us = query_int(q);
}

static int
read_answered(struct store_reader *reader, struct arena *arena,
	      struct entry *list, size_t n, struct err *err)
{
	for (struct entry *entry = list; entry < list + n; entry++) {
		if (!entry->is_reply || !entry->turn_id)
			continue;
		long answered =
			store_turn_messages(reader, arena, entry->turn_id,
					    &entry->in_reply_to, err);
		if (answered < 0)
			return -1;
		entry->n_in_reply_to = (size_t)answered;
	}
	return 0;
}

static long
read_page(struct store_reader *reader, struct arena *arena,
	  int64_t conversation_id, int64_t after, size_t limit, bool withdrawn,
	  const struct entry **list_r, bool *more_r, struct err *err)
{
	struct entry *list = NULL;
	struct query q;
	size_t n = 0;
	int found;

	query_begin(&q, &reader->db, HISTORY);
	query_bind_int(&q, conversation_id);
	query_bind_int(&q, after);
	query_bind_int(&q, (int64_t)limit + 1);
	query_bind_int(&q, withdrawn);
	while ((found = query_step(&q, err)) > 0 && n < limit) {
		list = query_grow(arena, list, n, sizeof *list);
		read_entry(&q, arena, &list[n++]);
	}
	if (found < 0)
		return -1;
	if (found > 0)
		query_end(&q);
	if (read_answered(reader, arena, list, n, err) < 0)
		return -1;
	*list_r = list;
	*more_r = found > 0;
	return (long)n;
}

long
store_history(struct store_reader *reader, struct arena *arena,
	      int64_t conversation_id, int64_t after, size_t limit,
	      const struct entry **list_r, bool *more_r, struct err *err)
{
	return read_page(reader, arena, conversation_id, after, limit, true,
			 list_r, more_r, err);
}

long
store_told(struct store_reader *reader, struct arena *arena,
	   int64_t conversation_id, int64_t after, size_t limit,
	   const struct entry **list_r, bool *more_r, struct err *err)
{
	return read_page(reader, arena, conversation_id, after, limit, false,
			 list_r, more_r, err);
}
