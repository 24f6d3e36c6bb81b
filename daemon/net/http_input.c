/* From bytes to requests, and from requests to routes.  Loop thread. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "net/http_inside.h"
#include "net/http_target.h"

/* Small heads need little memory; a large one is not kept for the next. */
#define KEPT_HEAD_BYTES ((size_t)4096)

void
http_conn_fail(struct http_conn *conn, const struct http_fault *fault)
{
	conn->is_last = conn->has_unread = true;
	http_problem_with(conn->request, fault, NULL, 0, 0);
}

static void
fail_with(struct http_conn *conn, int status, const char *code,
	  const char *detail)
{
	http_conn_fail(conn, &(struct http_fault){status, code, detail});
}

static void
begin_request(struct http_conn *conn)
{
	const struct http_limits *limits = &conn->server->limits;

	if (conn->head_text.size > KEPT_HEAD_BYTES)
		buf_release(&conn->head_text);
	buf_clear(&conn->head_text);
	conn->head_text.max = limits->max_head_bytes;
	conn->scanner = (struct http_scanner){0};
	conn->request = http_request_new(conn);
	http_conn_set_state(conn, HTTP_CONN_HEAD, limits->head_ms);
}

bool
http_conn_is_at(const struct http_conn *conn, const char *host)
{
	struct sockaddr_storage own = {0};
	socklen_t own_len = sizeof own;
	size_t len = http_host_name_len(host);

	if (getsockname(conn->fd, (struct sockaddr *)&own, &own_len) < 0)
		return false;
	if (len == strlen("localhost") &&
	    strncasecmp(host, "localhost", len) == 0)
		return address_is_loopback((struct sockaddr *)&own);
	return address_is_named((struct sockaddr *)&own, host, len);
}

/* Whoever makes a browser here believe that we are another site must not reach
 * us by that site's name. */
static bool
is_our_host(const struct http_conn *conn, const char *host)
{
	const struct http_limits *limits = &conn->server->limits;

	if (!limits->hosts || !host || conn->is_unix)
		return true;
	size_t len = http_host_name_len(host);
	for (size_t i = 0; i < limits->n_hosts; i++) {
		const char *name = limits->hosts[i];
		if (strcasecmp(name, host) == 0 ||
		    (strlen(name) == len && strncasecmp(name, host, len) == 0))
			return true;
	}
	return http_conn_is_at(conn, host);
}

static void
dispatch(struct http_conn *conn)
{
	struct http_route *route = conn->request->route;

	if (route->site && route->site->state != HTTP_SITE_OPEN) {
		http_site_take(route->site, conn->request);
		return;
	}
	http_conn_set_state(conn, HTTP_CONN_HANDLING, 0);
	route->fn(route->arg, conn->request);
}

void
http_conn_refuse(struct http_conn *conn, const struct http_fault *fault,
		 const struct http_field *fields, size_t n_fields,
		 int retry_after_s)
{
	struct http_request *request = conn->request;

	if (request->head->is_chunked || request->head->content_length > 0)
		conn->is_last = conn->has_unread = true;
	if (fault->status < 300)
		http_answer(request, fault->status, NULL, fields, n_fields,
			    NULL, 0);
	else
		http_problem_with(request, fault, fields, n_fields,
				  retry_after_s);
}

static const struct http_fault no_content = {204, NULL, NULL};

static void
refuse_method(struct http_conn *conn, const struct http_node *node,
	      bool is_options)
{
	char allow[HTTP_ALLOW_SIZE], words[HTTP_ALLOW_SIZE + 64];
	const struct http_fault not_allowed = {405, "method_not_allowed",
					       words};

	http_node_allow(node, allow);
	if (http_cors_is_preflight(conn->request)) {
		http_cors_answer_preflight(conn->request, allow);
		return;
	}
	snprintf(words, sizeof words, "The methods of this path are: %s.",
		 allow);
	http_conn_refuse(conn, is_options ? &no_content : &not_allowed,
			 &(struct http_field){"Allow", allow}, 1, 0);
}

static struct http_route *
find_route(struct http_conn *conn, struct http_match *match)
{
	static const struct http_fault not_found = {
		404, "not_found", "There is nothing at this path."};
	static const struct http_field all_methods = {
		"Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"};
	const struct http_head *head = conn->request->head;
	bool is_options = strcmp(head->method, "OPTIONS") == 0;

	if (strcmp(head->path, "*") == 0) {
		http_conn_refuse(conn, &no_content, &all_methods, 1, 0);
		return NULL;
	}
	if (!http_routes_find(&conn->server->routes, head->path, match)) {
		http_conn_refuse(conn, &not_found, NULL, 0, 0);
		return NULL;
	}
	struct http_route *route = http_node_route(match->node, head->method);
	if (!http_cors_admit(conn->request,
			     route ? route : http_node_any(match->node)))
		return NULL;
	if (!route)
		refuse_method(conn, match->node, is_options);
	return route;
}

/* May the request have this route?  Otherwise it was answered. */
static bool
is_admitted(struct http_conn *conn, struct http_route *route)
{
	static const struct http_fault forbidden = {
		403, "loopback_only",
		"This is only for callers on the same machine, who use its "
		"address or 'localhost'."};

	if (!(route->flags & HTTP_LOOPBACK_ONLY) ||
	    http_is_loopback(conn->request))
		return true;
	http_conn_refuse(conn, &forbidden, NULL, 0, 0);
	return false;
}

