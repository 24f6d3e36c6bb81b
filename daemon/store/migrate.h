/* Bringing a database to the schema of this program.  Private to this layer. */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "store/db.h"
#include "store/schema.h"

/* See whose database it is and set *version_r to its schema's number, 0 for an
 * empty one.  -1 and *err when it is not ours, damaged, or newer than the
 * newest of n_migrations. */
int migrate_identify(struct db *, size_t n_migrations, int *version_r,
		     struct err *);
/* Do what is missing of the migrations in one transaction.  A database that
 * has a schema is copied to path.before-NNNN first, NNNN being the first
 * migration it lacks.  0, or -1 and *err: nothing was changed. */
int migrate_run(struct db *, const char *path, const struct migration *,
		size_t n_migrations, struct err *);

#endif
