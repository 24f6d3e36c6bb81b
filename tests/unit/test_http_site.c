/* Sites: whatever comes while an owner of routes is away, each request is
 * served or refused once.  Client and server share one thread. */
#include "http_fixture.h"

#include <stdio.h>

#include "base/time.h"

#define POST(path, body) \
	"POST " path " HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n" body
#define MAX_WAITING 3
#define LONG_MS 60000
#define SHORT_MS 30

static struct http_site *site;
static struct http_route *get_route, *post_route;
static char served[1000]; /* "before:/x/1 after:/x/2=body ", in order */

static void
serve(void *arg, struct http_request *request)
{
	const char *who = arg, *id = http_param(request, "id");
	size_t len, used = strlen(served);
	const char *body = http_body(request, &len);

	snprintf(served + used, sizeof served - used, "%s:%s%s%.*s ", who,
		 id ? id : http_path(request), len ? "=" : "", (int)len, body);
	http_answer(request, 200, "text/plain", NULL, 0, who, strlen(who));
}

static struct http_request *kept;

static void
forget(void *arg)
{
	(void)arg;
	kept = NULL;
}

static void
keep(void *arg, struct http_request *request)
{
	(void)arg;
	kept = request;
	http_on_gone(request, forget, NULL);
}

static struct http_route *
route(const char *method, const char *path, size_t max_body, const char *who)
{
	struct err err = {0};
	struct http_route *made =
		http_site_route(site, method, path, 0, max_body,
				who ? serve : keep, (void *)who, &err);

	if (!made)
		fail_msg("%s", err.text);
	return made;
}

static void
set_up_for(int64_t wait_ms)
{
	loop = loop_new(NULL);
	server = http_server_new(loop, &http_limits_default);
	site = http_site_new(server, MAX_WAITING, wait_ms);
	assert_int_equal(http_server_listen(server, "127.0.0.1:0", NULL), 0);
	get_route = route("GET", "/x/{id}", 0, "before");
	post_route = route("POST", "/x", 0, "before");
	served[0] = '\0';
}

