/* What a customer said, within what is made of it: each part of it is known by
 * the message that it was taken from.  Records of turns name that message; the
 * words, and what was made of them, stand in its row, so that they go with it
 * (db/0005-words.sql).  A reply that repeats them stands with the newest
 * message of its own turn, which may be a later one, or a timer's: a
 * conversation's messages are deleted together.  Pure. */
#ifndef DIALOG_SAID_H
#define DIALOG_SAID_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct deciding;
struct memory;

/* ---- In texts */

/* A text as a part of another one that somebody said to us; "" stays "". */
const char *said_mark(struct arena *, const char *text);
/* The text without its marks. */
const char *said_whole(struct arena *, const char *text);
/* The text with "[...]" for what is marked; NULL: nothing is. */
const char *said_rest(struct arena *, const char *text);

/* ---- In the memory */

/* What the memory has from no message that is known stands with this one from
 * now on. */
void said_adopt(struct memory *, int64_t message_id);
/* The memory for a record: what was said is left out of it, but not where. */
const char *said_memory(const struct memory *, struct arena *);

/* What stands with each message of the turn, which is decided: JSON, or "". */
const char *const *said_derive(const struct deciding *);

/* What was derived from a message; NULL: it is gone. */
typedef const char *said_find_fn(void *arg, int64_t message_id);
/* The memory as it was before a turn whose first message is `first`, from that
 * of its record; *memory_r in the arena.  0, or the message that is gone. */
int64_t said_remember(struct arena *, const char *recorded, int64_t first,
		      said_find_fn *, void *arg, const char **memory_r);

#endif
