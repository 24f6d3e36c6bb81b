/* Needs a function that nobody has. */
#include "bad.h"

extern int tellerd_has_no_such_function(void);

static int
start(void *self, struct teller_words *words)
{
	(void)self, (void)words;
	return tellerd_has_no_such_function();
}

const struct teller_plugin teller_plugin = {
	.size = sizeof teller_plugin,
	.abi_major = TELLER_ABI_MAJOR,
	.name = "bad_symbol",
	.version = "1",
	.open = bad_open,
	.start = start,
	.send = bad_send,
	.stop = bad_stop,
	.close = bad_close,
};
