/* Characters of a text, as the finders of entities see them.  Any thread. */
#include <string.h>

#include "base/utf8.h"
#include "nlu/entity_parts.h"

#define SKIP_BLANKS_MAX 4

char
scan_byte(const struct scan *scan, size_t at)
{
	return at < scan->len ? scan->text[at] : '\0';
}

bool
scan_is_digit(const struct scan *scan, size_t at)
{
	char c = scan_byte(scan, at);

	return c >= '0' && c <= '9';
}

size_t
scan_digits(const struct scan *scan, size_t at, size_t max)
{
	size_t n = 0;

	while (n < max && scan_is_digit(scan, at + n))
		n++;
	return n;
}

int
scan_number(const struct scan *scan, size_t at, size_t n)
{
	int number = 0;

	for (size_t i = 0; i < n; i++)
		number = number * 10 + (scan->text[at + i] - '0');
	return number;
}

size_t
scan_blank(const struct scan *scan, size_t at)
{
	static const char *const wide[] = {"\xc2\xa0", "\xe2\x80\xaf",
					   "\xe2\x80\x89"};
	char c = scan_byte(scan, at);

	if (c == ' ' || c == '\t')
		return 1;
	for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
		size_t n = strlen(wide[i]);
		if (at < scan->len && scan->len - at >= n &&
		    memcmp(scan->text + at, wide[i], n) == 0)
			return n;
	}
	return 0;
}

size_t
scan_skip(const struct scan *scan, size_t at)
{
	bool has_line_end = false;

	for (int i = 0; i < SKIP_BLANKS_MAX; i++) {
		size_t n = scan_blank(scan, at);
		if (n == 0 && scan_byte(scan, at) == '\n' && !has_line_end) {
			has_line_end = true;
			n = 1;
		}
		if (n == 0)
			break;
		at += n;
	}
	return at;
}

static bool
is_ascii_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

/* Letters for our purpose are all characters but the blocks of punctuation and
 * of signs of currencies. */
static bool
is_wide_word(uint32_t c)
{
	if (c < 0xc0)
		return c == 0xaa || c == 0xb5 || c == 0xba;
	return !(c >= 0x2000 && c <= 0x206f) && !(c >= 0x20a0 && c <= 0x20cf) &&
	       !(c >= 0x3000 && c <= 0x303f) && c != 0xfffd && c != 0xfeff;
}

bool
scan_is_word(const struct scan *scan, size_t at)
{
	uint32_t c;

	if (at >= scan->len)
		return false;
	if ((unsigned char)scan->text[at] < 0x80)
		return is_ascii_word(scan->text[at]);
	utf8_decode(scan->text + at, scan->len - at, &c);
	return is_wide_word(c);
}

bool
scan_is_within_word(const struct scan *scan, size_t at)
{
	size_t back = 1;

	if (at == 0 || at > scan->len)
		return false;
	while (back < 4 && back < at &&
	       ((unsigned char)scan->text[at - back] & 0xc0) == 0x80)
		back++;
	return scan_is_word(scan, at - back);
}

size_t
scan_word(const struct scan *scan, size_t at, char word[SCAN_WORD_SIZE])
{
	size_t n = 0;

	for (; n < SCAN_WORD_SIZE; n++) {
		char c = scan_byte(scan, at + n);
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		else if (c < 'a' || c > 'z')
			break;
		if (n < SCAN_WORD_SIZE - 1)
			word[n] = c;
	}
	bool is_whole = n < SCAN_WORD_SIZE && (scan_is_digit(scan, at + n) ||
					       !scan_is_word(scan, at + n));
	if (!is_whole)
		n = 0;
	word[n] = '\0';
	return n;
}

size_t
scan_phrase(const struct scan *scan, size_t at, const char *phrase)
{
	char word[SCAN_WORD_SIZE];

	for (;;) {
		size_t len = strcspn(phrase, " ");
		size_t n = scan_word(scan, at, word);
		if (n != len || memcmp(word, phrase, len) != 0)
			return 0;
		at += n;
		if (!phrase[len])
			return scan_is_word(scan, at) ? 0 : at;
		phrase += len + 1;
		at = scan_skip(scan, at);
	}
}

size_t
scan_next(const struct scan *scan, size_t at)
{
	uint32_t c;

	return at + utf8_decode(scan->text + at, scan->len - at, &c);
}

void
scan_quote(const struct scan *scan, size_t begin, struct entity *out)
{
	const char *from = scan->text + begin;
	size_t len = out->end - begin;

	if (len > ENTITY_VALUE_SIZE - 1)
		len = utf8_cut(from, len, ENTITY_VALUE_SIZE - 1);
	memcpy(out->value, from, len);
	out->value[len] = '\0';
}
