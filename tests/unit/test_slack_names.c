/* People are called by their names, once Slack has said them. */
#include "slack_fixture.h"

#include "api.h"

#define ANN                                                               \
	"{\"ok\":true,\"user\":{\"id\":\"U0ANN0001\",\"name\":\"ann.e\"," \
	"\"profile\":{\"display_name\":\"\",\"real_name\":\"Ann Example\"}}}"
#define HOUR_MS (60 * 60 * 1000)

static int
set_up_named(void **state)
{
	set_up_new(state);
	fake_set(fake, "names", "true");
	assert_int_equal(fake_start(fake), 0);
	fake_fetched(fake, 0, 200,
		     "{\"ok\":true,\"team_id\":\"T0ACME001\",\"user\":"
		     "\"teller\"}");
	fake_run(fake);
	return 0;
}

static const struct teller_message *
say(const char *text)
{
	post_json(envelope("Ev1", written("D1", "2.1", NULL, text)));
	fake_run(fake);
	return &fake->messages[fake->n_messages - 1]->message;
}

static void
test_a_name_stands_in_what_comes_later(void **state)
{
	(void)state;
	assert_null(say("hi")->author.name);
	assert_int_equal(fake->n_fetches, 2);
	assert_string_equal(called_url(1), "https://slack.com/api/"
					   "users.info?user=U0ANN0001");
	say("still there?"); /* asked once */
	assert_int_equal(fake->n_fetches, 2);
	fake_fetched(fake, 1, 200, ANN);
	const struct teller_message *m = say("as <@U0ANN0001> said, <@U0BOB>");
	assert_string_equal(m->author.name, "Ann Example");
	assert_memory_equal(m->text, "as @Ann Example said, @U0BOB",
			    m->text_len);
	assert_int_equal(fake->n_fetches, 3);
	fake_fetched(fake, 2, 200,
		     "{\"ok\":false,\"error\":\"user_not_found\"}");
	m = say("<@U0BOB|bob> and <@U0BOB>");
	assert_memory_equal(m->text, "@bob and @U0BOB", m->text_len);
	assert_int_equal(fake->n_fetches, 3);
}

static void
test_a_name_is_asked_for_again_after_a_while(void **state)
{
	(void)state;
	say("hi");
	fake_fetched(fake, 1, 200, ANN);
	fake_advance(fake, HOUR_MS + 1);
	assert_string_equal(say("hi")->author.name, "Ann Example");
	assert_int_equal(fake->n_fetches, 3);
	fake_fetched(fake, 2, 200,
		     "{\"ok\":true,\"user\":{\"profile\":{\"display_name\":"
		     "\"Anna\",\"real_name\":\"Ann Example\"}}}");
	assert_string_equal(say("hi")->author.name, "Anna");
}

static void
test_without_the_scope_nobody_is_asked_for(void **state)
{
	(void)state;
	say("hi");
	fake_fetched(fake, 1, 200,
		     "{\"ok\":false,\"error\":\"missing_scope\","
		     "\"needed\":\"users:read\"}");
	fake_advance(fake, HOUR_MS + 1);
	assert_null(say("hi <@U0BOB>")->author.name);
	assert_int_equal(fake->n_fetches, 2);
	assert_non_null(strstr(buf_str(&fake->log), "users:read"));
}

static void
test_names_that_are_held_back_come_later(void **state)
{
	(void)state;
	say("hi");
	fake_fetched(fake, 1, 429, "");
	say("hi <@U0BOB>");
	assert_int_equal(fake->n_fetches, 2);
	fake_advance(fake, HOUR_MS);
	say("hi");
	assert_int_equal(fake->n_fetches, 3);
}

/* Whoever was not heard of for longest is forgotten, and only so many are asked
 * for at once. */
static void
on_answer(void *arg, const struct api_answer *answer)
{
	*(size_t *)arg += answer->result == API_OK;
}

static void
test_who_must_be_known_waits_for_a_place(void **state)
{
	size_t n_answers = 0;
	(void)state;
	struct workspace *workspace = ((struct slack *)fake->self)->workspaces;
	for (int i = 0; i < 25; i++) {
		char user[16];
		snprintf(user, sizeof(user), "U%07d", i / 2);
		assert_int_equal(
			person_ask(workspace, user, on_answer, &n_answers), 0);
	}
	assert_null(name_find(workspace, "U0BOB"));
	assert_int_equal(fake->n_fetches, 1 + 10);
	for (size_t i = 1; i < fake->n_fetches; i++)
		fake_fetched(fake, i, 200, ANN);
	assert_int_equal(fake->n_fetches, 1 + 13);
	assert_int_equal(n_answers, 25);
	assert_string_equal(name_find(workspace, "U0000012"), "Ann Example");
}

