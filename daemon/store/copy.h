/* Copying a database that is open, a slice at a time.  Private to this layer.
 */
#ifndef STORE_COPY_H
#define STORE_COPY_H

#include "store/db.h"

/* A copy under way.  It is written to a file beside path with ".part" after
 * its name.  What the source's connection commits meanwhile is carried
 * along. */
struct copy {
	struct db db;
	char *path, *part;
	sqlite3_backup *backup;
};

/* path must not be there. */
int copy_begin(struct copy *, struct db *from, const char *path, struct err *);
/* Copy for about limit_us; on the thread of the source.  1: there is more,
 * 0: all is copied, -1 and *err. */
int copy_step(struct copy *, int64_t limit_us, struct err *);
double copy_part_done(const struct copy *);
/* End the reading, also half way; on the thread of the source. */
void copy_end_reading(struct copy *);
/* When all is copied: check, sync, and give it its name.  Any one thread.
 * Then, and when anything fails, the copy is released. */
int copy_finish(struct copy *, struct err *);
/* Give it up: the file is removed. */
void copy_cancel(struct copy *);

/* All of it at once. */
int copy_database(struct db *from, const char *path, struct err *);

#endif
