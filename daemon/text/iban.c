/* Any thread: nothing changes. */
#include "text/iban.h"

#include <string.h>

/* The forms of the IBAN register that SWIFT keeps, sorted by country. */
/* clang-format off */
static const struct country {
	char code[3];
	char form[9];
} countries[] = {
	{"AD", "8n12c"}, {"AE", "19n"}, {"AL", "8n16c"}, {"AT", "16n"},
	{"AZ", "4a20c"}, {"BA", "16n"}, {"BE", "12n"}, {"BG", "4a6n8c"},
	{"BH", "4a14c"}, {"BI", "23n"}, {"BR", "23n1a1c"}, {"BY", "4c4n16c"},
	{"CH", "5n12c"}, {"CR", "18n"}, {"CY", "8n16c"}, {"CZ", "20n"},
	{"DE", "18n"}, {"DJ", "23n"}, {"DK", "14n"}, {"DO", "4c20n"},
	{"EE", "16n"}, {"EG", "25n"}, {"ES", "20n"}, {"FI", "14n"},
	{"FK", "2a12n"}, {"FO", "14n"}, {"FR", "10n11c2n"}, {"GB", "4a14n"},
	{"GE", "2a16n"}, {"GI", "4a15c"}, {"GL", "14n"}, {"GR", "7n16c"},
	{"GT", "4c20c"}, {"HN", "4a20n"}, {"HR", "17n"}, {"HU", "24n"},
	{"IE", "4a14n"}, {"IL", "19n"}, {"IQ", "4a15n"}, {"IS", "22n"},
	{"IT", "1a10n12c"}, {"JO", "4a4n18c"}, {"KW", "4a22c"}, {"KZ", "3n13c"},
	{"LB", "4n20c"}, {"LC", "4a24c"}, {"LI", "5n12c"}, {"LT", "16n"},
	{"LU", "3n13c"}, {"LV", "4a13c"}, {"LY", "21n"}, {"MC", "10n11c2n"},
	{"MD", "20c"}, {"ME", "18n"}, {"MK", "3n10c2n"}, {"MN", "16n"},
	{"MR", "23n"}, {"MT", "4a5n18c"}, {"MU", "4a19n3a"}, {"NI", "4a20n"},
	{"NL", "4a10n"}, {"NO", "11n"}, {"OM", "3n16c"}, {"PK", "4a16c"},
	{"PL", "24n"}, {"PS", "4a21c"}, {"PT", "21n"}, {"QA", "4a21c"},
	{"RO", "4a16c"}, {"RS", "18n"}, {"RU", "14n15c"}, {"SA", "2n18c"},
	{"SC", "4a20n3a"}, {"SD", "14n"}, {"SE", "20n"}, {"SI", "15n"},
	{"SK", "20n"}, {"SM", "1a10n12c"}, {"SO", "19n"}, {"ST", "21n"},
	{"SV", "4a20n"}, {"TL", "19n"}, {"TN", "20n"}, {"TR", "5n1n16c"},
	{"UA", "6n19c"}, {"VA", "18n"}, {"VG", "4a16n"}, {"XK", "16n"},
	{"YE", "4a4n18c"},
};
/* clang-format on */

static char
upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

const char *
iban_form(char first, char second)
{
	char code[2] = {upper(first), upper(second)};
	size_t low = 0, high = sizeof countries / sizeof *countries;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = memcmp(code, countries[middle].code, 2);
		if (order == 0)
			return countries[middle].form;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* The number and the letter at the start of a form; its next part. */
static const char *
next_part(const char *form, size_t *n_r, char *kind_r)
{
	*n_r = 0;
	while (*form >= '0' && *form <= '9')
		*n_r = *n_r * 10 + (size_t)(*form++ - '0');
	*kind_r = *form;
	return form + 1;
}

size_t
iban_length(const char *form)
{
	size_t len = 4, n;
	char kind;

	while (*form) {
		form = next_part(form, &n, &kind);
		len += n;
	}
	return len;
}

bool
iban_allows(const char *form, size_t i, char c)
{
	bool is_digit = c >= '0' && c <= '9';
	char kind = i < 2 ? 'a' : 'n';
	size_t end = 4, n;

	while (i >= end && *form) {
		form = next_part(form, &n, &kind);
		end += n;
	}
	return i < end && (kind == 'c' || is_digit == (kind == 'n'));
}

bool
iban_is_valid(const char *iban, size_t len)
{
	unsigned int rest = 0;

	if (len < 5)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = iban[(i + 4) % len];
		bool is_digit = c >= '0' && c <= '9';
		unsigned int value =
			(unsigned int)(is_digit ? c - '0' : c - 'A' + 10);
		rest = (rest * (is_digit ? 10 : 100) + value) % 97;
	}
	return rest == 1;
}
