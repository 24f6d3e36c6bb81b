/* A client on the thread of the server that it asks, so that the order of what
 * both do is the test's. */
#ifndef UNIT_HTTP_FIXTURE_H
#define UNIT_HTTP_FIXTURE_H

#include "test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/http_server.h"
#include "net/loop.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

static struct loop *loop;
static struct http_server *server;

static void
turn(void)
{
	for (int i = 0; i < 10; i++)
		loop_run_once(loop, 0);
}

static int
connect_client(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_port = htons((uint16_t)http_server_port(server));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(
		connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

static void
send_text(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL),
			 strlen(text));
	turn();
}

static int
connect_and_send(const char *text)
{
	int fd = connect_client();

	send_text(fd, text);
	return fd;
}

/* What has come until now; *is_end_r: and then the end. */
static const char *
receive(int fd, bool *is_end_r)
{
	static char text[65536];
	size_t len = 0;
	ssize_t n;

	while ((n = recv(fd, text + len, sizeof text - 1 - len, MSG_DONTWAIT)) >
	       0)
		len += (size_t)n;
	*is_end_r = n == 0;
	text[len] = '\0';
	return text;
}

#endif
