/* E-mail addresses (RFC 5321, without what nobody writes) and telephone numbers
 * (E.164).  Any thread. */
#include <stdio.h>
#include <string.h>

#include "nlu/entity_parts.h"

#define LOCAL_MAX 64
#define DOMAIN_MAX 189 /* of 254 for the whole address */
#define LABEL_MAX 63
#define PHONE_DIGITS_MIN 7
#define PHONE_DIGITS_MAX 15 /* E.164 */

static bool
is_local(const struct scan *scan, size_t at)
{
	char c = scan_byte(scan, at);

	return scan_is_word(scan, at) || (c && strchr(".+-_%'", c));
}

static size_t
local_end(const struct scan *scan, size_t at)
{
	size_t end = at;

	while (end - at <= LOCAL_MAX && is_local(scan, end))
		end = scan_next(scan, end);
	return end;
}

/* The end of letters, digits, dashes and single dots between them. */
static size_t
domain_end(const struct scan *scan, size_t at)
{
	size_t end = at;

	while (end - at <= DOMAIN_MAX) {
		char c = scan_byte(scan, end);
		bool is_inner = (c == '.' || c == '-') && end > at &&
				(scan_is_word(scan, end + 1) ||
				 (c == '-' && scan_byte(scan, end + 1) == '-'));
		if (!scan_is_word(scan, end) && !is_inner)
			break;
		end = scan_next(scan, end);
	}
	return end;
}

static bool
is_ascii(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] >= 0x80)
			return false;
	return true;
}

/* Two labels at least, of which the last is no number. */
static bool
is_domain(const char *text, size_t len)
{
	size_t label = 0, n_labels = 1;
	bool has_letter = false;

	for (size_t i = 0; i < len; i++) {
		if (text[i] != '.') {
			has_letter |= text[i] > '9';
			label++;
			continue;
		}
		if (label > LABEL_MAX || text[i - 1] == '-')
			return false;
		n_labels++;
		label = 0;
		has_letter = false;
	}
	return n_labels >= 2 && label >= 2 && label <= LABEL_MAX && has_letter;
}

static bool
is_address(const char *text, size_t local, size_t len)
{
	bool has_two_dots = false;

	for (size_t i = 1; i < local; i++)
		has_two_dots |= text[i] == '.' && text[i - 1] == '.';
	return local <= LOCAL_MAX && text[local - 1] != '.' && !has_two_dots &&
	       is_ascii(text, len) && len - local - 1 <= DOMAIN_MAX &&
	       is_domain(text + local + 1, len - local - 1);
}

bool
entity_email_at(const struct scan *scan, size_t at, struct entity *out)
{
	/* Not the rest of a local part that is too long. */
	bool is_rest = at > 0 && strchr(".+-_%", scan->text[at - 1]);
	if (!scan_is_word(scan, at) || is_rest)
		return false;
	size_t local = local_end(scan, at);
	if (scan_byte(scan, local) != '@' || !scan_is_word(scan, local + 1))
		return false;
	out->kind = ENTITY_EMAIL;
	out->end = domain_end(scan, local + 1);
	scan_quote(scan, at, out);
	size_t len = out->end - at;
	out->is_valid = is_address(scan->text + at, local - at, len);
	for (size_t i = local - at; out->is_valid && i < len; i++)
		if (out->value[i] >= 'A' && out->value[i] <= 'Z')
			out->value[i] = (char)(out->value[i] - 'A' + 'a');
	return true;
}

/* The digits of a telephone number as they are grouped. */
struct phone {
	char digits[PHONE_DIGITS_MAX + 4]; /* "00" may stand before it */
	size_t n, end;
	bool is_international, is_too_long, is_malformed;
};

/* What may stand between two digits: its length, 0: the number ends. */
static size_t
read_gap(const struct scan *scan, size_t at)
{
	size_t n = scan_blank(scan, at);
	bool has_sign = false;

	for (int i = 0; i < 2; i++) {
		char c = scan_byte(scan, at + n);
		if (c && strchr("-./()", c)) {
			n++;
			has_sign = true;
		}
	}
	if (has_sign)
		n += scan_blank(scan, at + n);
	return scan_is_digit(scan, at + n) ? n : 0;
}

