/* The host with plugins that are real objects, good and bad. */
#include "host_fixture.h"
#include "http_client.h"

#include <malloc.h>

#include "base/log.h"
#include "base/metric.h"
#include "conf/options.h"
#include "host/host.h"
#include "net/http_server.h"
#include "store/state.h"

static struct fixture fx;
static struct host *host;
static struct http_server *http;
static struct settings *settings, *before;
static struct err err;
static char story[4096];
static bool is_done, is_changed;

static void
tell_story(const char *fmt, ...)
{
	size_t len = strlen(story);
	va_list args;

	va_start(args, fmt);
	vsnprintf(story + len, sizeof story - len, fmt, args);
	va_end(args);
}

#define assert_story(words)                        \
	do {                                       \
		assert_string_equal(story, words); \
		story[0] = '\0';                   \
	} while (0)

static void
on_receive(void *arg, const char *plugin, int64_t burst_ms,
	   const struct teller_message *message,
	   const struct teller_state *states, size_t n_states,
	   teller_stored_fn *on_stored, void *stored_arg)
{
	struct teller_stored stored = {.size = sizeof stored,
				       .status = TELLER_FAILED,
				       .words = "",
				       .conversation = "",
				       .message = ""};

	(void)arg, (void)states, (void)n_states;
	tell_story("%s receives %.*s %d;", plugin, (int)message->text_len,
		   message->text, (int)burst_ms);
	on_stored(stored_arg, &stored);
}

static void
on_progress(void *arg, const char *plugin, const char *job, const void *state,
	    size_t len)
{
	(void)arg, (void)state, (void)len;
	tell_story("%s progress %s;", plugin, job);
}

static void
on_sent(void *arg, const char *plugin, const char *job, const char *external_id)
{
	(void)arg, (void)external_id;
	tell_story("%s sent %s;", plugin, job);
}

static void
on_failed(void *arg, const char *plugin, const char *job,
	  enum teller_failure failure, int64_t not_before_us, const char *words)
{
	(void)arg, (void)not_before_us, (void)words;
	tell_story("%s failed %s %d;", plugin, job, (int)failure);
}

static void
on_changed(void *arg, const char *plugin, bool is_running)
{
	(void)arg;
	tell_story("%s %s;", plugin, is_running ? "runs" : "went");
	is_changed = true;
}

static void
on_done(void *arg)
{
	(void)arg;
	is_done = true;
}

static void
make_host(void)
{
	static const struct host_events events = {
		.receive = on_receive,
		.progress = on_progress,
		.sent = on_sent,
		.failed = on_failed,
		.changed = on_changed,
	};
	char key[FIXTURE_PATH];
	struct host_config config = {
		.loop = fx.loop,
		.store = fx.store,
		.http = http,
		.workers = fx.workers,
		.plugin_dir = fx.dir,
		.key_path = fixture_path(&fx, "desk.key", key),
		.stop_ms = 300,
	};

	host = host_new(&config, &events, &err);
	if (!host)
		fail_msg("%s", err.text);
}

static int
begin(void **state)
{
	(void)state;
	err = (struct err){0};
	story[0] = '\0';
	fixture_begin(&fx);
	http = http_server_new(fx.loop, &http_limits_default);
	make_host();
	return 0;
}

static void
stop_host(void)
{
	is_done = false;
	host_stop(host, on_done, NULL);
	fixture_run_until(&fx, &is_done);
	host_free(host);
	host = NULL;
}

static int
end(void **state)
{
	(void)state;
	if (host)
		stop_host();
	http_server_free(http);
	settings_free(before);
	settings_free(settings);
	before = settings = NULL;
	fixture_end(&fx);
	return 0;
}

static void
load(const char *name)
{
	if (host_load(host, name, &err) < 0)
		fail_msg("%s", err.text);
}

/* Read settings that name these plugins with those values ("good: {}") and
 * begin to bring them about. */
