/* What `tellerctl slack check` is told. */
#include "slack_fixture.h"

#define IDENTITY                                           \
	"{\"ok\":true,\"team_id\":\"T0ACME001\",\"user\":" \
	"\"teller\",\"user_id\":\"U0TELLER1\",\"bot_id\":" \
	"\"B0TELLER1\"}"
#define TOKEN_GOOD                                            \
	"good workspace acme: its token is good: the bot is " \
	"teller in T0ACME001\n"
#define SCOPES_GOOD "good workspace acme: it has all scopes of the manifest\n"

/* All that the manifest asks for, but one. */
static void
list_scopes(const char *but, char *out, size_t size)
{
	json_t *manifest = json_loads(slack_manifest, 0, NULL), *scope;
	json_t *list = json_object_get(
		json_object_get(json_object_get(manifest, "oauth_config"),
				"scopes"),
		"bot");
	size_t i, n = 0;
	assert_true(json_array_size(list) > 3);
	json_array_foreach (list, i, scope)
		if (!but || strcmp(json_string_value(scope), but) != 0)
			n += (size_t)snprintf(out + n, size - n, "%s%s",
					      n ? "," : "",
					      json_string_value(scope));
	json_decref(manifest);
}

/* The answer to the i-th call, with scopes in its header. */
static void
answer_scopes(size_t i, const char *but, const char *body)
{
	char scopes[1000];
	const struct teller_header header = {"x-oauth-scopes", scopes};
	list_scopes(but, scopes, sizeof(scopes));
	fake_fetched_whole(fake, i,
			   &(struct teller_fetched){
				   .size = sizeof(struct teller_fetched),
				   .status = 200,
				   .words = "",
				   .headers = &header,
				   .n_headers = 1,
				   .body = body,
				   .body_len = strlen(body),
			   });
}

static void
assert_found(const char *expected)
{
	assert_true(fake->is_checked);
	assert_string_equal(buf_str(&fake->found), expected);
}

/* Of findings in which much else stands. */
static void
assert_says(const char *words)
{
	if (!strstr(buf_str(&fake->found), words))
		fail_msg("'%s' is not in '%s'", words, buf_str(&fake->found));
}

static void
test_all_is_well(void **state)
{
	(void)state;
	post_json(envelope("Ev1", written("D0ANN0001", "1.1", NULL, "hi")));
	fake_run(fake);
	fake_advance(fake, 3 * 60 * 1000);
	fake_check(fake, "");
	assert_string_equal(called_url(1), "https://slack.com/api/auth.test");
	assert_false(fake->is_checked);
	answer_scopes(1, NULL, IDENTITY);
	assert_found(TOKEN_GOOD SCOPES_GOOD
		     "good HTTPS: Slack reaches this tellerd; the last event "
		     "came 3 min ago\n");
}

static void
test_what_is_signed_by_another_secret_is_told(void **state)
{
	(void)state;
	fake_check(fake, "");
	answer_scopes(1, NULL, IDENTITY);
	assert_null(strstr(buf_str(&fake->found), "not signed"));
	fake_request(fake, "POST", "/slack/events", NULL, "{}", 2);
	fake_advance(fake, 2 * 60 * 1000);
	fake_check(fake, "");
	answer_scopes(2, NULL, IDENTITY);
	assert_says("doubt HTTPS: 2 min ago something came that is not signed "
		    "by signing_secret, and no event since -> If that was");
	fake_advance(fake, 1000);
	post_json(envelope("Ev1", written("D0ANN0001", "1.1", NULL, "hi")));
	fake_run(fake);
	fake_check(fake, "");
	answer_scopes(3, NULL, IDENTITY);
	assert_null(strstr(buf_str(&fake->found), "not signed"));
}

static void
test_without_an_event_nobody_knows(void **state)
{
	(void)state;
	fake_check(fake, "");
	fake_fetched(fake, 1, 200, IDENTITY);
	assert_true(fake->is_checked);
	assert_says("doubt workspace acme: Slack does not say which scopes");
	assert_says("doubt HTTPS: no event has come since the start");
	assert_says("-> Event Subscriptions, Request URL: press Retry");
}

