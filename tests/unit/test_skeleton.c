/* The plugin that authors read first does what it says, on the fake host; and
 * so shows how a plugin is tested. */
#include "test.h"

#include <string.h>

#include "../plugins/fake_services.h"

static struct fake *fake;

static const struct teller_header key[] = {
	{"Authorization", "Bearer open sesame"}, {NULL, NULL}};
static const struct teller_header wrong_key[] = {
	{"Authorization", "Bearer open sesamE"}, {NULL, NULL}};

static int
begin(void **state)
{
	(void)state;
	fake = fake_new(&teller_plugin);
	fake_set_secret(fake, "rooms.lobby.key", "open sesame");
	return 0;
}

static int
begin_started(void **state)
{
	begin(state);
	assert_int_equal(fake_start(fake), 0);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	fake_free(fake);
	return 0;
}

static struct fake_answer *
post(const char *path, const struct teller_header *headers)
{
	return fake_request(fake, "POST", path, headers, "My card is gone", 15);
}

static void
test_a_message_is_taken_when_it_is_stored(void **state)
{
	(void)state;
	struct fake_answer *answer = post("/skeleton/lobby", key);
	assert_int_equal(fake->n_messages, 1);
	assert_string_equal(fake->messages[0]->message.conversation, "lobby");
	assert_string_equal(fake->messages[0]->message.text, "My card is gone");
	assert_int_equal(answer->status, 0);
	fake_run(fake);
	assert_int_equal(answer->status, 202);
	assert_string_equal(buf_str(&answer->body), "taken as msg_1\n");
	assert_non_null(fake_get_state(fake, "last/lobby"));
}

static void
test_a_message_that_is_not_stored_is_not_taken(void **state)
{
	(void)state;
	fake->stored_status = TELLER_BUSY;
	struct fake_answer *answer = post("/skeleton/lobby", key);
	fake_run(fake);
	assert_int_equal(answer->status, 503);
	assert_int_equal(answer->retry_after_s, 2);
	fake->stored_status = TELLER_FAILED;
	answer = post("/skeleton/lobby", key);
	fake_run(fake);
	assert_int_equal(answer->status, 500);
	fake->stored_status = TELLER_NOT_FOUND;
	answer = post("/skeleton/lobby", key);
	fake_run(fake);
	assert_int_equal(answer->status, 404);
	assert_null(fake_get_state(fake, "last/lobby"));
}

static void
test_only_who_has_the_key_may_write(void **state)
{
	(void)state;
	assert_int_equal(post("/skeleton/lobby", NULL)->status, 401);
	assert_int_equal(post("/skeleton/lobby", wrong_key)->status, 401);
	assert_int_equal(post("/skeleton/cellar", key)->status, 404);
	assert_int_equal(fake->n_messages, 0);
}

static void
test_a_client_that_left_does_no_harm(void **state)
{
	(void)state;
	fake_leave(fake, post("/skeleton/lobby", key));
	fake_run(fake);
	assert_int_equal(fake->n_messages, 1);
}

static void
test_a_room_is_read_back(void **state)
{
	const struct teller_entry entries[] = {
		{.size = sizeof *entries,
		 .id = "msg_1",
		 .author = "customer",
		 .text = "My card is gone"},
		{.size = sizeof *entries,
		 .id = "msg_2",
		 .author = "bot",
		 .text = "I block it."},
	};
	const struct teller_history history = {.size = sizeof history,
					       .found = true,
					       .entries = entries,
					       .n_entries = 2};

	(void)state;
	fake_set_history(fake, "lobby", &history);
	struct fake_answer *answer =
		fake_request(fake, "GET", "/skeleton/lobby", NULL, NULL, 0);
	fake_run(fake);
	assert_int_equal(answer->status, 200);
	assert_string_equal(buf_str(&answer->body),
			    "msg_1 customer: My card is gone\n"
			    "msg_2 bot: I block it.\n");
	answer = fake_request(fake, "GET", "/skeleton/lobby?after=x", NULL,
			      NULL, 0);
	assert_int_equal(answer->status, 400);
}

static void
test_who_listens_hears_replies_and_is_kept_alive(void **state)
{
	const struct teller_job job = fake_job("msg_2", "lobby", "I block it.");

	(void)state;
	struct fake_answer *answer = fake_request(
		fake, "GET", "/skeleton/lobby/listen", NULL, NULL, 0);
	assert_true(answer->is_stream);
	fake_send(fake, &job);
	assert_string_equal(buf_str(&answer->body), "I block it.\n");
	assert_int_equal(fake->n_outcomes, 1);
	assert_int_equal(fake->outcomes[0]->kind, FAKE_SENT);
	fake_advance(fake, 20000);
	assert_string_equal(buf_str(&answer->body), "I block it.\n\n");
	teller_plugin.typing(fake->self, "", "lobby", true);
	assert_string_equal(buf_str(&answer->body), "I block it.\n\n...\n");
	fake_stop(fake);
	assert_true(answer->is_ended);
}

