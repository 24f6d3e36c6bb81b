/* Posts from a thread of its own as fast as it can, until close() has come. */
#include <pthread.h>
#include <stdatomic.h>

#include "bad.h"

static pthread_t thread;
static atomic_bool is_closing;

static void
nothing(void *arg)
{
	(void)arg;
}

static void *
post(void *arg)
{
	(void)arg;
	while (!is_closing)
		bad_services->post(bad_host, nothing, NULL);
	return NULL;
}

static int
start(void *self, struct teller_words *words)
{
	(void)self, (void)words;
	is_closing = false;
	return pthread_create(&thread, NULL, post, NULL) == 0 ? 0 : -1;
}

static void
close_late(void *self)
{
	(void)self;
	is_closing = true;
	pthread_join(thread, NULL);
}

const struct teller_plugin teller_plugin = {
	.size = sizeof teller_plugin,
	.abi_major = TELLER_ABI_MAJOR,
	.name = "bad_post",
	.version = "1",
	.open = bad_open,
	.start = start,
	.send = bad_send,
	.stop = bad_stop,
	.close = close_late,
};
