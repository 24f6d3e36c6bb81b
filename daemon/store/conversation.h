/* Conversations and what was said in them. */
#ifndef STORE_CONVERSATION_H
#define STORE_CONVERSATION_H

#include "store/store.h"

struct arena;

#define CONVERSATION_ID_SIZE 27 /* "cnv_", 22 characters, NUL */
#define MESSAGE_ID_SIZE 24	/* "msg_", a number, NUL */

/* "msg_17" and back; parse returns 0 when text is no such id. */
const char *message_id_format(int64_t id, char out[MESSAGE_ID_SIZE]);
int64_t message_id_parse(const char *text);

enum conversation_state {
	STATE_BOT,
	STATE_WAITING,
	STATE_PERSON,
	STATE_CLOSED
};
const char *conversation_state_name(enum conversation_state);
bool conversation_state_by_name(const char *, enum conversation_state *);

struct conversation {
	int64_t id;
	const char *public_id; /* "cnv_..." */
	const char *channel, *account, *key;
	const char *language;
	/* Who the channel has proof the customer is, {"id", "name"}; "": nobody
	 * knows. */
	const char *identity;
	enum conversation_state state;
	const char *owner;
	int64_t lease_until_us;
	int failed_turns;   /* in a row */
	int turns;	    /* all that were committed */
	const char *memory; /* the dialog's own, JSON; "" at first */
	const void *route;
	size_t route_len;
	int64_t created_at_us, updated_at_us;
};

/* One thing that was said: a customer's message, or a reply. */
struct entry {
	int64_t id;
	bool is_reply;
	const char *author; /* customer, bot, agent, system */
	const char *name;   /* agent's */
	const char *kind;   /* a reply's kind, a message's kind */
	const char *text;
	const char *option;
	double confidence;
	const char *options_json, *sources_json; /* "[]" */
	const int64_t *in_reply_to;
	size_t n_in_reply_to;
	/* queued ... done, kept; pending, sent, failed, withdrawn */
	const char *state;
	int64_t turn_id;  /* 0: none */
	int rating;	  /* the last one a reply got; 0: none */
	bool is_approved; /* a reviewer approved the reply's turn */
	int64_t at_us;
};

/* Make the conversation of (channel, account, key) unless there is one
 * (DUPLICATE); id and public_id are set either way.  A key that starts with
 * "cnv_" must be the public id of a conversation of that channel: NOT_FOUND
 * otherwise. */
struct store_open_conversation {
	struct store_write write;
	const char *channel, *account, *key, *language;
	const char *identity; /* of struct conversation; NULL: "" */
	int64_t now_us;
	int64_t id;
	char public_id[CONVERSATION_ID_SIZE];
	bool is_same; /* set with DUPLICATE: it has that language and identity
		       */
};
extern const struct store_verb store_verb_open_conversation;

/* By public id, or by channel, account and key (which may be a public id of
 * that channel).  1: it is there; 0, and *found_r is NULL: it is not; -1 and
 * *err. */
int store_get_conversation(struct store_reader *, struct arena *,
			   const char *public_id,
			   const struct conversation **found_r, struct err *);
int store_find_conversation(struct store_reader *, struct arena *,
			    const char *channel, const char *account,
			    const char *key,
			    const struct conversation **found_r, struct err *);
int store_conversation_by_id(struct store_reader *, struct arena *, int64_t id,
			     const struct conversation **found_r, struct err *);

/* Newest first, those with an id below `before` (0: all), at most limit; state
 * and channel NULL or "": any.  Returns how many, -1 and *err. */
long store_list_conversations(struct store_reader *, struct arena *,
			      const char *channel, const char *state,
			      int64_t before, size_t limit,
			      const struct conversation **list_r, struct err *);

/* Entries of a conversation after the one with that id, oldest first, at most
 * limit; *more_r tells if there are others.  It is what the customer and those
 * who answer him said: messages of the kinds text, option and handover,
 * and replies of the jobs reply, notice (by "system") and agent_text.  The text
 * of an option is its label, as it was offered.  Returns how many, or -1 and
 * *err. */
long store_history(struct store_reader *, struct arena *,
		   int64_t conversation_id, int64_t after, size_t limit,
		   const struct entry **list_r, bool *more_r, struct err *);
/* The same for those who were there: without the replies that the customer took
 * back before they were out. */
long store_told(struct store_reader *, struct arena *, int64_t conversation_id,
		int64_t after, size_t limit, const struct entry **list_r,
		bool *more_r, struct err *);

struct transition {
	const char *from, *to, *reason, *actor;
	int64_t at_us;
};
/* Every change of its state, oldest first. */
long store_transitions(struct store_reader *, struct arena *,
		       int64_t conversation_id, const struct transition **,
		       struct err *);

#endif
