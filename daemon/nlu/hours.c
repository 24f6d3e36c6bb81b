/* Reading hours.yaml.  One thread. */
#include "nlu/hours.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/date.h"
#include "base/err.h"
#include "base/zone.h"
#include "conf/yaml.h"
#include "nlu/hours_parts.h"
#include "nlu/pack.h"
#include "nlu/read.h"

#define DAY_MINUTES (24 * 60)

static const struct yaml_field file_fields[] = {
	{"time_zone", YAML_TEXT, true},
	{"week", YAML_MAP, true},
	{"holidays", YAML_LIST, false},
	{0},
};

static const struct yaml_field week_fields[] = {
	{"sunday", YAML_TEXT, false},	{"monday", YAML_TEXT, false},
	{"tuesday", YAML_TEXT, false},	{"wednesday", YAML_TEXT, false},
	{"thursday", YAML_TEXT, false}, {"friday", YAML_TEXT, false},
	{"saturday", YAML_TEXT, false}, {0},
};

static const struct yaml_field holiday_fields[] = {
	{"name", YAML_TEXT, true},
	{"day", YAML_TEXT, true},
	{"open", YAML_TEXT, false},
	{0},
};

static const char *const nths[] = {"first", "second", "third", "fourth",
				   "last"};

/* The digits at *at as a number of at most max, *at then behind them. */
static bool
take_number(const char **at, int max, int *number_r)
{
	int number = 0;
	const char *begin = *at;
	while (**at >= '0' && **at <= '9' && number <= max)
		number = number * 10 + (*(*at)++ - '0');
	*number_r = number;
	return *at > begin && number <= max;
}

static bool
take_word(const char **at, const char *word)
{
	size_t len = strlen(word);
	if (strncasecmp(*at, word, len) != 0)
		return false;
	*at += len;
	return true;
}

static bool
take_clock(const char **at, int *minutes_r)
{
	int hours, minutes;
	if (!take_number(at, 24, &hours) || !take_word(at, ":"))
		return false;
	const char *begin = *at;
	if (!take_number(at, 59, &minutes) || *at - begin != 2)
		return false;
	*minutes_r = hours * 60 + minutes;
	return *minutes_r <= DAY_MINUTES;
}

/* "8:00-12:00 and 13:00-17:00". */
static bool
read_spans(const char *text, struct hours_day *day)
{
	*day = (struct hours_day){.n = 0};
	do {
		if (day->n == HOURS_SPANS_MAX)
			return false;
		struct hours_span *span = &day->spans[day->n];
		if (!take_clock(&text, &span->from) || !take_word(&text, "-") ||
		    !take_clock(&text, &span->to) || span->from >= span->to)
			return false;
		if (day->n && span->from <= day->spans[day->n - 1].to)
			return false;
		day->n++;
	} while (take_word(&text, " and "));
	return !*text;
}

static int
read_day(const struct yaml_file *file, const struct yaml *node,
	 struct hours_day *day, struct err *err)
{
	if (read_spans(node->text, day))
		return 0;
	return yaml_error(file, node, err,
			  "'%.80s' is no time a desk is open: write 9:00-17:00 "
			  "or 9:00-12:00 and 13:00-17:00; a day that is not "
			  "there is closed",
			  node->text);
}

static int
read_week(struct hours *hours, const struct yaml_file *file,
	  const struct yaml *week, struct err *err)
{
	bool is_any = false;
	if (yaml_check(file, week, week_fields, err) < 0)
		return -1;
	for (int i = 0; i < 7; i++) {
		const struct yaml *node = yaml_get(week, week_fields[i].key);
		if (node && read_day(file, node, &hours->week[i], err) < 0)
			return -1;
		is_any |= node != NULL;
	}
	return is_any ? 0
		      : yaml_error(file, week, err,
				   "the desk is open on no day of the week");
}

