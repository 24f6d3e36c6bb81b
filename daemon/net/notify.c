/* sd_notify's protocol: one datagram to a unix socket.  Any thread. */
#include "net/notify.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/time.h"

/* The socket's address; its length, or 0 when there is none of use. */
static socklen_t
find_socket(struct sockaddr_un *address)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len = path ? strlen(path) : 0;

	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (len < 2 || len >= sizeof address->sun_path ||
	    (path[0] != '/' && path[0] != '@'))
		return 0;
	memcpy(address->sun_path, path, len);
	/* An abstract name begins with a NUL and has none at its end. */
	if (path[0] == '@')
		address->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len +
			   (path[0] == '/'));
}

int
notify_send(const char *state)
{
	struct sockaddr_un address;

	if (!getenv("NOTIFY_SOCKET"))
		return 0;
	socklen_t address_len = find_socket(&address);
	if (!address_len)
		return -1;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	/* The manager reads soon.  One that does not must not hold up the loop
	 * for long, and one whose queue is full for a moment misses nothing. */
	const struct timeval limit = {.tv_usec = 200000};
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	ssize_t n = sendto(fd, state, strlen(state), MSG_NOSIGNAL,
			   (struct sockaddr *)&address, address_len);
	close(fd);
	return n < 0 ? -1 : 0;
}

int
notify_reloading(void)
{
	char state[64];

	snprintf(state, sizeof state, "RELOADING=1\nMONOTONIC_USEC=%lld",
		 (long long)time_mono_us());
	return notify_send(state);
}

int
notify_status(const char *fmt, ...)
{
	char state[256] = "STATUS=";
	size_t len = strlen(state);
	va_list args;

	va_start(args, fmt);
	vsnprintf(state + len, sizeof state - len, fmt, args);
	va_end(args);
	for (char *p = state; *p; p++) {
		if (*p == '\n' || *p == '\r')
			*p = ' ';
	}
	return notify_send(state);
}
