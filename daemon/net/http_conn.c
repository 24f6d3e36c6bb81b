/* A connection: its begin and end, what it reads and sends.  Loop thread.
 *
 * Any call-back may end the connection, its route or the whole server.  So
 * http_conn_close() takes the connection apart at once, but its memory stays
 * as long as a function further up the stack holds a reference; that function
 * finds conn->server NULL and returns. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "base/metric.h"
#include "net/http_inside.h"
#include "net/loop.h"
#include "net/tls_server.h"

/* What waits unread while a request is handled; above it, reading stops. */
#define READ_AHEAD_BYTES ((size_t)16 * 1024)
#define LINGER_MS 2000
#define LINGER_BYTES ((size_t)1024 * 1024)
/* A client that reads slower than this is cut. */
#define LEAST_BYTES_PER_MS 64

void
http_conn_hold(struct http_conn *conn)
{
	conn->refs++;
}

void
http_conn_drop(struct http_conn *conn)
{
	if (--conn->refs > 0)
		return;
	buf_release(&conn->head_text);
	free(conn);
}

static void
leave_server(struct http_conn *conn)
{
	struct http_server *server = conn->server;

	*conn->link = conn->next;
	if (conn->next)
		conn->next->link = conn->link;
	if (conn->peer) {
		server->n_conns--;
		metric_add(server->conns_gauge, -1);
	} else {
		server->n_refused--;
	}
}

void
http_conn_close(struct http_conn *conn)
{
	struct http_server *server = conn->server;
	struct http_request *request = conn->request;

	if (!server)
		return;
	leave_server(conn);
	timer_free(conn->deadline);
	if (conn->is_tls)
		tls_server_say_end(conn->bev);
	bufferevent_free(conn->bev);
	conn->bev = NULL;
	conn->request = NULL;
	void (*gone)(void *) = NULL;
	void *gone_arg = NULL;
	if (request) {
		gone = request->gone;
		gone_arg = request->gone_arg;
		http_request_free(request);
	}
	if (conn->peer)
		http_peer_leave(&server->peers, conn->peer);
	conn->server = NULL;
	http_conn_drop(conn);
	/* Last, as it may free anything, the server too. */
	if (gone)
		gone(gone_arg);
}

size_t
http_conn_waiting(const struct http_conn *conn)
{
	return evbuffer_get_length(bufferevent_get_output(conn->bev));
}

/* What the socket takes at once, which spares two turns of the loop and two
 * system calls.  An error shows again when the rest is written. */
static size_t
send_now(struct http_conn *conn, struct iovec *parts, int n)
{
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = (size_t)n};

	if (conn->is_tls || http_conn_waiting(conn) > 0)
		return 0;
	ssize_t sent = sendmsg(conn->fd, &message, MSG_NOSIGNAL);
	return sent > 0 ? (size_t)sent : 0;
}

void
http_conn_send(struct http_conn *conn, struct iovec *parts, int n)
{
	size_t sent = send_now(conn, parts, n);

	for (int i = 0; i < n; i++) {
		if (sent >= parts[i].iov_len) {
			sent -= parts[i].iov_len;
			continue;
		}
		if (bufferevent_write(conn->bev,
				      (char *)parts[i].iov_base + sent,
				      parts[i].iov_len - sent) < 0)
			mem_exhausted();
		sent = 0;
	}
}

static void
linger(struct http_conn *conn)
{
	/* The client would lose the answer if we closed with its bytes
	 * unread: the kernel would reset the connection. */
	if (conn->is_tls)
		tls_server_say_end(conn->bev);
	shutdown(conn->fd, SHUT_WR);
	http_conn_set_state(conn, HTTP_CONN_LINGERING, LINGER_MS);
}

static bool
has_input(const struct http_conn *conn)
{
	return evbuffer_get_length(bufferevent_get_input(conn->bev)) > 0;
}

/* The answer has left. */
static void
go_on(struct http_conn *conn)
{
	const struct http_limits *limits = &conn->server->limits;
	bool is_last = conn->is_last || conn->server->is_draining;

	if (is_last && !conn->is_eof && (conn->has_unread || has_input(conn))) {
		linger(conn);
	} else if (is_last || (conn->is_eof && !has_input(conn))) {
		http_conn_close(conn);
		return;
	} else {
		http_conn_set_state(conn, HTTP_CONN_IDLE, limits->idle_ms);
	}
	/* Later: a caller that answers is not to be called from within. */
	if (has_input(conn) && !conn->is_reading) {
		conn->has_waiting = true;
		conn->armed_us = 0;
		timer_set(conn->deadline, 0);
	}
}

void
http_conn_answered(struct http_conn *conn)
{
	size_t waiting = http_conn_waiting(conn);

	http_request_free(conn->request);
	conn->request = NULL;
	if (waiting == 0) {
		go_on(conn);
		return;
	}
	int64_t more_ms = (int64_t)(waiting / LEAST_BYTES_PER_MS);
	http_conn_set_state(conn, HTTP_CONN_ANSWERING,
			    conn->server->limits.answer_ms + more_ms);
}

