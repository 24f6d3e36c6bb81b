/* The services on what is kept: states and conversations. */
#ifndef HOST_DURABLE_H
#define HOST_DURABLE_H

#include <tellerd/plugin.h>

int durable_state_get(struct teller_host *, const char *key, teller_state_fn *,
		      void *arg);
int durable_state_put(struct teller_host *, const struct teller_state *,
		      size_t n, teller_kept_fn *done, void *arg);
int durable_state_list(struct teller_host *, const char *prefix,
		       teller_state_fn *, void *arg);
int durable_open_conversation(struct teller_host *, const char *account,
			      const char *key, const char *language,
			      teller_stored_fn *, void *arg);
int durable_open_conversation_as(struct teller_host *, const char *account,
				 const char *key, const char *language,
				 const struct teller_author *,
				 teller_stored_fn *, void *arg);

#endif
