/* Has an option twice. */
#include "bad.h"

static const struct teller_option options[] = {
	{.name = "port", .type = TELLER_INT, .fallback = "1", .help = "One."},
	{.name = "port", .type = TELLER_INT, .fallback = "2", .help = "Two."},
	{.name = NULL},
};

const struct teller_plugin teller_plugin = {
	BAD_MEMBERS,
	.name = "bad_options",
	.options = options,
};
