/* The services that serve HTTP, with the real server, and those that ask
 * others; client and server share one thread, so that the order of things is
 * ours. */
#include "http_client.h"
#include "plugin_fixture.h"

#include "base/log.h"
#include "net/http_server.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: localhost\r\n\r\n"

static struct http_server *server;
/* What the plugin was asked last, and may answer. */
static struct teller_request *request;
static struct teller_stream *stream;
static bool wants_gone;

static void
on_gone(void *arg)
{
	tell_story("gone %s", (const char *)arg);
	request = NULL;
	stream = NULL;
}

static void
on_request(void *arg, struct teller_request *asked)
{
	(void)arg;
	request = asked;
	if (wants_gone)
		fx.services->http_on_gone(asked, on_gone, "x");
}

static int
serve_routes(void)
{
	assert_int_equal(fx.services->serve(fx.host, "GET", "/hold/{id}", 0, 0,
					    on_request, NULL),
			 0);
	assert_int_equal(fx.services->serve(fx.host, "POST", "/hold/{id}", 0,
					    10, on_request, NULL),
			 0);
	assert_int_equal(fx.services->serve(fx.host, "GET", "/here",
					    TELLER_ROUTE_LOOPBACK, 0,
					    on_request, NULL),
			 0);
	return 0;
}

static int
begin(void **state)
{
	struct http_limits limits = http_limits_default;
	struct err err;

	fx_begin_empty(state);
	limits.stream_high_bytes = 1000;
	limits.exempt_loopback = false;
	limits.max_streams_per_address = 2;
	server = http_server_new(fx.base.loop, &limits);
	if (http_server_listen(server, "127.0.0.1:0", &err) < 0)
		fail_msg("%s", err.text);
	fx.frame.config.http = server;
	fx.site = http_site_new(server, 10, 10000);
	fx.on_start = serve_routes;
	request = NULL;
	stream = NULL;
	wants_gone = false;
	fx_begin_instance();
	return 0;
}

static int
end(void **state)
{
	if (fx.host)
		fx_end_instance();
	http_site_free(fx.site);
	http_server_free(server);
	return fx_end(state);
}

static void
turn(void)
{
	for (int i = 0; i < 20; i++)
		loop_run_once(fx.base.loop, 0);
}

static int
ask(const char *text)
{
	int fd = connect_to(http_server_port(server));

	send_and_await(fd, text);
	turn();
	return fd;
}

/* Everything that has come starts so and holds that. */
static void
expect(int fd, const char *start, const char *part)
{
	bool is_end;

	turn();
	const char *text = receive_until(fd, part, false, &is_end);
	if (strncmp(text, start, strlen(start)) != 0 || !strstr(text, part))
		fail_msg("'%s' is not '%s...%s'", text, start, part);
}

static void
answer(const char *text)
{
	const struct teller_header header = {"X-Test", "yes"};

	fx.services->answer(request, 200, "text/plain", &header, 1, text,
			    strlen(text));
	request = NULL;
}

static void
begin_stream(void)
{
	stream = fx.services->stream(request, 200, "text/plain", NULL, 0);
	request = NULL;
}

static void
leave(int fd)
{
	end_client(fd);
	turn();
}

static void
test_a_request_is_passed_on_and_answered(void **state)
{
	const struct teller_services *s = fx.services;
	size_t len;
	int fd = ask("POST /hold/a%20b?q=1 HTTP/1.1\r\nHost: localhost\r\n"
		     "X-Request-Id: me-1\r\nContent-Length: 4\r\n\r\nbody");

	(void)state;
	assert_non_null(request);
	assert_string_equal(s->http_param(request, "id"), "a b");
	assert_string_equal(s->http_query(request, "q"), "1");
	assert_null(s->http_query(request, "none"));
	assert_string_equal(s->http_header(request, "host"), "localhost");
	assert_string_equal(s->http_peer(request), "127.0.0.1");
	assert_string_equal(s->http_id(request), "me-1");
	assert_true(s->http_is_local(request));
	assert_memory_equal(s->http_body(request, &len), "body", 4);
	assert_int_equal(len, 4);
	answer("hello");
	expect(fd, "HTTP/1.1 200 OK\r\n", "\r\n\r\nhello");
	leave(fd);
	assert_story("");
}

