/* Conversations in which something is due at a time: a customer who waits is
 * told when nobody takes him, a person who has one and does nothing loses it,
 * and so does one whose desk does not run any more.  On the loop thread. */
#ifndef DIALOG_WAITING_H
#define DIALOG_WAITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conversation;
struct err;
struct loop;
struct memory;
struct store;

enum due_kind { DUE_UNCLAIMED, DUE_LEASE, DUE_DESK };

/* Texts are borrowed for the call. */
struct due {
	enum due_kind kind;
	const char *channel, *conversation;
	/* Which of several in that conversation it is. */
	int episode, turns;
	int64_t at_us;
};

struct waiting_config {
	struct loop *loop;
	struct store *store;
	void *arg;
	/* Called when something is due, and again from time to time until
	 * waiting_note() says that it is over. */
	void (*due)(void *arg, const struct due *);
	/* Can a person who works at that desk be reached? */
	bool (*is_desk_there)(void *arg, const char *desk);
};

/* When the clock of a conversation that is in that state runs out, and what is
 * due then; 0: none runs.  Any thread. */
int64_t waiting_until(const struct conversation *, const struct memory *,
		      int64_t claim_ms, enum due_kind *kind_r);

struct waiting;
struct waiting *waiting_new(const struct waiting_config *);
void waiting_free(struct waiting *);
/* How long a customer waits until he is told so. */
void waiting_set_claim(struct waiting *, int64_t claim_ms);

/* What the conversation is from now on, by its state, lease, turns and memory;
 * other members are not looked at but its names. */
void waiting_note(struct waiting *, const struct conversation *,
		  const struct memory *);
size_t waiting_length(const struct waiting *); /* customers who wait */

/* Take up those that were there when the former process ended.  0, or -1. */
int waiting_recover(struct waiting *, struct err *);

#endif