static void
begin_settings(const char *lines)
{
	struct option_section sections[8];
	char names[8][64], text[1024];
	struct host_status status;
	size_t n = 0;

	for (; n < 8 && host_status_at(host, n, &status); n++) {
		snprintf(names[n], sizeof names[n], "plugins.%s", status.name);
		sections[n] = (struct option_section){
			names[n], "", host_options(host, status.name)};
	}
	snprintf(text, sizeof text, "plugins:\n%s", lines);
	struct settings *next = settings_read_text(
		"test.yaml", text, strlen(text), sections, n, &err);
	if (!next)
		fail_msg("%s", err.text);
	is_done = false;
	host_reload(host, next, on_done, NULL);
	before = settings;
	settings = next;
}

static void
end_settings(void)
{
	fixture_run_until(&fx, &is_done);
	settings_free(before);
	before = NULL;
}

static void
use_settings(const char *lines)
{
	begin_settings(lines);
	end_settings();
}

static void
add_and_load(const char *name)
{
	fixture_add_bad(&fx, name);
	load(name);
}

static void
run_plugin(const char *name)
{
	char line[64];

	add_and_load(name);
	snprintf(line, sizeof line, "  %s: {}\n", name);
	use_settings(line);
}

static struct host_status
status_of(size_t i)
{
	struct host_status status;

	assert_true(host_status_at(host, i, &status));
	return status;
}

static void
test_a_plugin_runs_and_ends(void **state)
{
	(void)state;
	run_plugin("good");
	assert_story("good runs;");
	assert_string_equal(status_of(0).state, "running");
	assert_string_equal(status_of(0).version, "1");
	assert_true(host_can(host, "good", 0));
	assert_true(host_can(host, "good", TELLER_CAN_CHANNEL));
	assert_false(
		host_can(host, "good", TELLER_CAN_CHANNEL | TELLER_CAN_DESK));
	assert_string_equal(host_plugin_with(host, TELLER_CAN_CHANNEL, 0),
			    "good");
	assert_null(host_plugin_with(host, TELLER_CAN_CHANNEL, 1));
	assert_null(host_plugin_with(host, TELLER_CAN_DESK, 0));
	stop_host();
	assert_story("good went;");
}

static void
test_a_job_is_given_to_who_runs(void **state)
{
	struct teller_job job = {.size = sizeof job, .id = "msg_1"};

	(void)state;
	assert_false(host_send(host, "good", &job));
	add_and_load("good");
	assert_false(host_send(host, "good", &job));
	assert_false(host_can(host, "good", 0));
	use_settings("  good: {}\n");
	story[0] = '\0';
	assert_true(host_send(host, "good", &job));
	assert_story("good sent msg_1;");
	host_typing(host, "good", "", "c", true);
	host_cancel(host, "good", "msg_1");
	host_typing(host, "none", "", "c", true);
	host_cancel(host, "none", "msg_1");
	host_stop(host, on_done, NULL);
	assert_false(host_send(host, "good", &job));
	is_done = false;
	fixture_run_until(&fx, &is_done);
}

static void
on_found(void *arg, const struct teller_found *found)
{
	(void)arg;
	if (found)
		tell_story("found %d %s '%s' '%s';", (int)found->grade,
			   found->about, found->words,
			   found->remedy ? found->remedy : "");
	else
		tell_story("over;");
}

static void
test_a_plugin_says_what_it_found(void **state)
{
	(void)state;
	assert_false(host_check(host, "good", "", on_found, NULL));
	add_and_load("bad_start");
	run_plugin("good");
	story[0] = '\0';
	assert_true(host_check(host, "good", "", on_found, NULL));
	assert_story("found 0 post '' '';over;");
	assert_true(host_check(host, "good", "C1", on_found, NULL));
	assert_story("found 1 post 'C1' '';over;");
	assert_false(host_check(host, "bad_start", "", on_found, NULL));
	assert_false(host_check(host, "none", "", on_found, NULL));
	assert_story("");
}

static void
test_one_that_has_nothing_to_look_at_says_so(void **state)
{
	(void)state;
	run_plugin("kept");
	story[0] = '\0';
	assert_false(host_check(host, "kept", "", on_found, NULL));
	assert_story("");
}

