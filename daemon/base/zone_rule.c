#include "base/zone_rule.h"

#include <string.h>

#include "base/date.h"

#define HOUR_S 3600
#define DAY_S 86400
#define HOURS_MAX 167
#define OFFSET_HOURS_MAX 24

struct reader {
	const char *at, *end;
};

static bool
take(struct reader *reader, char c)
{
	if (reader->at == reader->end || *reader->at != c)
		return false;
	reader->at++;
	return true;
}

static bool
is_digit(const struct reader *reader)
{
	return reader->at < reader->end && *reader->at >= '0' &&
	       *reader->at <= '9';
}

/* A number from least to most. */
static bool
take_number(struct reader *reader, int least, int most, int *number_r)
{
	int number = 0;
	if (!is_digit(reader))
		return false;
	while (is_digit(reader) && number <= most)
		number = number * 10 + (*reader->at++ - '0');
	*number_r = number;
	return number >= least && number <= most;
}

/* hh[:mm[:ss]] with a sign. */
static bool
take_clock(struct reader *reader, int hours_max, int *seconds_r)
{
	int sign = take(reader, '-') ? -1 : 1, hours, minutes = 0, seconds = 0;
	if (sign > 0)
		take(reader, '+');
	if (!take_number(reader, 0, hours_max, &hours))
		return false;
	if (take(reader, ':') && !take_number(reader, 0, 59, &minutes))
		return false;
	if (take(reader, ':') && !take_number(reader, 0, 59, &seconds))
		return false;
	*seconds_r = sign * (hours * HOUR_S + minutes * 60 + seconds);
	return true;
}

static bool
is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* "GMT", "<-03>": at least three characters. */
static bool
take_name(struct reader *reader)
{
	bool is_quoted = take(reader, '<');
	const char *begin = reader->at;
	while (reader->at < reader->end &&
	       (is_quoted ? *reader->at != '>' : is_letter(*reader->at)))
		reader->at++;
	return reader->at - begin >= 3 && (!is_quoted || take(reader, '>'));
}

static bool
take_day(struct reader *reader, struct zone_day *day)
{
	day->seconds = 2 * HOUR_S;
	if (take(reader, 'M')) {
		day->form = 'M';
		if (!take_number(reader, 1, 12, &day->month) ||
		    !take(reader, '.') ||
		    !take_number(reader, 1, 5, &day->week) ||
		    !take(reader, '.') ||
		    !take_number(reader, 0, 6, &day->weekday))
			return false;
	} else {
		day->form = take(reader, 'J') ? 'J' : 'N';
		if (!take_number(reader, day->form == 'J', 365, &day->day))
			return false;
	}
	return !take(reader, '/') ||
	       take_clock(reader, HOURS_MAX, &day->seconds);
}

/* What stands there says how far UTC is ahead. */
static bool
take_offset(struct reader *reader, int *ahead_r)
{
	if (!take_clock(reader, OFFSET_HOURS_MAX, ahead_r))
		return false;
	*ahead_r = -*ahead_r;
	return true;
}

bool
zone_rule_parse(struct zone_rule *rule, const char *text, size_t len)
{
	struct reader reader = {text, text + len};
	*rule = (struct zone_rule){0};
	if (!take_name(&reader) || !take_offset(&reader, &rule->standard_s))
		return false;
	rule->has_summer = reader.at < reader.end;
	if (!rule->has_summer)
		return true;
	rule->summer_s = rule->standard_s + HOUR_S;
	if (!take_name(&reader))
		return false;
	if (!take(&reader, ',') &&
	    (!take_offset(&reader, &rule->summer_s) || !take(&reader, ',')))
		return false;
	return take_day(&reader, &rule->begin) && take(&reader, ',') &&
	       take_day(&reader, &rule->end) && reader.at == reader.end;
}

/* Of a year, by a clock that is ahead_s ahead of UTC. */
static int64_t
change_of(const struct zone_day *day, int64_t year, int ahead_s)
{
	struct date first = {year, 1, 1};
	int64_t days = date_to_days(&first);
	if (day->form == 'M')
		days = date_nth_weekday(year, day->month, day->week,
					day->weekday);
	else if (day->form == 'J')
		days += day->day - 1 +
			(day->day > 59 && date_days_in_month(year, 2) == 29);
	else
		days += day->day;
	return days * DAY_S + day->seconds - ahead_s;
}

static int64_t
year_of(int64_t seconds)
{
	int64_t days = seconds / DAY_S - (seconds % DAY_S < 0);
	return date_of_days(days).year;
}

int
zone_rule_offset(const struct zone_rule *rule, int64_t seconds)
{
	if (!rule->has_summer)
		return rule->standard_s;
	int64_t year = year_of(seconds + rule->standard_s);
	int64_t begin = change_of(&rule->begin, year, rule->standard_s);
	int64_t end = change_of(&rule->end, year, rule->summer_s);
	bool is_summer = begin < end ? seconds >= begin && seconds < end
				     : seconds >= begin || seconds < end;
	return is_summer ? rule->summer_s : rule->standard_s;
}
