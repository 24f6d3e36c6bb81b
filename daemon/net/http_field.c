/* Characters and lists of header fields.  Any thread: nothing is kept. */
#include "net/http_field.h"

#include <string.h>
#include <strings.h>

/* What a byte may be in a field, by RFC 9110, section 5.5 and 5.6. */
enum { IN_TOKEN = 1, IN_VALUE = 2 };

/* clang-format off */
static const unsigned char classes[256] = {
	['\t'] = IN_VALUE, [' '] = IN_VALUE,
	['!'] = 3, ['"'] = IN_VALUE, ['#' ... '\''] = 3,
	['(' ... ')'] = IN_VALUE, ['*' ... '+'] = 3, [','] = IN_VALUE,
	['-' ... '.'] = 3, ['/'] = IN_VALUE, ['0' ... '9'] = 3,
	[':' ... '@'] = IN_VALUE, ['A' ... 'Z'] = 3, ['[' ... ']'] = IN_VALUE,
	['^' ... 'z'] = 3, ['{'] = IN_VALUE, ['|'] = 3, ['}'] = IN_VALUE,
	['~'] = 3, [0x80 ... 0xFF] = IN_VALUE,
};
/* clang-format on */

static bool
is_all(const char *text, size_t len, int class)
{
	for (size_t i = 0; i < len; i++) {
		if (!(classes[(unsigned char)text[i]] & class))
			return false;
	}
	return true;
}

bool
http_is_token(const char *text, size_t len)
{
	return len > 0 && is_all(text, len, IN_TOKEN);
}

bool
http_is_value(const char *text, size_t len)
{
	return is_all(text, len, IN_VALUE);
}

bool
http_list_has(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (;;) {
		list += strspn(list, " \t,");
		size_t n = strcspn(list, ",");
		if (n == 0)
			return false;
		size_t end = n;
		while (list[end - 1] == ' ' || list[end - 1] == '\t')
			end--;
		if (end == len && strncasecmp(list, word, len) == 0)
			return true;
		list += n;
	}
}

int
http_hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
