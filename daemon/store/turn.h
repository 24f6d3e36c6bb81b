/* Turns: what was decided, and everything that follows, in one transaction. */
#ifndef STORE_TURN_H
#define STORE_TURN_H

#include "store/case.h"
#include "store/conversation.h"
#include "store/message.h"

/* A row of the outbox.  Also what the outbox works from. */
struct reply {
	int64_t id; /* set when stored */
	int64_t conversation_id, turn_id;
	const char *target; /* plugin that delivers it */
	const char *job;    /* reply, notice, agent_text, desk_card, ... */
	const char *kind;   /* answer, ask, ...; "" */
	double confidence;
	const char *author;
	const char *text;
	/* Does it repeat what was said to us, it is kept in the `derived` of
	 * that message of the turn (0: it does not), and the row has the rest.
	 */
	int64_t words_id;
	const char *rest;
	const char *options_json, *sources_json; /* NULL: "[]" */
	int attempts;
	int maybe_sent; /* of these, those that may have arrived */
	int64_t next_at_us;
	const void *progress;
	size_t progress_len;
	int64_t created_at_us;
};

/* A change of state that goes with a write. */
struct state_change {
	enum conversation_state from, to;
	const char *reason, *actor;
};

/* Commit a turn: its messages become done, its replies pending, the
 * conversation what `after` says of it, and its draft a case.  STALE, and
 * nothing is written, when the conversation has a queued message newer than
 * newest_seen (unless is_final), or is no longer in state `before`, or one of
 * the messages is not queued there (any more): another turn answered it, or it
 * was withdrawn. */
struct store_finish_turn {
	struct store_write write;
	int64_t conversation_id;
	const int64_t *messages; /* all that this turn answers */
	/* What was made of each of them, JSON, "": nothing; NULL: of none.  It
	 * goes with the message.  Replies with a words_id stand in that one's,
	 * {"replies": {job: text}}. */
	const char *const *derived;
	size_t n_messages;
	int64_t newest_seen;
	bool is_final;
	enum conversation_state before;
	struct {
		enum conversation_state state;
		int failed_turns;
		const char *memory;
		const char *owner;
		int64_t lease_until_us;
	} after;
	const struct state_change *changes;
	size_t n_changes;
	struct reply *replies; /* ids are set */
	size_t n_replies;
	const struct case_draft *draft; /* NULL: it makes no case */
	/* What is left to another conversation of that channel and account,
	 * which is made if there is none: messages that are queued there. NULL:
	 * nothing. */
	const char *onward_key;
	const struct message *onward;
	size_t n_onward;
	int64_t onward_id, onward_newest; /* set: that one, and its newest */
	const char *kind, *rule, *entry, *record;
	double confidence;
	int64_t now_us;
	int64_t decide_us; /* that deciding took; 0: not measured */
	int64_t turn_id;   /* set */
};
extern const struct store_verb store_verb_finish_turn;

/* What became of an attempt to deliver. */
enum reply_outcome {
	REPLY_SENT,
	REPLY_FAILED,	/* for good */
	REPLY_RETRY,	/* at next_at_us */
	REPLY_PROGRESS, /* keep what the plugin has done so far */
	REPLY_TRYING	/* an attempt begins; after a crash, one maybe_sent */
};
/* NOT_FOUND when there is no such reply, STALE when it is not pending.  One
 * that was withdrawn takes all but REPLY_TRYING: it becomes sent if it was, and
 * else stays withdrawn.  When one has failed that a customer should have had in
 * a conversation that was begun with what he wrote in others, a message
 * MESSAGE_UNREACHED is queued in each of these, once. */
#define MESSAGE_UNREACHED "unreached"
struct unreached {
	int64_t conversation_id, message_id;
};
struct store_mark_reply {
	struct store_write write;
	int64_t id;
	enum reply_outcome outcome;
	int maybe_sent; /* with REPLY_FAILED and REPLY_RETRY */
	int attempts;	/* with REPLY_RETRY: those that were made */
	int64_t next_at_us;
	const void *progress; /* NULL: as it was */
	size_t progress_len;
	const char *external_id, *error; /* NULL: "" */
	/* With REPLY_SENT and REPLY_FAILED: a reply of the same turn to add, if
	 * an agent at the desk that is its target wrote what this one says; its
	 * id is set, 0 if it was not added.  NULL: none. */
	struct reply *receipt;
	int64_t now_us;
	struct arena *arena;		   /* of what is set */
	const struct unreached *unreached; /* set: what was queued */
	size_t n_unreached;
};
extern const struct store_verb store_verb_mark_reply;

/* Pending rows of the outbox with an id above `after`, in order, at most
 * limit.  Returns how many, or -1 and *err. */
long store_pending_replies(struct store_reader *, struct arena *, int64_t after,
			   size_t limit, const struct reply **list_r,
			   struct err *);
/* The reply of a conversation that the channel knows by that id: *id_r, 0 if
 * there is none.  0, or -1 and *err. */
int store_find_reply(struct store_reader *, int64_t conversation_id,
		     const char *external_id, int64_t *id_r, struct err *);
/* The messages that the turn of a reply answers. */
long store_turn_messages(struct store_reader *, struct arena *, int64_t turn_id,
			 const int64_t **list_r, struct err *);

struct turn {
	int64_t id, conversation_id;
	const char *kind, *rule, *entry, *record;
	double confidence;
	int64_t at_us, decide_us;
};
/* The turns of a conversation, oldest first; with conversation_id 0 all, from
 * the one after `after`.  Returns how many, or -1 and *err. */
long store_turns(struct store_reader *, struct arena *, int64_t conversation_id,
		 int64_t after, size_t limit, const struct turn **list_r,
		 struct err *);

/* The turn that a reply of the bot in that conversation is of.  1: it is there;
 * 0, and *found_r is NULL: there is no such reply; -1 and *err. */
int store_reply_turn(struct store_reader *, struct arena *,
		     int64_t conversation_id, int64_t reply_id,
		     const struct turn **found_r, struct err *);

/* A rating for a reply, by the customer or a reviewer; the newest counts.
 * Nothing is written when that already says the same, by the same actor.
 * NOT_FOUND when there is no such reply that a customer sees; a message rates
 * those of its own conversation alone.  DUPLICATE when the message has rated
 * before.  INVALID when the reply was rated FEEDBACK_MAX times. */
#define FEEDBACK_MAX 50
struct store_add_feedback {
	struct store_write write;
	int64_t reply_id;
	int64_t message_id; /* 0: none; its text is the comment */
	int rating;	    /* -1, 1 */
	const char *reason; /* NULL or "": none */
	const char *actor;
	int64_t now_us;
};
extern const struct store_verb store_verb_add_feedback;

/* What a reviewer says of a turn; the newest counts.  Written with its row of
 * the audit.  NOT_FOUND when there is no such turn, INVALID when the verdict
 * does not go with the entry, or there is no such entry. */
struct store_add_review {
	struct store_write write;
	int64_t turn_id;
	const char *verdict; /* approved, rejected, corrected */
	/* With corrected alone, and then needed: the name of the entry that
	 * should have answered, "" if none should have. */
	const char *entry;
	const char *note, *actor;
	int64_t now_us;
};
extern const struct store_verb store_verb_add_review;

/* Totals since the beginning, for status. */
struct store_totals {
	int64_t conversations, waiting, messages, queued, turns,
		replies_pending, replies_failed, cases_open, entries_approved,
		entries_draft;
};
int store_totals(struct store_reader *, struct store_totals *, struct err *);

#endif
