/* The service that tells a desk what the bot would answer. */
#ifndef HOST_SUGGEST_H
#define HOST_SUGGEST_H

#include <tellerd/plugin.h>

int suggest_answer(struct teller_host *, const char *conversation,
		   teller_suggestion_fn *, void *arg);

#endif
