/* The life of an instance, and the services of running. */
#include "plugin_fixture.h"

#include <pthread.h>

#include "base/err.h"
#include "base/log.h"
#include "base/metric.h"

static atomic_int n_calls;
static bool is_called;

static void
count_call(void *arg)
{
	(void)arg;
	n_calls++;
	is_called = true;
}

/* On a worker. */
static void
count_work(void *arg)
{
	(void)arg;
	n_calls++;
}

static int
begin(void **state)
{
	n_calls = 0;
	is_called = false;
	return fx_begin(state);
}

static int
begin_empty(void **state)
{
	n_calls = 0;
	is_called = false;
	return fx_begin_empty(state);
}

/* ---- Life */

static int
refuse(void)
{
	return -1;
}

static void
tell_close(void)
{
	tell_story("closed");
}

/* All of this is for later, and comes to nothing. */
static int
do_too_much(void)
{
	const struct teller_services *s = fx.services;

	tell_story("opened as %s", s->option_text(fx.host, "title"));
	assert_int_equal(s->post(fx.host, count_call, NULL), -1);
	assert_int_equal(s->work(fx.host, count_work, NULL, NULL), -1);
	assert_null(s->watch_timer(fx.host, 0, false, count_call, NULL));
	assert_int_equal(s->secret_put(fx.host, "k", "v", 1, NULL, NULL), -1);
	return 0;
}

static int
try_it(struct err *err)
{
	fx.on_close = tell_close;
	fx.host = instance_new(&fx.frame, &fx_plugin, fx.settings, NULL);
	int rc = instance_try(fx.host, err);
	assert_true(fx.host->state == INSTANCE_OVER);
	instance_free(fx.host);
	fx.host = NULL;
	return rc;
}

static void
test_what_is_tried_is_opened_and_closed_and_no_more(void **state)
{
	struct err err = {0};

	(void)state;
	fx.on_open = do_too_much;
	fx.on_start = refuse;
	assert_int_equal(try_it(&err), 0);
	assert_story("opened as none\nclosed\n");
	fx.on_open = refuse;
	assert_int_equal(try_it(&err), -1);
	assert_string_equal(err.text, "cannot be opened: it does not say why");
	assert_story("");
}

static void
must_not_close(void)
{
	fail();
}

static void
test_it_runs_and_ends(void **state)
{
	(void)state;
	assert_int_equal(fx.host->state, INSTANCE_RUNNING);
	fx.is_settled = false;
	instance_stop(fx.host);
	fixture_run_until(&fx.base, &fx.is_settled);
	assert_int_equal(fx.host->state, INSTANCE_OVER);
}

static void
test_what_cannot_be_opened_fails_and_is_not_closed(void **state)
{
	(void)state;
	fx.on_open = refuse;
	fx.on_close = must_not_close;
	fx_begin_instance();
	assert_int_equal(fx.host->state, INSTANCE_FAILED);
	assert_string_equal(fx.host->words, "it does not say why");
}

static int
make_things_and_refuse(void)
{
	fx.services->watch_timer(fx.host, 1, true, count_call, NULL);
	fx.services->work(fx.host, count_work, count_call, NULL);
	fx.services->post(fx.host, count_call, NULL);
	return -1;
}

static void
story_of_close(void)
{
	tell_story("close after %d calls", n_calls);
}

static void
test_what_cannot_start_is_closed_when_its_work_is_over(void **state)
{
	(void)state;
	fx.on_start = make_things_and_refuse;
	fx.on_close = story_of_close;
	fx_begin_instance();
	assert_int_equal(fx.host->state, INSTANCE_FAILED);
	assert_string_equal(fx.host->words, "no reason");
	assert_non_null(strstr(fx.story.text, "close after"));
	assert_true(n_calls >= 3);
	assert_null(fx.host->owned);
}

static void
say_all_is_well(void)
{
	fx.services->health(fx.host, TELLER_OK, NULL);
}

static void
test_why_it_failed_is_not_forgotten(void **state)
{
	(void)state;
	fx.on_start = refuse;
	fx.on_close = say_all_is_well;
	fx_begin_instance();
	assert_int_equal(fx.host->state, INSTANCE_FAILED);
	assert_string_equal(fx.host->words, "no reason");
}

static void
wait_a_while(struct job *job)
{
	usleep(10000);
	free(job);
}

