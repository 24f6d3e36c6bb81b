/* The inbox: messages on their way to a turn. */
#ifndef STORE_MESSAGE_H
#define STORE_MESSAGE_H

#include "store/conversation.h"

#define MESSAGE_EXTERNAL_IDS 4
#define FINGERPRINT_BYTES 32
/* Of what the daemon brings: TELLER_TRUST_AGENT. */
#define MESSAGE_TRUST_OWN 3

struct plugin_state; /* store/state.h */

struct message {
	int64_t id; /* in the order of commits, over all conversations */
	int64_t conversation_id;
	const char *kind; /* text, option, handover, feedback, ... */
	const char *author_id, *author_name;
	int trust;	  /* enum teller_trust */
	const char *text; /* redacted */
	const char *option, *target;
	int rating;
	const char *redacted;	 /* kinds that were masked: "card,iban" */
	const char *attachments; /* JSON */
	int crashes;
	int64_t sent_at_us, received_at_us;
	/* Others read along: the key of the conversation with its author
	 * alone; NULL or "": they do not. */
	const char *private_key;
	int64_t origin_id; /* the message that it was taken along as; or 0 */
};

/* Keep one message, its conversation (made if there is none, found as in
 * store_verb_open_conversation) and the states that come with it, which are
 * those of the plugin named as the channel.  An external id of NULL or "" is
 * none.
 * DUPLICATE: an external id is known; message_id and conversation_id are the
 * first copy's, is_same tells whether its fingerprint is equal; states are not
 * written then, and nothing else is. */
struct store_add_message {
	struct store_write write;
	const char *channel, *account, *key, *language;
	const char *external_ids[MESSAGE_EXTERNAL_IDS]; /* NULL: none */
	struct message message; /* id and conversation_id are set */
	bool is_queued;		/* wants a turn; else it is only kept */
	/* The external id of a message that this one takes back, or corrects:
	 * if it is still queued it will not be answered, and a turn that had it
	 * becomes stale; one that corrects it has that id from then on.  If it
	 * is not queued, one that corrects it is only kept, and is_late is set;
	 * of one that takes it back, which is not queued itself, replies to
	 * nothing else that are not out become withdrawn.  NOT_FOUND: the
	 * conversation has no such message.  NULL or "": none. */
	const char *withdraws;
	/* All that the customer said and that is still queued is taken back,
	 * and replies that are not out become withdrawn.  NOT_FOUND: there is
	 * no such conversation. */
	bool withdraws_all;
	struct arena *arena; /* of what is set; for what withdraws */
	/* The channel is a desk: key is the public id of a conversation of any
	 * channel (else NOT_FOUND), whose route stays as it is. */
	bool is_desk;
	const void *route; /* becomes the conversation's; NULL: keep */
	size_t route_len;
	uint8_t fingerprint[FINGERPRINT_BYTES];
	const struct plugin_state *states;
	size_t n_states;
	char public_id[CONVERSATION_ID_SIZE]; /* set: the conversation's */
	/* Set with OK: how that was, and the replies that were withdrawn, in
	 * no order. */
	enum conversation_state conversation_state;
	const int64_t *withdrawn;
	size_t n_withdrawn;
	bool is_late;
	bool is_same; /* set with DUPLICATE */
};
extern const struct store_verb store_verb_add_message;

/* Rows that outlived a crash are marked before they are worked on again: a
 * row that is found so at the next start had a hand in that crash, and its
 * crashes counts one more.  The mark of before_id, a conversation or 0, is
 * taken back with that. */
struct store_mark_running {
	struct store_write write;
	int64_t conversation_id, before_id;
};
extern const struct store_verb store_verb_mark_running;

/* A turn was refused that no other try can make right: of each of its messages,
 * which end with the one of that id, the crashes count one more. */
struct store_count_refused {
	struct store_write write;
	int64_t conversation_id, last_message;
};
extern const struct store_verb store_verb_count_refused;

/* At start: queues what was running, counting a crash of each unless the last
 * process closed the store, and lists the conversations that have something
 * queued, oldest message first. */
struct store_recover {
	struct store_write write;
	struct arena *arena;
	const int64_t *conversations; /* set */
	size_t n_conversations;
};
extern const struct store_verb store_verb_recover;

/* What is queued or marked as running in a conversation, oldest first, at most
 * limit.  Returns how many, or -1 and *err. */
long store_queued_messages(struct store_reader *, struct arena *,
			   int64_t conversation_id, size_t limit,
			   const struct message **list_r, struct err *);

/* The messages that a turn answers, as it had them. */
long store_answered_messages(struct store_reader *, struct arena *,
			     int64_t turn_id, const struct message **list_r,
			     struct err *);

/* What was made of a message when it was answered, JSON: *derived_r, "" if that
 * is nothing, NULL if there is no such message.  0, or -1 and *err. */
int store_message_derived(struct store_reader *, struct arena *,
			  int64_t message_id, const char **derived_r,
			  struct err *);

/* The rule by which the turn of a message was decided; NULL: it has had none
 * yet.  0, or -1 and *err. */
int store_message_rule(struct store_reader *, struct arena *,
		       int64_t message_id, const char **rule_r, struct err *);

#endif
