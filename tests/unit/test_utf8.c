#include "test.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

#define BAD "\xEF\xBF\xBD" /* U+FFFD */

static void
test_every_character_survives_the_round_trip(void **state)
{
	(void)state;
	for (uint32_t c = 0; c <= 0x10FFFF; c++) {
		char text[4];
		uint32_t back;
		size_t n = utf8_encode(c, text);
		if (c >= 0xD800 && c <= 0xDFFF) {
			assert_int_equal(n, 0);
			continue;
		}
		assert_int_equal(utf8_decode(text, n, &back), n);
		assert_int_equal(back, c);
		assert_true(utf8_is_valid(text, n));
		/* Each proper beginning is ill-formed. */
		for (size_t i = 1; i < n; i++)
			assert_false(utf8_is_valid(text, i));
	}
}

static void
test_what_is_no_character_is_not_encoded(void **state)
{
	char text[4];

	(void)state;
	assert_int_equal(utf8_encode(0x110000, text), 0);
	assert_int_equal(utf8_encode(UINT32_MAX, text), 0);
	assert_int_equal(utf8_encode(0xDFFF, text), 0);
}

static const char *const ill_formed[] = {
	"\x80",		    /* continuation without a lead */
	"\xBF",		    /* the last of them */
	"\xC0\x80",	    /* overlong NUL */
	"\xC1\xBF",	    /* overlong, two bytes */
	"\xE0\x80\x80",	    /* overlong, three bytes */
	"\xE0\x9F\xBF",	    /* the largest of them */
	"\xF0\x80\x80\x80", /* overlong, four bytes */
	"\xF0\x8F\xBF\xBF", /* the largest of them */
	"\xED\xA0\x80",	    /* first surrogate */
	"\xED\xBF\xBF",	    /* last surrogate */
	"\xF4\x90\x80\x80", /* above U+10FFFF */
	"\xF5\x80\x80\x80", /* leads that lead nothing */
	"\xF8\x88\x80\x80\x80",
	"\xFC\x84\x80\x80\x80\x80",
	"\xFE",
	"\xFF",
	"\xC3",		/* ends too early */
	"\xE2\x82",	/* the same with three bytes */
	"\xF0\x9F\x98", /* the same with four */
};
#define N_ILL_FORMED (sizeof ill_formed / sizeof *ill_formed)

static void
test_every_ill_formed_byte_is_one_replacement(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ILL_FORMED; i++) {
		const char *text = ill_formed[i];
		size_t len = strlen(text);
		struct buf out, expected;
		uint32_t c = 0;
		buf_init(&out, 100);
		buf_init(&expected, 100);
		for (size_t j = 0; j < len; j++)
			buf_adds(&expected, BAD);
		assert_int_equal(utf8_decode(text, len, &c), 1);
		assert_int_equal(c, 0xFFFD);
		assert_false(utf8_is_valid(text, len));
		assert_int_equal(utf8_count(text, len), len);
		assert_int_equal(utf8_repair(&out, text, len), 0);
		assert_string_equal(buf_str(&out), buf_str(&expected));
		buf_release(&out);
		buf_release(&expected);
	}
}

static void
test_broken_sequence_does_not_swallow_what_follows(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	utf8_repair(&out, "\xE2\x82z\xC3\xC3\xA9", 6);
	assert_string_equal(buf_str(&out), BAD BAD "z" BAD "\xC3\xA9");
	buf_release(&out);
}

static void
test_real_replacement_character_is_well_formed(void **state)
{
	uint32_t c;

	(void)state;
	assert_true(utf8_is_valid(BAD, 3));
	assert_int_equal(utf8_decode(BAD, 3, &c), 3);
	assert_int_equal(c, 0xFFFD);
}

static void
test_repair_replaces_nul_and_keeps_the_rest(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	buf_adds(&out, "<");
	assert_int_equal(utf8_repair(&out, "a\0\xC3\xA9", 4), 0);
	assert_int_equal(utf8_repair(&out, "", 0), 0);
	assert_string_equal(buf_str(&out), "<a" BAD "\xC3\xA9");
	buf_release(&out);
}

static void
test_repair_that_does_not_fit_leaves_out_as_it_was(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 6);
	buf_adds(&out, "<");
	assert_int_equal(utf8_repair(&out, "ab\xFF\xFF", 4), -1);
	assert_string_equal(buf_str(&out), "<");
	assert_true(out.failed);
	buf_release(&out);
}

