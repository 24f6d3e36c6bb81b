/* Dates in figures, and with the name of a month.  Any thread. */
#include <string.h>

#include "nlu/entity_parts.h"

#define YEAR_FIRST 1900 /* of four figures behind a day and a month */
#define YEAR_LAST 2199
#define YEARS_AHEAD 20 /* what 46 means: at most so far away */

/* What is read of a date so far. */
struct reading {
	struct date said;
	size_t end;
	bool is_ambiguous;
	bool has_zero; /* which is no day, and is not one that was not said */
};

/* The year that two figures stand for. */
static int
full_year(const struct scan *scan, int year)
{
	int today = (int)calendar_today(scan).year;
	int full = today - today % 100 + year;

	if (full > today + YEARS_AHEAD)
		return full - 100;
	return full + 100 <= today + YEARS_AHEAD ? full + 100 : full;
}

/* Up to three groups of figures with the same mark between them. */
struct numeric {
	size_t at[3], sizes[3], n;
	char mark;
	size_t end;
};

static void
read_numeric(const struct scan *scan, size_t at, struct numeric *numeric)
{
	*numeric = (struct numeric){0};
	for (;;) {
		size_t size = scan_digits(scan, at, 5), n = numeric->n;
		numeric->at[n] = at;
		numeric->sizes[n] = size;
		numeric->n++;
		numeric->end = at + size;
		char mark = scan_byte(scan, numeric->end);
		if (numeric->n == 3 || !mark || !strchr("/.-", mark) ||
		    (n > 0 && mark != numeric->mark))
			return;
		numeric->mark = mark;
		at = numeric->end + 1;
		/* As in "3. 11. 2026". */
		if (mark == '.')
			at += scan_blank(scan, at);
		if (!scan_is_digit(scan, at))
			return;
	}
}

/* Behind a group that goes on, as in "1.2.3.4", there is no date. */
static bool
is_part_of_more(const struct scan *scan, size_t at, size_t end)
{
	char before = at >= 2 ? scan->text[at - 1] : '\0';
	char behind = scan_byte(scan, end);

	if (before && strchr("/.-", before) && scan_is_digit(scan, at - 2))
		return true;
	return scan_is_word(scan, end) || (behind && strchr("/.-", behind) &&
					   scan_is_digit(scan, end + 1));
}

/* Which of two numbers is the day. */
static void
order(const struct scan *scan, int first, int second, struct reading *r)
{
	enum entity_dates dates = scan->context->rules->dates;
	bool is_day_first = dates == ENTITY_DAY_FIRST;

	if (dates == ENTITY_ANY_FIRST) {
		is_day_first = second <= 12;
		r->is_ambiguous =
			first <= 12 && second <= 12 && first != second;
	}
	r->said.day = is_day_first ? first : second;
	r->said.month = is_day_first ? second : first;
}

/* 2026-11-03, 3/11/2026, 3.11.26; 3/11 to whoever asks for dates alone. */
static bool
numeric_at(const struct scan *scan, size_t at, struct reading *r)
{
	struct numeric n;

	read_numeric(scan, at, &n);
	if (n.n < 2 || is_part_of_more(scan, at, n.end))
		return false;
	int first = scan_number(scan, n.at[0], n.sizes[0]);
	int second = scan_number(scan, n.at[1], n.sizes[1]);
	int third = n.n == 3 ? scan_number(scan, n.at[2], n.sizes[2]) : 0;
	r->end = n.end;
	r->has_zero = first == 0 || second == 0 ||
		      (n.n == 3 && third == 0 && n.sizes[0] + n.sizes[2] > 4);
	if (n.sizes[1] > 2)
		return false;
	if (n.n == 3 && n.sizes[0] == 4 && n.sizes[2] <= 2) {
		r->said = (struct date){first, second, third};
		return true;
	}
	if (n.sizes[0] > 2)
		return false;
	order(scan, first, second, r);
	if (n.n == 2)
		return scan_is_alone(scan, ENTITY_DATE);
	r->said.year = third;
	if (n.sizes[2] == 4)
		return true;
	/* Two figures may also be a part of another number. */
	r->said.year = full_year(scan, third);
	return n.sizes[2] == 2 && first <= 31 && second <= 31 &&
	       (first <= 12 || second <= 12);
}

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

/* "3", "3rd", "third": the day, or 0. */
static int
read_day(const struct scan *scan, size_t at, size_t *end_r, bool *is_ordinal_r)
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

