/* Any thread: nothing is kept. */
#include "text/redact-iban.h"

#include <string.h>

#include "text/iban.h"
#include "text/redact-glyph.h"
#include "text/redact.h"

#define JOINERS_MAX 2 /* between two groups */

/* An IBAN being read. */
struct reading {
	const char *text;
	size_t len, i; /* i: behind the last character looked at */
	size_t at;     /* where that one begins */
	char chars[IBAN_LENGTH_MAX];
	size_t n, end; /* end: behind the last of chars */
	size_t group;  /* characters since the last blank */
	size_t n_blanks;
	bool is_regular; /* no blanks, or one behind every fourth */
};

/* The next letter or digit, in upper case; 0: there is none.  *is_parted_r:
 * something visible stands before it. */
static char
next_char(struct reading *reading, bool *is_parted_r)
{
	size_t i = reading->i, n = 0;

	while ((i = glyph_skip_invisible(reading->text, reading->len, i)) <
	       reading->len) {
		struct glyph glyph =
			glyph_read(reading->text + i, reading->len - i);
		reading->at = i;
		i += glyph.len;
		if (glyph.class == GLYPH_DIGIT ||
		    (glyph.class == GLYPH_LETTER && glyph.plain != '?')) {
			*is_parted_r = n > 0;
			reading->i = i;
			return glyph.class == GLYPH_DIGIT
				       ? glyph.plain
				       : (char)(glyph.plain - ('a' - 'A'));
		}
		if ((glyph.class != GLYPH_SPACE &&
		     glyph.class != GLYPH_JOINER &&
		     glyph.class != GLYPH_NEWLINE) ||
		    ++n > JOINERS_MAX)
			break;
	}
	return 0;
}

static void
keep(struct reading *reading, char c, bool is_parted)
{
	if (is_parted ? reading->group != 4
		      : reading->group == 4 && reading->n_blanks > 0)
		reading->is_regular = false;
	if (is_parted) {
		reading->n_blanks++;
		reading->group = 0;
	}
	reading->group++;
	reading->chars[reading->n++] = c;
	reading->end = reading->i;
}

/* Whether a letter or digit stands directly at i, or a mark for some. */
static bool
is_glued(const struct reading *reading, size_t i)
{
	i = glyph_skip_invisible(reading->text, reading->len, i);
	if (i >= reading->len)
		return false;
	struct glyph glyph = glyph_read(reading->text + i, reading->len - i);
	return glyph.class == GLYPH_LETTER || glyph.class == GLYPH_DIGIT ||
	       redact_mark_length(reading->text + i, reading->len - i, NULL) >
		       0;
}

/* Whether a letter, a digit or a mark stands directly before i. */
static bool
is_behind_word(const char *text, size_t i)
{
	if (i == 0 || (unsigned char)text[i - 1] >= 0x80)
		return false;
	struct glyph glyph = glyph_read(text + i - 1, 1);
	return glyph.class == GLYPH_LETTER || glyph.class == GLYPH_DIGIT ||
	       glyph.plain == ']';
}

/* Read as many characters as the country asks for. */
static bool
read_form(struct reading *reading, const char *form)
{
	size_t length = iban_length(form);
	bool is_parted;

	while (reading->n < length) {
		char c = next_char(reading, &is_parted);
		if (!c || !iban_allows(form, reading->n, c))
			return false;
		keep(reading, c, is_parted);
	}
	return true;
}

/* How many letters and digits stand together from i on; 0: too many, or a mark
 * is glued to them, so that they were more once. */
static size_t
group_length(const struct reading *reading, size_t i, bool *has_digit_r)
{
	size_t n = 0;

	*has_digit_r = false;
	while ((i = glyph_skip_invisible(reading->text, reading->len, i)) <
	       reading->len) {
		struct glyph glyph =
			glyph_read(reading->text + i, reading->len - i);
		if (glyph.class != GLYPH_LETTER && glyph.class != GLYPH_DIGIT)
			break;
		*has_digit_r |= glyph.class == GLYPH_DIGIT;
		if (++n > IBAN_LENGTH_MAX)
			return 0;
		i += glyph.len;
	}
	return is_glued(reading, i) ? 0 : n;
}

/* Read what seems to be meant as an IBAN, of whatever form: compact, or groups
 * of four with a shorter last one.  All but the bank's code hold digits. */
static bool
read_any(struct reading *reading)
{
	size_t n_digits = 0;
	bool has_digit, is_parted;
	size_t left = group_length(reading, reading->i, &has_digit);

	while (left > 0 && reading->n < IBAN_LENGTH_MAX) {
		char c = next_char(reading, &is_parted);
		bool is_digit = c >= '0' && c <= '9';
		if (!c || (reading->n < 4 && is_digit != (reading->n >= 2)))
			return false;
		keep(reading, c, is_parted);
		n_digits += is_digit;
		if (--left > 0)
			continue;
		struct reading next = *reading;
		if ((reading->group < 4 && reading->n > 4) ||
		    reading->group > 4 || !next_char(&next, &is_parted))
			break;
		left = group_length(reading, next.at, &has_digit);
		if (left > 4 || !(has_digit || reading->n == 4))
			break;
	}
	return reading->n >= 12 && n_digits >= 8;
}

/* Whether nothing but digits stands behind the bank's code: then it needs no
 * regular groups to be more than chance. */
static bool
is_numeric(const struct reading *reading)
{
	for (size_t i = 8; i < reading->n; i++)
		if (reading->chars[i] > '9')
			return false;
	return true;
}

bool
iban_find(const char *text, size_t len, size_t i, bool is_beside,
	  struct found_iban *found)
{
	struct reading start = {
		.text = text, .len = len, .i = i, .is_regular = true};
	struct reading reading = start;
	bool is_parted;
	char first = next_char(&reading, &is_parted);
	char second = next_char(&reading, &is_parted);
	const char *form = iban_form(first, second);

	reading = start;
	bool is_whole = form && read_form(&reading, form);
	bool is_ok = is_whole && iban_is_valid(reading.chars, reading.n) &&
		     (is_beside || reading.is_regular || is_numeric(&reading));
	if (!is_ok && is_whole)
		is_whole = (is_beside || reading.is_regular) &&
			   !is_glued(&reading, reading.end) &&
			   !is_behind_word(text, i);
	if (!is_ok && !is_whole) {
		reading = start;
		if (!is_beside || !read_any(&reading))
			return false;
	}
	found->is_ok = is_ok;
	found->end = reading.end;
	memcpy(found->last, reading.chars + reading.n - 4, 4);
	return true;
}
