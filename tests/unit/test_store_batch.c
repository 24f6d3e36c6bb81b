#include "store_fixture.h"

#include <stdatomic.h>

#include "base/time.h"
#include "store/batch.h"

#define N_WRITES 100

static struct store_health
health_of(struct fixture *f)
{
	struct store_health health;

	store_health(f->store, &health);
	return health;
}

/* Ended by done(), in this order. */
static struct {
	struct store_write *writes[8192];
	atomic_size_t n;
	struct fixture *f;
	int64_t seen_on_disk; /* when the last was done */
} ended;

static void
end_write(struct store_write *write)
{
	ended.writes[ended.n] = write;
	ended.n++; /* who waits for it finds the write in its place */
}

static void
wait_for_end(size_t n)
{
	int64_t limit_us = time_mono_us() + 60000000;

	while (ended.n < n) {
		if (time_mono_us() > limit_us)
			fail_msg("%zu of %zu ended", (size_t)ended.n, n);
		usleep(200);
	}
}

static void
submit_text(struct fixture *f, struct store_add_message *add, const char *key,
	    const char *id)
{
	*add = message_from(key, id, "text");
	add->write.done = end_write;
	store_submit(f->store, &add->write);
}

static void
test_what_waits_is_one_commit(void **state)
{
	static struct store_add_message adds[N_WRITES];
	struct fixture *f = *state;
	struct hold hold;

	ended.n = 0;
	uint64_t before = health_of(f).commits;
	hold_begin(f, &hold);
	for (int i = 0; i < N_WRITES; i++)
		submit_text(f, &adds[i], "someone", NULL);
	assert_int_equal(health_of(f).queue_length, N_WRITES);
	hold_end(&hold);
	wait_for_end(N_WRITES);
	/* That of the hold and one more, unless the time of a transaction was
	 * over before all were in it: on a busy machine it may be. */
	assert_in_range(health_of(f).commits - before, 2, N_WRITES / 2);
	assert_int_equal(health_of(f).queue_length, 0);
	for (int i = 0; i < N_WRITES; i++) {
		assert_ptr_equal(ended.writes[i], &adds[i].write);
		assert_int_equal(adds[i].write.status, STORE_OK);
		assert_int_equal(adds[i].message.id, i + 1);
	}
}

/* On the store thread, in the middle of answering. */
static void
look_at_disk(struct store_write *write)
{
	(void)write;
	ended.seen_on_disk = count_of(ended.f, "SELECT count(*) FROM message");
	ended.n++;
}

static void
test_answer_comes_after_the_commit(void **state)
{
	struct fixture *f = *state;
	struct store_add_message add = message_from("someone", NULL, "text");

	ended.n = 0;
	ended.f = f;
	add.write.done = look_at_disk;
	store_submit(f->store, &add.write);
	wait_for_end(1);
	assert_int_equal(ended.seen_on_disk, 1);
}

static void
test_answer_goes_to_the_queue_that_was_named(void **state)
{
	struct fixture *f = *state;
	struct store_add_message add = message_from("someone", NULL, "text");
	struct store_add_message last = message_from("someone", NULL, "text");
	struct queue queue;

	ended.n = 0;
	queue_init(&queue, 0, NULL, NULL);
	add.write.reply_to = &queue;
	add.write.done = end_write;
	store_submit(f->store, &add.write);
	struct job *job = queue_wait(&queue);
	assert_int_equal(ended.n, 0);
	job->run(job);
	assert_ptr_equal(ended.writes[0], &add.write);
	/* Who has put it there may not be out of the queue yet, but is when he
	 * has done the next. */
	assert_int_equal(store_call(f->store, &last.write), STORE_OK);
	queue_release(&queue);
}

/* A verb of the test's own: it writes a row, then does as it is told. */
struct odd_write {
	struct store_write write;
	const char *then;
	int failure;
};

static enum store_status
run_odd(struct writer *writer, struct store_write *write)
{
	struct odd_write *odd = container_of(write, struct odd_write, write);
	struct query q;

	if (query_do(&writer->db,
		     "INSERT INTO audit (at, actor, action, object)"
		     " VALUES (1, 'test', 'odd', '')",
		     &write->err) < 0)
		return writer_failed(writer);
	if (odd->failure) {
		db_fail(&writer->db, odd->failure, &write->err);
		return writer_failed(writer);
	}
	if (!odd->then) {
		usleep(5000);
		return STORE_OK;
	}
	query_begin(&q, &writer->db, odd->then);
	if (query_run(&q, &write->err) < 0)
		return writer_failed(writer);
	err_set(&write->err, "refused by the test");
	return STORE_STALE;
}

static const struct store_verb verb_odd = {.name = "odd", .run = run_odd};
static const struct store_verb verb_repeatable = {
	.name = "odd", .is_repeatable = true, .run = run_odd};

static void
submit_odd(struct fixture *f, struct odd_write *odd)
{
	if (!odd->write.verb)
		odd->write.verb = &verb_odd;
	odd->write.done = end_write;
	store_submit(f->store, &odd->write);
}

