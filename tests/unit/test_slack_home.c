/* Who opens the bot's page sees what the pack says, and is greeted once. */
#include "slack_fixture.h"

static const struct teller_line topics[] = {{"Cards", "How do I get a card?"},
					    {"Fees", "What does it cost?"}};
static const struct teller_line contacts[] = {{"Phone", "0800 <1>"}};
static const struct teller_front front = {
	.size = sizeof(front),
	.firm = "Alder Bank",
	.language = "en",
	.greeting = "Hello, I am a **bot**.",
	.privacy_url = "https://alder.example/privacy",
	.topics = topics,
	.n_topics = 2,
	.contacts = contacts,
	.n_contacts = 1,
};

static int
set_up_front(void **state)
{
	set_up(state);
	fake->front = &front;
	return 0;
}

static struct fake_answer *
open_tab(const char *tab)
{
	struct fake_answer *answer = post_json(envelope(
		"Ev1", json_pack("{s:s, s:s, s:s, s:s}", "type",
				 "app_home_opened", "user", "U0ANN0001",
				 "channel", "D0ANN0001", "tab", tab)));
	fake_run(fake);
	return answer;
}

static const json_t *
block(const json_t *of, size_t i)
{
	return json_array_get(json_object_get(of, "blocks"), i);
}

static const json_t *
element(const json_t *of, size_t i)
{
	return json_array_get(json_object_get(of, "elements"), i);
}

static void
test_the_page_shows_what_the_pack_says(void **state)
{
	(void)state;
	assert_int_equal(open_tab("home")->status, 200);
	assert_string_equal(called_url(1),
			    "https://slack.com/api/views.publish");
	json_t *body = called(1);
	const json_t *view = json_object_get(body, "view");
	assert_string_equal(fx_at(body, "user_id"), "U0ANN0001");
	assert_string_equal(fx_at(view, "type"), "home");
	assert_int_equal(json_array_size(json_object_get(view, "blocks")), 4);
	assert_string_equal(
		fx_at(json_object_get(block(view, 0), "text"), "text"),
		"Alder Bank");
	assert_string_equal(
		fx_at(json_object_get(block(view, 1), "text"), "text"),
		"Hello, I am a *bot*.");
	assert_string_equal(fx_at(element(block(view, 2), 1), "value"),
			    "What does it cost?");
	assert_string_equal(
		fx_at(json_object_get(block(view, 3), "text"), "text"),
		"*Phone* 0800 &lt;1&gt;\nhttps://alder.example/privacy");
	json_decref(body);
	assert_int_equal(fake->n_messages, 0);
}

static void
test_somebody_is_greeted_once(void **state)
{
	(void)state;
	assert_int_equal(open_tab("messages")->status, 200);
	assert_string_equal(called_url(1),
			    "https://slack.com/api/chat.postMessage");
	json_t *body = called(1);
	assert_string_equal(fx_at(body, "channel"), "D0ANN0001");
	assert_string_equal(fx_at(body, "text"), "Hello, I am a *bot*.");
	assert_int_equal(json_array_size(json_object_get(body, "blocks")), 2);
	json_decref(body);
	open_tab("messages");
	assert_int_equal(fake->n_fetches, 2);
}

/* And in its turn, as all that is posted there. */
static void
test_a_greeting_that_is_held_back_comes_later(void **state)
{
	struct teller_job job = fx_reply("msg_7", "hi");
	(void)state;
	job.conversation = "T0ACME001/D0ANN0001";
	open_tab("messages");
	fake_send(fake, &job);
	fake_fetched(fake, 1, 429, "");
	for (size_t i = 2; i < 4; i++) {
		fake_advance(fake, 60 * 1000);
		assert_int_equal(fake->n_fetches, i + 1);
		json_t *body = called(i);
		assert_string_equal(fx_at(body, "text"),
				    i == 2 ? "Hello, I am a *bot*." : "hi");
		json_decref(body);
		assert_int_equal(fake->n_outcomes, 0);
		fake_fetched(fake, i, 200, FX_POSTED);
	}
	assert_int_equal(fake->n_outcomes, 1);
	assert_string_equal(last_outcome()->job, "msg_7");
}

static void
test_a_greeting_that_is_not_taken_is_told_of_in_the_log(void **state)
{
	(void)state;
	open_tab("messages");
	fake_fetched(fake, 1, 200,
		     "{\"ok\":false,\"error\":\"messages_tab_disabled\"}");
	assert_int_equal(fake->n_outcomes, 0);
	assert_non_null(strstr(buf_str(&fake->log), "not greeted"));
}

