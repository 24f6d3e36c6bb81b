/* Any thread: nothing is kept. */
#include "text/redact-number.h"

#include <string.h>

#include "text/card.h"
#include "text/redact-glyph.h"
#include "text/redact-words.h"
#include "text/redact.h"

#define JOINERS_MAX 5	/* between two groups: "  -  " */
#define JOINERS_CLOSE 3 /* ... that must be meant as one: " - " */

/* Letters that scanners and hurried people write for a digit. */
static char
lookalike(char c)
{
	if (c == 'o')
		return '0';
	return c == 'l' || c == 'i' ? '1' : 0;
}

/* The digit that a letter at i, between digits, is meant to be; 0: it is a
 * letter. */
static char
letter_digit(const char *text, size_t len, size_t i, struct glyph glyph)
{
	char digit = lookalike(glyph.plain);

	if (!digit)
		return 0;
	i = glyph_skip_invisible(text, len, i + glyph.len);
	return i < len && glyph_read(text + i, len - i).class == GLYPH_DIGIT
		       ? digit
		       : 0;
}

/* Read the digits from i on as the next group; those that do not fit are
 * counted, not kept.  How many there are. */
static size_t
read_group(const char *text, size_t len, size_t i, struct number *number)
{
	struct digit_group *group = &number->groups[number->n_groups];
	size_t n = 0;

	*group = (struct digit_group){.start = i, .end = i};
	while (i < len) {
		struct glyph glyph = glyph_read(text + i, len - i);
		char digit = glyph.class == GLYPH_DIGIT ? glyph.plain : 0;
		if (glyph.class == GLYPH_LETTER && n >= 2)
			digit = letter_digit(text, len, i, glyph);
		if (digit) {
			if (number->n + n < NUMBER_DIGITS_MAX)
				number->digits[number->n + n] = digit;
			n++;
			group->end = i + glyph.len;
		} else if (glyph.class != GLYPH_INVISIBLE) {
			break;
		}
		i += glyph.len;
		if (number->n_groups > 0 && number->n + n > NUMBER_DIGITS_MAX)
			break;
	}
	return group->n = n;
}

/* The same for a word. */
static size_t
read_digit_word(const char *text, size_t len, size_t i, struct number *number)
{
	struct word word;

	word_read(text, len, i, &word);
	if (!(word.flags & WORD_DIGIT) || number->n >= NUMBER_DIGITS_MAX)
		return 0;
	number->digits[number->n] = word.digit;
	number->groups[number->n_groups] =
		(struct digit_group){.start = i, .end = word.end, .n = 1};
	return 1;
}

/* Whether a character may part the group before it from the next.  Lists are
 * parted by some: only groups as on cards go on behind them. */
static bool
may_part(struct glyph glyph, struct digit_group *before, bool *has_newline)
{
	if (glyph.class == GLYPH_SPACE || glyph.class == GLYPH_JOINER)
		return true;
	if (glyph.class == GLYPH_NEWLINE && !*has_newline)
		return *has_newline = true;
	if (before->n != 4 || !glyph.plain || !strchr(",;|", glyph.plain))
		return false;
	return before->is_loose = true;
}

/* The place behind what parts two groups, from the end of the last one on, or
 * that end; what that is, if it is one character, to its joiner. */
static size_t
skip_joiners(const char *text, size_t len, struct digit_group *group)
{
	size_t i = group->end;
	size_t start = i, n = 0;
	bool has_newline = false, has_word = false;

	group->joiner = 0;
	group->is_loose = false;
	while ((i = glyph_skip_invisible(text, len, i)) < len) {
		struct glyph glyph = glyph_read(text + i, len - i);
		if (glyph.class == GLYPH_LETTER && n > 0 && !has_word) {
			struct word word;
			word_read(text, len, i, &word);
			if (!(word.flags & WORD_DASH))
				return i;
			has_word = true;
			group->joiner = 0;
			i = word.end;
			n = 0;
			continue;
		}
		if (!may_part(glyph, group, &has_newline))
			return i;
		if (++n > JOINERS_MAX)
			return start;
		group->is_loose |= n > JOINERS_CLOSE;
		group->joiner = n == 1 && !has_word ? glyph.plain : 0;
		i += glyph.len;
	}
	return start;
}

