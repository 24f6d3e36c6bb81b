#include "base/date.h"

#include <stdbool.h>

#define DAYS_OF_400_YEARS 146097
/* From 0000-03-01 to 1970-01-01. */
#define DAYS_TO_1970 719468

/* Rounds down, also below 0. */
static int64_t
divide(int64_t a, int64_t b)
{
	return (a >= 0 ? a : a - (b - 1)) / b;
}

/* Years are taken to begin in March: the day that is not always there comes
 * last then. */
int64_t
date_to_days(const struct date *date)
{
	int64_t year = date->month > 2 ? date->year : date->year - 1;
	int64_t era = divide(year, 400);
	int64_t year_of_era = year - era * 400;
	int64_t month = (date->month + 9) % 12;
	int64_t day_of_year = (153 * month + 2) / 5 + date->day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 -
			     year_of_era / 100 + day_of_year;
	return era * DAYS_OF_400_YEARS + day_of_era - DAYS_TO_1970;
}

struct date
date_of_days(int64_t days)
{
	days += DAYS_TO_1970;
	int64_t era = divide(days, DAYS_OF_400_YEARS);
	int64_t day_of_era = days - era * DAYS_OF_400_YEARS;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 +
			       day_of_era / 36524 - day_of_era / 146096) /
			      365;
	int64_t day_of_year =
		day_of_era -
		(365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t month = (5 * day_of_year + 2) / 153;
	struct date date = {
		.year = year_of_era + era * 400 + (month >= 10),
		.month = (int)(month < 10 ? month + 3 : month - 9),
		.day = (int)(day_of_year - (153 * month + 2) / 5 + 1),
	};
	return date;
}

int
date_weekday(int64_t days)
{
	/* 1970-01-01 was a Thursday. */
	int64_t weekday = (days + 4) % 7;
	return (int)(weekday < 0 ? weekday + 7 : weekday);
}

int
date_days_in_month(int64_t year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30,
				   31, 31, 30, 31, 30, 31};
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days[month - 1] + (month == 2 && is_leap);
}

int64_t
date_easter(int64_t year)
{
	int64_t a = year % 19, b = year / 100, c = year % 100;
	int64_t d = b / 4, e = b % 4, f = (b + 8) / 25;
	int64_t g = (b - f + 1) / 3;
	int64_t h = (19 * a + b - d - g + 15) % 30;
	int64_t i = c / 4, k = c % 4;
	int64_t l = (32 + 2 * e + 2 * i - h - k) % 7;
	int64_t m = (a + 11 * h + 22 * l) / 451;
	int64_t rest = h + l - 7 * m + 114;
	struct date date = {year, (int)(rest / 31), (int)(rest % 31) + 1};
	return date_to_days(&date);
}

int64_t
date_nth_weekday(int64_t year, int month, int n, int weekday)
{
	struct date first = {year, month, 1};
	int64_t days = date_to_days(&first);
	int ahead = (weekday - date_weekday(days) + 7) % 7;
	int day = ahead + 7 * (n - 1);
	if (day >= date_days_in_month(year, month))
		day -= 7;
	return days + day;
}
