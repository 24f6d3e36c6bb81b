/* An answer that comes by and by is there once, and whole. */
#include "slack_fixture.h"

#define API "https://slack.com/api/"
#define KEY "T0ACME001/C0HELP001/1764000000.000100"
#define TS "1764000003.000400"
#define OK_BODY "{\"ok\":true,\"ts\":\"" TS "\"}"
#define ERROR(name) "{\"ok\":false,\"error\":\"" name "\"}"
#define WORDS 120 /* of five bytes */

static char answer[5 * WORDS + 1];

static int
set_up_stream(void **state)
{
	for (size_t i = 0; i < WORDS; i++)
		memcpy(answer + 5 * i, "word ", 6);
	set_up_new(state);
	fake_set(fake, "stream", "true");
	assert_int_equal(fake_start(fake), 0);
	fake_fetched(fake, 0, 200, "{\"ok\":true,\"team_id\":\"T0ACME001\"}");
	fake_run(fake);
	return 0;
}

static struct teller_job
make_job(const char *text)
{
	struct teller_job job = fake_job("msg_7", KEY, text);
	job.account = "T0ACME001";
	job.kind = TELLER_JOB_REPLY;
	job.reply_kind = "answer";
	job.conversation_state = "bot";
	job.route = "{\"team\":\"T0BANK001\",\"user\":\"U0ANN0001\"}";
	job.route_len = strlen(job.route);
	return job;
}

static void
give(const char *text)
{
	const struct teller_job job = make_job(text);
	fake_send(fake, &job);
}

/* The newest call is of that method; it is answered, and a while passes. */
static void
expect(const char *method, const char *reply)
{
	const char *url = called_url(fake->n_fetches - 1);
	assert_string_equal(url + strlen(API), method);
	fake_fetched(fake, fake->n_fetches - 1, 200, reply);
	fake_advance(fake, 2000);
}

static const char *
last_member(const char *key)
{
	json_t *body = called(fake->n_fetches - 1);
	const char *text = event_text(body, key);
	char *copy = text ? arena_strdup(&fake->arena, text) : NULL;
	json_decref(body);
	return copy;
}

static void
assert_sent(void)
{
	assert_int_equal(last_outcome()->kind, FAKE_SENT);
	assert_string_equal(last_outcome()->text, TS);
	assert_string_equal(last_outcome()->job, "msg_7");
}

/* A look finds those messages. */
static void
assert_looked_for(const char *found)
{
	size_t call = fake->n_fetches - 1;
	assert_non_null(strstr(called_url(call), API "conversations.replies?"));
	fake_fetched(fake, call, 200,
		     arena_printf(&fake->arena,
				  "{\"ok\":true,\"messages\":[%s]}", found));
	fake_advance(fake, 2000);
}

static void
test_it_comes_in_whole_words_and_ends_with_its_buttons(void **state)
{
	const char *got = "";
	(void)state;
	give(answer);
	assert_null(last_member("markdown_text"));
	assert_string_equal(last_member("thread_ts"), "1764000000.000100");
	assert_string_equal(last_member("recipient_team_id"), "T0BANK001");
	assert_string_equal(last_member("recipient_user_id"), "U0ANN0001");
	expect("chat.startStream", OK_BODY);
	assert_int_equal(last_outcome()->kind, FAKE_PROGRESS);
	assert_string_equal(last_outcome()->text, "stream " TS);
	for (int i = 0; i < 2; i++) {
		assert_string_equal(last_member("ts"), TS);
		assert_in_range(strlen(last_member("markdown_text")), 256, 265);
		got = arena_printf(&fake->arena, "%s%s", got,
				   last_member("markdown_text"));
		expect("chat.appendStream", OK_BODY);
	}
	got = arena_printf(&fake->arena, "%s%s", got,
			   last_member("markdown_text"));
	assert_string_equal(got, answer);
	json_t *body = called(fake->n_fetches - 1);
	assert_true(json_array_size(json_object_get(body, "blocks")) > 0);
	assert_string_equal(
		event_text(json_object_get(json_object_get(body, "metadata"),
					   "event_payload"),
			   "job"),
		"msg_7");
	json_decref(body);
	expect("chat.stopStream", OK_BODY);
	assert_sent();
}

static void
test_what_is_not_to_be_streamed_is_posted(void **state)
{
	struct teller_job jobs[] = {make_job("short"), make_job(answer),
				    make_job(answer), make_job(answer)};
	(void)state;
	jobs[1].reply_kind = "handover";
	jobs[2].route_len = 0; /* to whom? */
	jobs[3].text = arena_printf(&fake->arena, "<!channel> %s", answer);
	for (size_t i = 0; i < sizeof(jobs) / sizeof(*jobs); i++) {
		fake_send(fake, &jobs[i]);
		expect("chat.postMessage", OK_BODY);
	}
}

/* Found out once. */
static void
test_an_app_that_may_not_stream_posts(void **state)
{
	(void)state;
	give(answer);
	expect("chat.startStream", ERROR("missing_scope"));
	expect("chat.postMessage", OK_BODY);
	assert_sent();
	give(answer);
	expect("chat.postMessage", OK_BODY);
}

