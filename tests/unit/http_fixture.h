/* A client on the thread of the server that it asks, so that the order of what
 * both do is the test's. */
#ifndef UNIT_HTTP_FIXTURE_H
#define UNIT_HTTP_FIXTURE_H

#include "test.h"

#include "http_client.h"

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
	return connect_to(http_server_port(server));
}

static void
send_text(int fd, const char *text)
{
	send_and_await(fd, text);
	turn();
}

static int
connect_and_send(const char *text)
{
	int fd = connect_client();

	send_text(fd, text);
	return fd;
}

/* The client goes, and the server has seen it. */
static inline void
leave(int fd)
{
	end_client(fd);
	turn();
}

static inline void
expect_nothing(int fd)
{
	char byte;

	assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK), -1);
}

#endif
