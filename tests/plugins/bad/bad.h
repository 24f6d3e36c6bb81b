/* A plugin that is in order and does nothing; each of the bad ones is so but
 * for one thing. */
#ifndef TESTS_PLUGINS_BAD_H
#define TESTS_PLUGINS_BAD_H

#include <tellerd/plugin.h>

#define UNUSED __attribute__((unused))

static const struct teller_services *bad_services UNUSED;
static struct teller_host *bad_host UNUSED;

UNUSED static int
bad_open(const struct teller_services *services, struct teller_host *host,
	 void **self_r, struct teller_words *words)
{
	(void)words;
	bad_services = services;
	bad_host = host;
	*self_r = host;
	return 0;
}

UNUSED static int
bad_start(void *self, struct teller_words *words)
{
	(void)self, (void)words;
	return 0;
}

UNUSED static void
bad_send(void *self, const struct teller_job *job)
{
	(void)self;
	bad_services->sent(bad_host, job->id, "");
}

UNUSED static void
bad_stop(void *self)
{
	(void)self;
	bad_services->stopped(bad_host);
}

UNUSED static void
bad_close(void *self)
{
	(void)self;
}

/* clang-format off */
#define BAD_MEMBERS                                  \
	.size = sizeof teller_plugin,                \
	.abi_major = TELLER_ABI_MAJOR,               \
	.abi_minor = TELLER_ABI_MINOR,               \
	.capabilities = TELLER_CAN_CHANNEL,          \
	.version = "1",                              \
	.open = bad_open,                            \
	.start = bad_start,                          \
	.send = bad_send,                            \
	.stop = bad_stop,                            \
	.close = bad_close
/* clang-format on */

#endif