void
http_conn_revoke(struct http_conn *conn)
{
	struct http_request *request = conn->request;

	http_conn_hold(conn);
	http_request_tell_gone(request);
	if (conn->server && request->is_stream) {
		http_stream_end((struct http_stream *)request);
	} else if (conn->server) {
		if (conn->state == HTTP_CONN_BODY)
			conn->is_last = conn->has_unread = true;
		http_problem(request, 503, "no_longer_served",
			     "This is not served any longer.", 5);
	}
	http_conn_drop(conn);
}

static void
throw_input_away(struct http_conn *conn)
{
	struct evbuffer *input = bufferevent_get_input(conn->bev);
	size_t len = evbuffer_get_length(input);

	conn->n_lingered += len;
	evbuffer_drain(input, len);
	if (conn->n_lingered > LINGER_BYTES)
		http_conn_close(conn);
}

void
http_conn_take_input(struct http_conn *conn)
{
	http_conn_read(conn);
	if (conn->server && conn->state == HTTP_CONN_LINGERING)
		throw_input_away(conn);
}

static void
on_read(struct bufferevent *bev, void *arg)
{
	struct http_conn *conn = arg;

	(void)bev;
	http_conn_hold(conn);
	http_conn_take_input(conn);
	http_conn_drop(conn);
}

static void
on_written(struct bufferevent *bev, void *arg)
{
	struct http_conn *conn = arg;

	(void)bev;
	http_conn_hold(conn);
	if (conn->state == HTTP_CONN_ANSWERING && http_conn_waiting(conn) == 0)
		go_on(conn);
	http_conn_drop(conn);
}

static void
on_event(struct bufferevent *bev, short events, void *arg)
{
	struct http_conn *conn = arg;

	(void)bev;
	/* TLS is agreed upon; it may have said more by now. */
	if (events & BEV_EVENT_CONNECTED) {
		if (conn->state == HTTP_CONN_IDLE)
			http_conn_set_state(conn, HTTP_CONN_IDLE,
					    conn->server->limits.idle_ms);
		return;
	}
	http_conn_hold(conn);
	/* A client that ended its side may still read an answer that is on
	 * its way; one that we have not begun is for nobody. */
	if (events & BEV_EVENT_EOF && events & BEV_EVENT_READING &&
	    conn->state == HTTP_CONN_ANSWERING)
		conn->is_eof = true;
	else
		http_conn_close(conn);
	http_conn_drop(conn);
}

static void
enter_server(struct http_conn *conn, struct http_server *server)
{
	conn->server = server;
	conn->next = server->conns;
	conn->link = &server->conns;
	if (conn->next)
		conn->next->link = &conn->next;
	server->conns = conn;
	if (conn->peer) {
		server->n_conns++;
		metric_add(server->conns_gauge, 1);
	} else {
		server->n_refused++;
	}
}

static void
refuse(struct http_conn *conn)
{
	static const struct http_fault too_many = {
		503, "too_many_connections", "There are too many connections."};

	conn->request = http_request_new(conn);
	conn->is_last = conn->has_unread = true;
	http_problem_with(conn->request, &too_many, NULL, 0, 5);
}

void
http_conn_set_limits(struct http_conn *conn)
{
	const struct http_limits *limits = &conn->server->limits;
	struct sockaddr_storage peer = {.ss_family = AF_UNIX};

	if (!conn->is_unix)
		address_parse(conn->peer_text, strlen(conn->peer_text), &peer);
	conn->is_from_proxy = address_is_in((struct sockaddr *)&peer,
					    limits->proxies, limits->n_proxies);
}

void
http_conn_new(struct http_server *server, int fd,
	      const struct sockaddr *address, struct http_peer *peer,
	      struct ssl_ctx_st *tls)
{
	struct event_base *base = loop_base(server->loop);
	struct http_conn *conn = mem_new(sizeof *conn);
	int64_t first_ms = server->limits.idle_ms;

	conn->is_tls = tls != NULL;
	if (tls)
		first_ms = server->limits.head_ms;
	conn->bev =
		tls ? tls_server_accept(tls, base, fd)
		    : bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!conn->bev)
		mem_exhausted();
	conn->refs = 1;
	conn->fd = fd;
	conn->peer = peer;
	conn->is_unix = address->sa_family == AF_UNIX;
	conn->is_loopback = address_is_loopback(address);
	address_text(address, conn->peer_text);
	buf_init(&conn->head_text, server->limits.max_head_bytes);
	conn->deadline = timer_new(server->loop, http_conn_on_deadline, conn);
	conn->armed_us = INT64_MAX;
	enter_server(conn, server);
	http_conn_set_limits(conn);
	bufferevent_setcb(conn->bev, on_read, on_written, on_event, conn);
	bufferevent_setwatermark(conn->bev, EV_READ, 0, READ_AHEAD_BYTES);
	http_conn_set_state(conn, HTTP_CONN_IDLE, first_ms);
	bufferevent_enable(conn->bev, EV_READ | EV_WRITE);
	if (!peer)
		refuse(conn);
}
