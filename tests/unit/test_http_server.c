/* Whatever order client, route and server end in, each request ends once.
 * Client and server share one thread, so that the order is ours. */
#include "http_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static struct http_route *held_route, *other_route;

/* Requests that a route's function keeps, for the test to end. */
struct held {
	struct http_request *request; /* NULL: ended */
	struct http_stream *stream;
	int n_gone;
	void (*then)(struct held *); /* done when it is gone */
};
static struct held held[256];
static int n_held;

static void
on_gone(void *arg)
{
	struct held *h = arg;

	assert_true(h->request || h->stream);
	h->request = NULL;
	h->stream = NULL;
	h->n_gone++;
	if (h->then)
		h->then(h);
}

static void
hold_request(void *arg, struct http_request *request)
{
	struct held *h = &held[n_held++];

	(void)arg;
	*h = (struct held){.request = request};
	http_on_gone(request, on_gone, h);
}

static void
say(struct http_request *request, const char *text)
{
	http_answer(request, 200, "text/plain", NULL, 0, text, strlen(text));
}

static void
serve_hello(void *arg, struct http_request *request)
{
	(void)arg;
	say(request, "hello");
}

static int
set_up(void **state)
{
	struct http_limits limits = http_limits_default;

	(void)state;
	n_held = 0;
	limits.stream_high_bytes = 1000;
	loop = loop_new(NULL);
	server = http_server_new(loop, &limits);
	assert_int_equal(http_server_listen(server, "127.0.0.1:0", NULL), 0);
	held_route = http_server_route(server, "GET", "/hold/{id}", 0, 0,
				       hold_request, NULL, NULL);
	other_route = http_server_route(server, "GET", "/other", 0, 0,
					hold_request, NULL, NULL);
	http_server_route(server, "GET", "/", 0, 0, serve_hello, NULL, NULL);
	assert_non_null(held_route);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	http_server_free(server);
	server = NULL;
	loop_free(loop);
	for (int i = 0; i < n_held; i++) {
		assert_null(held[i].request);
		assert_null(held[i].stream);
		assert_true(held[i].n_gone <= 1);
	}
	return 0;
}

static void
expect(int fd, const char *start, const char *part, bool is_end)
{
	bool has_end;
	const char *text = receive_until(fd, part, is_end, &has_end);

	assert_memory_equal(text, start, strlen(start));
	assert_non_null(strstr(text, part));
	assert_int_equal(has_end, is_end);
}

static struct http_request *
take(int i)
{
	struct http_request *request = held[i].request;

	assert_true(i < n_held);
	held[i].request = NULL;
	return request;
}

static struct http_stream *
begin_stream(int i)
{
	held[i].stream = http_stream(take(i), 200, "text/plain", NULL, 0);
	return held[i].stream;
}

static void
test_the_next_of_a_pipeline_is_not_called_from_within_an_answer(void **state)
{
	int fd = connect_and_send(GET("/hold/1") GET("/hold/2"));

	(void)state;
	assert_int_equal(n_held, 1);
	assert_string_equal(http_param(held[0].request, "id"), "1");
	say(take(0), "one");
	assert_int_equal(n_held, 1);
	turn();
	assert_int_equal(n_held, 2);
	assert_string_equal(http_param(held[1].request, "id"), "2");
	assert_int_equal(http_server_active(server), 1);
	say(take(1), "two");
	assert_int_equal(http_server_active(server), 0);
	expect(fd, "HTTP/1.1 200 OK\r\n", "\r\n\r\ntwo", false);
	close(fd);
}

static void
test_a_client_that_leaves_is_told_of_once(void **state)
{
	int fd = connect_and_send(GET("/hold/1"));

	(void)state;
	leave(fd);
	assert_int_equal(held[0].n_gone, 1);
	fd = connect_and_send(GET("/hold/2"));
	begin_stream(1);
	leave(fd);
	assert_int_equal(held[1].n_gone, 1);
	assert_int_equal(http_server_active(server), 0);
}

static void
test_a_stream_that_nobody_reads_is_cut_at_the_mark(void **state)
{
	char piece[900];
	int fd = connect_and_send(GET("/hold/1"));
	struct http_stream *stream = begin_stream(0);

	(void)state;
	memset(piece, 'x', sizeof piece);
	while (http_stream_write(stream, piece, sizeof piece) == 0)
		;
	assert_int_equal(held[0].n_gone, 1);
	close(fd);
}

static void
free_server(struct held *h)
{
	(void)h;
	http_server_free(server);
	server = NULL;
}

