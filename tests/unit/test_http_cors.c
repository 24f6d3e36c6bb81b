/* Whose pages may call which routes, and how many requests of whom are too
 * many. Client and server share one thread. */
#include "http_fixture.h"

#include <stdio.h>

#include "net/address.h"

static struct http_site *site;
static struct http_stream *stream;
static char refused[1000]; /* origins that were told of, each behind a blank */
static char peer[ADDRESS_TEXT_SIZE];

static void
serve(void *arg, struct http_request *request)
{
	(void)arg;
	snprintf(peer, sizeof peer, "%s", http_peer(request));
	http_answer(request, 200, "text/plain", NULL, 0, "ok", 2);
}

static void
forget_stream(void *arg)
{
	(void)arg;
	stream = NULL;
}

static void
serve_stream(void *arg, struct http_request *request)
{
	(void)arg;
	http_on_gone(request, forget_stream, NULL);
	stream = http_stream(request, 200, "text/event-stream", NULL, 0);
}

static void
tell(void *arg, const char *origin)
{
	(void)arg;
	strncat(refused, " ", sizeof refused - strlen(refused) - 1);
	strncat(refused, origin, sizeof refused - strlen(refused) - 1);
}

static int
set_up(void **state)
{
	static const char *const origins[] = {"https://shop.example",
					      "http://localhost:3000"};

	(void)state;
	loop = loop_new(NULL);
	server = http_server_new(loop, &http_limits_default);
	site = http_site_new(server, 3, 1000);
	assert_int_equal(http_server_listen(server, "127.0.0.1:0", NULL), 0);
	http_site_route(site, "GET", "/x", 0, 0, serve, NULL, NULL);
	http_site_route(site, "POST", "/x", 0, 0, serve, NULL, NULL);
	http_site_route(site, "GET", "/s", 0, 0, serve_stream, NULL, NULL);
	http_server_route(server, "GET", "/own-s", 0, 0, serve_stream, NULL,
			  NULL);
	http_server_route(server, "GET", "/own", 0, 0, serve, NULL, NULL);
	http_server_route(server, "POST", "/own", 0, 0, serve, NULL, NULL);
	http_site_allow(site, origins, 2);
	http_site_on_refused(site, tell, NULL);
	refused[0] = '\0';
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	http_site_free(site);
	http_server_free(server);
	loop_free(loop);
	return 0;
}

/* The answer to a request of that first line and those further ones. */
static const char *
ask(const char *what, const char *fields)
{
	static char text[65536];
	char request[2000];
	bool is_end;

	snprintf(request, sizeof request,
		 "%s HTTP/1.1\r\nHost: bank.example\r\n%s\r\n", what, fields);
	int fd = connect_and_send(request);
	snprintf(text, sizeof text, "%s",
		 receive_until(fd, "", false, &is_end));
	leave(fd);
	return text;
}

static void
expect(const char *what, const char *fields, int status)
{
	const char *text = ask(what, fields);
	char start[32];

	snprintf(start, sizeof start, "HTTP/1.1 %d ", status);
	if (strncmp(text, start, strlen(start)) != 0)
		fail_msg("%s with %s: %.12s, not %d", what, fields, text,
			 status);
}

#define LISTED "Origin: https://shop.example\r\n"
#define OTHER "Origin: https://evil.example\r\n"
#define OWN "Origin: https://bank.example\r\n"
#define JSON "Content-Length: 0\r\n"

static void
test_a_listed_page_may_call_and_read(void **state)
{
	(void)state;
	const char *text = ask("GET /x", LISTED);
	assert_non_null(strstr(text, "\r\nAccess-Control-Allow-Origin: "
				     "https://shop.example\r\n"));
	assert_non_null(strstr(text, "\r\nVary: Origin\r\n"));
	assert_non_null(strstr(text, "\r\nAccess-Control-Expose-Headers: "
				     "Location, "));
	assert_null(strstr(text, "Allow-Credentials"));
	/* Whoever keeps an answer must not give it to another page. */
	assert_non_null(strstr(ask("GET /x", ""), "\r\nVary: Origin\r\n"));
	text = ask("GET /s", LISTED);
	assert_non_null(strstr(text, "Allow-Origin: https://shop.example"));
	assert_non_null(strstr(text, "text/event-stream"));
	/* It can read what went wrong, too. */
	text = ask("DELETE /x", LISTED);
	assert_non_null(strstr(text, "HTTP/1.1 405 "));
	assert_non_null(strstr(text, "Allow-Origin: https://shop.example"));
	assert_string_equal(refused, "");
}

