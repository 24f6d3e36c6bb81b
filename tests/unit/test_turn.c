/* Deciding, on a small pack: what is said, and what becomes of the
 * conversation.  Nothing is stored here. */
#include "turn_fixture.h"

#include <stdio.h>

#include "base/json.h"

static int
set_up(void **state)
{
	struct err err = {0};
	char dir[512];

	(void)state;
	snprintf(dir, sizeof dir, "%s/intents/banking", getenv("top_srcdir"));
	struct pack *banking = pack_read(dir, &err);
	if (!banking)
		fail_msg("%s", err.text);
	struct index_builder *builder = index_builder_new("en");
	add_entry(builder, "card-order", "How do I order a new card?",
		  "In the app, under Cards.", 0);
	add_entry(builder, "overdraft", "What does an overdraft cost?",
		  "Ask for our price list.", 0);
	add_entry(builder, "christmas", "When are you open at Christmas?",
		  "On 27 December again.", NOW - 1);
	add_fillers(builder);
	know(banking, builder);
	return 0;
}

static void
test_a_known_question_gets_its_approved_answer_and_source(void **state)
{
	(void)state;
	say("How do I order a new card?");
	assert_int_equal(result.kind, TURN_ANSWER);
	assert_string_equal(result.entry, "card-order@3");
	assert_true(result.confidence >= 0.6);
	assert_says("In the app, under Cards.");
	assert_string_equal(result.replies[0].sources_json,
			    "[{\"id\":\"card-order\",\"version\":3,\"title\":"
			    "\"How do I order a new card?\"}]");
	assert_string_equal(result.replies[0].target, "web");
	assert_int_equal(result.state, STATE_BOT);
}

static void
test_only_the_first_reply_says_who_answers(void **state)
{
	(void)state;
	say("How do I order a new card?");
	assert_says_text(TEXT_DISCLOSURE);
	say("How do I order a new card?");
	assert_null(strstr(reply(), pack->texts[TEXT_DISCLOSURE]));
}

static void
test_a_turn_without_a_reply_leaves_who_answers_to_be_said(void **state)
{
	(void)state;
	do_act("note", "ann", "he called us before");
	assert_int_equal(result.n_replies, 0);
	do_act("note", "ann", "twice");
	say("How do I order a new card?");
	assert_says_text(TEXT_DISCLOSURE);
	say("How do I order a new card?");
	assert_null(strstr(reply(), pack->texts[TEXT_DISCLOSURE]));
}

static void
test_the_second_failure_in_a_row_offers_a_person(void **state)
{
	(void)state;
	say("qwertz uiopasdf");
	assert_int_equal(result.kind, TURN_OUT_OF_SCOPE);
	assert_says_text(TEXT_OUT_OF_SCOPE);
	assert_null(strstr(reply(), pack->texts[TEXT_OFFER_PERSON]));
	assert_string_equal(result.replies[0].options_json, "[]");
	say("yxcv bnmlkj");
	assert_says_text(TEXT_OFFER_PERSON);
	assert_non_null(
		strstr(result.replies[0].options_json, "\"id\":\"person\""));
	choose("person");
	assert_int_equal(result.kind, TURN_HANDOVER);
	assert_int_equal(result.state, STATE_WAITING);
}

static void
test_an_answer_ends_a_row_of_failures(void **state)
{
	(void)state;
	say("qwertz uiopasdf");
	say("How do I order a new card?");
	assert_int_equal(result.failed_turns, 0);
	say("yxcv bnmlkj");
	assert_null(strstr(reply(), pack->texts[TEXT_OFFER_PERSON]));
}

static void
test_in_doubt_it_asks_and_yes_answers(void **state)
{
	(void)state;
	knowledge.settings.threshold = 1.1;
	say("How do I order a new card?");
	knowledge.settings.threshold = 0.6;
	assert_int_equal(result.kind, TURN_ASK);
	assert_says("How do I order a new card?");
	assert_non_null(strstr(result.replies[0].options_json,
			       "\"id\":\"faq:card-order\""));
	say("yes");
	assert_int_equal(result.kind, TURN_ANSWER);
	assert_string_equal(result.rule, "confirmed");
	assert_says("In the app, under Cards.");
}

/* Fails twice, so that a person is offered. */
static void
get_offer(void)
{
	say("qwertz uiopasdf");
	say("yxcv bnmlkj");
	assert_says_text(TEXT_OFFER_PERSON);
}

