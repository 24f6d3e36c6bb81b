/* What agents follow: what is said, and who has what. */
#ifndef STORE_DESK_H
#define STORE_DESK_H

#include "store/store.h"

struct arena;

/* Said by whomever. */
struct desk_words {
	int64_t id;
	const char *conversation; /* public id */
	const char *author;	  /* customer, bot, system, agent, note */
	const char *name;	  /* of an agent, also of a note's */
	const char *text;	  /* redacted */
	int64_t at_us;
	int crashes;	  /* of a message */
	const char *rule; /* of a message's turn; "" */
};
/* With conversation_id all that was said in that one, colleagues' notes with
 * it; with 0 what customers write, and notes, in those that wait or are with a
 * person just now.  After the one with that id, oldest first, at most limit.
 * Returns how many, or -1 and *err. */
long store_desk_words(struct store_reader *, struct arena *,
		      int64_t conversation_id, int64_t after, size_t limit,
		      const struct desk_words **list_r, struct err *);

/* A change of a conversation's state. */
struct desk_change {
	int64_t id;
	const char *conversation;
	const char *from, *to, *reason, *actor;
	const char *text; /* the customer's words that led to it, or "" */
	int64_t at_us;
};
/* The same of changes; with 0 of all conversations. */
long store_desk_changes(struct store_reader *, struct arena *,
			int64_t conversation_id, int64_t after, size_t limit,
			const struct desk_change **list_r, struct err *);

/* The rules of a conversation's turns since then that triggers made, each once:
 * "trigger:NAME", of two with the other one behind a comma.  Returns how many,
 * or -1 and *err. */
long store_desk_triggers(struct store_reader *, struct arena *,
			 int64_t conversation_id, int64_t from_us,
			 const char *const **list_r, struct err *);

/* Behind these ids everything is yet to come. */
struct desk_place {
	int64_t words, change, form_case;
};
/* Where everything is yet to come.  0, or -1 and *err. */
int store_desk_now(struct store_reader *, struct desk_place *place_r,
		   struct err *);

#endif
