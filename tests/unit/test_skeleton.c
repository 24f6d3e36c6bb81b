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

static struct fake_answer *
get(const char *path, const struct teller_header *headers)
{
	return fake_request(fake, "GET", path, headers, NULL, 0);
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
}

static void
test_only_who_has_the_key_may_write_and_read(void **state)
{
	(void)state;
	assert_int_equal(post("/skeleton/lobby", NULL)->status, 401);
	assert_int_equal(post("/skeleton/lobby", wrong_key)->status, 401);
	assert_int_equal(post("/skeleton/cellar", key)->status, 404);
	assert_int_equal(get("/skeleton/lobby", NULL)->status, 401);
	assert_int_equal(get("/skeleton/lobby", wrong_key)->status, 401);
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
	struct fake_answer *answer = get("/skeleton/lobby", key);
	fake_run(fake);
	assert_int_equal(answer->status, 200);
	assert_string_equal(buf_str(&answer->body),
			    "msg_1 customer: My card is gone\n"
			    "msg_2 bot: I block it.\n");
	answer = get("/skeleton/lobby?after=x", key);
	assert_int_equal(answer->status, 400);
}

static void
test_a_reply_is_delivered_by_being_there(void **state)
{
	const struct teller_job job = fake_job("msg_2", "lobby", "I block it.");

	(void)state;
	fake_send(fake, &job);
	assert_int_equal(fake->n_outcomes, 1);
	assert_int_equal(fake->outcomes[0]->kind, FAKE_SENT);
	assert_string_equal(fake->outcomes[0]->job, "msg_2");
}

static void
test_it_stops_at_once(void **state)
{
	(void)state;
	fake_begin_stop(fake);
	assert_true(fake->is_stopped);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_started, end)
	const struct CMUnitTest tests[] = {
		TEST(test_a_message_is_taken_when_it_is_stored),
		TEST(test_a_message_that_is_not_stored_is_not_taken),
		TEST(test_only_who_has_the_key_may_write_and_read),
		TEST(test_a_client_that_left_does_no_harm),
		TEST(test_a_room_is_read_back),
		TEST(test_a_reply_is_delivered_by_being_there),
		TEST(test_it_stops_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
