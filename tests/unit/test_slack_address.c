/* Where a WebSocket server is, and what is no such address. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"

static void
test_the_parts_of_an_address_are_told_apart(void **state)
{
	static const struct {
		const char *url, *host, *authority, *path;
		bool is_tls;
		int port;
	} rows[] = {
		{"wss://wss.example/link/?ticket=1&app_id=A1", "wss.example",
		 "wss.example", "/link/?ticket=1&app_id=A1", true, 443},
		{"wss://wss.example:8443", "wss.example", "wss.example:8443",
		 "/", true, 8443},
		{"wss://wss.example?ticket=1", "wss.example", "wss.example",
		 "/?ticket=1", true, 443},
		{"ws://127.0.0.1/a:b", "127.0.0.1", "127.0.0.1", "/a:b", false,
		 80},
		{"ws://127.0.0.1:65535/", "127.0.0.1", "127.0.0.1:65535", "/",
		 false, 65535},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct address address;
		assert_true(address_read(&address, rows[i].url));
		assert_string_equal(address.host, rows[i].host);
		assert_string_equal(address.authority, rows[i].authority);
		assert_string_equal(address.path, rows[i].path);
		assert_int_equal(address.is_tls, rows[i].is_tls);
		assert_int_equal(address.port, rows[i].port);
	}
}

static void
test_what_is_no_address_is_refused(void **state)
{
	static const char *const urls[] = {"",
					   "wss:",
					   "wss://",
					   "wss://:443/",
					   "wss:///path",
					   "https://wss.example/",
					   "WSS://wss.example/",
					   "wss://wss.example:0/",
					   "wss://wss.example:65536/",
					   "wss://wss.example:4294967739/",
					   "wss://wss.example:/",
					   "wss://wss.example:-1/",
					   "wss://wss.example:80x/",
					   "wss://wss.example:+80/",
					   "wss://user@wss.example/",
					   "wss://user:1@wss.example/",
					   "wss://[::1]:443/",
					   "wss://wss.example/a b",
					   "wss://wss.example/#x",
					   "wss://wss.example/a\r\nHost: other",
					   "wss://wss.ex\tample/",
					   "wss://wss.example/\x7f",
					   "wss://w\xc3\xb6.example/"};
	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
		struct address address;
		if (address_read(&address, urls[i]))
			fail_msg("%s", urls[i]);
	}
}

/* A host of that many letters, and a path. */
static bool
is_taken(size_t host_len, size_t path_len)
{
	struct address address;
	char *url = malloc(host_len + path_len + 10);
	memcpy(url, "wss://", 6);
	memset(url + 6, 'h', host_len);
	memset(url + 6 + host_len, '/', path_len);
	url[6 + host_len + path_len] = '\0';
	bool is_good = address_read(&address, url);
	if (is_good)
		assert_true(strlen(address.host) == host_len &&
			    strlen(address.path) == path_len);
	free(url);
	return is_good;
}

static void
test_an_address_has_limits(void **state)
{
	(void)state;
	assert_true(is_taken(ADDRESS_HOST_MAX, ADDRESS_PATH_MAX));
	assert_false(is_taken(ADDRESS_HOST_MAX + 1, 1));
	assert_false(is_taken(1, ADDRESS_PATH_MAX + 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_parts_of_an_address_are_told_apart),
		cmocka_unit_test(test_what_is_no_address_is_refused),
		cmocka_unit_test(test_an_address_has_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
