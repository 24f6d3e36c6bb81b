/* Folding. */
#include "test.h"

#include <string.h>

#include "base/buf.h"
#include "text/fold.h"

static const struct {
	const char *text, *folded;
} folds[] = {
	{"", ""},
	{"  Hello\tWORLD \r\n", "hello world"},
	{"caf\u00E9 CAFE\u0301 \uFF21", "caf\u00E9 caf\u00E9 a"},
	{"Stra\u00DFe STRASSE", "strasse strasse"},
	{"don\u2019t don\u00B4t don`t", "don't don't don't"},
	{"\u201Cyes\u201D \u00ABoui\u00BB \u201Eja\u201C",
	 "\"yes\" \"oui\" \"ja\""},
	{"a \u2013 b \u2014 c \u2212 d", "a - b - c - d"},
	{"pass\u200Bword\uFEFF \u202Eab\u202C\u00AD", "password ab"},
	{"1\u00A0000\u202F000\u3000x", "1 000 000 x"},
	{"\uFB01n \u00BD \u2460 \u2026", "fin 1\u20442 1 ..."},
	{"a\nb\u2028c\xC2\x85"
	 "d",
	 "a b c d"},
	{"\u0130stanbul \u03A3\u03A3", "i\u0307stanbul \u03C3\u03C3"},
	{"a\x01 b\x7F", "a b"},
	{"\xFF\xC3(", "\uFFFD\uFFFD("},
};

static void
test_texts_fold_to_their_one_form(void **state)
{
	struct buf out;

	(void)state;
	for (size_t i = 0; i < sizeof folds / sizeof *folds; i++) {
		buf_init(&out, 1000);
		assert_int_equal(
			text_fold(&out, folds[i].text, strlen(folds[i].text)),
			0);
		assert_string_equal(buf_str(&out), folds[i].folded);
		buf_release(&out);
	}
}

static void
test_what_was_in_the_buffer_stays(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	buf_adds(&out, "x ");
	assert_int_equal(text_fold(&out, "  A B ", 6), 0);
	assert_string_equal(buf_str(&out), "x a b");
	buf_release(&out);
}

static void
test_a_full_buffer_is_left_as_it_was(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 4);
	buf_adds(&out, "x");
	assert_int_equal(text_fold(&out, "abcdef", 6), -1);
	assert_string_equal(buf_str(&out), "x");
	buf_release(&out);
}

/* Ordering combining marks takes quadratic time in the library. */
static void
test_heaps_of_marks_are_cut(void **state)
{
	static char text[60001];
	struct buf out;

	(void)state;
	text[0] = 'a';
	for (size_t i = 1; i < sizeof text; i += 4) {
		memcpy(text + i, "\xCC\x81", 2);
		memcpy(text + i + 2, "\xCC\xA7", 2);
	}
	buf_init(&out, 1000);
	assert_int_equal(text_fold(&out, text, sizeof text), 0);
	assert_true(out.len < 100);
	buf_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts_fold_to_their_one_form),
		cmocka_unit_test(test_what_was_in_the_buffer_stays),
		cmocka_unit_test(test_a_full_buffer_is_left_as_it_was),
		cmocka_unit_test(test_heaps_of_marks_are_cut),
	};

	return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
