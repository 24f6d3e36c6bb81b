/* Days, and dates that leave out what is clear.  Any thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "nlu/entity_parts.h"

static const char *const months[] = {
	"january", "february", "march",	    "april",   "may",	   "june",
	"july",	   "august",   "september", "october", "november", "december"};
static const char *const weekdays[] = {"monday",   "tuesday", "wednesday",
				       "thursday", "friday",  "saturday",
				       "sunday"};

/* The one of n names that word is, or begins with at least three letters. */
static int
number_named(const char *word, const char *const *names, int n)
{
	size_t len = strlen(word);

	for (int i = 0; i < n && len >= 3; i++)
		if (strncmp(names[i], word, len) == 0)
			return i + 1;
	return 0;
}

int
calendar_month_named(const char *word)
{
	return number_named(word, months, 12);
}

int
calendar_weekday_named(const char *word)
{
	return number_named(word, weekdays, 7);
}

bool
calendar_is_word_too(const char *word)
{
	static const char *const words[] = {"may", "march", "mar",
					    "sat", "sun",   "wed"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

struct date
calendar_today(const struct scan *scan)
{
	return date_of_days(scan->today);
}

bool
calendar_exists(struct date c)
{
	return c.year >= 1 && c.year <= 9999 && c.month >= 1 && c.month <= 12 &&
	       c.day >= 1 && c.day <= date_days_in_month(c.year, c.month);
}

int
calendar_weekday(int64_t day)
{
	return (date_weekday(day) + 6) % 7 + 1;
}

static void
calendar_write(struct date c, struct entity *out)
{
	out->kind = ENTITY_DATE;
	out->is_valid = calendar_exists(c);
	snprintf(out->value, sizeof out->value, "%04d-%02d-%02d", (int)c.year,
		 c.month, c.day);
}

void
calendar_finish_day(int64_t day, struct entity *out)
{
	out->given = ENTITY_DAY | ENTITY_MONTH | ENTITY_YEAR;
	calendar_write(date_of_days(day), out);
}

/* An ISO date as it is, also one that does not exist. */
static bool
read_iso(const char *text, struct date *c)
{
	int year;

	if (!text || strlen(text) != 10 ||
	    sscanf(text, "%4d-%2d-%2d", &year, &c->month, &c->day) != 3)
		return false;
	c->year = year;
	return true;
}

bool
entity_date_exists(const char *iso)
{
	int64_t us;

	return strlen(iso) == 10 && time_parse(iso, &us);
}

int64_t
calendar_day(const struct entity *entity)
{
	struct date c = {0};

	read_iso(entity->value, &c);
	return date_to_days(&c);
}

/* The date that many months on, its day as it is, though the month may not have
 * it. */
static struct date
move_months(struct date c, int months_on)
{
	int64_t n = c.year * 12 + c.month - 1 + months_on;

	return (struct date){n / 12, (int)(n % 12) + 1, c.day};
}

/* Of what was said in the present month or year, the one before and the one
 * after, that which lies where the sense is.  Chosen as if each month had the
 * day, lest 31 April should quietly become 31 March. */
static struct date
choose(const struct scan *scan, struct date here, int n_months)
{
	struct date best = here;
	int64_t best_far = INT64_MAX;

	for (int i = -1; i <= 1; i++) {
		struct date c = move_months(here, i * n_months);
		int64_t far = date_to_days(&c) - scan->today;
		bool is_sensible =
			scan->context->time == ENTITY_NEAREST ||
			(scan->context->time == ENTITY_PAST ? far <= 0
							    : far >= 0);
		if (is_sensible && llabs(far) < best_far) {
			best_far = llabs(far);
			best = c;
		}
	}
	return best;
}

void
calendar_finish(const struct scan *scan, struct date said, struct entity *out)
{
	struct date c = calendar_today(scan), earlier;
	bool is_correction = read_iso(scan->context->earlier, &earlier);

	out->given = (said.day ? ENTITY_DAY : 0) |
		     (said.month ? ENTITY_MONTH : 0) |
		     (said.year ? ENTITY_YEAR : 0);
	if (is_correction)
		c = earlier;
	c.day = said.day;
	if (said.month)
		c.month = said.month;
	if (said.year)
		c.year = said.year;
	bool is_clear = is_correction || said.year || said.month > 12;
	if (!is_clear)
		c = choose(scan, c, said.month ? 12 : 1);
	calendar_write(c, out);
}
