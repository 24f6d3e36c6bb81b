/* Jobs become what Slack is sent. */
#include "slack_fixture.h"

static void
test_a_reply_is_posted_in_its_thread(void **state)
{
	const struct teller_job job = fx_reply("msg_7", "It **left** <today>.");
	(void)state;
	fake_send(fake, &job);
	assert_string_equal(called_url(1),
			    "https://slack.com/api/chat.postMessage");
	assert_string_equal(fake->fetches[1]->fetch.bearer, "xoxb-acme");
	json_t *body = called(1);
	assert_string_equal(fx_at(body, "channel"), "C0HELP001");
	assert_string_equal(fx_at(body, "thread_ts"), "1764000000.000100");
	assert_string_equal(fx_at(body, "text"), "It *left* &lt;today&gt;.");
	assert_true(json_is_false(json_object_get(body, "unfurl_links")));
	char *blocks =
		json_dumps(json_object_get(body, "blocks"), JSON_COMPACT);
	assert_non_null(strstr(blocks, "\"action_id\":\"up\""));
	assert_non_null(strstr(blocks, "\"action_id\":\"person\""));
	assert_non_null(strstr(blocks, "\"value\":\"msg_7\""));
	free(blocks);
	const json_t *payload = json_object_get(
		json_object_get(body, "metadata"), "event_payload");
	assert_string_equal(fx_at(payload, "job"), "msg_7");
	json_decref(body);
	fake_fetched(fake, 1, 200, FX_POSTED);
	assert_int_equal(last_outcome()->kind, FAKE_SENT);
	assert_string_equal(last_outcome()->text, "1764000002.000300");
}

static void
test_options_are_buttons(void **state)
{
	const struct teller_choice options[] = {{"entry:a", "Lost card"},
						{"entry:b", "Stolen card"}};
	struct teller_job job = fx_reply("msg_7", "Did you mean?");
	(void)state;
	job.reply_kind = "options";
	job.conversation = "T0ACME001/D0ANN0001";
	job.conversation_state = "waiting";
	job.options = options;
	job.n_options = 2;
	fake_send(fake, &job);
	json_t *body = called(1);
	assert_null(json_object_get(body, "thread_ts"));
	const json_t *blocks = json_object_get(body, "blocks");
	assert_int_equal(json_array_size(blocks), 2);
	const json_t *buttons =
		json_object_get(json_array_get(blocks, 1), "elements");
	assert_int_equal(json_array_size(buttons), 2);
	const json_t *second = json_array_get(buttons, 1);
	assert_string_equal(fx_at(second, "action_id"), "option_2");
	assert_string_equal(fx_at(second, "value"), "entry:b");
	assert_string_equal(fx_at(json_object_get(second, "text"), "text"),
			    "Stolen card");
	json_decref(body);
}

static void
test_an_agent_speaks_under_his_name(void **state)
{
	struct teller_job job = fx_reply("msg_7", "I look.");
	(void)state;
	job.kind = TELLER_JOB_AGENT_TEXT;
	job.author = "Ben <b>";
	fake_send(fake, &job);
	json_t *body = called(1);
	assert_string_equal(fx_at(body, "text"), "*Ben &lt;b&gt;*\nI look.");
	assert_int_equal(json_array_size(json_object_get(body, "blocks")), 1);
	json_decref(body);
}

static void
test_a_long_reply_goes_in_parts_a_second_apart(void **state)
{
	const struct teller_job job = fx_reply("msg_7", fx_long_text()),
				next = fx_reply("msg_8", "next");
	(void)state;
	fake_send(fake, &job);
	fake_send(fake, &next);
	assert_int_equal(fake->n_fetches, 2);
	fake_fetched(fake, 1, 200, FX_POSTED);
	assert_int_equal(fake->n_outcomes, 1);
	assert_int_equal(fake->outcomes[0]->kind, FAKE_PROGRESS);
	assert_memory_equal(fake->outcomes[0]->text, "1 1764000002.000300", 19);
	assert_int_equal(fake->n_fetches, 2);
	fake_advance(fake, 1100);
	assert_int_equal(fake->n_fetches, 3);
	json_t *body = called(2);
	assert_memory_equal(fx_at(body, "text"), "(2/3)\nx", 7);
	assert_int_equal(json_array_size(json_object_get(body, "blocks")), 1);
	json_decref(body);
	fake_fetched(fake, 2, 200, FX_POSTED);
	fake_advance(fake, 1100);
	fake_fetched(fake, 3, 200, FX_POSTED);
	assert_int_equal(last_outcome()->kind, FAKE_SENT);
	fake_advance(fake, 1100);
	body = called(4);
	assert_string_equal(fx_at(body, "text"), "next");
	json_decref(body);
}

