/* The table of services that every plugin gets. */
#ifndef HOST_SERVICES_H
#define HOST_SERVICES_H

#include <tellerd/plugin.h>

extern const struct teller_services host_services;

#endif
