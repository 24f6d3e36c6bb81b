/* Who is at work, and since when: a thread that must come round says when it
 * begins something and when it waits again, and a watchdog asks whether one has
 * been at the same thing for too long.  Any thread. */
#ifndef BASE_WITNESS_H
#define BASE_WITNESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

#define WITNESS_NAME_SIZE 16

struct witness {
	struct witness *next, **link; /* link NULL: nobody asks */
	char name[WITNESS_NAME_SIZE];
	_Atomic int64_t since_us; /* monotonic; 0: it waits for work */
};

/* From now on it is asked, by that name; and not any more.  A zeroed one may
 * leave. */
void witness_join(struct witness *, const char *name);
void witness_leave(struct witness *);

/* Its own thread: something begins now, and nothing is under way. */
static inline void
witness_begin(struct witness *witness)
{
	atomic_store_explicit(&witness->since_us, time_mono_us(),
			      memory_order_relaxed);
}

static inline void
witness_end(struct witness *witness)
{
	atomic_store_explicit(&witness->since_us, 0, memory_order_relaxed);
}

/* The calling thread is that one from now on, which outlives it; NULL: none. */
void witness_be(struct witness *);
/* What the calling thread does from now on may take so long more than all else,
 * until it begins something; 0: no longer.  Nothing happens in a thread that is
 * no witness, by witness_be(). */
void witness_allow(int64_t us);

/* One that has been at the same thing for longer than max_us: for how long,
 * and its name.  0: none has. */
int64_t witness_stuck_us(int64_t max_us, char name_r[WITNESS_NAME_SIZE]);

#endif