static void
test_a_stream_that_perhaps_began_is_posted(void **state)
{
	(void)state;
	give(answer);
	expect("chat.startStream", "<html>");
	expect("chat.postMessage", OK_BODY);
	give(answer);
	expect("chat.startStream", OK_BODY);
}

static void
test_words_that_perhaps_arrived_are_put_right(void **state)
{
	(void)state;
	give(answer);
	expect("chat.startStream", OK_BODY);
	expect("chat.appendStream", ERROR("internal_error"));
	assert_null(last_member("markdown_text"));
	expect("chat.stopStream", ERROR("message_not_in_streaming_state"));
	assert_string_equal(last_member("ts"), TS);
	assert_memory_equal(last_member("text"), answer, 5 * WORDS - 1);
	expect("chat.update", OK_BODY);
	assert_sent();
}

static void
test_an_end_of_which_nothing_is_known_is_put_right(void **state)
{
	(void)state;
	give(answer);
	expect("chat.startStream", OK_BODY);
	expect("chat.appendStream", OK_BODY);
	expect("chat.appendStream", OK_BODY);
	expect("chat.stopStream", "");
	expect("chat.stopStream", OK_BODY);
	expect("chat.update", ERROR("invalid_blocks"));
	json_t *body = called(fake->n_fetches - 1);
	assert_null(json_object_get(body, "blocks"));
	json_decref(body);
	expect("chat.update", "");
	assert_int_equal(last_outcome()->kind, FAKE_FAILED);
	assert_int_equal(last_outcome()->failure, TELLER_UNKNOWN);
}

/* The next attempt, perhaps by another process, goes on there. */
static void
test_a_stream_of_an_earlier_attempt_is_put_right(void **state)
{
	struct teller_job job = make_job(answer);
	size_t n;
	(void)state;
	job.maybe_sent = true;
	job.progress = "stream " TS;
	job.progress_len = strlen(job.progress);
	fake_send(fake, &job);
	expect("chat.stopStream", OK_BODY);
	expect("chat.update", OK_BODY);
	assert_sent();
	fake_send(fake, &job);
	expect("chat.stopStream", ERROR("message_not_found"));
	expect("chat.update", ERROR("message_not_found"));
	assert_looked_for("");
	expect("chat.postMessage", OK_BODY);
	assert_sent();
	/* If the process ended before that was known. */
	n = fake->n_fetches;
	fake_send(fake, &job);
	expect("chat.stopStream", ERROR("message_not_found"));
	expect("chat.update", ERROR("message_not_found"));
	assert_looked_for("{\"ts\":\"" TS "\",\"metadata\":{\"event_type\":"
			  "\"tellerd_reply\",\"event_payload\":"
			  "{\"job\":\"msg_7\",\"part\":0}}}");
	assert_int_equal(fake->n_fetches, n + 3);
	assert_sent();
}

static void
test_who_stops_it_has_what_is_there(void **state)
{
	(void)state;
	give(answer);
	expect("chat.startStream", OK_BODY);
	expect("chat.appendStream", ERROR("stopped_by_user"));
	assert_sent();
	give(answer);
	expect("chat.startStream", OK_BODY);
	teller_plugin.cancel(fake->self, "msg_7");
	expect("chat.appendStream", OK_BODY);
	assert_null(last_member("markdown_text"));
	expect("chat.stopStream", OK_BODY);
	assert_sent();
}

static void
test_held_back_it_goes_on_where_it_was(void **state)
{
	(void)state;
	give(answer);
	expect("chat.startStream", OK_BODY);
	const char *first = last_member("markdown_text");
	fake_fetched(fake, fake->n_fetches - 1, 429, "");
	fake_advance(fake, 60 * 1000);
	assert_string_equal(last_member("markdown_text"), first);
	expect("chat.appendStream", OK_BODY);
	assert_string_not_equal(last_member("markdown_text"), "");
}

/* Slack takes few of them a minute. */
static void
test_too_many_at_once_are_posted(void **state)
{
	int n = 0;
	(void)state;
	for (int i = 0; i < 20; i++) {
		struct teller_job job = make_job(answer);
		job.conversation = arena_printf(
			&fake->arena, "T0ACME001/C%d/1764000000.000100", i);
		size_t before = fake->n_fetches;
		fake_send(fake, &job);
		assert_int_equal(fake->n_fetches, before + 1);
		n += strstr(called_url(before), "startStream") != NULL;
	}
	assert_in_range(n, 1, 10);
}

#define TEST(test) \
	cmocka_unit_test_setup_teardown(test, set_up_stream, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_it_comes_in_whole_words_and_ends_with_its_buttons),
		TEST(test_what_is_not_to_be_streamed_is_posted),
		TEST(test_an_app_that_may_not_stream_posts),
		TEST(test_a_stream_that_perhaps_began_is_posted),
		TEST(test_words_that_perhaps_arrived_are_put_right),
		TEST(test_an_end_of_which_nothing_is_known_is_put_right),
		TEST(test_a_stream_of_an_earlier_attempt_is_put_right),
		TEST(test_who_stops_it_has_what_is_there),
		TEST(test_held_back_it_goes_on_where_it_was),
		TEST(test_too_many_at_once_are_posted),
	};
	return cmocka_run_group_tests_name("slack_stream", tests, NULL, NULL);
}
