/* Did you mean: what is offered, how it is chosen, and where it ends. */
#include "turn_fixture.h"

#include "base/json.h"
#include "packs.h"

static int
set_up(void **state)
{
	(void)state;
	struct index_builder *builder = index_builder_new("en");
	add_entry(builder, "lost", "What do I do when my card is lost?",
		  "Ring us.", 0);
	add_entry(builder, "broken", "What do I do when my card is broken?",
		  "Order one.", 0);
	add_entry(builder, "late", "What do I do when my card is late?",
		  "Wait a week.", 0);
	add_entry(builder, "kept", "What do I do when my card is kept?",
		  "Ask inside.", 0);
	add_entry(builder, "parking", "Where may I park?", "Behind.", 0);
	add_fillers(builder);
	know(pack_shipped("banking"), builder);
	return 0;
}

static void
assert_options(const char *ids)
{
	char got[256] = "";
	size_t i, len = 0;
	json_t *row,
		*list = json_loads(result.replies[0].options_json, 0, NULL);

	json_array_foreach (list, i, row)
		len += (size_t)snprintf(got + len, sizeof got - len, "%s%s",
					i ? " " : "",
					json_get_text(row, "id", ""));
	json_decref(list);
	assert_string_equal(got, ids);
}

#define THREE "faq:lost faq:broken faq:late"

static void
ask_which(void)
{
	fresh(NULL);
	say("my card, what do I do?");
	assert_int_equal(result.kind, TURN_OPTIONS);
	assert_options(THREE " none");
}

static void
test_in_doubt_three_entries_are_offered_and_none_of_them(void **state)
{
	(void)state;
	ask_which();
	assert_says_text(TEXT_OPTIONS);
	assert_int_equal(result.failed_turns, 1);
	assert_non_null(strstr(result.replies[0].options_json,
			       "What do I do when my card is broken?"));
}

static void
test_an_option_is_chosen_by_its_button_number_or_words(void **state)
{
	static const struct {
		const char *words, *entry;
	} rows[] = {
		{"2", "broken@3"},
		{"(3).", "late@3"},
		{"the second", "broken@3"},
		{"The second one please", "broken@3"},
		{"option 3", "late@3"},
		{"number two", "broken@3"},
		{"no, the third", "late@3"},
		{"the last one", "late@3"},
		{"the lost one", "lost@3"},
		{"my card is broken", "broken@3"},
		{"What do I do when my card is late?", "late@3"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		ask_which();
		say(rows[i].words);
		if (strcmp(result.entry, rows[i].entry) != 0)
			fail_msg("%s: %s by %s", rows[i].words, result.entry,
				 result.rule);
		assert_int_equal(result.kind, TURN_ANSWER);
		assert_int_equal(result.failed_turns, 0);
	}
	ask_which();
	choose("faq:late");
	assert_string_equal(result.entry, "late@3");
}

static void
test_other_words_choose_nothing(void **state)
{
	static const char *const words[] = {
		"card",		  "what do I do",      "the fifth",
		"not the second", "first or second",   "5",
		"the blue one",	  "the lost passport",
	};
	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		ask_which();
		say(words[i]);
		assert_string_not_equal(result.rule, "confirmed");
	}
	ask_which();
	say("Where may I park?");
	assert_string_equal(result.entry, "parking@3");
	assert_string_equal(result.rule, "retrieval");
}

static void
test_none_of_these_is_a_failed_turn_and_offers_a_person(void **state)
{
	static const char *const words[] = {"none", "neither",
					    "no",   "none of these",
					    "4",    "no, none of them"};
	(void)state;
	for (size_t i = 0; i <= sizeof words / sizeof *words; i++) {
		ask_which();
		if (i < sizeof words / sizeof *words)
			say(words[i]);
		else
			choose("none");
		assert_int_equal(result.kind, TURN_ASK);
		assert_string_equal(result.rule, "none_of_these");
		assert_int_equal(result.failed_turns, 2);
		/* That he should find other words would be one word too many.
		 */
		assert_null(strstr(result.replies[0].text,
				   knowledge.pack->texts[TEXT_ASK]));
		assert_says_text(TEXT_OFFER_PERSON);
		assert_options("person");
	}
}

static void
test_yes_to_several_is_asked_which_one(void **state)
{
	(void)state;
	ask_which();
	say("yes");
	assert_int_equal(result.kind, TURN_OPTIONS);
	assert_string_equal(result.rule, "which_one");
	assert_int_equal(result.failed_turns, 2);
	assert_says_text(TEXT_WHICH);
	assert_null(strstr(result.replies[0].text,
			   knowledge.pack->texts[TEXT_OFFER_PERSON]));
	assert_options(THREE " person none");
	struct conversation before = conversation;
	say("2");
	assert_string_equal(result.entry, "broken@3");
	conversation = before;
	say("yes"); /* a person was offered meanwhile */
	assert_int_equal(result.state, STATE_WAITING);
	fresh(NULL);
	choose("which"); /* nobody offers that */
	assert_string_equal(result.rule, "option_gone");
}

