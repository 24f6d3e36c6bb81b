/* One transaction of the store thread: many writes, each of which is
 * kept or undone for itself. */
#ifndef STORE_BATCH_H
#define STORE_BATCH_H

#include "store/thread.h"

#define BATCH_MAX_WRITES 256
#define BATCH_MAX_US 20000

struct batch {
	struct job *first, **last; /* of struct store_write */
	size_t n;
	/* Set by batch_run(). */
	struct job *rest;    /* was not run: for the next batch */
	bool has_savepoints; /* each write has one */
	bool is_half_done;   /* a write without one failed half way */
	bool is_broken;	     /* nothing may be written any more, and why */
	struct err err;
};

void batch_init(struct batch *);
void batch_add(struct batch *, struct job *);
/* Run the writes until BATCH_MAX_US are over, commit, and answer those that
 * were run.  After a failure that is more than one write's, none of the batch
 * is kept and all are answered so. */
void batch_run(struct batch *, struct store_thread *);

#endif
