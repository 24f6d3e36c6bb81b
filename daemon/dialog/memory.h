/* What the dialog remembers of a conversation beyond its state: a small JSON
 * text in the store that only this file reads and writes. */
#ifndef DIALOG_MEMORY_H
#define DIALOG_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dialog/form_state.h"

struct arena;

#define OFFERED_MAX 8
#define SHOWN_MAX 24

/* What was answered last: what a question that leaves it out is about. */
struct topic {
	const char *entry; /* its name; "": there is none */
	const char *intent, *words;
	int age;       /* turns since then */
	int64_t at_us; /* when it was answered */
};

struct memory {
	int episode;	  /* handovers so far: names the timers of each */
	bool is_told;	  /* in this episode: that nobody came yet */
	int64_t since_us; /* from when on he may expect somebody to come */
	int64_t asked_us; /* when he asked for a person: his place in the
			   * queue, which he keeps when one leaves him */
	const char *desk; /* that has its card, or "" */
	/* Options of the last reply that had any: what "yes" means, and the
	 * words of one. */
	const char *offered[OFFERED_MAX];
	size_t n_offered;
	/* All that it showed, in its order: those, and buttons that only a
	 * click or its number means. */
	const char *shown[SHOWN_MAX];
	size_t n_shown;
	const char *call_back; /* his telephone number, or "" */
	int64_t call_back_id;  /* of the message that has it; 0: not known */
	/* There were turns, and none said yet who answers. */
	bool owes_disclosure;
	struct topic topic;
	struct form_state form;
};

/* A text that is empty or not ours gives a fresh memory.  Numbers of one that
 * is damaged are brought within bounds, as json_get_count() and json_get_time()
 * do.
 */
void memory_read(struct memory *, struct arena *, const char *text);
const char *memory_write(const struct memory *, struct arena *);

#endif
