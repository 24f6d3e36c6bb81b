/* How alike texts are. */
#include "test.h"

#include "text/alike.h"

static struct alike *alike;

static double
likeness(size_t a, size_t b)
{
	double x = alike_measure(alike, a, b);

	/* It is the same from both sides, and between nothing and all. */
	assert_true(x == alike_measure(alike, b, a));
	assert_true(x >= 0 && x <= 1);
	return x;
}

static void
test_the_same_words_are_all_alike(void **state)
{
	(void)state;
	alike = alike_new("en");
	alike_add(alike, "Where is my new card?");
	alike_add(alike, "my new cards, WHERE is");
	alike_add(alike, "transfer abroad");
	alike_weigh(alike);
	assert_true(likeness(0, 1) == 1);
	assert_true(likeness(0, 2) == 0);
	alike_free(alike);
}

static void
test_a_rare_word_counts_more_than_one_that_all_have(void **state)
{
	(void)state;
	alike = alike_new("en");
	size_t a = alike_add(alike, "card mortgage");
	size_t b = alike_add(alike, "loan mortgage");
	size_t c = alike_add(alike, "card savings");
	for (int i = 0; i < 10; i++)
		alike_add(alike, "card");
	alike_weigh(alike);
	assert_true(likeness(a, b) > likeness(a, c));
	assert_true(likeness(a, c) > 0);
	alike_free(alike);
}

static void
test_function_words_count_little(void **state)
{
	(void)state;
	alike = alike_new("en");
	alike_add(alike, "is my card here");
	alike_add(alike, "is my loan here");
	alike_weigh(alike);
	assert_true(likeness(0, 1) < 0.5);
	alike_free(alike);
}

static void
test_a_text_without_words_is_like_nothing(void **state)
{
	(void)state;
	alike = alike_new("en");
	alike_add(alike, "?!");
	alike_add(alike, "");
	alike_add(alike, "card");
	alike_weigh(alike);
	assert_true(likeness(0, 1) == 0);
	assert_true(likeness(0, 2) == 0);
	alike_free(alike);
	alike_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_same_words_are_all_alike),
		cmocka_unit_test(
			test_a_rare_word_counts_more_than_one_that_all_have),
		cmocka_unit_test(test_function_words_count_little),
		cmocka_unit_test(test_a_text_without_words_is_like_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