static void
test_an_offered_person_comes_at_yes_or_by_number(void **state)
{
	static const char *const words[] = {"yes", "yes please", "1", " (1) ",
					    "1.\n"};
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		fresh(state);
		get_offer();
		say(words[i]);
		assert_int_equal(result.kind, TURN_HANDOVER);
		assert_string_equal(result.rule, "asked");
		assert_int_equal(result.state, STATE_WAITING);
	}
}

static void
test_a_number_is_an_option_only_where_it_was_offered(void **state)
{
	static const char *const words[] = {"2", "0", "11", "1 2", "-1"};
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		fresh(state);
		get_offer();
		say(words[i]);
		assert_string_not_equal(result.rule, "asked");
	}
	fresh(state);
	get_offer();
	say("How do I order a new card?");
	say("1");
	assert_int_not_equal(result.kind, TURN_HANDOVER);
}

static void
test_of_several_options_each_has_its_number(void **state)
{
	(void)state;
	knowledge.settings.threshold = 1.1;
	say("How do I order a new card?");
	say("How do I order a new xyzzy card?");
	assert_non_null(strstr(result.replies[0].options_json, "person"));
	struct conversation before = conversation;
	say("1");
	assert_string_equal(result.entry, "card-order@3");
	conversation = before;
	say("2");
	assert_string_equal(result.rule, "asked");
	conversation = before;
	say("yes"); /* to what the reply asked last */
	assert_string_equal(result.rule, "asked");
	knowledge.settings.threshold = 0.6;
}

static void
test_a_chosen_entry_answers_unless_it_is_over(void **state)
{
	(void)state;
	choose("faq:overdraft");
	assert_string_equal(result.entry, "overdraft@3");
	choose("faq:christmas");
	assert_int_equal(result.kind, TURN_ASK);
	assert_says_text(TEXT_ASK);
	choose("faq:nothing-like-it");
	assert_int_equal(result.kind, TURN_ASK);
	fresh(state);
	choose("nothing like it");
	assert_int_equal(result.kind, TURN_ASK);
	say("When are you open at Christmas?");
	assert_string_not_equal(result.entry, "christmas@3");
}

static void
test_a_trigger_gives_first_aid_and_a_person_at_once(void **state)
{
	(void)state;
	say("I lost my card yesterday");
	assert_int_equal(result.kind, TURN_HANDOVER);
	assert_true(strncmp(result.rule, "trigger:", 8) == 0);
	assert_int_equal(result.state, STATE_WAITING);
	assert_int_equal(result.n_changes, 1);
	assert_string_equal(result.entry, "");
}

static void
test_without_a_desk_it_says_at_once_when_a_person_answers(void **state)
{
	(void)state;
	say("I want to speak to a person");
	assert_says_text(TEXT_UNCLAIMED);
	struct message timer = act("unclaimed", "", "");
	decide_all(&timer, 1, "");
	assert_int_equal(result.n_replies, 0);
}

static void
test_with_a_desk_the_conversation_is_announced_there(void **state)
{
	(void)state;
	struct message message = customer("I want to speak to a person");
	decide_all(&message, 1, "desk");
	assert_says_text(TEXT_HANDOVER);
	assert_int_equal(result.n_replies, 2);
	assert_string_equal(result.replies[1].target, "desk");
	assert_string_equal(result.replies[1].job, "desk_card");
	struct message timer = act("unclaimed", "", "");
	decide_all(&timer, 1, "desk");
	assert_says_text(TEXT_UNCLAIMED);
	decide_all(&timer, 1, "desk");
	assert_int_equal(result.n_replies, 0);
}

static void
test_who_waits_is_still_answered_and_told_that_he_waits(void **state)
{
	(void)state;
	say("I want to speak to a person");
	say("How do I order a new card?");
	assert_int_equal(result.kind, TURN_ANSWER);
	assert_int_equal(result.state, STATE_WAITING);
	say("qwertz uiopasdf");
	assert_says_text(TEXT_WAITING);
	assert_int_equal(result.kind, TURN_HANDOVER);
	say("yxcv bnmlkj");
	assert_int_equal(result.failed_turns, 0);
	say("hello?");
	assert_says_text(TEXT_WAITING);
	assert_int_equal(result.kind, TURN_HANDOVER);
}

