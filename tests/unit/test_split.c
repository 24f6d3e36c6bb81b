/* Classes of characters and splitting, against a slow and simple way. */
#include "test.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "model/classes.h"
#include "model/split.h"

/* ---- Classes */

static enum class class_by_utf8proc(uint32_t c) {
	switch (utf8proc_category((utf8proc_int32_t)c)){
		case UTF8PROC_CATEGORY_LU : case UTF8PROC_CATEGORY_LL : case
		UTF8PROC_CATEGORY_LT : case UTF8PROC_CATEGORY_LM : case
		UTF8PROC_CATEGORY_LO : return CLASS_LETTER;
		case UTF8PROC_CATEGORY_ND : case UTF8PROC_CATEGORY_NL : case
		UTF8PROC_CATEGORY_NO : return CLASS_NUMBER;
		default : return CLASS_OTHER;
	}
}

/* What utf8proc knows, of whatever Unicode, is as it says. */
static void
test_letters_and_numbers_are_those_of_unicode(void **state)
{
	size_t letters = 0, numbers = 0, spaces = 0;

	(void)state;
	for (uint32_t c = 0; c <= 0x10FFFF; c++) {
		enum class class = class_of(c);
		letters += class == CLASS_LETTER;
		numbers += class == CLASS_NUMBER;
		spaces += class == CLASS_SPACE;
		if (class == CLASS_SPACE ||
		    utf8proc_category((utf8proc_int32_t)c) ==
			    UTF8PROC_CATEGORY_CN)
			continue;
		if (class != class_by_utf8proc(c))
			fail_msg("U+%04X is of class %d", c, (int)class);
	}
	assert_int_equal(letters, 145672);
	assert_int_equal(numbers, 1924);
	assert_int_equal(spaces, 25);
	assert_int_equal(class_of(0x1C), CLASS_OTHER);
	assert_int_equal(class_of(0x180E), CLASS_OTHER);
}

/* ---- Splitting */

static void
expect_split(const char *text, const char *pieces)
{
	size_t len = strlen(text), n;
	struct buf out;

	buf_init(&out, 1000);
	for (size_t i = 0; i < len; i += n) {
		n = split_next(text + i, len - i);
		buf_addf(&out, "%s%.*s", i ? "|" : "", (int)n, text + i);
	}
	assert_string_equal(buf_str(&out), pieces);
	buf_release(&out);
}

static void
test_text_is_split_by_the_pattern(void **state)
{
	(void)state;
	expect_split("Hello world", "Hello| world");
	expect_split("I'm you'll he'd we've it's don't they're",
		     "I|'m| you|'ll| he|'d| we|'ve| it|'s| don|'t| they|'re");
	expect_split("I'M 'x '", "I|'|M| '|x| '");
	expect_split("a   b", "a|  | b");
	expect_split("a \n b\n\nc", "a| \n| b|\n|\n|c");
	expect_split("a  ", "a|  ");
	expect_split(" ", " ");
	expect_split("\na", "\n|a");
	expect_split("x1234y_z 12,5%", "x|1234|y|_|z| 12|,|5|%");
	expect_split(" !? a.b", " !?| a|.|b");
	expect_split("\u00A0a\u3000\u3000b", "\u00A0|a|\u3000|\u3000|b");
	expect_split("caf\u00E9\u0301 \u4E16\u754C\uFF01",
		     "caf\u00E9|\u0301| \u4E16\u754C|\uFF01");
	expect_split("\u0663\u00BD\u2167", "\u0663\u00BD\u2167");
	expect_split("''s''", "''|s|''");
	expect_split("''", "''");
	expect_split("'", "'");
	expect_split("'r", "'|r");
}

/* The pattern as it is written, each alternative tried on characters. */
struct characters {
	uint32_t c[64];
	size_t at[65]; /* where they begin */
	size_t n;
};

static bool
is_in(const struct characters *text, size_t i, enum class class)
{
	return i < text->n && class_of(text->c[i]) == class;
}

static size_t
slow_run(const struct characters *text, size_t i, enum class class)
{
	size_t start = i;

	i += i < text->n && text->c[i] == ' ';
	size_t first = i;
	while (is_in(text, i, class))
		i++;
	return i > first ? i - start : 0;
}

static size_t
slow_blanks(const struct characters *text, size_t i, bool is_looking_ahead)
{
	size_t n = 0;

	while (is_in(text, i + n, CLASS_SPACE))
		n++;
	if (!is_looking_ahead)
		return n;
	while (n > 0 && i + n < text->n && !is_in(text, i + n, CLASS_SPACE))
		n--;
	return n;
}

static size_t
slow_split(const struct characters *text, size_t i)
{
	static const char *const ends[] = {"s", "t",  "re", "ve",
					   "m", "ll", "d"};
	size_t n;

	for (size_t e = 0; e < 7; e++) {
		size_t len = strlen(ends[e]);
		bool is_it = text->c[i] == '\'' && i + len < text->n;
		for (size_t k = 0; is_it && k < len; k++)
			is_it = text->c[i + 1 + k] == (unsigned char)ends[e][k];
		if (is_it)
			return 1 + len;
	}
	if ((n = slow_run(text, i, CLASS_LETTER)) ||
	    (n = slow_run(text, i, CLASS_NUMBER)) ||
	    (n = slow_run(text, i, CLASS_OTHER)) ||
	    (n = slow_blanks(text, i, true)))
		return n;
	return slow_blanks(text, i, false);
}

static const uint32_t some[] = {
	'a',	'Z',  's',    't',    'r',     'e',    'l', ' ', ' ',
	' ',	'\n', '\t',   '\'',   '\'',    '7',    '.', '_', 0xE9,
	0x4E16, 0xA0, 0x3000, 0x0663, 0x1F600, 0xFFFD, 0};

static void
make_text(struct characters *text, struct buf *out)
{
	buf_clear(out);
	text->n = (size_t)random() % 64;
	for (size_t i = 0; i < text->n; i++) {
		char bytes[4];
		text->c[i] =
			some[(size_t)random() % (sizeof some / sizeof *some)];
		text->at[i] = out->len;
		buf_add(out, bytes, utf8_encode(text->c[i], bytes));
	}
	text->at[text->n] = out->len;
}

static void
test_splitting_is_what_the_pattern_says(void **state)
{
	struct characters text;
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	srandom(1);
	for (int round = 0; round < 20000; round++) {
		make_text(&text, &out);
		for (size_t i = 0; i < text.n;) {
			size_t n = slow_split(&text, i);
			assert_int_equal(split_next(buf_str(&out) + text.at[i],
						    out.len - text.at[i]),
					 text.at[i + n] - text.at[i]);
			i += n;
		}
	}
	buf_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_letters_and_numbers_are_those_of_unicode),
		cmocka_unit_test(test_text_is_split_by_the_pattern),
		cmocka_unit_test(test_splitting_is_what_the_pattern_says),
	};

	return cmocka_run_group_tests_name("split", tests, NULL, NULL);
}
