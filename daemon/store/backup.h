/* Backup while the store is in use, and restore. */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

#include "store/store.h"

/* Copy the database to a new file at path (which must not be there), as it is
 * at one instant.  Runs in slices between other commits, waits until done,
 * checks the copy, syncs file and directory and only then gives it its name.
 * Not on the loop or store thread.  progress, if not NULL, is called with the
 * part that is done, 0 .. 1; when it returns false the backup stops and the
 * file is removed.  0, or -1 and *err. */
int store_backup(struct store *, const char *path,
		 bool (*progress)(void *arg, double part), void *arg,
		 struct err *);

/* The same as a file without a name, of *len_r bytes, to be read from its
 * beginning.  The descriptor, or -1 and *err. */
int store_backup_open(struct store *, bool (*progress)(void *arg, double part),
		      void *arg, int64_t *len_r, struct err *);

/* Put a backup in place of the database of dir, which nobody has open: the
 * file is checked first (ours, not newer, whole), what was there is kept as
 * store.db.before-restore-TIME.  A crash leaves either the old or the new: the
 * next opening ends what was begun.  0, or -1 and *err. */
int store_restore(const char *dir, const char *path, struct err *);
/* The same with what can be read from a descriptor, once and in order: it is
 * checked as a copy in dir. */
int store_restore_stream(const char *dir, int from, struct err *);

/* Is there a store in dir, or one that a restore is about to put there? */
bool store_is_there(const char *dir);

/* Check the file at path as restore does.  0, or -1 and *err. */
int store_check_file(const char *path, struct err *);

#endif
