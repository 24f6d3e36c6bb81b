/* Card numbers: the numbers are those that schemes publish for tests. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "text/card.h"

static const char *const cards[] = {
	"4111111111111111", "4012888888881881", "4222222222222",
	"5555555555554444", "5105105105105100", "2223003122003222",
	"378282246310005",  "371449635398431",	"30569309025904",
	"38520000023237",   "6011111111111117", "6011000990139424",
	"3530111333300000", "3566002020360505", "6200000000000005",
	"6304000000000000", "5019717010103742", "2200770239097761",
	"6759649826438453", "122000000000003",
};

static void
test_test_cards_of_schemes_are_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cards / sizeof *cards; i++) {
		size_t n = strlen(cards[i]);
		if (!card_has_issuer(cards[i], n) ||
		    !card_passes_luhn(cards[i], n))
			fail_msg("%s is refused", cards[i]);
	}
}

static void
test_one_wrong_digit_fails_the_check(void **state)
{
	char card[] = "4111111111111111";

	(void)state;
	for (size_t i = 0; i < 16; i++) {
		char digit = card[i];
		card[i] = digit == '9' ? '0' : (char)(digit + 1);
		assert_false(card_passes_luhn(card, 16));
		card[i] = digit;
	}
}

static void
test_ranges_have_their_lengths(void **state)
{
	(void)state;
	assert_false(card_has_issuer("411111111111111", 15));
	assert_false(card_has_issuer("37144963539843100", 17));
	assert_false(card_has_issuer("5555555555554444000", 19));
	assert_true(card_has_issuer("4111111111111111000", 19));
	assert_false(card_has_issuer("41111111111", 11));
	assert_false(card_has_issuer("41111111111111111111", 20));
}

static void
test_numbers_of_no_issuer_are_refused(void **state)
{
	static const char *const prefixes[] = {"0000", "2100", "2721", "3000",
					       "3527", "3590", "7000", "9000"};
	char digits[17];

	(void)state;
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
		snprintf(digits, sizeof digits, "%s000000000000", prefixes[i]);
		bool is_diners = strcmp(prefixes[i], "3000") == 0;
		assert_int_equal(card_has_issuer(digits, 16), is_diners);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_test_cards_of_schemes_are_known),
		cmocka_unit_test(test_one_wrong_digit_fails_the_check),
		cmocka_unit_test(test_ranges_have_their_lengths),
		cmocka_unit_test(test_numbers_of_no_issuer_are_refused),
	};

	return cmocka_run_group_tests_name("card", tests, NULL, NULL);
}
