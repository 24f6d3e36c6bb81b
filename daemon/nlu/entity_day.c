/* Days by where they lie from today, and by their name in the week.  Any
 * thread. */
#include <string.h>

#include "nlu/entity_parts.h"

#define US_PER_MINUTE INT64_C(60000000)
#define MINUTES_PER_DAY 1440

static const struct {
	const char *phrase;
	int days_on;
} phrases[] = {
	{"the day before yesterday", -2},
	{"day before yesterday", -2},
	{"yesterday", -1},
	{"last night", -1},
	{"today", 0},
	{"this morning", 0},
	{"this afternoon", 0},
	{"this evening", 0},
	{"tonight", 0},
	{"tomorrow", 1},
	{"the day after tomorrow", 2},
	{"day after tomorrow", 2},
};

static bool
phrase_at(const struct scan *scan, size_t at, struct entity *out)
{
	for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
		size_t end = scan_phrase(scan, at, phrases[i].phrase);
		if (end == 0)
			continue;
		out->end = end;
		calendar_finish_day(scan->today + phrases[i].days_on, out);
		return true;
	}
	return false;
}

/* "3 days", "a week": so many days, and the end; 0: nothing of the kind. */
static int
read_span(const struct scan *scan, size_t at, size_t *end_r)
{
	static const struct {
		const char *word;
		int days;
	} units[] = {{"day", 1},
		     {"days", 1},
		     {"week", 7},
		     {"weeks", 7},
		     {"fortnight", 14}};
	char word[SCAN_WORD_SIZE];
	struct figure figure;
	size_t n = scan_digits(scan, at, 4), end = at + n;
	int number = n > 0 && n < 4 ? scan_number(scan, at, n) : 0;

	if (n == 0 && figure_read_words(scan, at, &figure)) {
		end = figure.end;
		for (size_t i = 0; i < figure.n_digits && i < 4; i++)
			number = number * 10 + (figure.digits[i] - '0');
	} else if (n == 0) {
		end = scan_phrase(scan, at, "a");
		number = 1;
	}
	if (end == 0 || number == 0 || number > 999)
		return 0;
	at = scan_skip(scan, end);
	n = scan_word(scan, at, word);
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (n > 0 && strcmp(units[i].word, word) == 0) {
			*end_r = at + n;
			return number * units[i].days;
		}
	return 0;
}

/* "3 days ago", "in a week". */
static bool
span_at(const struct scan *scan, size_t at, struct entity *out)
{
	size_t in = scan_phrase(scan, at, "in"), end;
	int days = read_span(scan, in > 0 ? scan_skip(scan, in) : at, &end);

	if (days == 0)
		return false;
	if (in == 0) {
		end = scan_phrase(scan, scan_skip(scan, end), "ago");
		days = -days;
	}
	if (end == 0 || scan_is_word(scan, end))
		return false;
	out->end = end;
	calendar_finish_day(scan->today + days, out);
	return true;
}

enum which { WHICH_NONE, WHICH_LAST, WHICH_THIS, WHICH_NEXT };

static enum which
read_which(const struct scan *scan, size_t *at)
{
	static const struct {
		const char *phrase;
		enum which which;
	} rows[] = {{"this past", WHICH_LAST}, {"this coming", WHICH_NEXT},
		    {"last", WHICH_LAST},      {"past", WHICH_LAST},
		    {"this", WHICH_THIS},      {"next", WHICH_NEXT},
		    {"coming", WHICH_NEXT}};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		size_t end = scan_phrase(scan, *at, rows[i].phrase);
		if (end > 0) {
			*at = scan_skip(scan, end);
			return rows[i].which;
		}
	}
	return WHICH_NONE;
}

/* The nearest such day where the sense of the dates is. */
static int64_t
nearest_weekday(const struct scan *scan, int weekday)
{
	int ahead = (weekday - calendar_weekday(scan->today) + 7) % 7;
	bool is_past = scan->context->time == ENTITY_PAST ||
		       (scan->context->time == ENTITY_NEAREST && ahead > 3);

	return scan->today + (is_past && ahead > 0 ? ahead - 7 : ahead);
}