/* "(0)" behind a country code stands for what is left out abroad. */
static size_t
skip_trunk(const struct scan *scan, size_t at, const struct phone *phone)
{
	size_t n = scan_blank(scan, at);

	if (phone->is_international && phone->n > 0 && phone->n <= 3 &&
	    at + n + 3 <= scan->len &&
	    memcmp(scan->text + at + n, "(0)", 3) == 0)
		return n + 3;
	return 0;
}

/* A number of its own behind a blank, as in "087 123 4567 2 times". */
static bool
is_another(const struct scan *scan, size_t at, size_t gap, size_t n_digits)
{
	return n_digits >= 10 && scan_blank(scan, at) == gap &&
	       scan_digits(scan, at + gap, 3) < 3;
}

static void
read_phone(const struct scan *scan, size_t at, struct phone *phone)
{
	*phone = (struct phone){0};
	if (scan_byte(scan, at) == '+') {
		phone->is_international = true;
		at++;
	}
	at += scan_byte(scan, at) == '(';
	while (scan_is_digit(scan, at)) {
		if (phone->n == sizeof phone->digits - 1) {
			phone->is_too_long = true;
			return;
		}
		phone->digits[phone->n++] = scan->text[at++];
		phone->end = at;
		if (scan_is_digit(scan, at))
			continue;
		at += skip_trunk(scan, at, phone);
		size_t gap = read_gap(scan, at);
		if (gap == 0 && !scan_is_digit(scan, at))
			return;
		if (gap > 0 && is_another(scan, at, gap, phone->n))
			return;
		at += gap;
	}
}

static bool
begins_with(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* The number behind '+'; NULL: the desk does not know how to make one. */
static const char *
international(const struct scan *scan, struct phone *phone, const char **code_r)
{
	const struct entity_rules *rules = scan->context->rules;
	const char *digits = phone->digits;
	size_t trunk = strlen(rules->trunk_prefix);

	*code_r = "";
	if (!phone->is_international && begins_with(digits, "00")) {
		phone->is_international = true;
		digits += 2;
	}
	if (phone->is_international) {
		/* Nobody's national number begins as it is dialled there. */
		size_t n = strlen(rules->country_code);
		phone->is_malformed =
			digits[0] == '0' ||
			(n > 0 && trunk > 0 &&
			 begins_with(digits, rules->country_code) &&
			 begins_with(digits + n, rules->trunk_prefix));
		return digits;
	}
	if (!rules->country_code[0] ||
	    !begins_with(digits, rules->trunk_prefix))
		return NULL;
	*code_r = rules->country_code;
	return digits + trunk;
}

bool
entity_phone_at(const struct scan *scan, size_t at, struct entity *out)
{
	struct phone phone;
	const char *code, *trunk = scan->context->rules->trunk_prefix;

	read_phone(scan, at, &phone);
	if (phone.is_too_long || phone.n < PHONE_DIGITS_MIN ||
	    scan_is_word(scan, phone.end))
		return false;
	bool is_dialled = phone.is_international ||
			  begins_with(phone.digits, "00") ||
			  (trunk[0] && begins_with(phone.digits, trunk));
	if (!is_dialled && !scan_is_alone(scan, ENTITY_PHONE))
		return false;
	const char *digits = international(scan, &phone, &code);
	size_t n = digits ? strlen(digits) + strlen(code) : 0;
	out->kind = ENTITY_PHONE;
	out->end = phone.end;
	out->is_valid = !phone.is_malformed && n >= PHONE_DIGITS_MIN + 1 &&
			n <= PHONE_DIGITS_MAX;
	if (out->is_valid)
		snprintf(out->value, sizeof out->value, "+%s%s", code, digits);
	else
		scan_quote(scan, at, out);
	return true;
}
