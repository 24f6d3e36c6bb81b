#include "parse.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ESCAPE_LEN 6 /* \uXXXX */
#define REPLACEMENT "\\ufffd"

/* The number of an escape of that form; -1: none is there. */
static long
read_escape(const char *text, size_t len)
{
	char digits[5] = "";
	if (len < ESCAPE_LEN || memcmp(text, "\\u", 2) != 0)
		return -1;
	memcpy(digits, text + 2, 4);
	if (strspn(digits, "0123456789abcdefABCDEF") != 4)
		return -1;
	return strtol(digits, NULL, 16);
}

static bool
is_high(long code)
{
	return code >= 0xD800 && code <= 0xDBFF;
}

static bool
is_low(long code)
{
	return code >= 0xDC00 && code <= 0xDFFF;
}

/* How long what stands there is that belongs together: a pair, an escape, a
 * byte.  is_good_r: does it stand for a character? */
static size_t
next_piece(const char *text, size_t len, bool *is_good_r)
{
	long code = read_escape(text, len);
	*is_good_r = true;
	if (code < 0)
		return *text == '\\' && len > 1 ? 2 : 1;
	if (is_high(code) &&
	    is_low(read_escape(text + ESCAPE_LEN, len - ESCAPE_LEN)))
		return 2 * ESCAPE_LEN;
	*is_good_r = code != 0 && !is_high(code) && !is_low(code);
	return ESCAPE_LEN;
}

/* A backslash stands nowhere but in a string. */
static void
mend(char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		bool is_good;
		size_t n = next_piece(text + i, len - i, &is_good);
		if (!is_good)
			memcpy(text + i, REPLACEMENT, ESCAPE_LEN);
		i += n;
	}
}

json_t *
slack_parse(const char *text, size_t len)
{
	json_t *document = len > 0 ? json_loadb(text, len, 0, NULL) : NULL;
	char *copy = document || len == 0 ? NULL : malloc(len);
	if (!copy)
		return document;
	memcpy(copy, text, len);
	mend(copy, len);
	document = json_loadb(copy, len, 0, NULL);
	free(copy);
	return document;
}
