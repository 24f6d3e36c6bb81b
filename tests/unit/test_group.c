#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faq/group.h"

/* As a desk's questions are. */
static struct groups *
make_groups(void)
{
	static const char *const others[] = {
		"How do I order a card?",      "How do I pay a bill?",
		"What is a direct debit?",     "What does an account cost?",
		"How do I change my address?", "What is the limit of my card?",
		"How do I open an account?",   "How do I stop a payment?",
		"What does a transfer cost?",  "Can I have a second account?"};
	struct groups *groups = groups_new("en");

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		groups_see(groups, others[i]);
	return groups;
}

static void
test_questions_that_ask_the_same_are_together(void **state)
{
	struct groups *groups = make_groups();

	(void)state;
	assert_int_equal(groups_add(groups, "How do I freeze my card?"), 0);
	assert_int_equal(groups_add(groups, "What is a mortgage rate?"), 1);
	assert_int_equal(groups_add(groups, "freeze card please"), 0);
	assert_int_equal(groups_add(groups, "freze my card"), 0);
	assert_int_equal(groups_add(groups, "mortgage rates"), 1);
	assert_int_equal(groups_add(groups, "FREEZING MY CARDS!!"), 0);
	assert_int_equal(groups_count(groups), 2);
	groups_free(groups);
}

static void
test_a_word_in_common_is_not_enough(void **state)
{
	struct groups *groups = make_groups();

	(void)state;
	assert_int_equal(groups_add(groups, "card limit abroad"), 0);
	assert_int_equal(groups_add(groups, "card delivery time"), 1);
	assert_int_equal(groups_add(groups, "How do I close my account?"), 2);
	assert_int_equal(groups_add(groups, "How do I order a cheque book?"),
			 3);
	groups_free(groups);
}

static void
test_of_several_the_nearest_is_taken(void **state)
{
	struct groups *groups = make_groups();

	(void)state;
	assert_int_equal(groups_add(groups, "limit of the card abroad"), 0);
	assert_int_equal(groups_add(groups, "delivery of the card by post"), 1);
	assert_int_equal(
		groups_add(groups, "card limit abroad, delivery at home"), 0);
	assert_int_equal(groups_add(groups, "card delivery by post, limit 5"),
			 1);
	groups_free(groups);
}

static void
test_what_has_no_words_is_in_no_group(void **state)
{
	struct groups *groups = make_groups();

	(void)state;
	assert_int_equal(groups_add(groups, ""), -1);
	assert_int_equal(groups_add(groups, "??? ... \n"), -1);
	assert_int_equal(groups_add(groups, "is it the?"), -1);
	assert_int_equal(groups_add(groups, "2"), -1);
	assert_int_equal(groups_add(groups, "1,234.50"), -1);
	assert_int_equal(groups_count(groups), 0);
	groups_free(groups);
	groups_free(NULL);
}

/* One word of 64 KiB, then thousands of words, then thousands of groups. */
static void
test_nothing_is_too_long(void **state)
{
	struct groups *groups = groups_new("xx");
	char *text = malloc(65536 + 1), name[32];

	(void)state;
	memset(text, 'q', 65536);
	text[65536] = '\0';
	assert_int_equal(groups_add(groups, text), 0);
	for (size_t i = 0; i + 8 < 65536; i += 8) {
		snprintf(name, sizeof name, "w%06zu ", i);
		memcpy(text + i, name, 8);
	}
	assert_int_equal(groups_add(groups, text), 1);
	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof name, "%c%d", 'a' + i % 26, 1000 + i);
		assert_true(groups_add(groups, name) >= 0);
	}
	groups_free(groups);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_questions_that_ask_the_same_are_together),
		cmocka_unit_test(test_a_word_in_common_is_not_enough),
		cmocka_unit_test(test_of_several_the_nearest_is_taken),
		cmocka_unit_test(test_what_has_no_words_is_in_no_group),
		cmocka_unit_test(test_nothing_is_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