static void
test_a_preflight_says_what_may_follow(void **state)
{
	(void)state;
	const char *text = ask("OPTIONS /x",
			       LISTED "Access-Control-Request-Method: POST\r\n"
				      "Access-Control-Request-Headers: "
				      "authorization\r\n");
	assert_non_null(strstr(text, "HTTP/1.1 204 "));
	assert_non_null(strstr(text, "Allow-Origin: https://shop.example"));
	assert_non_null(strstr(text, "\r\nAccess-Control-Allow-Methods: GET, "
				     "HEAD, POST, OPTIONS\r\n"));
	assert_non_null(strstr(text, "\r\nAccess-Control-Allow-Headers: "
				     "Authorization, Content-Type, "));
	assert_non_null(strstr(text, "\r\nAccess-Control-Max-Age: 600\r\n"));
	assert_null(strstr(text, "Private-Network"));
	text = ask("OPTIONS /x",
		   OTHER "Access-Control-Request-Method: POST\r\n");
	assert_non_null(strstr(text, "HTTP/1.1 403 "));
	assert_null(strstr(text, "Access-Control"));
	assert_string_equal(refused, " https://evil.example");
	/* Who asks what there is, and is no browser, gets it as ever. */
	text = ask("OPTIONS /x", "");
	assert_non_null(
		strstr(text, "\r\nAllow: GET, HEAD, POST, OPTIONS\r\n"));
	assert_null(strstr(text, "Access-Control"));
}

/* Method and fields, and what becomes of it at a site's route and at one of
 * the server's own. */
static const struct {
	const char *method, *fields;
	int at_site, at_own;
} matrix[] = {
	{"GET", "", 200, 200},
	{"POST", JSON, 200, 200},
	{"GET", LISTED, 200, 200},
	{"POST", JSON LISTED, 200, 403},
	{"GET", OWN, 200, 200},
	{"POST", JSON OWN, 200, 200},
	{"GET", OTHER, 403, 200},
	{"POST", JSON OTHER, 403, 403},
	{"GET", "Origin: null\r\n", 403, 200},
	{"POST", JSON "Origin: null\r\n", 403, 403},
	/* Nearly one that is listed, or ours. */
	{"POST", JSON "Origin: http://shop.example\r\n", 403, 403},
	{"POST", JSON "Origin: https://shop.example:8443\r\n", 403, 403},
	{"POST", JSON "Origin: https://shop.example.evil\r\n", 403, 403},
	{"POST", JSON "Origin: https://evil.shop.example\r\n", 403, 403},
	{"POST", JSON "Origin: HTTPS://SHOP.EXAMPLE\r\n", 403, 403},
	{"POST", JSON "Origin: https://bank.example:1\r\n", 403, 403},
	{"POST", JSON "Origin: bank.example\r\n", 403, 403},
	{"POST", JSON "Origin:\r\n", 403, 403},
	{"POST", JSON LISTED OTHER, 403, 403},
	/* What the browser says of how the pages stand to each other. */
	{"POST", JSON "Sec-Fetch-Site: same-origin\r\n", 200, 200},
	{"POST", JSON "Sec-Fetch-Site: none\r\n", 200, 200},
	{"POST", JSON "Sec-Fetch-Site: cross-site\r\n", 403, 403},
	{"POST", JSON "Sec-Fetch-Site: same-site\r\n", 403, 403},
	{"GET", "Sec-Fetch-Site: cross-site\r\n", 200, 200},
	{"POST", JSON OWN "Sec-Fetch-Site: same-origin\r\n", 200, 200},
	{"POST", JSON OWN "Sec-Fetch-Site: cross-site\r\n", 403, 403},
	{"POST", JSON LISTED "Sec-Fetch-Site: cross-site\r\n", 200, 403},
	{"POST", JSON OTHER "Sec-Fetch-Site: same-site\r\n", 403, 403},
	/* A proxy gave us another name. */
	{"POST",
	 JSON "Origin: https://public.example\r\n"
	      "Sec-Fetch-Site: same-origin\r\n",
	 200, 200},
};

static void
test_what_may_change_something_comes_from_our_pages(void **state)
{
	char what[32];

	(void)state;
	for (size_t i = 0; i < sizeof matrix / sizeof *matrix; i++) {
		snprintf(what, sizeof what, "%s /x", matrix[i].method);
		expect(what, matrix[i].fields, matrix[i].at_site);
		snprintf(what, sizeof what, "%s /own", matrix[i].method);
		expect(what, matrix[i].fields, matrix[i].at_own);
	}
}

static void
test_another_list_takes_the_place_of_the_first(void **state)
{
	static const char *const origins[] = {"https://evil.example"};

	(void)state;
	http_site_allow(site, origins, 1);
	http_site_on_refused(site, NULL, NULL);
	expect("GET /x", OTHER, 200);
	expect("GET /x", LISTED, 403);
	assert_string_equal(refused, "");
}

/* ---- Whose a request is */

