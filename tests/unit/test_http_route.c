#include "test.h"

#include <stdio.h>

#include "net/http_route.h"

static struct http_route *
add(struct http_routes *routes, const char *method, const char *path)
{
	struct err err = {0};
	struct http_route *route =
		http_routes_add(routes, NULL, method, path, &err);

	if (!route)
		fail_msg("%s", err.text);
	return route;
}

/* "path a,b" of what a request finds; "405 allow", "404". */
static const char *
find(struct http_routes *routes, const char *method, const char *path)
{
	static char text[1000];
	struct http_match match;
	char allow[HTTP_ALLOW_SIZE];

	if (!http_routes_find(routes, path, &match))
		return "404";
	struct http_route *route = http_node_route(match.node, method);
	if (!route) {
		http_node_allow(match.node, allow);
		snprintf(text, sizeof text, "405 %s", allow);
		return text;
	}
	int len = snprintf(text, sizeof text, "%s", route->path);
	assert_int_equal(match.n_params, route->n_params);
	for (size_t i = 0; i < match.n_params; i++)
		len += snprintf(text + len, sizeof text - (size_t)len,
				" %s=%.*s", route->param_names[i],
				(int)match.params[i].len, match.params[i].at);
	return text;
}

static void
test_fixed_segments_win_over_names(void **state)
{
	struct http_routes r;

	(void)state;
	http_routes_init(&r);
	add(&r, "GET", "/");
	add(&r, "GET", "/a/{x}");
	add(&r, "GET", "/a/b");
	add(&r, "POST", "/a/{y}");
	add(&r, "GET", "/a/{x}/c/{z}");
	add(&r, "GET", "/a/b/c/d");
	add(&r, "GET", "/a/{x}/");
	add(&r, "GET", "/deep/only/here");
	assert_string_equal(find(&r, "GET", "/"), "/");
	assert_string_equal(find(&r, "GET", "/a/b"), "/a/b");
	assert_string_equal(find(&r, "GET", "/a/bb"), "/a/{x} x=bb");
	assert_string_equal(find(&r, "HEAD", "/a/bb"), "/a/{x} x=bb");
	assert_string_equal(find(&r, "POST", "/a/bb"), "/a/{y} y=bb");
	assert_string_equal(find(&r, "POST", "/a/b"), "405 GET, HEAD, OPTIONS");
	assert_string_equal(find(&r, "PUT", "/a/bb"),
			    "405 GET, HEAD, POST, OPTIONS");
	assert_string_equal(find(&r, "GET", "/a/b/c/d"), "/a/b/c/d");
	assert_string_equal(find(&r, "GET", "/a/b/c/e"),
			    "/a/{x}/c/{z} x=b z=e");
	assert_string_equal(find(&r, "GET", "/a/b/"), "/a/{x}/ x=b");
	assert_string_equal(find(&r, "GET", "/a"), "404");
	assert_string_equal(find(&r, "GET", "/a/"), "404");
	assert_string_equal(find(&r, "GET", "/a//c/x"), "404");
	assert_string_equal(find(&r, "GET", "//"), "404");
	assert_string_equal(find(&r, "GET", "/deep"), "404");
	assert_string_equal(find(&r, "GET", "/deep/only/here/not"), "404");
	assert_string_equal(find(&r, "GET", "*"), "404");
	assert_string_equal(find(&r, "GET", ""), "404");
	http_routes_release(&r);
}

static void
test_what_is_no_route_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"a",
		"/{",
		"/{}",
		"/{A}",
		"/a{b}",
		"/{b}c",
		"/a b",
		"/a\"b",
		"/a?b",
		"/%20",
		"/{a}/{b",
		"/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17",
		"/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}"};
	struct http_routes r;
	struct err err;

	(void)state;
	http_routes_init(&r);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (http_routes_add(&r, NULL, "GET", bad[i], &err))
			fail_msg("'%s' is a route", bad[i]);
	}
	assert_null(http_routes_add(&r, NULL, "BREW", "/a", &err));
	assert_string_equal(err.text, "'BREW /a' is no route");
	add(&r, "GET", "/a/{b}");
	assert_null(http_routes_add(&r, NULL, "GET", "/a/{c}", &err));
	assert_string_equal(err.text, "the route 'GET /a/{c}' is taken");
	assert_null(r.first->next);
	http_routes_release(&r);
}

static void
test_a_route_leaves_nothing_behind(void **state)
{
	struct http_routes r;

	(void)state;
	http_routes_init(&r);
	struct http_route *one = add(&r, "GET", "/a/{x}/c");
	struct http_route *two = add(&r, "POST", "/a/{x}/c");
	struct http_route *up = add(&r, "GET", "/a");
	http_routes_remove(one);
	assert_string_equal(find(&r, "GET", "/a/b/c"), "405 POST, OPTIONS");
	http_routes_remove(two);
	assert_string_equal(find(&r, "GET", "/a/b/c"), "404");
	assert_string_equal(find(&r, "GET", "/a"), "/a");
	two = add(&r, "GET", "/a/{other}/c");
	assert_string_equal(find(&r, "GET", "/a/b/c"), "/a/{other}/c other=b");
	http_routes_remove(up);
	assert_ptr_equal(r.first, two);
	http_routes_remove(two);
	assert_null(r.first);
	http_routes_release(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixed_segments_win_over_names),
		cmocka_unit_test(test_what_is_no_route_is_refused),
		cmocka_unit_test(test_a_route_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
