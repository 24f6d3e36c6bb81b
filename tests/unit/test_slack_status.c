/* That the bot is at work is shown, and is not left standing. */
#include "slack_fixture.h"

#define KEY "T0ACME001/D0ANN0001/1764000000.000100"
#define SESSION "https://slack.com/api/agents.sessions.setStatus"
#define ASSISTANT "https://slack.com/api/assistant.threads.setStatus"
#define OK_BODY "{\"ok\":true}"
#define SETTLED_MS 2100

static void
type(const char *key, bool on)
{
	teller_plugin.typing(fake->self, "T0ACME001", key, on);
}

static struct teller_job
reply(void)
{
	struct teller_job job = fake_job("msg_7", KEY, "Here.");
	job.account = "T0ACME001";
	job.created_at_us = fake->now_us;
	return job;
}

/* The i-th call sets that status, and is answered so. */
static void
expect(size_t i, const char *url, const char *status, const char *answer)
{
	assert_int_equal(fake->n_fetches, i + 1);
	assert_string_equal(called_url(i), url);
	json_t *body = called(i);
	assert_string_equal(event_text(body, "channel_id"), "D0ANN0001");
	assert_string_equal(event_text(body, "status"), status);
	json_decref(body);
	fake_fetched(fake, i, 200, answer);
	fake_run(fake);
}

static void
test_it_is_shown_until_the_reply_is_there(void **state)
{
	(void)state;
	type(KEY, true);
	type(KEY, true);
	json_t *body = called(1);
	assert_string_equal(event_text(body, "thread_ts"), "1764000000.000100");
	json_decref(body);
	expect(1, SESSION, "processing", OK_BODY);
	type(KEY, false);
	const struct teller_job job = reply();
	fake_send(fake, &job);
	fake_advance(fake, SETTLED_MS);
	assert_int_equal(fake->n_fetches, 3); /* of the post */
	fake_fetched(fake, 2, 200, "{\"ok\":true,\"ts\":\"1764000002.0003\"}");
	fake_run(fake);
	expect(3, SESSION, "active", OK_BODY);
	fake_advance(fake, 60 * 1000);
	assert_int_equal(fake->n_fetches, 4);
}

static void
test_a_reply_that_comes_late_is_waited_for(void **state)
{
	(void)state;
	type(KEY, true);
	expect(1, SESSION, "processing", OK_BODY);
	type(KEY, false);
	fake_advance(fake, 1500);
	assert_int_equal(fake->n_fetches, 2);
	const struct teller_job job = reply();
	fake_send(fake, &job);
	fake_fetched(fake, 2, 200, "{\"ok\":true,\"ts\":\"1764000002.0003\"}");
	fake_run(fake);
	/* Another one may come right behind it, and no later. */
	assert_int_equal(fake->n_fetches, 3);
	fake_advance(fake, 250);
	expect(3, SESSION, "active", OK_BODY);
}

static void
test_without_a_reply_it_goes_as_well(void **state)
{
	(void)state;
	type(KEY, true);
	/* Even if Slack has not said yet that it is there. */
	type(KEY, false);
	fake_advance(fake, SETTLED_MS);
	expect(1, SESSION, "processing", OK_BODY);
	expect(2, SESSION, "active", OK_BODY);
}

static void
test_a_failed_reply_clears_it(void **state)
{
	(void)state;
	type(KEY, true);
	expect(1, SESSION, "processing", OK_BODY);
	const struct teller_job job = reply();
	fake_send(fake, &job);
	type(KEY, false);
	fake_advance(fake, SETTLED_MS);
	fake_fetched(fake, 2, 200,
		     "{\"ok\":false,\"error\":\"cannot_reply_to_message\"}");
	fake_run(fake);
	expect(3, SESSION, "active", OK_BODY);
}

static void
test_an_app_without_sessions_has_the_older_way_or_none(void **state)
{
	(void)state;
	type(KEY, true);
	expect(1, SESSION, "processing",
	       "{\"ok\":false,\"error\":\"feature_disabled\"}");
	expect(2, ASSISTANT, "is looking it up...", OK_BODY);
	type(KEY, false);
	fake_advance(fake, SETTLED_MS);
	expect(3, ASSISTANT, "", "{\"ok\":false,\"error\":\"missing_scope\"}");
	type(KEY, true);
	type("T0ACME001/D2", true);
	type(KEY, false);
	fake_advance(fake, SETTLED_MS);
	assert_int_equal(fake->n_fetches, 4);
}