static void
test_limits_of_routes_hold(void **state)
{
	int fd = ask("POST /hold/1 HTTP/1.1\r\nHost: localhost\r\n"
		     "Content-Length: 11\r\n\r\n01234567890");

	(void)state;
	assert_null(request);
	expect(fd, "HTTP/1.1 413 ", "problem+json");
	leave(fd);
	fd = ask("GET /here HTTP/1.1\r\nHost: localhost\r\n"
		 "X-Forwarded-For: 192.0.2.1\r\n\r\n");
	assert_null(request);
	expect(fd, "HTTP/1.1 403 ", "");
	leave(fd);
	fd = ask("GET /here HTTP/1.1\r\nHost: evil.example\r\n\r\n");
	assert_null(request);
	expect(fd, "HTTP/1.1 403 ", "");
	leave(fd);
}

static void
test_a_problem_is_answered(void **state)
{
	int fd = ask(GET("/hold/1"));

	(void)state;
	fx.services->problem(request, 429, "too_fast", "Wait.", 7);
	expect(fd, "HTTP/1.1 429 ", "\"too_fast\"");
	leave(fd);
	fd = ask(GET("/hold/1"));
	fx.services->problem(request, 401, "who", "Who is it?", 0);
	expect(fd, "HTTP/1.1 401 ", "WWW-Authenticate: Bearer\r\n");
	leave(fd);
	fd = ask(GET("/hold/1"));
	fx.services->problem(request, 200, "odd", "Odd.", 0);
	expect(fd, "HTTP/1.1 500 ", "\"odd\"");
	leave(fd);
}

