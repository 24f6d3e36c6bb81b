/* In order, but cannot be unloaded. */
#include "bad.h"

const struct teller_plugin teller_plugin = {
	.size = sizeof teller_plugin,
	.abi_major = TELLER_ABI_MAJOR,
	.capabilities = TELLER_CAN_CHANNEL | TELLER_KEEP_LOADED,
	.name = "kept",
	.version = "1",
	.open = bad_open,
	.start = bad_start,
	.send = bad_send,
	.stop = bad_stop,
	.close = bad_close,
};