/* "Tuesday last week": the week as it is counted from Monday. */
static bool
read_week(const struct scan *scan, size_t *end, int *weeks_on_r)
{
	static const struct {
		const char *phrase;
		int weeks_on;
	} rows[] = {{"last week", -1}, {"of last week", -1},
		    {"this week", 0},  {"of this week", 0},
		    {"next week", 1},  {"of next week", 1}};
	size_t at = scan_skip(scan, *end);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		size_t n = scan_phrase(scan, at, rows[i].phrase);
		if (n > 0) {
			*end = n;
			*weeks_on_r = rows[i].weeks_on;
			return true;
		}
	}
	return false;
}

/* "Sunday evening", said on a Sunday morning: it is still to come. */
static bool
is_later_today(const struct scan *scan, size_t end)
{
	static const struct {
		const char *word;
		int hour; /* that it begins with */
	} rows[] = {{"morning", 5},
		    {"afternoon", 12},
		    {"evening", 17},
		    {"night", 20}};
	const struct entity_context *context = scan->context;
	int64_t minutes =
		context->now_us / US_PER_MINUTE + context->zone_minutes;
	int hour = (int)(minutes % MINUTES_PER_DAY / 60);
	size_t at = scan_skip(scan, end);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (scan_phrase(scan, at, rows[i].word) > 0)
			return hour < rows[i].hour;
	return false;
}

static void
finish_weekday(const struct scan *scan, enum which which, int weekday,
	       struct entity *out)
{
	int here = calendar_weekday(scan->today), weeks_on = 0;
	int64_t monday = scan->today - (here - 1);
	int64_t of_week = monday + weekday - 1;
	int64_t day = nearest_weekday(scan, weekday);

	if (read_week(scan, &out->end, &weeks_on)) {
		day = of_week + 7 * weeks_on;
	} else if (which == WHICH_THIS) {
		day = of_week;
	} else if (which == WHICH_LAST) {
		day = weekday < here ? of_week : of_week - 7;
	} else if (which == WHICH_NEXT) {
		day = weekday > here ? of_week : of_week + 7;
		/* The one of this week, or of the next? */
		out->is_ambiguous = weekday > here;
	} else if (weekday == here && scan->context->time == ENTITY_PAST &&
		   is_later_today(scan, out->end)) {
		day -= 7;
	}
	calendar_finish_day(day, out);
	out->is_valid = !out->is_ambiguous;
}

/* "Tuesday 3 May", "Tuesday, the 3rd": a date that its name must fit. */
static bool
dated_weekday(const struct scan *scan, size_t end, int weekday,
	      struct entity *out)
{
	struct entity date = {0};
	size_t at = end + (scan_byte(scan, end) == ',');

	at = scan_skip(scan, at);
	if (at == end || !entity_date_at(scan, at, &date))
		return false;
	*out = date;
	if (date.is_valid && calendar_weekday(calendar_day(&date)) != weekday) {
		out->is_valid = false;
		out->is_ambiguous = true;
	}
	return true;
}

static bool
weekday_at(const struct scan *scan, size_t at, struct entity *out)
{
	char word[SCAN_WORD_SIZE];
	enum which which = read_which(scan, &at);
	size_t n = scan_word(scan, at, word);
	int weekday = n > 0 ? calendar_weekday_named(word) : 0;

	if (weekday == 0 || scan_is_word(scan, at + n))
		return false;
	size_t end = at + n + (n < 6 && scan_byte(scan, at + n) == '.');
	if (which == WHICH_NONE && dated_weekday(scan, end, weekday, out))
		return true;
	if (which == WHICH_NONE && scan->text[at] >= 'a' &&
	    calendar_is_word_too(word) && !scan_is_alone(scan, ENTITY_DATE))
		return false;
	out->end = at + n;
	finish_weekday(scan, which, weekday, out);
	return true;
}

bool
entity_day_at(const struct scan *scan, size_t at, struct entity *out)
{
	return phrase_at(scan, at, out) || span_at(scan, at, out) ||
	       weekday_at(scan, at, out);
}
