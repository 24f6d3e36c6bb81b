/* What a question leaves out is what was answered last; and two questions at
 * once. */
#include "turn_fixture.h"

#include "base/json.h"
#include "packs.h"

static int
set_up(void **state)
{
	(void)state;
	struct index_builder *builder = index_builder_new("en");
	add_entry(builder, "transfer", "How do I make a transfer?",
		  "Under Pay.", 0);
	add_entry(builder, "transfer-time", "How long does a transfer take?",
		  "A day.", 0);
	add_entry(builder, "transfer-cancel", "Can I cancel a transfer?",
		  "Within the hour.", 0);
	add_entry(builder, "loan", "How do I apply for a loan?", "At a branch.",
		  0);
	add_entry(builder, "loan-time", "How long does a loan take?", "A week.",
		  0);
	add_entry(builder, "hours", "What are your opening hours?", "9 to 5.",
		  0);
	add_fillers(builder);
	know(pack_shipped("banking"), builder);
	return 0;
}

static int
begin(void **state)
{
	now_us = NOW;
	return fresh(state);
}

static void
assert_answer(const char *rule, const char *entry)
{
	assert_int_equal(result.kind, TURN_ANSWER);
	assert_string_equal(result.rule, rule);
	assert_string_equal(result.entry, entry);
}

static void
test_what_is_left_out_is_what_was_answered_last(void **state)
{
	(void)state;
	say("How do I make a transfer?");
	say("how long does that take?");
	assert_answer("follow_up", "transfer-time@3");
	assert_non_null(strstr(result.record, "\"searched\":{\"span\":[0,24],"
					      "\"with\":\"make transfer\"}"));
	say("How do I apply for a loan?");
	assert_null(strstr(result.record, "searched"));
	say("and how long does it take?");
	assert_answer("follow_up", "loan-time@3");
}

static void
test_without_a_topic_it_is_not_guessed(void **state)
{
	(void)state;
	say("how long does that take?");
	assert_int_not_equal(result.kind, TURN_ANSWER);
	assert_null(strstr(result.record, "searched"));
}

static void
test_a_chosen_answer_is_a_topic_too(void **state)
{
	(void)state;
	choose("faq:loan");
	say("how long does it take?");
	assert_answer("follow_up", "loan-time@3");
}

static void
test_a_question_that_is_clear_alone_is_searched_alone(void **state)
{
	(void)state;
	say("How do I make a transfer?");
	say("and what are your opening hours?");
	assert_answer("retrieval", "hours@3");
	assert_null(strstr(result.record, "searched"));
}

static void
test_the_same_answer_does_not_come_again(void **state)
{
	(void)state;
	say("How do I make a transfer?");
	say("and how do I do that?");
	assert_string_not_equal(result.entry, "transfer@3");
}

static void
test_what_names_nothing_is_asked_back_about_the_topic(void **state)
{
	(void)state;
	say("How do I apply for a loan?");
	say("and how much?");
	assert_int_not_equal(result.kind, TURN_ANSWER);
	assert_int_not_equal(result.kind, TURN_OUT_OF_SCOPE);
	assert_non_null(strstr(conversation.memory, "faq:loan"));
	choose("faq:loan");
	assert_answer("confirmed", "loan@3");
}

static void
test_what_only_the_topic_is_near_to_is_not_answered(void **state)
{
	(void)state;
	say("How do I make a transfer?");
	say("what about football?");
	assert_int_not_equal(result.kind, TURN_ANSWER);
	say("How do I make a transfer?");
	say("does it purr?");
	assert_int_not_equal(result.kind, TURN_ANSWER);
}

static void
test_a_topic_outlives_three_turns_and_no_more(void **state)
{
	(void)state;
	say("How do I make a transfer?");
	say("thanks");
	say("hello");
	say("how long does that take?");
	assert_answer("follow_up", "transfer-time@3");
	say("thanks");
	say("thanks");
	say("thanks");
	say("how long does that take?");
	assert_int_not_equal(result.kind, TURN_ANSWER);
}

static void
test_a_topic_ends_with_a_long_pause(void **state)
{
	(void)state;
	say("How do I make a transfer?");
	now_us += INT64_C(29) * 60 * 1000000;
	struct conversation before = conversation;
	say("how long does that take?");
	assert_answer("follow_up", "transfer-time@3");
	conversation = before;
	now_us += INT64_C(2) * 60 * 1000000;
	say("how long does that take?");
	assert_int_not_equal(result.kind, TURN_ANSWER);
}

static void
test_a_topic_ends_with_a_handover(void **state)
{
	(void)state;
	say("How do I make a transfer?");
	assert_non_null(strstr(conversation.memory, "topic"));
	say("I want to speak to a person");
	assert_null(strstr(conversation.memory, "topic"));
	say("how long does that take?");
	assert_int_not_equal(result.kind, TURN_ANSWER);
}

static void
test_two_questions_get_two_answers_in_order(void **state)
{
	static const char *const texts[] = {
		"How do I apply for a loan and what are your opening hours?",
		"How do I apply for a loan? What are your opening hours?",
		("Hello! How do I apply for a loan? And what are your opening "
		 "hours? Thanks"),
		"How do I apply for a loan\nWhat are your opening hours",
	};
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		begin(NULL);
		say(texts[i]);
		assert_answer("two_questions", "loan@3");
		assert_says("At a branch.\n\n9 to 5.");
		assert_string_equal(
			result.replies[0].sources_json,
			"[{\"id\":\"loan\",\"version\":3,\"title\":\"How do I "
			"apply for a loan?\"},{\"id\":\"hours\",\"version\":3,"
			"\"title\":\"What are your opening hours?\"}]");
	}
}