/* Before it is known whether he was. */
static void
test_who_opens_it_twice_at_once_is_greeted_once(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++)
		post_json(envelope("Ev1",
				   json_pack("{s:s, s:s, s:s, s:s}", "type",
					     "app_home_opened", "user",
					     "U0ANN0001", "channel",
					     "D0ANN0001", "tab", "messages")));
	fake_run(fake);
	assert_int_equal(fake->n_fetches, 2);
}

static void
test_who_has_written_is_not_greeted(void **state)
{
	static const struct teller_entry entry = {.size = sizeof(entry)};
	static const struct teller_history history = {.size = sizeof(history),
						      .found = true,
						      .entries = &entry,
						      .n_entries = 1};
	(void)state;
	fake_set_history(fake, "T0ACME001/U0ANN0001", &history);
	assert_int_equal(open_tab("messages")->status, 200);
	assert_int_equal(fake->n_fetches, 1);
}

static void
test_without_a_pack_there_is_no_greeting(void **state)
{
	(void)state;
	fake->front = NULL;
	assert_int_equal(open_tab("messages")->status, 200);
	assert_int_equal(open_tab("of_next_year")->status, 200);
	assert_int_equal(fake->n_fetches, 1);
}

static void
test_the_page_can_be_left_out(void **state)
{
	(void)state;
	fake->front = &front;
	fake_set(fake, "home", "false");
	assert_int_equal(fake_start(fake), 0);
	fake_fetched(fake, 0, 200, "{\"ok\":true,\"team_id\":\"T0ACME001\"}");
	open_tab("home");
	open_tab("messages");
	assert_int_equal(fake->n_fetches, 1);
}

/* ---- Its questions */

static json_t *
pressed(const char *question, const char *hash, const char *at)
{
	return json_pack("{s:s, s:{s:s, s:s}, s:{s:s}, s:{s:s, s:s},"
			 " s:{s:s}, s:[{s:s, s:s, s:s}]}",
			 "type", "block_actions", "user", "id", "U0ANN0001",
			 "name", "ann", "team", "id", "T0ACME001", "container",
			 "type", "view", "view_id", "V1", "view", "hash", hash,
			 "actions", "action_id", "topic_1", "value", question,
			 "action_ts", at);
}

static void
test_a_question_of_the_page_is_asked_directly(void **state)
{
	(void)state;
	assert_int_equal(
		fx_press(pressed("How do I get a card?", "1.a", "5.5"))->status,
		200);
	const struct teller_message *m = &fake->messages[0]->message;
	assert_int_equal(m->kind, TELLER_MESSAGE_TEXT);
	assert_string_equal(m->conversation, "T0ACME001/U0ANN0001");
	assert_memory_equal(m->text, "How do I get a card?", 20);
	assert_string_equal(m->author.id, "T0ACME001/U0ANN0001");
	assert_string_equal(called_url(1),
			    "https://slack.com/api/views.publish");
	json_t *body = called(1);
	assert_string_equal(
		fx_at(element(block(json_object_get(body, "view"), 4), 0),
		      "text"),
		"\xE2\x9C\x93 How do I get a card?");
	json_decref(body);
	fx_press(pressed("How do I get a card?", "1.a", "5.6"));
	assert_string_equal(m->external_ids[0],
			    fake->messages[1]->message.external_ids[0]);
	fx_press(pressed("How do I get a card?", "1.b", "5.7"));
	assert_string_not_equal(m->external_ids[0],
				fake->messages[2]->message.external_ids[0]);
}

static void
test_only_questions_of_the_pack_are_asked(void **state)
{
	(void)state;
	assert_int_equal(
		fx_press(pressed("Send me money", "1.a", "5.5"))->status, 200);
	fake->front = NULL;
	fx_press(pressed("How do I get a card?", "1.a", "5.5"));
	assert_int_equal(fake->n_messages, 0);
	assert_int_equal(fake->n_fetches, 1);
}

#define STARTED(test) \
	cmocka_unit_test_setup_teardown(test, set_up_front, tear_down)
#define NEW(test) cmocka_unit_test_setup_teardown(test, set_up_new, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STARTED(test_the_page_shows_what_the_pack_says),
		STARTED(test_somebody_is_greeted_once),
		STARTED(test_a_greeting_that_is_held_back_comes_later),
		STARTED(test_a_greeting_that_is_not_taken_is_told_of_in_the_log),
		STARTED(test_who_opens_it_twice_at_once_is_greeted_once),
		STARTED(test_who_has_written_is_not_greeted),
		STARTED(test_without_a_pack_there_is_no_greeting),
		NEW(test_the_page_can_be_left_out),
		STARTED(test_a_question_of_the_page_is_asked_directly),
		STARTED(test_only_questions_of_the_pack_are_asked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