void
number_read(const char *text, size_t len, size_t i, struct number *number)
{
	number->n = number->n_groups = 0;
	number->is_long = number->is_spoken = number->is_parted = false;
	while (i < len && number->n_groups < NUMBER_DIGITS_MAX) {
		struct glyph glyph = glyph_read(text + i, len - i);
		bool is_word = glyph.class == GLYPH_LETTER;
		size_t n = 0;
		if (is_word)
			n = read_digit_word(text, len, i, number);
		else if (glyph.class == GLYPH_DIGIT)
			n = read_group(text, len, i, number);
		if (n == 0)
			break;
		if (number->n + n > NUMBER_DIGITS_MAX) {
			number->is_long = number->n_groups == 0;
			break;
		}
		if (number->n_groups == 0)
			number->is_spoken = is_word;
		number->n += n;
		i = number->groups[number->n_groups++].end;
		size_t next = skip_joiners(
			text, len, &number->groups[number->n_groups - 1]);
		number->is_parted =
			redact_mark_length(text + next, len - next, NULL) > 0;
		if (next == i)
			break;
		i = next;
	}
}

enum shape {
	SHAPE_ODD,  /* dates, telephone numbers, amounts look like this */
	SHAPE_FREE, /* no group is short */
	SHAPE_EVEN, /* groups of one length, but for a shorter last one */
	SHAPE_CARD, /* as on cards */
};

/* Whether the same one character stands between all of the first n groups. */
static bool
is_joined_alike(const struct number *number, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++)
		if (number->groups[i].joiner == 0 ||
		    number->groups[i].joiner != number->groups[0].joiner)
			return false;
	return true;
}

/* The shape of the first n groups. */
static enum shape
shape_of(const struct number *number, size_t n)
{
	const struct digit_group *groups = number->groups;
	size_t each = groups[0].n, last = groups[n - 1].n;
	bool is_even = last <= each, is_free = true;

	if (n == 1)
		return SHAPE_CARD;
	for (size_t i = 0; i + 1 < n; i++) {
		is_even &= groups[i].n == each;
		is_free &= groups[i].n >= 4;
	}
	if (n == 3 && each == 4 && groups[1].n >= 5 && last >= 4)
		return SHAPE_CARD;
	/* Short groups are of dates, unless they are parted alike; three
	 * digits and seven are of telephones and orders. */
	if (is_even && (each == 4 || each == 8 ||
			(each <= 2 && is_joined_alike(number, n))))
		return each == last ? SHAPE_CARD : SHAPE_EVEN;
	return is_free && each != 7 ? SHAPE_FREE : SHAPE_ODD;
}

/* Whether the first n groups, total digits, are a right card number.  Numbers
 * of 12 and 13 digits are rare as cards and common as everything else. */
static bool
is_right_card(const struct number *number, size_t n, size_t total,
	      bool is_beside, bool is_other)
{
	if (total < 14 && (is_other || (n > 1 && !is_beside)))
		return false;
	if (shape_of(number, n) == SHAPE_ODD && !is_beside)
		return false;
	return card_has_issuer(number->digits, total) &&
	       card_passes_luhn(number->digits, total);
}

/* Whether a list or a table may have put the first n groups side by side. */
static bool
is_loose(const struct number *number, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++)
		if (number->groups[i].is_loose)
			return true;
	return false;
}

/* Whether they must be meant as one although the check digit, or with a word
 * beside them anything, is wrong. */
static bool
is_wrong_card(const struct number *number, size_t n, size_t total,
	      bool is_beside, bool is_other)
{
	enum shape shape = shape_of(number, n);
	bool is_whole = n == number->n_groups && !number->is_parted;

	if (is_loose(number, n))
		return false;
	if (is_beside)
		return total >= 13 && shape >= SHAPE_EVEN &&
		       (is_whole || shape == SHAPE_CARD);
	return !is_other && total >= 14 && n >= 3 && number->groups[0].n == 4 &&
	       shape == SHAPE_CARD && card_has_issuer(number->digits, total);
}

bool
number_find_card(const struct number *number, bool is_beside, bool is_other,
		 struct number_card *card)
{
	size_t total = 0, best = 0;

	if (number->is_long)
		return false;
	for (size_t n = 1; n <= number->n_groups; n++) {
		total += number->groups[n - 1].n;
		if (total > CARD_DIGITS_MAX)
			break;
		if (total < CARD_DIGITS_MIN)
			continue;
		bool is_ok =
			is_right_card(number, n, total, is_beside, is_other);
		if (!is_ok &&
		    !is_wrong_card(number, n, total, is_beside, is_other))
			continue;
		/* The right one, then the one best formed, then the longest. */
		size_t rank =
			is_ok * 1000u + shape_of(number, n) * 100u + total;
		if (rank < best)
			continue;
		best = rank;
		*card = (struct number_card){
			.is_ok = is_ok,
			.n = total,
			.n_groups = n,
			.end = number->groups[n - 1].end,
		};
	}
	return best > 0;
}
