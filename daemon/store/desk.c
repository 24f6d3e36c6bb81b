/* What agents follow: of all conversations, or of one.  Where the reader is;
 * desk.h has the contract. */
#include "store/desk.h"

#include "base/mem.h"
#include "store/conversation.h"
#include "store/reader.h"
#include "store/rows.h"

#define COLUMNS                                                         \
	"SELECT m.id, c.public_id, CASE m.kind WHEN 'note' THEN 'note'" \
	" ELSE 'customer' END,"                                         \
	" CASE m.kind WHEN 'note' THEN m.author_id ELSE '' END,"        \
	" CASE WHEN m.kind = 'option' AND m.text = '' THEN m.option"    \
	" ELSE m.text END, m.received_at, m.crashes,"                   \
	" coalesce((SELECT rule FROM turn WHERE id = m.turn_id), '')"   \
	" FROM message AS m"

/* Of those that people have to do with now. */
#define OF_ALL                                                        \
	COLUMNS " JOIN conversation AS c ON c.id = m.conversation_id" \
		" WHERE m.id > ?2 AND ?1 = 0 AND m.kind IN"           \
		" ('text', 'option', 'handover', 'note')"             \
		" AND c.state IN ('waiting', 'person')"               \
		" ORDER BY m.id LIMIT ?3"

#define OF_ONE                                                \
	" JOIN conversation AS c ON c.id = m.conversation_id" \
	" WHERE m.conversation_id = ?1 AND m.id > ?2"         \
	" AND m.kind IN ('text', 'option', 'handover', 'note')"
#define CLOSED_OF_ONE \
	COLUMNS " INDEXED BY message_closed" OF_ONE " AND m." IS_CLOSED
#define OPEN_OF_ONE COLUMNS " INDEXED BY message_open" OF_ONE " AND m." IS_OPEN
#define REPLIES_OF_ONE                                                     \
	"SELECT r.id, c.public_id, CASE"                                   \
	" WHEN r.author <> '' THEN 'agent'"                                \
	" WHEN r.job = 'notice' THEN 'system' ELSE 'bot' END,"             \
	" r.author, " REPLY_WORDS(                                         \
		"r") ", r.created_at, 0, ''"                               \
		     " FROM reply AS r"                                    \
		     " JOIN conversation AS c ON c.id = r.conversation_id" \
		     " WHERE r.conversation_id = ?1 AND r.id > ?2"         \
		     " AND r.job IN ('reply', 'notice', 'agent_text')"     \
		     " AND r.state <> 'withdrawn'"

/* Messages by both of their indexes, and replies, merged. */
#define OF_CONVERSATION                                                      \
	CLOSED_OF_ONE " UNION ALL " OPEN_OF_ONE " UNION ALL " REPLIES_OF_ONE \
		      " ORDER BY 1 LIMIT ?3"

long
store_desk_words(struct store_reader *reader, struct arena *arena,
		 int64_t conversation_id, int64_t after, size_t limit,
		 const struct desk_words **list_r, struct err *err)
{
	struct desk_words *list = NULL;
	struct query q;
	size_t n = 0;
	int found;

	if (conversation_id)
		query_begin(&q, &reader->db, OF_CONVERSATION);
	else
		query_begin(&q, &reader->db, OF_ALL);
	query_bind_int(&q, conversation_id);
	query_bind_int(&q, after);
	query_bind_int(&q, (int64_t)limit);
	while ((found = query_step(&q, err)) > 0) {
		list = query_grow(arena, list, n, sizeof *list);
		struct desk_words *words = &list[n++];
		words->id = query_int(&q);
		words->conversation = query_text(&q, arena);
		words->author = query_text(&q, arena);
		words->name = query_text(&q, arena);
		words->text = query_text(&q, arena);
		words->at_us = query_int(&q);
		words->crashes = (int)query_int(&q);
		words->rule = query_text(&q, arena);
	}
	if (found < 0)
		return -1;
	*list_r = list;
	return (long)n;
}

#define CHANGES                                                         \
	"SELECT t.id, c.public_id, t.state_from, t.state_to, t.reason," \
	" t.actor, t.at, coalesce((SELECT text FROM message"            \
	" WHERE turn_id = t.turn_id AND kind IN ('text', 'option')"     \
	" ORDER BY id DESC LIMIT 1), '')"                               \
	" FROM transition AS t"                                         \
	" JOIN conversation AS c ON c.id = t.conversation_id WHERE t.id > ?2"

long
store_desk_changes(struct store_reader *reader, struct arena *arena,
		   int64_t conversation_id, int64_t after, size_t limit,
		   const struct desk_change **list_r, struct err *err)
{
	struct desk_change *list = NULL;
	struct query q;
	size_t n = 0;
	int found;

	if (conversation_id)
		query_begin(&q, &reader->db,
			    CHANGES " AND t.conversation_id = ?1"
				    " ORDER BY t.id LIMIT ?3");
	else
		query_begin(&q, &reader->db,
			    CHANGES " AND ?1 = 0 ORDER BY t.id LIMIT ?3");
	query_bind_int(&q, conversation_id);
	query_bind_int(&q, after);
	query_bind_int(&q, (int64_t)limit);
	while ((found = query_step(&q, err)) > 0) {
		list = query_grow(arena, list, n, sizeof *list);
		struct desk_change *change = &list[n++];
		change->id = query_int(&q);
		change->conversation = query_text(&q, arena);
		change->from = query_text(&q, arena);
		change->to = query_text(&q, arena);
		change->reason = query_text(&q, arena);
		change->actor = query_text(&q, arena);
		change->at_us = query_int(&q);
		change->text = query_text(&q, arena);
	}
	if (found < 0)
		return -1;
	*list_r = list;
	return (long)n;
}

long
store_desk_triggers(struct store_reader *reader, struct arena *arena,
		    int64_t conversation_id, int64_t from_us,
		    const char *const **list_r, struct err *err)
{
	const char **list = NULL;
	struct query q;
	size_t n = 0;
	int found;

	query_begin(&q, &reader->db,
		    "SELECT DISTINCT rule FROM turn INDEXED BY"
		    " turn_conversation WHERE conversation_id = ?1"
		    " AND at >= ?2 AND rule GLOB 'trigger:*'");
	query_bind_int(&q, conversation_id);
	query_bind_int(&q, from_us);
	while ((found = query_step(&q, err)) > 0) {
		list = query_grow(arena, list, n, sizeof *list);
		list[n++] = query_text(&q, arena);
	}
	if (found < 0)
		return -1;
	*list_r = list;
	return (long)n;
}

int
store_desk_now(struct store_reader *reader, struct desk_place *place_r,
	       struct err *err)
{
	struct query q;

	query_begin(&q, &reader->db,
		    "SELECT max(coalesce((SELECT max(id) FROM message), 0),"
		    " coalesce((SELECT max(id) FROM reply), 0)),"
		    " coalesce((SELECT max(id) FROM transition), 0),"
		    " coalesce((SELECT max(id) FROM form_case), 0)");
	if (query_step(&q, err) < 0)
		return -1;
	place_r->words = query_int(&q);
	place_r->change = query_int(&q);
	place_r->form_case = query_int(&q);
	query_end(&q);
	return 0;
}
