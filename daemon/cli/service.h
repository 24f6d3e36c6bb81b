/* What tellerd tells the service manager of how it is, by net/notify.h. */
#ifndef CLI_SERVICE_H
#define CLI_SERVICE_H

#include <stdint.h>

struct err;
struct watchdog;

struct service {
	struct watchdog *watchdog; /* NULL: the manager wants none */
	const char *doing;	/* that the manager was told; NULL: nothing */
	int64_t extended_at_us; /* and when, monotonic */
};

/* Of a struct service: the start goes on, and may take longer than the manager
 * waits; for desk_config.working.  what is a literal. */
void service_working(void *service, const char *what);
/* It answers; from now on the watchdog looks.  0, or -1 and *err. */
int service_ready(struct service *, struct err *);
void service_end(struct service *);

#endif
