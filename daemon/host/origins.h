/* The service that lets pages of other origins call a plugin's routes. */
#ifndef HOST_ORIGINS_H
#define HOST_ORIGINS_H

#include <tellerd/plugin.h>

int origins_allow(struct teller_host *, const char *option);

#endif
