/* Explain cards: what a turn was decided upon, for people.  Any thread. */
#ifndef DIALOG_EXPLAIN_H
#define DIALOG_EXPLAIN_H

#include <jansson.h>
#include <stdint.h>

struct arena;
struct err;
struct store_reader;
struct turn;

/* The record of the turn, with what it has by reference in words, its number
 * ("turn"), its time ("at"), how long deciding took ("decide_us"), and the
 * question of each candidate.  Decref'ed by the caller.  NULL and *err. */
json_t *explain_turn(struct store_reader *, struct arena *, const struct turn *,
		     struct err *);
/* The card of the turn of a bot's reply without the name of an agent, as text
 * in the arena: host_events has the contract. */
int explain_reply_json(struct store_reader *, struct arena *,
		       int64_t conversation_id, int64_t reply_id,
		       const char **json_r, struct err *);

#endif
