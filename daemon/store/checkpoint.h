/* Copying the log back into the database file. */
#ifndef STORE_CHECKPOINT_H
#define STORE_CHECKPOINT_H

#include "store/thread.h"

/* On the store thread, between batches. */
void checkpoint_if_due(struct store_thread *);
/* All of it, leaving the log empty; when nobody else uses the database.  0
 * also when the disk is too full for it.  -1 and *err. */
int checkpoint_all(struct db *, struct err *);

#endif
