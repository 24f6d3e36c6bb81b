/* One transaction of the store thread: many writes, each in a savepoint. */
#ifndef STORE_BATCH_H
#define STORE_BATCH_H

#include "store/thread.h"

#define BATCH_MAX_WRITES 256
#define BATCH_MAX_US 20000

struct batch {
	struct job *first, **last; /* of struct store_write */
	size_t n;
};

void batch_init(struct batch *);
void batch_add(struct batch *, struct job *);
/* Run the writes until BATCH_MAX_US are over, commit, and answer those that
 * were run.  Returns the others, for the next batch.  After a failure that is
 * more than one write's, none of the batch is kept and all are answered so. */
struct job *batch_run(struct batch *, struct store_thread *);

#endif
