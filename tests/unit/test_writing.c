/* How texts are written. */
#include "test.h"

#include <string.h>

#include "text/writing.h"

static void
test_words_are_what_stands_between_blanks(void **state)
{
	(void)state;
	assert_int_equal(text_count_words(""), 0);
	assert_int_equal(text_count_words("  \n"), 0);
	assert_int_equal(text_count_words("Call 020 914\n(day or night)."), 6);
}

static void
expect_claim(const char *text, const char *words)
{
	size_t len = 0;
	const char *claim = text_find_claim(text, &len);

	if (!words && claim)
		fail_msg("'%s' claims nothing", text);
	if (!words)
		return;
	if (!claim)
		fail_msg("'%s' claims something", text);
	assert_int_equal(len, strlen(words));
	assert_memory_equal(claim, words, len);
}

static void
test_a_text_that_says_that_something_was_done_claims_it(void **state)
{
	(void)state;
	expect_claim("I have blocked your card.", "I have blocked");
	expect_claim("Good news: we've already cancelled it.",
		     "we've already cancelled");
	expect_claim("We refunded the fee.", "We refunded");
	expect_claim("Your request was processed.",
		     "Your request was processed");
	expect_claim("Thank you. Your card has now been blocked.",
		     "Your card has now been blocked");
	expect_claim("If it was stolen, I have blocked it.", "I have blocked");
}

static void
test_a_condition_or_a_rule_claims_nothing(void **state)
{
	(void)state;
	expect_claim("Once your card has been blocked, order a new one.", NULL);
	expect_claim("You get a letter after we have closed the account.",
		     NULL);
	expect_claim("Ask whether your claim was registered.", NULL);
	expect_claim("I cannot block your card from here.", NULL);
	expect_claim("A transfer that was sent cannot be called back.", NULL);
	expect_claim("We block it at once.", NULL);
	expect_claim("", NULL);
}

static void
test_a_preamble_answers_nothing(void **state)
{
	(void)state;
	assert_string_equal(text_find_preamble("Please note that it costs."),
			    "please note");
	assert_null(text_find_preamble("It costs nothing; please note that."));
	assert_null(text_find_preamble(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_are_what_stands_between_blanks),
		cmocka_unit_test(
			test_a_text_that_says_that_something_was_done_claims_it),
		cmocka_unit_test(test_a_condition_or_a_rule_claims_nothing),
		cmocka_unit_test(test_a_preamble_answers_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