static void
test_yes_to_the_one_that_was_asked_about_is_the_choice_of_it(void **state)
{
	(void)state;
	fresh(NULL);
	knowledge.settings.threshold = 1.1;
	say("Where may I park?");
	knowledge.settings.threshold = 0.6;
	assert_options("faq:parking");
	say("yes");
	assert_string_equal(result.rule, "confirmed");
	assert_string_equal(result.entry, "parking@3");
}

static void
test_the_same_options_do_not_come_twice_in_a_row(void **state)
{
	(void)state;
	ask_which();
	say("what do I do, my card?");
	assert_int_equal(result.kind, TURN_ASK);
	assert_says_text(TEXT_ASK);
	assert_options("person");
}

static void
test_who_fails_a_third_time_gets_a_person(void **state)
{
	static const char *const words[] = {"xyzzy", "yes", "1",
					    "my card, what do I do?"};
	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		ask_which();
		say("none");
		say(words[i]);
		assert_int_equal(result.kind, TURN_HANDOVER);
		assert_int_equal(result.state, STATE_WAITING);
		assert_options("bot");
	}
	assert_string_equal(result.rule, "not_understood");
	assert_int_equal(result.failed_turns, 0);
}

static void
test_who_declines_a_person_gets_none(void **state)
{
	static const char *const words[] = {"no", "no thanks", "no, bye",
					    "none"};
	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		ask_which();
		say("none");
		say(words[i]);
		assert_int_equal(result.kind, TURN_SMALLTALK);
		assert_int_equal(result.failed_turns, 0);
		say("xyzzy");
		assert_int_equal(result.state, STATE_BOT);
		say("xyzzy");
		assert_options("person");
	}
}

static void
test_with_options_and_a_person_each_can_be_chosen(void **state)
{
	(void)state;
	fresh(NULL);
	say("xyzzy");
	say("my card, what do I do?");
	assert_int_equal(result.kind, TURN_OPTIONS);
	assert_options(THREE " person none");
	struct conversation before = conversation;
	say("4");
	assert_string_equal(result.rule, "asked");
	conversation = before;
	say("yes"); /* to what was asked last */
	assert_string_equal(result.rule, "asked");
	conversation = before;
	say("no");
	assert_int_equal(result.kind, TURN_SMALLTALK);
	conversation = before;
	say("2");
	assert_string_equal(result.entry, "broken@3");
	conversation = before;
	say("5");
	assert_int_equal(result.kind, TURN_HANDOVER);
	assert_string_equal(result.rule, "not_understood");
}

static void
test_no_to_the_one_that_was_asked_about_is_a_failed_turn(void **state)
{
	(void)state;
	fresh(NULL);
	knowledge.settings.threshold = 1.1;
	say("Where may I park?");
	knowledge.settings.threshold = 0.6;
	assert_int_equal(result.kind, TURN_ASK);
	assert_options("faq:parking");
	say("no");
	assert_string_equal(result.rule, "none_of_these");
	assert_int_equal(result.failed_turns, 2);
}

static void
test_who_waits_is_offered_nothing(void **state)
{
	(void)state;
	fresh(NULL);
	say("I want to speak to a person");
	say("my card, what do I do?");
	assert_int_equal(result.kind, TURN_HANDOVER);
	assert_options("bot");
	say("the second");
	assert_int_equal(result.kind, TURN_HANDOVER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_in_doubt_three_entries_are_offered_and_none_of_them),
		cmocka_unit_test(
			test_an_option_is_chosen_by_its_button_number_or_words),
		cmocka_unit_test(test_other_words_choose_nothing),
		cmocka_unit_test(
			test_none_of_these_is_a_failed_turn_and_offers_a_person),
		cmocka_unit_test(test_yes_to_several_is_asked_which_one),
		cmocka_unit_test(
			test_yes_to_the_one_that_was_asked_about_is_the_choice_of_it),
		cmocka_unit_test(
			test_the_same_options_do_not_come_twice_in_a_row),
		cmocka_unit_test(test_who_fails_a_third_time_gets_a_person),
		cmocka_unit_test(test_who_declines_a_person_gets_none),
		cmocka_unit_test(
			test_with_options_and_a_person_each_can_be_chosen),
		cmocka_unit_test(
			test_no_to_the_one_that_was_asked_about_is_a_failed_turn),
		cmocka_unit_test(test_who_waits_is_offered_nothing),
	};
	return cmocka_run_group_tests_name("choose", tests, set_up, forget);
}
