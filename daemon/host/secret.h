/* Secrets of a plugin: those its settings point to, and those it keeps. */
#ifndef HOST_SECRET_H
#define HOST_SECRET_H

#include <stddef.h>

#include <tellerd/plugin.h>

/* Read what it has kept, and then, later, call then(host), if it still lives.
 */
void secret_load(struct teller_host *, void (*then)(struct teller_host *));
void secret_release(struct teller_host *);

/* The services of these names. */
const void *secret_get(struct teller_host *, const char *name, size_t *len_r);
int secret_put(struct teller_host *, const char *name, const void *value,
	       size_t len, teller_kept_fn *done, void *arg);

#endif
