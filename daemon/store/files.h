/* The store's directory and the files in it, as files. */
#ifndef STORE_FILES_H
#define STORE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

/* "dir/name", which the caller frees. */
char *files_path(const char *dir, const char *name);

/* Make the directory with mode 0700, to last, unless it is there, and see that
 * only its owner may write in it.  *path_r is its absolute path, which the
 * caller frees.  0, or -1 and *err. */
int files_open_dir(const char *dir, char **path_r, struct err *);
/* Take dir/lock for as long as the descriptor that is returned stays open; it
 * holds our process id for others to read.  -1 and *err; *is_locked_r (may be
 * NULL) tells that another process has it. */
int files_lock(const char *dir, bool *is_locked_r, struct err *);

/* A path in the directory for a file that is needed for a moment, which the
 * caller frees; and the end of all those that a killed process left. */
char *files_temporary(const char *dir);
void files_remove_temporary(const char *dir);

/* Make an empty private file unless there is one.  Like all that makes files
 * here: as root, it is given to the directory's owner. */
int files_touch(const char *path, struct err *);
/* What can be read from a descriptor to its end, as a private file under a new
 * name, synced. */
int files_copy(int from, const char *to, struct err *);
/* All of the data.  0, or -1 and errno. */
int files_write(int fd, const void *data, size_t len);
/* Rename a file, but not over one that is there; where the file system cannot
 * tell, the caller's look before has to do.  0, or -1 and errno. */
int files_name_new(const char *from, const char *to);
int files_sync(const char *path, struct err *);
/* Sync the directory that a path is in. */
int files_sync_parent(const char *path, struct err *);
/* Bytes in the file; -1 if there is none. */
int64_t files_size(const char *path);

#endif