static int
set_up(void **state)
{
	(void)state;
	set_up_for(LONG_MS);
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

/* All that has come, when something has. */
static const char *
answer(int fd)
{
	bool is_end;

	turn();
	return receive_until(fd, "", false, &is_end);
}

static void
expect(int fd, const char *start, const char *part)
{
	const char *text = answer(fd);

	assert_memory_equal(text, start, strlen(start));
	assert_non_null(strstr(text, part));
}

static void
expect_refused(int fd)
{
	const char *text = answer(fd);

	assert_memory_equal(text, "HTTP/1.1 503 ", 13);
	assert_non_null(strstr(text, "\r\nRetry-After: 5\r\n"));
	assert_non_null(strstr(text, "\"unavailable\""));
}

static void
go_away(void)
{
	http_site_hold(site);
	http_route_free(get_route);
	http_route_free(post_route);
}

static void
come_back(void)
{
	get_route = route("GET", "/x/{id}", 0, "after");
	post_route = route("POST", "/x", 0, "after");
	http_site_open(site);
}

static void
test_who_comes_meanwhile_is_served_afterwards_in_order(void **state)
{
	(void)state;
	http_site_hold(site);
	int first = connect_and_send(GET("/x/1") GET("/x/2"));
	go_away();
	int second = connect_and_send(POST("/x", "body"));
	turn();
	expect_nothing(first);
	come_back();
	expect(first, "HTTP/1.1 200 ", "after");
	expect(second, "HTTP/1.1 200 ", "after");
	assert_string_equal(served, "after:1 after:/x=body after:2 ");
	send_text(second, GET("/x/3"));
	expect(second, "HTTP/1.1 200 ", "after");
	close(first);
	close(second);
}

static void
test_one_that_is_still_coming_in_comes_to_the_new_owner(void **state)
{
	(void)state;
	int early = connect_and_send(POST("/x", "ea")),
	    late = connect_and_send(POST("/x", "la"));
	go_away();
	send_text(early, "rl");
	come_back();
	send_text(late, "te");
	expect(early, "HTTP/1.1 200 ", "after");
	expect(late, "HTTP/1.1 200 ", "after");
	assert_string_equal(served, "after:/x=earl after:/x=late ");
	close(early);
	close(late);
}

static void
test_what_the_new_owner_has_not_is_not_there(void **state)
{
	(void)state;
	http_site_hold(site);
	int waiting = connect_and_send(GET("/x/1")),
	    coming = connect_and_send(POST("/x", "bo"));
	go_away();
	http_site_open(site);
	expect(waiting, "HTTP/1.1 404 ", "not_found");
	expect(coming, "HTTP/1.1 503 ", "no_longer_served");
	assert_string_equal(served, "");
	close(waiting);
	close(coming);
}

static void
test_the_new_owner_may_take_other_paths_and_less(void **state)
{
	(void)state;
	go_away();
	int fixed = connect_and_send(GET("/x/1")),
	    large = connect_and_send(POST("/x", "body"));
	get_route = route("GET", "/x/{name}", 0, "after");
	post_route = route("POST", "/x", 3, "after");
	route("GET", "/x/1", 0, "fixed");
	http_site_open(site);
	expect(fixed, "HTTP/1.1 200 ", "fixed");
	expect(large, "HTTP/1.1 413 ", "body_too_large");
	assert_string_equal(served, "fixed:/x/1 ");
	close(fixed);
	close(large);
}

static void
test_who_leaves_meanwhile_is_not_served(void **state)
{
	(void)state;
	go_away();
	int fds[] = {connect_and_send(GET("/x/1")),
		     connect_and_send(GET("/x/2")),
		     connect_and_send(GET("/x/3"))};
	close(fds[2]);
	close(fds[0]);
	turn();
	int last = connect_and_send(GET("/x/4"));
	come_back();
	expect(fds[1], "HTTP/1.1 200 ", "after");
	expect(last, "HTTP/1.1 200 ", "after");
	assert_string_equal(served, "after:2 after:4 ");
	close(fds[1]);
	close(last);
}

static void
test_those_too_many_are_refused(void **state)
{
	int fds[MAX_WAITING + 1];

	(void)state;
	go_away();
	for (int i = 0; i <= MAX_WAITING; i++)
		fds[i] = connect_and_send(GET("/x/1"));
	expect_refused(fds[MAX_WAITING]);
	come_back();
	for (int i = 0; i < MAX_WAITING; i++)
		expect(fds[i], "HTTP/1.1 200 ", "after");
	for (int i = 0; i <= MAX_WAITING; i++)
		close(fds[i]);
}

static void
test_who_waits_too_long_is_refused(void **state)
{
	int64_t end_us = time_mono_us() + 60000000;

	(void)state;
	tear_down(NULL);
	set_up_for(SHORT_MS);
	go_away();
	int fd = connect_and_send(GET("/x/1"));
	while (http_server_requests(server) && time_mono_us() < end_us)
		loop_run_once(loop, 100);
	expect_refused(fd);
	come_back();
	send_text(fd, GET("/x/2"));
	expect(fd, "HTTP/1.1 200 ", "after");
	assert_string_equal(served, "after:2 ");
	close(fd);
}

static void
test_one_that_is_down_refuses_at_once(void **state)
{
	(void)state;
	go_away();
	int waiting = connect_and_send(GET("/x/1"));
	http_site_down(site);
	expect_refused(waiting);
	send_text(waiting, GET("/x/1"));
	expect_refused(waiting);
	http_site_hold(site);
	send_text(waiting, GET("/x/2"));
	come_back();
	expect(waiting, "HTTP/1.1 200 ", "after");
	assert_string_equal(served, "after:2 ");
	close(waiting);
}

static void
test_what_the_owner_has_in_hand_he_may_answer(void **state)
{
	(void)state;
	route("GET", "/kept", 0, NULL);
	int fd = connect_and_send(GET("/kept"));
	assert_non_null(kept);
	http_site_hold(site);
	turn();
	assert_non_null(kept);
	http_route_free(get_route);
	get_route = route("GET", "/x/{id}", 0, "after");
	http_site_open(site);
	http_answer(kept, 200, NULL, NULL, 0, "late", 4);
	expect(fd, "HTTP/1.1 200 ", "late");
	close(fd);
}

static void
test_a_request_in_hand_is_answered_when_its_route_goes(void **state)
{
	struct http_route *mine = route("GET", "/kept", 0, NULL);

	(void)state;
	int fd = connect_and_send(GET("/kept"));
	http_site_hold(site);
	http_route_free(mine);
	assert_null(kept);
	expect(fd, "HTTP/1.1 503 ", "no_longer_served");
	close(fd);
}

static void
test_nobody_else_takes_a_path_meanwhile(void **state)
{
	struct err err;
	const char *method, *path;

	(void)state;
	go_away();
	assert_false(http_server_route_at(server, 0, &method, &path));
	assert_null(http_server_route(server, "GET", "/x/{a}", 0, 0, serve,
				      NULL, &err));
	assert_string_equal(err.text, "the route 'GET /x/{a}' is taken");
	http_site_open(site);
	assert_non_null(http_server_route(server, "GET", "/x/{a}", 0, 0, serve,
					  (void *)"other", &err));
	int fd = connect_and_send(GET("/x/1"));
	expect(fd, "HTTP/1.1 200 ", "other");
	close(fd);
}

static void
test_a_site_that_ends_refuses_who_waits(void **state)
{
	(void)state;
	go_away();
	int fd = connect_and_send(GET("/x/1"));
	http_site_free(site);
	site = NULL;
	expect_refused(fd);
	send_text(fd, GET("/x/1"));
	expect(fd, "HTTP/1.1 404 ", "not_found");
	close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_who_comes_meanwhile_is_served_afterwards_in_order),
		TEST(test_one_that_is_still_coming_in_comes_to_the_new_owner),
		TEST(test_what_the_new_owner_has_not_is_not_there),
		TEST(test_the_new_owner_may_take_other_paths_and_less),
		TEST(test_who_leaves_meanwhile_is_not_served),
		TEST(test_those_too_many_are_refused),
		TEST(test_who_waits_too_long_is_refused),
		TEST(test_one_that_is_down_refuses_at_once),
		TEST(test_what_the_owner_has_in_hand_he_may_answer),
		TEST(test_a_request_in_hand_is_answered_when_its_route_goes),
		TEST(test_nobody_else_takes_a_path_meanwhile),
		TEST(test_a_site_that_ends_refuses_who_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
