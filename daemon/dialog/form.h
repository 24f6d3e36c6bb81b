/* Forms: questions of the pack that the bot asks one after the other, for a
 * person to read.  What a customer answered stands in the conversation's memory
 * until the form ends, and then in the turn's result. */
#ifndef DIALOG_FORM_H
#define DIALOG_FORM_H

#include <stdbool.h>

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

#endif
