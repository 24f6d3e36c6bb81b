/* One turn: some messages of a conversation in, a decision and replies out.
 *
 * Deciding reads nothing but its input and writes nothing but its result: the
 * same input gives the same bytes, whenever and wherever (replay). */
#ifndef DIALOG_TURN_H
#define DIALOG_TURN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/message.h"
#include "store/turn.h"

struct arena;
struct form_result;
struct index_scratch;
struct json_t;
struct knowledge;

enum turn_kind {
	TURN_ANSWER,
	TURN_OPTIONS,
	TURN_ASK,
	TURN_FORM,
	TURN_SMALLTALK,
	TURN_OUT_OF_SCOPE,
	TURN_HANDOVER
};
#define TURN_KINDS (TURN_HANDOVER + 1)
const char *turn_kind_name(enum turn_kind);

/* The rule of a turn that is not tried any more. */
#define RULE_CRASHED "crashed"
/* The rule of an act that did nothing: its author may not do it, or it does not
 * apply to what the conversation is by now. */
#define RULE_REFUSED "refused"

/* One turn too many has failed. */
#define RULE_NOT_UNDERSTOOD "not_understood"

struct turn_input {
	const struct conversation *conversation; /* as it was before */
	const struct message *messages;		 /* at least 1, oldest first */
	size_t n_messages;
	const struct knowledge *knowledge;
	struct index_scratch *scratch;
	/* The agents' side: a plugin, or CHANNEL_TERMINAL for those who work by
	 * tellerctl; "" if there is none. */
	const char *desk;
	int64_t now_us;
};

/* Of the record.  1 had the memory as it was, and what was searched. */
#define RECORD_VERSION 2

#define TURN_REPLIES_MAX 4 /* one of them of a case */
#define TURN_CHANGES_MAX 2

/* Texts are in the arena given to turn_decide(), or in the knowledge. */
struct turn_result {
	size_t n_messages;    /* how many of the first messages it takes in */
	const char *question; /* their words, joined */
	enum turn_kind kind;
	const char *rule;  /* what decided: "retrieval", "trigger:card_lost" */
	const char *entry; /* "name@version" it cites, or "" */
	double confidence;
	struct reply replies[TURN_REPLIES_MAX];
	size_t n_replies;
	struct state_change changes[TURN_CHANGES_MAX];
	size_t n_changes;
	enum conversation_state state; /* afterwards */
	int failed_turns;
	const char *memory;
	const char *owner;
	int64_t lease_until_us;
	const struct form_result *form; /* that ended with it, or NULL */
	bool asks_digits;		/* for the last four of a card */
	/* What goes on in the conversation with the author alone, as messages
	 * of it without ids, and the key of that; NULL: nothing does. */
	const char *onward_key;
	const struct message *onward;
	size_t n_onward;
	const char *record;	    /* the decision record, JSON */
	const char *const *derived; /* of each message (said_derive()) */
};

/* What the customer said in these messages, as one text. */
const char *turn_question(const struct message *, size_t n, struct arena *);

void turn_decide(const struct turn_input *, struct arena *,
		 struct turn_result *result_r);

#endif
