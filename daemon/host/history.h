/* The service that reads a conversation back. */
#ifndef HOST_HISTORY_H
#define HOST_HISTORY_H

#include <tellerd/plugin.h>

int history_read(struct teller_host *, const char *account, const char *key,
		 const char *after, size_t limit, teller_history_fn *,
		 void *arg);

#endif