static void
test_words_of_who_waits_reach_the_desk(void **state)
{
	static const char *const words[] = {"I lost my card yesterday",
					    "How do I order a new card?",
					    "qwertz uiopasdf", "hello?"};
	(void)state;
	struct message message = customer("I want to speak to a person");
	decide_all(&message, 1, "desk");
	assert_int_equal(result.n_replies, 2);
	assert_string_equal(result.replies[1].job, "desk_card");
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		message = customer(words[i]);
		decide_all(&message, 1, "desk");
		assert_int_equal(result.n_replies, 2);
		assert_string_equal(result.replies[1].target, "desk");
		assert_string_equal(result.replies[1].job, "customer_text");
	}
}

static void
test_whatever_who_waits_brings_he_is_offered_no_person(void **state)
{
	(void)state;
	struct message message = customer("I want to speak to a person");
	decide_all(&message, 1, "desk");
	for (int i = 0; i < 3; i++) {
		message = customer(" ");
		decide_all(&message, 1, "desk");
		assert_says_text(TEXT_WAITING);
		assert_string_equal(result.rule, "unreadable");
		assert_non_null(
			strstr(result.replies[0].options_json, "\"bot\""));
		assert_null(
			strstr(result.replies[0].options_json, "\"person\""));
		message = customer("");
		message.kind = "option";
		message.option = "faq:nothing-like-it";
		decide_all(&message, 1, "desk");
		assert_says_text(TEXT_WAITING);
		assert_int_equal(result.failed_turns, 0);
	}
}

static void
test_what_has_no_words_is_unreadable(void **state)
{
	static const char *const texts[] = {
		"?", "...",	    "  \n", "", "?!?", "\xf0\x9f\x98\x80",
		"-", "\xe2\x80\xa6"};
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		fresh(NULL);
		say(texts[i]);
		assert_int_equal(result.kind, TURN_ASK);
		assert_string_equal(result.rule, "unreadable");
		assert_says_text(TEXT_UNREADABLE);
	}
	say("17");
	assert_string_equal(result.rule, "retrieval");
}

static void
test_who_writes_in_another_language_is_told_which_one_we_speak(void **state)
{
	(void)state;
	say("Wie kann ich bei Ihnen ein Konto er\xc3\xb6"
	    "ffnen?");
	assert_int_equal(result.kind, TURN_OUT_OF_SCOPE);
	assert_string_equal(result.rule, "foreign_language:de");
	assert_says_text(TEXT_FOREIGN_LANGUAGE);
	assert_int_equal(result.failed_turns, 1);
	assert_non_null(strstr(result.record, "foreign_language:de"));
	say("Ich habe nicht verstanden, was Sie mir sagen.");
	assert_int_equal(result.failed_turns, 2);
	assert_non_null(strstr(result.replies[0].options_json, "person"));
}

static void
test_whose_desk_is_taken_away_is_not_left_alone(void **state)
{
	(void)state;
	struct message message = customer("I want to speak to a person");
	decide_all(&message, 1, "desk");
	do_act("claim", "ann", "");
	say("Are you still there?");
	assert_int_equal(result.kind, TURN_HANDOVER);
	assert_int_equal(result.state, STATE_WAITING);
	assert_says_text(TEXT_UNCLAIMED);
	assert_string_equal(result.owner, "");
	/* When there is a desk again it hears of him. */
	message = customer("How do I order a new card?");
	decide_all(&message, 1, "desk");
	assert_int_equal(result.kind, TURN_ANSWER);
	assert_string_equal(result.replies[1].job, "desk_card");
}

static void
test_the_bot_is_silent_while_a_person_has_the_conversation(void **state)
{
	(void)state;
	struct message message = customer("I want to speak to a person");
	decide_all(&message, 1, "desk");
	do_act("claim", "ann", "");
	assert_int_equal(result.state, STATE_PERSON);
	assert_string_equal(result.owner, "ann");
	assert_says("ann");
	message = customer("How do I order a new card?");
	decide_all(&message, 1, "desk");
	assert_int_equal(result.n_replies, 1);
	assert_string_equal(result.replies[0].target, "desk");
	assert_string_equal(result.replies[0].job, "customer_text");
}

