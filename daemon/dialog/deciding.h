/* The parts of one decision, for the files of turn.h. */
#ifndef DIALOG_DECIDING_H
#define DIALOG_DECIDING_H

#include <jansson.h>

#include "base/buf.h"
#include "base/mem.h"
#include "dialog/knowledge.h"
#include "dialog/memory.h"
#include "dialog/turn.h"
#include "faq/index.h"
#include "nlu/pack.h"

#define CANDIDATES_MAX 50
#define REPLY_MAX_BYTES (64 * 1024)

/* Options of a reply: an entry by name, or a person. */
#define OPTION_ENTRY "faq:"
#define OPTION_PERSON "person"

struct deciding {
	const struct turn_input *in;
	struct arena *arena;
	struct turn_result *out;
	struct memory memory;
	const char *question; /* the customer's words, joined */
	const char *chosen;   /* option, however he chose it; NULL: none */
	const struct smalltalk *smalltalk; /* all he said is this, or NULL */
	struct candidate candidates[CANDIDATES_MAX];
	size_t n_candidates;
	const struct index_entry *entry; /* the one that answers */
	struct buf body;		 /* CommonMark for the customer */
	bool has_replied;
	json_t *options, *sources; /* arrays */
};

/* answer.c */

/* To words that are no trigger, and that nobody else answers. */
void answer_customer(struct deciding *);

/* choose.c */

/* The newest choice among the messages, or what the words say of the options
 * of the last reply; NULL: none was made. */
const char *choose_option(const struct deciding *);

/* compose.c */

/* The pack's text with its run-time name, if any, filled in. */
const char *compose_text(struct deciding *, enum pack_text, const char *value);
/* Add a paragraph to the body. */
void compose_paragraph(struct deciding *, const char *text);
/* The id must live as long as the decision. */
void compose_option(struct deciding *, const char *id, const char *label);
/* Make the body the customer's reply: what every reply carries besides (who
 * answers, what was masked) is put around it. */
void compose_reply(struct deciding *);
/* A reply of that job to a plugin; target "" is the customer's channel. */
void compose_row(struct deciding *, const char *target, const char *job,
		 const char *kind, const char *author, const char *text);

/* handover.c */

/* To a person: first_aid, if any, is said at once. */
void handover_begin(struct deciding *, const char *reason, const char *actor,
		    const char *first_aid);
/* The customer wrote while he waits for a person, or has one: his words go to
 * the desk. */
void handover_forward(struct deciding *);
/* An agent, or a timer, acts. */
bool handover_is_action(const struct message *);
void handover_act(struct deciding *, const struct message *);
void handover_change(struct deciding *, enum conversation_state to,
		     const char *reason, const char *actor);

/* record.c */

/* The decision record, once everything else is decided. */
const char *record_write(const struct deciding *);

#endif
