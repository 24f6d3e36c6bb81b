/* Writing of a plugin's durable keys. */
#ifndef HOST_PUTTING_H
#define HOST_PUTTING_H

#include <stddef.h>

#include <tellerd/plugin.h>

struct plugin_state;

/* The part of a plugin's keys that is the host's. */
#define PUTTING_SECRET_PREFIX "secret/"

/* Is it a key that a plugin may use itself? */
bool putting_is_key(const char *key);

/* Write the n states, which are copied, and then call done(arg), if not NULL,
 * while the instance is there. */
void putting_start(struct teller_host *, const struct plugin_state *, size_t n,
		   teller_kept_fn *done, void *arg);

#endif
