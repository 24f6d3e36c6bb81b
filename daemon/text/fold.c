/* Folding by utf8proc, with ASCII, which is most of what comes, done by hand.
 * Any thread: nothing is kept. */
#include "text/fold.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/buf.h"
#include "base/utf8.h"

#define DROPPED 0x200B /* utf8proc drops it with all that has no width */

/* Of marks that combine with one character no more than this many are kept:
 * no language has more, and ordering them takes quadratic time (Stream-Safe
 * Text Format, UAX 15, section 13). */
#define MARKS_MAX 30

struct folder {
	struct buf *out;
	size_t start;	    /* of what is ours in out */
	bool is_spaced;	    /* a blank is due before the next character */
	unsigned int marks; /* that combine, in a row */
};

static void
put_space(struct folder *folder)
{
	folder->is_spaced = folder->out->len > folder->start;
}

static void
put(struct folder *folder, const char *bytes, size_t len)
{
	if (folder->is_spaced)
		buf_addc(folder->out, ' ');
	folder->is_spaced = false;
	buf_add(folder->out, bytes, len);
}

static bool
is_ascii_space(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* What becomes of an ASCII character; 0: it is dropped. */
static char
fold_ascii(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c + ('a' - 'A'));
	if (c < 0x20 || c == 0x7F)
		return 0;
	return c == '`' ? '\'' : (char)c;
}

static void
put_ascii(struct folder *folder, const char *text, size_t len)
{
	char word[64];
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		bool is_space = is_ascii_space(c);
		if (!is_space && (word[n] = fold_ascii(c)) != 0)
			n++;
		if (n > 0 && (is_space || n == sizeof word)) {
			put(folder, word, n);
			n = 0;
		}
		if (is_space)
			put_space(folder);
	}
	if (n > 0)
		put(folder, word, n);
}

/* Quotes, dashes and spaces that NFKC leaves as they are, or takes apart into
 * something else (the acute accent that people type for an apostrophe would
 * be a blank and a mark). */
/* clang-format off */
static utf8proc_int32_t
plain(utf8proc_int32_t c)
{
	if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212)
		return '-';
	switch (c) {
	case '`': case 0x00B4: case 0x02B9: case 0x02BC: case 0x2018: case 0x2019:
	case 0x201A: case 0x201B: case 0x2032: case 0x2035: case 0x2039:
	case 0x203A:
		return '\'';
	case 0x00AB: case 0x00BB: case 0x201C: case 0x201D: case 0x201E:
	case 0x201F: case 0x2033: case 0x2036: case 0x301D: case 0x301E:
		return '"';
	case '\t': case '\n': case '\v': case '\f': case '\r':
	case 0x0085: case 0x1680: case 0x2028: case 0x2029:
		return ' ';
	case 0x180E:
		return DROPPED;
	default:
		return c < 0x20 || (c >= 0x7F && c < 0xA0) ? DROPPED : c;
	}
}
/* clang-format on */

/* What utf8proc asks for each character before it takes it apart. */
static utf8proc_int32_t
map_character(utf8proc_int32_t c, void *arg)
{
	struct folder *folder = arg;

	if (utf8proc_get_property(c)->combining_class == 0)
		folder->marks = 0;
	else if (++folder->marks > MARKS_MAX)
		return DROPPED;
	return plain(c);
}

static void
put_characters(struct folder *folder, const utf8proc_int32_t *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char bytes[4];
		if (list[i] == ' ')
			put_space(folder);
		else
			put(folder, bytes,
			    utf8_encode((uint32_t)plain(list[i]), bytes));
	}
}

#define FOLD_OPTIONS                                            \
	(UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_STABLE | \
	 UTF8PROC_CASEFOLD | UTF8PROC_IGNORE)

/* A piece with characters beyond ASCII, valid UTF-8.  0, or -1: no memory. */
static int
put_unicode(struct folder *folder, const char *text, size_t len)
{
	const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *)text;
	utf8proc_int32_t fixed[256], *list = fixed;
	utf8proc_ssize_t size = 256;
	utf8proc_ssize_t n = utf8proc_decompose_custom(
		bytes, (utf8proc_ssize_t)len, list, size, FOLD_OPTIONS,
		map_character, folder);

	if (n > size) {
		/* Asked for more than there is room for, it only counted. */
		size = n;
		list = malloc((size_t)size * sizeof *list);
		if (!list)
			return -1;
		folder->marks = 0;
		n = utf8proc_decompose_custom(bytes, (utf8proc_ssize_t)len,
					      list, size, FOLD_OPTIONS,
					      map_character, folder);
	}
	if (n > 0)
		n = utf8proc_normalize_utf32(list, n, FOLD_OPTIONS);
	if (n > 0)
		put_characters(folder, list, (size_t)n);
	if (list != fixed)
		free(list);
	return n < 0 ? -1 : 0;
}

static int
put_repaired(struct folder *folder, const char *text, size_t len)
{
	struct buf repaired;

	folder->marks = 0;
	if (utf8_is_valid(text, len))
		return put_unicode(folder, text, len);
	buf_init(&repaired, 3 * len);
	int result = utf8_repair(&repaired, text, len);
	if (result == 0)
		result = put_unicode(folder, repaired.data, repaired.len);
	buf_release(&repaired);
	return result;
}

/* A control character, which is dropped, so that what stands before it and
 * what stands behind it may combine. */
static bool
is_dropped(unsigned char c)
{
	return fold_ascii(c) == 0 && !is_ascii_space(c);
}

/* How much of text is ASCII, without the last character and what is dropped
 * behind it when a character follows that may combine with it. */
static size_t
ascii_length(const char *text, size_t len)
{
	size_t n = 0;
	uint64_t eight;

	for (; len - n >= sizeof eight; n += sizeof eight) {
		memcpy(&eight, text + n, sizeof eight);
		if (eight & 0x8080808080808080)
			break;
	}
	while (n < len && (unsigned char)text[n] < 0x80)
		n++;
	if (n == len)
		return n;
	while (n > 0 && is_dropped((unsigned char)text[n - 1]))
		n--;
	return n > 0 ? n - 1 : 0;
}

/* How much of text, after its first character, is to be folded as one. */
static size_t
unicode_length(const char *text, size_t len)
{
	size_t n = len > 0;

	while (n < len && ((unsigned char)text[n] >= 0x80 ||
			   is_dropped((unsigned char)text[n])))
		n++;
	return n;
}

int
text_fold(struct buf *out, const char *text, size_t len)
{
	struct folder folder = {.out = out, .start = out->len};

	for (size_t i = 0; i < len && !out->failed;) {
		size_t n = ascii_length(text + i, len - i);
		put_ascii(&folder, text + i, n);
		i += n;
		n = unicode_length(text + i, len - i);
		if (n > 0 && put_repaired(&folder, text + i, n) < 0)
			out->failed = true;
		i += n;
	}
	if (!out->failed)
		return 0;
	buf_cut(out, folder.start);
	return -1;
}
