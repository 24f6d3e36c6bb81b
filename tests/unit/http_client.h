/* A client on the thread of the server that it asks.  On a busy machine the
 * kernel hands over later, and what one has sent is not at the other yet. */
#ifndef UNIT_HTTP_CLIENT_H
#define UNIT_HTTP_CLIENT_H

#include "test.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static inline int
connect_to(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_port = htons((uint16_t)port);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(
		connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

/* What was sent or ended is at the server. */
static inline void
await_acknowledgement(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof info;
	int unacknowledged;

	do {
		sched_yield();
		assert_int_equal(ioctl(fd, SIOCOUTQ, &unacknowledged), 0);
		assert_int_equal(
			getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len), 0);
	} while (info.tcpi_state == TCP_FIN_WAIT1 ||
		 (unacknowledged > 0 && info.tcpi_state != TCP_CLOSE));
}

static inline void
send_and_await(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL),
			 strlen(text));
	await_acknowledgement(fd);
}

/* It goes, and the server can see it. */
static inline void
end_client(int fd)
{
	shutdown(fd, SHUT_WR);
	await_acknowledgement(fd);
	close(fd);
}

/* All that has come when that is among it and, if it is waited for, the end;
 * *is_end_r: the end has come. */
static inline const char *
receive_until(int fd, const char *part, bool with_end, bool *is_end_r)
{
	static char text[65536];
	struct pollfd readable = {.fd = fd, .events = POLLIN};
	size_t len = 0;
	ssize_t n;

	do {
		while ((n = recv(fd, text + len, sizeof text - 1 - len,
				 MSG_DONTWAIT)) > 0)
			len += (size_t)n;
		*is_end_r = n == 0;
		text[len] = '\0';
	} while (!*is_end_r && (with_end || len == 0 || !strstr(text, part)) &&
		 poll(&readable, 1, 10000) > 0);
	return text;
}

#endif
