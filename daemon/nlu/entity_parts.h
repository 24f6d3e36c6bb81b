/* The parts of finding entities, for the files of entity.h.
 *
 * A finder is asked at a byte where a word, a number or a sign begins, and
 * looks at a bounded number of bytes behind it, so that a text of any bytes
 * takes time linear in its length. */
#ifndef NLU_ENTITY_PARTS_H
#define NLU_ENTITY_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"
#include "nlu/entity.h"

struct scan {
	const struct entity_context *context;
	const char *text;
	size_t len;
	int64_t today; /* where the desk is, in days since 1970 */
};

/* An entity that begins at byte `at`: kind, end, value and verdict to *out,
 * which is zeroed; false: none. */
typedef bool entity_finder_fn(const struct scan *, size_t at,
			      struct entity *out);
entity_finder_fn entity_amount_at, entity_date_at, entity_day_at,
	entity_email_at, entity_mark_at, entity_number_at, entity_phone_at,
	entity_reference_at;

/* Only this kind is looked for. */
bool scan_is_alone(const struct scan *, enum entity_kind);

/* entity_scan.c: characters.  Beyond the end there are none. */

#define SCAN_WORD_SIZE 16

char scan_byte(const struct scan *, size_t at); /* '\0' at the end */
bool scan_is_digit(const struct scan *, size_t at);
/* How many digits there are, at most max. */
size_t scan_digits(const struct scan *, size_t at, size_t max);
/* The number in n <= 9 digits. */
int scan_number(const struct scan *, size_t at, size_t n);
/* The length of one blank of a line, also one that does not break; 0: none. */
size_t scan_blank(const struct scan *, size_t at);
/* Where the text goes on behind up to 4 blanks and one end of a line. */
size_t scan_skip(const struct scan *, size_t at);
/* Where the next character is; there is one at `at`. */
size_t scan_next(const struct scan *, size_t at);
/* Whether a letter or a digit, of any script, stands at or before `at`. */
bool scan_is_word(const struct scan *, size_t at);
bool scan_is_within_word(const struct scan *, size_t at);
/* The length of a word of ASCII letters, which *word gets in small ones; 0:
 * none that is shorter than SCAN_WORD_SIZE.  What may stand behind it is no
 * letter. */
size_t scan_word(const struct scan *, size_t at, char word[SCAN_WORD_SIZE]);
/* The same words one behind the other, parted by blanks: the end, or 0. */
size_t scan_phrase(const struct scan *, size_t at, const char *phrase);
/* The text from begin to out->end becomes the value of what is not valid. */
void scan_quote(const struct scan *, size_t begin, struct entity *out);

/* entity_figure.c: numbers in figures and in words. */

#define FIGURE_DIGITS_MAX 30

/* digits * 10^-n_fraction */
struct figure {
	char digits[FIGURE_DIGITS_MAX + 1];
	size_t n_digits, n_fraction;
	size_t end;
	bool is_malformed; /* its separators are nobody's, or it is too long */
	bool is_ambiguous; /* one that the desk has for cents, before three */
};

bool figure_read(const struct scan *, size_t at, struct figure *);
/* "fifty", "two hundred and five": whole, below 10^12. */
bool figure_read_words(const struct scan *, size_t at, struct figure *);

/* entity_calendar.c: days. */

/* In a date that was read, 0 is what was not said. */

struct date calendar_today(const struct scan *);
bool calendar_exists(struct date);
/* Fill in what was not said, and write the date to the entity.  begin is where
 * the words of the date begin. */
void calendar_finish(const struct scan *, struct date said, struct entity *out);
/* The date of a day, all of it given. */
void calendar_finish_day(int64_t day, struct entity *out);
/* The day of a date that is valid. */
int64_t calendar_day(const struct entity *);
/* 1 .. 7 from Monday. */
int calendar_weekday(int64_t day);
/* The number of a month or a day of the week, from 1, by its name or at least
 * three letters of it; 0: none. */
int calendar_month_named(const char *word);
int calendar_weekday_named(const char *word);
/* Whether such a name, in small letters, is another word as well. */
bool calendar_is_word_too(const char *word);

/* entity_date.c, entity_month.c: dates that name a day of a month. */

/* What is read of a date so far. */
struct date_reading {
	struct date said;
	size_t end;
	bool is_ambiguous;
	bool has_zero; /* which is no day, and is not one that was not said */
};

/* The year that two figures stand for. */
int date_full_year(const struct scan *, int year);
/* "3", "3rd", "third": the day, or 0. */
int date_read_day(const struct scan *, size_t at, size_t *end_r,
		  bool *is_ordinal_r);
/* "3 May", "the 3rd of May 2026", "3-May-26". */
bool date_day_first_at(const struct scan *, size_t at, struct date_reading *);
/* "May 3", "May 3rd, 2026". */
bool date_month_first_at(const struct scan *, size_t at, struct date_reading *);

#endif
