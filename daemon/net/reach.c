/* Connecting.  Loop thread. */
#include "net/reach.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/time.h"
#include "net/address.h"
#include "net/loop.h"
#include "net/resolve.h"

/* An address that does not answer gets so long while there are others. */
#define ATTEMPT_MS 5000

struct reach {
	struct loop *loop;
	reach_fn *fn;
	void *arg;
	bool allow_private;
	int64_t deadline_us;
	struct timer *timer;
	struct resolve *resolve;
	struct addrinfo *list, *next;
	int fd;
	struct watch *watch;
	char why[160]; /* the last address did not do */
};

static void
reach_free(struct reach *reach)
{
	if (reach->resolve)
		resolve_cancel(reach->resolve);
	watch_free(reach->watch);
	if (reach->fd >= 0)
		close(reach->fd);
	if (reach->list)
		freeaddrinfo(reach->list);
	timer_free(reach->timer);
	free(reach);
}

static void
finish(struct reach *reach, int fd, const char *words)
{
	char why[sizeof reach->why];
	reach_fn *fn = reach->fn;
	void *arg = reach->arg;

	snprintf(why, sizeof why, "%s", words);
	reach_free(reach);
	fn(arg, fd, why);
}

static int64_t
left_ms(const struct reach *reach)
{
	int64_t ms = (reach->deadline_us - time_mono_us()) / 1000;

	return ms > 0 ? ms : 0;
}

static void
note(struct reach *reach, const char *words)
{
	snprintf(reach->why, sizeof reach->why, "%s", words);
}

static void on_connected(void *arg, int events);

/* Begin to connect to one address; false: that does not do. */
static bool
try_one(struct reach *reach, const struct addrinfo *info)
{
	if (!reach->allow_private && address_is_private(info->ai_addr)) {
		note(reach, "it has no public address, and private ones are "
			    "not allowed");
		return false;
	}
	reach->fd = socket(info->ai_family,
			   SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (reach->fd >= 0 &&
	    (connect(reach->fd, info->ai_addr, info->ai_addrlen) == 0 ||
	     errno == EINPROGRESS))
		reach->watch = watch_new(reach->loop, reach->fd, WATCH_WRITE,
					 on_connected, reach, NULL);
	if (reach->watch)
		return true;
	note(reach, strerrordesc_np(errno));
	if (reach->fd >= 0)
		close(reach->fd);
	reach->fd = -1;
	return false;
}

static void
try_next(struct reach *reach)
{
	watch_free(reach->watch);
	reach->watch = NULL;
	if (reach->fd >= 0)
		close(reach->fd);
	reach->fd = -1;
	while (reach->next) {
		struct addrinfo *info = reach->next;
		int64_t ms = left_ms(reach);
		reach->next = info->ai_next;
		if (!try_one(reach, info))
			continue;
		timer_set(reach->timer,
			  reach->next && ms > ATTEMPT_MS ? ATTEMPT_MS : ms);
		return;
	}
	finish(reach, -1, reach->why);
}

static void
on_connected(void *arg, int events)
{
	struct reach *reach = arg;
	int fd = reach->fd, error = 0;
	socklen_t size = sizeof error;

	(void)events;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		error = errno;
	if (error) {
		note(reach, strerrordesc_np(error));
		try_next(reach);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &(int){1}, sizeof(int));
	reach->fd = -1;
	finish(reach, fd, "");
}

static void
on_resolved(void *arg, struct addrinfo *list, const char *words)
{
	struct reach *reach = arg;

	reach->resolve = NULL;
	reach->list = reach->next = list;
	note(reach, words);
	try_next(reach);
}

static void
on_timer(void *arg)
{
	struct reach *reach = arg;

	note(reach, "it does not answer");
	if (reach->resolve || left_ms(reach) == 0)
		finish(reach, -1, reach->why);
	else
		try_next(reach);
}

struct reach *
reach_start(struct loop *loop, const char *host, int port, bool allow_private,
	    int64_t timeout_ms, reach_fn *fn, void *arg, struct err *err)
{
	struct reach *reach = mem_new(sizeof *reach);

	reach->loop = loop;
	reach->fn = fn;
	reach->arg = arg;
	reach->allow_private = allow_private;
	reach->fd = -1;
	reach->deadline_us = time_mono_us() + timeout_ms * 1000;
	reach->timer = timer_new(loop, on_timer, reach);
	timer_set(reach->timer, timeout_ms);
	reach->resolve =
		resolve_start(loop, host, port, on_resolved, reach, err);
	if (reach->resolve)
		return reach;
	reach_free(reach);
	return NULL;
}

void
reach_cancel(struct reach *reach)
{
	reach_free(reach);
}
