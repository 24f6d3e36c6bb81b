#include "cli/service.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/time.h"
#include "net/notify.h"
#include "net/watchdog.h"

#define EXTEND_EACH_US 1000000
/* The time that such a sign gives, counted from itself. */
#define EXTENDED "EXTEND_TIMEOUT_USEC=60000000\n"

void
service_working(void *arg, const char *what)
{
	struct service *service = arg;
	int64_t now_us = time_mono_us();
	bool is_new = !service->doing || strcmp(service->doing, what) != 0;
	char state[128];

	if (!is_new && now_us - service->extended_at_us < EXTEND_EACH_US)
		return;
	service->doing = what;
	service->extended_at_us = now_us;
	snprintf(state, sizeof state, EXTENDED "STATUS=%s", what);
	notify_send(state);
}

static void
on_watchdog(void *arg, const char *name, int64_t us)
{
	(void)arg;
	if (!name) {
		log_warn("watchdog: all parts come round again");
		notify_send("STATUS=Answering");
		return;
	}
	log_error("watchdog: %s has been at one thing for %.1f s.  The service "
		  "manager gets no sign of life, and will start us again if "
		  "this goes on",
		  name, (double)us / 1e6);
	notify_status("Stuck: %s", name);
}

int
service_ready(struct service *service, struct err *err)
{
	int64_t usec = watchdog_asked_us(err);

	if (usec < 0)
		return -1;
	notify_send("READY=1\nSTATUS=Answering");
	if (usec == 0)
		return 0;
	service->watchdog = watchdog_start(usec, on_watchdog, service);
	return service->watchdog ? 0
				 : err_set(err, "there is no thread for the "
						"watchdog");
}

void
service_end(struct service *service)
{
	watchdog_stop(service->watchdog);
	service->watchdog = NULL;
}
