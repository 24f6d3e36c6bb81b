#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/line_diff.h"

static void
expect(const char *old_text, const char *new_text, const char *lines)
{
	char got[256] = "";
	json_t *diff = line_diff(old_text, new_text);
	size_t i;
	json_t *line;

	json_array_foreach (diff, i, line) {
		strncat(got, json_string_value(line),
			sizeof got - strlen(got) - 1);
		strncat(got, "|", sizeof got - strlen(got) - 1);
	}
	json_decref(diff);
	assert_string_equal(got, lines);
}

static void
test_what_is_gone_and_what_is_new(void **state)
{
	(void)state;
	expect("", "", "");
	expect("a\nb\n", "a\nb\n", "");
	expect("a\nb\nc\n", "a\nx\nc\n", "- b|+ x|");
	expect("a\nb\n", "a\nb\nc\n", "+ c|");
	expect("a\nb\nc\n", "c\n", "- a|- b|");
	expect("", "a\n\n", "+ a|+ |");
	expect("a\nb\nc\nd\n", "b\nx\nd\ne\n", "- a|- c|+ x|+ e|");
	/* The end of the last line is no difference. */
	expect("a\nb", "a\nb\n", "");
}

/* More than the table has room for. */
static void
test_long_texts_are_told_whole(void **state)
{
	enum { N = 3000 };
	char *old_text = calloc(N, 8), *new_text = calloc(N, 8);

	(void)state;
	for (int i = 0, a = 0, b = 0; i < N; i++) {
		a += snprintf(old_text + a, 8, "%d\n", i);
		b += snprintf(new_text + b, 8, "%d\n", i + N);
	}
	json_t *diff = line_diff(old_text, new_text);
	assert_int_equal(json_array_size(diff), 2 * N);
	assert_string_equal(json_string_value(json_array_get(diff, 0)), "- 0");
	json_decref(diff);
	free(old_text);
	free(new_text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_gone_and_what_is_new),
		cmocka_unit_test(test_long_texts_are_told_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
