#include "test.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/queue.h"

#define N_THREADS 4
#define N_EACH 5000

struct item {
	struct job job;
	int sender, number;
	atomic_int *sum;
};

static struct item items[N_THREADS][N_EACH];

static struct item *
item_of(struct job *job)
{
	return job ? container_of(job, struct item, job) : NULL;
}

static void
test_jobs_come_out_oldest_first(void **state)
{
	struct item a = {.number = 1}, b = {.number = 2}, c = {.number = 3};
	struct queue queue;

	(void)state;
	queue_init(&queue, 0, NULL, NULL);
	assert_null(queue_take_all(&queue));
	queue_push(&queue, &a.job);
	queue_push(&queue, &b.job);
	queue_push(&queue, &c.job);
	assert_int_equal(queue_length(&queue), 3);
	assert_ptr_equal(item_of(queue_wait(&queue)), &a);
	struct job *rest = queue_take_all(&queue);
	assert_ptr_equal(rest, &b.job);
	assert_ptr_equal(rest->next, &c.job);
	assert_null(rest->next->next);
	assert_int_equal(queue_length(&queue), 0);
	assert_true(queue_push(&queue, &a.job));
	assert_ptr_equal(queue_wait(&queue), &a.job);
	assert_true(queue_push(&queue, &b.job));
	assert_ptr_equal(queue_take_all(&queue), &b.job);
	queue_release(&queue);
}

static void
test_full_queue_refuses_and_leaves_the_job_alone(void **state)
{
	struct item a = {0}, b = {0}, c = {.job.next = &a.job};
	struct queue queue;

	(void)state;
	queue_init(&queue, 2, NULL, NULL);
	assert_true(queue_push(&queue, &a.job));
	assert_true(queue_push(&queue, &b.job));
	assert_false(queue_push(&queue, &c.job));
	assert_ptr_equal(c.job.next, &a.job);
	assert_ptr_equal(queue_wait(&queue), &a.job);
	assert_true(queue_push(&queue, &c.job));
	queue_take_all(&queue);
	queue_release(&queue);
}

struct gathering {
	struct queue queue;
	struct item items[3];
};

static void *
push_three(void *arg)
{
	struct gathering *g = arg;

	for (int i = 0; i < 3; i++)
		queue_push(&g->queue, &g->items[i].job);
	return NULL;
}

static void
test_gathering_ends_with_enough_jobs(void **state)
{
	struct gathering g = {0};
	pthread_t thread;

	(void)state;
	queue_init(&g.queue, 0, NULL, NULL);
	pthread_create(&thread, NULL, push_three, &g);
	assert_true(queue_gather(&g.queue, 3, INT64_MAX / 2));
	assert_int_equal(queue_length(&g.queue), 3);
	assert_true(queue_gather(&g.queue, 3, INT64_MAX / 2));
	pthread_join(thread, NULL);
	queue_take_all(&g.queue);
	queue_release(&g.queue);
}

static void
test_gathering_ends_with_its_time_and_with_the_queue(void **state)
{
	struct item a = {0};
	struct queue queue;

	(void)state;
	queue_init(&queue, 0, NULL, NULL);
	queue_push(&queue, &a.job);
	assert_false(queue_gather(&queue, 2, 1000));
	assert_ptr_equal(queue_wait(&queue), &a.job);
	queue_close(&queue);
	assert_true(queue_gather(&queue, 2, INT64_MAX / 2));
	queue_release(&queue);
}

static void
test_closed_queue_gives_what_is_left_and_then_nothing(void **state)
{
	struct item a = {0}, b = {0};
	struct queue queue;

	(void)state;
	queue_init(&queue, 0, NULL, NULL);
	queue_push(&queue, &a.job);
	queue_close(&queue);
	assert_false(queue_push(&queue, &b.job));
	assert_ptr_equal(queue_wait(&queue), &a.job);
	assert_null(queue_wait(&queue));
	assert_null(queue_wait(&queue));
	queue_release(&queue);
}

struct wakes {
	struct queue queue;
	int n;
};

/* Would hang if it were called under the lock. */
static void
count_wake(void *arg)
{
	struct wakes *wakes = arg;

	wakes->n++;
	queue_length(&wakes->queue);
}

static void
test_wake_is_called_when_an_empty_queue_got_a_job(void **state)
{
	struct item a = {0}, b = {0}, c = {0};
	struct wakes wakes = {0};

	(void)state;
	queue_init(&wakes.queue, 2, count_wake, &wakes);
	queue_push(&wakes.queue, &a.job);
	assert_int_equal(wakes.n, 1);
	queue_push(&wakes.queue, &b.job);
	queue_push(&wakes.queue, &c.job);
	assert_int_equal(wakes.n, 1);
	queue_take_all(&wakes.queue);
	queue_push(&wakes.queue, &a.job);
	assert_int_equal(wakes.n, 2);
	queue_wait(&wakes.queue);
	queue_close(&wakes.queue);
	queue_push(&wakes.queue, &a.job);
	assert_int_equal(wakes.n, 2);
	queue_release(&wakes.queue);
}

struct sender {
	struct queue *queue;
	int number;
};

static void *
send_all(void *arg)
{
	struct sender *sender = arg;

	for (int i = 0; i < N_EACH; i++) {
		struct item *item = &items[sender->number][i];
		*item = (struct item){.sender = sender->number, .number = i};
		while (!queue_push(sender->queue, &item->job))
			sched_yield();
	}
	return NULL;
}

