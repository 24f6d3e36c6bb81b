/* Built for another ABI; what stands behind the version means nothing. */
#include "bad.h"

const struct teller_plugin teller_plugin = {
	.size = sizeof teller_plugin,
	.abi_major = TELLER_ABI_MAJOR + 1,
	.name = (const char *)1,
};
