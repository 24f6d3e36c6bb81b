#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static void
test_new_buffer_is_an_empty_string(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 10);
	assert_string_equal(buf_str(&buf), "");
	assert_null(buf.data);
	buf_release(&buf);
}

static void
test_zeroed_buffer_holds_nothing_and_may_be_released(void **state)
{
	struct buf buf = {0};

	(void)state;
	assert_int_equal(buf_addc(&buf, 'x'), -1);
	buf_release(&buf);
	buf_clear(&buf);
	assert_false(buf.failed);
}

static void
test_additions_follow_each_other(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 100);
	assert_int_equal(buf_add(&buf, "a\0b", 3), 0);
	assert_int_equal(buf_adds(&buf, "cd"), 0);
	assert_int_equal(buf_addc(&buf, 'e'), 0);
	assert_int_equal(buf_addf(&buf, "%d%%", 12), 0);
	assert_int_equal(buf.len, 9);
	assert_memory_equal(buf.data, "a\0bcde12%", 10);
	buf_release(&buf);
}

static void
test_nothing_may_be_added(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 0);
	assert_int_equal(buf_add(&buf, NULL, 0), 0);
	assert_int_equal(buf_adds(&buf, ""), 0);
	assert_int_equal(buf_addf(&buf, "%s", ""), 0);
	assert_int_equal(buf.len, 0);
	buf_release(&buf);
}

static void
test_buffer_grows_up_to_its_maximum(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 1000);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(buf_addc(&buf, 'x'), 0);
	assert_int_equal(buf.len, 1000);
	assert_int_equal(strlen(buf.data), 1000);
	assert_int_equal(buf_addc(&buf, 'x'), -1);
	buf_release(&buf);
}

static void
test_full_buffer_keeps_what_it_had(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 5);
	buf_adds(&buf, "abc");
	assert_int_equal(buf_adds(&buf, "def"), -1);
	assert_string_equal(buf_str(&buf), "abc");
	assert_int_equal(buf.len, 3);
	buf_release(&buf);
}

static void
test_failure_sticks_until_the_buffer_is_cleared(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 5);
	assert_int_equal(buf_addf(&buf, "%d", 1234567), -1);
	assert_true(buf.failed);
	assert_int_equal(buf_addc(&buf, 'x'), -1);
	assert_int_equal(buf_adds(&buf, ""), -1);
	buf_clear(&buf);
	assert_false(buf.failed);
	assert_int_equal(buf_adds(&buf, "abcde"), 0);
	assert_string_equal(buf_str(&buf), "abcde");
	buf_release(&buf);
}

static void
test_lengths_near_the_end_of_numbers_do_not_wrap(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, SIZE_MAX);
	buf_adds(&buf, "abc");
	assert_int_equal(buf_add(&buf, "x", SIZE_MAX), -1);
	assert_true(buf.failed);
	buf_clear(&buf);
	assert_int_equal(buf_add(&buf, "x", SIZE_MAX - 3), -1);
	assert_int_equal(buf.len, 0);
	buf_release(&buf);
}

static void
test_taken_text_is_the_callers(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 10);
	char *empty = buf_take(&buf);
	assert_string_equal(empty, "");
	buf_adds(&buf, "text");
	char *text = buf_take(&buf);
	assert_null(buf.data);
	assert_int_equal(buf_adds(&buf, "more"), 0);
	buf_release(&buf);
	assert_string_equal(text, "text");
	free(empty);
	free(text);
}

static void
test_cut_shortens_and_never_lengthens(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 10);
	buf_cut(&buf, 3);
	assert_int_equal(buf.len, 0);
	buf_adds(&buf, "abcdef");
	buf_cut(&buf, 7);
	assert_string_equal(buf_str(&buf), "abcdef");
	buf_cut(&buf, 2);
	assert_string_equal(buf_str(&buf), "ab");
	buf_release(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new_buffer_is_an_empty_string),
		cmocka_unit_test(
			test_zeroed_buffer_holds_nothing_and_may_be_released),
		cmocka_unit_test(test_additions_follow_each_other),
		cmocka_unit_test(test_nothing_may_be_added),
		cmocka_unit_test(test_buffer_grows_up_to_its_maximum),
		cmocka_unit_test(test_full_buffer_keeps_what_it_had),
		cmocka_unit_test(
			test_failure_sticks_until_the_buffer_is_cleared),
		cmocka_unit_test(
			test_lengths_near_the_end_of_numbers_do_not_wrap),
		cmocka_unit_test(test_taken_text_is_the_callers),
		cmocka_unit_test(test_cut_shortens_and_never_lengthens),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
