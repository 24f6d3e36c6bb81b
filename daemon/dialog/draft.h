/* A draft of an answer, for the agent who has a conversation: what the
 * generator makes of the approved entries that are nearest and of what was
 * said.  It is shown to the agent who asks for it and kept nowhere; no customer
 * gets it but by that agent's own hand. */
#ifndef DIALOG_DRAFT_H
#define DIALOG_DRAFT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

struct desk;
struct err;
struct generator_wish;

#define DRAFT_ENTRIES_MAX 3

struct draft_entry {
	const char *name, *title;
	int version;
};

struct draft {
	struct arena arena; /* all below is in it */
	const char *text;   /* without control characters but "\n" */
	bool is_cut;	    /* it had no room to end */
	struct draft_entry
		entries[DRAFT_ENTRIES_MAX]; /* that it had before it */
	size_t n_entries;
	size_t n_prompt, n_new; /* tokens */
};

/* Of the conversation with that id, "cnv_...".  Waits for the generator: on a
 * thread of generator_pool().  0, or -1 and *err; to be released either way.
 * Without entries when none is near; when none of those that are has room, it
 * fails, and so it does when the wish is given up. */
int draft_make(struct desk *, const char *conversation, struct generator_wish *,
	       struct draft *, struct err *);
void draft_release(struct draft *);

#endif
