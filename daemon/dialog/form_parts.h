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
	size_t begin;	   /* where the message begins in the turn's words */
	const char *event; /* for the record: filled, asked again, ... */
	bool has_taken;	   /* an earlier message of the turn was an answer */
	bool is_new;	   /* it begins, or goes on, with this turn */
	bool is_pausing;   /* it is paused by this turn */
	/* Why the question is asked again; FORM_TEXTS: it is not. */
	enum form_text problem;
	const char *limit;
	/* Reference of the answers of another form, which it ended; NULL:
	 * there are none. */
	const char *kept;
	struct form_filled {
		const struct form_slot *slot;
		size_t begin, end; /* of the turn's words */
		int64_t message_id;
		bool is_echoed; /* the customer is told what was noted */
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

/* form.c */

/* The turn's reply, with all that was composed for it, is the form's. */
void form_reply(struct deciding *);

/* Go to what is asked next; is_right: the customer saw all, and so it is. */
void form_go_on(struct deciding *, bool is_right);
/* The rule of a turn that is that form's. */
const char *form_rule(struct deciding *, const char *name);

/* form_take.c */

/* To a customer's words while a form is open and not paused.  false: they are
 * none of its business. */
bool form_take_words(struct deciding *);
/* Only a person can go on: in his hands is what was answered so far. */
void form_give_to_person(struct deciding *, enum form_text);
/* Keep what a button of a choice, perhaps of an earlier one, stands for, and go
 * on.  false: it is none of the open form's. */
bool form_keep_choice(struct deciding *, const char *option);

/* form_burst.c */

/* Take the answers of several messages, one after the other.  true: the reply
 * is made; false: the turn's words are now what is left of them. */
bool form_take_burst(struct deciding *);

/* form_between.c */

/* Is it a question, or does it end with one? */
bool form_is_question(const struct deciding *);

/* Asked for a text, does the customer ask something himself? */
bool form_is_asked(const struct deciding *, const struct form_slot *);
/* Answer what the customer asks instead, and ask on.  false: it is no question,
 * or nobody knows an answer. */
bool form_answer_between(struct deciding *);
/* One more turn in a row that is not about the form: too many, and it is
 * paused. */
void form_count_between(struct deciding *);
/* To a question that has no certain answer: the nearest ones, or that there is
 * none, and ask on; or a person, as that is a turn that failed, though no
 * answer to the form did.  false: it is no question. */
bool form_ask_back(struct deciding *);

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

/* form_correct.c */

/* Take from the message what it says of answers that were given before, whether
 * it says so or names them.  false: nothing. */
bool form_correct(struct deciding *, const struct form_slot *asked);
/* "from 1 December" to another question: it can only be the answer before. */
bool form_correct_last(struct deciding *, const struct form_slot *asked);
/* "The amount was too high": does the message begin by saying what another slot
 * is? */
bool form_is_of_other(struct deciding *, const struct form_slot *asked);
/* "No card": there is nothing to answer with. */
bool form_has_none(const struct deciding *, const struct form_slot *);
/* That, or "no" to what is no yes or no. */
bool form_declines(const struct deciding *, const struct form_slot *);

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