/* Two more than are asked for at once. */
static void
ask_for_twelve(struct workspace *workspace, api_fn *fn, size_t *n)
{
	for (int i = 0; i < 12; i++) {
		char user[16];
		snprintf(user, sizeof(user), "U%07d", i);
		assert_int_equal(person_ask(workspace, user, fn, n), 0);
	}
	assert_int_equal(fake->n_fetches, 1 + 10);
}

static void
test_who_has_waited_longest_is_next(void **state)
{
	size_t n_answers = 0;
	(void)state;
	struct workspace *workspace = ((struct slack *)fake->self)->workspaces;
	ask_for_twelve(workspace, on_answer, &n_answers);
	/* Others speak of him meanwhile. */
	assert_null(name_find(workspace, "U0000010"));
	fake_fetched(fake, 1, 200, ANN);
	assert_string_equal(called_url(11), "https://slack.com/api/"
					    "users.info?user=U0000010");
}

static void
on_held(void *arg, const struct api_answer *answer)
{
	*(size_t *)arg += answer->result == API_HELD;
}

static void
test_nobody_is_asked_for_while_slack_holds_back(void **state)
{
	size_t n_held = 0, n_answers = 0;
	(void)state;
	struct workspace *workspace = ((struct slack *)fake->self)->workspaces;
	ask_for_twelve(workspace, on_held, &n_held);
	fake_fetched(fake, 1, 429, "");
	assert_int_equal(fake->n_fetches, 1 + 10);
	assert_int_equal(n_held, 3);
	assert_int_equal(person_ask(workspace, "U0ANN0001", on_held, &n_held),
			 0);
	assert_int_equal(n_held, 4);
	assert_int_equal(fake->n_fetches, 1 + 10);
	fake_advance(fake, HOUR_MS);
	person_ask(workspace, "U0ANN0001", on_answer, &n_answers);
	fake_fetched(fake, 1 + 10, 200, ANN);
	assert_int_equal(n_answers, 1);
}

static void
test_as_many_as_there_may_be_are_known(void **state)
{
	struct buf text;
	(void)state;
	say("hi");
	fake_fetched(fake, 1, 200, ANN);
	buf_init(&text, 1024);
	for (int i = 0; i < 40; i++)
		buf_addf(&text, "<@U%07d>", i);
	say(buf_str(&text));
	buf_release(&text);
	assert_int_equal(fake->n_fetches, 12);
	for (size_t i = 2; i < fake->n_fetches; i++)
		fake_fetched(fake, i, 200, ANN);
	fake_run(fake);
	assert_string_equal(say("hi")->author.name, "Ann Example");
	struct slack *slack = fake->self;
	for (int i = 0; i < 1000; i++) {
		char user[16];
		snprintf(user, sizeof(user), "W%07d", i);
		assert_null(name_find(&slack->workspaces[0], user));
	}
	assert_null(name_find(&slack->workspaces[0], "U0ANN0001"));
}

/* But for whom somebody waits. */
static void
test_more_names_than_slack_takes_come_later(void **state)
{
	size_t n_answers = 0;
	char user[16];
	(void)state;
	struct workspace *workspace = ((struct slack *)fake->self)->workspaces;
	for (int i = 0; i < 30; i++) {
		size_t n = fake->n_fetches;
		snprintf(user, sizeof(user), "U%07d", i);
		assert_null(name_find(workspace, user));
		if (fake->n_fetches > n)
			fake_fetched(fake, n, 200, ANN);
	}
	assert_int_equal(fake->n_fetches, 1 + 20);
	person_ask(workspace, user, on_answer, &n_answers);
	assert_int_equal(fake->n_fetches, 1 + 21);
	fake_fetched(fake, 21, 200, ANN);
	assert_int_equal(n_answers, 1);
	assert_string_equal(name_find(workspace, user), "Ann Example");
	fake_advance(fake, 60 * 1000);
	assert_null(name_find(workspace, "U0000020"));
	assert_int_equal(fake->n_fetches, 1 + 22);
}

#define TEST(test) \
	cmocka_unit_test_setup_teardown(test, set_up_named, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_name_stands_in_what_comes_later),
		TEST(test_a_name_is_asked_for_again_after_a_while),
		TEST(test_without_the_scope_nobody_is_asked_for),
		TEST(test_names_that_are_held_back_come_later),
		TEST(test_who_must_be_known_waits_for_a_place),
		TEST(test_who_has_waited_longest_is_next),
		TEST(test_nobody_is_asked_for_while_slack_holds_back),
		TEST(test_more_names_than_slack_takes_come_later),
		TEST(test_as_many_as_there_may_be_are_known),
	};
	return cmocka_run_group_tests_name("slack_names", tests, NULL, NULL);
}
