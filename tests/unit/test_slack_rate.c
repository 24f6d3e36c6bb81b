/* What Slack takes of a method a minute, and whose turn it is. */
#include "slack_fixture.h"

/* As many lanes as that; the i-th is of job i. */
#define LANES 100
#define POSTS_AT_ONCE 60
#define POST_EVERY_MS 200
#define LOOKS_AT_ONCE 10
#define LOOK_EVERY_MS 1200

static void
send_one(const char *team, size_t i, bool must_look)
{
	char id[20], conversation[60];
	snprintf(id, sizeof(id), "msg_%zu", i);
	snprintf(conversation, sizeof(conversation), "%s/D%zu", team, i);
	struct teller_job job = fake_job(id, conversation, "hi");
	job.account = team;
	job.maybe_sent = must_look;
	fake_send(fake, &job);
}

/* To which lane was it? */
static size_t
lane_of(size_t call)
{
	json_t *body = called(call);
	size_t lane = strtoul(fx_at(body, "channel") + 1, NULL, 10);
	json_decref(body);
	return lane;
}

static void
test_a_burst_is_posted_and_then_five_a_second(void **state)
{
	size_t n = 1 + POSTS_AT_ONCE;
	(void)state;
	for (size_t i = 0; i < LANES; i++)
		send_one("T0ACME001", i, false);
	assert_int_equal(fake->n_fetches, n);
	fake_advance(fake, POST_EVERY_MS - 1);
	assert_int_equal(fake->n_fetches, n);
	for (; n < 1 + LANES; n++) {
		assert_int_equal(fake->n_fetches, n);
		fake_advance(fake, POST_EVERY_MS);
	}
	fake_advance(fake, 60 * 1000);
	assert_int_equal(fake->n_fetches, 1 + LANES);
	/* Who came first was first. */
	for (size_t i = 0; i < LANES; i++)
		assert_int_equal(lane_of(1 + i), i);
}

static void
test_a_look_has_a_rate_of_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * LOOKS_AT_ONCE; i++)
		send_one("T0ACME001", i, true);
	assert_int_equal(fake->n_fetches, 1 + LOOKS_AT_ONCE);
	send_one("T0ACME001", LANES, false);
	assert_int_equal(fake->n_fetches, 2 + LOOKS_AT_ONCE);
	fake_advance(fake, 3 * LOOK_EVERY_MS + 1);
	assert_int_equal(fake->n_fetches, 2 + LOOKS_AT_ONCE + 3);
}

static void
hold_back(size_t call, const char *seconds)
{
	const struct teller_header after = {"Retry-After", seconds};
	const struct teller_fetched held = {.size = sizeof(held),
					    .status = 429,
					    .headers = &after,
					    .n_headers = 1};
	fake_fetched_whole(fake, call, &held);
}

/* They do not come all at once when Slack takes something again: it would hold
 * them back at once. */
static void
test_what_was_held_back_goes_one_by_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < 10; i++)
		send_one("T0ACME001", i, false);
	for (size_t i = 0; i < 10; i++)
		hold_back(1 + i, "7");
	for (size_t i = 10; i < 20; i++)
		send_one("T0ACME001", i, false);
	fake_advance(fake, 6999);
	assert_int_equal(fake->n_fetches, 11);
	/* And up to half a second by chance. */
	fake_advance(fake, 501 + 5 * POST_EVERY_MS);
	assert_in_range(fake->n_fetches, 11 + 5, 11 + 9);
	fake_advance(fake, 20 * POST_EVERY_MS);
	assert_int_equal(fake->n_fetches, 31);
	for (size_t i = 0; i < 20; i++)
		assert_int_equal(lane_of(11 + i), i);
}

