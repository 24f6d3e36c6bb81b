/* Copying the log back into the database file. */
#ifndef STORE_CHECKPOINT_H
#define STORE_CHECKPOINT_H

#include "store/thread.h"

/* On the store thread, between batches and while it has nothing to do. */
void checkpoint_if_due(struct store_thread *);
/* All of it, leaving the log empty; before the thread begins and after it has
 * ended.  0 also when the disk is too full for it, or somebody reads from the
 * log; a log that is an old one then stays so.  -1 and *err. */
int checkpoint_all(struct store_thread *, struct err *);

#endif
