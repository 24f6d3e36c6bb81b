/* Direct channels: named by their user, and opened when the bot begins. */
#include "slack_fixture.h"

#define OWN_KEY "T0ACME001/U0ANN0001"
#define OPENED "{\"ok\":true,\"channel\":{\"id\":\"D0ANN0001\"}}"

static struct teller_job
own_job(const char *id)
{
	struct teller_job job = fx_reply(id, "Ring us.");
	job.conversation = OWN_KEY;
	return job;
}

static void
assert_posted(size_t i, const char *channel)
{
	assert_string_equal(called_url(i),
			    "https://slack.com/api/chat.postMessage");
	json_t *body = called(i);
	assert_string_equal(fx_at(body, "channel"), channel);
	assert_string_equal(fx_at(body, "thread_ts"), "");
	json_decref(body);
}

static void
assert_opened(size_t i)
{
	assert_string_equal(called_url(i),
			    "https://slack.com/api/conversations.open");
	json_t *body = called(i);
	assert_string_equal(fx_at(body, "users"), "U0ANN0001");
	json_decref(body);
}

static void
test_what_is_said_in_a_channel_names_its_author(void **state)
{
	(void)state;
	post_json(envelope("Ev1", written("C0HELP001", "10.1", NULL,
					  "<@U0TELLER1> my card is lost")));
	fake_run(fake);
	const struct teller_message *m = &fake->messages[0]->message;
	assert_string_equal(m->conversation, "T0ACME001/C0HELP001/10.1");
	assert_string_equal(m->private_conversation, OWN_KEY);
}

static void
test_what_is_said_directly_is_private(void **state)
{
	(void)state;
	post_json(envelope("Ev1", written("D0ANN0001", "10.1", NULL, "hello")));
	fake_run(fake);
	const struct teller_message *m = &fake->messages[0]->message;
	assert_string_equal(m->conversation, OWN_KEY);
	assert_null(m->private_conversation);
	assert_non_null(memmem(m->route, m->route_len,
			       "\"channel\":\"D0ANN0001\"", 21));
}

/* A foreign user's is one of this workspace. */
static void
test_guests_have_their_own(void **state)
{
	json_t *inner = written("C0HELP001", "10.1", NULL, "<@U0TELLER1> hi");
	(void)state;
	json_object_set_new(inner, "user_team", json_string("T0OTHER01"));
	post_json(envelope("Ev1", inner));
	fake_run(fake);
	const struct teller_message *m = &fake->messages[0]->message;
	assert_string_equal(m->author.id, "T0OTHER01/U0ANN0001");
	assert_string_equal(m->private_conversation, OWN_KEY);
}

static void
test_a_button_in_a_channel_is_no_secret_either(void **state)
{
	(void)state;
	json_t *payload = json_pack(
		"{s:s, s:{s:s, s:s}, s:{s:s}, s:{s:s, s:s}, s:[{s:s, s:s,"
		" s:s}]}",
		"type", "block_actions", "user", "id", "U0ANN0001", "team_id",
		"T0ACME001", "team", "id", "T0ACME001", "container",
		"message_ts", "10.1", "channel_id", "C0HELP001", "actions",
		"action_id", "person", "value", "msg_7", "action_ts", "5.5");
	take_action(fake->self, &(struct origin){0}, payload);
	json_decref(payload);
	fake_run(fake);
	const struct teller_message *m = &fake->messages[0]->message;
	assert_int_equal(m->kind, TELLER_MESSAGE_HANDOVER);
	assert_string_equal(m->private_conversation, OWN_KEY);
}

static void
test_the_bot_opens_what_it_begins(void **state)
{
	const struct teller_job job = own_job("msg_7"), next = own_job("msg_8");
	(void)state;
	fake_send(fake, &job);
	assert_opened(1);
	fake_fetched(fake, 1, 200, OPENED);
	fake_run(fake);
	assert_posted(2, "D0ANN0001");
	fake_fetched(fake, 2, 200, FX_POSTED);
	assert_int_equal(last_outcome()->kind, FAKE_SENT);
	fake_advance(fake, 2000);
	fake_send(fake, &next);
	assert_posted(3, "D0ANN0001");
}

