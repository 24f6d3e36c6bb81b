/* Numbers, durations and sizes as people write them. */
#include "test.h"

#include <string.h>

#include "conf/units.h"

static void
expect_int(const char *text, int64_t number)
{
	int64_t read = 77;

	assert_true(units_read_int(text, &read));
	assert_int_equal(read, number);
}

static void
test_whole_numbers_are_read(void **state)
{
	static const char *const wrong[] = {
		"",    "-",    "+1",  "1.0",   "1 ",
		" 1",  "0x10", "1e3", "1_000", "1000000000000000000",
		"--1", "one",
	};
	int64_t number = 77;
	char out[UNITS_TEXT_SIZE];

	(void)state;
	expect_int("0", 0);
	expect_int("-0", 0);
	expect_int("007", 7);
	expect_int("-12", -12);
	expect_int("999999999999999999", 999999999999999999);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_false(units_read_int(wrong[i], &number));
	assert_int_equal(number, 77);
	assert_string_equal(units_write_int(-12, out), "-12");
	assert_string_equal(units_write_int(INT64_MIN, out),
			    "-9223372036854775808");
}

static void
expect_real(const char *text, double real, const char *shown)
{
	char out[UNITS_TEXT_SIZE];
	double read = 77;

	assert_true(units_read_real(text, &read));
	assert_memory_equal(&read, &real, sizeof read);
	assert_string_equal(units_write_real(read, out), shown);
}

static void
test_decimal_numbers_are_read_exactly(void **state)
{
	static const char *const wrong[] = {
		"",
		"-",
		".5",
		"5.",
		"1e3",
		"nan",
		"inf",
		"0x1",
		"1,5",
		"+1",
		"1.-",
		"1.5 ",
		"--1",
		"0.000000000000001",
		"1234567890123456",
	};
	double real = 77;

	(void)state;
	expect_real("0", 0.0, "0");
	expect_real("-0", 0.0, "0");
	expect_real("-0.0", 0.0, "0");
	expect_real("0.60", 0.6, "0.6");
	expect_real("007.50", 7.5, "7.5");
	expect_real("-3.25", -3.25, "-3.25");
	expect_real("0.1", 0.1, "0.1");
	expect_real("0.30", 0.3, "0.3");
	expect_real("123456789012345", 123456789012345.0, "123456789012345");
	expect_real("0.12345678901234", 0.12345678901234, "0.12345678901234");
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_false(units_read_real(wrong[i], &real));
	assert_true(real > 76 && real < 78);
}

static void
expect_duration(const char *text, int64_t ms, const char *shown)
{
	char out[UNITS_TEXT_SIZE];
	int64_t read = 77;

	assert_true(units_read_duration(text, &read));
	assert_int_equal(read, ms);
	assert_string_equal(units_write_duration(read, out), shown);
}

static void
test_durations_have_units(void **state)
{
	static const char *const wrong[] = {
		"",	 "5",	 "s",	 "5 m",
		"5 sec", "5 S",	 "-5 s", "1.5 h",
		"5 s ",	 " 5 s", "5\ts", "1 h 5 min",
		"5 ms5", "soon", "0",	 "106751991168 d",
	};
	int64_t ms = 77;

	(void)state;
	expect_duration("500 ms", 500, "500 ms");
	expect_duration("30 s", 30000, "30 s");
	expect_duration("30s", 30000, "30 s");
	expect_duration("5  min", 300000, "5 min");
	expect_duration("2 h", 7200000, "2 h");
	expect_duration("7 d", 604800000, "7 d");
	expect_duration("0 s", 0, "0 ms");
	expect_duration("90 s", 90000, "90 s");
	expect_duration("120 s", 120000, "2 min");
	expect_duration("1500 ms", 1500, "1500 ms");
	expect_duration("106751991167 d", 9223372036828800000,
			"106751991167 d");
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_false(units_read_duration(wrong[i], &ms));
	assert_int_equal(ms, 77);
}

static void
expect_size(const char *text, int64_t bytes, const char *shown)
{
	char out[UNITS_TEXT_SIZE];
	int64_t read = 77;

	assert_true(units_read_size(text, &read));
	assert_int_equal(read, bytes);
	assert_string_equal(units_write_size(read, out), shown);
}

static void
test_sizes_may_have_units(void **state)
{
	static const char *const wrong[] = {
		"",	 "KiB", "5 KB",		  "5 MB",    "5 kib",
		"5 B",	 "-5",	"1.5 GiB",	  "5 bytes", "5G",
		"5 TiB", "0x5", "8589934592 GiB",
	};
	int64_t bytes = 77;

	(void)state;
	expect_size("0", 0, "0");
	expect_size("512", 512, "512");
	expect_size("64 KiB", 65536, "64 KiB");
	expect_size("64KiB", 65536, "64 KiB");
	expect_size("10 MiB", 10485760, "10 MiB");
	expect_size("1 GiB", 1073741824, "1 GiB");
	expect_size("1048576", 1048576, "1 MiB");
	expect_size("1025", 1025, "1025");
	expect_size("8589934591 GiB", 9223372035781033984, "8589934591 GiB");
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_false(units_read_size(wrong[i], &bytes));
	assert_int_equal(bytes, 77);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_numbers_are_read),
		cmocka_unit_test(test_decimal_numbers_are_read_exactly),
		cmocka_unit_test(test_durations_have_units),
		cmocka_unit_test(test_sizes_may_have_units),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
