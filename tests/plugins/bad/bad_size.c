/* Describes less than a plugin must. */
#include <stddef.h>

#include "bad.h"

const struct teller_plugin teller_plugin = {
	.size = offsetof(struct teller_plugin, open),
	.abi_major = TELLER_ABI_MAJOR,
	.name = "bad_size",
	.version = "1",
};