static void
test_it_opens_when_the_workers_have_time(void **state)
{
	(void)state;
	for (;;) {
		struct job *job = malloc(sizeof *job);
		job->run = wait_a_while;
		if (!pool_push(fx.base.workers, job)) {
			free(job);
			break;
		}
	}
	fx_begin_instance();
	assert_int_equal(fx.host->state, INSTANCE_RUNNING);
}

static void
test_it_may_be_stopped_before_it_is_open(void **state)
{
	(void)state;
	fx.on_open = refuse;
	fx.host = instance_new(&fx.frame, &fx_plugin, fx.settings, NULL);
	instance_begin(fx.host);
	instance_stop(fx.host);
	fixture_run_until(&fx.base, &fx.is_settled);
	assert_int_equal(fx.host->state, INSTANCE_OVER);
	assert_null(fx.services);
}

static void
test_one_that_never_stops_is_closed_all_the_same(void **state)
{
	(void)state;
	fx.never_stops = true;
	fx.on_close = story_of_close;
	fx_end_instance();
	assert_story("close after 0 calls\n");
}

static atomic_bool may_end;

static void
work_long(void *arg)
{
	(void)arg;
	while (!may_end)
		usleep(1000);
}

static void
story_of_work(void *arg)
{
	(void)arg;
	tell_story("work done");
}

static void
let_end(void *arg)
{
	(void)arg;
	may_end = true;
}

static void
test_closing_waits_for_work_even_past_the_deadline(void **state)
{
	struct timer *timer = timer_new(fx.base.loop, let_end, NULL);

	(void)state;
	may_end = false;
	fx.on_close = story_of_close;
	assert_int_equal(
		fx.services->work(fx.host, work_long, story_of_work, NULL), 0);
	timer_set(timer, 400);
	fx_end_instance();
	assert_story("work done\nclose after 0 calls\n");
	timer_free(timer);
}

static void
ask_what_is_over(void)
{
	const struct teller_message message = {
		.size = sizeof message, .conversation = "c", .burst_ms = -1};
	struct teller_host *host = fx.host;

	assert_int_equal(
		fx.services->receive(host, &message, NULL, 0, NULL, NULL), -1);
	assert_int_equal(fx.services->post(host, count_call, NULL), -1);
	assert_int_equal(fx.services->work(host, count_call, count_call, NULL),
			 -1);
	assert_int_equal(
		fx.services->open_conversation(host, "", "c", "", NULL, NULL),
		-1);
	assert_int_equal(
		fx.services->serve(host, "GET", "/x", 0, 0, NULL, NULL), -1);
}

static void
ask_in_stop(void)
{
	ask_what_is_over();
	/* What helps to end is still there. */
	assert_non_null(
		fx.services->watch_timer(fx.host, 0, false, count_call, NULL));
	fx.services->sent(fx.host, "msg_1", "x");
}

static void
ask_in_close(void)
{
	const struct teller_state state = {
		.key = "k", .value = "v", .value_len = 1};

	ask_what_is_over();
	assert_null(
		fx.services->watch_timer(fx.host, 0, false, count_call, NULL));
	assert_null(fx.services->watch_fd(fx.host, 0, TELLER_READ, NULL, NULL));
	assert_int_equal(fx.services->state_put(fx.host, &state, 1, NULL, NULL),
			 -1);
	fx.services->sent(fx.host, "msg_2", "x");
	fx.services->stopped(fx.host);
	fx.services->log(fx.host, TELLER_LOG_DEBUG, "still here");
	assert_string_equal(fx.services->option_text(fx.host, "title"), "none");
}

static void
test_what_comes_in_is_refused_from_stop_on(void **state)
{
	(void)state;
	fx.on_stop = ask_in_stop;
	fx.on_close = ask_in_close;
	fx_end_instance();
	assert_story("probe: msg_1 sent as 'x'\n");
}

static int
ask_in_open(void)
{
	const struct teller_message message = {
		.size = sizeof message, .conversation = "c", .burst_ms = -1};

	assert_int_equal(
		fx.services->receive(fx.host, &message, NULL, 0, NULL, NULL),
		-1);
	assert_null(
		fx.services->watch_timer(fx.host, 0, false, count_call, NULL));
	fx.services->health(fx.host, TELLER_DEGRADED, "opening");
	assert_string_equal(fx.services->option_text(fx.host, "title"), "none");
	return 0;
}

static void
test_only_settings_are_there_in_open(void **state)
{
	(void)state;
	fx.on_open = ask_in_open;
	fx_begin_instance();
	assert_int_equal(fx.host->state, INSTANCE_RUNNING);
	assert_int_equal(fx.host->health, TELLER_DEGRADED);
	assert_string_equal(fx.host->words, "opening");
}

