/* Filling {{names}} of approved texts. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "text/template.h"

static const char *
value(const void *arg, const char *name, size_t len)
{
	assert_string_equal(arg, "arg");
	if (len == 4 && memcmp(name, "bank", 4) == 0)
		return "Muster & S\xC3\xB6hne";
	if (len == 10 && memcmp(name, "Card_2.fee", 10) == 0)
		return "{{bank}} 5 %s";
	if (len == 5 && memcmp(name, "empty", 5) == 0)
		return "";
	return NULL;
}

static void
expect_filled(const char *text, const char *filled)
{
	struct err err = {0};
	struct buf out;

	buf_init(&out, 1000);
	buf_adds(&out, "<");
	assert_int_equal(template_fill(&out, text, value, "arg", &err), 0);
	buf_adds(&out, ">");
	assert_memory_equal(out.data + 1, filled, strlen(filled));
	assert_int_equal(out.len, strlen(filled) + 2);
	assert_string_equal(err.text, "");
	buf_release(&out);
}

static void
expect_words(const char *text, const char *words)
{
	struct err err = {0};
	struct buf out;

	buf_init(&out, 1000);
	buf_adds(&out, "before");
	assert_int_equal(template_fill(&out, text, value, "arg", &err), -1);
	assert_string_equal(err.text, words);
	assert_string_equal(buf_str(&out), "before");
	buf_release(&out);
}

static void
test_names_become_values(void **state)
{
	(void)state;
	expect_filled("", "");
	expect_filled("no name } here {}", "no name } here {}");
	expect_filled("{{bank}}", "Muster & S\xC3\xB6hne");
	expect_filled("a{{bank}}b{{empty}}c{{bank}}",
		      "aMuster & S\xC3\xB6hne"
		      "bcMuster & S\xC3\xB6hne");
	expect_filled("{ {bank} }} }}", "{ {bank} }} }}");
}

static void
test_values_are_not_looked_at_again(void **state)
{
	(void)state;
	expect_filled("{{Card_2.fee}}", "{{bank}} 5 %s");
}

static void
test_a_name_without_a_value_is_named(void **state)
{
	(void)state;
	expect_words("a {{bank}} {{bnak}} b",
		     "there is no value for '{{bnak}}'");
	expect_words(
		"{{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}}",
		"there is no value for '{{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaa}}'");
}

static void
test_an_open_name_is_shown(void **state)
{
	(void)state;
	expect_words("a {{bank", "'{{bank': the '{{' is not closed by '}}'");
	expect_words("a {{", "'{{': the '{{' is not closed by '}}'");
	expect_words("a {{bank} b",
		     "'{{bank} b': the '{{' is not closed by '}}'");
}

static void
test_what_is_no_name_is_shown(void **state)
{
	(void)state;
	expect_words("{{}}", "'{{}}' holds no name: letters, digits, '_' and "
			     "'.', without spaces");
	expect_words("{{ bank }}", "'{{ bank }}' holds no name: letters, "
				   "digits, '_' and '.', without spaces");
	expect_words("{{{bank}}}", "'{{{bank}}' holds no name: letters, "
				   "digits, '_' and '.', without spaces");
	expect_words("{{b\nk}}", "'{{b k}}' holds no name: letters, digits, "
				 "'_' and '.', without spaces");
	expect_words("{{bank}", "'{{bank}': the '{{' is not closed by '}}'");
}

static void
test_a_result_that_does_not_fit_is_an_error(void **state)
{
	struct err err = {0};
	struct buf out;

	(void)state;
	buf_init(&out, 10);
	buf_adds(&out, "abc");
	assert_int_equal(template_fill(&out, "{{bank}}", value, "arg", &err),
			 -1);
	assert_string_equal(err.text, "with its values the text is longer than "
				      "10 bytes");
	assert_string_equal(buf_str(&out), "abc");
	buf_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_become_values),
		cmocka_unit_test(test_values_are_not_looked_at_again),
		cmocka_unit_test(test_a_name_without_a_value_is_named),
		cmocka_unit_test(test_an_open_name_is_shown),
		cmocka_unit_test(test_what_is_no_name_is_shown),
		cmocka_unit_test(test_a_result_that_does_not_fit_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
