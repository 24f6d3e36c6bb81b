/* The service that says what a reply was decided upon. */
#ifndef HOST_EXPLAIN_H
#define HOST_EXPLAIN_H

#include <tellerd/plugin.h>

int explain_reply(struct teller_host *, const char *account, const char *key,
		  const char *reply, teller_explained_fn *, void *arg);

#endif