static void
test_the_server_may_end_when_a_stream_is_cut(void **state)
{
	char piece[900];
	int fd = connect_and_send(GET("/hold/1"));
	struct http_stream *stream = begin_stream(0);

	(void)state;
	held[0].then = free_server;
	memset(piece, 'x', sizeof piece);
	while (http_stream_write(stream, piece, sizeof piece) == 0)
		;
	assert_null(server);
	close(fd);
}

static void
test_the_server_may_end_when_a_client_leaves(void **state)
{
	int other = connect_and_send(GET("/other"));
	int fd = connect_and_send(GET("/hold/1"));

	(void)state;
	held[1].then = free_server;
	leave(fd);
	assert_null(server);
	assert_int_equal(held[0].n_gone, 1);
	close(other);
}

static void
end_server(void *arg, struct http_request *request)
{
	(void)arg, (void)request;
	free_server(NULL);
}

static void
test_the_server_may_end_within_a_request(void **state)
{
	http_server_route(server, "GET", "/end", 0, 0, end_server, NULL, NULL);
	int fd = connect_and_send(GET("/end") GET("/hold/1"));

	(void)state;
	assert_null(server);
	assert_int_equal(n_held, 0);
	close(fd);
}

static void
test_a_route_that_ends_answers_what_it_has_open(void **state)
{
	int fd = connect_and_send(GET("/hold/1") GET("/"));
	int stream_fd = connect_and_send(GET("/hold/2") GET("/"));
	int half = connect_and_send("GET /hold/3 HTTP/1.1\r\nHost: a\r\n"
				    "Content-Length: 9\r\n\r\nx");

	(void)state;
	assert_int_equal(http_stream_write(begin_stream(1), "abc", 3), 0);
	assert_int_equal(n_held, 2);
	http_route_free(held_route);
	http_route_free(NULL);
	assert_int_equal(held[0].n_gone, 1);
	assert_int_equal(held[1].n_gone, 1);
	turn();
	expect(fd, "HTTP/1.1 503 ", "\r\n\r\nhello", false);
	expect(stream_fd, "HTTP/1.1 200 ", "3\r\nabc\r\n0\r\n\r\nHTTP/1.1 200",
	       false);
	expect(half, "HTTP/1.1 503 ", "Connection: close", true);
	close(fd);
	close(stream_fd);
	close(half);
}

static void
end_own_route(void *arg, struct http_request *request)
{
	struct http_route **route = arg;

	hold_request(NULL, request);
	http_route_free(*route);
}

static void
test_a_route_may_end_within_its_own_request(void **state)
{
	static struct http_route *route;

	(void)state;
	route = http_server_route(server, "GET", "/self", 0, 0, end_own_route,
				  &route, NULL);
	int fd = connect_and_send(GET("/self") GET("/"));
	assert_int_equal(held[0].n_gone, 1);
	expect(fd, "HTTP/1.1 503 ", "\r\n\r\nhello", false);
	close(fd);
}

static void
free_other_route(struct held *h)
{
	(void)h;
	http_route_free(other_route);
}

static void
test_a_gone_call_may_end_another_route(void **state)
{
	int fd = connect_and_send(GET("/hold/1"));
	int other = connect_and_send(GET("/other"));

	(void)state;
	held[0].then = free_other_route;
	leave(fd);
	assert_int_equal(held[1].n_gone, 1);
	expect(other, "HTTP/1.1 503 ", "no_longer_served", false);
	close(other);
}

static void
answer_first(struct held *h)
{
	(void)h;
	say(take(0), "first");
}

static void
test_a_gone_call_may_answer_another_request(void **state)
{
	int fd = connect_and_send(GET("/hold/1"));
	int other = connect_and_send(GET("/hold/2"));

	(void)state;
	/* The newest goes first. */
	held[1].then = answer_first;
	http_route_free(held_route);
	expect(fd, "HTTP/1.1 200 ", "first", false);
	expect(other, "HTTP/1.1 503 ", "", false);
	close(fd);
	close(other);
}

static void
test_draining_ends_idle_connections_and_lets_answers_out(void **state)
{
	int idle = connect_and_send(GET("/"));
	int late = connect_and_send(GET("/hold/1"));

	(void)state;
	expect(idle, "HTTP/1.1 200 ", "hello", false);
	http_server_drain(server);
	assert_int_equal(http_server_port(server), 0);
	turn();
	expect(idle, "", "", true);
	expect_nothing(late);
	say(take(0), "late");
	turn();
	expect(late, "HTTP/1.1 200 ", "Connection: close", true);
	close(idle);
	close(late);
}

