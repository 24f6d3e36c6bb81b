#include "test.h"

#include <errno.h>
#include <string.h>

#include "base/utf8.h"

static void
test_setting_returns_minus_one(void **state)
{
	struct err err = {0};

	(void)state;
	assert_int_equal(err_set(&err, "%s:%d", "file", 7), -1);
	assert_string_equal(err.text, "file:7");
}

static void
test_without_an_err_only_the_minus_one_is_left(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, "x"), -1);
	assert_int_equal(err_misuse(NULL, "x"), -1);
	assert_int_equal(err_prefix(NULL, "x"), -1);
	assert_int_equal(err_errno(NULL, "x"), -1);
}

static void
test_prefix_stands_before_what_was_said(void **state)
{
	struct err err = {0};

	(void)state;
	err_set(&err, "disk is full");
	assert_int_equal(err_prefix(&err, "cannot write %s", "f"), -1);
	assert_string_equal(err.text, "cannot write f: disk is full");
}

static void
test_prefix_of_nothing_stands_alone(void **state)
{
	struct err err = {0};

	(void)state;
	err_prefix(&err, "alone");
	assert_string_equal(err.text, "alone");
}

static void
test_misuse_is_told_from_failure(void **state)
{
	struct err err = {0};

	(void)state;
	assert_int_equal(err_misuse(&err, "%s is no number", "x"), -1);
	assert_string_equal(err.text, "x is no number");
	assert_true(err.is_misuse);
	err_prefix(&err, "--top");
	assert_true(err.is_misuse);
	err_set(&err, "disk is full");
	assert_false(err.is_misuse);
	err_misuse(&err, "again");
	err_errno(&err, "f");
	assert_false(err.is_misuse);
}

static void
test_err_may_quote_itself(void **state)
{
	struct err err = {0};

	(void)state;
	err_set(&err, "one");
	err_set(&err, "<%s>", err.text);
	err_prefix(&err, "%s", err.text);
	assert_string_equal(err.text, "<one>: <one>");
}

static void
test_errno_is_put_in_words(void **state)
{
	struct err err = {0};

	(void)state;
	errno = ENOENT;
	assert_int_equal(err_errno(&err, "open %s", "f"), -1);
	assert_string_equal(err.text, "open f: No such file or directory");
}

static void
test_control_characters_are_replaced(void **state)
{
	struct err err = {0};

	(void)state;
	err_set(&err, "a\nb\tc\x1b[0m\x7f\xc2\x9b\xe2\x80\xae\xff.");
	assert_string_equal(err.text, "a b c?[0m???????.");
}

static void
test_long_text_is_cut_between_characters(void **state)
{
	struct err err = {0};
	char text[2000];

	(void)state;
	for (size_t shift = 0; shift < 4; shift++) {
		memset(text, 'x', shift);
		for (size_t i = shift; i + 5 < sizeof text; i += 4)
			memcpy(text + i, "\xF0\x9F\x98\x80", 5);
		err_set(&err, "%s", text);
		size_t len = strlen(err.text);
		assert_in_range(len, 508, 511);
		assert_true(utf8_is_valid(err.text, len));
		assert_null(strchr(err.text, '?'));
	}
}

static void
test_text_that_just_fits_is_kept(void **state)
{
	struct err err = {0};
	char text[512];

	(void)state;
	memset(text, 'x', 511);
	text[511] = '\0';
	err_set(&err, "%s", text);
	assert_string_equal(err.text, text);
	err_set(&err, "%sy", text);
	assert_string_equal(err.text, text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_setting_returns_minus_one),
		cmocka_unit_test(
			test_without_an_err_only_the_minus_one_is_left),
		cmocka_unit_test(test_prefix_stands_before_what_was_said),
		cmocka_unit_test(test_prefix_of_nothing_stands_alone),
		cmocka_unit_test(test_misuse_is_told_from_failure),
		cmocka_unit_test(test_err_may_quote_itself),
		cmocka_unit_test(test_errno_is_put_in_words),
		cmocka_unit_test(test_control_characters_are_replaced),
		cmocka_unit_test(test_long_text_is_cut_between_characters),
		cmocka_unit_test(test_text_that_just_fits_is_kept),
	};

	return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
