#include "test.h"

#include "base/time.h"

static void
assert_reads_as(const char *text, const char *expected)
{
	char formatted[TIME_TEXT_SIZE];
	int64_t us;

	if (!time_parse(text, &us))
		fail_msg("'%s' is refused", text);
	assert_string_equal(time_format(us, formatted), expected);
}

static void
test_known_times_have_known_texts(void **state)
{
	char text[TIME_TEXT_SIZE];

	(void)state;
	assert_string_equal(time_format(0, text), "1970-01-01T00:00:00.000Z");
	assert_string_equal(time_format(1777817106123456, text),
			    "2026-05-03T14:05:06.123Z");
	assert_string_equal(time_format(-1, text), "1969-12-31T23:59:59.999Z");
	assert_string_equal(time_format(-1000000, text),
			    "1969-12-31T23:59:59.000Z");
}

static void
test_the_ends_of_time_fit(void **state)
{
	char text[TIME_TEXT_SIZE];

	(void)state;
	assert_string_equal(time_format(INT64_MAX, text),
			    "294247-01-10T04:00:54.775Z");
	assert_string_equal(time_format(INT64_MIN, text),
			    "-290308-12-21T19:59:05.224Z");
}

static void
test_what_was_formatted_is_read_back(void **state)
{
	char text[TIME_TEXT_SIZE];
	int64_t step = INT64_C(86400000) * 1000 * 29 + 12345678000;

	(void)state;
	/* From the year 1 to the year 9999. */
	for (int64_t us = -62135596800000000; us < 253402300800000000;
	     us += step) {
		int64_t back;
		assert_true(time_parse(time_format(us, text), &back));
		assert_int_equal(back, us);
	}
}

static void
test_forms_of_rfc_3339_are_read(void **state)
{
	(void)state;
	assert_reads_as("1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.520Z");
	assert_reads_as("1996-12-19T16:39:57-08:00",
			"1996-12-20T00:39:57.000Z");
	assert_reads_as("1937-01-01T12:00:27.87+00:20",
			"1937-01-01T11:40:27.870Z");
	assert_reads_as("2026-05-03t14:05:06z", "2026-05-03T14:05:06.000Z");
	assert_reads_as("2026-05-03 14:05:06-00:00",
			"2026-05-03T14:05:06.000Z");
	assert_reads_as("2026-05-03T14:05:06.9999999999999999999999Z",
			"2026-05-03T14:05:06.999Z");
}

static void
test_date_alone_is_midnight(void **state)
{
	(void)state;
	assert_reads_as("2026-05-03", "2026-05-03T00:00:00.000Z");
	assert_reads_as("2024-02-29", "2024-02-29T00:00:00.000Z");
	assert_reads_as("2000-02-29", "2000-02-29T00:00:00.000Z");
	assert_reads_as("0000-01-01", "0000-01-01T00:00:00.000Z");
}

static void
test_leap_second_ends_a_day_in_utc(void **state)
{
	int64_t us;

	(void)state;
	assert_reads_as("1990-12-31T23:59:60Z", "1991-01-01T00:00:00.000Z");
	assert_reads_as("1990-12-31T15:59:60-08:00",
			"1991-01-01T00:00:00.000Z");
	assert_false(time_parse("1990-12-31T15:59:60Z", &us));
	assert_false(time_parse("1990-12-31T23:58:60Z", &us));
}

static void
test_what_is_no_time_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"x",
		"2026",
		"2026-05",
		"2026-5-3",
		"2026-00-10",
		"2026-13-10",
		"2026-04-00",
		"2026-04-31",
		"2026-02-29",
		"1900-02-29",
		"2026-05-03Z",
		"2026-05-03 ",
		" 2026-05-03",
		"2026-05-03T",
		"2026-05-03T14:05Z",
		"2026-05-03T14:05:06",
		"2026-05-03T24:00:00Z",
		"2026-05-03T14:60:00Z",
		"2026-05-03T14:05:61Z",
		"2026-05-03T14:05:06.Z",
		"2026-05-03T14:05:06,5Z",
		"2026-05-03T14:05:06ZZ",
		"2026-05-03T14:05:06+24:00",
		"2026-05-03T14:05:06+01:60",
		"2026-05-03T14:05:06+0100",
		"2026-05-03T14:05:06+01",
		"2026-05-03T-4:05:06Z",
		"+026-05-03",
		"20260503",
		"12026-05-03",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		int64_t us = 42;
		if (time_parse(texts[i], &us))
			fail_msg("'%s' is accepted", texts[i]);
		assert_int_equal(us, 42);
	}
}

static void
test_clocks_go_on(void **state)
{
	int64_t before = time_mono_us();

	(void)state;
	assert_true(time_mono_us() >= before);
	assert_true(time_now_us() > 1700000000000000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_times_have_known_texts),
		cmocka_unit_test(test_the_ends_of_time_fit),
		cmocka_unit_test(test_what_was_formatted_is_read_back),
		cmocka_unit_test(test_forms_of_rfc_3339_are_read),
		cmocka_unit_test(test_date_alone_is_midnight),
		cmocka_unit_test(test_leap_second_ends_a_day_in_utc),
		cmocka_unit_test(test_what_is_no_time_is_refused),
		cmocka_unit_test(test_clocks_go_on),
	};

	return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
