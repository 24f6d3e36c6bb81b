/* Forms: questions of the pack that the bot asks one after the other, for a
 * person to read.  What a customer answered stands in the conversation's memory
 * until the form ends, and then in the turn's result. */
#ifndef DIALOG_FORM_H
#define DIALOG_FORM_H

#include <jansson.h>
#include <stdbool.h>

#include "nlu/form.h"

struct deciding;
struct trigger;

/* A form that ended: what a case is made of.  Texts are in the turn's arena, or
 * in the pack. */
struct form_result {
	const char *form, *title; /* of the pack */
	const char *reference;	  /* for the customer; text/reference.h */
	/* Every question that must be answered was.  Else a person came before
	 * that, or has to go on from here. */
	bool is_complete;
	/* JSON: [{"slot":"day","label":"Day","type":"date",
	 * "value":"2026-11-03","verdict":"ok"}, ...], in the order of the
	 * pack.  Verdicts: ok; skipped, by the customer, and open, when he
	 * gave no answer of use, both with value "". */
	const char *slots;
};

/* The trigger that the customer's words fire, or NULL; returns what of it is
 * left.  One that names a form begins it, with what the words already answer,
 * and counts for nothing where its form is open: it is part of an answer.  So
 * is one below that which began the open form, if the words answer what is
 * asked; if they do not, its form does not begin. */
const struct trigger *form_trigger(struct deciding *, const struct trigger *);
/* Words that are no trigger and no wish for a person: true when they were for a
 * form, and the reply is made. */
bool form_take(struct deciding *);
/* Does one ask something, which no turn before this one paused? */
bool form_is_open(const struct deciding *);
/* Add to a reply what a form says behind it: its open question, or that it is
 * offered. */
void form_follow(struct deciding *);
/* When all is decided, or before something is said of it: no form is open when
 * a person has the conversation, or nobody is waited for any more, unless the
 * customer only left the queue and its question stands in the reply.  What the
 * customer is to be told of one that ends so, or NULL. */
const char *form_settle(struct deciding *);
/* Does the turn end with a question for something of that type? */
bool form_asks(const struct deciding *, enum slot_type);
/* What the turn did with a form (deciding.form), for its record: an object.
 * Whatever the customer said is in his messages, and only named by that and its
 * span. */
json_t *form_record(const struct deciding *);

#endif