static void
test_where_he_wrote_from_it_is_known(void **state)
{
	struct teller_job job = own_job("msg_7");
	(void)state;
	job.route = "{\"channel\":\"D0ANN0001\"}";
	job.route_len = strlen(job.route);
	fake_send(fake, &job);
	assert_posted(1, "D0ANN0001");
}

static void
test_a_route_that_is_none_is_not_used(void **state)
{
	struct teller_job job = own_job("msg_7");
	(void)state;
	job.route = "{\"channel\":\"C0HELP001\"}";
	job.route_len = strlen(job.route);
	fake_send(fake, &job);
	assert_opened(1);
}

/* What may be there is looked for where it would be. */
static void
test_it_is_opened_before_it_is_looked_through(void **state)
{
	struct teller_job job = own_job("msg_7");
	(void)state;
	job.maybe_sent = true;
	fake_send(fake, &job);
	assert_opened(1);
	fake_fetched(fake, 1, 200, OPENED);
	fake_run(fake);
	assert_non_null(strstr(called_url(2), "conversations.history"));
	assert_non_null(strstr(called_url(2), "channel=D0ANN0001"));
}

static void
test_who_cannot_be_written_to_is_gone(void **state)
{
	static const char *const errors[] = {"user_not_found", "user_disabled",
					     "missing_scope", "is_bot",
					     "invalid_user_combination"};
	char id[16], answer[80];
	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		snprintf(id, sizeof(id), "msg_%zu", i + 7);
		snprintf(answer, sizeof(answer),
			 "{\"ok\":false,\"error\":\"%s\"}", errors[i]);
		const struct teller_job job = own_job(id);
		fake_send(fake, &job);
		assert_opened(i + 1);
		fake_fetched(fake, i + 1, 200, answer);
		fake_run(fake);
		assert_int_equal(last_outcome()->kind, FAKE_FAILED);
		assert_int_equal(last_outcome()->failure, TELLER_GONE);
	}
}

static void
test_opening_that_failed_for_now_is_tried_again(void **state)
{
	static const char *const answers[] = {
		"{\"ok\":false,\"error\":\"fatal_error\"}",
		"{\"ok\":true,\"channel\":{\"id\":\"C0HELP001\"}}",
		"{\"ok\":true}"};
	char id[16];
	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		snprintf(id, sizeof(id), "msg_%zu", i + 7);
		const struct teller_job job = own_job(id);
		fake_send(fake, &job);
		fake_fetched(fake, i + 1, 200, answers[i]);
		fake_run(fake);
		assert_int_equal(last_outcome()->kind, FAKE_FAILED);
		assert_int_equal(last_outcome()->failure, TELLER_RETRY);
	}
}

static void
test_opening_that_is_held_back_waits(void **state)
{
	const struct teller_job job = own_job("msg_7");
	(void)state;
	fake_send(fake, &job);
	fake_fetched(fake, 1, 429, "");
	fake_run(fake);
	assert_int_equal(fake->n_outcomes, 0);
	fake_advance(fake, 60000);
	assert_opened(2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_is_said_in_a_channel_names_its_author),
		TEST(test_what_is_said_directly_is_private),
		TEST(test_guests_have_their_own),
		TEST(test_a_button_in_a_channel_is_no_secret_either),
		TEST(test_the_bot_opens_what_it_begins),
		TEST(test_where_he_wrote_from_it_is_known),
		TEST(test_a_route_that_is_none_is_not_used),
		TEST(test_it_is_opened_before_it_is_looked_through),
		TEST(test_who_cannot_be_written_to_is_gone),
		TEST(test_opening_that_failed_for_now_is_tried_again),
		TEST(test_opening_that_is_held_back_waits),
	};
	return cmocka_run_group_tests_name("slack direct", tests, NULL, NULL);
}
