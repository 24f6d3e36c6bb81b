/* How the app is installed, and how its tokens are renewed. */
#include "slack_fixture.h"

#include "cookie.h"

#define PATH "workspaces.acme.token"
#define BASE "https://bot.example.com"
#define IDENTITY                                           \
	"{\"ok\":true,\"team_id\":\"T0ACME001\",\"user\":" \
	"\"teller\",\"user_id\":\"U0TELLER1\"}"
#define GIVEN(team)                                                \
	"{\"ok\":true,\"token_type\":\"bot\",\"access_token\":"    \
	"\"xoxb-given\",\"team\":{\"id\":\"" team "\"},"           \
	"\"is_enterprise_install\":false,\"authed_user\":{\"id\":" \
	"\"U0ANN0001\"}}"
#define RENEWED                                                 \
	"{\"ok\":true,\"token_type\":\"bot\",\"access_token\":" \
	"\"xoxe.xoxb-2\",\"refresh_token\":\"xoxe-2\","         \
	"\"expires_in\":43200}"

static int
set_up_client(void **state)
{
	set_up_new(state);
	fake_set(fake, "base_url", BASE);
	fake_set(fake, "client_id", "17.42");
	fake_set_secret(fake, "client_secret", "of the app");
	return 0;
}

static int
set_up_install(void **state)
{
	set_up_client(state);
	fake_set_secret(fake, PATH, "");
	return fake_start(fake);
}

/* ---- In a browser */

/* The value behind a name, up to one of the ends. */
static void
cut_out(const struct fake_answer *answer, const char *name, const char *ends,
	char out[64])
{
	const char *at = strstr(buf_str(&answer->headers), name);
	assert_non_null(at);
	at += strlen(name);
	snprintf(out, 64, "%.*s", (int)strcspn(at, ends), at);
}

struct begun {
	char state[64], cookie[64];
};

static struct begun
begin(void)
{
	struct begun begun;
	struct fake_answer *answer =
		fake_request(fake, "GET", "/slack/install", NULL, NULL, 0);
	assert_int_equal(answer->status, 302);
	cut_out(answer, "state=", "\n", begun.state);
	cut_out(answer, "__Host-teller-slack=", ";", begun.cookie);
	assert_int_equal(strlen(begun.state), 32);
	assert_int_equal(strlen(begun.cookie), 32);
	return begun;
}

static struct fake_answer *
come_back(const char *state, const char *cookie, const char *more)
{
	char path[256], text[256];
	const struct teller_header headers[] = {{"Cookie", text}, {NULL, NULL}};
	snprintf(path, sizeof(path), "/slack/oauth_redirect?state=%s%s", state,
		 more);
	snprintf(text, sizeof(text), "a=b; __Host-teller-slack=%s; c=d",
		 cookie);
	return fake_request(fake, "GET", path, headers, NULL, 0);
}

static void
test_a_browser_is_sent_to_slack(void **state)
{
	(void)state;
	assert_non_null(strstr(fake->health_words,
			       "the app is not installed yet: " BASE
			       "/slack/install"));
	struct fake_answer *answer =
		fake_request(fake, "GET", "/slack/install", NULL, NULL, 0);
	const char *headers = buf_str(&answer->headers);
	assert_non_null(strstr(headers, "Location: https://slack.com/oauth/v2/"
					"authorize?client_id=17.42&scope=app_"
					"mentions%3Aread%2C"));
	assert_non_null(strstr(headers, "&redirect_uri=https%3A%2F%2Fbot."
					"example.com%2Fslack%2Foauth_redirect"
					"&state="));
	assert_non_null(strstr(headers, "Max-Age=600; Path=/; Secure; "
					"HttpOnly; SameSite=Lax"));
	assert_null(strstr(headers, "of the app"));
}