static void
test_a_next_attempt_goes_on_where_the_last_one_was(void **state)
{
	struct teller_job job = fx_reply("msg_7", fx_long_text());
	(void)state;
	job.attempt = 2;
	job.progress = "2 1764000002.000300";
	job.progress_len = 19;
	fake_send(fake, &job);
	json_t *body = called(1);
	assert_memory_equal(fx_at(body, "text"), "(3/3)\n", 6);
	json_decref(body);
	fake_fetched(fake, 1, 200, "{\"ok\":true,\"ts\":\"9.9\"}");
	assert_string_equal(last_outcome()->text, "1764000002.000300");
}

/* Slack is held back a method at a time; the order in a channel stays. */
static void
test_what_slack_holds_back_keeps_its_order(void **state)
{
	const struct teller_header after = {"Retry-After", "7"};
	const struct teller_fetched held = {.size = sizeof(held),
					    .status = 429,
					    .headers = &after,
					    .n_headers = 1};
	const struct teller_job first = fx_reply("msg_7", "first"),
				second = fx_reply("msg_8", "second");
	struct teller_job elsewhere = fx_reply("msg_9", "elsewhere");
	(void)state;
	fake_send(fake, &first);
	fake_send(fake, &second);
	fake_fetched_whole(fake, 1, &held);
	elsewhere.conversation = "T0ACME001/D0BOB0001";
	fake_send(fake, &elsewhere);
	fake_advance(fake, 6900);
	assert_int_equal(fake->n_fetches, 2);
	fake_advance(fake, 700);
	assert_int_equal(fake->n_fetches, 4);
	json_t *body = called(2);
	bool is_other = strcmp(fx_at(body, "text"), "elsewhere") == 0;
	json_decref(body);
	body = called(is_other ? 3 : 2);
	assert_string_equal(fx_at(body, "text"), "first");
	json_decref(body);
	assert_int_equal(fake->n_outcomes, 0);
}

/* A message of the bot of that name. */
static const char *
there(const char *bot, const char *ts, const char *type, const char *job,
      int part)
{
	return arena_printf(
		&fake->arena,
		"{\"user\":\"U0%s1\",\"bot_id\":\"B0%s1\",\"ts\":\"%s\","
		"\"metadata\":{\"event_type\":\"%s\",\"event_payload\":"
		"{\"job\":\"%s\",\"part\":%d}}}",
		bot, bot, ts, type, job, part);
}

static void
answer_look(size_t call, const char *one, const char *other, const char *cursor)
{
	fake_fetched(fake, call, 200,
		     arena_printf(&fake->arena,
				  "{\"ok\":true,\"messages\":[%s%s%s],"
				  "\"response_metadata\":{\"next_cursor\":"
				  "\"%s\"}}",
				  one, *other ? "," : "", other, cursor));
}

static void
test_what_may_have_arrived_is_looked_for(void **state)
{
	struct teller_job job = fx_reply("msg_7", fx_long_text());
	(void)state;
	job.maybe_sent = true;
	fake_send(fake, &job);
	assert_string_equal(
		called_url(1),
		"https://slack.com/api/conversations.replies?channel=C0HELP001"
		"&limit=20&include_all_metadata=true&oldest=1763999401.000000"
		"&ts=1764000000.000100");
	/* All of 12,000 characters, as many as a person can write at once. */
	assert_true(fake->fetches[1]->fetch.max_bytes > 50 * 12000 * 2 * 6);
	answer_look(1, there("TELLER", "5.5", "tellerd_reply", "msg_7", 0), "",
		    "a=");
	assert_non_null(strstr(called_url(2), "&cursor=a%3D"));
	answer_look(2, there("TELLER", "6.5", "tellerd_reply", "msg_7", 1),
		    there("TELLER", "7.5", "tellerd_reply", "msg_8", 2), "");
	json_t *body = called(3);
	assert_memory_equal(fx_at(body, "text"), "(3/3)\n", 6);
	json_decref(body);
	fake_fetched(fake, 3, 200, FX_POSTED);
	assert_string_equal(last_outcome()->text, "5.5");
}

