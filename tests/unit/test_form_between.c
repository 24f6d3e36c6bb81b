/* What comes between the questions of a form: other wishes, people, other
 * packs, crashes. */
#include "form_fixture.h"

static void
test_cancel_ends_it_and_nothing_is_kept(void **state)
{
	(void)state;
	begin_address();
	say("12 Mill Lane");
	say("forget it");
	assert_says("the cancelled");
	assert_null(result.form);
	assert_false(has_form());
	assert_int_equal(result.state, STATE_BOT);
	say("How do I order a new card?");
	assert_silent_of("From when?");
	fresh_form(state);
	say("my card was stolen");
	say("please cancel");
	assert_says("the cancelled");
	assert_says(pack->texts[TEXT_WAITING]);
	assert_int_equal(result.state, STATE_WAITING);
}

static void
test_a_question_in_between_is_answered_and_the_form_goes_on(void **state)
{
	(void)state;
	say("my card was stolen");
	say("How do I order a new card?");
	assert_int_equal(result.kind, TURN_ANSWER);
	assert_string_equal(result.entry, "card-order@3");
	assert_says("In the app, under Cards.");
	assert_asks("Which card?");
	say("skip");
	say("today");
	assert_asks("Where?");
	say("How do I order a new card?"); /* no place */
	assert_says("In the app, under Cards.");
	assert_asks("Where?");
	say("is this a robot");
	assert_says("A machine.");
	assert_asks("Where?");
	say("Cork");
	assert_asks("Police?");
}

static void
test_after_questions_in_a_row_the_form_waits_for_the_customer(void **state)
{
	(void)state;
	begin_address();
	for (int i = 0; i < 3; i++)
		say("How do I order a new card?");
	assert_asks("the paused New address");
	say("How do I order a new card?");
	assert_silent_of("Which address?");
	say("continue");
	assert_int_equal(result.kind, TURN_FORM);
	assert_asks("Which address?");
	say("12 Mill Lane");
	assert_asks("From when?");
}

static void
test_who_comes_back_the_next_day_is_not_asked_at_once(void **state)
{
	(void)state;
	begin_address();
	now_us += 25 * HOUR_US;
	say("How do I order a new card?");
	assert_int_equal(result.kind, TURN_ANSWER);
	assert_silent_of("Which address?");
	say("continue");
	assert_asks("Which address?");
}

static void
test_another_trigger_wins_and_the_form_waits(void **state)
{
	(void)state;
	say("my card was stolen");
	say("I will end my life");
	assert_string_equal(result.rule, "trigger:crisis");
	assert_says("You are not alone.");
	assert_asks("the paused Lost card");
	say("continue");
	assert_asks("Which card?");
}

static void
test_its_own_trigger_is_an_answer(void **state)
{
	(void)state;
	say("my card was stolen");
	say("skip");
	say("today");
	say("a stolen card");
	assert_int_equal(result.kind, TURN_FORM);
	assert_silent_of("Call us.");
	assert_asks("Police?");
}

static void
test_another_trigger_of_the_form_gives_its_aid_and_goes_on(void **state)
{
	(void)state;
	say("I lost my card");
	assert_asks("Which card?");
	say("[card ok ...4242], I was mugged today");
	assert_string_equal(result.rule, "trigger:card_taken");
	assert_says("Freeze it.");
	assert_says("- Day: 28 November 2026");
	assert_asks("Where?");
}

static void
test_another_form_keeps_what_the_first_one_had(void **state)
{
	(void)state;
	begin_address();
	say("12 Mill Lane");
	say("my card was stolen");
	assert_string_equal(result.rule, "trigger:card_lost");
	assert_non_null(result.form);
	assert_string_equal(result.form->form, "address");
	assert_false(result.form->is_complete);
	assert_asks("Which card?");
}

/* There is one case a turn. */
static void
test_a_form_that_ends_another_waits_for_the_customers_word(void **state)
{
	struct pack *short_pack =
		make_pack("forms:\n"
			  "- name: card_lost\n"
			  "  title: Lost card\n"
			  "  intro: i\n"
			  "  closing: 'kept as {{reference}}'\n"
			  "  slots:\n"
			  "  - {name: day, label: Day, type: date, question: "
			  "q}\n" ADDRESS_FORM);

	(void)state;
	knowledge.pack = short_pack;
	begin_address();
	say("12 Mill Lane");
	say("my card was stolen yesterday");
	assert_string_equal(result.form->form, "address");
	assert_in(result.form->slots, "12 Mill Lane");
	assert_asks("the summary - Day: 27 November 2026");
	say("yes");
	assert_string_equal(result.form->form, "card_lost");
	assert_true(result.form->is_complete);
	assert_false(has_form());
	fresh_form(state);
	knowledge.pack = short_pack;
	say("my card was stolen yesterday"); /* no other one ended */
	assert_string_equal(result.form->form, "card_lost");
	pack_free(short_pack);
	knowledge.pack = pack;
}

