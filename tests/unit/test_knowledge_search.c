/* Knowledge is listed and searched by hand. */
#include "knowledge_fixture.h"

static void
test_list_is_by_name_in_pages_and_by_state(void **state)
{
	struct fixture *f = *state;
	const struct faq_version *found;

	put(f, "c", "one", 0, true);
	put(f, "a", "one", 0, true);
	put(f, "b", "one", 0, false);
	put(f, "d", "one", 0, true);
	put(f, "a", "two", 1, false);
	judge(f, "d", 0, false);
	assert_int_equal(list(f, NULL, NULL, 3, &found), 3);
	assert_string_equal(found[0].name, "a");
	assert_int_equal(found[0].version, 2);
	assert_string_equal(found[0].state, "draft");
	assert_string_equal(found[1].name, "b");
	assert_string_equal(found[2].name, "c");
	assert_int_equal(list(f, NULL, "c", 3, &found), 1);
	assert_string_equal(found[0].name, "d");
	assert_int_equal(list(f, "draft", NULL, 9, &found), 2);
	assert_int_equal(list(f, "approved", NULL, 9, &found), 1);
	assert_string_equal(found[0].name, "c");
	assert_int_equal(list(f, "retired", NULL, 9, &found), 1);
	assert_int_equal(list(f, NULL, NULL, 0, &found), 0);
}

static void
put_question(struct fixture *f, const char *name, const char *question,
	     const char *answer)
{
	struct faq_version version = version_of(name, answer);
	struct store_put_version put = {
		.write.verb = &store_verb_put_version,
		.version = &version,
		.is_approved = true,
		.actor = "bob",
		.now_us = NOW_US,
	};

	version.question = question;
	assert_int_equal(store_call(f->store, &put.write), STORE_OK);
}

static void
test_search_finds_words_prefixes_and_else_any_word(void **state)
{
	struct fixture *f = *state;

	put_question(f, "block", "How do I block my card?", "Call us.");
	put_question(f, "pin", "How do I change the PIN of a card?",
		     "At an ATM.");
	put_question(f, "koeln",
		     "Wo ist die Stra\xC3\x9F"
		     "e nach K\xC3\xB6ln?",
		     "Dort.");
	assert_string_equal(search_at(f, "card blo", 0), "block@1");
	assert_string_equal(search_at(f, "CARDS", 0), "block@1 pin@1");
	assert_string_equal(search_at(f, "koln", 0), "koeln@1");
	assert_string_equal(search_at(f, "pin elephants", 0), "pin@1");
	assert_string_equal(search_at(f, "elephants", 0), "");
	assert_string_equal(search_at(f, "", 0), "");
	assert_string_equal(search_at(f, " \t\n", 0), "");
}

static void
test_nothing_in_a_search_is_syntax(void **state)
{
	static const char *const nasty[] = {
		"\"",
		"\"\"",
		"a\"b",
		"*",
		"card*",
		"^card",
		"question:card",
		"-card",
		"NOT",
		"AND",
		"OR",
		"NEAR(a b)",
		"(",
		")",
		"{a b}:c",
		"a + b",
		"'",
		"card AND",
		"--",
		";",
		"\xE2\x80\x94",
		"card \"",
		"\xFF\xFE",
		"col:\"x\" OR *",
		"a\\",
		"%",
	};
	struct fixture *f = *state;
	char longest[9000];

	put_question(f, "block", "How do I block my card?", "Call us.");
	for (size_t i = 0; i < sizeof nasty / sizeof *nasty; i++)
		search_at(f, nasty[i], 0);
	assert_string_equal(search_at(f, "card*", 0), "block@1");
	assert_string_equal(search_at(f, "\"card\"", 0), "block@1");
	memset(longest, 'x', sizeof longest);
	longest[sizeof longest - 1] = '\0';
	assert_string_equal(search_at(f, longest, 0), "");
	for (size_t i = 0; i + 6 < sizeof longest; i += 5)
		memcpy(longest + i, "card ", 5);
	assert_string_equal(search_at(f, longest, 0), "block@1");
}

static void
test_search_looks_at_the_newest_or_at_what_was_in_force(void **state)
{
	struct fixture *f = *state;

	put_at(f, "a", "tulips", 0, true, NOW_US + 1);
	put_at(f, "a", "roses", 1, true, NOW_US + 2);
	put_at(f, "a", "lilies", 2, false, NOW_US + 3);
	assert_string_equal(search_at(f, "tulips", 0), "");
	assert_string_equal(search_at(f, "roses", 0), "");
	assert_string_equal(search_at(f, "lilies", 0), "a@3");
	assert_string_equal(search_at(f, "tulips", NOW_US), "");
	assert_string_equal(search_at(f, "tulips", NOW_US + 1), "a@1");
	assert_string_equal(search_at(f, "roses", NOW_US + 1), "");
	assert_string_equal(search_at(f, "roses", NOW_US + 3), "a@2");
	judge(f, "a", 2, false);
	assert_string_equal(search_at(f, "roses", NOW_US + 4), "");
	assert_string_equal(search_at(f, "roses", NOW_US + 3), "a@2");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(test_list_is_by_name_in_pages_and_by_state),
		test(test_search_finds_words_prefixes_and_else_any_word),
		test(test_nothing_in_a_search_is_syntax),
		test(test_search_looks_at_the_newest_or_at_what_was_in_force),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
