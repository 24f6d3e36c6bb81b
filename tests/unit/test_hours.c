/* Opening hours: what is read, and what it says of a time. */
#include "test.h"

#include <unistd.h>

#include "base/time.h"
#include "base/zone.h"
#include "nlu/hours.h"
#include "packs.h"

#define WEEK                                      \
	"time_zone: Europe/Dublin\n"              \
	"week:\n"                                 \
	"  monday: 9:00-17:00\n"                  \
	"  tuesday: 8:30-12:00 and 13:00-24:00\n" \
	"  wednesday: 0:00-2:30\n"                \
	"  sunday: 1:15-4:00\n"

#define HOLIDAYS                                               \
	"holidays:\n"                                          \
	"- {name: Christmas, day: 12-25}\n"                    \
	"- {name: Once, day: 2026-12-01, open: 10:00-11:00}\n" \
	"- {name: Easter Monday, day: easter+1}\n"             \
	"- {name: Shrove Tuesday, day: easter-47}\n"           \
	"- {name: May Day, day: first monday of may}\n"        \
	"- {name: October, day: last Monday of October}\n"

static struct pack *
pack_with(const char *hours, struct err *err)
{
	struct pack_files files = {.hours = hours};

	if (access(ZONE_DIR "/UTC", R_OK) < 0)
		test_skip("no tzdata in " ZONE_DIR);
	return pack_of_files(&files, err);
}

static struct pack *
good_pack(const char *hours)
{
	struct err err = {0};
	struct pack *pack = pack_with(hours, &err);

	if (!pack)
		fail_msg("%s", err.text);
	return pack;
}

static int64_t
at(const char *text)
{
	int64_t us;

	if (!time_parse(text, &us))
		fail_msg("'%s' is no time", text);
	return us;
}

static void
test_a_desk_is_open_by_its_own_clock(void **state)
{
	static const struct {
		const char *at;
		bool is_open;
	} rows[] = {
		/* Mondays in winter and in summer. */
		{"2026-11-30T08:59:59Z", false},
		{"2026-11-30T09:00:00Z", true},
		{"2026-11-30T16:59:59Z", true},
		{"2026-11-30T17:00:00Z", false},
		{"2026-07-13T07:59:59Z", false},
		{"2026-07-13T08:00:00Z", true},
		{"2026-07-13T15:59:59Z", true},
		{"2026-07-13T16:00:00Z", false},
		/* Two spans, the second up to midnight and on. */
		{"2026-12-08T12:00:00Z", false},
		{"2026-12-08T13:00:00Z", true},
		{"2026-12-08T23:59:59Z", true},
		{"2026-12-09T00:00:00Z", true},
		{"2026-12-09T02:29:59Z", true},
		{"2026-12-09T02:30:00Z", false},
		/* No hours on a Thursday. */
		{"2026-12-10T10:00:00Z", false},
		/* Holidays. */
		{"2028-12-25T10:00:00Z", false},
		{"2026-12-01T09:30:00Z", false},
		{"2026-12-01T10:30:00Z", true},
		{"2026-12-01T14:00:00Z", false},
		{"2026-04-06T10:00:00Z", false},
		{"2026-02-17T10:00:00Z", false},
		{"2026-05-04T10:00:00Z", false},
		{"2026-05-11T10:00:00Z", true},
		{"2026-10-26T10:00:00Z", false},
		{"2026-10-19T10:00:00Z", true},
		/* The clocks are put forward from 1:00 to 2:00 on a Sunday, and
		 * back from 2:00 to 1:00 on another. */
		{"2026-03-29T01:00:00Z", false},
		{"2026-03-29T01:15:00Z", true},
		{"2026-03-29T02:59:59Z", true},
		{"2026-03-29T03:00:00Z", false},
		{"2026-10-25T00:14:59Z", false},
		{"2026-10-25T00:15:00Z", true},
		{"2026-10-25T03:59:59Z", true},
		{"2026-10-25T04:00:00Z", false},
	};

	(void)state;
	struct pack *pack = good_pack(WEEK HOLIDAYS);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (hours_are_open(pack->hours, at(rows[i].at)) !=
		    rows[i].is_open)
			fail_msg("%s: not %d", rows[i].at, rows[i].is_open);
	pack_free(pack);
}

static void
test_the_next_opening_is_told_in_words(void **state)
{
	static const struct {
		const char *at, *next, *words;
	} rows[] = {
		{"2026-11-28T23:00:00Z", "2026-11-29T01:15:00Z",
		 "tomorrow, Sunday 29 November, from 1:15"},
		{"2026-11-29T04:00:00Z", "2026-11-30T09:00:00Z",
		 "tomorrow, Monday 30 November, from 9:00"},
		{"2026-11-30T07:00:00Z", "2026-11-30T09:00:00Z",
		 "today, from 9:00"},
		{"2026-11-30T17:00:00Z", "2026-12-01T10:00:00Z",
		 "tomorrow, Tuesday 1 December, from 10:00"},
		{"2026-12-01T11:00:00Z", "2026-12-02T00:00:00Z",
		 "tomorrow, Wednesday 2 December, from 0:00"},
		{"2026-12-02T02:30:00Z", "2026-12-06T01:15:00Z",
		 "on Sunday 6 December, from 1:15"},
		/* Today is 29 June already, by the desk's clock. */
		{"2026-06-28T23:30:00Z", "2026-06-29T08:00:00Z",
		 "today, from 9:00"},
		/* The day before New Year. */
		{"2028-12-31T12:00:00Z", "2029-01-01T09:00:00Z",
		 "tomorrow, Monday 1 January, from 9:00"},
	};

	(void)state;
	struct pack *pack = good_pack(WEEK HOLIDAYS);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf words;
		int64_t now = at(rows[i].at);
		int64_t next = hours_next(pack->hours, now);
		assert_int_equal(next, at(rows[i].next));
		buf_init(&words, 200);
		hours_write_day(pack->hours, now, next, &words);
		assert_string_equal(buf_str(&words), rows[i].words);
		buf_release(&words);
	}
	pack_free(pack);
}

