#include "utf8.h"

#include <stdint.h>

/* How long the character is and the least it may be, by its first byte; 0: it
 * is no first byte. */
static size_t
begin(unsigned char c, uint32_t *bits_r, uint32_t *least_r)
{
	static const struct {
		unsigned char mask, mark;
		uint32_t least;
	} forms[] = {{0x80, 0x00, 0},
		     {0xE0, 0xC0, 0x80},
		     {0xF0, 0xE0, 0x800},
		     {0xF8, 0xF0, 0x10000}};
	for (size_t i = 0; i < 4; i++) {
		if ((c & forms[i].mask) != forms[i].mark)
			continue;
		*bits_r = c & (unsigned char)~forms[i].mask;
		*least_r = forms[i].least;
		return i + 1;
	}
	return 0;
}

bool
slack_is_utf8(const char *text, size_t len)
{
	const unsigned char *at = (const unsigned char *)text;
	while (len > 0) {
		uint32_t c, least;
		size_t n = begin(*at, &c, &least);
		if (n == 0 || n > len)
			return false;
		for (size_t i = 1; i < n; i++) {
			if ((at[i] & 0xC0) != 0x80)
				return false;
			c = c << 6 | (at[i] & 0x3F);
		}
		if (c < least || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
			return false;
		at += n;
		len -= n;
	}
	return true;
}