static void
start_senders(pthread_t *threads, struct sender *senders, struct queue *queue)
{
	for (int i = 0; i < N_THREADS; i++) {
		senders[i] = (struct sender){queue, i};
		pthread_create(&threads[i], NULL, send_all, &senders[i]);
	}
}

static void
test_each_senders_jobs_keep_their_order(void **state)
{
	pthread_t threads[N_THREADS];
	struct sender senders[N_THREADS];
	int next[N_THREADS] = {0};
	struct queue queue;

	(void)state;
	queue_init(&queue, 100, NULL, NULL);
	start_senders(threads, senders, &queue);
	for (int n = 0; n < N_THREADS * N_EACH;) {
		struct item *first = item_of(queue_wait(&queue));
		assert_int_equal(first->number, next[first->sender]++);
		n++;
		struct job *job = queue_take_all(&queue);
		for (; job; job = job->next, n++) {
			struct item *item = item_of(job);
			assert_int_equal(item->number, next[item->sender]++);
		}
	}
	for (int i = 0; i < N_THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(queue_length(&queue), 0);
	queue_release(&queue);
}

static void *
receive_all(void *arg)
{
	intptr_t n = 0;

	while (queue_wait(arg))
		n++;
	return (void *)n;
}

static void
test_receivers_share_the_jobs_and_end_with_the_queue(void **state)
{
	pthread_t threads[N_THREADS], receivers[N_THREADS];
	struct sender senders[N_THREADS];
	struct queue queue;
	intptr_t total = 0;

	(void)state;
	queue_init(&queue, 0, NULL, NULL);
	for (int i = 0; i < N_THREADS; i++)
		pthread_create(&receivers[i], NULL, receive_all, &queue);
	start_senders(threads, senders, &queue);
	for (int i = 0; i < N_THREADS; i++)
		pthread_join(threads[i], NULL);
	queue_close(&queue);
	for (int i = 0; i < N_THREADS; i++) {
		void *n;
		pthread_join(receivers[i], &n);
		total += (intptr_t)n;
	}
	assert_int_equal(total, N_THREADS * N_EACH);
	queue_release(&queue);
}

static void
add_number(struct job *job)
{
	struct item *item = item_of(job);

	atomic_fetch_add(item->sum, item->number);
}

static void
test_pool_runs_all_that_was_pushed_before_it_ends(void **state)
{
	struct pool *pool = pool_new("test", N_THREADS, 0);
	atomic_int sum = 0;

	(void)state;
	assert_non_null(pool);
	for (int i = 0; i < N_EACH; i++) {
		items[0][i] = (struct item){
			.job.run = add_number, .number = i, .sum = &sum};
		assert_true(pool_push(pool, &items[0][i].job));
	}
	pool_free(pool);
	assert_int_equal(atomic_load(&sum), N_EACH * (N_EACH - 1) / 2);
	pool_free(NULL);
}

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void
wait_at_gate(struct job *job)
{
	(void)job;
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
}

static void
test_full_pool_refuses(void **state)
{
	struct job jobs[3] = {{.run = wait_at_gate},
			      {.run = wait_at_gate},
			      {.run = wait_at_gate}};

	(void)state;
	pthread_mutex_lock(&gate);
	struct pool *pool = pool_new("gate", 1, 1);
	assert_true(pool_push(pool, &jobs[0]));
	/* The thread takes the first at its leisure, then waits with it. */
	while (pool_length(pool) > 0)
		usleep(100);
	assert_true(pool_push(pool, &jobs[1]));
	assert_false(pool_push(pool, &jobs[2]));
	pthread_mutex_unlock(&gate);
	pool_free(pool);
}

static char seen_name[16];
static bool is_seen_blocked;

static void
look_around(struct job *job)
{
	sigset_t blocked;

	(void)job;
	pthread_getname_np(pthread_self(), seen_name, sizeof seen_name);
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	is_seen_blocked = sigismember(&blocked, SIGTERM) == 1;
}

static void
test_threads_of_a_pool_are_named_and_take_no_signals(void **state)
{
	struct job job = {.run = look_around};
	sigset_t blocked;

	(void)state;
	/* More than 11 characters are cut, so that the number has room. */
	struct pool *pool = pool_new("twelve-chars", 1, 0);
	pool_push(pool, &job);
	pool_free(pool);
	assert_string_equal(seen_name, "twelve-char/0");
	assert_true(is_seen_blocked);
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	assert_int_equal(sigismember(&blocked, SIGTERM), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jobs_come_out_oldest_first),
		cmocka_unit_test(test_gathering_ends_with_enough_jobs),
		cmocka_unit_test(
			test_gathering_ends_with_its_time_and_with_the_queue),
		cmocka_unit_test(
			test_full_queue_refuses_and_leaves_the_job_alone),
		cmocka_unit_test(
			test_closed_queue_gives_what_is_left_and_then_nothing),
		cmocka_unit_test(
			test_wake_is_called_when_an_empty_queue_got_a_job),
		cmocka_unit_test(test_each_senders_jobs_keep_their_order),
		cmocka_unit_test(
			test_receivers_share_the_jobs_and_end_with_the_queue),
		cmocka_unit_test(
			test_pool_runs_all_that_was_pushed_before_it_ends),
		cmocka_unit_test(test_full_pool_refuses),
		cmocka_unit_test(
			test_threads_of_a_pool_are_named_and_take_no_signals),
	};

	return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