static void
test_what_has_arrived_is_not_sent_again(void **state)
{
	struct teller_job job = fx_reply("msg_7", "hi");
	(void)state;
	job.maybe_sent = true;
	job.conversation = "T0ACME001/D0ANN0001";
	fake_send(fake, &job);
	assert_non_null(strstr(called_url(1), "conversations.history?"));
	answer_look(1, there("TELLER", "5.5", "tellerd_reply", "msg_7", 0), "",
		    "");
	assert_int_equal(fake->n_fetches, 2);
	assert_int_equal(last_outcome()->kind, FAKE_SENT);
	assert_string_equal(last_outcome()->text, "5.5");
}

/* Other apps may write metadata, too. */
static void
test_what_others_wrote_has_not_arrived(void **state)
{
	struct teller_job job = fx_reply("msg_7", "hi");
	(void)state;
	job.maybe_sent = true;
	fake_send(fake, &job);
	answer_look(1, there("OTHER", "5.5", "tellerd_reply", "msg_7", 0),
		    there("TELLER", "6.5", "other_reply", "msg_7", 0), "");
	assert_string_equal(called_url(2),
			    "https://slack.com/api/chat.postMessage");
}

/* A Slack that has always one page more. */
static void
test_a_look_has_an_end(void **state)
{
	struct teller_job job = fx_reply("msg_7", "hi");
	(void)state;
	job.maybe_sent = true;
	fake_send(fake, &job);
	for (size_t i = 1; fake->n_outcomes == 0; i++) {
		assert_true(i <= 1000);
		fake_fetched(fake, i, 200,
			     "{\"ok\":true,\"response_metadata\":"
			     "{\"next_cursor\":\"a\"}}");
		fake_advance(fake, 2000);
	}
	assert_int_equal(last_outcome()->failure, TELLER_RETRY);
}

/* To read does no harm, however it ends: only a post may have arrived. */
static void
test_a_look_that_fails_is_made_again(void **state)
{
	static const int statuses[] = {0, 503, 200};
	struct teller_job job = fx_reply("msg_7", "hi");
	(void)state;
	job.maybe_sent = true;
	for (size_t i = 0; i < 3; i++) {
		const struct teller_fetched none = {.size = sizeof(none),
						    .status = statuses[i],
						    .words = "timed out",
						    .maybe_sent = true};
		fake_send(fake, &job);
		assert_non_null(strstr(called_url(1 + i), ".replies?"));
		fake_fetched_whole(fake, 1 + i, &none);
		assert_int_equal(fake->n_outcomes, 1 + i);
		assert_int_equal(last_outcome()->failure, TELLER_RETRY);
	}
}

static void
test_without_the_scope_to_look_it_is_sent_again(void **state)
{
	struct teller_job job = fx_reply("msg_7", "hi");
	(void)state;
	job.maybe_sent = true;
	fake_send(fake, &job);
	fake_fetched(fake, 1, 200,
		     "{\"ok\":false,\"error\":\"missing_scope\","
		     "\"needed\":\"channels:history\"}");
	assert_non_null(strstr(buf_str(&fake->log), "channels:history"));
	assert_string_equal(called_url(2),
			    "https://slack.com/api/chat.postMessage");
}

static void
test_what_an_answer_means(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum teller_failure failure;
	} rows[] = {
		{200, "{\"ok\":false,\"error\":\"channel_not_found\"}",
		 TELLER_GONE},
		{200, "{\"ok\":false,\"error\":\"restricted_action_x\"}",
		 TELLER_GONE},
		{200, "{\"ok\":false,\"error\":\"fatal_error\"}",
		 TELLER_UNKNOWN},
		{200, "{\"ok\":false,\"error\":\"missing_scope\"}",
		 TELLER_RETRY},
		{200, "{\"ok\":false,\"error\":\"of_next_year\"}",
		 TELLER_RETRY},
		{200, "{\"ok\":false,\"error\":\"channel_not\"}", TELLER_RETRY},
		{200, "{\"ok\":false,\"error\":\"message_limit_exceeded\"}",
		 TELLER_RETRY},
		{200, "{\"ok\":false,\"error\":\"internal_error\"}",
		 TELLER_UNKNOWN},
		{200, "{\"ok\":false,\"error\":\"posting_to_channel_denied\"}",
		 TELLER_GONE},
		{200, "<html>", TELLER_UNKNOWN},
		{200, "{}", TELLER_UNKNOWN},
		{503, "<html>", TELLER_UNKNOWN},
		{404, "<html>", TELLER_RETRY},
		{0, "no route", TELLER_RETRY},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct teller_job job = fx_reply("msg_7", "hi");
		fake_send(fake, &job);
		fake_advance(fake, 2000);
		fake_fetched(fake, fake->n_fetches - 1, rows[i].status,
			     rows[i].body);
		assert_int_equal(fake->n_outcomes, i + 1);
		assert_int_equal(last_outcome()->failure, rows[i].failure);
	}
}

