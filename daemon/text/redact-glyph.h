/* Characters as redaction sees them: every script's digits are digits, letters
 * have neither case nor accents. */
#ifndef TEXT_REDACT_GLYPH_H
#define TEXT_REDACT_GLYPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum glyph_class {
	GLYPH_OTHER,
	GLYPH_LETTER,
	GLYPH_DIGIT,
	GLYPH_SPACE,
	GLYPH_NEWLINE,
	GLYPH_JOINER,	 /* may part the groups of a number: - . / _ * */
	GLYPH_QUOTE,	 /* brackets too: nothing changes across them */
	GLYPH_INVISIBLE, /* without width: as if it were not there */
	GLYPH_CURRENCY,
};

struct glyph {
	uint8_t class, len; /* len in bytes, at least 1 */
	char plain; /* lower-case letter, digit, or the ASCII character that is
		     * meant; '?': a letter that has none; 0: none at all */
};

extern const uint8_t glyph_ascii_classes[128];
struct glyph glyph_read_wide(const char *text, size_t len);

/* The character at the start of text (len >= 1; bytes that are no UTF-8 are
 * invisible). */
static inline struct glyph
glyph_read(const char *text, size_t len)
{
	unsigned char c = (unsigned char)text[0];

	if (c >= 0x80)
		return glyph_read_wide(text, len);
	return (struct glyph){
		.class = glyph_ascii_classes[c],
		.len = 1,
		.plain = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : (char)c,
	};
}

/* The place of the first character from i on that is visible, or len. */
size_t glyph_skip_invisible(const char *text, size_t len, size_t i);

/* The last visible character before *i_r, whose place goes to *i_r; class
 * GLYPH_OTHER and plain 0 when there is none. */
struct glyph glyph_before(const char *text, size_t *i_r);

#endif
