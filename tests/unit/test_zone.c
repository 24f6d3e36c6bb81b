#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/time.h"
#include "base/zone.h"
#include "base/zone_rule.h"

static int64_t
utc(const char *text)
{
	int64_t us;

	if (!time_parse(text, &us))
		fail_msg("'%s' is no time", text);
	return us / 1000000;
}

static struct zone *
zone(const char *name)
{
	struct err err = {0};

	if (access(ZONE_DIR "/UTC", R_OK) < 0)
		test_skip("no tzdata in " ZONE_DIR);
	struct zone *read = zone_read(name, &err);
	if (!read)
		fail_msg("%s", err.text);
	return read;
}

static void
test_a_zone_knows_past_and_future(void **state)
{
	static const struct {
		const char *zone, *at;
		int offset;
	} rows[] = {
		{"UTC", "2026-05-03T00:00:00Z", 0},
		{"Europe/Dublin", "2026-01-15T12:00:00Z", 0},
		{"Europe/Dublin", "2026-07-15T12:00:00Z", 3600},
		/* Clocks change at 01:00 UTC, on the last Sundays. */
		{"Europe/Dublin", "2026-03-29T00:59:59Z", 0},
		{"Europe/Dublin", "2026-03-29T01:00:00Z", 3600},
		{"Europe/Dublin", "2026-10-25T00:59:59Z", 3600},
		{"Europe/Dublin", "2026-10-25T01:00:00Z", 0},
		/* Behind what the file lists: by its rule. */
		{"Europe/Dublin", "2099-07-15T12:00:00Z", 3600},
		{"Europe/Dublin", "2099-12-31T23:59:59Z", 0},
		{"Europe/Berlin", "2099-07-15T12:00:00Z", 7200},
		{"Europe/Berlin", "1980-01-15T12:00:00Z", 3600},
		{"America/New_York", "2026-07-15T12:00:00Z", -14400},
		{"Australia/Lord_Howe", "2026-01-15T12:00:00Z", 39600},
		{"Australia/Lord_Howe", "2026-07-15T12:00:00Z", 37800},
		{"Asia/Kathmandu", "2026-07-15T12:00:00Z", 20700},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct zone *read = zone(rows[i].zone);
		assert_int_equal(zone_offset(read, utc(rows[i].at)),
				 rows[i].offset);
		zone_free(read);
	}
}

/* The C library reads the same files. */
static void
test_it_agrees_with_the_c_library(void **state)
{
	static const char *const names[] = {
		"Europe/Dublin",     "Europe/Berlin", "America/Sao_Paulo",
		"Africa/Casablanca", "Pacific/Apia",  "America/St_Johns",
	};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct zone *read = zone(names[i]);
		setenv("TZ", names[i], 1);
		tzset();
		for (time_t at = utc("1971-01-01"); at < utc("2090-01-01");
		     at += 3 * 86400 + 1234) {
			struct tm tm;
			localtime_r(&at, &tm);
			assert_int_equal(zone_offset(read, at), tm.tm_gmtoff);
		}
		zone_free(read);
	}
	unsetenv("TZ");
}

static void
test_local_times_are_found_in_utc(void **state)
{
	static const struct {
		const char *local, *utc;
	} rows[] = {
		{"2026-01-15T09:00:00Z", "2026-01-15T09:00:00Z"},
		{"2026-07-15T09:00:00Z", "2026-07-15T08:00:00Z"},
		{"2026-03-29T00:59:00Z", "2026-03-29T00:59:00Z"},
		{"2026-03-29T01:30:00Z", "2026-03-29T01:30:00Z"}, /* none */
		{"2026-03-29T02:00:00Z", "2026-03-29T01:00:00Z"},
		{"2026-10-25T01:30:00Z", "2026-10-25T00:30:00Z"}, /* two */
		{"2026-10-25T02:00:00Z", "2026-10-25T02:00:00Z"},
	};

	(void)state;
	struct zone *dublin = zone("Europe/Dublin");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(zone_to_utc(dublin, utc(rows[i].local)),
				 utc(rows[i].utc));
	zone_free(dublin);
}

static void
test_no_zone_is_told_by_name(void **state)
{
	static const char *const names[] = {"Europe/Atlantis", "../passwd",
					    "/etc/passwd", "", "Europe/"};

	(void)state;
	zone_free(zone("UTC"));
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct err err = {0};
		assert_null(zone_read(names[i], &err));
		assert_string_not_equal(err.text, "");
	}
}

static void
test_a_damaged_file_is_refused(void **state)
{
	struct err err = {0};
	struct buf bytes;
	char block[4096];
	FILE *file = fopen(ZONE_DIR "/Europe/Dublin", "rb");

	(void)state;
	if (!file)
		test_skip("no tzdata in " ZONE_DIR);
	buf_init(&bytes, 1 << 20);
	for (size_t n; (n = fread(block, 1, sizeof block, file)) > 0;)
		assert_int_equal(buf_add(&bytes, block, n), 0);
	fclose(file);
	for (size_t len = 0; len < bytes.len; len++)
		assert_null(zone_parse(bytes.data, len, &err));
	bytes.data[0] = 'X';
	assert_null(zone_parse(bytes.data, bytes.len, &err));
	buf_release(&bytes);
}

static void
test_rules_of_posix_are_read(void **state)
{
	static const char *const good[] = {
		"UTC0",
		"<-03>3",
		"EST5EDT,M3.2.0,M11.1.0",
		"<+0330>-3:30<+0430>,J79/24,J263/24",
		"IST-1GMT0,M10.5.0,M3.5.0/1",
		"EET-2EEST,M3.4.4/50,M10.4.4/50",
		"XXX3YYY,0/0,365/-1",
	};
	static const char *const bad[] = {
		"",
		"U0",
		"UTC",
		"EST5EDT",
		"EST5EDT,M3.2.0",
		"EST25",
		"EST5EDT,M13.2.0,M11.1.0",
		"EST5EDT,M3.6.0,M11.1.0",
		"EST5EDT,J0,J3",
		"EST5EDT,366,3",
		"EST5EDT,M3.2.0,M11.1.0x",
		"EST5EDT,M3.2.0/168,M11.1.0",
		"<-03",
		"<>3",
	};
	struct zone_rule rule;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		if (!zone_rule_parse(&rule, good[i], strlen(good[i])))
			fail_msg("'%s' is no rule", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (zone_rule_parse(&rule, bad[i], strlen(bad[i])))
			fail_msg("'%s' is a rule", bad[i]);
	assert_true(zone_rule_parse(&rule, "XXX3YYY,J60,J300", 16));
	/* J60 is 1 March, in leap years too; in summer it is 2 hours behind. */
	assert_int_equal(zone_rule_offset(&rule, utc("2024-03-01T04:59:59Z")),
			 -10800);
	assert_int_equal(zone_rule_offset(&rule, utc("2024-03-01T05:00:00Z")),
			 -7200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_zone_knows_past_and_future),
		cmocka_unit_test(test_it_agrees_with_the_c_library),
		cmocka_unit_test(test_local_times_are_found_in_utc),
		cmocka_unit_test(test_no_zone_is_told_by_name),
		cmocka_unit_test(test_a_damaged_file_is_refused),
		cmocka_unit_test(test_rules_of_posix_are_read),
	};

	return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