static void
test_a_person_can_be_asked_for_at_any_time(void **state)
{
	(void)state;
	begin_address();
	say("12 Mill Lane");
	say("person");
	assert_string_equal(result.rule, "trigger:human");
	assert_int_equal(result.state, STATE_WAITING);
	assert_asks("the paused New address");
	say("continue");
	assert_asks("From when?");
	fresh_form(state);
	begin_address();
	choose("person");
	assert_int_equal(result.state, STATE_WAITING);
	assert_asks("the paused New address");
}

static void
test_who_leaves_the_queue_goes_on_with_the_form(void **state)
{
	(void)state;
	say("I lost my card ending 1111");
	assert_asks("Which day?");
	/* It would be taken for an answer to that. */
	assert_null(strstr(result.replies[0].options_json, "\"bot\""));
	choose("bot"); /* of an earlier reply */
	assert_string_equal(result.rule, "left the queue");
	assert_int_equal(result.state, STATE_BOT);
	assert_int_equal(result.kind, TURN_FORM);
	assert_null(result.form);
	assert_asks("Which day?");
	say("yesterday");
	say("Cork");
	say("yes");
	assert_int_equal(result.state, STATE_BOT);
	assert_in(result.form->slots, "...1111");
	assert_true(result.form->is_complete);
	fresh_form(state);
	begin_address();
	choose("bot"); /* of an earlier wait: he has left no queue */
	assert_int_equal(result.n_changes, 0);
	assert_null(result.form);
	assert_asks("Which address?");
}

static void
test_who_leaves_the_queue_leaves_a_paused_form(void **state)
{
	(void)state;
	say("I lost my card ending 1111");
	say("person");
	assert_asks("the paused Lost card");
	choose("bot");
	assert_string_equal(result.rule, "left the queue");
	assert_silent_of("the paused");
	assert_in(result.form->slots, "...1111");
	assert_false(result.form->is_complete);
	assert_false(has_form());
}

static void
test_a_claim_ends_the_form_and_keeps_its_answers(void **state)
{
	(void)state;
	say("I lost my card ending 1111 yesterday");
	ann_does("claim");
	assert_int_equal(result.state, STATE_PERSON);
	assert_non_null(result.form);
	assert_true(result.form->is_complete); /* but for what may miss */
	assert_in(result.form->slots, "\"value\":\"...1111\"");
	assert_in(result.form->slots, "\"slot\":\"place\",\"label\":\"Place\","
				      "\"type\":\"text\",\"value\":\"\","
				      "\"verdict\":\"open\"");
	assert_false(has_form());
	say("Cork");
	assert_null(result.form);
	ann_does("return");
	say("Cork");
	assert_silent_of("Police?");
	fresh_form(state);
	begin_address();
	ann_does("claim"); /* before any answer */
	assert_null(result.form);
}

static void
test_a_form_that_opens_a_closed_conversation_goes_on(void **state)
{
	(void)state;
	conversation.state = STATE_CLOSED;
	choose("form:address");
	assert_int_equal(result.state, STATE_BOT);
	assert_asks("Which address?");
	assert_true(has_form());
	say("12 Mill Lane");
	assert_asks("From when?");
}

static void
test_a_finished_form_does_not_begin_again_while_he_waits(void **state)
{
	(void)state;
	say("I lost my card ending 1111 yesterday");
	say("Cork");
	say("yes");
	assert_non_null(result.form);
	say("my card was stolen");
	assert_says("Call us.");
	assert_silent_of("Which card?");
	ann_does("claim");
	ann_does("return");
	say("my card was stolen");
	assert_asks("Which card?");
}

static void
test_a_pack_that_changed_ends_the_form_with_words(void **state)
{
	(void)state;
	begin_address();
	say("12 Mill Lane");
	knowledge.pack = bare_pack; /* that form is gone */
	say("1 December");
	assert_says("the changed");
	assert_int_equal(result.state, STATE_WAITING);
	assert_in(result.form->slots,
		  "\"slot\":\"address\",\"label\":\"address\"");
	assert_in(result.form->slots, "12 Mill Lane");
	assert_says(result.form->reference);
	assert_false(has_form());
	fresh_form(state);
	say("I lost my card ending 1111 yesterday");
	knowledge.pack = bare_pack; /* that form asks something else */
	say("Cork");
	assert_says("the changed");
	assert_says(bare_pack->texts[TEXT_WAITING]);
	assert_non_null(result.form);
	fresh_form(state);
	begin_address();
	knowledge.pack = bare_pack;
	say("12 Mill Lane"); /* nothing was answered yet */
	assert_null(result.form);
	assert_int_equal(result.state, STATE_WAITING);
}