/* The text mended, and how many of its bytes were left as cut off. */
static void
expect_mended(const char *text, const char *mended, size_t left)
{
	size_t len = strlen(text);
	struct buf out;

	buf_init(&out, 1000);
	assert_int_equal(utf8_mend(&out, text, len), len - left);
	assert_false(out.failed);
	assert_string_equal(buf_str(&out), mended);
	buf_release(&out);
}

/* The examples of Unicode, tables 3-8 to 3-11. */
static void
test_mending_replaces_each_maximal_part(void **state)
{
	(void)state;
	expect_mended("", "", 0);
	expect_mended("a\xC3\xA9\xF0\x9F\x98\x80", "a\xC3\xA9\xF0\x9F\x98\x80",
		      0);
	expect_mended("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82"
		      "A",
		      "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD"
		      "A",
		      0);
	expect_mended("\xED\xA0\x80\xED\xBF\xBF\xED\xAF"
		      "A",
		      "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD"
		      "A",
		      0);
	expect_mended("\xF4\x91\x92\x93\xFF"
		      "A\x80\xBF"
		      "B",
		      "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD"
		      "A\uFFFD\uFFFD"
		      "B",
		      0);
	expect_mended("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF"
		      "A",
		      "\uFFFD\uFFFD\uFFFD\uFFFD"
		      "A",
		      0);
}

static void
test_mending_leaves_what_the_end_cuts(void **state)
{
	(void)state;
	expect_mended("a\xC3", "a", 1);
	expect_mended("a\xE2\x82", "a", 2);
	expect_mended("a\xF0\x9F\x98", "a", 3);
	expect_mended("a\xE0\x80", "a\uFFFD\uFFFD", 0);
	expect_mended("\xF0\x9F\xE2", "\uFFFD", 1);
}

static void
test_cut_falls_between_characters(void **state)
{
	const char *text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z";
	static const size_t cuts[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11};

	(void)state;
	for (size_t max = 0; max < 12; max++)
		assert_int_equal(utf8_cut(text, 11, max), cuts[max]);
	assert_int_equal(utf8_cut(text, 11, 100), 11);
	assert_int_equal(utf8_cut("", 0, 0), 0);
}

static void
test_cut_between_ill_formed_bytes_is_anywhere(void **state)
{
	(void)state;
	for (size_t max = 0; max <= 6; max++) {
		assert_int_equal(utf8_cut("\x80\x80\x80\x80\x80\x80", 6, max),
				 max);
		assert_int_equal(utf8_cut("\xF0\x9F\x98zzz", 6, max), max);
	}
}

static void
test_controls_are_what_can_fake_a_line(void **state)
{
	static const uint32_t controls[] = {0,	    '\n',   0x1B,   0x7F,
					    0x85,   0x9B,   0x2028, 0x2029,
					    0x202A, 0x202E, 0x2066, 0x2069};
	static const uint32_t others[] = {' ',	  '~',	  0xA0,	  0xE9,
					  0x2027, 0x202F, 0x2065, 0x206A,
					  0xFFFD, 0x1F600};

	(void)state;
	for (size_t i = 0; i < sizeof controls / sizeof *controls; i++)
		assert_true(utf8_is_control(controls[i]));
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert_false(utf8_is_control(others[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_character_survives_the_round_trip),
		cmocka_unit_test(test_what_is_no_character_is_not_encoded),
		cmocka_unit_test(test_every_ill_formed_byte_is_one_replacement),
		cmocka_unit_test(
			test_broken_sequence_does_not_swallow_what_follows),
		cmocka_unit_test(
			test_real_replacement_character_is_well_formed),
		cmocka_unit_test(test_repair_replaces_nul_and_keeps_the_rest),
		cmocka_unit_test(
			test_repair_that_does_not_fit_leaves_out_as_it_was),
		cmocka_unit_test(test_mending_replaces_each_maximal_part),
		cmocka_unit_test(test_mending_leaves_what_the_end_cuts),
		cmocka_unit_test(test_cut_falls_between_characters),
		cmocka_unit_test(test_cut_between_ill_formed_bytes_is_anywhere),
		cmocka_unit_test(test_controls_are_what_can_fake_a_line),
	};

	return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