static void
assert_span(const json_t *object, size_t begin, size_t end)
{
	const json_t *searched = json_object_get(object, "searched");
	const json_t *span = json_object_get(searched, "span");

	assert_int_equal(json_integer_value(json_array_get(span, 0)), begin);
	assert_int_equal(json_integer_value(json_array_get(span, 1)), end);
	assert_null(json_object_get(searched, "with"));
}

static void
test_the_record_has_both_answers(void **state)
{
	(void)state;
	say("How do I apply for a loan and what are your opening hours?");
	json_t *record = json_loads(result.record, 0, NULL);
	const json_t *second = json_object_get(record, "second");
	assert_string_equal(json_get_text(record, "entry", ""), "loan@3");
	assert_span(record, 0, strlen("How do I apply for a loan"));
	assert_string_equal(json_get_text(second, "entry", ""), "hours@3");
	assert_int_equal(json_integer_value(json_array_get(
				 json_object_get(second, "span"), 1)),
			 strlen("9 to 5."));
	assert_span(second, strlen("How do I apply for a loan and"),
		    strlen("How do I apply for a loan and what are your "
			   "opening hours?"));
	assert_true(json_array_size(json_object_get(second, "candidates")) > 0);
	json_decref(record);
}

static void
test_the_second_question_may_be_about_the_first(void **state)
{
	(void)state;
	say("How do I make a transfer and how long does that take?");
	assert_answer("two_questions", "transfer@3");
	assert_says("Under Pay.\n\nA day.");
	say("and can I cancel it?");
	assert_string_equal(result.entry, "transfer-cancel@3");
}

static void
test_what_is_not_two_clear_questions_is_one(void **state)
{
	static const char *const texts[] = {
		/* the same entry */
		"How do I make a transfer? How do I make transfers?",
		/* no question */
		"I made a transfer. How long does a transfer take?",
		/* nothing is known of the second, or of the first */
		"How long does a transfer take? Does xyzzy frobnicate?",
		/* three */
		("How do I make a transfer? How long does a transfer take? "
		 "What are your opening hours?"),
	};
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		begin(NULL);
		say(texts[i]);
		assert_string_not_equal(result.rule, "two_questions");
		assert_null(strstr(result.record, "second"));
	}
}

static void
test_of_two_doubtful_questions_both_are_offered(void **state)
{
	(void)state;
	say("How do I get one of your loans? What about opening it?");
	assert_int_equal(result.kind, TURN_OPTIONS);
	assert_string_equal(result.rule, "two_questions");
	assert_non_null(strstr(result.replies[0].options_json, "faq:loan"));
	assert_non_null(strstr(result.replies[0].options_json, "faq:hours"));
}

static void
test_what_is_said_behind_a_question_is_no_part_of_it(void **state)
{
	static const char *const texts[] = {
		"How do I apply for a loan? Thank you very much!",
		"How do I apply for a loan? Thanks. Bye!",
	};
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		begin(NULL);
		say(texts[i]);
		assert_answer("retrieval", "loan@3");
		json_t *record = json_read(result.record, strlen(result.record),
					   16, NULL);
		assert_span(record, 0, strlen("How do I apply for a loan?"));
		json_decref(record);
	}
}

static void
test_what_leads_to_a_question_is_no_part_of_it(void **state)
{
	static const char *const texts[] = {
		"Good morning! Could you tell me how I apply for a loan?",
		"you stupid bot, just tell me how to apply for a loan",
		"Quick question: how do I apply for a loan",
	};
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		begin(NULL);
		say(texts[i]);
		assert_answer("retrieval", "loan@3");
		assert_non_null(strstr(result.record, "\"searched\":{"));
	}
	/* What tells something is. */
	say("I bought a helicopter, how do I apply for a loan");
	assert_null(strstr(result.record, "searched"));
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_is_left_out_is_what_was_answered_last),
		TEST(test_without_a_topic_it_is_not_guessed),
		TEST(test_a_chosen_answer_is_a_topic_too),
		TEST(test_a_question_that_is_clear_alone_is_searched_alone),
		TEST(test_the_same_answer_does_not_come_again),
		TEST(test_what_names_nothing_is_asked_back_about_the_topic),
		TEST(test_what_only_the_topic_is_near_to_is_not_answered),
		TEST(test_a_topic_outlives_three_turns_and_no_more),
		TEST(test_a_topic_ends_with_a_long_pause),
		TEST(test_a_topic_ends_with_a_handover),
		TEST(test_two_questions_get_two_answers_in_order),
		TEST(test_the_record_has_both_answers),
		TEST(test_the_second_question_may_be_about_the_first),
		TEST(test_what_is_not_two_clear_questions_is_one),
		TEST(test_of_two_doubtful_questions_both_are_offered),
		TEST(test_what_is_said_behind_a_question_is_no_part_of_it),
		TEST(test_what_leads_to_a_question_is_no_part_of_it),
	};
	return cmocka_run_group_tests_name("topic", tests, set_up, forget);
}
