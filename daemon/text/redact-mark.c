/* The marks that redaction leaves.  Any thread: nothing is kept. */
#include <string.h>

#include "text/redact.h"

static const char *const kind_names[REDACT_KINDS] = {
	[REDACT_CARD] = "card", [REDACT_IBAN] = "iban",
	[REDACT_CVV] = "cvv",	[REDACT_PIN] = "pin",
	[REDACT_CODE] = "code", [REDACT_PASSWORD] = "password",
};

const char *
redact_kind_name(enum redact_kind kind)
{
	return kind_names[kind];
}

const char *
redact_kinds_text(unsigned int found, char out[64])
{
	size_t len = 0;

	out[0] = '\0';
	for (int kind = 0; kind < REDACT_KINDS; kind++) {
		if (!(found & 1u << kind))
			continue;
		if (len > 0)
			out[len++] = ',';
		size_t n = strlen(kind_names[kind]);
		memcpy(out + len, kind_names[kind], n + 1);
		len += n;
	}
	return out;
}

/* Folded marks are marks too. */
static bool
is_letter_or_digit(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

/* The length of " ok ...1111" or " bad ...1111" at the start of text. */
static size_t
verdict_length(const char *text, size_t len)
{
	size_t i = 0, n = 0;

	if (len > 7 && memcmp(text, " ok ...", 7) == 0)
		i = 7;
	else if (len > 8 && memcmp(text, " bad ...", 8) == 0)
		i = 8;
	while (i > 0 && n < 4 && i + n < len && is_letter_or_digit(text[i + n]))
		n++;
	return n > 0 ? i + n : 0;
}

size_t
redact_mark_length(const char *text, size_t len, enum redact_kind *kind_r)
{
	if (len < 2 || text[0] != '[')
		return 0;
	for (int kind = 0; kind < REDACT_KINDS; kind++) {
		size_t n = strlen(kind_names[kind]);
		if (len < n + 2 || memcmp(text + 1, kind_names[kind], n) != 0)
			continue;
		n++;
		if (kind == REDACT_CARD || kind == REDACT_IBAN) {
			size_t verdict = verdict_length(text + n, len - n);
			if (verdict == 0)
				return 0;
			n += verdict;
		}
		if (n >= len || text[n] != ']')
			return 0;
		if (kind_r)
			*kind_r = (enum redact_kind)kind;
		return n + 1;
	}
	return 0;
}
