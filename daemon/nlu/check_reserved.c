/* Names and numbers that belong to nobody.  Any thread: nothing is kept. */
#include <string.h>
#include <strings.h>

#include "nlu/check_parts.h"

/* RFC 2606, and RFC 6761 which made them special-use names. */
static const char *const domains[] = {
	"example",     "test",	      "invalid",     "localhost",
	"example.com", "example.net", "example.org",
};

/* Numbers for fiction, '?' for any digit, behind the country code or, within
 * the country, the 0.  Ireland: ComReg, National Numbering Conventions, "drama"
 * numbers.  United Kingdom: Ofcom, "Telephone numbers for use in TV and radio
 * drama".  France: ARCEP, decision 2018-0881, article 2.5.12.  Germany:
 * Bundesnetzagentur, "Rufnummern für Medienproduktionen".  North America: ATIS,
 * 555 line numbers. */
static const struct {
	const char *country, *trunk, *number;
} numbers[] = {
	{"353", "0", "2091?????"}, {"44", "0", "1134960???"},
	{"44", "0", "1144960???"}, {"44", "0", "1154960???"},
	{"44", "0", "1164960???"}, {"44", "0", "1174960???"},
	{"44", "0", "1184960???"}, {"44", "0", "1214960???"},
	{"44", "0", "1314960???"}, {"44", "0", "1414960???"},
	{"44", "0", "1514960???"}, {"44", "0", "1614960???"},
	{"44", "0", "2079460???"}, {"44", "0", "1914980???"},
	{"44", "0", "2896496???"}, {"44", "0", "2920180???"},
	{"44", "0", "1632960???"}, {"44", "0", "7700900???"},
	{"44", "0", "8081570???"}, {"44", "0", "9098790???"},
	{"44", "0", "3069990???"}, {"33", "0", "19900????"},
	{"33", "0", "26191????"},  {"33", "0", "35301????"},
	{"33", "0", "46571????"},  {"33", "0", "53649????"},
	{"33", "0", "63998????"},  {"49", "0", "3023125???"},
	{"49", "0", "4066969???"}, {"49", "0", "6990009???"},
	{"49", "0", "8999998???"}, {"49", "0", "2214710???"},
	{"1", "1", "???55501??"},  {"1", "", "???55501??"},
};

#define DIGITS_MAX 20

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_host_byte(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '-' || c == '.';
}

/* A host is reserved when it is such a domain, or ends in one; a single word
 * is no host. */
static bool
is_reserved_host(const char *host, size_t len)
{
	while (len > 0 && host[len - 1] == '.')
		len--;
	if (!memchr(host, '.', len))
		return false;
	for (size_t i = 0; i < sizeof domains / sizeof *domains; i++) {
		size_t n = strlen(domains[i]);
		if (len < n || strncasecmp(host + len - n, domains[i], n) != 0)
			continue;
		if (len == n || host[len - n - 1] == '.')
			return true;
	}
	return false;
}

static bool
has_reserved_host(const char *text)
{
	while (*text) {
		size_t len = 0;
		while (is_host_byte(text[len]))
			len++;
		if (is_reserved_host(text, len))
			return true;
		text += len ? len : 1;
	}
	return false;
}

/* The digits of the number at *text, which moves behind it. */
static size_t
read_number_at(const char **text, char digits[DIGITS_MAX + 1])
{
	const char *at = *text;
	size_t n = 0;

	for (; is_digit(*at) || (*at && strchr(" -()/", *at)); at++)
		if (is_digit(*at) && n < DIGITS_MAX)
			digits[n++] = *at;
	digits[n] = '\0';
	*text = at;
	return n;
}

static bool
is_like(const char *digits, const char *prefix, const char *pattern)
{
	size_t len = strlen(prefix);

	if (strncmp(digits, prefix, len) != 0)
		return false;
	for (digits += len; *pattern && *digits; digits++, pattern++)
		if (*pattern != '?' && *pattern != *digits)
			return false;
	return !*pattern && !*digits;
}

static bool
is_reserved_number(const char *digits, bool is_abroad)
{
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (is_like(digits,
			    is_abroad ? numbers[i].country : numbers[i].trunk,
			    numbers[i].number))
			return true;
	return false;
}

static bool
has_reserved_number(const char *text)
{
	char digits[DIGITS_MAX + 1];

	while (*text) {
		bool is_abroad = *text == '+';
		if (!is_abroad && !is_digit(*text)) {
			text++;
			continue;
		}
		text += is_abroad;
		read_number_at(&text, digits);
		if (is_reserved_number(digits, is_abroad))
			return true;
	}
	return false;
}

const char *
check_find_reserved(const char *text)
{
	if (has_reserved_number(text))
		return "a telephone number that is set aside for fiction";
	if (has_reserved_host(text))
		return "an address that is set aside for examples";
	return NULL;
}