static void
test_who_waits_for_a_check_is_told_that_the_plugin_ends(void **state)
{
	(void)state;
	run_plugin("good");
	story[0] = '\0';
	assert_true(host_check(host, "good", "nobody", on_found, NULL));
	assert_story("found 1 post 'nobody' '';");
	stop_host();
	assert_story("found 2 the check 'the plugin was stopped before it had "
		     "looked at everything' '';over;good went;");
}

static void
test_what_is_wanted_is_named_while_it_does_not_run(void **state)
{
	(void)state;
	add_and_load("bad_open");
	add_and_load("good");
	assert_null(host_plugin_with(host, TELLER_CAN_CHANNEL, 0));
	use_settings("  good: {}\n");
	assert_string_equal(host_plugin_with(host, TELLER_CAN_CHANNEL, 0),
			    "good");
	load("bad_open");
	assert_null(host_plugin_with(host, TELLER_CAN_CHANNEL, 1));
	use_settings("  bad_open: {}\n  good: {}\n");
	assert_string_equal(host_plugin_with(host, TELLER_CAN_CHANNEL, 1),
			    "bad_open");
	host_stop(host, on_done, NULL);
	assert_false(host_can(host, "good", 0));
	assert_string_equal(host_plugin_with(host, TELLER_CAN_CHANNEL, 0),
			    "good");
	is_done = false;
	fixture_run_until(&fx, &is_done);
}

static void
test_the_bad_do_not_keep_the_good_from_running(void **state)
{
	(void)state;
	add_and_load("bad_open");
	add_and_load("bad_start");
	add_and_load("good");
	use_settings("  bad_open: {}\n  bad_start: {}\n  good: {}\n");
	assert_string_equal(status_of(0).state, "failed");
	assert_int_equal(status_of(0).health, TELLER_DOWN);
	assert_int_equal(strlen(status_of(0).words), 300);
	assert_string_equal(status_of(1).state, "failed");
	assert_string_equal(status_of(1).words, "the port is taken");
	assert_string_equal(status_of(2).state, "running");
	assert_story("good runs;");
}

static void
test_what_is_not_named_is_unloaded(void **state)
{
	struct host_status status;

	(void)state;
	add_and_load("good");
	add_and_load("bad_leak");
	use_settings("  good: {}\n  bad_leak: {}\n");
	story[0] = '\0';
	use_settings("  good: {}\n");
	assert_story("bad_leak went;");
	assert_string_equal(status_of(0).name, "good");
	assert_false(host_status_at(host, 1, &status));
	assert_null(host_options(host, "bad_leak"));
	load("bad_leak");
	use_settings("  good: {}\n  bad_leak: {}\n");
	assert_story("bad_leak runs;");
}

static void
test_what_cannot_be_unloaded_is_there_when_it_is_wanted_again(void **state)
{
	struct host_status status;

	(void)state;
	run_plugin("kept");
	for (int i = 0; i < 3; i++) {
		use_settings("  {}\n");
		assert_false(host_status_at(host, 0, &status));
		/* As if nobody had it: it may be loaded, or is at once there.
		 */
		load("kept");
		use_settings("  kept: {}\n");
		assert_string_equal(status_of(0).state, "running");
	}
	stop_host();
	make_host();
	story[0] = '\0';
	load("kept");
	use_settings("  kept: {}\n");
	assert_story("kept runs;");
}

static void
test_changed_settings_restart_that_plugin_alone(void **state)
{
	(void)state;
	add_and_load("good");
	add_and_load("bad_late");
	use_settings("  good: {}\n  bad_late: {}\n");
	story[0] = '\0';
	use_settings("  good: {burst: 5 s}\n  bad_late: {}\n");
	assert_story("good went;good runs;");
	use_settings("  good: {burst: 5 s}\n  bad_late: {}\n");
	assert_story("");
}