static void
test_what_slack_gives_is_kept_and_used(void **state)
{
	(void)state;
	struct begun begun = begin();
	struct fake_answer *answer =
		come_back(begun.state, begun.cookie, "&code=c0de");
	assert_int_equal(answer->status, 0);
	const struct teller_fetch *fetch = &fake->fetches[0]->fetch;
	assert_string_equal(fetch->url,
			    "https://slack.com/api/oauth.v2.access");
	assert_string_equal(fetch->user, "17.42");
	assert_string_equal(fetch->password, "of the app");
	assert_string_equal(fetch->body,
			    "code=c0de&redirect_uri=https%3A%2F%2Fbot.example."
			    "com%2Fslack%2Foauth_redirect");
	fake_fetched(fake, 0, 200, GIVEN("T0ACME001"));
	assert_int_equal(answer->status, 0);
	fake_run(fake);
	assert_int_equal(answer->status, 200);
	assert_non_null(strstr(buf_str(&answer->body), "installed in acme"));
	assert_non_null(strstr(buf_str(&answer->headers), "Max-Age=0"));
	assert_string_equal(fake_get_secret(fake, PATH), "xoxb-given\n\n0");
	assert_string_equal(fake->fetches[1]->fetch.bearer, "xoxb-given");
	fake_fetched(fake, 1, 200, IDENTITY);
	assert_int_equal(fake->health, TELLER_OK);
	assert_null(strstr(buf_str(&fake->log), "xoxb-given"));
}

static void
test_what_was_not_begun_here_is_refused(void **state)
{
	(void)state;
	struct begun mine = begin(), other = begin();
	static const char none[] = "00000000000000000000000000000000";
	assert_int_equal(come_back(mine.state, other.cookie, "&code=c")->status,
			 400);
	assert_int_equal(come_back(none, mine.cookie, "&code=c")->status, 400);
	assert_int_equal(come_back("", "", "&code=c")->status, 400);
	assert_int_equal(fake_request(fake, "GET",
				      "/slack/oauth_redirect?code=c", NULL,
				      NULL, 0)
				 ->status,
			 400);
	assert_int_equal(fake->n_fetches, 0);
	/* Once. */
	come_back(mine.state, mine.cookie, "&code=c");
	assert_int_equal(fake->n_fetches, 1);
	assert_int_equal(come_back(mine.state, mine.cookie, "&code=c")->status,
			 400);
	fake_fetched(fake, 0, 200, "{\"ok\":false,\"error\":\"invalid_code\"}");
	assert_int_equal(come_back(mine.state, mine.cookie, "&code=c")->status,
			 400);
	/* And for ten minutes. */
	fake_advance(fake, 10 * 60 * 1000 + 1);
	assert_int_equal(
		come_back(other.state, other.cookie, "&code=c")->status, 400);
	assert_int_equal(fake->n_fetches, 1);
}