static void
test_new_limits_hold_for_new_requests(void **state)
{
	const char *hosts[] = {"desk.example"};
	struct http_limits limits = http_limits_default;
	int fd = connect_and_send(GET("/"));

	(void)state;
	expect(fd, "HTTP/1.1 200 ", "hello", false);
	limits.hosts = hosts;
	limits.n_hosts = 1;
	http_server_set_limits(server, &limits);
	hosts[0] = "changed.example";
	send_text(fd, "GET / HTTP/1.1\r\nHost: desk.example\r\n\r\n");
	expect(fd, "HTTP/1.1 200 ", "hello", false);
	send_text(fd, GET("/"));
	expect(fd, "HTTP/1.1 421 ", "unknown_host", true);
	close(fd);
}

static void
test_routes_are_listed_in_order(void **state)
{
	const char *method, *path;
	struct err err;

	(void)state;
	assert_true(http_server_route_at(server, 0, &method, &path));
	assert_string_equal(method, "GET");
	assert_string_equal(path, "/hold/{id}");
	assert_true(http_server_route_at(server, 2, &method, &path));
	assert_false(http_server_route_at(server, 3, &method, &path));
	assert_null(http_server_route(server, "GET", "/", 0, 0, serve_hello,
				      NULL, &err));
	assert_string_equal(err.text, "the route 'GET /' is taken");
}

static void
test_an_address_that_is_none_is_refused(void **state)
{
	static const char *const bad[] = {"",	     "x",     ":1",    "*",
					  "*:",	     "*:x",   "*:-1",  "::1:1",
					  "*:65536", "[::1]", "[::1:1"};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (http_server_listen(server, bad[i], &err) == 0)
			fail_msg("'%s' is an address", bad[i]);
		assert_non_null(strstr(err.text, "it is not HOST:PORT"));
	}
	assert_int_equal(http_server_listen(server, "192.0.2.1:0", &err), -1);
	assert_non_null(strstr(err.text, "has no such address"));
	assert_int_equal(
		http_server_listen_unix(server, "/dev/null", 0600, -1, &err),
		-1);
	assert_non_null(strstr(err.text, "no socket"));
}

static int
listen_only(const char *first, const char *second, struct err *err)
{
	struct http_address *list = NULL;

	if (first)
		assert_int_equal(http_address_add(&list, first, NULL), 0);
	if (second)
		assert_int_equal(http_address_add(&list, second, NULL), 0);
	int result = http_server_listen_only(server, &list, err);
	http_addresses_free(list);
	return result;
}

