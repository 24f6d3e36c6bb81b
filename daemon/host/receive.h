/* The service that takes a message in. */
#ifndef HOST_RECEIVE_H
#define HOST_RECEIVE_H

#include <tellerd/plugin.h>

struct plugin_state;

int receive_message(struct teller_host *, const struct teller_message *,
		    const struct teller_state *states, size_t n_states,
		    teller_stored_fn *on_stored, void *arg);

/* n states of a plugin as the store takes them, checked against the limits;
 * out holds n.  0, or -1 and a line in the log about the service `what`. */
int receive_states(struct teller_host *, const char *what,
		   const struct teller_state *states, size_t n,
		   struct plugin_state *out);

#endif