static void
test_answers_that_cannot_be_sent_become_500(void **state)
{
	static const struct {
		int status;
		const char *media_type;
		struct teller_header header;
	} cases[] = {
		{99, "text/plain", {"A", "b"}},
		{1000, "text/plain", {"A", "b"}},
		{200, "text/plain\r\nX: y", {"A", "b"}},
		{200, "text/plain", {"A", "b\r\nX: y"}},
		{200, "text/plain", {"A: b", "c"}},
		{200, "text/plain", {"", "c"}},
		{200, "text/plain", {"A", NULL}},
		{200, "text/plain", {NULL, "c"}},
		{200, "text/plain", {"content-length", "5"}},
		{200, "text/plain", {"Transfer-Encoding", "chunked"}},
		{200, "text/plain", {"Connection", "close"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int fd = ask(GET("/hold/1"));
		fx.services->answer(request, cases[i].status,
				    cases[i].media_type, &cases[i].header, 1,
				    "", 0);
		expect(fd, "HTTP/1.1 500 ", "");
		leave(fd);
		fd = ask(GET("/hold/1"));
		assert_null(fx.services->stream(request, cases[i].status,
						cases[i].media_type,
						&cases[i].header, 1));
		expect(fd, "HTTP/1.1 500 ", "");
		leave(fd);
	}
	int fd = ask(GET("/hold/1"));
	assert_null(fx.services->stream(request, 204, NULL, NULL, 0));
	expect(fd, "HTTP/1.1 500 ", "");
	leave(fd);
}

static void
test_who_asked_is_told_that_the_client_left(void **state)
{
	size_t before = fx.host->n_owned;

	(void)state;
	wants_gone = true;
	leave(ask(GET("/hold/1")));
	assert_story("gone x\n");
	assert_null(request);
	assert_int_equal(fx.host->n_owned, before);
}

static void
test_who_did_not_ask_may_answer_all_the_same(void **state)
{
	size_t before = fx.host->n_owned, len;

	(void)state;
	leave(ask(GET("/hold/1")));
	assert_null(fx.services->http_param(request, "id"));
	assert_null(fx.services->http_query(request, "q"));
	assert_null(fx.services->http_header(request, "host"));
	assert_null(fx.services->http_peer(request));
	assert_null(fx.services->http_id(request));
	assert_null(fx.services->http_body(request, &len));
	assert_int_equal(len, 0);
	assert_false(fx.services->http_is_local(request));
	answer("too late");
	leave(ask(GET("/hold/1")));
	fx.services->problem(request, 500, "late", "Too late.", 0);
	leave(ask(GET("/hold/1")));
	begin_stream();
	assert_null(stream);
	assert_int_equal(fx.host->n_owned, before);
}

static void
test_what_was_answered_is_over(void **state)
{
	const struct teller_services *s = fx.services;
	size_t before = fx.host->n_owned;
	int fd = ask(GET("/hold/1"));
	struct teller_request *over = request;

	(void)state;
	answer("once");
	s->answer(over, 200, "text/plain", NULL, 0, "twice", 5);
	s->problem(over, 500, "late", "Too late.", 0);
	assert_null(s->stream(over, 200, "text/plain", NULL, 0));
	assert_null(s->http_param(over, "id"));
	s->http_on_gone(over, on_gone, "x");
	expect(fd, "HTTP/1.1 200 OK\r\n", "\r\n\r\nonce");
	leave(fd);
	fd = ask(GET("/hold/1"));
	begin_stream();
	s->stream_end(stream);
	s->stream_end(stream);
	assert_int_equal(s->stream_write(stream, "x", 1), -1);
	leave(fd);
	assert_int_equal(fx.host->n_owned, before);
	assert_story("");
}

static void
test_a_stream_is_written_and_ended(void **state)
{
	int fd = ask(GET("/hold/1"));

	(void)state;
	begin_stream();
	assert_int_equal(fx.services->stream_write(stream, "one", 3), 0);
	expect(fd, "HTTP/1.1 200 OK\r\n", "one");
	fx.services->stream_end(stream);
	expect(fd, "0\r\n", "");
	leave(fd);
}

static void
test_who_reads_too_slowly_is_cut_and_that_is_told_later(void **state)
{
	static const char much[600] = "x";
	int fd = ask(GET("/hold/1"));

	(void)state;
	wants_gone = true;
	leave(fd);
	fx.story.text[0] = '\0';
	fd = ask(GET("/hold/1"));
	begin_stream();
	struct teller_stream *cut = stream;
	assert_int_equal(fx.services->stream_write(cut, much, sizeof much), 0);
	while (fx.services->stream_write(cut, much, sizeof much) == 0)
		;
	/* Not from within; and until it is told, the stream can be named. */
	assert_story("");
	assert_int_equal(fx.services->stream_write(cut, "y", 1), -1);
	turn();
	assert_story("gone x\n");
	close(fd);
}

static void
test_a_stream_that_was_cut_may_be_ended(void **state)
{
	static const char much[600] = "x";
	int fd = ask(GET("/hold/1"));
	size_t before = fx.host->n_owned;

	(void)state;
	begin_stream();
	while (fx.services->stream_write(stream, much, sizeof much) == 0)
		;
	assert_int_equal(fx.services->stream_write(stream, "y", 1), -1);
	fx.services->stream_end(stream);
	assert_int_equal(fx.host->n_owned, before - 1);
	close(fd);
	/* The same, with gone already on its way. */
	wants_gone = true;
	fd = ask(GET("/hold/1"));
	begin_stream();
	while (fx.services->stream_write(stream, much, sizeof much) == 0)
		;
	fx.services->stream_end(stream);
	turn();
	assert_story("");
	close(fd);
}

static void
test_too_many_streams_are_refused(void **state)
{
	int fds[3];

	(void)state;
	wants_gone = true;
	for (int i = 0; i < 3; i++) {
		fds[i] = ask(GET("/hold/1"));
		begin_stream();
		assert_int_equal(stream == NULL, i == 2);
	}
	expect(fds[2], "HTTP/1.1 429 ", "");
	leave(fds[2]);
	assert_story("");
	leave(fds[0]);
	leave(fds[1]);
	assert_story("gone x\ngone x\n");
}

static void
ask_while_stopping(void)
{
	request = NULL;
	int fd = ask(GET("/hold/2"));
	assert_null(request);
	expect(fd, "HTTP/1.1 503 ", "Retry-After");
	leave(fd);
}

static void
test_what_is_open_at_the_end_is_ended(void **state)
{
	int waiting = ask(GET("/hold/1"));
	struct teller_request *first = request;
	int streaming = ask(GET("/hold/1"));

	(void)state;
	wants_gone = true;
	assert_ptr_not_equal(first, request);
	fx.services->http_on_gone(first, on_gone, "y");
	fx.services->http_on_gone(request, on_gone, "z");
	begin_stream();
	fx.services->stream_write(stream, "one", 3);
	fx.on_stop = ask_while_stopping;
	fx_end_instance();
	expect(waiting, "HTTP/1.1 503 ", "problem+json");
	expect(streaming, "HTTP/1.1 200 ", "0\r\n");
	assert_story("");
	leave(waiting);
	leave(streaming);
	int fd = ask(GET("/hold/1"));
	expect(fd, "HTTP/1.1 404 ", "");
	leave(fd);
}

static void
test_routes_are_there_again_after_a_restart(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		int fd = ask(GET("/hold/1"));
		answer("again");
		expect(fd, "HTTP/1.1 200 ", "again");
		leave(fd);
		fx_end_instance();
		fx_begin_instance();
	}
}

static void
test_a_route_that_is_taken_is_refused(void **state)
{
	(void)state;
	assert_int_equal(fx.services->serve(fx.host, "GET", "/hold/{id}", 0, 0,
					    on_request, NULL),
			 -1);
	assert_int_equal(fx.services->serve(fx.host, "GET", "no path", 0, 0,
					    on_request, NULL),
			 -1);
	assert_int_equal(
		fx.services->serve(fx.host, "GET", "/x", 0, 0, NULL, NULL), -1);
	fx.host->site = NULL;
	assert_int_equal(fx.services->serve(fx.host, "GET", "/x", 0, 0,
					    on_request, NULL),
			 -1);
	fx.host->site = fx.site;
}

/* ---- And the service that asks elsewhere: here, of the same server */

static bool is_fetched;

static void
on_fetched(void *arg, const struct teller_fetched *fetched)
{
	(void)arg;
	tell_story("fetched %d '%.*s'", fetched->status, (int)fetched->body_len,
		   (const char *)fetched->body);
	is_fetched = true;
}

static int
fetch(const char *path, bool allow_private)
{
	char url[100];
	struct teller_fetch wanted = {.size = sizeof wanted,
				      .url = url,
				      .allow_private = allow_private};

	is_fetched = false;
	snprintf(url, sizeof url, "http://127.0.0.1:%d%s",
		 http_server_port(server), path);
	return fx.services->fetch(fx.host, &wanted, on_fetched, NULL);
}

static void
run_until_asked(void)
{
	bool is_asked = false;

	for (int i = 0; i < 1000 && !is_asked; i++) {
		loop_run_once(fx.base.loop, 50);
		is_asked = request != NULL;
	}
	assert_true(is_asked);
}

static void
test_a_fetch_is_answered_later(void **state)
{
	size_t before = fx.host->n_owned;

	(void)state;
	assert_int_equal(fetch("/hold/1", true), 0);
	run_until_asked();
	answer("hello");
	fixture_run_until(&fx.base, &is_fetched);
	assert_story("fetched 200 'hello'\n");
	assert_int_equal(fx.host->n_owned, before);
}

static void
test_fetches_that_make_no_sense_are_refused(void **state)
{
	struct teller_fetch request_to = {.size = sizeof request_to,
					  .url = "gopher://x"};

	(void)state;
	assert_int_equal(
		fx.services->fetch(fx.host, &request_to, on_fetched, NULL), -1);
	request_to.url = "http://x\r\ny/";
	assert_int_equal(
		fx.services->fetch(fx.host, &request_to, on_fetched, NULL), -1);
	request_to.url = "http://example.com/";
	assert_int_equal(fx.services->fetch(fx.host, &request_to, NULL, NULL),
			 -1);
	request_to.size = 8;
	assert_int_equal(
		fx.services->fetch(fx.host, &request_to, on_fetched, NULL), -1);
}

static void
test_a_private_address_is_not_asked_unless_that_is_allowed(void **state)
{
	(void)state;
	if (fetch("/hold/1", false) == 0) {
		fixture_run_until(&fx.base, &is_fetched);
		assert_story("fetched 0 ''\n");
	}
	assert_null(request);
}

static void
test_a_fetch_under_way_is_cancelled_at_the_end(void **state)
{
	(void)state;
	assert_int_equal(fetch("/hold/1", true), 0);
	run_until_asked();
	assert_int_equal(fetch("/hold/1", true), 0);
	fx_end_instance();
	turn();
	assert_story("");
}

/* ---- And a connection of its own */

static struct teller_conn *conn;

static void
on_conn(void *arg, struct teller_conn *c, enum teller_conn_event event,
	const void *data, size_t len, const char *words)
{
	static const char *const names[] = {"ready", "data", "drained",
					    "closed"};

	(void)arg, (void)words;
	assert_ptr_equal(c, conn);
	tell_story("%s %.8s", names[event], len > 0 ? (const char *)data : "");
	if (event != TELLER_CONN_CLOSED)
		return;
	/* It is no more; to close it now is not needed, and no harm. */
	fx.services->conn_pause(c, true);
	assert_int_equal(fx.services->conn_write(c, "x", 1), -1);
	assert_int_equal(fx.services->conn_start_tls(c), -1);
	fx.services->conn_close(c);
	conn = NULL;
}

static void
run_until_told(const char *words)
{
	for (int i = 0; i < 1000 && !strstr(fx.story.text, words); i++)
		loop_run_once(fx.base.loop, 50);
	assert_non_null(strstr(fx.story.text, words));
}

static struct teller_conn *
dial(const char *host, int port, int flags)
{
	return fx.services->dial(fx.host, host, port, flags, NULL, 5000,
				 on_conn, NULL);
}

static void
test_a_connection_is_written_and_read(void **state)
{
	static const char text[] = GET("/hold/1");
	size_t before = fx.host->n_owned;

	(void)state;
	conn = dial("127.0.0.1", http_server_port(server),
		    TELLER_DIAL_ALLOW_PRIVATE);
	assert_non_null(conn);
	assert_story("");
	run_until_told("ready");
	assert_int_equal(fx.services->conn_write(conn, text, strlen(text)), 0);
	run_until_asked();
	answer("hello");
	run_until_told("data HTTP/1.1");
	fx.services->conn_close(conn);
	assert_int_equal(fx.host->n_owned, before);
}

static void
test_a_connection_that_ends_is_told_of_once(void **state)
{
	static const char text[] = "nonsense\r\n\r\n";
	size_t before = fx.host->n_owned;

	(void)state;
	conn = dial("127.0.0.1", http_server_port(server),
		    TELLER_DIAL_ALLOW_PRIVATE);
	run_until_told("ready");
	fx.services->conn_write(conn, text, strlen(text));
	run_until_told("closed");
	assert_null(conn);
	assert_int_equal(fx.host->n_owned, before);
}

static void
test_connections_that_make_no_sense_are_refused(void **state)
{
	(void)state;
	assert_null(dial(NULL, 1, 0));
	assert_null(dial("127.0.0.1", 0, TELLER_DIAL_ALLOW_PRIVATE));
	assert_null(fx.services->dial(fx.host, "127.0.0.1", 1, 0, NULL, 0, NULL,
				      NULL));
	conn = dial("127.0.0.1", http_server_port(server), 0);
	if (conn)
		run_until_told("closed");
}

static void
dial_too_late(void)
{
	assert_null(dial("127.0.0.1", http_server_port(server),
			 TELLER_DIAL_ALLOW_PRIVATE));
}

static void
test_a_connection_that_is_left_over_is_ended(void **state)
{
	(void)state;
	fx.on_stop = dial_too_late;
	conn = dial("127.0.0.1", http_server_port(server),
		    TELLER_DIAL_ALLOW_PRIVATE);
	run_until_told("ready");
	fx.story.text[0] = '\0';
	fx_end_instance();
	turn();
	assert_story("");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(test_a_request_is_passed_on_and_answered),
		TEST(test_limits_of_routes_hold),
		TEST(test_a_problem_is_answered),
		TEST(test_answers_that_cannot_be_sent_become_500),
		TEST(test_who_asked_is_told_that_the_client_left),
		TEST(test_who_did_not_ask_may_answer_all_the_same),
		TEST(test_what_was_answered_is_over),
		TEST(test_a_stream_is_written_and_ended),
		TEST(test_who_reads_too_slowly_is_cut_and_that_is_told_later),
		TEST(test_a_stream_that_was_cut_may_be_ended),
		TEST(test_too_many_streams_are_refused),
		TEST(test_what_is_open_at_the_end_is_ended),
		TEST(test_routes_are_there_again_after_a_restart),
		TEST(test_a_route_that_is_taken_is_refused),
		TEST(test_a_fetch_is_answered_later),
		TEST(test_fetches_that_make_no_sense_are_refused),
		TEST(test_a_private_address_is_not_asked_unless_that_is_allowed),
		TEST(test_a_fetch_under_way_is_cancelled_at_the_end),
		TEST(test_a_connection_is_written_and_read),
		TEST(test_a_connection_that_ends_is_told_of_once),
		TEST(test_connections_that_make_no_sense_are_refused),
		TEST(test_a_connection_that_is_left_over_is_ended),
	};

	log_open(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
