#include "form.h"

#include <stdlib.h>
#include <string.h>

#define NAME_MAX_LEN 32 /* of those that are asked for */

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

long
form_decode(const char *text, size_t len, char *out)
{
	long n = 0;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		if (c == '%') {
			int high = len - i > 2 ? hex_value(text[i + 1]) : -1;
			int low = high >= 0 ? hex_value(text[i + 2]) : -1;
			if (low < 0)
				return -1;
			c = (char)(high << 4 | low);
			i += 2;
		} else if (c == '+') {
			c = ' ';
		}
		out[n++] = c;
	}
	return n;
}

/* An encoded name is up to three times as long. */
static bool
is_named(const char *text, size_t len, const char *name)
{
	char decoded[3 * NAME_MAX_LEN];
	if (len > sizeof(decoded))
		return false;
	long n = form_decode(text, len, decoded);
	return n >= 0 && (size_t)n == strlen(name) &&
	       memcmp(decoded, name, (size_t)n) == 0;
}

/* Where the value of that name begins, *len_r bytes of it; NULL: nowhere. */
static const char *
find(const char *body, size_t len, const char *name, size_t *len_r)
{
	while (len > 0) {
		const char *end = memchr(body, '&', len);
		size_t field = end ? (size_t)(end - body) : len;
		const char *equals = memchr(body, '=', field);
		size_t head = equals ? (size_t)(equals - body) : field;
		if (is_named(body, head, name)) {
			*len_r = equals ? field - head - 1 : 0;
			return equals ? equals + 1 : body + field;
		}
		field += end != NULL;
		body += field;
		len -= field;
	}
	return NULL;
}

char *
form_get(const char *body, size_t len, const char *name, size_t *len_r)
{
	size_t value_len;
	const char *value = find(body, len, name, &value_len);
	char *out = value ? malloc(value_len + 1) : NULL;
	long n = out ? form_decode(value, value_len, out) : -1;
	if (n < 0) {
		free(out);
		return NULL;
	}
	out[n] = '\0';
	*len_r = (size_t)n;
	return out;
}

bool
form_has(const char *body, size_t len, const char *name)
{
	size_t value_len;
	return find(body, len, name, &value_len) != NULL;
}