static void
test_only_the_claimants_words_reach_the_customer(void **state)
{
	(void)state;
	struct message message = customer("I want to speak to a person");
	decide_all(&message, 1, "desk");
	do_act("claim", "ann", "");
	do_act("claim", "bob", "");
	assert_string_equal(conversation.owner, "ann");
	do_act("agent", "bob", "not yours");
	assert_int_equal(result.n_replies, 0);
	do_act("note", "ann", "a note");
	assert_int_equal(result.n_replies, 0);
	do_act("agent", "ann", "Hello, Ann here.");
	assert_string_equal(reply(), "Hello, Ann here.");
	assert_string_equal(result.replies[0].job, "agent_text");
	assert_string_equal(result.replies[0].target, "web");
}

static void
test_return_and_close_are_told_and_a_new_message_opens_again(void **state)
{
	(void)state;
	struct message message = customer("I want to speak to a person");
	decide_all(&message, 1, "desk");
	do_act("claim", "ann", "");
	do_act("return", "ann", "");
	assert_int_equal(result.state, STATE_BOT);
	assert_says_text(TEXT_RETURNED);
	assert_string_equal(result.owner, "");
	do_act("close", "ann", "");
	assert_int_equal(result.state, STATE_CLOSED);
	assert_says_text(TEXT_CLOSED);
	say("How do I order a new card?");
	assert_int_equal(result.state, STATE_BOT);
	assert_int_equal(result.kind, TURN_ANSWER);
}

static void
test_an_agent_is_never_nameless(void **state)
{
	(void)state;
	struct message nobody = act("claim", "", "");
	decide_all(&nobody, 1, "desk");
	assert_int_equal(result.state, STATE_BOT);
	do_act("claim", "ann", "");
	struct message words = act("agent", "ann", "Hello.");
	words.author_name = "";
	decide_all(&words, 1, "desk");
	assert_string_equal(result.replies[0].author, "ann");
}

static void
test_a_desk_without_the_card_gets_one(void **state)
{
	(void)state;
	struct message human = customer("I want to talk to a human");
	decide_all(&human, 1, "");
	assert_int_equal(result.n_replies, 1);
	decide_all(&human, 1, "first");
	assert_string_equal(result.replies[1].job, "desk_card");
	decide_all(&human, 1, "first");
	assert_string_equal(result.replies[1].job, "customer_text");
	decide_all(&human, 1, "second");
	assert_string_equal(result.replies[1].target, "second");
	assert_string_equal(result.replies[1].job, "desk_card");
	struct message claim = act("claim", "ann", "");
	decide_all(&claim, 1, "first");
	decide_all(&human, 1, "first");
	assert_string_equal(result.replies[0].job, "customer_text");
}

static void
test_what_went_wrong_before_a_person_came_is_over(void **state)
{
	(void)state;
	say("xyzzy");
	assert_int_equal(result.failed_turns, 1);
	do_act("claim", "ann", "");
	do_act("close", "ann", "");
	say("xyzzy");
	assert_int_equal(result.failed_turns, 1);
}

static void
test_customers_cannot_act_as_agents(void **state)
{
	(void)state;
	static const char *const kinds[] = {"claim",  "agent", "note",
					    "return", "close", "unclaimed"};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct message message = act(kinds[i], "mallory", "hi");
		message.trust = TELLER_TRUST_VERIFIED;
		decide_all(&message, 1, "desk");
		assert_string_equal(result.rule, "refused");
		assert_int_equal(result.n_replies, 0);
		assert_int_equal(result.state, STATE_BOT);
	}
}

static void
test_a_burst_is_one_question_and_an_act_is_a_turn_of_its_own(void **state)
{
	(void)state;
	struct message messages[] = {
		customer("How do I order"),
		customer("a new card?"),
		act("claim", "ann", ""),
		customer("later"),
	};
	decide_all(messages, 4, "desk");
	assert_int_equal(result.n_messages, 2);
	assert_int_equal(result.kind, TURN_ANSWER);
	decide_all(messages + 2, 2, "desk");
	assert_int_equal(result.n_messages, 1);
	assert_int_equal(result.state, STATE_PERSON);
}

static void
test_the_customer_is_told_what_was_masked(void **state)
{
	(void)state;
	struct message message = customer("my card is [card ok ...1111]");
	message.redacted = "card,pin";
	decide_all(&message, 1, "");
	assert_says("card number, PIN");
}

