/* Answers to a form are corrected, and what was understood is confirmed. */
#include "form_fixture.h"

static void
test_a_correction_is_of_the_newest_answer_that_it_fits(void **state)
{
	static const struct {
		const char *text, *noted;
		bool was_stolen;
	} rows[] = {
		{"no, the 3rd", "- Day: 3 November 2026", false},
		{"sorry, it was yesterday", "- Day: 27 November 2026", false},
		{"actually 5 October", "- Day: 5 October 2026", false},
		{"sorry, the card ending 4242", "- Card: ...4242", false},
		{"no, i meant it was stolen", "- What: Was stolen", true},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		fresh_form(state);
		say("I lost my card ending 1111 on 2 November");
		assert_asks("Where?");
		say(rows[i].text);
		assert_says(rows[i].noted);
		assert_asks("Where?");
		say("Cork");
		assert_says(rows[i].was_stolen ? "Police?" : "the summary");
		say("no");
		say(rows[i].text);
		assert_says(rows[i].noted);
	}
}

static void
test_words_are_corrected_behind_what_says_so(void **state)
{
	(void)state;
	begin_address();
	say("12 Mill Lane");
	assert_asks("From when?");
	say("sorry, I meant 14 Mill Lane");
	assert_says("- Address: 14 Mill Lane");
	assert_asks("From when?");
	say("1 December");
	say("no, from 2 December");
	assert_says("- From: 2 December 2026");
	say("sorry, 900 euros");
	assert_in(result.form->slots, "900.00 EUR");
}

/* However often a message says that it corrects something, hearing it costs no
 * more than it does once. */
static void
test_a_message_of_corrections_alone_is_soon_done_with(void **state)
{
	char text[8001];

	(void)state;
	for (size_t i = 0; i < sizeof text - 1; i++)
		text[i] = "no "[i % 3];
	text[sizeof text - 1] = '\0';
	begin_address();
	say("12 Mill Lane");
	size_t used = arena.used;
	say(text);
	assert_true(arena.used - used < 4 * sizeof text);
	assert_asks("From when?");
	assert_in(conversation.memory, "12 Mill Lane");
	say("sorry, no, no, I meant 14 Mill Lane");
	assert_says("- Address: 14 Mill Lane");
}

static void
test_an_answer_that_fits_only_the_last_question_corrects_it(void **state)
{
	(void)state;
	say("my card was stolen");
	say("skip");
	say("2 November");
	say("Cork");
	assert_asks("Police?");
	say("on 3 November");
	assert_asks("Police?");
	say("yes");
	assert_says("- Day: 2 November 2026"); /* Cork was the last */
	fresh_form(state);
	begin_address();
	say("12 Mill Lane");
	say("1 December");
	say("from 2 December");
	assert_says("- From: 2 December 2026");
	assert_asks("Which rent?");
}

static void
test_a_named_slot_is_changed_at_once_or_asked_again(void **state)
{
	(void)state;
	say("I lost my card ending 1111 on 2 November");
	say("change the date to 3 November");
	assert_says("- Day: 3 November 2026");
	assert_asks("Where?");
	say("change the date");
	assert_asks("Which day?");
	say("4 November");
	assert_says("- Day: 4 November 2026");
	assert_asks("Where?");
}

static void
test_the_summary_is_corrected_until_it_is_right(void **state)
{
	(void)state;
	say("I lost my card ending 1111 on 2 November");
	say("Cork");
	assert_says("the summary");
	say("no");
	assert_says("the what");
	say("the date is wrong");
	assert_asks("Which day?");
	say("5 November");
	assert_says("the summary");
	assert_says("- Day: 5 November 2026");
	choose("form_wrong");
	assert_says("the what");
	choose("form_right");
	assert_non_null(result.form);
	assert_in(result.form->slots, "2026-11-05");
}

static void
test_a_summary_that_is_never_confirmed_ends_all_the_same(void **state)
{
	(void)state;
	say("I lost my card ending 1111 on 2 November");
	say("Cork");
	for (int i = 0; i < 2; i++) {
		say("no");
		assert_null(result.form);
	}
	say("no");
	assert_non_null(result.form);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_correction_is_of_the_newest_answer_that_it_fits),
		TEST(test_words_are_corrected_behind_what_says_so),
		TEST(test_a_message_of_corrections_alone_is_soon_done_with),
		TEST(test_an_answer_that_fits_only_the_last_question_corrects_it),
		TEST(test_a_named_slot_is_changed_at_once_or_asked_again),
		TEST(test_the_summary_is_corrected_until_it_is_right),
		TEST(test_a_summary_that_is_never_confirmed_ends_all_the_same),
	};

	return cmocka_run_group_tests_name("form", tests, set_up, tear_down);
}
