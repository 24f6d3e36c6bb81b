/* Forms in dialogue: what fills a slot, what is asked next, and how a form
 * ends. */
#include "form_fixture.h"

static void
test_a_trigger_begins_its_form_with_what_was_said(void **state)
{
	(void)state;
	say("I lost my Visa ending 1111 yesterday");
	assert_int_equal(result.kind, TURN_HANDOVER);
	assert_string_equal(result.rule, "trigger:card_lost");
	assert_int_equal(result.state, STATE_WAITING);
	assert_says("Call us.");
	assert_says("the intro");
	assert_says(
		"- What: Lost it\n- Card: ...1111\n- Day: 27 November 2026");
	assert_asks("Where?");
	assert_null(result.form);
	assert_in(result.record, "\"slot\":\"card\",\"type\":\"card\","
				 "\"span\":[22,26]");
}

static void
test_questions_follow_one_another_and_the_end_has_a_reference(void **state)
{
	char number[REFERENCE_SIZE];

	(void)state;
	say("my card was stolen, person"); /* the higher trigger */
	assert_says("the noted - What: Was stolen");
	assert_asks("Which card?");
	say("[card ok ...4242]");
	assert_int_equal(result.kind, TURN_FORM);
	assert_string_equal(result.rule, "form:card_lost");
	assert_says("- Card: ...4242");
	assert_asks("Which day?");
	say("today");
	assert_asks("Where?");
	say("Cork");
	assert_says("the noted - Place: Cork");
	assert_asks("Police?");
	say("yes");
	assert_says("the summary - What: Was stolen\n- Card: ...4242\n"
		    "- Day: 28 November 2026\n- Place: Cork\n"
		    "- Police: the yes");
	assert_null(result.form);
	say("yes");
	assert_non_null(result.form);
	assert_true(result.form->is_complete);
	assert_string_equal(result.form->form, "card_lost");
	assert_string_equal(result.form->title, "Lost card");
	assert_string_equal(
		result.form->slots,
		"[{\"slot\":\"what\",\"label\":\"What\",\"type\":\"choice\","
		"\"value\":\"stolen\",\"verdict\":\"ok\"},"
		"{\"slot\":\"card\",\"label\":\"Card\",\"type\":\"card\","
		"\"value\":\"...4242\",\"verdict\":\"ok\"},"
		"{\"slot\":\"day\",\"label\":\"Day\",\"type\":\"date\","
		"\"value\":\"2026-11-28\",\"verdict\":\"ok\"},"
		"{\"slot\":\"place\",\"label\":\"Place\",\"type\":\"text\","
		"\"value\":\"Cork\",\"verdict\":\"ok\"},"
		"{\"slot\":\"police\",\"label\":\"Police\","
		"\"type\":\"yes_no\",\"value\":\"yes\",\"verdict\":\"ok\"}]");
	assert_string_equal(result.form->reference,
			    reference_read(result.form->reference, number));
	assert_says(number);
	assert_says(pack->texts[TEXT_WAITING]);
	assert_false(has_form());
}

static void
test_what_does_not_apply_is_not_asked(void **state)
{
	(void)state;
	say("I lost my card ending 1111 yesterday");
	say("Cork");
	assert_says("the summary");
	assert_silent_of("Police");
	say("yes");
	assert_null(strstr(result.form->slots, "police"));
}

static void
test_an_offered_form_begins_at_yes_and_by_its_button(void **state)
{
	begin_address();
	assert_int_equal(result.state, STATE_BOT);
	fresh_form(state);
	choose("form:address");
	assert_asks("Which address?");
	choose("form:no_such_form");
	assert_int_equal(result.kind, TURN_ASK);
	assert_asks("Which address?");
}

static void
test_without_a_summary_the_last_answer_ends_it(void **state)
{
	(void)state;
	begin_address();
	say("12 Mill Lane, Cork");
	say("1 December");
	say("skip");
	assert_non_null(result.form);
	assert_true(result.form->is_complete);
	assert_in(result.form->slots, "\"slot\":\"rent\",\"label\":\"Rent\","
				      "\"type\":\"amount\",\"value\":\"\","
				      "\"verdict\":\"skipped\"");
	assert_int_equal(result.state, STATE_BOT);
	assert_silent_of(pack->texts[TEXT_WAITING]);
}