/* ---- Watches */

static void
test_a_timer_fires_once_and_is_no_more(void **state)
{
	size_t before = fx.host->n_owned;

	(void)state;
	assert_non_null(
		fx.services->watch_timer(fx.host, 0, false, count_call, NULL));
	assert_int_equal(n_calls, 0);
	fixture_run_until(&fx.base, &is_called);
	fixture_run_for(&fx.base, 20);
	assert_int_equal(n_calls, 1);
	assert_int_equal(fx.host->n_owned, before);
}

static struct teller_watch *repeating;

static void
unwatch_at_third(void *arg)
{
	(void)arg;
	if (++n_calls < 3)
		return;
	fx.services->unwatch(fx.host, repeating);
	is_called = true;
}

static void
test_a_timer_repeats_until_it_is_unwatched(void **state)
{
	(void)state;
	repeating = fx.services->watch_timer(fx.host, 1, true, unwatch_at_third,
					     NULL);
	fixture_run_until(&fx.base, &is_called);
	fixture_run_for(&fx.base, 20);
	assert_int_equal(n_calls, 3);
}

static void
test_senseless_watches_are_refused(void **state)
{
	(void)state;
	assert_null(
		fx.services->watch_timer(fx.host, 0, true, count_call, NULL));
	assert_null(
		fx.services->watch_timer(fx.host, -1, false, count_call, NULL));
	assert_null(fx.services->watch_timer(fx.host, 1, false, NULL, NULL));
	assert_null(
		fx.services->watch_fd(fx.host, -1, TELLER_READ, NULL, NULL));
	fx.services->unwatch(fx.host, NULL);
}

static int pipes[2];
static struct teller_watch *pipe_watch;

static void
read_pipe(void *arg, int events)
{
	char c;

	(void)arg;
	assert_int_equal(events, TELLER_READ);
	assert_int_equal(read(pipes[0], &c, 1), 1);
	n_calls++;
	if (c != '.')
		return;
	fx.services->unwatch(fx.host, pipe_watch);
	is_called = true;
}

static void
test_a_descriptor_is_watched_until_it_is_unwatched(void **state)
{
	(void)state;
	assert_int_equal(pipe(pipes), 0);
	pipe_watch = fx.services->watch_fd(fx.host, pipes[0], TELLER_READ,
					   read_pipe, NULL);
	assert_non_null(pipe_watch);
	assert_int_equal(write(pipes[1], "ab.cd", 5), 5);
	fixture_run_until(&fx.base, &is_called);
	fixture_run_for(&fx.base, 20);
	assert_int_equal(n_calls, 3);
	close(pipes[0]);
	close(pipes[1]);
}

static void
test_what_is_left_is_taken_away(void **state)
{
	(void)state;
	assert_int_equal(pipe(pipes), 0);
	int before = fixture_open_files();
	fx.services->watch_fd(fx.host, pipes[0], TELLER_READ, read_pipe, NULL);
	for (int i = 0; i < 100; i++)
		fx.services->watch_timer(fx.host, 1000000, true, count_call,
					 NULL);
	fx_end_instance();
	assert_int_equal(fixture_open_files(), before);
	assert_int_equal(write(pipes[1], "a", 1), 1);
	fixture_run_for(&fx.base, 20);
	assert_int_equal(n_calls, 0);
	close(pipes[0]);
	close(pipes[1]);
}

static void
test_what_it_may_own_is_limited(void **state)
{
	(void)state;
	while (fx.services->watch_timer(fx.host, 1000000, false, count_call,
					NULL))
		;
	assert_int_equal(fx.host->n_owned, 100000);
}

/* ---- Posts and work */

#define N_THREADS 4
#define N_POSTS 500

static void *
post_many(void *arg)
{
	(void)arg;
	for (int i = 0; i < N_POSTS; i++)
		assert_int_equal(fx.services->post(fx.host, count_call, NULL),
				 0);
	return NULL;
}

static void
test_any_thread_may_post(void **state)
{
	pthread_t threads[N_THREADS];

	(void)state;
	for (int i = 0; i < N_THREADS; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, post_many, NULL), 0);
	while (n_calls < N_THREADS * N_POSTS)
		loop_run_once(fx.base.loop, 10);
	for (int i = 0; i < N_THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(n_calls, N_THREADS * N_POSTS);
}

