#include "test.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/time.h"
#include "net/loop.h"

#define N_THREADS 4
#define N_JOBS 2000

struct note {
	struct job job;
	struct loop *loop;
	int *counter;
	int value;
};

static void
count_job(struct job *job)
{
	struct note *note = container_of(job, struct note, job);

	assert_int_equal(*note->counter, note->value);
	(*note->counter)++;
}

static void
count_call(void *arg)
{
	(*(int *)arg)++;
}

static void
stop_call(void *arg)
{
	loop_stop(arg);
}

static struct loop *
new_loop(void)
{
	struct err err = {0};
	struct loop *loop = loop_new(&err);

	assert_non_null(loop);
	return loop;
}

static void
test_posted_jobs_run_in_order(void **state)
{
	struct loop *loop = new_loop();
	struct note notes[100];
	int counter = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		notes[i] = (struct note){
			.job.run = count_job, .counter = &counter, .value = i};
		loop_post(loop, &notes[i].job);
	}
	assert_int_equal(counter, 0);
	while (counter < 100)
		loop_run_once(loop, 10000);
	loop_free(loop);
}

static void
add_job(struct job *job)
{
	struct note *note = container_of(job, struct note, job);

	note->value++;
	if (++*note->counter == N_THREADS * N_JOBS)
		loop_stop(note->loop);
}

struct poster {
	struct loop *loop;
	struct note notes[N_JOBS];
};

static void *
post_many(void *arg)
{
	struct poster *poster = arg;

	for (int i = 0; i < N_JOBS; i++)
		loop_post(poster->loop, &poster->notes[i].job);
	return NULL;
}

static void
test_many_threads_may_post(void **state)
{
	struct loop *loop = new_loop();
	struct poster *posters = calloc(N_THREADS, sizeof *posters);
	pthread_t threads[N_THREADS];
	int counter = 0;

	(void)state;
	for (int i = 0; i < N_THREADS; i++) {
		posters[i].loop = loop;
		for (int j = 0; j < N_JOBS; j++)
			posters[i].notes[j] = (struct note){
				.job.run = add_job,
				.loop = loop,
				.counter = &counter,
			};
		pthread_create(&threads[i], NULL, post_many, &posters[i]);
	}
	loop_run(loop);
	for (int i = 0; i < N_THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(counter, N_THREADS * N_JOBS);
	for (int i = 0; i < N_THREADS; i++) {
		for (int j = 0; j < N_JOBS; j++)
			assert_int_equal(posters[i].notes[j].value, 1);
	}
	free(posters);
	loop_free(loop);
}

static void
post_again(struct job *job)
{
	struct note *note = container_of(job, struct note, job);

	if (++*note->counter < 3)
		loop_post(note->loop, job);
}

static void
test_what_was_posted_runs_before_the_loop_ends(void **state)
{
	struct loop *loop = new_loop();
	int counter = 0;
	struct note note = {
		.job.run = post_again, .loop = loop, .counter = &counter};

	(void)state;
	loop_post(loop, &note.job);
	loop_free(loop);
	assert_int_equal(counter, 3);
}

static void
test_a_timer_fires_once(void **state)
{
	struct loop *loop = new_loop();
	int counter = 0;
	struct timer *timer = timer_new(loop, count_call, &counter);

	(void)state;
	assert_false(timer_is_set(timer));
	timer_set(timer, 1);
	assert_true(timer_is_set(timer));
	while (counter == 0)
		loop_run_once(loop, 1000);
	assert_false(timer_is_set(timer));
	loop_run_once(loop, 5);
	assert_int_equal(counter, 1);
	timer_free(timer);
	timer_free(NULL);
	loop_free(loop);
}

static void
test_a_cleared_timer_does_not_fire(void **state)
{
	struct loop *loop = new_loop();
	int counter = 0;
	struct timer *timer = timer_new(loop, count_call, &counter);

	(void)state;
	timer_set(timer, 0);
	timer_clear(timer);
	loop_run_once(loop, 0);
	assert_int_equal(counter, 0);
	timer_free(timer);
	loop_free(loop);
}

static struct timer *own_timer;

static void
free_own_timer(void *arg)
{
	timer_free(own_timer);
	own_timer = NULL;
	loop_stop(arg);
}

static void
test_a_timer_may_be_freed_in_its_own_call(void **state)
{
	struct loop *loop = new_loop();

	(void)state;
	own_timer = timer_new(loop, free_own_timer, loop);
	timer_set(own_timer, -5);
	loop_run(loop);
	assert_null(own_timer);
	loop_free(loop);
}

static void
read_one(void *arg, int events)
{
	int *fds = arg;
	char c;

	if (events & WATCH_READ && read(fds[0], &c, 1) == 1)
		fds[2]++;
}

static void
test_a_watch_tells_of_each_arrival_until_freed(void **state)
{
	struct loop *loop = new_loop();
	int fds[3] = {0};

	(void)state;
	assert_int_equal(pipe(fds), 0);
	struct watch *watch =
		watch_new(loop, fds[0], WATCH_READ, read_one, fds, NULL);
	assert_non_null(watch);
	assert_int_equal(write(fds[1], "abc", 3), 3);
	while (fds[2] < 2)
		loop_run_once(loop, 1000);
	watch_free(watch);
	loop_run_once(loop, 5);
	assert_int_equal(fds[2], 2);
	close(fds[0]);
	close(fds[1]);
	loop_free(loop);
}

static void
test_what_cannot_be_watched_is_an_error(void **state)
{
	struct loop *loop = new_loop();
	struct err err = {0};
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_null(watch_new(loop, fd, WATCH_READ, read_one, NULL, &err));
	assert_string_not_equal(err.text, "");
	close(fd);
	loop_free(loop);
}

static void
test_a_signal_calls_back(void **state)
{
	struct loop *loop = new_loop();
	int counter = 0;

	(void)state;
	assert_int_equal(
		loop_on_signal(loop, SIGUSR1, count_call, &counter, NULL), 0);
	assert_int_equal(loop_on_signal(loop, SIGUSR2, stop_call, loop, NULL),
			 0);
	raise(SIGUSR1);
	while (counter == 0)
		loop_run_once(loop, 1000);
	raise(SIGUSR2);
	loop_run(loop);
	loop_free(loop);
}

static void
test_a_loop_stopped_before_it_runs_ends_at_once(void **state)
{
	struct loop *loop = new_loop();

	(void)state;
	loop_stop(loop);
	loop_run(loop);
	loop_free(loop);
	loop_free(NULL);
}

static void
test_the_beat_goes_on(void **state)
{
	struct loop *loop = new_loop();
	int64_t before = loop_beat_us(loop);

	(void)state;
	usleep(2000);
	loop_run_once(loop, 0);
	assert_true(loop_beat_us(loop) > before);
	assert_true(loop_beat_us(loop) <= time_mono_us());
	loop_free(loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_posted_jobs_run_in_order),
		cmocka_unit_test(test_many_threads_may_post),
		cmocka_unit_test(
			test_what_was_posted_runs_before_the_loop_ends),
		cmocka_unit_test(test_a_timer_fires_once),
		cmocka_unit_test(test_a_cleared_timer_does_not_fire),
		cmocka_unit_test(test_a_timer_may_be_freed_in_its_own_call),
		cmocka_unit_test(
			test_a_watch_tells_of_each_arrival_until_freed),
		cmocka_unit_test(test_what_cannot_be_watched_is_an_error),
		cmocka_unit_test(test_a_signal_calls_back),
		cmocka_unit_test(
			test_a_loop_stopped_before_it_runs_ends_at_once),
		cmocka_unit_test(test_the_beat_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
