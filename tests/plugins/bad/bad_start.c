/* Cannot start, with things already made and work under way. */
#include <stdio.h>

#include "bad.h"

static void
nothing(void *arg)
{
	(void)arg;
}

static int
fail(void *self, struct teller_words *words)
{
	(void)self;
	bad_services->watch_timer(bad_host, 1, true, nothing, NULL);
	bad_services->work(bad_host, nothing, nothing, NULL);
	bad_services->post(bad_host, nothing, NULL);
	snprintf(words->text, sizeof words->text, "the port is taken");
	return -1;
}

const struct teller_plugin teller_plugin = {
	.size = sizeof teller_plugin,
	.abi_major = TELLER_ABI_MAJOR,
	.name = "bad_start",
	.version = "1",
	.open = bad_open,
	.start = fail,
	.send = bad_send,
	.stop = bad_stop,
	.close = bad_close,
};
