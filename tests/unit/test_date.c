#include "test.h"

#include "base/date.h"

static int64_t
days(int64_t year, int month, int day)
{
	struct date date = {year, month, day};
	return date_to_days(&date);
}

static void
test_days_and_dates_agree(void **state)
{
	(void)state;
	assert_int_equal(days(1970, 1, 1), 0);
	assert_int_equal(days(2000, 2, 29), 11016);
	assert_int_equal(days(1969, 12, 31), -1);
	for (int64_t day = -800000; day < 800000; day += 13) {
		struct date date = date_of_days(day);
		assert_int_equal(date_to_days(&date), day);
		assert_in_range(date.month, 1, 12);
		assert_in_range(date.day, 1,
				date_days_in_month(date.year, date.month));
	}
}

static void
test_weekdays_are_known(void **state)
{
	(void)state;
	assert_int_equal(date_weekday(days(2026, 11, 28)), 6);
	assert_int_equal(date_weekday(days(1900, 1, 1)), 1);
	assert_int_equal(date_weekday(days(1969, 12, 28)), 0);
}

static void
test_easter_is_known(void **state)
{
	static const struct date easters[] = {
		{1818, 3, 22}, {1943, 4, 25}, {2000, 4, 23}, {2024, 3, 31},
		{2025, 4, 20}, {2026, 4, 5},  {2027, 3, 28}, {2038, 4, 25},
	};

	(void)state;
	for (size_t i = 0; i < sizeof easters / sizeof *easters; i++)
		assert_int_equal(date_easter(easters[i].year),
				 date_to_days(&easters[i]));
}

static void
test_nth_weekdays_are_known(void **state)
{
	(void)state;
	/* May 2026 begins with a Friday. */
	assert_int_equal(date_nth_weekday(2026, 5, 1, 1), days(2026, 5, 4));
	assert_int_equal(date_nth_weekday(2026, 5, 1, 5), days(2026, 5, 1));
	/* Five Mondays in June 2026 there are, in October four. */
	assert_int_equal(date_nth_weekday(2026, 6, 5, 1), days(2026, 6, 29));
	assert_int_equal(date_nth_weekday(2026, 10, 5, 1), days(2026, 10, 26));
	assert_int_equal(date_nth_weekday(2026, 2, 5, 0), days(2026, 2, 22));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_days_and_dates_agree),
		cmocka_unit_test(test_weekdays_are_known),
		cmocka_unit_test(test_easter_is_known),
		cmocka_unit_test(test_nth_weekdays_are_known),
	};

	return cmocka_run_group_tests_name("date", tests, NULL, NULL);
}
