/* Any thread: nothing changes. */
#include "text/redact-glyph.h"

#include "base/utf8.h"

/* clang-format off */
const uint8_t glyph_ascii_classes[128] = {
	[0 ... 8] = GLYPH_INVISIBLE,
	['\t'] = GLYPH_SPACE,
	['\n' ... '\r'] = GLYPH_NEWLINE,
	[14 ... 31] = GLYPH_INVISIBLE,
	[' '] = GLYPH_SPACE,
	['$'] = GLYPH_CURRENCY,
	['-'] = GLYPH_JOINER, ['.'] = GLYPH_JOINER, ['/'] = GLYPH_JOINER,
	['_'] = GLYPH_JOINER, ['*'] = GLYPH_JOINER,
	['"'] = GLYPH_QUOTE, ['\''] = GLYPH_QUOTE, ['`'] = GLYPH_QUOTE,
	['('] = GLYPH_QUOTE, [')'] = GLYPH_QUOTE,
	['['] = GLYPH_QUOTE, [']'] = GLYPH_QUOTE,
	['0' ... '9'] = GLYPH_DIGIT,
	['A' ... 'Z'] = GLYPH_LETTER,
	['a' ... 'z'] = GLYPH_LETTER,
	[127] = GLYPH_INVISIBLE,
};

/* The zero of each script; its ten digits follow one another (Unicode 14,
 * general category Nd). */
static const uint32_t zeros[] = {
	0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66,
	0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20,
	0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90,
	0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0,
	0xA9F0, 0xAA50, 0xABF0, 0x104A0, 0x10D30, 0x11066, 0x110F0, 0x11136,
	0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730,
	0x118E0, 0x11950, 0x11C50, 0x11D50, 0x11DA0, 0x16A60, 0x16AC0,
	0x16B50, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140,
	0x1E2F0, 0x1E950, 0x1FBF0,
};
/* clang-format on */

/* U+00C0 to U+00FF without case and accents. */
static const char latin1[] = "aaaaaaaceeeeiiiidnooooo-ouuuuyts"
			     "aaaaaaaceeeeiiiidnooooo-ouuuuyty";

static bool
is_in_range(uint32_t c, uint32_t first, uint32_t last)
{
	return c >= first && c <= last;
}

/* The value of a digit beyond ASCII, superscripts and circled ones too, or
 * -1. */
static int
digit_value(uint32_t c)
{
	size_t low = 0, high = sizeof zeros / sizeof *zeros;

	if (c == 0xB9 || c == 0xB2 || c == 0xB3)
		return c == 0xB9 ? 1 : (int)(c - 0xB0);
	if (c < zeros[0])
		return -1;
	if (c == 0x2070 || is_in_range(c, 0x2074, 0x2079))
		return (int)(c - 0x2070);
	if (is_in_range(c, 0x2080, 0x2089))
		return (int)(c - 0x2080);
	if (is_in_range(c, 0x2460, 0x2468))
		return (int)(c - 0x2460) + 1;
	if (is_in_range(c, 0x2776, 0x277E))
		return (int)(c - 0x2776) + 1;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (c < zeros[middle])
			high = middle;
		else
			low = middle + 1;
	}
	return c - zeros[low - 1] <= 9 ? (int)(c - zeros[low - 1]) : -1;
}

/* What has no width, turns directions or varies how a character looks; also
 * what stands for bytes that are no character. */
static bool
is_invisible(uint32_t c)
{
	return c < 0xA0 || c == 0xAD || c == 0x034F || c == 0x061C ||
	       c == 0x180E || is_in_range(c, 0x0300, 0x036F) ||
	       is_in_range(c, 0x200B, 0x200F) ||
	       is_in_range(c, 0x202A, 0x202E) ||
	       is_in_range(c, 0x2060, 0x206F) || c == 0x20E3 ||
	       is_in_range(c, 0xFE00, 0xFE0F) || c == 0xFEFF || c == 0xFFFD ||
	       is_in_range(c, 0xE0000, 0xE0FFF);
}

static bool
is_dash(uint32_t c)
{
	return is_in_range(c, 0x2010, 0x2015) || c == 0x2212 || c == 0x00B7 ||
	       c == 0x2022 || c == 0x2043 || c == 0x30FB || c == 0x30FC ||
	       c == 0x3002 || c == 0xFE58 || c == 0xFE63 || c == 0x2024;
}

static bool
is_quote(uint32_t c)
{
	return c == 0xAB || c == 0xBB || c == 0xB4 ||
	       is_in_range(c, 0x2018, 0x201F) || is_in_range(c, 0x2039, 0x203A);
}

static struct glyph
wide_glyph(uint32_t c, size_t len)
{
	uint8_t size = (uint8_t)len;
	int digit = digit_value(c);

	if (digit >= 0)
		return (struct glyph){GLYPH_DIGIT, size, (char)('0' + digit)};
	if (is_in_range(c, 0xFF01, 0xFF5E)) {
		char ascii = (char)(c - 0xFEE0);
		struct glyph glyph = glyph_read(&ascii, 1);
		glyph.len = size;
		return glyph;
	}
	if (is_invisible(c))
		return (struct glyph){GLYPH_INVISIBLE, size, 0};
	if (c == 0xA0 || is_in_range(c, 0x2000, 0x200A) || c == 0x202F ||
	    c == 0x205F || c == 0x3000)
		return (struct glyph){GLYPH_SPACE, size, ' '};
	if (c == 0x2028 || c == 0x2029)
		return (struct glyph){GLYPH_NEWLINE, size, '\n'};
	if (is_dash(c))
		return (struct glyph){GLYPH_JOINER, size, '-'};
	if (is_quote(c))
		return (struct glyph){GLYPH_QUOTE, size, '"'};
	if (is_in_range(c, 0xA2, 0xA5) || is_in_range(c, 0x20A0, 0x20CF))
		return (struct glyph){GLYPH_CURRENCY, size, 0};
	if (c < 0xC0 || is_in_range(c, 0x2000, 0x2BFF) || c == 0xD7 ||
	    c == 0xF7)
		return (struct glyph){GLYPH_OTHER, size, 0};
	return (struct glyph){GLYPH_LETTER, size,
			      c <= 0xFF ? latin1[c - 0xC0] : '?'};
}

struct glyph
glyph_read_wide(const char *text, size_t len)
{
	uint32_t c;
	size_t n = utf8_decode(text, len, &c);

	return wide_glyph(c, n);
}

size_t
glyph_skip_invisible(const char *text, size_t len, size_t i)
{
	while (i < len) {
		struct glyph glyph = glyph_read(text + i, len - i);
		if (glyph.class != GLYPH_INVISIBLE)
			break;
		i += glyph.len;
	}
	return i;
}

struct glyph
glyph_before(const char *text, size_t *i_r)
{
	size_t i = *i_r;

	while (i > 0) {
		size_t end = i--;
		while (i > 0 && end - i < 4 &&
		       ((unsigned char)text[i] & 0xC0) == 0x80)
			i--;
		struct glyph glyph = glyph_read(text + i, end - i);
		/* Bytes that are no UTF-8 are invisible one by one. */
		if (i + glyph.len != end)
			i = end - 1;
		else if (glyph.class != GLYPH_INVISIBLE) {
			*i_r = i;
			return glyph;
		}
	}
	return (struct glyph){GLYPH_OTHER, 0, 0};
}
