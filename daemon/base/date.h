/* Days of the calendar (Gregorian, also before it was), counted from
 * 1970-01-01.  Any thread: nothing is kept. */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include <stdint.h>

struct date {
	int64_t year;
	int month; /* 1 to 12 */
	int day;   /* 1 to 31 */
};

/* A day beyond the end of its month counts on into the next one.  As in
 * "chrono-Compatible Low-Level Date Algorithms" (H. Hinnant). */
int64_t date_to_days(const struct date *);
struct date date_of_days(int64_t days);
/* 0 is Sunday. */
int date_weekday(int64_t days);
int date_days_in_month(int64_t year, int month);
/* Easter Sunday of a year from 1583 on (Meeus/Jones/Butcher). */
int64_t date_easter(int64_t year);
/* The n-th such weekday (0 is Sunday) of a month, n from 1 to 5; where there is
 * no fifth it is the last one, so 5 always is the last. */
int64_t date_nth_weekday(int64_t year, int month, int n, int weekday);

#endif