static void
test_a_scope_that_is_missing_is_named(void **state)
{
	static const struct {
		const char *scope, *words;
	} rows[] = {
		{"chat:write", "bad workspace acme: the scope chat:write is "
			       "missing: the bot cannot write -> OAuth & "
			       "Permissions, Scopes, Bot Token Scopes: add "
			       "chat:write; then Reinstall to Workspace.\n"},
		{"im:history", "bad workspace acme: the scope im:history"},
		{"groups:history", "doubt workspace acme: the scope "
				   "groups:history is missing"},
		{"mpim:history",
		 "doubt workspace acme: the scope mpim:history is missing: in "
		 "threads of group direct messages the bot hears only who "
		 "mentions it"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		fake_check(fake, "");
		answer_scopes(i + 1, rows[i].scope, IDENTITY);
		assert_says(rows[i].words);
		assert_null(strstr(buf_str(&fake->found), "all scopes"));
	}
}

static void
test_an_app_that_is_an_agent_is_told_of(void **state)
{
	const struct teller_header header = {"x-oauth-scopes",
					     "chat:write,assistant:write"};
	(void)state;
	fake_check(fake, "");
	fake_fetched_whole(fake, 1,
			   &(struct teller_fetched){
				   .size = sizeof(struct teller_fetched),
				   .status = 200,
				   .words = "",
				   .headers = &header,
				   .n_headers = 1,
				   .body = IDENTITY,
				   .body_len = strlen(IDENTITY),
			   });
	assert_says("good workspace acme: the app is an agent");
}

static void
test_a_bad_token_is_told_with_what_to_do(void **state)
{
	(void)state;
	fake_check(fake, "C0HELP001");
	fake_fetched(fake, 1, 200, "{\"ok\":false,\"error\":\"invalid_auth\"}");
	assert_true(fake->is_checked);
	assert_says("bad workspace acme: Slack says invalid_auth -> OAuth & "
		    "Permissions: copy the Bot User OAuth Token");
	assert_int_equal(fake->health, TELLER_DOWN);
	/* It has been put right. */
	fake_check(fake, "");
	answer_scopes(2, NULL, IDENTITY);
	assert_says(TOKEN_GOOD);
	assert_int_equal(fake->health, TELLER_OK);
}

static void
test_another_workspaces_token_is_told(void **state)
{
	(void)state;
	fake_check(fake, "");
	fake_fetched(fake, 1, 200, "{\"ok\":true,\"team_id\":\"T0OTHER01\"}");
	assert_says("bad workspace acme: team is T0ACME001, but the token is "
		    "of workspace T0OTHER01 -> Put the id of the token's "
		    "workspace where the setting `team` is");
}

static void
test_without_a_token_it_says_so(void **state)
{
	(void)state;
	fake_set_secret(fake, "workspaces.acme.token", "");
	fake_check(fake, "");
	assert_says("bad workspace acme: it has no token, or none that can be "
		    "read -> Is what the setting `token` names empty?");
}

static void
test_no_answer_is_told(void **state)
{
	(void)state;
	fake_check(fake, "");
	fake_fetched(fake, 1, 0, "slack.com cannot be found");
	assert_says("bad workspace acme: slack.com cannot be found\n");
	assert_true(fake->is_checked);
}

/* ---- A trial */

static void
test_a_message_is_posted_for_a_trial(void **state)
{
	(void)state;
	fake_check(fake, "C0HELP001");
	answer_scopes(1, NULL, IDENTITY);
	assert_string_equal(called_url(2),
			    "https://slack.com/api/chat.postMessage");
	json_t *body = called(2);
	assert_string_equal(json_string_value(json_object_get(body, "channel")),
			    "C0HELP001");
	json_decref(body);
	fake_fetched(fake, 2, 200, "{\"ok\":true,\"ts\":\"1.1\"}");
	assert_says("good workspace acme: a message was posted\n");
	assert_true(fake->is_checked);
}

static void
test_a_trial_that_fails_is_told(void **state)
{
	(void)state;
	fake_check(fake, "acme/C0HELP001");
	answer_scopes(1, NULL, IDENTITY);
	fake_fetched(fake, 2, 200,
		     "{\"ok\":false,\"error\":\"not_in_channel\"}");
	assert_says("bad workspace acme: Slack says not_in_channel -> Write "
		    "/invite and the bot's name in that channel.\n");
}

static void
test_a_trial_is_posted_in_the_workspace_that_is_named(void **state)
{
	static const char *const bad[] = {"C0HELP001", "other/C0HELP001",
					  "acme/#help", "acme/", "/C0HELP001"};
	(void)state;
	fake_set(fake, "workspaces.beta.team", "T0BETA001");
	fake_set_secret(fake, "workspaces.beta.token", "xoxb-beta");
	assert_int_equal(fake_start(fake), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		size_t n = fake->n_fetches;
		fake_check(fake, bad[i]);
		assert_says("names no channel -> A channel's id");
		fake_fetched(fake, n, 200, IDENTITY);
		assert_int_equal(fake->n_fetches, n + 2);
		fake_fetched(fake, n + 1, 200,
			     "{\"ok\":true,\"team_id\":\"T0BETA001\","
			     "\"user\":\"teller\"}");
		assert_true(fake->is_checked);
	}
	size_t n = fake->n_fetches;
	fake_check(fake, "beta/C0HELP001");
	fake_fetched(fake, n, 200, IDENTITY);
	assert_string_equal(called_url(n + 1),
			    "https://slack.com/api/auth.test");
	fake_fetched(fake, n + 1, 200,
		     "{\"ok\":true,\"team_id\":\"T0BETA001\"}");
	assert_string_equal(fake->fetches[n + 2]->fetch.bearer, "xoxb-beta");
}

/* ---- The way that events come by */

static void
test_our_own_address_is_asked_as_slack_does(void **state)
{
	char at[32], signature[68];
	(void)state;
	fake_set(fake, "base_url", "https://bot.example.com");
	assert_int_equal(fake_start(fake), 0);
	fake_check(fake, "");
	answer_scopes(1, NULL, IDENTITY);
	const struct teller_fetch *fetch = &fake->fetches[2]->fetch;
	assert_string_equal(fetch->url, "https://bot.example.com/slack/events");
	assert_null(fetch->bearer);
	snprintf(at, sizeof(at), "%lld", (long long)(fake->now_us / US_PER_S));
	fx_sign(FX_SECRET, at, fetch->body, fetch->body_len, signature);
	assert_string_equal(fetch->headers[1].value, at);
	assert_string_equal(fetch->headers[2].value, signature);
	json_t *body = called(2);
	fake_fetched(fake, 2, 200,
		     json_string_value(json_object_get(body, "challenge")));
	json_decref(body);
	assert_says("good HTTPS: https://bot.example.com/slack/events answers; "
		    "no event has come since the start\n");
	assert_true(fake->is_checked);
}

static void
test_an_address_that_does_not_answer_so_is_told(void **state)
{
	static const struct {
		int status;
		const char *body, *words;
	} rows[] = {
		{200, "welcome",
		 "bad HTTPS: https://bot.example.com/slack/"
		 "events is not this tellerd: it answers 200"},
		{404, "", "it answers 404 -> The proxy has to pass /slack/"},
		{401, "", "refuses a signed request -> Look at the clocks"},
		{0, "certificate has expired",
		 "does not answer: certificate has expired -> Look at the"},
	};
	(void)state;
	fake_set(fake, "base_url", "https://bot.example.com");
	assert_int_equal(fake_start(fake), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t n = fake->n_fetches;
		fake_check(fake, "");
		answer_scopes(n, NULL, IDENTITY);
		fake_fetched(fake, n + 1, rows[i].status, rows[i].body);
		assert_says(rows[i].words);
		assert_true(fake->is_checked);
	}
}

static void
test_socket_mode_is_asked_for_a_connection(void **state)
{
	(void)state;
	fake_set_secret(fake, "app_token", "xapp-test");
	assert_int_equal(fake_start(fake), 0);
	size_t n = fake->n_fetches;
	fake_check(fake, "");
	answer_scopes(n, NULL, IDENTITY);
	assert_string_equal(called_url(n + 1),
			    "https://slack.com/api/apps.connections.open");
	fake_fetched(fake, n + 1, 200,
		     "{\"ok\":true,\"url\":\"wss://a.example/\"}");
	assert_says("doubt Socket Mode: Slack gives connections, but none "
		    "stands: Slack has not been reached yet");
	n = fake->n_fetches;
	fake_check(fake, "");
	answer_scopes(n, NULL, IDENTITY);
	fake_fetched(fake, n + 1, 200,
		     "{\"ok\":false,\"error\":\"missing_scope\","
		     "\"needed\":\"connections:write\"}");
	assert_says("bad Socket Mode: Slack says missing_scope, it needs "
		    "connections:write -> Basic Information, App-Level Tokens");
}

/* Whoever waits for it is the host's, who tells him. */
static void
test_a_check_under_way_goes_with_the_plugin(void **state)
{
	(void)state;
	fake_check(fake, "");
	fake_check(fake, "");
	fake_stop(fake);
	assert_false(fake->is_checked);
}

static void
test_an_address_is_one(void **state)
{
	static const char *const bad[] = {
		"bot.example.com", "http://bot.example.com",
		"https://bot.example.com/", "https://bot.example.com/a b"};
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		fake_set(fake, "base_url", bad[i]);
		assert_int_equal(fake_start(fake), -1);
		assert_non_null(strstr(fake->words.text, "base_url"));
	}
	fake_set(fake, "base_url", "https://bot.example.com/teller");
	assert_int_equal(fake_start(fake), 0);
}

