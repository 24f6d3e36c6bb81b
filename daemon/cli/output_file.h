/* A file that is there whole, or not at all. */
#ifndef CLI_OUTPUT_FILE_H
#define CLI_OUTPUT_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct err;

struct output_file {
	const char *path;
	char partial[PATH_MAX]; /* its name until it is whole; "": none */
	int fd;
	int error; /* errno of the write that failed, or 0 */
	bool is_forced;
	/* Set before the close: readable for all, if the umask lets them; else
	 * it is the caller's alone. */
	bool is_public;
};

/* path "-": stdout.  A pipe or device is written to as it is; a file that is
 * there stays unless is_forced.  In state_dir, unless it is NULL, nothing is
 * written: the daemon's own files are there.  One at a time: what is not whole
 * is removed when a signal ends the process.  0, or -1 and *err. */
int output_file_open(struct output_file *, const char *path,
		     const char *state_dir, bool is_forced, struct err *);
/* arg is the struct output_file.  0, or -1: the close says why. */
int output_file_add(void *arg, const void *data, size_t len);
/* Keep it, synced, under its name, or remove it.  0; -1 when it was not to be
 * kept, with *err as it was, or when it cannot be, with words. */
int output_file_close(struct output_file *, bool keep, struct err *);

#endif
