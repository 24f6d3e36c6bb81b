/* What the files of form.h have in common. */
#ifndef DIALOG_FORM_PARTS_H
#define DIALOG_FORM_PARTS_H

#include "dialog/deciding.h"
#include "dialog/form.h"
#include "dialog/form_check.h"

/* Options of a reply besides a form itself: an answer to its question, and what
 * the summary asks. */
#define OPTION_SLOT "slot:" /* slot:NAME:CHOICE */
#define OPTION_RIGHT "form_right"
#define OPTION_WRONG "form_wrong"

/* What a turn does with a form. */
struct form_run {
	const struct form *form;
	struct form_heard heard;
	struct form_message message;
	const char *event; /* for the record: filled, asked again, ... */
	bool is_new;	   /* it begins, or goes on, with this turn */
	bool is_pausing;   /* it is paused by this turn */
	/* Why the question is asked again; FORM_TEXTS: it is not. */
	enum form_text problem;
	const char *limit;
	struct form_filled {
		const struct form_slot *slot;
		size_t begin, end; /* of the message's words */
		bool is_echoed;	   /* the customer is told what was noted */
	} filled[FORM_SLOTS_MAX];
	size_t n_filled;
};

/* form_state.c says what is kept, these how it stands to the pack's form. */

/* Is the slot asked at all, after what was chosen? */
bool form_applies(const struct form_state *, const struct form_slot *);
/* The next slot to ask for; NULL: every one was dealt with. */
const struct form_slot *form_next(const struct form_state *,
				  const struct form *);
/* The slot of that name; NULL: there is none. */
const struct form_slot *form_slot_named(const struct form *, const char *);

/* form_fill.c */

/* Take from the message what it answers.  slot is what was asked for, NULL:
 * nothing, or the summary.  false: nothing was; run->problem says why the
 * slot's answer is none. */
bool form_fill(struct deciding *, const struct form_slot *);
/* Keep a value for a slot. */
void form_keep(struct deciding *, const struct form_slot *,
	       const struct form_answer *, bool is_echoed);
/* The slot gets no value: why. */
void form_leave_out(struct deciding *, const struct form_slot *,
		    enum form_verdict);

/* form_say.c */

/* The pack's text for any form with its run-time name filled in. */
const char *form_words(struct deciding *, enum form_text, const char *value);
/* What stands at the end of a reply while a form is open: its question. */
void form_say(struct deciding *);
/* form_end.c */

/* All was answered. */
void form_finish(struct deciding *);
/* It ends before that; the reference of what is kept for a person, NULL when
 * nothing had been answered. */
const char *form_break(struct deciding *);

#endif