/* Is anything there?  A listening socket accepts without its process. */
static bool
is_open(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons((in_port_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	bool is_there =
		connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
	close(fd);
	return is_there;
}

/* Listen on loopback at a port that no other program is given by chance, as it
 * may be while nobody listens on it. */
static int
listen_at_own_port(void)
{
	struct err err;
	char address[32];
	int port = 20000 + (int)getpid() % 8000;

	do {
		snprintf(address, sizeof address, "127.0.0.1:%d", ++port);
	} while (listen_only(address, NULL, &err) < 0);
	return port;
}

static void
test_addresses_change_while_it_runs(void **state)
{
	int port = listen_at_own_port();
	char any[32];
	struct err err;

	(void)state;
	int held_client = connect_and_send(GET("/hold/1"));
	assert_int_equal(n_held, 1);
	snprintf(any, sizeof any, "*:%d", port);
	/* It overlaps the one that goes. */
	assert_int_equal(listen_only(any, NULL, &err), 0);
	assert_int_equal(http_server_port(server), port);
	assert_true(is_open(port));
	say(take(0), "still there");
	turn();
	expect(held_client, "HTTP/1.1 200 ", "still there", false);
	close(held_client);
	/* One that cannot be had: all is as it was. */
	assert_int_equal(listen_only("127.0.0.1:0", "192.0.2.1:0", &err), -1);
	assert_non_null(strstr(err.text, "has no such address"));
	assert_int_equal(http_server_port(server), port);
	assert_true(is_open(port));
	assert_int_equal(listen_only("127.0.0.1:0", NULL, &err), 0);
	assert_false(is_open(port));
	assert_true(is_open(http_server_port(server)));
	/* What stays keeps its socket, and so its port. */
	port = http_server_port(server);
	assert_int_equal(listen_only("127.0.0.1:0", "*:0", &err), 0);
	assert_true(is_open(port));
	assert_int_equal(listen_only(NULL, NULL, &err), 0);
	assert_false(is_open(port));
}

static void
test_address_that_was_lost_is_opened_by_the_next_change(void **state)
{
	int port = listen_at_own_port();
	struct rlimit limit, none;
	char old[32];
	struct err err;

	(void)state;
	snprintf(old, sizeof old, "127.0.0.1:%d", port);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	/* Neither the new one can be had nor the old one again. */
	none = (struct rlimit){.rlim_cur = 0, .rlim_max = limit.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	int result = listen_only("127.0.0.1:0", NULL, &err);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(result, -1);
	assert_non_null(strstr(err.text, old));
	assert_false(is_open(port));
	assert_int_equal(listen_only(old, NULL, &err), 0);
	assert_true(is_open(port));
}

/* ---- Sockets of a service manager */

/* As the manager opens it; *port_r is where. */
static int
passed_socket(int *port_r)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(fd, 10), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	*port_r = ntohs(address.sin_port);
	return fd;
}

static const char *
loopback_at(int port)
{
	static char text[32];

	snprintf(text, sizeof text, "127.0.0.1:%d", port);
	return text;
}

static void
test_an_inherited_socket_is_used_for_its_address(void **state)
{
	struct err err = {0};
	int port, fd = passed_socket(&port), holder = dup(fd);

	(void)state;
	assert_int_equal(http_server_inherit(server, fd, "web", &err), 0);
	/* Bound a second time it could not be. */
	assert_int_equal(listen_only(loopback_at(port), NULL, &err), 0);
	assert_int_equal(http_server_port(server), port);
	int client = connect_and_send(GET("/"));
	expect(client, "HTTP/1.1 200 ", "hello", false);
	close(client);
	close(holder);
}

static void
test_inherited_sockets_and_addresses_must_be_the_same(void **state)
{
	struct err err = {0};
	int port, fd = passed_socket(&port);

	(void)state;
	assert_int_equal(http_server_inherit(server, fd, "web", &err), 0);
	assert_int_equal(listen_only("127.0.0.1:1", NULL, &err), -1);
	assert_non_null(strstr(err.text, loopback_at(port)));
	assert_non_null(strstr(err.text, ", web, which is not named"));
	assert_int_equal(listen_only(loopback_at(port), "127.0.0.1:1", &err),
			 -1);
	assert_non_null(strstr(err.text, "none for 127.0.0.1:1"));
	/* It refused before it changed anything. */
	int client = connect_and_send(GET("/"));
	expect(client, "HTTP/1.1 200 ", "hello", false);
	close(client);
}

static void
test_what_is_no_listening_socket_is_not_inherited(void **state)
{
	int files[2];
	struct err err = {0};
	int unbound = socket(AF_INET, SOCK_STREAM, 0);

	(void)state;
	assert_int_equal(pipe(files), 0);
	assert_int_equal(http_server_inherit(server, unbound, "x", &err), -1);
	assert_non_null(strstr(err.text, ", x, which"));
	assert_int_equal(http_server_inherit(server, files[0], "", &err), -1);
	assert_non_null(strstr(err.text, "no TCP socket"));
	close(unbound);
	close(files[0]);
	close(files[1]);
}

/* Who connected before the end, and has not sent his request yet, is answered;
 * who comes later is for the next process. */
static void
test_draining_inherited_sockets_loses_nobody(void **state)
{
	struct err err = {0};
	int port, fd = passed_socket(&port), holder = dup(fd);

	(void)state;
	assert_int_equal(http_server_inherit(server, fd, "web", &err), 0);
	assert_int_equal(listen_only(loopback_at(port), NULL, &err), 0);
	int early = connect_client();
	turn();
	http_server_drain(server);
	assert_false(http_server_is_drained(server));
	assert_true(is_open(port));
	int late = connect_to(port);
	send_text(late, GET("/"));
	send_text(early, GET("/"));
	expect(early, "HTTP/1.1 200 ", "Connection: close", true);
	turn();
	assert_true(http_server_is_drained(server));
	/* The next process. */
	http_server_free(server);
	server = http_server_new(loop, &http_limits_default);
	held_route = http_server_route(server, "GET", "/", 0, 0, serve_hello,
				       NULL, NULL);
	assert_int_equal(http_server_inherit(server, holder, "web", &err), 0);
	assert_int_equal(listen_only(loopback_at(port), NULL, &err), 0);
	turn();
	expect(late, "HTTP/1.1 200 ", "hello", false);
	close(early);
	close(late);
}

/* His time has no end here, as to the limits. */
static void
test_a_slow_request_does_not_hold_up_the_end_of_inherited_sockets(void **state)
{
	struct http_limits limits = http_limits_default;
	struct err err = {0};
	int port, fd = passed_socket(&port);

	(void)state;
	limits.head_ms = limits.idle_ms = 0;
	http_server_set_limits(server, &limits);
	assert_int_equal(http_server_inherit(server, fd, "web", &err), 0);
	assert_int_equal(listen_only(loopback_at(port), NULL, &err), 0);
	int client = connect_and_send("GET / HTTP/1.1\r\n");
	http_server_drain(server);
	assert_false(http_server_is_drained(server));
	while (!http_server_is_drained(server))
		loop_run_once(loop, 10);
	close(client);
}

/* ---- At random */

#define N_CLIENTS 8

static void
act_on_client(int *fd)
{
	static const char *const texts[] = {
		GET("/hold/1"),
		GET("/"),
		GET("/other"),
		GET("/hold/2") GET("/hold/3") GET("/"),
		"GET /hold/4 HTTP/1.1",
		"\r\nHost: a\r\n\r\n",
		"GET /hold/5 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n",
		"x",
		"GET / HTTP/1.0\r\n\r\n"};
	const char *text = texts[rand() % (int)(sizeof texts / sizeof *texts)];

	if (*fd < 0) {
		*fd = connect_client();
	} else if (rand() % 8 == 0) {
		close(*fd);
		*fd = -1;
	} else if (rand() % 8 == 0) {
		shutdown(*fd, SHUT_WR);
	} else {
		/* It may have been closed: then there is an error. */
		send(*fd, text, strlen(text), MSG_NOSIGNAL);
	}
}

static void
act_on_held(struct held *h)
{
	char piece[600] = {0};

	if (h->stream) {
		struct http_stream *stream = h->stream;
		if (rand() % 4)
			http_stream_write(stream, piece, sizeof piece);
		else if (rand() % 2)
			h->stream = NULL, http_stream_end(stream);
		return;
	}
	struct http_request *request = h->request;
	if (!request || rand() % 2)
		return;
	h->request = NULL;
	switch (rand() % 3) {
	case 0:
		say(request, "held");
		break;
	case 1:
		http_problem(request, 503, "busy", "Busy.", 1);
		break;
	default:
		h->stream = http_stream(request, 200, "text/plain", NULL, 0);
	}
}

static void
test_any_order_of_events_is_survived(void **state)
{
	int clients[N_CLIENTS];

	(void)state;
	srand(1);
	for (int round = 0; round < 300; round++) {
		n_held = 0;
		for (int i = 0; i < N_CLIENTS; i++)
			clients[i] = -1;
		for (int step = 0; step < 60; step++) {
			act_on_client(&clients[rand() % N_CLIENTS]);
			if (rand() % 2)
				loop_run_once(loop, 0);
			if (n_held > 0)
				act_on_held(&held[rand() % n_held]);
			if (rand() % 100 == 0 && other_route) {
				http_route_free(other_route);
				other_route = NULL;
			}
			if (rand() % 200 == 0)
				http_server_drain(server);
			if (!http_server_port(server))
				break;
		}
		if (rand() % 2)
			turn();
		for (int i = 0; i < N_CLIENTS; i++) {
			if (clients[i] >= 0)
				close(clients[i]);
		}
		if (rand() % 2)
			turn();
		tear_down(NULL);
		set_up(NULL);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_next_of_a_pipeline_is_not_called_from_within_an_answer),
		TEST(test_a_client_that_leaves_is_told_of_once),
		TEST(test_a_stream_that_nobody_reads_is_cut_at_the_mark),
		TEST(test_the_server_may_end_when_a_stream_is_cut),
		TEST(test_the_server_may_end_when_a_client_leaves),
		TEST(test_the_server_may_end_within_a_request),
		TEST(test_a_route_that_ends_answers_what_it_has_open),
		TEST(test_a_route_may_end_within_its_own_request),
		TEST(test_a_gone_call_may_end_another_route),
		TEST(test_a_gone_call_may_answer_another_request),
		TEST(test_draining_ends_idle_connections_and_lets_answers_out),
		TEST(test_new_limits_hold_for_new_requests),
		TEST(test_routes_are_listed_in_order),
		TEST(test_an_address_that_is_none_is_refused),
		TEST(test_addresses_change_while_it_runs),
		TEST(test_address_that_was_lost_is_opened_by_the_next_change),
		TEST(test_an_inherited_socket_is_used_for_its_address),
		TEST(test_inherited_sockets_and_addresses_must_be_the_same),
		TEST(test_what_is_no_listening_socket_is_not_inherited),
		TEST(test_draining_inherited_sockets_loses_nobody),
		TEST(test_a_slow_request_does_not_hold_up_the_end_of_inherited_sockets),
		TEST(test_any_order_of_events_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
