#include "test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "net/address.h"

/* The address of a text; borrowed until the next call but one. */
static const struct sockaddr *
parse(const char *text)
{
	static struct sockaddr_storage places[2];
	static int n;
	struct sockaddr_storage *place = &places[n++ % 2];

	memset(place, 0, sizeof *place);
	place->ss_family = strchr(text, ':') ? AF_INET6 : AF_INET;
	void *bytes =
		place->ss_family == AF_INET
			? (void *)&((struct sockaddr_in *)place)->sin_addr
			: (void *)&((struct sockaddr_in6 *)place)->sin6_addr;
	assert_int_equal(inet_pton(place->ss_family, text, bytes), 1);
	return (struct sockaddr *)place;
}

static const struct sockaddr *
unix_address(void)
{
	static const struct sockaddr_un address = {.sun_family = AF_UNIX};

	return (const struct sockaddr *)&address;
}

static void
test_what_is_not_public_is_private(void **state)
{
	static const char *const private[] = {"0.0.0.0",
					      "10.1.2.3",
					      "100.64.0.1",
					      "100.127.255.255",
					      "127.0.0.1",
					      "127.9.9.9",
					      "169.254.169.254",
					      "172.16.0.1",
					      "172.31.255.255",
					      "192.0.0.1",
					      "192.168.1.1",
					      "198.18.0.1",
					      "198.19.255.255",
					      "224.0.0.1",
					      "240.0.0.1",
					      "255.255.255.255",
					      "::",
					      "::1",
					      "fe80::1",
					      "fc00::1",
					      "fd12::1",
					      "ff02::1",
					      "::ffff:127.0.0.1",
					      "::ffff:10.0.0.1",
					      "::127.0.0.1",
					      "64:ff9b::7f00:1",
					      "64:ff9b:1::1",
					      "2001:db8::1",
					      "2001::1",
					      "2002:7f00:1::",
					      "3fff::1",
					      "fec0::1",
					      "100::1"};
	static const char *const public[] = {
		"1.1.1.1",	    "9.255.255.255", "11.0.0.0",
		"100.63.0.1",	    "100.128.0.1",   "172.15.0.1",
		"172.32.0.1",	    "192.167.0.1",   "198.17.0.1",
		"198.20.0.1",	    "223.255.255.1", "2001:4860::8888",
		"2a00:1450::1",	    "2620:fe::fe",   "2002:0101:0101::",
		"64:ff9b::101:101", "::ffff:1.1.1.1"};

	(void)state;
	for (size_t i = 0; i < sizeof private / sizeof *private; i++) {
		if (!address_is_private(parse(private[i])))
			fail_msg("%s is not private", private[i]);
	}
	for (size_t i = 0; i < sizeof public / sizeof *public; i++) {
		if (address_is_private(parse(public[i])))
			fail_msg("%s is private", public[i]);
	}
	assert_true(address_is_private(unix_address()));
}

static void
test_loopback_is_this_machine(void **state)
{
	(void)state;
	assert_true(address_is_loopback(parse("127.0.0.1")));
	assert_true(address_is_loopback(parse("127.255.0.1")));
	assert_true(address_is_loopback(parse("::1")));
	assert_true(address_is_loopback(parse("::ffff:127.0.0.1")));
	assert_true(address_is_loopback(unix_address()));
	assert_false(address_is_loopback(parse("::")));
	assert_false(address_is_loopback(parse("::ffff:1.1.1.1")));
	assert_false(address_is_loopback(parse("128.0.0.1")));
}

static void
test_a_group_is_what_one_customer_has(void **state)
{
	(void)state;
	assert_true(address_group(parse("1.2.3.4")) !=
		    address_group(parse("1.2.3.5")));
	assert_true(address_group(parse("1.2.3.4")) ==
		    address_group(parse("::ffff:1.2.3.4")));
	assert_true(address_group(parse("2a00:1:2:3::4")) ==
		    address_group(parse("2a00:1:2:3:ffff::5")));
	assert_true(address_group(parse("2a00:1:2:3::")) !=
		    address_group(parse("2a00:1:2:4::")));
	assert_true(address_group(parse("::1")) != 0);
	assert_true(address_group(parse("0.0.0.0")) != 0);
	assert_true(address_group(unix_address()) != 0);
}

static void
test_a_name_may_be_written_in_several_ways(void **state)
{
	static const struct {
		const char *address, *name;
		bool is_named;
	} rows[] = {
		{"127.0.0.1", "127.0.0.1", true},
		{"127.0.0.1", "::ffff:127.0.0.1", true},
		{"::ffff:127.0.0.1", "127.0.0.1", true},
		{"::1", "[::1]", true},
		{"::1", "0:0:0:0:0:0:0:1", true},
		{"::1", "::2", false},
		{"127.0.0.1", "127.1", false},
		{"127.0.0.1", "localhost", false},
		{"127.0.0.1", "", false},
		{"127.0.0.1", "[]", false},
	};
	char text[ADDRESS_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(address_is_named(parse(rows[i].address),
						  rows[i].name,
						  strlen(rows[i].name)),
				 rows[i].is_named);
	assert_false(address_is_named(unix_address(), "127.0.0.1", 9));
	address_text(parse("::ffff:1.2.3.4"), text);
	assert_string_equal(text, "1.2.3.4");
	address_text(parse("2A00::1"), text);
	assert_string_equal(text, "2a00::1");
	address_text(unix_address(), text);
	assert_string_equal(text, "unix");
}

static void
test_a_net_has_the_addresses_of_its_bits(void **state)
{
	static const struct {
		const char *net, *in, *out;
	} rows[] = {
		{"10.0.0.0/8", "10.255.0.1", "11.0.0.1"},
		{"192.0.2.128/25", "192.0.2.200", "192.0.2.127"},
		{"192.0.2.1", "192.0.2.1", "192.0.2.2"},
		{"192.0.2.1/32", "::ffff:192.0.2.1", "192.0.2.0"},
		{"::ffff:192.0.2.1", "192.0.2.1", "::1"},
		{"2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"},
		{"2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::"},
		{"::1", "::1", "::2"},
		{"0.0.0.0/0", "8.8.8.8", "::1"},
		{"::/0", "2a00::1", "1.2.3.4"},
	};
	static const char *const wrong[] = {
		"",	     "/8",	    "10.0.0.0/33", "::/129",
		"10.0.0.0/", "10.0.0/8",    "10.0.0.0/8x", "10.0.0.0/-1",
		"localhost", "10.0.0.0/8/8"};
	struct address_net net;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(address_net_parse(&net, rows[i].net, NULL), 0);
		assert_true(address_is_in(parse(rows[i].in), &net, 1));
		assert_false(address_is_in(parse(rows[i].out), &net, 1));
		assert_false(address_is_in(unix_address(), &net, 1));
	}
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_equal(address_net_parse(&net, wrong[i], NULL), -1);
	assert_int_equal(address_net_parse(&net, "unix", NULL), 0);
	assert_true(address_is_in(unix_address(), &net, 1));
	assert_false(address_is_in(parse("0.0.0.0"), &net, 1));
	assert_false(address_is_in(parse("::1"), &net, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_not_public_is_private),
		cmocka_unit_test(test_loopback_is_this_machine),
		cmocka_unit_test(test_a_group_is_what_one_customer_has),
		cmocka_unit_test(test_a_name_may_be_written_in_several_ways),
		cmocka_unit_test(test_a_net_has_the_addresses_of_its_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
