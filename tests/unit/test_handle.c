/* A plugin that uses what it was given wrongly hears so from the log, and
 * nothing else comes of it. */
#include "plugin_fixture.h"

#include <pthread.h>

#include "log_capture.h"

static void
never(void *arg)
{
	(void)arg;
	fail_msg("this must not be called");
}

static void
never_fetched(void *arg, const struct teller_fetched *fetched)
{
	(void)fetched;
	never(arg);
}

static void
never_serve(void *arg, struct teller_request *request)
{
	(void)request;
	never(arg);
}

static int
receive(struct teller_host *host)
{
	const struct teller_message message = {
		.size = sizeof message,
		.kind = TELLER_MESSAGE_TEXT,
		.conversation = "c",
		.text = "Hello",
		.text_len = 5,
		.burst_ms = -1,
	};

	return fx.services->receive(host, &message, NULL, 0, NULL, NULL);
}

/* All that is not post(), where it may not be called. */
static void *
call_from_elsewhere(void *arg)
{
	const struct teller_services *s = fx.services;
	struct teller_host *host = fx.host;
	size_t len;

	assert_int_equal(receive(host), -1);
	s->log(host, TELLER_LOG_INFO, "from elsewhere");
	s->metric(host, "elsewhere", 1);
	s->health(host, TELLER_DOWN, "elsewhere");
	s->sent(host, "msg_1", NULL);
	s->stopped(host);
	assert_int_equal(s->work(host, never, NULL, NULL), -1);
	assert_null(s->watch_timer(host, 0, false, never, NULL));
	assert_null(s->option_text(host, "title"));
	assert_null(s->secret_get(host, "token", &len));
	s->unwatch(host, arg);
	return NULL;
}

static void
test_only_post_is_for_other_threads(void **state)
{
	pthread_t thread;

	(void)state;
	struct teller_watch *watch =
		fx.services->watch_timer(fx.host, 3600000, true, never, NULL);
	pthread_create(&thread, NULL, call_from_elsewhere, watch);
	pthread_join(thread, NULL);
	assert_story("");
	assert_int_equal(fx.host->health, TELLER_OK);
	assert_int_equal(fx.host->n_owned, 1);
	fx.services->unwatch(fx.host, watch);
	assert_int_equal(fx.host->n_owned, 0);
}

static void
test_what_was_thrown_away_is_missed(void **state)
{
	const struct teller_services *s = fx.services;
	size_t len = 1;

	(void)state;
	assert_int_equal(receive(NULL), -1);
	assert_int_equal(receive((struct teller_host *)&fx), -1);
	s->log(NULL, TELLER_LOG_INFO, "nobody's");
	s->stopped(NULL);
	assert_int_equal(s->option_int(NULL, "accounts.a.port"), 0);
	assert_null(s->secret_get(NULL, "token", &len));
	assert_int_equal(len, 0);
	assert_int_equal(s->post(NULL, never, NULL), -1);
	assert_int_equal(s->conn_write(NULL, "x", 1), -1);
	s->answer(NULL, 200, NULL, NULL, 0, NULL, 0);
	assert_int_equal(s->stream_write(NULL, "x", 1), -1);
	assert_story("");
}

static void
test_a_watch_ends_once(void **state)
{
	const struct teller_services *s = fx.services;

	(void)state;
	struct teller_watch *watch =
		s->watch_timer(fx.host, 3600000, true, never, NULL);
	s->unwatch(fx.host, watch);
	s->unwatch(fx.host, watch);
	s->unwatch(fx.host, NULL);
	assert_int_equal(fx.host->n_owned, 0);
}

static void
test_what_is_needed_is_asked_for(void **state)
{
	const struct teller_services *s = fx.services;
	size_t len;

	(void)state;
	assert_int_equal(s->post(fx.host, NULL, NULL), -1);
	assert_int_equal(s->work(fx.host, NULL, never, NULL), -1);
	assert_int_equal(s->receive(fx.host, NULL, NULL, 0, NULL, NULL), -1);
	assert_int_equal(s->fetch(fx.host, NULL, never_fetched, NULL), -1);
	assert_int_equal(
		s->serve(fx.host, "GET", NULL, 0, 0, never_serve, NULL), -1);
	assert_int_equal(s->http_origins(fx.host, NULL), -1);
	assert_null(s->secret_get(fx.host, NULL, &len));
	assert_story("");
}

/* ---- Whose mistake it is */

static bool is_over;

static void
write_nowhere(void *arg)
{
	(void)arg;
	fx.services->conn_write(NULL, "x", 1);
}

static void
end(void *arg)
{
	(void)arg;
	fx.services->stream_write(NULL, "x", 1);
	is_over = true;
}

static void
test_the_log_names_the_plugin(void **state)
{
	char text[4096];
	struct log_capture capture = log_capture_begin();

	(void)state;
	is_over = false;
	fx.services->work(fx.host, write_nowhere, end, NULL);
	fixture_run_until(&fx.base, &is_over);
	fx.services->stopped(NULL);
	log_capture_end(&capture, text, sizeof text);
	assert_non_null(strstr(text, "plugin probe calls conn_write from a "
				     "thread that is not the loop's"));
	assert_non_null(
		strstr(text, "plugin probe calls stream_write with NULL"));
	/* Called by this test, around the host. */
	assert_non_null(strstr(text, "a plugin calls stopped with NULL"));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fx_begin, fx_end)
	const struct CMUnitTest tests[] = {
		TEST(test_only_post_is_for_other_threads),
		TEST(test_what_was_thrown_away_is_missed),
		TEST(test_a_watch_ends_once),
		TEST(test_what_is_needed_is_asked_for),
		TEST(test_the_log_names_the_plugin),
	};

	log_open(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
