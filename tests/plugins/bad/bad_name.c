/* Calls itself otherwise than its file. */
#include "bad.h"

const struct teller_plugin teller_plugin = {BAD_MEMBERS, .name = "other"};