static void
test_a_status_that_may_be_there_is_cleared_again_and_again(void **state)
{
	(void)state;
	type(KEY, true);
	fake_fetched(fake, 1, 503, "<html>");
	fake_run(fake);
	type(KEY, false);
	fake_advance(fake, SETTLED_MS);
	for (size_t i = 2; i < 7; i++) {
		assert_int_equal(fake->n_fetches, i + 1);
		fake_fetched(fake, i, 0, "");
		fake_advance(fake, 60 * 1000);
	}
	assert_int_equal(fake->n_fetches, 7);
	assert_non_null(strstr(buf_str(&fake->log), "may stand there"));
}

static void
test_held_back_it_comes_later_or_not_at_all(void **state)
{
	const struct teller_header header = {"Retry-After", "10"};
	const struct teller_fetched held = {.size = sizeof(held),
					    .status = 429,
					    .headers = &header,
					    .n_headers = 1,
					    .body = "",
					    .words = ""};
	(void)state;
	type(KEY, true);
	fake_fetched_whole(fake, 1, &held);
	fake_run(fake);
	type(KEY, false);
	fake_advance(fake, 60 * 1000);
	assert_int_equal(fake->n_fetches, 2); /* it was never there */
	type(KEY, true);
	expect(2, SESSION, "processing", OK_BODY);
	type(KEY, false);
	fake_advance(fake, SETTLED_MS);
	fake_fetched_whole(fake, 3, &held);
	fake_advance(fake, 9 * 1000);
	assert_int_equal(fake->n_fetches, 4);
	fake_advance(fake, 2 * 1000);
	expect(4, SESSION, "active", OK_BODY);
}

/* A process before this one may have left it. */
static void
test_what_an_earlier_process_left_is_cleared(void **state)
{
	(void)state;
	type(KEY, false);
	fake_advance(fake, SETTLED_MS);
	expect(1, SESSION, "active", OK_BODY);
	struct teller_job job = reply();
	job.created_at_us = fake->now_us - 60 * US_PER_S;
	fake_send(fake, &job);
	fake_run(fake);
	fake_fetched(fake, 2, 200, "{\"ok\":true,\"ts\":\"1764000002.0003\"}");
	fake_run(fake);
	expect(3, SESSION, "active", OK_BODY);
}

static void
test_an_end_clears_it(void **state)
{
	(void)state;
	type(KEY, true);
	expect(1, SESSION, "processing", OK_BODY);
	fake_begin_stop(fake);
	assert_false(fake->is_stopped);
	expect(2, SESSION, "active", OK_BODY);
	assert_true(fake->is_stopped);
}

static int
set_up_without(void **state)
{
	set_up_new(state);
	fake_set(fake, "status", "false");
	return fake_start(fake);
}

static void
test_none_is_shown_where_the_settings_say_so(void **state)
{
	(void)state;
	type(KEY, true);
	type(KEY, false);
	fake_advance(fake, SETTLED_MS);
	assert_int_equal(fake->n_fetches, 1);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_it_is_shown_until_the_reply_is_there),
		TEST(test_a_reply_that_comes_late_is_waited_for),
		TEST(test_without_a_reply_it_goes_as_well),
		TEST(test_a_failed_reply_clears_it),
		TEST(test_an_app_without_sessions_has_the_older_way_or_none),
		TEST(test_a_status_that_may_be_there_is_cleared_again_and_again),
		TEST(test_held_back_it_comes_later_or_not_at_all),
		TEST(test_what_an_earlier_process_left_is_cleared),
		TEST(test_an_end_clears_it),
		cmocka_unit_test_setup_teardown(
			test_none_is_shown_where_the_settings_say_so,
			set_up_without, tear_down),
	};
	return cmocka_run_group_tests_name("slack_status", tests, NULL, NULL);
}