/* Some have their turn behind it: those that it holds back come after them. */
static void
test_a_hold_leaves_the_rate_as_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < LANES; i++)
		send_one("T0ACME001", i, false);
	hold_back(1, "3");
	size_t n = 1 + POSTS_AT_ONCE;
	assert_int_equal(fake->n_fetches, n);
	for (int i = 0; i < 200; i++) {
		fake_advance(fake, POST_EVERY_MS);
		assert_in_range(fake->n_fetches - n, 0, 1);
		n = fake->n_fetches;
	}
	assert_int_equal(n, 1 + LANES + 1);
}

/* A shorter one does not end it. */
static void
test_the_longest_hold_counts(void **state)
{
	(void)state;
	send_one("T0ACME001", 0, false);
	send_one("T0ACME001", 1, false);
	hold_back(1, "60");
	hold_back(2, "1");
	fake_advance(fake, 59 * 1000);
	assert_int_equal(fake->n_fetches, 3);
	fake_advance(fake, 3 * 1000);
	assert_int_equal(fake->n_fetches, 5);
}

static void
test_workspaces_do_not_wait_for_each_other(void **state)
{
	(void)state;
	fake_set(fake, "workspaces.beta.team", "T0BETA001");
	fake_set_secret(fake, "workspaces.beta.token", "xoxb-beta");
	assert_int_equal(fake_start(fake), 0);
	fake_fetched(fake, 0, 200, "{\"ok\":true,\"team_id\":\"T0ACME001\"}");
	fake_fetched(fake, 1, 200, "{\"ok\":true,\"team_id\":\"T0BETA001\"}");
	for (size_t i = 0; i < LANES; i++)
		send_one("T0ACME001", i, false);
	assert_int_equal(fake->n_fetches, 2 + POSTS_AT_ONCE);
	send_one("T0BETA001", 0, false);
	assert_int_equal(fake->n_fetches, 3 + POSTS_AT_ONCE);
}

static void
test_without_a_pace_slack_alone_holds_back(void **state)
{
	(void)state;
	fake_set(fake, "pace", "0 ms");
	assert_int_equal(fake_start(fake), 0);
	fake_fetched(fake, 0, 200, "{\"ok\":true,\"team_id\":\"T0ACME001\"}");
	for (size_t i = 0; i < LANES; i++)
		send_one("T0ACME001", i, false);
	assert_int_equal(fake->n_fetches, 1 + LANES);
	hold_back(1, "7");
	send_one("T0ACME001", LANES, false);
	fake_advance(fake, 6999);
	assert_int_equal(fake->n_fetches, 1 + LANES);
	fake_advance(fake, 1000);
	assert_int_equal(fake->n_fetches, 3 + LANES);
}

/* What was taken before lies in the future then. */
static void
test_a_clock_that_is_set_back_stops_nothing(void **state)
{
	(void)state;
	send_one("T0ACME001", 0, false);
	fake_fetched(fake, 1, 200, FX_POSTED);
	fake_advance(fake, 60 * 1000);
	fake->now_us -= 3600 * US_PER_S;
	send_one("T0ACME001", 0, false);
	assert_int_equal(fake->n_fetches, 3);
	fake_fetched(fake, 2, 200, FX_POSTED);
	send_one("T0ACME001", 0, false);
	fake_advance(fake, 900);
	assert_int_equal(fake->n_fetches, 3);
	fake_advance(fake, 200);
	assert_int_equal(fake->n_fetches, 4);
}

#define STARTED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
#define NEW(test) cmocka_unit_test_setup_teardown(test, set_up_new, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STARTED(test_a_burst_is_posted_and_then_five_a_second),
		STARTED(test_a_look_has_a_rate_of_its_own),
		STARTED(test_what_was_held_back_goes_one_by_one),
		STARTED(test_a_hold_leaves_the_rate_as_it_is),
		STARTED(test_the_longest_hold_counts),
		STARTED(test_a_clock_that_is_set_back_stops_nothing),
		NEW(test_workspaces_do_not_wait_for_each_other),
		NEW(test_without_a_pace_slack_alone_holds_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