/* ", 2026", " 2026", "-26", " '26": to *r. */
static void
read_year(const struct scan *scan, struct reading *r)
{
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
		year = full_year(scan, year);
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

/* "3 May", "the 3rd of May 2026", "3-May-26". */
static bool
day_first_at(const struct scan *scan, size_t at, struct reading *r)
{
	bool is_ordinal, is_doubtful;
	size_t end = at;
	int day = read_day(scan, at, &end, &is_ordinal);

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

/* "May 3", "May 3rd, 2026". */
static bool
month_first_at(const struct scan *scan, size_t at, struct reading *r)
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
	int day = read_day(scan, at, &r->end, &is_ordinal);
	if (day == 0 || scan_is_word(scan, r->end))
		return false;
	r->said = (struct date){0, month, day};
	read_year(scan, r);
	return r->said.year || is_ordinal || !is_doubtful;
}

/* The month behind "of": this, last, next; 0 and no end: not said. */
static void
read_which_month(const struct scan *scan, struct reading *r)
{
	static const struct {
		const char *phrase;
		int months_on;
	} rows[] = {{"of this month", 0},  {"this month", 0},
		    {"of last month", -1}, {"last month", -1},
		    {"of next month", 1},  {"next month", 1}};
	size_t at = scan_skip(scan, r->end);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		size_t end = scan_phrase(scan, at, rows[i].phrase);
		if (end == 0)
			continue;
		struct date today = calendar_today(scan);
		int64_t n =
			today.year * 12 + today.month - 1 + rows[i].months_on;
		r->said.year = n / 12;
		r->said.month = (int)(n % 12) + 1;
		r->end = end;
		return;
	}
}

static bool
is_listed(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

/* Words that may stand behind a day of which nothing more is said: "the 3rd
 * time" is no day. */
static bool
may_follow_day(const struct scan *scan, size_t end)
{
	static const char *const words[] = {
		"and", "or",	"but",	"not",	 "at",	   "in",     "i",
		"it",  "when",	"from", "while", "my",	   "to",     "that",
		"we",  "they",	"he",	"she",	 "so",	   "if",     "then",
		"the", "until", "with", "about", "please", "around", NULL,
	};
	char word[SCAN_WORD_SIZE];
	size_t at = scan_skip(scan, end);

	if (!scan_is_word(scan, at))
		return true;
	scan_word(scan, at, word);
	return is_listed(word, words);
}

/* Words that may stand before a number that is a day. */
static bool
may_precede_day(const struct scan *scan, size_t at)
{
	static const char *const words[] = {
		"no",  "not",	"the",	"on",	 "was", "is",
		"its", "meant", "mean", "sorry", "s",	NULL,
	};
	char word[SCAN_WORD_SIZE];
	size_t end = at;

	if (at > 0 && scan->text[at - 1] == ':')
		return false;
	while (end > 0 && scan_blank(scan, end - 1) > 0)
		end--;
	size_t begin = end;
	while (begin > 0 && end - begin < SCAN_WORD_SIZE &&
	       scan_is_within_word(scan, begin))
		begin--;
	if (begin == end)
		return true;
	scan_word(scan, begin, word);
	return is_listed(word, words);
}

/* "the 3rd", "the 3rd of this month"; "3rd", "third" and "3" to whoever asks
 * for dates alone. */
static bool
day_alone_at(const struct scan *scan, size_t at, bool has_the,
	     struct reading *r)
{
	bool is_ordinal, is_asked = scan_is_alone(scan, ENTITY_DATE);

	r->end = at;
	int day = read_day(scan, at, &r->end, &is_ordinal);
	if (day == 0 || scan_is_word(scan, r->end) ||
	    is_part_of_more(scan, at, r->end))
		return false;
	r->said = (struct date){.day = day};
	read_which_month(scan, r);
	if (r->said.month)
		return true;
	if (!may_follow_day(scan, r->end) || scan_byte(scan, r->end) == ':')
		return false;
	if (!is_ordinal)
		return is_asked && may_precede_day(scan, at);
	return is_asked || (has_the && scan_is_digit(scan, at));
}

bool
entity_date_at(const struct scan *scan, size_t at, struct entity *out)
{
	struct reading r = {0};
	size_t the = scan_phrase(scan, at, "the");
	size_t from = the > 0 ? scan_skip(scan, the) : at;

	if (!numeric_at(scan, from, &r)) {
		r = (struct reading){0};
		if (!day_first_at(scan, from, &r) &&
		    !month_first_at(scan, from, &r) &&
		    !day_alone_at(scan, from, the > 0, &r))
			return false;
	}
	out->end = r.end;
	calendar_finish(scan, r.said, out);
	if (r.is_ambiguous || r.has_zero) {
		out->is_valid = false;
		out->is_ambiguous = r.is_ambiguous && !r.has_zero;
		scan_quote(scan, from, out);
	}
	return true;
}