static void
test_cookies_are_found_by_their_whole_name(void **state)
{
	static const struct {
		const char *cookies, *value;
	} rows[] = {
		{"name=1", "1"},	 {"a=2; name=1; b=3", "1"},
		{"name=", ""},		 {"a=2;name=1", "1"},
		{"name=1; name=2", "1"}, {"name=a=b", "a=b"},
		{"my-name=1", NULL},	 {"name", NULL},
		{"names=1", NULL},	 {"a=\"; name=1", "1"},
		{"Name=1", NULL},	 {"", NULL},
		{";; name", NULL},	 {NULL, NULL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t len = 0;
		const char *value = cookie_find(rows[i].cookies, "name", &len);
		assert_int_equal(value != NULL, rows[i].value != NULL);
		if (value) {
			assert_int_equal(len, strlen(rows[i].value));
			assert_memory_equal(value, rows[i].value, len);
		}
	}
}

static void
test_who_changes_his_mind_is_told(void **state)
{
	(void)state;
	struct begun begun = begin();
	assert_int_equal(
		come_back(begun.state, begun.cookie, "&error=access_denied")
			->status,
		403);
	assert_int_equal(fake->n_fetches, 0);
	begun = begin();
	struct fake_answer *answer =
		come_back(begun.state, begun.cookie, "&code=c");
	fake_fetched(fake, 0, 200,
		     "{\"ok\":false,\"error\":\"bad_client_secret\"}");
	assert_int_equal(answer->status, 502);
	assert_non_null(strstr(buf_str(&answer->body), "bad_client_secret"));
}

/* Anybody may install a public app anywhere. */
static void
test_a_workspace_of_others_is_not_taken(void **state)
{
	(void)state;
	struct begun begun = begin();
	struct fake_answer *answer =
		come_back(begun.state, begun.cookie, "&code=c");
	fake_fetched(fake, 0, 200, GIVEN("T0OTHER01"));
	assert_int_equal(answer->status, 403);
	assert_string_equal(called_url(1), "https://slack.com/api/auth.revoke");
	assert_string_equal(fake->fetches[1]->fetch.bearer, "xoxb-given");
	fake_fetched(fake, 1, 200, "{\"ok\":true,\"revoked\":true}");
	assert_string_equal(fake_get_secret(fake, PATH), "");
	begun = begin();
	answer = come_back(begun.state, begun.cookie, "&code=c");
	fake_fetched(fake, 2, 200,
		     "{\"ok\":true,\"token_type\":\"user\",\"access_token\":"
		     "\"xoxp-1\",\"team\":{\"id\":\"T0ACME001\"}}");
	assert_int_equal(answer->status, 502);
}

static void
test_an_organisation_installs_for_all(void **state)
{
	(void)state;
	fake_stop(fake);
	fake_set(fake, "workspaces.acme.team", "E0ACME001");
	assert_int_equal(fake_start(fake), 0);
	struct begun begun = begin();
	struct fake_answer *answer =
		come_back(begun.state, begun.cookie, "&code=c");
	fake_fetched(fake, 0, 200,
		     "{\"ok\":true,\"token_type\":\"bot\",\"access_token\":"
		     "\"xoxb-all\",\"team\":null,\"enterprise\":{\"id\":"
		     "\"E0ACME001\"},\"is_enterprise_install\":true}");
	fake_run(fake);
	assert_int_equal(answer->status, 200);
	assert_string_equal(fake_get_secret(fake, PATH), "xoxb-all\n\n0");
}

static void
test_many_that_begin_do_not_pile_up(void **state)
{
	(void)state;
	struct begun first = begin(), last = {"", ""};
	for (int i = 0; i < 1000; i++)
		last = begin();
	assert_int_equal(
		come_back(first.state, first.cookie, "&code=c")->status, 400);
	assert_int_equal(come_back(last.state, last.cookie, "&code=c")->status,
			 0);
}

static void
test_without_a_client_nothing_is_installed(void **state)
{
	(void)state;
	fake_stop(fake);
	fake_set(fake, "client_id", "");
	assert_int_equal(fake_start(fake), 0);
	assert_string_equal(fake->health_words,
			    "workspace acme: it has no token, or none that can "
			    "be read");
}

/* ---- Renewing */

static void
start_rotated(const char *secret)
{
	fake_set_secret(fake, PATH, secret);
	assert_int_equal(fake_start(fake), 0);
}

static void
test_a_token_that_is_rotated_is_renewed_before_it_ends(void **state)
{
	char expected[64];
	(void)state;
	start_rotated("xoxe.xoxb-1\nxoxe-1\n");
	assert_string_equal(called_url(0),
			    "https://slack.com/api/oauth.v2.access");
	assert_string_equal(fake->fetches[0]->fetch.body,
			    "grant_type=refresh_token&refresh_token=xoxe-1");
	assert_string_equal(fake->fetches[1]->fetch.bearer, "xoxe.xoxb-1");
	fake_fetched(fake, 1, 200, IDENTITY);
	fake_fetched(fake, 0, 200, RENEWED);
	snprintf(expected, sizeof(expected), "xoxe.xoxb-2\nxoxe-2\n%lld",
		 (long long)(fake->now_us / US_PER_S + 43200));
	assert_string_equal(fake_get_secret(fake, PATH), expected);
	assert_int_equal(fake->n_fetches, 2);
	fake_run(fake);
	assert_string_equal(fake->fetches[2]->fetch.bearer, "xoxe.xoxb-2");
	fake_fetched(fake, 2, 200, IDENTITY);
	/* Two hours before its end. */
	fake_advance(fake, (int64_t)(43200 - 7200 - 1) * 1000);
	assert_int_equal(fake->n_fetches, 3);
	fake_advance(fake, 2000);
	assert_int_equal(fake->n_fetches, 4);
	assert_string_equal(fake->fetches[3]->fetch.body,
			    "grant_type=refresh_token&refresh_token=xoxe-2");
	assert_null(strstr(buf_str(&fake->log), "xoxe-"));
}

static void
test_a_start_takes_up_what_was_kept(void **state)
{
	char text[64];
	(void)state;
	snprintf(text, sizeof(text), "xoxe.xoxb-2\nxoxe-2\n%lld",
		 (long long)(fake->now_us / US_PER_S + 43200));
	start_rotated(text);
	assert_int_equal(fake->n_fetches, 1);
	assert_string_equal(called_url(0), "https://slack.com/api/auth.test");
}

static void
test_one_that_has_ended_is_renewed_at_once(void **state)
{
	char text[64];
	(void)state;
	snprintf(text, sizeof(text), "xoxe.xoxb-1\nxoxe-1\n%lld",
		 (long long)(fake->now_us / US_PER_S + 43200));
	start_rotated(text);
	fake_fetched(fake, 0, 200,
		     "{\"ok\":false,\"error\":\"token_expired\"}");
	assert_string_equal(fake->health_words,
			    "workspace acme: its token is being renewed");
	assert_string_equal(called_url(1),
			    "https://slack.com/api/oauth.v2.access");
	fake_fetched(fake, 1, 200, RENEWED);
	fake_run(fake);
	/* One that does not last either is not asked for again and again. */
	fake_fetched(fake, 2, 200,
		     "{\"ok\":false,\"error\":\"token_expired\"}");
	assert_int_equal(fake->n_fetches, 3);
	assert_int_equal(fake->health, TELLER_DOWN);
}

/* Whatever was to be done in five minutes if the renewal brings nothing. */
static void
test_one_question_unanswered_costs_a_second(void **state)
{
	char text[64];
	(void)state;
	snprintf(text, sizeof(text), "xoxe.xoxb-1\nxoxe-1\n%lld",
		 (long long)(fake->now_us / US_PER_S + 43200));
	start_rotated(text);
	fake_fetched(fake, 0, 200,
		     "{\"ok\":false,\"error\":\"token_expired\"}");
	fake_fetched(fake, 1, 200, RENEWED);
	fake_run(fake);
	fake_fetched(fake, 2, 0, "no answer");
	fake_advance(fake, 1000);
	assert_int_equal(fake->n_fetches, 4);
	fake_fetched(fake, 3, 200, IDENTITY);
	assert_int_equal(fake->health, TELLER_OK);
	fake_advance(fake, 10 * 60 * 1000);
	assert_int_equal(fake->n_fetches, 4);
}

/* The renewal before is not a moment ago for as long as that. */
static void
test_a_clock_that_is_set_back_stops_no_renewal(void **state)
{
	char text[64];
	(void)state;
	snprintf(text, sizeof(text), "xoxe.xoxb-1\nxoxe-1\n%lld",
		 (long long)(fake->now_us / US_PER_S + 43200));
	start_rotated(text);
	fake_fetched(fake, 0, 200,
		     "{\"ok\":false,\"error\":\"token_expired\"}");
	fake_fetched(fake, 1, 200, RENEWED);
	fake_run(fake);
	fake_fetched(fake, 2, 200, IDENTITY);
	fake_advance(fake, 3600 * 1000);
	struct teller_job job = fx_reply("msg_1", "hi");
	fake_send(fake, &job);
	fake_fetched(fake, 3, 200, FX_POSTED);
	fake->now_us -= 12 * 3600 * US_PER_S;
	job = fx_reply("msg_2", "hi");
	fake_send(fake, &job);
	fake_advance(fake, 2000);
	fake_fetched(fake, 4, 200,
		     "{\"ok\":false,\"error\":\"token_expired\"}");
	assert_int_equal(fake->n_fetches, 6);
	assert_string_equal(called_url(5),
			    "https://slack.com/api/oauth.v2.access");
}

static void
test_what_fails_is_tried_again(void **state)
{
	(void)state;
	start_rotated("xoxe.xoxb-1\nxoxe-1");
	fake_fetched(fake, 1, 200, IDENTITY);
	fake_fetched(fake, 0, 0, "no answer");
	assert_int_equal(fake->health, TELLER_OK);
	fake_advance(fake, 60 * 1000);
	assert_int_equal(fake->n_fetches, 3);
	fake_fetched(fake, 2, 200,
		     "{\"ok\":false,\"error\":\"invalid_refresh_token\"}");
	assert_int_equal(fake->health, TELLER_DOWN);
	assert_string_equal(fake->health_words,
			    "workspace acme: its token cannot be renewed: "
			    "Slack says invalid_refresh_token");
	fake_advance(fake, 60 * 1000);
	assert_int_equal(fake->n_fetches, 3);
}

/* What renews a token is good once: the end waits for what comes of it. */
static void
test_the_end_waits_for_what_renews(void **state)
{
	(void)state;
	start_rotated("xoxe.xoxb-1\nxoxe-1");
	fake_begin_stop(fake);
	fake_fetched(fake, 1, 200,
		     "{\"ok\":false,\"error\":\"token_expired\"}");
	assert_false(fake->is_stopped);
	fake_fetched(fake, 0, 200, RENEWED);
	assert_true(fake->is_stopped);
	assert_int_equal(strncmp(fake_get_secret(fake, PATH),
				 "xoxe.xoxb-2\nxoxe-2\n", 19),
			 0);
	fake_run(fake);
	assert_int_equal(fake->n_fetches, 2);
}

static void
test_one_that_is_not_rotated_is_left(void **state)
{
	(void)state;
	assert_int_equal(fake_start(fake), 0);
	assert_int_equal(fake->n_fetches, 1);
	fake_fetched(fake, 0, 200,
		     "{\"ok\":false,\"error\":\"token_expired\"}");
	assert_int_equal(fake->n_fetches, 1);
	assert_int_equal(fake->health, TELLER_DOWN);
}

static void
assert_found(const char *words)
{
	if (!strstr(buf_str(&fake->found), words))
		fail_msg("'%s' is not in '%s'", words, buf_str(&fake->found));
}

static void
test_the_check_tells_of_renewing(void **state)
{
	char text[64];
	(void)state;
	snprintf(text, sizeof(text), "xoxe.xoxb-1\nxoxe-1\n%lld",
		 (long long)(fake->now_us / US_PER_S + 43200));
	start_rotated(text);
	fake_fetched(fake, 0, 200, IDENTITY);
	fake_check(fake, "");
	fake_fetched(fake, 1, 200, IDENTITY);
	assert_found("good workspace acme: its token ends in 12 h, and is "
		     "renewed before\n");
	size_t n = fake->n_fetches;
	fake_check(fake, "");
	fake_fetched(fake, n, 200,
		     "{\"ok\":false,\"error\":\"token_expired\"}");
	assert_found("doubt workspace acme: its token is being renewed -> Ask "
		     "again in a minute.\n");
}

static void
test_the_check_tells_who_cannot_renew(void **state)
{
	(void)state;
	fake_set(fake, "client_id", "");
	start_rotated("xoxe.xoxb-1\nxoxe-1");
	fake_fetched(fake, 0, 200, IDENTITY);
	fake_check(fake, "");
	fake_fetched(fake, 1, 200, IDENTITY);
	assert_found("bad workspace acme: its token ends after some hours, and "
		     "cannot be renewed -> Basic Information");
}

/* ---- Removing */

static void
tell_of_removal(void)
{
	post_json(
		envelope("Ev9", json_pack("{s:s}", "type", "app_uninstalled")));
	fake_run(fake);
}

static void
test_a_token_of_slacks_is_forgotten_with_the_app(void **state)
{
	(void)state;
	fake_set_state(fake, "thread/T0ACME001/C1/1.1", "1");
	fake_set_state(fake, "thread/T0BETA001/C1/1.1", "1");
	fake_set_state(fake, "greeted/T0ACME001/U1", "1");
	start_rotated("xoxb-given\n\n0");
	fake_fetched(fake, 0, 200, IDENTITY);
	tell_of_removal();
	assert_int_equal(fake->n_messages, 1);
	assert_int_equal(fake->messages[0]->message.kind,
			 TELLER_MESSAGE_ACCOUNT_GONE);
	assert_int_equal(fake->health, TELLER_DOWN);
	/* Slack is asked first. */
	assert_string_equal(fake_get_secret(fake, PATH), "xoxb-given\n\n0");
	fake_fetched(fake, 1, 200,
		     "{\"ok\":false,\"error\":\"account_inactive\"}");
	assert_string_equal(fake_get_secret(fake, PATH), "");
	fake_run(fake);
	assert_null(fake_get_state(fake, "thread/T0ACME001/C1/1.1"));
	assert_null(fake_get_state(fake, "greeted/T0ACME001/U1"));
	assert_non_null(fake_get_state(fake, "thread/T0BETA001/C1/1.1"));
}

static void
test_news_that_is_a_day_old_takes_nothing_away(void **state)
{
	(void)state;
	start_rotated("xoxb-given\n\n0");
	fake_fetched(fake, 0, 200, IDENTITY);
	tell_of_removal();
	fake_fetched(fake, 1, 200, IDENTITY);
	assert_string_equal(fake_get_secret(fake, PATH), "xoxb-given\n\n0");
	assert_int_equal(fake->health, TELLER_OK);
}

/* What is said of the token before it comes when another one is there. */
static void
test_a_token_that_is_newer_than_the_news_stays(void **state)
{
	(void)state;
	start_rotated("xoxb-before\n\n0");
	fake_fetched(fake, 0, 200, IDENTITY);
	tell_of_removal();
	struct begun begun = begin();
	come_back(begun.state, begun.cookie, "&code=c0de");
	fake_fetched(fake, 2, 200, GIVEN("T0ACME001"));
	fake_run(fake);
	fake_fetched(fake, 1, 200,
		     "{\"ok\":false,\"error\":\"account_inactive\"}");
	assert_string_equal(fake_get_secret(fake, PATH), "xoxb-given\n\n0");
	fake_fetched(fake, 3, 200, IDENTITY);
	assert_int_equal(fake->health, TELLER_OK);
}

static void
test_what_the_settings_name_is_the_operators(void **state)
{
	(void)state;
	assert_int_equal(fake_start(fake), 0);
	fake_fetched(fake, 0, 200, IDENTITY);
	tell_of_removal();
	fake_fetched(fake, 1, 200,
		     "{\"ok\":false,\"error\":\"token_revoked\"}");
	assert_string_equal(fake_get_secret(fake, PATH), "xoxb-acme");
	assert_int_equal(fake->health, TELLER_DOWN);
}

int
main(void)
{
#define INSTALL(name) \
	cmocka_unit_test_setup_teardown(name, set_up_install, tear_down)
#define CLIENT(name) \
	cmocka_unit_test_setup_teardown(name, set_up_client, tear_down)
	const struct CMUnitTest tests[] = {
		INSTALL(test_a_browser_is_sent_to_slack),
		INSTALL(test_what_slack_gives_is_kept_and_used),
		INSTALL(test_what_was_not_begun_here_is_refused),
		cmocka_unit_test(test_cookies_are_found_by_their_whole_name),
		INSTALL(test_who_changes_his_mind_is_told),
		INSTALL(test_a_workspace_of_others_is_not_taken),
		INSTALL(test_an_organisation_installs_for_all),
		INSTALL(test_many_that_begin_do_not_pile_up),
		INSTALL(test_without_a_client_nothing_is_installed),
		CLIENT(test_a_token_that_is_rotated_is_renewed_before_it_ends),
		CLIENT(test_a_start_takes_up_what_was_kept),
		CLIENT(test_one_that_has_ended_is_renewed_at_once),
		CLIENT(test_one_question_unanswered_costs_a_second),
		CLIENT(test_a_clock_that_is_set_back_stops_no_renewal),
		CLIENT(test_what_fails_is_tried_again),
		CLIENT(test_the_end_waits_for_what_renews),
		CLIENT(test_one_that_is_not_rotated_is_left),
		CLIENT(test_the_check_tells_of_renewing),
		CLIENT(test_the_check_tells_who_cannot_renew),
		CLIENT(test_a_token_of_slacks_is_forgotten_with_the_app),
		CLIENT(test_news_that_is_a_day_old_takes_nothing_away),
		CLIENT(test_a_token_that_is_newer_than_the_news_stays),
		CLIENT(test_what_the_settings_name_is_the_operators),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