static void
test_one_that_failed_is_tried_again_by_a_reload(void **state)
{
	(void)state;
	run_plugin("bad_start");
	use_settings("  bad_start: {}\n");
	assert_string_equal(status_of(0).state, "failed");
	assert_story("");
}

static void
test_a_reload_may_be_overtaken_by_the_end(void **state)
{
	bool is_reloaded = false;

	(void)state;
	add_and_load("bad_stop");
	use_settings("  bad_stop: {}\n");
	struct settings *next = settings_read(NULL, NULL, 0, &err);
	host_reload(host, next, on_done, NULL);
	(void)is_reloaded;
	stop_host();
	settings_free(next);
	assert_story("bad_stop runs;bad_stop went;");
}

static void
test_stopping_before_anything_ran_is_over_at_once(void **state)
{
	(void)state;
	add_and_load("good");
	stop_host();
	assert_story("");
}

static void
test_one_that_never_stops_is_closed(void **state)
{
	(void)state;
	run_plugin("bad_stop");
	stop_host();
	assert_story("bad_stop runs;bad_stop went;");
}

static void
test_one_that_posts_to_the_last_is_closed(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		run_plugin("bad_post");
		fixture_run_for(&fx, 20);
		use_settings("  {}\n");
	}
	assert_story("bad_post runs;bad_post went;bad_post runs;bad_post went;"
		     "bad_post runs;bad_post went;");
}

static void
test_late_calls_are_refused(void **state)
{
	(void)state;
	run_plugin("bad_late");
	stop_host();
	assert_story("bad_late runs;bad_late went;");
	assert_true(metric_value(metric_get(METRIC_COUNTER,
					    "tellerd_plugin_late_total", "",
					    "plugin=\"bad_late\"")) == 0);
}

static void
test_what_is_left_behind_is_taken_away(void **state)
{
	const char *method, *path;

	(void)state;
	run_plugin("bad_leak");
	assert_true(http_server_route_at(http, 0, &method, &path));
	assert_string_equal(path, "/bad_leak");
	fixture_run_for(&fx, 20);
	stop_host();
	assert_false(http_server_route_at(http, 0, &method, &path));
}

/* ---- Requests */

static void
turn(void)
{
	for (int i = 0; i < 10; i++)
		loop_run_once(fx.loop, 0);
}

static int
connect_client(void)
{
	int fd = connect_to(http_server_port(http));

	turn();
	return fd;
}

static void
ask_served(int fd)
{
	send_and_await(fd, "GET /served HTTP/1.1\r\nHost: a\r\n\r\n");
}

static void
expect_answer(int fd, const char *start, const char *part)
{
	bool is_end;

	turn();
	const char *text = receive_until(fd, part, false, &is_end);
	assert_memory_equal(text, start, strlen(start));
	assert_non_null(strstr(text, part));
}

static void
expect_served(int fd, const char *start, const char *part)
{
	ask_served(fd);
	expect_answer(fd, start, part);
}

static int
run_served(void)
{
	assert_int_equal(http_server_listen(http, "127.0.0.1:0", &err), 0);
	add_and_load("served");
	use_settings("  served: {word: one}\n");
	return connect_client();
}

static void
test_requests_wait_for_the_new_settings(void **state)
{
	int fd = run_served();

	(void)state;
	expect_served(fd, "HTTP/1.1 200 ", "\r\n\r\none");
	begin_settings("  served: {word: two}\n");
	ask_served(fd);
	end_settings();
	expect_answer(fd, "HTTP/1.1 200 ", "\r\n\r\ntwo");
	close(fd);
}

static void
test_requests_are_refused_while_settings_fail(void **state)
{
	int fd = run_served();

	(void)state;
	begin_settings("  served: {word: fail}\n");
	ask_served(fd);
	end_settings();
	assert_string_equal(status_of(0).state, "failed");
	expect_answer(fd, "HTTP/1.1 503 ", "\r\nRetry-After: ");
	expect_served(fd, "HTTP/1.1 503 ", "\r\nRetry-After: ");
	use_settings("  served: {word: three}\n");
	expect_served(fd, "HTTP/1.1 200 ", "\r\n\r\nthree");
	use_settings("  {}\n");
	expect_served(fd, "HTTP/1.1 404 ", "not_found");
	close(fd);
}