/* Each answer is wrong, and why. */
static void
test_a_wrong_answer_is_told_what_is_wrong_with_it(void **state)
{
	static const struct {
		const char *before[3], *answer, *reason, *question;
	} rows[] = {
		{{NULL}, "12", "the too_short 5", "Which address?"},
		{{NULL},
		 "a very long address that nobody could ever write down",
		 "the too_long 40",
		 "Which address?"},
		{{NULL}, "thanks", "Which address?", "Which address?"},
		{{"12 Mill Lane"}, "31 February", "the bad_date", "From when?"},
		{{"12 Mill Lane"}, "yesterday", "the past", "From when?"},
		{{"12 Mill Lane"}, "soon", "the not_found", "From when?"},
		{{"12 Mill Lane"},
		 "1 December or 2 December",
		 "the several",
		 "From when?"},
		{{"12 Mill Lane", "today"},
		 "5 euro",
		 "the too_low 10",
		 "Which rent?"},
		{{"12 Mill Lane", "today"},
		 "6000",
		 "the too_high 5000",
		 "Which rent?"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		fresh_form(state);
		begin_address();
		for (size_t j = 0; j < 3 && rows[i].before[j]; j++)
			say(rows[i].before[j]);
		say(rows[i].answer);
		assert_says(rows[i].reason);
		assert_asks(rows[i].question);
		assert_null(result.form);
	}
}

static void
test_a_date_that_is_asked_for_has_its_bounds(void **state)
{
	static const struct {
		const char *answer, *reason;
	} rows[] = {
		{"tomorrow", "the future"},
		{"3 March 2024", "the old 400"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		fresh_form(state);
		say("I lost my card ending 1111");
		assert_asks("Which day?");
		say(rows[i].answer);
		assert_says(rows[i].reason);
		assert_asks("The day, please");
	}
}

static void
test_a_card_whose_check_digit_is_wrong_is_asked_for_again(void **state)
{
	(void)state;
	say("my card was stolen");
	say("[card bad ...4242]");
	assert_says("the check");
	assert_asks("Which card?");
	say("1234");
	assert_says("- Card: ...1234");
}

static void
test_who_waits_is_asked_three_times_and_then_left_to_the_person(void **state)
{
	(void)state;
	say("I lost my card ending 1111");
	for (int i = 0; i < 2; i++) {
		say("whenever");
		assert_asks("The day, please");
		assert_int_equal(result.failed_turns, 0);
	}
	say("whenever");
	assert_says("the left");
	assert_asks("Where?");
	say("Cork");
	say("yes");
	assert_false(result.form->is_complete);
	assert_in(result.form->slots, "\"slot\":\"day\",\"label\":\"Day\","
				      "\"type\":\"date\",\"value\":\"\","
				      "\"verdict\":\"open\"");
}

static void
test_with_the_bot_alone_a_person_takes_over_what_cannot_be_left_out(
	void **state)
{
	(void)state;
	begin_address();
	say("12 Mill Lane");
	say("whenever");
	assert_int_equal(result.failed_turns, 1);
	assert_null(strstr(result.replies[0].options_json, "person"));
	say("whenever");
	assert_int_equal(result.failed_turns, 2);
	assert_non_null(strstr(result.replies[0].options_json, "person"));
	say("whenever");
	assert_int_equal(result.state, STATE_WAITING);
	assert_string_equal(result.rule, "form:address");
	assert_says("the person");
	assert_says(result.form->reference);
	assert_false(result.form->is_complete);
	assert_in(result.form->slots, "12 Mill Lane");
	assert_false(has_form());
}

static void
test_an_answer_ends_the_row_of_failures(void **state)
{
	(void)state;
	begin_address();
	say("12");
	assert_int_equal(result.failed_turns, 1);
	say("12 Mill Lane");
	assert_int_equal(result.failed_turns, 0);
	say("whenever");
	assert_int_equal(result.failed_turns, 1);
}

static void
test_a_choice_is_made_by_words_by_number_and_by_button(void **state)
{
	static const char *const numbers[] = {"2", " (2) ", "2."};

	for (size_t i = 0; i < 5; i++) {
		fresh_form(state);
		say("mugged");
		assert_asks("Lost or stolen?");
		assert_in(result.replies[0].options_json,
			  "\"id\":\"slot:what:stolen\"");
		if (i < 3)
			say(numbers[i]);
		else if (i == 3)
			choose("slot:what:stolen");
		else
			say("it got stolen");
		if (i == 3)
			assert_silent_of("- What");
		else
			assert_says("- What: Was stolen");
		assert_asks("Which card?");
		assert_in(conversation.memory,
			  "[\"what\",\"stolen\",\"ok\",10]");
	}
	choose("slot:what:lost"); /* of the question before */
	assert_says("- What: Lost it");
	assert_asks("Which card?");
	say("skip");
	say("lost or stolen");
	assert_asks("The day, please");
}

static void
test_a_number_is_the_option_that_the_reply_shows_with_it(void **state)
{
	(void)state;
	say("mugged");
	say("1");
	assert_says("- What: Lost it");
	assert_asks("Which card?");
	say("2"); /* none is shown now */
	assert_asks("Which card?");
	say("today, Visa ending 1111");
	say("Cork");
	assert_says("the summary");
	say("2"); /* of right and wrong */
	assert_says("the what");
	say("1"); /* nothing is shown */
	assert_null(result.form);
	say("today");
	assert_says("the summary");
	say("1");
	assert_non_null(result.form);
	assert_true(result.form->is_complete);
}

static void
test_what_can_be_left_out_is_skipped_and_the_rest_is_needed(void **state)
{
	(void)state;
	say("my card was stolen");
	say("I don't know");
	assert_asks("Which day?");
	say("skip");
	assert_says("the needed");
	assert_asks("The day, please");
	say("today");
	say("no"); /* none to say */
	assert_asks("Police?");
	say("skip"); /* another one */
	assert_says("the needed");
	say("no");
	assert_says("- Place: the empty\n- Police: the no");
}

static void
test_who_skips_twice_leaves_open_what_is_needed(void **state)
{
	(void)state;
	say("my card was stolen");
	say("skip");
	say("skip");
	assert_says("the needed");
	say("skip");
	assert_says("the left");
	assert_asks("Where?");
	fresh_form(state);
	begin_address(); /* only a person can go on without it */
	say("skip");
	assert_says("the needed");
	say("skip");
	assert_int_equal(result.state, STATE_WAITING);
	assert_false(has_form());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_trigger_begins_its_form_with_what_was_said),
		TEST(test_questions_follow_one_another_and_the_end_has_a_reference),
		TEST(test_what_does_not_apply_is_not_asked),
		TEST(test_an_offered_form_begins_at_yes_and_by_its_button),
		TEST(test_without_a_summary_the_last_answer_ends_it),
		TEST(test_a_wrong_answer_is_told_what_is_wrong_with_it),
		TEST(test_a_date_that_is_asked_for_has_its_bounds),
		TEST(test_a_card_whose_check_digit_is_wrong_is_asked_for_again),
		TEST(test_who_waits_is_asked_three_times_and_then_left_to_the_person),
		TEST(test_with_the_bot_alone_a_person_takes_over_what_cannot_be_left_out),
		TEST(test_an_answer_ends_the_row_of_failures),
		TEST(test_a_choice_is_made_by_words_by_number_and_by_button),
		TEST(test_a_number_is_the_option_that_the_reply_shows_with_it),
		TEST(test_what_can_be_left_out_is_skipped_and_the_rest_is_needed),
		TEST(test_who_skips_twice_leaves_open_what_is_needed),
	};

	return cmocka_run_group_tests_name("form", tests, set_up, tear_down);
}
