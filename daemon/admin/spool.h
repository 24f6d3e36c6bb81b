/* Output of a command that may be large: a file without a name. */
#ifndef ADMIN_SPOOL_H
#define ADMIN_SPOOL_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

struct err;

struct spool {
	FILE *file;
};

/* In dir, so that it fits where the store does, or, without one, where
 * temporary files are.  0, or -1 and *err. */
int spool_open(struct spool *, const char *dir, struct err *);
int spool_json_line(struct spool *, const json_t *, struct err *);
int spool_bytes(struct spool *, const void *, size_t len, struct err *);
/* The descriptor, at its beginning, and the length; the spool is released. */
int spool_finish(struct spool *, int *fd_r, int64_t *len_r, struct err *);
void spool_release(struct spool *);

#endif