static void
begin_body(struct http_conn *conn)
{
	static char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct evbuffer *input = bufferevent_get_input(conn->bev);
	struct http_request *request = conn->request;

	http_conn_set_state(conn, HTTP_CONN_BODY, conn->server->limits.body_ms);
	/* A client that sent some of it already does not wait. */
	if (request->head->expects_continue && !evbuffer_get_length(input))
		http_conn_send(conn, &(struct iovec){go_on, sizeof go_on - 1},
			       1);
}

static size_t
max_body(const struct http_conn *conn, const struct http_route *route)
{
	return route->max_body ? route->max_body
			       : conn->server->limits.max_body_bytes;
}

static void
take_request(struct http_conn *conn)
{
	struct http_request *request = conn->request;
	struct http_match match;
	struct http_fault fault;

	struct http_route *route = find_route(conn, &match);
	if (!route || !is_admitted(conn, route) ||
	    !http_rate_admit(request, route))
		return;
	http_request_set_route(request, route, &match);
	size_t max = max_body(conn, route);
	buf_init(&request->body_text, max);
	switch (http_body_begin(&request->body, request->head, max, &fault)) {
	case HTTP_BODY_BAD:
		http_conn_fail(conn, &fault);
		break;
	case HTTP_BODY_DONE:
		dispatch(conn);
		break;
	case HTTP_BODY_MORE:
		begin_body(conn);
		break;
	}
}

void
http_conn_dispatch_again(struct http_conn *conn)
{
	struct http_request *request = conn->request;
	struct http_match match;

	http_request_leave_route(request);
	struct http_route *route = find_route(conn, &match);
	if (!route || !is_admitted(conn, route))
		return;
	http_request_set_route(request, route, &match);
	if (request->body_text.len > max_body(conn, route))
		http_problem(request, 413, "body_too_large",
			     "The body is too large.", 0);
	else
		dispatch(conn);
}

static void
take_head(struct http_conn *conn)
{
	struct http_head *head = malloc(sizeof *head);
	struct http_fault fault;

	if (!head)
		mem_exhausted();
	if (http_head_parse(head, conn->head_text.data, conn->head_text.len,
			    &fault) < 0) {
		free(head);
		http_conn_fail(conn, &fault);
		return;
	}
	http_request_set_head(conn->request, head);
	conn->is_last |= !head->is_keep_alive || conn->server->is_draining;
	if (!is_our_host(conn, head->host))
		fail_with(conn, 421, "unknown_host",
			  "This server does not answer for that host.");
	else
		take_request(conn);
}

static void
fail_too_large(struct http_conn *conn)
{
	if (conn->scanner.has_line)
		fail_with(conn, 431, "headers_too_large",
			  "The headers are too large.");
	else
		fail_with(conn, 414, "target_too_long",
			  "The request line is too long.");
}

/* Take from the piece what belongs to the head. */
static void
feed_head(struct http_conn *conn, const char *data, size_t len)
{
	struct evbuffer *input = bufferevent_get_input(conn->bev);
	struct buf *text = &conn->head_text;
	size_t room = text->max - text->len, used = 0;

	enum http_scan scan =
		http_scan(&conn->scanner, data, len < room ? len : room, &used);
	if (scan == HTTP_SCAN_BAD) {
		fail_with(conn, 400, "bad_head",
			  "The request has a control character, a line that "
			  "does not end with CR LF, or a folded line.");
		return;
	}
	if (buf_add(text, data, used) < 0)
		mem_exhausted();
	evbuffer_drain(input, used);
	if (scan == HTTP_SCAN_DONE)
		take_head(conn);
	else if (text->len == text->max)
		fail_too_large(conn);
}

static void
feed_body(struct http_conn *conn, const char *data, size_t len)
{
	struct evbuffer *input = bufferevent_get_input(conn->bev);
	struct http_request *request = conn->request;
	struct http_fault fault;
	size_t used = 0;

	enum http_body_state state = http_body_take(
		&request->body, data, len, &used, &request->body_text, &fault);
	if (state == HTTP_BODY_BAD) {
		http_conn_fail(conn, &fault);
		return;
	}
	evbuffer_drain(input, used);
	if (state == HTTP_BODY_DONE)
		dispatch(conn);
}

/* One step; false when there is nothing to do for now. */
static bool
read_some(struct http_conn *conn)
{
	struct evbuffer_iovec piece;

	if (!conn->server || conn->state > HTTP_CONN_BODY)
		return false;
	struct evbuffer *input = bufferevent_get_input(conn->bev);
	if (evbuffer_peek(input, -1, NULL, &piece, 1) < 1 || !piece.iov_len)
		return false;
	if (conn->state == HTTP_CONN_IDLE)
		begin_request(conn);
	if (conn->state == HTTP_CONN_HEAD)
		feed_head(conn, piece.iov_base, piece.iov_len);
	else
		feed_body(conn, piece.iov_base, piece.iov_len);
	return true;
}

void
http_conn_read(struct http_conn *conn)
{
	/* A call-back within may bring us here again. */
	if (conn->is_reading)
		return;
	conn->is_reading = true;
	while (read_some(conn))
		;
	conn->is_reading = false;
}
