/* Dates with the name of a month.  Any thread. */
#include <string.h>

#include "nlu/entity_parts.h"

#define YEAR_FIRST 1900 /* of four figures behind a day and a month */
#define YEAR_LAST 2199

static const char *const ordinals[] = {
	"first",     "second",	    "third",	  "fourth",	"fifth",
	"sixth",     "seventh",	    "eighth",	  "ninth",	"tenth",
	"eleventh",  "twelfth",	    "thirteenth", "fourteenth", "fifteenth",
	"sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth",
};

static int
ordinal_named(const char *word, int n_ordinals)
{
	for (int i = 0; i < n_ordinals; i++)
		if (strcmp(ordinals[i], word) == 0)
			return i + 1;
	return strcmp(word, "thirtieth") == 0 ? 30 : 0;
}

/* "third", "twenty-first": the day, or 0. */
static int
read_ordinal_word(const struct scan *scan, size_t at, size_t *end_r)
{
	char word[SCAN_WORD_SIZE];
	size_t n = scan_word(scan, at, word);
	int tens = strcmp(word, "twenty") == 0	 ? 20
		   : strcmp(word, "thirty") == 0 ? 30
						 : 0;

	if (tens > 0) {
		at += n;
		at = scan_byte(scan, at) == '-' ? at + 1 : scan_skip(scan, at);
		n = scan_word(scan, at, word);
	}
	int day = n > 0 ? ordinal_named(word, tens > 0 ? 9 : 20) : 0;
	if (day == 0 || scan_is_word(scan, at + n))
		return 0;
	*end_r = at + n;
	return tens + day;
}

int
date_read_day(const struct scan *scan, size_t at, size_t *end_r,
	      bool *is_ordinal_r)
{
	char word[SCAN_WORD_SIZE];
	size_t n = scan_digits(scan, at, 3);

	*is_ordinal_r = n == 0;
	if (n == 0)
		return read_ordinal_word(scan, at, end_r);
	if (n > 2)
		return 0;
	*end_r = at + n;
	size_t len = scan_word(scan, at + n, word);
	if (len == 2 && (strcmp(word, "st") == 0 || strcmp(word, "nd") == 0 ||
			 strcmp(word, "rd") == 0 || strcmp(word, "th") == 0)) {
		*is_ordinal_r = true;
		*end_r += len;
	}
	return scan_number(scan, at, n);
}

/* The name of a month; a dot may stand behind it. */
static int
read_month(const struct scan *scan, size_t at, size_t *end_r, bool *is_doubtful)
{
	char word[SCAN_WORD_SIZE];
	size_t n = scan_word(scan, at, word);
	int month = n > 0 ? calendar_month_named(word) : 0;

	if (month == 0)
		return 0;
	*is_doubtful = scan->text[at] >= 'a' && calendar_is_word_too(word) &&
		       !scan_is_alone(scan, ENTITY_DATE);
	*end_r = at + n;
	return month;
}

/* "last year", "of this year": to *r. */
static bool
read_which_year(const struct scan *scan, struct date_reading *r)
{
	static const struct {
		const char *phrase;
		int years_on;
	} rows[] = {{"last year", -1}, {"of last year", -1},
		    {"this year", 0},  {"of this year", 0},
		    {"next year", 1},  {"of next year", 1}};
	char c = scan_byte(scan, r->end);
	size_t at = scan_skip(scan, r->end + (c == ',' || c == '.'));

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		size_t end = scan_phrase(scan, at, rows[i].phrase);
		if (end == 0)
			continue;
		r->said.year = calendar_today(scan).year + rows[i].years_on;
		r->end = end;
		return true;
	}
	return false;
}

/* ", 2026", " 2026", "-26", " '26", "last year": to *r. */
static void
read_year(const struct scan *scan, struct date_reading *r)
{
	if (read_which_year(scan, r))
		return;
	size_t at = r->end;
	char c = scan_byte(scan, at);
	bool is_tight = c == '-' || c == '/';

	at = is_tight || c == ',' || c == '.' ? at + 1 : at;
	if (!is_tight)
		at = scan_skip(scan, at);
	bool is_cut = scan_byte(scan, at) == '\'' || is_tight;
	at += scan_byte(scan, at) == '\'';
	size_t n = scan_digits(scan, at, 5);
	if (scan_is_word(scan, at + n))
		return;
	int year = n == 4 || (n == 2 && is_cut) ? scan_number(scan, at, n) : 0;
	if (n == 2 && is_cut)
		year = date_full_year(scan, year);
	if (year < YEAR_FIRST || year > YEAR_LAST)
		return;
	r->said.year = year;
	r->end = at + n;
}

/* What is between a day and its month: blanks, "of", a dash. */
static size_t
skip_to_month(const struct scan *scan, size_t at)
{
	char c = scan_byte(scan, at);

	if (c == '-' || c == '/' || c == '.')
		at++;
	at = scan_skip(scan, at);
	size_t of = scan_phrase(scan, at, "of");
	return of > 0 ? scan_skip(scan, of) : at;
}

/* Whether a name that is a word as well is used as that word here. */
static bool
is_other_word(const struct scan *scan, size_t end)
{
	size_t next = scan_skip(scan, end);

	return next > end && scan_is_word(scan, next);
}

bool
date_day_first_at(const struct scan *scan, size_t at, struct date_reading *r)
{
	bool is_ordinal, is_doubtful;
	size_t end = at;
	int day = date_read_day(scan, at, &end, &is_ordinal);

	if (day == 0)
		return false;
	int month = read_month(scan, skip_to_month(scan, end), &r->end,
			       &is_doubtful);
	if (month == 0)
		return false;
	r->said = (struct date){0, month, day};
	read_year(scan, r);
	if (scan_is_word(scan, r->end))
		return false;
	return r->said.year || is_ordinal || !is_doubtful ||
	       !is_other_word(scan, r->end);
}

bool
date_month_first_at(const struct scan *scan, size_t at, struct date_reading *r)
{
	bool is_ordinal, is_doubtful;
	size_t end = at;
	int month = read_month(scan, at, &end, &is_doubtful);

	if (month == 0)
		return false;
	char c = scan_byte(scan, end);
	at = scan_skip(scan, end + (c == '-' || c == '.'));
	size_t the = scan_phrase(scan, at, "the");
	if (the > 0)
		at = scan_skip(scan, the);
	int day = date_read_day(scan, at, &r->end, &is_ordinal);
	if (day == 0 || scan_is_word(scan, r->end))
		return false;
	r->said = (struct date){0, month, day};
	read_year(scan, r);
	return r->said.year || is_ordinal || !is_doubtful;
}
