/* Dates in figures, and which of all dates it is.  Any thread. */
#include <string.h>

#include "nlu/entity_parts.h"

#define YEARS_AHEAD 20 /* what 46 means: at most so far away */

static bool
is_listed(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

/* The word before `at`, in small letters, with blanks between; false: there is
 * none.  One that is too long is "". */
static bool
read_word_before(const struct scan *scan, size_t at, char word[SCAN_WORD_SIZE])
{
	size_t end = at;

	while (end > 0 && scan_blank(scan, end - 1) > 0)
		end--;
	size_t begin = end;
	while (begin > 0 && end - begin < SCAN_WORD_SIZE &&
	       scan_is_within_word(scan, begin))
		begin--;
	scan_word(scan, begin, word);
	return begin < end;
}

int
date_full_year(const struct scan *scan, int year)
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

	/* As in 2026-11-03T14:30. */
	if (behind == 'T' && scan_is_digit(scan, end + 1))
		return false;

	if (before && strchr("/.-", before) && scan_is_digit(scan, at - 2))
		return true;
	return scan_is_word(scan, end) || (behind && strchr("/.-", behind) &&
					   scan_is_digit(scan, end + 1));
}

/* Which of two numbers is the day. */
static void
order(const struct scan *scan, int first, int second, struct date_reading *r)
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

/* Is it "10.30", or "at 10.11"? */
static bool
is_time_of_day(const struct scan *scan, size_t at,
	       const struct numeric *numeric, const struct date_reading *r)
{
	static const char *const words[] = {"at", "around", "about", "until",
					    NULL};
	char word[SCAN_WORD_SIZE];

	if (numeric->mark == '.' && r->said.month > 12)
		return true;
	return read_word_before(scan, at, word) && is_listed(word, words);
}

/* 2026-11-03, 3/11/2026, 3.11.26; 3/11 to whoever asks for dates alone. */
static bool
numeric_at(const struct scan *scan, size_t at, struct date_reading *r)
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
		return scan_is_alone(scan, ENTITY_DATE) &&
		       !is_time_of_day(scan, at, &n, r);
	r->said.year = third;
	if (n.sizes[2] == 4)
		return true;
	/* Two figures may also be a part of another number. */
	r->said.year = date_full_year(scan, third);
	return n.sizes[2] == 2 && first <= 31 && second <= 31 &&
	       (first <= 12 || second <= 12);
}

/* The month behind "of": this, last, next; 0 and no end: not said. */
static void
read_which_month(const struct scan *scan, struct date_reading *r)
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

	if (at > 0 && scan->text[at - 1] == ':')
		return false;
	return !read_word_before(scan, at, word) || is_listed(word, words);
}

/* Is it the 1 or the 234 of "1,234"? */
static bool
is_part_of_figure(const struct scan *scan, size_t at, size_t end)
{
	bool has_more =
		scan_byte(scan, end) == ',' && scan_is_digit(scan, end + 1);
	return has_more || (at >= 2 && scan->text[at - 1] == ',' &&
			    scan_is_digit(scan, at - 2));
}

/* "the 3rd", "the 3rd of this month"; "3rd", "third" and "3" to whoever asks
 * for dates alone. */
static bool
day_alone_at(const struct scan *scan, size_t at, bool has_the,
	     struct date_reading *r)
{
	bool is_ordinal, is_asked = scan_is_alone(scan, ENTITY_DATE);

	r->end = at;
	int day = date_read_day(scan, at, &r->end, &is_ordinal);
	if (day == 0 || scan_is_word(scan, r->end) ||
	    is_part_of_more(scan, at, r->end) ||
	    is_part_of_figure(scan, at, r->end))
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
	struct date_reading r = {0};
	size_t the = scan_phrase(scan, at, "the");
	size_t from = the > 0 ? scan_skip(scan, the) : at;

	if (!numeric_at(scan, from, &r)) {
		r = (struct date_reading){0};
		if (!date_day_first_at(scan, from, &r) &&
		    !date_month_first_at(scan, from, &r) &&
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
