/* The service that asks elsewhere. */
#ifndef HOST_FETCH_H
#define HOST_FETCH_H

#include <tellerd/plugin.h>

int fetch_begin(struct teller_host *, const struct teller_fetch *,
		teller_fetched_fn *, void *arg);

#endif