static void
test_requests_that_wait_are_refused_at_the_end(void **state)
{
	int fd = run_served();

	(void)state;
	begin_settings("  served: {word: two}\n");
	ask_served(fd);
	stop_host();
	expect_answer(fd, "HTTP/1.1 503 ", "\r\nRetry-After: ");
	close(fd);
}

/* One round: three plugins are loaded, run, and are unloaded. */
static void
load_and_unload(void)
{
	static const char *const names[] = {"good", "bad_leak", "bad_start"};
	struct store_put_state nothing = {.write.verb = &store_verb_put_state,
					  .plugin = "x"};

	for (size_t i = 0; i < 3; i++)
		load(names[i]);
	use_settings("  good: {}\n  bad_leak: {}\n  bad_start: {}\n");
	fixture_run_for(&fx, 5);
	use_settings("  {}\n");
	story[0] = '\0';
	/* What the plugins asked of the store comes before this. */
	store_call(fx.store, &nothing.write);
	fixture_run_for(&fx, 2);
}

/* The least that was in use after one of n rounds: caches of the store come
 * and go. */
static size_t
least_in_use(int n)
{
	size_t least = SIZE_MAX;

	while (n-- > 0) {
		load_and_unload();
		size_t used = mallinfo2().uordblks;
		least = used < least ? used : least;
	}
	return least;
}

static void
test_loading_fifty_times_leaves_nothing(void **state)
{
	(void)state;
	fixture_add_bad(&fx, "good");
	fixture_add_bad(&fx, "bad_leak");
	fixture_add_bad(&fx, "bad_start");
	least_in_use(10);
	int open_files = fixture_open_files();
	size_t first = least_in_use(15);
	size_t last = least_in_use(25);
	assert_int_equal(fixture_open_files(), open_files);
	if (last > first + 8000)
		fail_msg("%zu bytes more are in use", last - first);
}

static void
test_a_key_in_the_wrong_place_is_an_error(void **state)
{
	struct host_config config = {.loop = fx.loop,
				     .plugin_dir = fx.dir,
				     .key_path = "/nonexistent/key"};
	struct host_events events = {0};

	(void)state;
	assert_null(host_new(&config, &events, &err));
	assert_non_null(strstr(err.text, "/nonexistent/key"));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(test_a_plugin_runs_and_ends),
		TEST(test_a_job_is_given_to_who_runs),
		TEST(test_a_plugin_says_what_it_found),
		TEST(test_one_that_has_nothing_to_look_at_says_so),
		TEST(test_who_waits_for_a_check_is_told_that_the_plugin_ends),
		TEST(test_what_is_wanted_is_named_while_it_does_not_run),
		TEST(test_the_bad_do_not_keep_the_good_from_running),
		TEST(test_what_is_not_named_is_unloaded),
		TEST(test_what_cannot_be_unloaded_is_there_when_it_is_wanted_again),
		TEST(test_changed_settings_restart_that_plugin_alone),
		TEST(test_one_that_failed_is_tried_again_by_a_reload),
		TEST(test_a_reload_may_be_overtaken_by_the_end),
		TEST(test_stopping_before_anything_ran_is_over_at_once),
		TEST(test_one_that_never_stops_is_closed),
		TEST(test_one_that_posts_to_the_last_is_closed),
		TEST(test_late_calls_are_refused),
		TEST(test_what_is_left_behind_is_taken_away),
		TEST(test_requests_wait_for_the_new_settings),
		TEST(test_requests_are_refused_while_settings_fail),
		TEST(test_requests_that_wait_are_refused_at_the_end),
		TEST(test_loading_fifty_times_leaves_nothing),
		TEST(test_a_key_in_the_wrong_place_is_an_error),
	};

	/* One, so that the store has one reader, and descriptors can be
	 * counted. */
	fixture_n_workers = 1;
	log_open(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
