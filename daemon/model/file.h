/* Files of a model's directory, which somebody else made. */
#ifndef MODEL_FILE_H
#define MODEL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

/* Open a regular file for reading; *size_r is its length.  The descriptor, or
 * -1 and *err, which names the path. */
int model_file_open(const char *path, int64_t *size_r, struct err *);
/* Read exactly len bytes at an offset.  0, or -1 and *err. */
int model_file_read_at(int fd, const char *path, int64_t offset, void *out,
		       size_t len, struct err *);
/* Add the whole of dir/name to out, which has room for all that is allowed.
 * 0, or -1 and *err, which names the path. */
int model_file_read(const char *dir, const char *name, struct buf *out,
		    struct err *);
/* Whether there is a dir/name. */
bool model_file_exists(const char *dir, const char *name);

/* The kind of a file that holds weights and is no safetensors file, by its
 * first bytes: how it is called, and the way to convert it, both in words.
 * false: it may be one. */
struct model_format {
	const char *name, *way;
};
bool model_format_of(const char *head, size_t len, struct model_format *);
/* The same by the names of the files in a directory; the name goes to file. */
bool model_format_in(const char *dir, struct model_format *, char *file,
		     size_t file_size);

#endif
