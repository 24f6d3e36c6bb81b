/* Slips are told from other words. */
#include "test.h"

#include "text/slip.h"

static void
test_slips_are_told(void **state)
{
	static const char *const pairs[][2] = {
		{"chnage", "change"},	     {"adress", "address"},
		{"limmit", "limit"},	     {"exces", "excess"},
		{"stnding", "standing"},     {"contacless", "contactless"},
		{"insurence", "insurance"},  {"abroda", "abroad"},
		{"statwement", "statement"}, {"mkae", "make"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		if (!text_is_slip(pairs[i][0], pairs[i][1]))
			fail_msg("no slip: %s", pairs[i][0]);
}

static void
test_other_words_are_told(void **state)
{
	static const char *const pairs[][2] = {
		{"speed", "spend"},
		{"lots", "lost"},
		{"cna", "can"},
		{"arise", "raise"},
		{"town", "own"},
		{"playing", "paying"},
		{"ensure", "insure"},
		{"receive", "received"},
		{"provider", "provide"},
		{"meet", "met"},
		{"", "a"},
		{"a", ""},
		{"refer", "prefer"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		if (text_is_slip(pairs[i][0], pairs[i][1]))
			fail_msg("a slip: %s", pairs[i][0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slips_are_told),
		cmocka_unit_test(test_other_words_are_told),
	};
	return cmocka_run_group_tests_name("slip", tests, NULL, NULL);
}