/* "12-25", "2026-12-24". */
static bool
read_date(const char *text, struct holiday *holiday)
{
	int first, second, third;
	holiday->form = HOLIDAY_DATE;
	if (!take_number(&text, 9999, &first) || !take_word(&text, "-") ||
	    !take_number(&text, 31, &second))
		return false;
	if (take_word(&text, "-")) {
		if (first < 1970 || !take_number(&text, 31, &third))
			return false;
		holiday->year = first;
		first = second;
		second = third;
	}
	/* 29 February is a day of some years. */
	int64_t year = holiday->year ? holiday->year : 2000;
	if (*text || first < 1 || first > 12 || second < 1 ||
	    second > date_days_in_month(year, first))
		return false;
	holiday->month = first;
	holiday->day = second;
	return true;
}

/* "easter", "easter-2", "easter+39". */
static bool
read_easter(const char *text, struct holiday *holiday)
{
	int sign = 1, days = 0;
	holiday->form = HOLIDAY_EASTER;
	if (!take_word(&text, "easter"))
		return false;
	if (!*text)
		return true;
	if (take_word(&text, "-"))
		sign = -1;
	else if (!take_word(&text, "+"))
		return false;
	bool is_number = take_number(&text, 100, &days);
	holiday->day = sign * days;
	return is_number && !*text;
}

/* Which of the n words stands at *at; -1: none. */
static int
take_any(const char **at, const char *const *words, int n)
{
	for (int i = 0; i < n; i++)
		if (take_word(at, words[i]))
			return i;
	return -1;
}

/* "first monday of may", "last monday of october". */
static bool
read_weekday(const char *text, struct holiday *holiday)
{
	holiday->form = HOLIDAY_WEEKDAY;
	holiday->nth = take_any(&text, nths, 5) + 1;
	if (!holiday->nth || !take_word(&text, " "))
		return false;
	holiday->weekday = take_any(&text, hours_weekdays, 7);
	if (holiday->weekday < 0 || !take_word(&text, " of "))
		return false;
	holiday->month = take_any(&text, hours_months, 12) + 1;
	return holiday->month && !*text;
}

static int
read_holiday(const struct yaml_file *file, const struct yaml *node,
	     struct holiday *holiday, struct err *err)
{
	if (yaml_check(file, node, holiday_fields, err) < 0)
		return -1;
	const struct yaml *day = yaml_get(node, "day");
	const struct yaml *open = yaml_get(node, "open");
	if (!read_date(day->text, holiday) &&
	    !read_easter(day->text, holiday) &&
	    !read_weekday(day->text, holiday))
		return yaml_error(
			file, day, err,
			"'%.80s' is no day of a holiday: write 12-25, "
			"2026-12-24, easter+1 or first monday of may",
			day->text);
	return open ? read_day(file, open, &holiday->open, err) : 0;
}

static int
read_holidays(struct pack *pack, const struct yaml_file *file,
	      const struct yaml *list, struct err *err)
{
	struct hours *hours = pack->hours;
	if (list->n > HOURS_HOLIDAYS_MAX)
		return yaml_error(file, list, err, "more than %d holidays",
				  HOURS_HOLIDAYS_MAX);
	hours->holidays =
		arena_array(&pack->arena, list->n, sizeof *hours->holidays);
	yaml_each (node, list)
		if (read_holiday(file, node,
				 &hours->holidays[hours->n_holidays++],
				 err) < 0)
			return -1;
	return 0;
}

int
hours_read(struct pack *pack, const struct yaml_file *file, struct err *err)
{
	if (yaml_check(file, file->root, file_fields, err) < 0)
		return -1;
	struct err why = {0};
	const struct yaml *name = yaml_get(file->root, "time_zone");
	const struct yaml *holidays = yaml_get(file->root, "holidays");
	struct hours *hours = arena_new(&pack->arena, sizeof *hours);
	pack->hours = hours;
	hours->zone = zone_read(name->text, &why);
	if (!hours->zone)
		return yaml_error(file, name, err, "%s", why.text);
	if (read_week(hours, file, yaml_get(file->root, "week"), err) < 0)
		return -1;
	return holidays ? read_holidays(pack, file, holidays, err) : 0;
}

void
hours_free(struct hours *hours)
{
	if (hours)
		zone_free(hours->zone);
}
