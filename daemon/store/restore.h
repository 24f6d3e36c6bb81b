/* The end of a restore, which survives a crash.  Private to this layer. */
#ifndef STORE_RESTORE_H
#define STORE_RESTORE_H

struct err;

/* If a restore has put a checked database into dir, move what was there aside
 * and give it its place.  We have the lock.  0, or -1 and *err. */
int restore_end(const char *dir, struct err *);

#endif
