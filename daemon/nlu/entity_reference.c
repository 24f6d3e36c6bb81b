/* Numbers of the desk's own: policies, claims.  Any thread. */
#include <string.h>

#include "nlu/entity_parts.h"

#define PREFIX_MIN 2 /* letters that tell a mistyped number from any word */
#define WRITTEN_MAX 40

static char
upper(char c)
{
	return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

static bool
is_letter(char c)
{
	return upper(c) >= 'A' && upper(c) <= 'Z';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
allows(char pattern, char c)
{
	switch (pattern) {
	case '#':
		return is_digit(c);
	case '@':
		return is_letter(c);
	case '*':
		return is_digit(c) || is_letter(c);
	default:
		return upper(c) == upper(pattern);
	}
}

/* One blank, dash, dot or slash between two characters. */
static size_t
separator(const struct scan *scan, size_t at)
{
	size_t n = scan_blank(scan, at);
	char c = scan_byte(scan, at);

	if (n == 0 && c && strchr("-./", c))
		n = 1;
	return n;
}

/* The end of what a pattern matches, its value to out; 0: it does not. */
static size_t
match(const struct scan *scan, size_t at, const char *pattern, char *value)
{
	size_t n = 0, from = at;

	for (; *pattern; pattern++) {
		if (*pattern == '-') {
			value[n++] = '-';
			continue;
		}
		if (at > from && !allows(*pattern, scan_byte(scan, at)))
			at += separator(scan, at);
		char c = scan_byte(scan, at);
		if (!allows(*pattern, c))
			return 0;
		value[n++] = upper(c);
		at++;
	}
	value[n] = '\0';
	return scan_is_word(scan, at) ? 0 : at;
}

static bool
passes_mod97(const char *value)
{
	int rest = 0;

	for (; *value; value++) {
		if (is_digit(*value))
			rest = (rest * 10 + (*value - '0')) % 97;
		else if (is_letter(*value))
			rest = (rest * 100 + (*value - 'A' + 10)) % 97;
	}
	return rest == 1;
}

/* The sum of the digits, each times its weight: 1, 2, 1, 2, ... with the digits
 * of the product added up (Luhn), or 1, 2, 3, ... from the last one on, where X
 * is 10 as in an ISBN. */
static bool
passes_sum(const char *value, bool is_luhn)
{
	int sum = 0, place = 0;

	for (size_t i = strlen(value); i > 0; i--) {
		char c = value[i - 1];
		int digit = is_digit(c) ? c - '0' : 10;
		if (!is_digit(c) && (is_luhn || c != 'X' || place > 0))
			continue;
		if (is_luhn)
			sum += place % 2 == 0 ? digit
					      : digit * 2 / 10 + digit * 2 % 10;
		else
			sum += digit * (place + 1);
		place++;
	}
	return place > 0 && sum % (is_luhn ? 10 : 11) == 0;
}

static bool
passes(enum entity_check check, const char *value)
{
	switch (check) {
	case ENTITY_LUHN:
	case ENTITY_MOD11:
		return passes_sum(value, check == ENTITY_LUHN);
	case ENTITY_MOD97:
		return passes_mod97(value);
	case ENTITY_NO_CHECK:
		break;
	}
	return true;
}

/* The end of letters and digits that go on behind the prefix, in groups that
 * hold digits each; 0: there is no digit. */
static size_t
written_end(const struct scan *scan, size_t at)
{
	size_t from = at, end = 0;

	for (;;) {
		bool has_digit = false;
		while (at - from < WRITTEN_MAX && scan_is_word(scan, at)) {
			has_digit |= scan_is_digit(scan, at);
			at = scan_next(scan, at);
		}
		if (!has_digit || scan_is_word(scan, at))
			return end;
		end = at;
		size_t gap = separator(scan, at);
		if (gap == 0)
			return end;
		at += gap;
	}
}

/* The letters that the pattern begins with, and a digit behind them, but not
 * the rest: mistyped.  The end, or 0. */
static size_t
match_prefix(const struct scan *scan, size_t at, const char *pattern)
{
	size_t n = 0;

	for (; is_letter(pattern[n]); n++)
		if (!allows(pattern[n], scan_byte(scan, at + n)))
			return 0;
	if (n < PREFIX_MIN)
		return 0;
	at += n;
	if (!scan_is_digit(scan, at))
		at += separator(scan, at);
	return scan_is_digit(scan, at) ? written_end(scan, at) : 0;
}

static bool
is_wanted(const struct scan *scan, const struct entity_reference *reference)
{
	const char *name = scan->context->reference;

	return !name || strcmp(name, reference->name) == 0;
}

/* The reference that is matched whole, or else by its prefix. */
static bool
find(const struct scan *scan, size_t at, bool is_whole, struct entity *out)
{
	const struct entity_rules *rules = scan->context->rules;

	for (size_t i = 0; i < rules->n_references; i++) {
		const struct entity_reference *r = &rules->references[i];
		if (!is_wanted(scan, r))
			continue;
		for (size_t k = 0; k < r->n_patterns; k++) {
			out->end = is_whole ? match(scan, at, r->patterns[k],
						    out->value)
					    : match_prefix(scan, at,
							   r->patterns[k]);
			out->name = r->name;
			out->is_valid =
				is_whole && passes(r->check, out->value);
			if (out->end > 0)
				return true;
		}
	}
	return false;
}

bool
entity_reference_at(const struct scan *scan, size_t at, struct entity *out)
{
	out->kind = ENTITY_REFERENCE;
	if (find(scan, at, true, out))
		return true;
	if (!find(scan, at, false, out))
		return false;
	scan_quote(scan, at, out);
	return true;
}
