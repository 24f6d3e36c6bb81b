/* The channel begins and ends, and its workspaces with their tokens. */
#include "slack_fixture.h"

/* ---- Workspaces */

static void
test_a_token_of_another_workspace_is_not_used(void **state)
{
	(void)state;
	assert_int_equal(fake_start(fake), 0);
	assert_int_equal(fake->health, TELLER_DEGRADED);
	const struct teller_job job = fx_reply("msg_7", "hi");
	fake_send(fake, &job);
	assert_int_equal(fake->n_fetches, 1);
	fake_fetched(fake, 0, 200, "{\"ok\":true,\"team_id\":\"T0OTHER01\"}");
	assert_int_equal(fake->health, TELLER_DOWN);
	assert_non_null(strstr(fake->health_words, "T0OTHER01"));
	assert_int_equal(fake->n_fetches, 1);
	assert_int_equal(fake->n_outcomes, 0);
}

/* One of a single workspace of it would do for no other. */
static void
test_an_organisation_has_a_token_of_its_own(void **state)
{
	static const char *const answers[] = {
		"{\"ok\":true,\"team_id\":\"T0ACME001\",\"enterprise_id\":"
		"\"E0ACME001\",\"is_enterprise_install\":false}",
		"{\"ok\":true,\"team_id\":\"T0ACME001\",\"enterprise_id\":"
		"\"E0ACME001\",\"is_enterprise_install\":true}"};
	(void)state;
	fake_set(fake, "workspaces.acme.team", "E0ACME001");
	assert_int_equal(fake_start(fake), 0);
	fake_fetched(fake, 0, 200, answers[0]);
	assert_int_equal(fake->health, TELLER_DOWN);
	fake_advance(fake, 5 * 60 * 1000);
	fake_fetched(fake, 1, 200, answers[1]);
	assert_int_equal(fake->health, TELLER_OK);
}

static void
test_replies_wait_until_slack_can_be_asked(void **state)
{
	(void)state;
	assert_int_equal(fake_start(fake), 0);
	const struct teller_job job = fx_reply("msg_7", "hi");
	fake_send(fake, &job);
	fake_fetched(fake, 0, 0, "no route");
	assert_int_equal(fake->health, TELLER_DEGRADED);
	fake_advance(fake, 30 * 1000);
	assert_int_equal(fake->n_fetches, 2);
	fake_fetched(fake, 1, 200, "{\"ok\":true,\"team_id\":\"T0ACME001\"}");
	assert_string_equal(called_url(2),
			    "https://slack.com/api/chat.postMessage");
	assert_int_equal(fake->n_outcomes, 0);
}

/* What is to be posted waits for it. */
static void
test_slack_is_asked_again_soon_and_then_more_slowly(void **state)
{
	static const int64_t pauses_s[] = {1, 2, 4, 8, 16, 30, 30};
	size_t n = sizeof(pauses_s) / sizeof(*pauses_s);
	(void)state;
	assert_int_equal(fake_start(fake), 0);
	for (size_t i = 0; i < n; i++) {
		fake_fetched(fake, i, 503, "<html>");
		fake_advance(fake, pauses_s[i] * 1000 - 1);
		assert_int_equal(fake->n_fetches, i + 1);
		fake_advance(fake, 1);
		assert_int_equal(fake->n_fetches, i + 2);
	}
	/* Slack says when. */
	fake_fetched(fake, n, 429, "");
	fake_advance(fake, 30 * 1000);
	assert_int_equal(fake->n_fetches, n + 2);
	fake_fetched(fake, n + 1, 200,
		     "{\"ok\":true,\"team_id\":\"T0ACME001\"}");
	assert_int_equal(fake->health, TELLER_OK);
}

static void
test_each_workspace_has_its_token(void **state)
{
	(void)state;
	fake_set(fake, "workspaces.beta.team", "T0BETA001");
	fake_set_secret(fake, "workspaces.beta.token", "xoxb-beta");
	assert_int_equal(fake_start(fake), 0);
	fake_fetched(fake, 0, 200, "{\"ok\":true,\"team_id\":\"T0ACME001\"}");
	fake_fetched(fake, 1, 200, "{\"ok\":true,\"team_id\":\"T0BETA001\"}");
	struct teller_job job = fx_reply("msg_7", "hi");
	job.account = "T0BETA001";
	fake_send(fake, &job);
	assert_string_equal(fake->fetches[2]->fetch.bearer, "xoxb-beta");
	job.id = "msg_8";
	job.account = "T0GONE001";
	fake_send(fake, &job);
	assert_int_equal(last_outcome()->failure, TELLER_GONE);
}

static void
test_settings_that_are_wrong_do_not_start(void **state)
{
	(void)state;
	fake_set_secret(fake, "signing_secret", "");
	assert_int_equal(fake_start(fake), -1);
	assert_non_null(strstr(fake->words.text, "signing_secret"));
	fake_free(fake);
	set_up_new(state);
	fake_set(fake, "workspaces.beta.team", "T0ACME001");
	fake_set_secret(fake, "workspaces.beta.token", "x");
	assert_int_equal(fake_start(fake), -1);
	assert_string_equal(fake->words.text,
			    "workspaces.beta.team is 'T0ACME001', as that of "
			    "workspaces.acme is");
	fake_free(fake);
	set_up_new(state);
	fake_set(fake, "workspaces.beta.team", "beta");
	assert_int_equal(fake_start(fake), -1);
	assert_string_equal(fake->words.text,
			    "workspaces.beta.team is 'beta', which is no id of "
			    "a workspace (T...)");
}

/* ---- The end */

static void
test_stopping_waits_for_what_is_under_way(void **state)
{
	const struct teller_job first = fx_reply("msg_7", "first"),
				second = fx_reply("msg_8", "second");
	(void)state;
	fake_send(fake, &first);
	fake_send(fake, &second);
	fake_begin_stop(fake);
	assert_false(fake->is_stopped);
	fake_fetched(fake, 1, 200, FX_POSTED);
	assert_true(fake->is_stopped);
	assert_int_equal(fake->n_outcomes, 1);
	assert_string_equal(fake->outcomes[0]->job, "msg_7");
}

static void
test_what_is_left_at_the_end_is_the_hosts(void **state)
{
	const struct teller_job first = fx_reply("msg_7", fx_long_text());
	(void)state;
	fake->is_held = true;
	post_json(envelope("Ev1", written("D1", "1.1", NULL, "hi")));
	fake_send(fake, &first);
	fake_stop(fake);
	assert_int_equal(fake->n_outcomes, 0);
}

#define STARTED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
#define NEW(test) cmocka_unit_test_setup_teardown(test, set_up_new, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		NEW(test_a_token_of_another_workspace_is_not_used),
		NEW(test_an_organisation_has_a_token_of_its_own),
		NEW(test_replies_wait_until_slack_can_be_asked),
		NEW(test_slack_is_asked_again_soon_and_then_more_slowly),
		NEW(test_each_workspace_has_its_token),
		NEW(test_settings_that_are_wrong_do_not_start),
		STARTED(test_stopping_waits_for_what_is_under_way),
		STARTED(test_what_is_left_at_the_end_is_the_hosts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