static void
test_what_crashed_us_goes_to_a_person_unread(void **state)
{
	(void)state;
	struct message message = customer("How do I order a new card?");
	message.crashes = 5;
	decide_all(&message, 1, "");
	assert_string_equal(result.rule, "crashed");
	assert_int_equal(result.state, STATE_WAITING);
	assert_says_text(TEXT_CRASHED);
	message.crashes = 4;
	fresh(NULL);
	decide_all(&message, 1, "");
	assert_int_equal(result.kind, TURN_ANSWER);
}

static void
test_a_message_without_words_is_told_so(void **state)
{
	(void)state;
	say(" \n ");
	assert_says_text(TEXT_UNREADABLE);
}

static void
test_small_talk_is_no_failure(void **state)
{
	(void)state;
	say("hello");
	assert_int_equal(result.kind, TURN_SMALLTALK);
	assert_int_equal(result.failed_turns, 0);
}

static void
test_the_same_input_gives_the_same_bytes(void **state)
{
	(void)state;
	struct message message = customer("what about a new card then");
	struct conversation before = conversation;
	decide_all(&message, 1, "");
	const char *record = result.record, *text = reply();
	conversation = before;
	for (int i = 0; i < 50; i++) {
		say("What does an overdraft cost?");
		conversation = before;
		decide_all(&message, 1, "");
		assert_string_equal(result.record, record);
		assert_string_equal(reply(), text);
		conversation = before;
	}
}

static void
test_the_record_says_why(void **state)
{
	(void)state;
	say("How do I order a new card?");
	json_t *record = json_loads(result.record, 0, NULL);
	assert_non_null(record);
	assert_string_equal(json_get_text(record, "entry", ""), "card-order@3");
	const json_t *basis = json_object_get(record, "basis");
	assert_string_equal(json_get_text(basis, "pack", ""), pack->hash);
	assert_int_equal(json_get_int(basis, "generation", 0), 7);
	const json_t *span = json_object_get(record, "span");
	assert_int_equal(json_integer_value(json_array_get(span, 1)),
			 strlen("In the app, under Cards."));
	assert_true(json_array_size(json_object_get(record, "candidates")) > 0);
	json_decref(record);
}

#define TEST(name) cmocka_unit_test_setup(name, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_known_question_gets_its_approved_answer_and_source),
		TEST(test_only_the_first_reply_says_who_answers),
		TEST(test_a_turn_without_a_reply_leaves_who_answers_to_be_said),
		TEST(test_the_second_failure_in_a_row_offers_a_person),
		TEST(test_an_answer_ends_a_row_of_failures),
		TEST(test_in_doubt_it_asks_and_yes_answers),
		TEST(test_an_offered_person_comes_at_yes_or_by_number),
		TEST(test_a_number_is_an_option_only_where_it_was_offered),
		TEST(test_of_several_options_each_has_its_number),
		TEST(test_a_chosen_entry_answers_unless_it_is_over),
		TEST(test_a_trigger_gives_first_aid_and_a_person_at_once),
		TEST(test_without_a_desk_it_says_at_once_when_a_person_answers),
		TEST(test_with_a_desk_the_conversation_is_announced_there),
		TEST(test_who_waits_is_still_answered_and_told_that_he_waits),
		TEST(test_words_of_who_waits_reach_the_desk),
		TEST(test_whatever_who_waits_brings_he_is_offered_no_person),
		TEST(test_what_has_no_words_is_unreadable),
		TEST(test_who_writes_in_another_language_is_told_which_one_we_speak),
		TEST(test_whose_desk_is_taken_away_is_not_left_alone),
		TEST(test_the_bot_is_silent_while_a_person_has_the_conversation),
		TEST(test_only_the_claimants_words_reach_the_customer),
		TEST(test_return_and_close_are_told_and_a_new_message_opens_again),
		TEST(test_an_agent_is_never_nameless),
		TEST(test_a_desk_without_the_card_gets_one),
		TEST(test_what_went_wrong_before_a_person_came_is_over),
		TEST(test_customers_cannot_act_as_agents),
		TEST(test_a_burst_is_one_question_and_an_act_is_a_turn_of_its_own),
		TEST(test_the_customer_is_told_what_was_masked),
		TEST(test_what_crashed_us_goes_to_a_person_unread),
		TEST(test_a_message_without_words_is_told_so),
		TEST(test_small_talk_is_no_failure),
		TEST(test_the_same_input_gives_the_same_bytes),
		TEST(test_the_record_says_why),
	};
	return cmocka_run_group_tests_name("turn", tests, set_up, forget);
}