static void
test_a_crash_pauses_the_form(void **state)
{
	struct message message = customer("12 Mill Lane");
	struct pack deaf = *pack;

	(void)state;
	begin_address();
	message.crashes = 5;
	deaf.vocabulary = NULL; /* whoever looks at words falls over */
	knowledge.pack = &deaf;
	decide_all(&message, 1, the_desk);
	knowledge.pack = pack;
	assert_string_equal(result.rule, "crashed");
	assert_asks("the paused New address");
	say("continue");
	assert_asks("Which address?");
}

static void
test_marks_of_customers_do_nothing_in_a_list(void **state)
{
	(void)state;
	begin_address();
	say("12 *Mill* [Lane](x)");
	say("sorry, 14 *Mill* <Lane>");
	assert_says("- Address: 14 \\*Mill\\* \\<Lane\\>");
}

static void
test_the_same_input_gives_the_same_bytes(void **state)
{
	struct message message =
		customer("I lost my Visa ending 1111 yesterday");
	struct turn_input input = {
		.conversation = &conversation,
		.messages = &message,
		.n_messages = 1,
		.knowledge = &knowledge,
		.scratch = scratch,
		.desk = "desk",
		.now_us = NOON,
	};
	struct turn_result again;

	(void)state;
	for (int i = 0; i < 3; i++) {
		turn_decide(&input, &arena, &result);
		turn_decide(&input, &arena, &again);
		assert_string_equal(result.record, again.record);
		assert_string_equal(result.memory, again.memory);
		assert_string_equal(result.replies[0].text,
				    again.replies[0].text);
		conversation.memory = result.memory;
		conversation.state = result.state;
		conversation.turns++;
		message.text = i ? "yes" : "Cork";
	}
	assert_non_null(result.form);
	assert_string_equal(result.form->slots, again.form->slots);
	assert_string_equal(result.form->reference, again.form->reference);
}

static void
test_a_memory_that_is_damaged_ends_without_harm(void **state)
{
	static const char *const memories[] = {
		"{\"form\":{\"name\":\"card_lost\"}}",
		"{\"form\":{\"name\":\"card_lost\",\"slot\":\"nothing\"}}",
		("{\"form\":{\"name\":\"card_lost\",\"slot\":\"day\","
		 "\"values\":[[\"what\",\"neither\",\"ok\"],[],[1]]}}"),
		"{\"form\":{\"name\":7,\"values\":{}}}",
		"{\"form\":[]}",
	};

	for (size_t i = 0; i < sizeof memories / sizeof *memories; i++) {
		fresh_form(state);
		conversation.memory = memories[i];
		conversation.turns = 1;
		say("2 November");
		assert_true(result.n_replies >= 1);
		say("person");
		assert_int_equal(result.state, STATE_WAITING);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_cancel_ends_it_and_nothing_is_kept),
		TEST(test_a_question_in_between_is_answered_and_the_form_goes_on),
		TEST(test_after_questions_in_a_row_the_form_waits_for_the_customer),
		TEST(test_who_comes_back_the_next_day_is_not_asked_at_once),
		TEST(test_another_trigger_wins_and_the_form_waits),
		TEST(test_its_own_trigger_is_an_answer),
		TEST(test_another_trigger_of_the_form_gives_its_aid_and_goes_on),
		TEST(test_another_form_keeps_what_the_first_one_had),
		TEST(test_a_form_that_ends_another_waits_for_the_customers_word),
		TEST(test_a_person_can_be_asked_for_at_any_time),
		TEST(test_who_leaves_the_queue_goes_on_with_the_form),
		TEST(test_who_leaves_the_queue_leaves_a_paused_form),
		TEST(test_a_claim_ends_the_form_and_keeps_its_answers),
		TEST(test_a_form_that_opens_a_closed_conversation_goes_on),
		TEST(test_a_finished_form_does_not_begin_again_while_he_waits),
		TEST(test_a_pack_that_changed_ends_the_form_with_words),
		TEST(test_a_crash_pauses_the_form),
		TEST(test_marks_of_customers_do_nothing_in_a_list),
		TEST(test_the_same_input_gives_the_same_bytes),
		TEST(test_a_memory_that_is_damaged_ends_without_harm),
	};

	return cmocka_run_group_tests_name("form", tests, set_up, tear_down);
}
