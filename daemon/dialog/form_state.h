/* How far a form has come: the object "form" of a conversation's memory. */
#ifndef DIALOG_FORM_STATE_H
#define DIALOG_FORM_STATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nlu/form.h"

enum form_verdict {
	VERDICT_OK,
	VERDICT_SKIPPED, /* the customer left it out */
	VERDICT_OPEN	 /* he gave no answer of use */
};
const char *form_verdict_name(enum form_verdict);

struct form_value {
	const char *slot;
	const char *value; /* normalised; "" but for VERDICT_OK */
	enum form_verdict verdict;
	int64_t message_id; /* that it was taken from; 0: not known */
};

struct form_state {
	const char *name;    /* NULL: no form is open */
	const char *slot;    /* that is asked for; "": none, or the summary */
	const char *trigger; /* that began it, or "" */
	const char *last;    /* slot that was filled last, or "" */
	/* The form that ended last while this customer waits, or "": it does
	 * not begin again by itself. */
	const char *done;
	bool is_begun;	    /* the introduction was said */
	bool is_paused;	    /* asks nothing until the customer goes on */
	bool is_confirming; /* the summary was shown */
	bool is_skipped;    /* he would leave out what cannot be */
	int reasks;	    /* of what is asked for now, in a row */
	int between;	    /* questions that the customer asked, in a row */
	int64_t at_us;	    /* of its last turn */
	struct form_value values[FORM_SLOTS_MAX];
	size_t n_values;
};

/* From the memory's object, which may be NULL; texts go to the arena. */
void form_state_read(struct form_state *, struct arena *, const json_t *);
/* A new object, or NULL when there is nothing to keep. */
json_t *form_state_write(const struct form_state *);

/* NULL: the slot was not dealt with. */
const struct form_value *form_state_value(const struct form_state *,
					  const char *slot);
/* Replaces what the slot had; the texts are borrowed. */
void form_state_set(struct form_state *, const struct form_value *);
void form_state_unset(struct form_state *, const char *slot);
/* No form is open any more. */
void form_state_end(struct form_state *);

#endif