static void
fail_among_others(struct fixture *f, const struct store_verb *verb)
{
	static struct store_add_message adds[4];
	struct odd_write stale = {.write.verb = verb, .then = "SELECT 1"};
	struct odd_write constraint = {
		.write.verb = verb,
		.then = "INSERT INTO meta VALUES ('clean', 0)"};
	struct odd_write wrong = {.write.verb = verb,
				  .then = "SELECT nothing FROM nowhere"};
	struct hold hold;

	ended.n = 0;
	hold_begin(f, &hold);
	submit_text(f, &adds[0], "one", NULL);
	submit_odd(f, &stale);
	submit_text(f, &adds[1], "two", NULL);
	submit_odd(f, &constraint);
	submit_text(f, &adds[2], "three", NULL);
	submit_odd(f, &wrong);
	submit_text(f, &adds[3], "four", NULL);
	uint64_t before = health_of(f).commits;
	hold_end(&hold);
	wait_for_end(7);
	/* That of the hold and one more, unless its time was over before; one
	 * for each would be five. */
	assert_in_range(health_of(f).commits - before, 2, 4);
	assert_int_equal(stale.write.status, STORE_STALE);
	assert_string_equal(stale.write.err.text, "refused by the test");
	assert_int_equal(constraint.write.status, STORE_INVALID);
	assert_words(constraint.write.err.text, "UNIQUE constraint");
	assert_int_equal(wrong.write.status, STORE_INVALID);
	for (int i = 0; i < 4; i++)
		assert_int_equal(adds[i].write.status, STORE_OK);
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit"), 0);
	assert_int_equal(count_of(f, "SELECT count(*) FROM message"), 4);
	/* What was undone has left no message twice, and the ids in order. */
	for (int i = 1; i < 4; i++)
		assert_true(adds[i - 1].message.id < adds[i].message.id);
}

static void
test_failing_write_takes_nobody_with_it(void **state)
{
	fail_among_others(*state, &verb_odd);
}

static void
test_failing_write_that_has_no_savepoint_takes_nobody_with_it(void **state)
{
	fail_among_others(*state, &verb_repeatable);
}

/* A batch that runs a second time still answers each write once. */
static void
test_write_that_is_run_again_is_answered_once(void **state)
{
	static struct store_add_message adds[3];
	struct fixture *f = *state;
	struct odd_write stale = {.write.verb = &verb_repeatable,
				  .then = "SELECT 1"};
	struct hold hold;

	ended.n = 0;
	hold_begin(f, &hold);
	submit_text(f, &adds[0], "one", "same");
	submit_text(f, &adds[1], "one", "same");
	submit_odd(f, &stale);
	submit_text(f, &adds[2], "one", "other");
	hold_end(&hold);
	wait_for_end(4);
	assert_int_equal(adds[0].write.status, STORE_OK);
	assert_int_equal(adds[1].write.status, STORE_DUPLICATE);
	assert_int_equal(adds[1].message.id, adds[0].message.id);
	assert_int_equal(stale.write.status, STORE_STALE);
	assert_int_equal(adds[2].write.status, STORE_OK);
	assert_int_equal(count_of(f, "SELECT count(*) FROM message"), 2);
}

static void
test_transaction_ends_when_its_time_is_over(void **state)
{
	static struct odd_write odds[12];
	struct fixture *f = *state;
	struct hold hold;

	ended.n = 0;
	hold_begin(f, &hold);
	for (size_t i = 0; i < 12; i++)
		submit_odd(f, &odds[i]);
	uint64_t before = health_of(f).commits;
	hold_end(&hold);
	wait_for_end(12);
	assert_in_range(health_of(f).commits - before, 3, 13);
	for (size_t i = 0; i < 12; i++)
		assert_ptr_equal(ended.writes[i], &odds[i].write);
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit"), 12);
}

static void
test_full_queue_answers_at_once(void **state)
{
	static struct store_add_message adds[8192];
	struct fixture *f = *state;
	struct hold hold;
	size_t n_busy = 0;

	ended.n = 0;
	hold_begin(f, &hold);
	for (int i = 0; i < 8192; i++)
		submit_text(f, &adds[i], "someone", NULL);
	size_t n_refused = ended.n;
	assert_in_range(n_refused, 1000, 8000);
	hold_end(&hold);
	wait_for_end(8192);
	for (int i = 0; i < 8192; i++) {
		if (adds[i].write.status == STORE_BUSY)
			n_busy++;
		else
			assert_int_equal(adds[i].write.status, STORE_OK);
	}
	assert_int_equal(n_busy, n_refused);
	assert_int_equal(count_of(f, "SELECT count(*) FROM message"),
			 8192 - n_busy);
	add_text(f, "someone", "there is room again");
}

/* The disk is made full by a limit of pages on the writer's connection. */
struct limit_write {
	struct store_write write;
	int extra_pages;
};

