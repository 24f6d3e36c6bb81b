#include "test.h"

#include <string.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "net/address.h"
#include "net/forwarded.h"

static struct address_net proxies[2];

static int
set_up(void **state)
{
	(void)state;
	assert_int_equal(address_net_parse(&proxies[0], "10.0.0.0/8", NULL), 0);
	assert_int_equal(address_net_parse(&proxies[1], "fd00::/8", NULL), 0);
	return 0;
}

static void
expect(enum forwarded_field field, const char *value, const char *client)
{
	struct sockaddr_storage address;
	char text[ADDRESS_TEXT_SIZE] = "none";

	if (forwarded_client(field, value, proxies, 2, &address))
		address_text((struct sockaddr *)&address, text);
	if (strcmp(text, client) != 0)
		fail_msg("'%s' is from %s, not %s", value, text, client);
}

static void
test_the_client_is_the_last_who_is_no_proxy(void **state)
{
	static const struct {
		const char *value, *client;
	} rows[] = {
		{"192.0.2.1", "192.0.2.1"},
		{"8.8.8.8, 192.0.2.1", "192.0.2.1"},
		{"8.8.8.8,192.0.2.1,10.0.0.1", "192.0.2.1"},
		{"192.0.2.1 , 10.0.0.1\t, fd00::1", "192.0.2.1"},
		{"10.0.0.1, 10.0.0.2", "10.0.0.1"},
		{"192.0.2.1:4000", "192.0.2.1"},
		{"2001:db8::1", "2001:db8::1"},
		{"[2001:db8::1]:4000", "2001:db8::1"},
		{"[2001:db8::1]", "2001:db8::1"},
		{"::ffff:10.0.0.1, 10.0.0.2", "10.0.0.1"},
		/* Nobody vouches for what stands left of nonsense. */
		{"192.0.2.1, unknown, 10.0.0.1", "10.0.0.1"},
		{"192.0.2.1, , 10.0.0.1", "10.0.0.1"},
		{"192.0.2.1, x", "none"},
		{"", "none"},
		{",", "none"},
		{"[", "none"},
		{"[]", "none"},
		{"1.2.3", "none"},
		{"192.0.2.1:4000:1", "none"},
		{"\"", "none"},
		/* It has no quotes; a client that sends one is still named. */
		{"\", 192.0.2.1", "192.0.2.1"},
		{"\"8.8.8.8, 192.0.2.1\", 192.0.2.2", "192.0.2.2"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		expect(FORWARDED_X_FOR, rows[i].value, rows[i].client);
}

static void
test_a_long_chain_is_read_from_its_end(void **state)
{
	struct buf value;

	(void)state;
	buf_init(&value, 1000);
	buf_adds(&value, "192.0.2.1");
	for (int i = 0; i < 40; i++)
		buf_adds(&value, ", 10.0.0.1");
	expect(FORWARDED_X_FOR, buf_str(&value), "10.0.0.1");
	buf_adds(&value, ", 192.0.2.9, 10.0.0.1");
	expect(FORWARDED_X_FOR, buf_str(&value), "192.0.2.9");
	buf_release(&value);
}

static void
test_forwarded_names_him_with_for(void **state)
{
	static const struct {
		const char *value, *client;
	} rows[] = {
		{"for=192.0.2.43", "192.0.2.43"},
		{"For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"},
		{"for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60"},
		{"proto=https; for=192.0.2.60", "192.0.2.60"},
		{"for=8.8.8.8, for=192.0.2.43, for=10.1.2.3", "192.0.2.43"},
		{"by=\"a,b;for=8.8.8.8\";for=192.0.2.43", "192.0.2.43"},
		{"by=\"\\\",for=8.8.8.8\";for=192.0.2.43", "192.0.2.43"},
		{"for=\"_gazonk\"", "none"},
		{"for=unknown", "none"},
		{"for=192.0.2.43, proto=http", "none"},
		{"for=", "none"},
		{"for=\"192.0.2.43", "none"},
		{"192.0.2.43", "none"},
		/* A quote that the client opened ends where a proxy began. */
		{"for=\", for=192.0.2.43", "192.0.2.43"},
		{"for=\"8.8.8.8, for=192.0.2.43, for=\"10.1.2.3\"",
		 "192.0.2.43"},
		{"for=\"\\, for=\"192.0.2.43\"", "192.0.2.43"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		expect(FORWARDED_RFC7239, rows[i].value, rows[i].client);
	assert_string_equal(forwarded_name(FORWARDED_RFC7239), "Forwarded");
	assert_string_equal(forwarded_name(FORWARDED_X_FOR), "X-Forwarded-For");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_client_is_the_last_who_is_no_proxy),
		cmocka_unit_test(test_a_long_chain_is_read_from_its_end),
		cmocka_unit_test(test_forwarded_names_him_with_for),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
