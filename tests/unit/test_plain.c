/* Words of customers in CommonMark. */
#include "test.h"

#include "base/buf.h"
#include "text/plain.h"

static void
test_words_are_shown_as_they_were_written(void **state)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{"12 Mill Lane, T12 X8K2", "12 Mill Lane, T12 X8K2"},
		{"*now* _or_ `never`", "\\*now\\* \\_or\\_ \\`never\\`"},
		{"<b> & ~ |", "\\<b\\> \\& \\~ \\|"},
		{"[a](b) [c][d]", "[a]\\(b) [c]\\[d]"},
		{"[card ok ...1111]", "[card ok ...1111]"},
		{"one\ntwo\r\n# three", "one two  # three"},
		{"back\\slash", "back\\\\slash"},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf out;
		buf_init(&out, 256);
		plain_add(&out, rows[i].text);
		assert_string_equal(buf_str(&out), rows[i].expected);
		buf_release(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_are_shown_as_they_were_written),
	};

	return cmocka_run_group_tests_name("plain", tests, NULL, NULL);
}