/* Of a workspace that has a desk. */
static void
test_the_agents_channel_is_looked_at(void **state)
{
	static const struct {
		const char *body, *words;
	} rows[] = {
		{"{\"ok\":true,\"channel\":{\"is_member\":true,"
		 "\"is_private\":true}}",
		 "good the agents' channel: agents can work in C0DESK0001"},
		{"{\"ok\":true,\"channel\":{\"is_private\":true}}",
		 "bad the agents' channel: the bot is not in C0DESK0001"},
		{"{\"ok\":true,\"channel\":{\"is_member\":true}}",
		 "bad the agents' channel: anybody can join C0DESK0001"},
		{"{\"ok\":true,\"channel\":{\"is_member\":true,"
		 "\"is_private\":true,\"is_ext_shared\":true}}",
		 "bad the agents' channel: people of other firms are in "
		 "C0DESK0001"},
		{"{\"ok\":true,\"channel\":{\"is_archived\":true}}",
		 "bad the agents' channel: C0DESK0001 is archived"},
		{"{\"ok\":false,\"error\":\"channel_not_found\"}",
		 "bad the agents' channel: Slack says channel_not_found"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		set_up_new(NULL);
		fake_set(fake, "desk.acme.channel", "C0DESK0001");
		assert_int_equal(fake_start(fake), 0);
		fake_fetched(fake, 0, 200, IDENTITY);
		fake_run(fake);
		fake_check(fake, "");
		answer_scopes(1, "users:read", IDENTITY);
		assert_says("users:read is missing: nobody can be an agent");
		assert_non_null(strstr(called_url(2), "channel=C0DESK0001"));
		fake_fetched(fake, 2, 200, rows[i].body);
		assert_says(rows[i].words);
		assert_true(fake->is_checked);
		if (i + 1 < sizeof(rows) / sizeof(*rows))
			fake_free(fake);
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define TEST_NEW(name) \
	cmocka_unit_test_setup_teardown(name, set_up_new, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_all_is_well),
		TEST(test_what_is_signed_by_another_secret_is_told),
		TEST(test_without_an_event_nobody_knows),
		TEST(test_a_scope_that_is_missing_is_named),
		TEST(test_an_app_that_is_an_agent_is_told_of),
		TEST(test_a_bad_token_is_told_with_what_to_do),
		TEST(test_another_workspaces_token_is_told),
		TEST(test_without_a_token_it_says_so),
		TEST(test_no_answer_is_told),
		TEST(test_a_message_is_posted_for_a_trial),
		TEST(test_a_trial_that_fails_is_told),
		TEST_NEW(test_a_trial_is_posted_in_the_workspace_that_is_named),
		TEST_NEW(test_our_own_address_is_asked_as_slack_does),
		TEST_NEW(test_an_address_that_does_not_answer_so_is_told),
		TEST_NEW(test_socket_mode_is_asked_for_a_connection),
		TEST(test_a_check_under_way_goes_with_the_plugin),
		TEST_NEW(test_an_address_is_one),
		cmocka_unit_test_teardown(test_the_agents_channel_is_looked_at,
					  tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
