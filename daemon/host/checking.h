/* A plugin that looks whether all works that it needs outside, and who waits
 * for what it finds. */
#ifndef HOST_CHECKING_H
#define HOST_CHECKING_H

#include <stdbool.h>

#include "host/host.h"

/* host_check() of an instance that runs. */
bool checking_begin(struct teller_host *, const char *post, host_found_fn *,
		    void *arg);

/* The services check_found() and check_end(). */
void checking_found(struct teller_check *, const struct teller_found *);
void checking_end(struct teller_check *);

#endif
