/* A file that is there whole, or not at all. */
#ifndef CLI_OUTPUT_FILE_H
#define CLI_OUTPUT_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct err;

struct output_file {
	const char *path;
	char partial[PATH_MAX]; /* its name until it is whole; "": stdout */
	int fd;
};

/* path "-": stdout.  A file that is there stays unless is_forced.  0, or -1 and
 * *err. */
int output_file_open(struct output_file *, const char *path, bool is_forced,
		     struct err *);
/* arg is the struct output_file.  0, or -1. */
int output_file_add(void *arg, const void *data, size_t len);
/* Keep it, synced, under its name, or remove it.  0; -1 when it was not to be
 * kept, with *err as it was, or when it cannot be, with words. */
int output_file_close(struct output_file *, bool keep, struct err *);

#endif