static void
test_posts_that_were_taken_run_before_the_end(void **state)
{
	(void)state;
	fx.on_close = story_of_close;
	for (int i = 0; i < 3; i++)
		fx.services->post(fx.host, count_call, NULL);
	assert_int_equal(n_calls, 0);
	fx_end_instance();
	assert_story("close after 3 calls\n");
}

static void
test_posts_are_limited(void **state)
{
	int n = 0;

	(void)state;
	while (fx.services->post(fx.host, count_call, NULL) == 0)
		n++;
	assert_int_equal(n, 10000);
	while (n_calls < n)
		loop_run_once(fx.base.loop, 10);
	assert_int_equal(fx.services->post(fx.host, count_call, NULL), 0);
}

static pthread_t worker;

static void
note_thread(void *arg)
{
	*(pthread_t *)arg = pthread_self();
}

static void
work_done(void *arg)
{
	assert_ptr_equal(arg, &worker);
	is_called = true;
}

static void
test_work_runs_on_a_worker_and_ends_on_the_loop(void **state)
{
	(void)state;
	assert_int_equal(
		fx.services->work(fx.host, note_thread, work_done, &worker), 0);
	fixture_run_until(&fx.base, &is_called);
	assert_false(pthread_equal(worker, pthread_self()));
}

/* ---- What it tells */

static void
test_metrics_are_counted_within_limits(void **state)
{
	char name[16];

	(void)state;
	fx.services->metric(fx.host, "mails", 2);
	fx.services->metric(fx.host, "mails", 1);
	struct metric *metric =
		metric_get(METRIC_COUNTER, "tellerd_plugin_mails_total", "",
			   "plugin=\"probe\"");
	assert_true(metric_value(metric) == 3);
	fx.services->metric(fx.host, "bad name", 1);
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof name, "m%d", i);
		fx.services->metric(fx.host, name, 1);
	}
	assert_int_equal(fx.host->metrics.n, 64);
}

static void
be_slow(void *arg)
{
	usleep(15000);
	count_call(arg);
}

static void
test_slow_calls_are_counted(void **state)
{
	struct metric *metric =
		metric_get(METRIC_COUNTER, "tellerd_plugin_slow_calls_total",
			   "", "plugin=\"probe\"");
	double before = metric_value(metric);

	(void)state;
	fx.services->watch_timer(fx.host, 0, false, be_slow, NULL);
	fixture_run_until(&fx.base, &is_called);
	assert_true(metric_value(metric) == before + 1);
}

static void
test_health_is_kept_and_cut(void **state)
{
	char words[1000];

	(void)state;
	memset(words, 'x', sizeof words - 1);
	words[sizeof words - 1] = '\0';
	fx.services->health(fx.host, TELLER_DOWN, words);
	assert_int_equal(fx.host->health, TELLER_DOWN);
	assert_int_equal(strlen(fx.host->words), 300);
	fx.services->health(fx.host, TELLER_OK, NULL);
	assert_null(fx.host->words);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, fx_end)
#define BEFORE(name) cmocka_unit_test_setup_teardown(name, begin_empty, fx_end)
	const struct CMUnitTest tests[] = {
		TEST(test_it_runs_and_ends),
		BEFORE(test_what_is_tried_is_opened_and_closed_and_no_more),
		BEFORE(test_what_cannot_be_opened_fails_and_is_not_closed),
		BEFORE(test_what_cannot_start_is_closed_when_its_work_is_over),
		BEFORE(test_why_it_failed_is_not_forgotten),
		BEFORE(test_it_opens_when_the_workers_have_time),
		BEFORE(test_it_may_be_stopped_before_it_is_open),
		TEST(test_one_that_never_stops_is_closed_all_the_same),
		TEST(test_closing_waits_for_work_even_past_the_deadline),
		TEST(test_what_comes_in_is_refused_from_stop_on),
		BEFORE(test_only_settings_are_there_in_open),
		TEST(test_a_timer_fires_once_and_is_no_more),
		TEST(test_a_timer_repeats_until_it_is_unwatched),
		TEST(test_senseless_watches_are_refused),
		TEST(test_a_descriptor_is_watched_until_it_is_unwatched),
		TEST(test_what_is_left_is_taken_away),
		TEST(test_what_it_may_own_is_limited),
		TEST(test_any_thread_may_post),
		TEST(test_posts_that_were_taken_run_before_the_end),
		TEST(test_posts_are_limited),
		TEST(test_work_runs_on_a_worker_and_ends_on_the_loop),
		TEST(test_metrics_are_counted_within_limits),
		TEST(test_slow_calls_are_counted),
		TEST(test_health_is_kept_and_cut),
	};

	log_open(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
