/* What opening hours say of a time.  Any thread: nothing is kept. */
#include "base/buf.h"
#include "base/date.h"
#include "base/zone.h"
#include "nlu/hours.h"
#include "nlu/hours_parts.h"

#define US_PER_S INT64_C(1000000)
#define DAY_S 86400
#define DAYS_AHEAD 366

const char *const hours_weekdays[7] = {"Sunday",    "Monday",	"Tuesday",
				       "Wednesday", "Thursday", "Friday",
				       "Saturday"};
const char *const hours_months[12] = {
	"January", "February", "March",	    "April",   "May",	   "June",
	"July",	   "August",   "September", "October", "November", "December"};

static int64_t
divide(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Seconds that the desk's clocks show. */
static int64_t
local_seconds(const struct hours *hours, int64_t us)
{
	int64_t seconds = divide(us, US_PER_S);
	return seconds + (hours ? zone_offset(hours->zone, seconds) : 0);
}

static int64_t
local_day(const struct hours *hours, int64_t us)
{
	return divide(local_seconds(hours, us), DAY_S);
}

static bool
is_on(const struct holiday *holiday, int64_t day)
{
	struct date date = date_of_days(day);
	switch (holiday->form) {
	case HOLIDAY_DATE:
		return (!holiday->year || holiday->year == date.year) &&
		       holiday->month == date.month && holiday->day == date.day;
	case HOLIDAY_EASTER:
		return date_easter(date.year) + holiday->day == day;
	case HOLIDAY_WEEKDAY:
		return holiday->month == date.month &&
		       date_nth_weekday(date.year, date.month, holiday->nth,
					holiday->weekday) == day;
	}
	return false;
}

static const struct hours_day *
hours_of(const struct hours *hours, int64_t day)
{
	for (size_t i = 0; i < hours->n_holidays; i++)
		if (is_on(&hours->holidays[i], day))
			return &hours->holidays[i].open;
	return &hours->week[date_weekday(day)];
}

static int64_t
utc_us(const struct hours *hours, int64_t day, int minutes)
{
	return zone_to_utc(hours->zone, day * DAY_S + minutes * 60) * US_PER_S;
}

bool
hours_are_open(const struct hours *hours, int64_t now_us)
{
	int64_t today = local_day(hours, now_us);
	const struct hours_day *day = hours_of(hours, today);
	for (size_t i = 0; i < day->n; i++)
		if (utc_us(hours, today, day->spans[i].from) <= now_us &&
		    now_us < utc_us(hours, today, day->spans[i].to))
			return true;
	return false;
}

int64_t
hours_next(const struct hours *hours, int64_t now_us)
{
	int64_t today = local_day(hours, now_us);
	for (int64_t at = today; at <= today + DAYS_AHEAD; at++) {
		const struct hours_day *day = hours_of(hours, at);
		for (size_t i = 0; i < day->n; i++) {
			int64_t us = utc_us(hours, at, day->spans[i].from);
			if (us > now_us)
				return us;
		}
	}
	return 0;
}

void
hours_write_clock(const struct hours *hours, int64_t at_us, struct buf *out)
{
	int64_t minutes = divide(local_seconds(hours, at_us), 60) % (24 * 60);
	if (minutes < 0)
		minutes += 24 * 60;
	buf_addf(out, "%d:%02d%s", (int)minutes / 60, (int)minutes % 60,
		 hours ? "" : " UTC");
}

void
hours_write_day(const struct hours *hours, int64_t now_us, int64_t at_us,
		struct buf *out)
{
	int64_t today = local_day(hours, now_us);
	int64_t day = local_day(hours, at_us);
	struct date date = date_of_days(day);
	if (day == today)
		buf_adds(out, "today");
	else
		buf_addf(out, "%s %s %d %s",
			 day == today + 1 ? "tomorrow," : "on",
			 hours_weekdays[date_weekday(day)], date.day,
			 hours_months[date.month - 1]);
	buf_adds(out, ", from ");
	hours_write_clock(hours, at_us, out);
}

int
hours_zone_minutes(const struct hours *hours, int64_t now_us)
{
	return hours ? zone_offset(hours->zone, divide(now_us, US_PER_S)) / 60
		     : 0;
}

const char *
hours_zone_hash(const struct hours *hours)
{
	return zone_hash(hours->zone);
}