/* What Slack says of it is for who has to look into it. */
static void
test_an_error_is_told_with_what_slack_says_of_it(void **state)
{
	static const char body[] =
		"{\"ok\":false,\"error\":\"fatal_error\",\"response_metadata\":"
		"{\"messages\":[\"[ERROR] of the day\"]}}";
	const struct teller_header id = {"x-slack-req-id", "abc123"};
	const struct teller_fetched fetched = {.size = sizeof(fetched),
					       .status = 200,
					       .headers = &id,
					       .n_headers = 1,
					       .body = body,
					       .body_len = strlen(body)};
	const struct teller_job job = fx_reply("msg_7", "hi");
	(void)state;
	fake_send(fake, &job);
	fake_fetched_whole(fake, 1, &fetched);
	assert_string_equal(last_outcome()->text,
			    "Slack says fatal_error: [ERROR] of the day, "
			    "request abc123");
}

static void
test_blocks_that_are_not_taken_are_left_out(void **state)
{
	const struct teller_job job = fx_reply("msg_7", "hi");
	(void)state;
	fake_send(fake, &job);
	fake_fetched(fake, 1, 200,
		     "{\"ok\":false,\"error\":\"invalid_blocks\"}");
	fake_advance(fake, 1100);
	json_t *body = called(2);
	assert_null(json_object_get(body, "blocks"));
	json_decref(body);
	fake_fetched(fake, 2, 200, "{\"ok\":false,\"error\":\"no_text\"}");
	assert_int_equal(last_outcome()->failure, TELLER_REJECTED);
}

static void
test_a_dead_token_stops_its_workspace(void **state)
{
	const struct teller_job first = fx_reply("msg_7", "first"),
				second = fx_reply("msg_8", "second");
	(void)state;
	fake_send(fake, &first);
	fake_send(fake, &second);
	fake_fetched(fake, 1, 200,
		     "{\"ok\":false,\"error\":\"token_revoked\"}");
	assert_int_equal(fake->health, TELLER_DOWN);
	assert_non_null(strstr(fake->health_words, "token_revoked"));
	/* Somebody may have written a new one there. */
	fake_set_secret(fake, "workspaces.acme.token", "xoxb-new");
	fake_advance(fake, 5 * 60 * 1000);
	assert_string_equal(called_url(2), "https://slack.com/api/auth.test");
	assert_string_equal(fake->fetches[2]->fetch.bearer, "xoxb-new");
	/* What waited goes out then, in order, and costs no attempt. */
	assert_int_equal(fake->n_outcomes, 0);
	fake_fetched(fake, 2, 200, "{\"ok\":true,\"team_id\":\"T0ACME001\"}");
	assert_int_equal(fake->health, TELLER_OK);
	for (size_t i = 3; i < 5; i++) {
		json_t *body = called(i);
		assert_string_equal(fx_at(body, "text"),
				    i == 3 ? "first" : "second");
		json_decref(body);
		fake_fetched(fake, i, 200, FX_POSTED);
		assert_int_equal(last_outcome()->kind, FAKE_SENT);
		fake_advance(fake, 1100);
	}
}

#define STARTED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STARTED(test_a_reply_is_posted_in_its_thread),
		STARTED(test_options_are_buttons),
		STARTED(test_an_agent_speaks_under_his_name),
		STARTED(test_a_long_reply_goes_in_parts_a_second_apart),
		STARTED(test_a_next_attempt_goes_on_where_the_last_one_was),
		STARTED(test_what_slack_holds_back_keeps_its_order),
		STARTED(test_what_may_have_arrived_is_looked_for),
		STARTED(test_what_has_arrived_is_not_sent_again),
		STARTED(test_what_others_wrote_has_not_arrived),
		STARTED(test_a_look_has_an_end),
		STARTED(test_a_look_that_fails_is_made_again),
		STARTED(test_without_the_scope_to_look_it_is_sent_again),
		STARTED(test_what_an_answer_means),
		STARTED(test_an_error_is_told_with_what_slack_says_of_it),
		STARTED(test_blocks_that_are_not_taken_are_left_out),
		STARTED(test_a_dead_token_stops_its_workspace),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