static void
test_openings_are_found_a_week_and_a_year_ahead(void **state)
{
	(void)state;
	struct pack *pack =
		good_pack("time_zone: UTC\n"
			  "week: {monday: 9:00-17:00}\n"
			  "holidays:\n"
			  "- {name: a, day: first monday of may}\n");
	assert_int_not_equal(hours_next(pack->hours, 0), 0);
	pack_free(pack);
	pack = good_pack("time_zone: UTC\nweek: {monday: 9:00-9:01}\n");
	assert_int_equal(hours_next(pack->hours, at("2026-11-30T09:00:30Z")),
			 at("2026-12-07T09:00:00Z"));
	assert_string_not_equal(hours_zone_hash(pack->hours), "");
	pack_free(pack);
}

static void
test_clocks_are_the_desks(void **state)
{
	struct buf words;

	(void)state;
	struct pack *pack = good_pack(WEEK);
	buf_init(&words, 100);
	hours_write_clock(pack->hours, at("2026-07-13T15:05:00Z"), &words);
	buf_addc(&words, ' ');
	hours_write_clock(NULL, at("2026-07-13T15:05:00Z"), &words);
	assert_string_equal(buf_str(&words), "16:05 15:05 UTC");
	assert_int_equal(
		hours_zone_minutes(pack->hours, at("2026-07-13T15:05:00Z")),
		60);
	assert_int_equal(hours_zone_minutes(NULL, 0), 0);
	buf_release(&words);
	pack_free(pack);
}

static void
test_what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *hours, *words;
	} rows[] = {
		{"time_zone: Europe/Atlantis\nweek: {monday: 9:00-17:00}\n",
		 "hours.yaml:1: there is no time zone 'Europe/Atlantis' in "
		 "/usr/share/zoneinfo"},
		{"time_zone: ../../etc/passwd\nweek: {monday: 9:00-17:00}\n",
		 "hours.yaml:1: '../../etc/passwd' is no name of a time zone: "
		 "write Europe/Dublin, ..."},
		{"time_zone: UTC\nweek: {}\n",
		 "hours.yaml:2: the desk is open on no day of the week"},
		{"time_zone: UTC\nweek: {mondays: 9:00-17:00}\n",
		 "hours.yaml:2: unknown key 'mondays', did you mean 'monday'?"},
		{"time_zone: UTC\n", "hours.yaml:1: 'week' is missing"},
	};
	static const char *const spans[] = {
		"9-17",
		"9:00-9:00",
		"17:00-9:00",
		"9:00-24:01",
		"9:0-17:00",
		"25:00-26:00",
		"9:00-12:00 and 12:00-13:00",
		"9:00-17:60",
		"closed",
		"9:00-17:00 and",
	};
	static const char *const days[] = {
		"12-32",
		"02-30",
		"2026-02-29",
		"13-01",
		"easter+",
		"easter*1",
		"fifth monday of may",
		"first may",
		"first mon of may",
		"1-1-1",
		"last monday of may 2026",
	};
	struct err err;
	char hours[256];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_null(pack_with(rows[i].hours, &err));
		assert_string_equal(err.text, rows[i].words);
	}
	for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
		snprintf(hours, sizeof hours,
			 "time_zone: UTC\nweek: {monday: '%s'}\n", spans[i]);
		if (pack_with(hours, &err))
			fail_msg("'%s' is read", spans[i]);
		assert_non_null(strstr(err.text, "hours.yaml:2: '"));
	}
	for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
		snprintf(hours, sizeof hours,
			 "time_zone: UTC\nweek: {monday: 9:00-17:00}\n"
			 "holidays: [{name: a, day: '%s'}]\n",
			 days[i]);
		if (pack_with(hours, &err))
			fail_msg("'%s' is read", days[i]);
		assert_non_null(strstr(err.text, "hours.yaml:3: '"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_desk_is_open_by_its_own_clock),
		cmocka_unit_test(test_the_next_opening_is_told_in_words),
		cmocka_unit_test(
			test_openings_are_found_a_week_and_a_year_ahead),
		cmocka_unit_test(test_clocks_are_the_desks),
		cmocka_unit_test(test_what_is_wrong_is_named),
	};

	return cmocka_run_group_tests_name("hours", tests, NULL, NULL);
}
