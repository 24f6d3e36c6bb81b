/* The one that is in order. */
#include "bad.h"

const struct teller_plugin teller_plugin = {BAD_MEMBERS, .name = "good"};
