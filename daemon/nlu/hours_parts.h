/* What opening hours are made of, for the files of hours.h. */
#ifndef NLU_HOURS_PARTS_H
#define NLU_HOURS_PARTS_H

#include <stddef.h>
#include <stdint.h>

struct zone;

#define HOURS_SPANS_MAX 4
#define HOURS_HOLIDAYS_MAX 200

/* Minutes of a day; the end, up to 24 * 60, is no part of it. */
struct hours_span {
	int from, to;
};

/* In order, none touching another; n 0: closed. */
struct hours_day {
	struct hours_span spans[HOURS_SPANS_MAX];
	size_t n;
};

enum holiday_form { HOLIDAY_DATE, HOLIDAY_EASTER, HOLIDAY_WEEKDAY };

struct holiday {
	enum holiday_form form;
	int64_t year;	  /* HOLIDAY_DATE: 0 is every year */
	int month;	  /* HOLIDAY_DATE, HOLIDAY_WEEKDAY */
	int day;	  /* HOLIDAY_DATE; days behind Easter */
	int nth, weekday; /* as date_nth_weekday() has them */
	struct hours_day open;
};

struct hours {
	struct zone *zone;
	struct hours_day week[7]; /* from Sunday */
	struct holiday *holidays; /* of several for a day the first counts */
	size_t n_holidays;
};

/* Monday, ..., and January, ...: as they are written. */
extern const char *const hours_weekdays[7];
extern const char *const hours_months[12];

#endif