static void
trust(const char *proxy, enum forwarded_field field)
{
	struct http_limits limits = http_limits_default;
	struct address_net net;

	assert_int_equal(address_net_parse(&net, proxy, NULL), 0);
	limits.proxies = &net;
	limits.n_proxies = 1;
	limits.client_field = field;
	limits.max_streams_per_address = 1;
	limits.rate_per_address = 2;
	limits.rate_loopback = true;
	http_server_set_limits(server, &limits);
}

#define FOR(address) "X-Forwarded-For: " address "\r\n"

static void
test_only_a_known_proxy_says_who_asks(void **state)
{
	(void)state;
	expect("GET /own", FOR("192.0.2.1"), 200);
	assert_string_equal(peer, "127.0.0.1");
	trust("127.0.0.1", FORWARDED_X_FOR);
	expect("GET /own", FOR("192.0.2.1"), 200);
	assert_string_equal(peer, "192.0.2.1");
	expect("GET /own", "Forwarded: for=192.0.2.1\r\n", 200);
	assert_string_equal(peer, "127.0.0.1");
	/* What the client wrote himself stands left of what the proxy wrote. */
	expect("GET /own", FOR("8.8.8.8") FOR("192.0.2.2, 127.0.0.1"), 200);
	assert_string_equal(peer, "192.0.2.2");
	expect("GET /own", FOR("\"") FOR("192.0.2.3"), 200);
	assert_string_equal(peer, "192.0.2.3");
	trust("10.0.0.0/8", FORWARDED_X_FOR);
	expect("GET /own", FOR("192.0.2.1"), 200);
	assert_string_equal(peer, "127.0.0.1");
	trust("127.0.0.0/8", FORWARDED_RFC7239);
	expect("GET /own", "Forwarded: for=\"[2001:db8::1]:90\"\r\n", 200);
	assert_string_equal(peer, "2001:db8::1");
}

static void
test_streams_are_counted_by_client(void **state)
{
	char request[] =
		"GET /s HTTP/1.1\r\nHost: a\r\n" FOR("192.0.2.1") "\r\n";
	bool is_end;

	(void)state;
	trust("127.0.0.1", FORWARDED_X_FOR);
	int first = connect_and_send(request);
	assert_non_null(strstr(receive_until(first, "", false, &is_end),
			       "HTTP/1.1 200 "));
	expect("GET /s", FOR("192.0.2.1"), 429);
	/* He is one, whatever connections the proxy has. */
	expect("GET /s", FOR("192.0.2.2"), 200);
	leave(first);
	assert_null(stream);
}

static void
test_a_client_at_a_proxy_is_a_client(void **state)
{
	static const char *const fields[] = {FOR("127.0.0.1"), "",
					     FOR("unknown")};
	char request[200];
	bool is_end;

	(void)state;
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		trust("127.0.0.1", FORWARDED_X_FOR);
		snprintf(request, sizeof request,
			 "GET /own-s HTTP/1.1\r\nHost: a\r\n%s\r\n", fields[i]);
		int first = connect_and_send(request);
		assert_non_null(strstr(receive_until(first, "", false, &is_end),
				       "HTTP/1.1 200 "));
		expect("GET /own-s", fields[i], 429);
		leave(first);
	}
	/* All three are one. */
	expect("GET /x", fields[0], 200);
	expect("GET /x", fields[1], 200);
	expect("GET /x", fields[2], 429);
	expect("GET /x", FOR("192.0.2.1"), 200);
}

static void
test_a_program_here_is_none_of_a_proxy(void **state)
{
	char request[] = "GET /own-s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
	bool is_end;
	int fds[3];

	(void)state;
	trust("127.0.0.1", FORWARDED_X_FOR);
	for (size_t i = 0; i < 3; i++) {
		fds[i] = connect_and_send(request);
		assert_non_null(
			strstr(receive_until(fds[i], "", false, &is_end),
			       "HTTP/1.1 200 "));
	}
	for (size_t i = 0; i < 3; i++)
		close(fds[i]);
	turn();
}

static void
test_a_connection_learns_of_new_proxies(void **state)
{
	char request[] =
		"GET /own HTTP/1.1\r\nHost: a\r\n" FOR("192.0.2.1") "\r\n";
	bool is_end;

	(void)state;
	int fd = connect_and_send(request);
	receive_until(fd, "", false, &is_end);
	assert_string_equal(peer, "127.0.0.1");
	trust("127.0.0.1", FORWARDED_X_FOR);
	send_text(fd, request);
	receive_until(fd, "", false, &is_end);
	assert_string_equal(peer, "192.0.2.1");
	trust("10.0.0.0/8", FORWARDED_X_FOR);
	send_text(fd, request);
	receive_until(fd, "", false, &is_end);
	assert_string_equal(peer, "127.0.0.1");
	leave(fd);
}

