/* Clocks and RFC 3339.  Any thread: nothing is kept. */
#include "base/time.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define US_PER_S INT64_C(1000000)
#define S_PER_DAY INT64_C(86400)

static int64_t
read_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * US_PER_S + now.tv_nsec / 1000;
}

int64_t
time_now_us(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t
time_mono_us(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

void
time_cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

bool
time_cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t until_us)
{
	struct timespec until = {.tv_sec = until_us / US_PER_S,
				 .tv_nsec = until_us % US_PER_S * 1000};

	return pthread_cond_timedwait(cond, lock, &until) == 0;
}

const char *
time_format(int64_t us, char out[TIME_TEXT_SIZE])
{
	time_t seconds = us / US_PER_S;
	int64_t rest = us % US_PER_S;
	struct tm tm;

	/* Division rounds to 0, but a time before 1970 rounds down too. */
	if (rest < 0) {
		rest += US_PER_S;
		seconds--;
	}
	gmtime_r(&seconds, &tm);
	size_t n = strftime(out, TIME_TEXT_SIZE, "%04Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + n, TIME_TEXT_SIZE - n, ".%03dZ", (int)(rest / 1000));
	return out;
}

/* The number in the n digits at *p, which moves on; -1 if there are fewer. */
static int
take_digits(const char **p, int n)
{
	int number = 0;

	for (; n > 0; n--, (*p)++) {
		if (**p < '0' || **p > '9')
			return -1;
		number = number * 10 + (**p - '0');
	}
	return number;
}

/* Move *p over one of the characters of any, if one is there. */
static bool
take_any(const char **p, const char *any)
{
	if (!**p || !strchr(any, **p))
		return false;
	(*p)++;
	return true;
}

static int
days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30,
				   31, 31, 30, 31, 30, 31};
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && is_leap);
}

static bool
take_date(const char **p, struct tm *tm)
{
	int year = take_digits(p, 4);
	if (year < 0 || !take_any(p, "-"))
		return false;
	int month = take_digits(p, 2);
	if (month < 1 || month > 12 || !take_any(p, "-"))
		return false;
	int day = take_digits(p, 2);
	if (day < 1 || day > days_in_month(year, month))
		return false;
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	tm->tm_mday = day;
	return true;
}

/* ".5" and the like, if there; digits after the sixth are dropped. */
static bool
take_fraction(const char **p, int64_t *us_r)
{
	int64_t unit = US_PER_S / 10;

	if (!take_any(p, "."))
		return true;
	if (**p < '0' || **p > '9')
		return false;
	for (; **p >= '0' && **p <= '9'; (*p)++, unit /= 10)
		*us_r += (**p - '0') * unit;
	return true;
}

static bool
take_clock(const char **p, struct tm *tm, int64_t *fraction_r)
{
	tm->tm_hour = take_digits(p, 2);
	if (tm->tm_hour < 0 || tm->tm_hour > 23 || !take_any(p, ":"))
		return false;
	tm->tm_min = take_digits(p, 2);
	if (tm->tm_min < 0 || tm->tm_min > 59 || !take_any(p, ":"))
		return false;
	tm->tm_sec = take_digits(p, 2);
	if (tm->tm_sec < 0 || tm->tm_sec > 60)
		return false;
	return take_fraction(p, fraction_r);
}

static bool
take_zone(const char **p, int *ahead_s_r)
{
	if (take_any(p, "Zz"))
		return true;
	int sign = **p == '-' ? -1 : 1;
	if (!take_any(p, "+-"))
		return false;
	int hours = take_digits(p, 2);
	if (hours < 0 || hours > 23 || !take_any(p, ":"))
		return false;
	int minutes = take_digits(p, 2);
	if (minutes < 0 || minutes > 59)
		return false;
	*ahead_s_r = sign * (hours * 3600 + minutes * 60);
	return true;
}

bool
time_parse(const char *text, int64_t *us_r)
{
	struct tm tm = {0};
	int64_t fraction = 0;
	int ahead_s = 0;

	if (!take_date(&text, &tm))
		return false;
	if (take_any(&text, "Tt ") &&
	    (!take_clock(&text, &tm, &fraction) || !take_zone(&text, &ahead_s)))
		return false;
	if (*text)
		return false;
	bool is_leap_second = tm.tm_sec == 60;
	int64_t seconds = timegm(&tm) - ahead_s;
	/* A leap second ends a day in UTC; it counts as the second after. */
	if (is_leap_second && seconds % S_PER_DAY != 0)
		return false;
	*us_r = seconds * US_PER_S + fraction;
	return true;
}
