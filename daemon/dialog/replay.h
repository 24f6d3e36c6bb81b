/* Replay: a turn decided again, from what was known when it was, or from what
 * is known now. */
#ifndef DIALOG_REPLAY_H
#define DIALOG_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct index_scratch;
struct store;
struct turn;

/* One thing that is other than it was. */
struct replay_difference {
	/* Of a record its members by their names, kind, basis.zone, ...; or
	 * reply, options, sources. */
	const char *what;
	const char *was, *is;
};

struct replay {
	struct store *store;
	/* NULL: as of each turn.  Else every turn is decided from that, as if
	 * it were now_us; the conversation before it is still as it was. */
	const struct knowledge *now;
	int64_t now_us;
	const struct knowledge *knowledge; /* of the turn before, reused */
	char pack[65];
	struct index_scratch *scratch; /* made with the first turn */
};

/* Decide the turn again.  *differences_r, n of them, none when every byte is as
 * it was (with `now`: when kind, rule, entry and what the customer reads are);
 * in the arena.  Nothing is written.  Any thread but the loop's.  0, or -1 and
 * *err (it cannot be replayed: its pack is gone, say). */
int replay_turn(struct replay *, const struct turn *, struct arena *,
		const struct replay_difference **differences_r, size_t *n_r,
		struct err *);
void replay_release(struct replay *);

#endif