static enum store_status
run_limit(struct writer *writer, struct store_write *write)
{
	struct limit_write *limit =
		container_of(write, struct limit_write, write);
	char sql[64];
	int64_t pages = 0;

	writer->db.is_sealed = false;
	db_exec_int(&writer->db, "PRAGMA page_count", &pages, &write->err);
	snprintf(sql, sizeof sql, "PRAGMA max_page_count = %lld",
		 (long long)pages + limit->extra_pages);
	db_exec(&writer->db, sql, &write->err);
	db_seal(&writer->db);
	return STORE_OK;
}

static void
limit_pages(struct fixture *f, int extra_pages)
{
	static const struct store_verb verb = {.name = "limit",
					       .run = run_limit};
	struct limit_write limit = {
		.write.verb = &verb,
		.extra_pages = extra_pages,
	};

	assert_int_equal(store_call(f->store, &limit.write), STORE_OK);
}

static void
test_full_disk_fails_the_batch_and_writing_resumes(void **state)
{
	static struct store_add_message adds[3];
	static char big[100000];
	struct fixture *f = *state;
	struct hold hold;

	ended.n = 0;
	add_text(f, "someone", "before");
	limit_pages(f, 2);
	memset(big, 'x', sizeof big - 1);
	hold_begin(f, &hold);
	for (int i = 0; i < 3; i++) {
		adds[i] = message_from("someone", NULL, i == 1 ? big : "small");
		adds[i].write.done = end_write;
		store_submit(f->store, &adds[i].write);
	}
	hold_end(&hold);
	wait_for_end(3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(adds[i].write.status, STORE_FULL);
		assert_words(adds[i].write.err.text, "full");
	}
	assert_true(health_of(f).is_full);
	assert_false(health_of(f).is_broken);
	assert_int_equal(count_of(f, "SELECT count(*) FROM message"), 1);
	limit_pages(f, 1000000);
	assert_int_equal(store_call(f->store, &adds[1].write), STORE_OK);
	assert_false(health_of(f).is_full);
}

static void
test_guard_stops_what_comes_in_but_not_what_goes_on(void **state)
{
	struct fixture *f = *state;

	add_text(f, "someone", "before");
	close_store(f);
	f->config.min_free_bytes = INT64_MAX;
	open_store(f);
	struct store_add_message add = message_from("someone", NULL, "after");
	assert_int_equal(store_call(f->store, &add.write), STORE_FULL);
	assert_words(add.write.err.text, "nearly full");
	struct store_mark_running mark = {
		.write.verb = &store_verb_mark_running,
		.conversation_id = 1,
	};
	assert_int_equal(store_call(f->store, &mark.write), STORE_OK);
	assert_true(health_of(f).is_full);
	assert_true(health_of(f).free_bytes > 0);
}

static struct {
	char words[64];
	size_t n_ended;
	sem_t told;
} broken;

static void
note_broken(void *arg, const char *why)
{
	assert_ptr_equal(arg, &broken);
	snprintf(broken.words, sizeof broken.words, "%s", why);
	broken.n_ended = ended.n;
	sem_post(&broken.told);
}

static void
test_broken_disk_ends_all_writing(void **state)
{
	static struct store_add_message adds[4];
	struct fixture *f = *state;
	struct odd_write odd = {.failure = SQLITE_IOERR_FSYNC};
	struct hold hold;

	close_store(f);
	f->config.broken = note_broken;
	f->config.broken_arg = &broken;
	sem_init(&broken.told, 0, 0);
	open_store(f);
	ended.n = 0;
	add_text(f, "someone", "before");
	hold_begin(f, &hold);
	submit_text(f, &adds[0], "someone", NULL);
	submit_odd(f, &odd);
	submit_text(f, &adds[1], "someone", NULL);
	submit_text(f, &adds[2], "someone", NULL);
	hold_end(&hold);
	sem_wait(&broken.told);
	assert_int_equal(broken.n_ended, 4);
	assert_int_equal(odd.write.status, STORE_BROKEN);
	submit_text(f, &adds[3], "someone", NULL);
	wait_for_end(5);
	for (int i = 0; i < 4; i++)
		assert_int_equal(adds[i].write.status, STORE_BROKEN);
	assert_true(health_of(f).is_broken);
	assert_words(broken.words, "I/O error");
	assert_null(store_read_begin(f->store, &f->err));
	close_store(f);
	f->config.broken = NULL;
	open_store(f);
	assert_false(health_of(f).was_clean);
	assert_int_equal(count_of(f, "SELECT count(*) FROM message"), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(test_what_waits_is_one_commit),
		TEST(test_answer_comes_after_the_commit),
		TEST(test_answer_goes_to_the_queue_that_was_named),
		TEST(test_failing_write_takes_nobody_with_it),
		TEST(test_failing_write_that_has_no_savepoint_takes_nobody_with_it),
		TEST(test_write_that_is_run_again_is_answered_once),
		TEST(test_transaction_ends_when_its_time_is_over),
		TEST(test_full_queue_answers_at_once),
		TEST(test_full_disk_fails_the_batch_and_writing_resumes),
		TEST(test_guard_stops_what_comes_in_but_not_what_goes_on),
		TEST(test_broken_disk_ends_all_writing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
