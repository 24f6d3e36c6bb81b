/* Customers who wait for a person: whoever is not taken in time is told when
 * and how a person answers.  On the loop thread. */
#ifndef DIALOG_WAITING_H
#define DIALOG_WAITING_H

#include <stddef.h>
#include <stdint.h>

struct conversation;
struct err;
struct loop;
struct memory;
struct store;

struct waiting;
/* overdue() is called for a conversation that is not taken within claim_ms,
 * and again from time to time until it ends to wait, or its customer is told:
 * the episode says which of them are one. */
struct waiting *waiting_new(struct loop *,
			    void (*overdue)(void *arg, const char *channel,
					    const char *conversation,
					    int episode),
			    void *arg);
void waiting_free(struct waiting *);
void waiting_set_claim(struct waiting *, int64_t claim_ms);

/* A conversation waits, or does no more.  One whose customer was told is only
 * counted. */
void waiting_begin(struct waiting *, const struct conversation *,
		   const struct memory *);
void waiting_end(struct waiting *, int64_t conversation_id);
size_t waiting_length(const struct waiting *);

/* Take up those who waited when the former process ended.  0, or -1. */
int waiting_recover(struct waiting *, struct store *, struct err *);

#endif