static void
test_too_many_requests_are_refused_by_client(void **state)
{
	(void)state;
	trust("127.0.0.1", FORWARDED_X_FOR);
	const char *text = ask("GET /x", FOR("192.0.2.1"));
	assert_non_null(strstr(text, "\r\nRateLimit-Policy: "
				     "\"address\";q=2;w=60\r\n"));
	assert_non_null(
		strstr(text, "\r\nRateLimit: \"address\";r=1;t=30\r\n"));
	expect("GET /x", FOR("192.0.2.1"), 200);
	text = ask("POST /x", LISTED JSON FOR("192.0.2.1"));
	assert_non_null(strstr(text, "HTTP/1.1 429 "));
	assert_non_null(strstr(text, "\r\nRetry-After: "));
	assert_non_null(strstr(text, "\r\nRateLimit: \"address\";r=0;t="));
	assert_non_null(strstr(text, "\"code\":\"rate_limited\""));
	/* The page can read that. */
	assert_non_null(strstr(text, "Allow-Origin: https://shop.example"));
	expect("GET /x", FOR("192.0.2.2"), 200);
	/* Nobody who watches the server is ever refused. */
	for (int i = 0; i < 5; i++)
		expect("GET /own", FOR("192.0.2.1"), 200);
}

static void
limit(int per_token, int per_address, int total, bool is_loopback_too)
{
	struct http_limits limits = http_limits_default;

	limits.rate_per_token = per_token;
	limits.rate_per_address = per_address;
	limits.rate_total = total;
	limits.rate_loopback = is_loopback_too;
	http_server_set_limits(server, &limits);
}

#define TOKEN(name) "Authorization: Bearer " name "\r\n"

static void
test_each_token_has_its_own_limit(void **state)
{
	(void)state;
	limit(1, 0, 0, true);
	expect("GET /x", TOKEN("a"), 200);
	expect("GET /x", TOKEN("a"), 429);
	/* It is the same however it is written. */
	expect("GET /x", "Authorization: bearer   a\r\n", 429);
	expect("GET /x", TOKEN("b"), 200);
	expect("GET /x", "", 200);
	expect("GET /x", "", 200);
}

static void
test_a_made_up_token_is_on_the_account_of_its_address(void **state)
{
	(void)state;
	limit(1, 3, 0, true);
	/* The host's own address: it is not behind a proxy. */
	char fields[100];
	for (int i = 0; i < 5; i++) {
		snprintf(fields, sizeof fields,
			 "Host: 127.0.0.1\r\nAuthorization: Bearer %d\r\n", i);
		char request[300];
		bool is_end;
		snprintf(request, sizeof request, "GET /x HTTP/1.1\r\n%s\r\n",
			 fields);
		int fd = connect_and_send(request);
		assert_non_null(
			strstr(receive_until(fd, "", false, &is_end),
			       i < 3 ? "HTTP/1.1 200 " : "HTTP/1.1 429 "));
		close(fd);
	}
}

static void
test_all_together_have_a_limit(void **state)
{
	(void)state;
	limit(0, 0, 2, true);
	expect("GET /x", TOKEN("a"), 200);
	expect("GET /x", TOKEN("b"), 200);
	const char *text = ask("GET /x", TOKEN("c"));
	assert_non_null(strstr(text, "HTTP/1.1 429 "));
	assert_non_null(strstr(text, "\"server\";r=0;t="));
}

static void
test_programs_on_this_machine_may_be_let_off(void **state)
{
	char request[] = "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n";
	bool is_end;

	(void)state;
	limit(1, 1, 1, false);
	for (int i = 0; i < 3; i++) {
		int fd = connect_and_send(request);
		const char *text = receive_until(fd, "", false, &is_end);
		assert_non_null(strstr(text, "HTTP/1.1 200 "));
		assert_null(strstr(text, "RateLimit"));
		close(fd);
	}
	/* Those for whom a proxy here asks are no such programs. */
	expect("GET /x", FOR("192.0.2.1"), 200);
	expect("GET /x", FOR("192.0.2.1"), 429);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_listed_page_may_call_and_read),
		TEST(test_a_preflight_says_what_may_follow),
		TEST(test_what_may_change_something_comes_from_our_pages),
		TEST(test_another_list_takes_the_place_of_the_first),
		TEST(test_only_a_known_proxy_says_who_asks),
		TEST(test_streams_are_counted_by_client),
		TEST(test_a_client_at_a_proxy_is_a_client),
		TEST(test_a_program_here_is_none_of_a_proxy),
		TEST(test_a_connection_learns_of_new_proxies),
		TEST(test_too_many_requests_are_refused_by_client),
		TEST(test_each_token_has_its_own_limit),
		TEST(test_a_made_up_token_is_on_the_account_of_its_address),
		TEST(test_all_together_have_a_limit),
		TEST(test_programs_on_this_machine_may_be_let_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