static void
test_who_listens_too_slowly_is_forgotten(void **state)
{
	const struct teller_job job = fake_job("msg_2", "lobby", "I block it.");

	(void)state;
	struct fake_answer *slow = fake_request(
		fake, "GET", "/skeleton/lobby/listen", NULL, NULL, 0);
	struct fake_answer *quick = fake_request(
		fake, "GET", "/skeleton/lobby/listen", NULL, NULL, 0);
	slow->is_slow = true;
	fake_send(fake, &job);
	fake_run(fake);
	fake_send(fake, &job);
	assert_string_equal(buf_str(&slow->body), "");
	assert_string_equal(buf_str(&quick->body),
			    "I block it.\nI block it.\n");
	fake_leave(fake, quick);
	fake_send(fake, &job);
}

static void
test_replies_are_passed_on_under_their_key(void **state)
{
	struct teller_job job = fake_job("msg_2", "lobby", "I block it.");

	(void)state;
	job.key = "k2";
	fake_set(fake, "forward", "https://example.com/in");
	fake_set(fake, "timeout", "3 s");
	assert_int_equal(fake_start(fake), 0);
	fake_send(fake, &job);
	assert_int_equal(fake->n_outcomes, 0);
	assert_int_equal(fake->n_fetches, 1);
	const struct teller_fetch *fetch = &fake->fetches[0]->fetch;
	assert_string_equal(fetch->url, "https://example.com/in");
	assert_string_equal(fetch->headers[1].value, "k2");
	assert_memory_equal(fetch->body, "I block it.", 11);
	assert_int_equal(fetch->timeout_ms, 3000);
	fake_fetched(fake, 0, 204, NULL);
	assert_int_equal(fake->outcomes[0]->kind, FAKE_SENT);
	assert_string_equal(fake->outcomes[0]->job, "msg_2");
}

static void
test_what_a_refusal_means_is_said(void **state)
{
	static const struct {
		int status;
		bool maybe_sent;
		enum teller_failure failure;
	} cases[] = {
		{0, false, TELLER_RETRY},      {0, true, TELLER_UNKNOWN},
		{503, false, TELLER_RETRY},    {429, false, TELLER_RETRY},
		{410, false, TELLER_GONE},     {404, false, TELLER_GONE},
		{400, false, TELLER_REJECTED},
	};
	const struct teller_job job = fake_job("msg_2", "lobby", "I block it.");

	(void)state;
	fake_set(fake, "forward", "https://example.com/in");
	assert_int_equal(fake_start(fake), 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct teller_fetched fetched = {
			.size = sizeof fetched,
			.status = cases[i].status,
			.words = "no answer",
			.maybe_sent = cases[i].maybe_sent,
		};
		fake_send(fake, &job);
		fake_fetched_whole(fake, i, &fetched);
		assert_int_equal(fake->outcomes[i]->kind, FAKE_FAILED);
		assert_int_equal(fake->outcomes[i]->failure, cases[i].failure);
	}
	assert_int_equal(fake->health, TELLER_DEGRADED);
}

static void
test_it_waits_for_what_is_being_passed_on(void **state)
{
	const struct teller_job job = fake_job("msg_2", "lobby", "I block it.");

	(void)state;
	fake_set(fake, "forward", "https://example.com/in");
	assert_int_equal(fake_start(fake), 0);
	fake_send(fake, &job);
	fake_begin_stop(fake);
	assert_false(fake->is_stopped);
	fake_fetched(fake, 0, 200, "");
	assert_true(fake->is_stopped);
	assert_int_equal(fake->outcomes[0]->kind, FAKE_SENT);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_started, end)
#define BEFORE(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(test_a_message_is_taken_when_it_is_stored),
		TEST(test_a_message_that_is_not_stored_is_not_taken),
		TEST(test_only_who_has_the_key_may_write),
		TEST(test_a_client_that_left_does_no_harm),
		TEST(test_a_room_is_read_back),
		TEST(test_who_listens_hears_replies_and_is_kept_alive),
		TEST(test_who_listens_too_slowly_is_forgotten),
		BEFORE(test_replies_are_passed_on_under_their_key),
		BEFORE(test_what_a_refusal_means_is_said),
		BEFORE(test_it_waits_for_what_is_being_passed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
