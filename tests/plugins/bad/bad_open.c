/* Cannot be opened. */
#include <string.h>

#include "bad.h"

static int
fail(const struct teller_services *services, struct teller_host *host,
     void **self_r, struct teller_words *words)
{
	(void)services, (void)host, (void)self_r;
	memset(words->text, 'x', sizeof words->text);
	return -1;
}

const struct teller_plugin teller_plugin = {
	.size = sizeof teller_plugin,
	.abi_major = TELLER_ABI_MAJOR,
	.capabilities = TELLER_CAN_CHANNEL,
	.name = "bad_open",
	.version = "1",
	.open = fail,
	.start = bad_start,
	.send = bad_send,
	.stop = bad_stop,
	.close = bad_close,
};
