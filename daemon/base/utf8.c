/* UTF-8 as in RFC 3629: no overlong forms, no surrogates, U+10FFFF the last.
 * Any thread: nothing is kept. */
#include "base/utf8.h"

#include "base/buf.h"

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

/* The length that a lead byte announces, with the bits it holds and the
 * smallest character that needs that many bytes; 0 if it leads nothing. */
static size_t
read_lead(unsigned char lead, uint32_t *bits_r, uint32_t *least_r)
{
	if (lead >= 0xC2 && lead <= 0xDF) {
		*bits_r = lead & 0x1F;
		*least_r = 0x80;
		return 2;
	}
	if (lead >= 0xE0 && lead <= 0xEF) {
		*bits_r = lead & 0x0F;
		*least_r = 0x800;
		return 3;
	}
	if (lead >= 0xF0 && lead <= 0xF4) {
		*bits_r = lead & 0x07;
		*least_r = 0x10000;
		return 4;
	}
	return 0;
}

static bool
is_character(uint32_t c)
{
	return c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
}

size_t
utf8_decode(const char *text, size_t len, uint32_t *c_r)
{
	const unsigned char *bytes = (const unsigned char *)text;
	uint32_t c, least;

	if (bytes[0] < 0x80) {
		*c_r = bytes[0];
		return 1;
	}
	*c_r = 0xFFFD;
	size_t n = read_lead(bytes[0], &c, &least);
	if (n == 0 || n > len)
		return 1;
	for (size_t i = 1; i < n; i++) {
		if ((bytes[i] & 0xC0) != 0x80)
			return 1;
		c = c << 6 | (bytes[i] & 0x3F);
	}
	if (c < least || !is_character(c))
		return 1;
	*c_r = c;
	return n;
}

size_t
utf8_encode(uint32_t c, char out[4])
{
	if (!is_character(c))
		return 0;
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3F));
	/* n ones, a zero, and the bits that are left. */
	out[0] = (char)((0xF00 >> n & 0xFF) | c);
	return n;
}

/* An ill-formed byte, which the decoder gives as U+FFFD of length 1: the real
 * one has three bytes. */
static bool
is_ill_formed(uint32_t c, size_t n)
{
	return c == 0xFFFD && n == 1;
}

bool
utf8_is_valid(const char *text, size_t len)
{
	size_t n;

	for (size_t i = 0; i < len; i += n) {
		uint32_t c;
		n = utf8_decode(text + i, len - i, &c);
		if (is_ill_formed(c, n))
			return false;
	}
	return true;
}

size_t
utf8_count(const char *text, size_t len)
{
	size_t count = 0;

	for (size_t i = 0; i < len; count++) {
		uint32_t c;
		i += utf8_decode(text + i, len - i, &c);
	}
	return count;
}

size_t
utf8_cut(const char *text, size_t len, size_t max)
{
	if (len <= max)
		return len;
	/* At most one character spans the cut; it starts up to 3 before. */
	for (size_t back = 1; back <= 3 && back <= max; back++) {
		size_t start = max - back;
		uint32_t c;
		if (utf8_decode(text + start, len - start, &c) > back)
			return start;
	}
	return max;
}

int
utf8_repair(struct buf *out, const char *text, size_t len)
{
	size_t before = out->len, start = 0, n;

	for (size_t i = 0; i < len; i += n) {
		uint32_t c;
		n = utf8_decode(text + i, len - i, &c);
		if (c != 0 && !is_ill_formed(c, n))
			continue;
		buf_add(out, text + start, i - start);
		buf_adds(out, REPLACEMENT);
		start = i + n;
	}
	buf_add(out, text + start, len - start);
	if (!out->failed)
		return 0;
	buf_cut(out, before);
	return -1;
}

/* Whether a byte may follow lead as the second of a character: this alone
 * keeps out overlong forms, surrogates and what lies behind U+10FFFF. */
static bool
may_be_second(unsigned char lead, unsigned char byte)
{
	unsigned char least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
	unsigned char most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;

	return byte >= least && byte <= most;
}

/* The bytes at the start of text that a character may begin with, at least
 * one; *need_r is what that character has, 0 when the first begins none. */
static size_t
match_character(const char *text, size_t len, size_t *need_r)
{
	const unsigned char *bytes = (const unsigned char *)text;
	uint32_t bits, least;
	size_t n = 1;

	*need_r = bytes[0] < 0x80 ? 1 : read_lead(bytes[0], &bits, &least);
	if (*need_r < 2 || len < 2 || !may_be_second(bytes[0], bytes[1]))
		return 1;
	for (n = 2; n < *need_r && n < len; n++)
		if ((bytes[n] & 0xC0) != 0x80)
			break;
	return n;
}

size_t
utf8_mend(struct buf *out, const char *text, size_t len)
{
	size_t start = 0, i = 0;

	while (i < len) {
		size_t need, n = match_character(text + i, len - i, &need);
		if (n < need && n == len - i)
			break;
		if (n != need) {
			buf_add(out, text + start, i - start);
			buf_adds(out, REPLACEMENT);
			start = i + n;
		}
		i += n;
	}
	buf_add(out, text + start, i - start);
	return i;
}

bool
utf8_is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c <= 0x9F) ||
	       (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}
