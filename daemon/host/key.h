/* The desk's key and the secrets that an operator puts into files. */
#ifndef HOST_KEY_H
#define HOST_KEY_H

#include <stddef.h>
#include <stdint.h>

struct err;

#define KEY_SECRET_MAX (64 * 1024)

/* The key in the file at path; a new one is made and kept there, whole or not
 * at all, if there is no such file.  0, or -1 and *err. */
int key_open(const char *path, uint8_t key[32], struct err *);

/* The secret that a setting points to: "file:/PATH" or "credential:NAME".
 * What others may read, or anybody but its owner may write, is refused.  The
 * last line break is left out, and a NUL stands behind the bytes, which the
 * caller wipes and frees.  NULL and *err, which shows nothing of it. */
char *key_read_secret(const char *where, size_t *len_r, struct err *);

#endif
