/* Rows that several verbs write, within the transaction of their writer.
 * Private to this layer.  What returns int returns 0, or -1 and *err when a
 * query failed. */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include "store/case.h"
#include "store/message.h"
#include "store/state.h"
#include "store/turn.h"
#include "store/writer.h"

/* As the partial indexes message_open and message_closed have it, which SQLite
 * only uses for a query that says the same. */
#define IS_OPEN "state IN ('queued', 'running')"
#define IS_CLOSED "state NOT IN ('queued', 'running')"

/* SQL, of a row of message: what was chosen, in the words in which it was last
 * offered, here or where it was taken along from; and what was said, in words
 * or by a choice. */
#define CHOSEN                                                  \
	"coalesce((SELECT o.value ->> 'label' FROM reply AS r," \
	" json_each(r.options) AS o"                            \
	" WHERE r.conversation_id IN (message.conversation_id," \
	"  (SELECT f.conversation_id FROM message AS f"         \
	"   WHERE f.id = message.origin_id))"                   \
	" AND r.id < message.id AND r.options <> '[]'"          \
	" AND o.value ->> 'id' = message.option"                \
	" ORDER BY r.id DESC LIMIT 1), '')"

#define MESSAGE_WORDS                                                        \
	"CASE WHEN kind = 'option' AND text = '' THEN " CHOSEN " ELSE text " \
	"END"

/* SQL, of a row of conversation.  None comes to so many turns: of a number that
 * is damaged enough is left to tell one turn from the next, and to add to. */
#define TURNS "(turns & 0x3fffffff)"

/* SQL, of a row of reply by that name: its whole text, where the message that
 * has it is still there. */
#define REPLY_WORDS(reply)                                                \
	"coalesce((SELECT nullif(w.derived, '') -> 'replies' ->> " reply  \
	".job FROM message AS w WHERE w.id = " reply ".words_id), " reply \
	".text)"

/* "" is no external id either. */
static inline bool
row_is_id(const char *external_id)
{
	return external_id && external_id[0];
}

/* Take back what a message withdraws, before it is written; its conversation
 * is_new.  What was is set.  STORE_OK, or STORE_NOT_FOUND. */
enum store_status row_withdraw(struct writer *, struct store_add_message *,
			       bool is_new);
/* Once it is written: it has the id of what it took the place of. */
int row_take_place(struct writer *, struct store_add_message *);

/* Which conversation a write is about. */
struct conversation_name {
	const char *channel, *account, *key, *language;
	const char *identity; /* NULL: "" */
	bool is_desk;	      /* key is a public id of any channel */
	int64_t now_us;
};

/* Find the conversation (STORE_DUPLICATE) or make it (STORE_OK). */
enum store_status row_name_conversation(struct writer *,
					const struct conversation_name *,
					int64_t *id_r,
					char public_id[CONVERSATION_ID_SIZE],
					struct err *);
/* STORE_OK, or STORE_NOT_FOUND. */
enum store_status row_get_state(struct writer *, int64_t conversation_id,
				enum conversation_state *, struct err *);

/* Give the message its id and add it to the inbox. */
int row_add_message(struct writer *, struct message *,
		    const uint8_t fingerprint[FINGERPRINT_BYTES],
		    bool is_queued, struct err *);
/* Bring what a turn leaves to another conversation there; that and the newest
 * of its messages are set. */
enum store_status row_add_onward(struct writer *, struct store_finish_turn *);
/* A reply to what was taken along cannot be delivered: bring word of it to each
 * conversation that it came from, once.  What was brought is set. */
int row_add_unreached(struct writer *, struct store_mark_reply *);

int row_put_states(struct writer *, const char *plugin,
		   const struct plugin_state *, size_t n, struct err *);
/* Give each of the replies its id and add it to the outbox. */
enum store_status row_add_replies(struct writer *, int64_t conversation_id,
				  int64_t turn_id, struct reply *, size_t n,
				  int64_t now_us, struct err *);
int row_add_case(struct writer *, int64_t conversation_id, int64_t turn_id,
		 const struct case_draft *, int64_t now_us, struct err *);
int row_add_audit(struct writer *, int64_t now_us, const char *actor,
		  const char *action, const char *object, const char *detail,
		  struct err *);

#endif
