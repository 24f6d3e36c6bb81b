/* Never says that it has stopped. */
#include "bad.h"

static void
ignore(void *self)
{
	(void)self;
}

const struct teller_plugin teller_plugin = {
	.size = sizeof teller_plugin,
	.abi_major = TELLER_ABI_MAJOR,
	.name = "bad_stop",
	.version = "1",
	.open = bad_open,
	.start = bad_start,
	.send = bad_send,
	.stop = ignore,
	.close = bad_close,
};
