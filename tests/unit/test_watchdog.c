/* The service manager is told that all is well for as long as it is so of each
 * part: here each is stuck once, and the others are not. */
#include "engine_fixture.h"
#include "store_fixture.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "base/queue.h"
#include "base/witness.h"
#include "net/loop.h"
#include "net/watchdog.h"

#define SHORT_US 200000
/* An idle loop comes round once a second. */
#define LOOP_US 4000000

/* ---- The manager, and what the watchdog says */

static int manager = -1;
static char manager_dir[32];

static void
open_manager(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(manager_dir, sizeof manager_dir, "/tmp/tellerd-test-XXXXXX");
	assert_non_null(mkdtemp(manager_dir));
	snprintf(address.sun_path, sizeof address.sun_path, "%s/notify",
		 manager_dir);
	manager = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(
		bind(manager, (struct sockaddr *)&address, sizeof address), 0);
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
}

static void
close_manager(void)
{
	close(manager);
	unlink(getenv("NOTIFY_SOCKET"));
	rmdir(manager_dir);
	unsetenv("NOTIFY_SOCKET");
}

/* Nothing that was sent until now counts any more. */
static void
forget_signs(void)
{
	char text[64];

	while (recv(manager, text, sizeof text, MSG_DONTWAIT) >= 0)
		;
}

/* Does a sign of life come within that time?  0: wait for it. */
static bool
has_sign(int64_t us)
{
	struct timeval limit = {.tv_sec = us / 1000000,
				.tv_usec = us % 1000000};
	char text[64];

	setsockopt(manager, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	ssize_t n = recv(manager, text, sizeof text, 0);
	if (n < 0)
		return false;
	assert_int_equal(n, strlen("WATCHDOG=1"));
	assert_memory_equal(text, "WATCHDOG=1", (size_t)n);
	return true;
}

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	char name[WITNESS_NAME_SIZE]; /* that was the last to be stuck */
	int n_well;
} told = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, "", 0};

static void
note_told(void *arg, const char *name, int64_t us)
{
	(void)arg;
	pthread_mutex_lock(&told.lock);
	if (name)
		snprintf(told.name, sizeof told.name, "%s", name);
	else
		told.n_well++;
	assert_true((us > 0) == (name != NULL));
	pthread_cond_broadcast(&told.changed);
	pthread_mutex_unlock(&told.lock);
}

/* On a busy machine another part may be slow, and told, for a moment. */
static void
wait_stuck(const char *name)
{
	pthread_mutex_lock(&told.lock);
	while (strcmp(told.name, name) != 0)
		pthread_cond_wait(&told.changed, &told.lock);
	told.n_well = 0;
	pthread_mutex_unlock(&told.lock);
}

static void
wait_well(void)
{
	pthread_mutex_lock(&told.lock);
	while (told.n_well == 0)
		pthread_cond_wait(&told.changed, &told.lock);
	pthread_mutex_unlock(&told.lock);
}

static void
close_gate(void)
{
	pthread_mutex_lock(&outcomes_lock);
	is_gate_open = false;
	pthread_mutex_unlock(&outcomes_lock);
}

/* What stick() does at a gate is found, named, and over when it opens. */
static void
check(const char *name, int64_t usec, void (*stick)(void *arg), void *arg)
{
	close_gate();
	told.name[0] = '\0';
	open_manager();
	struct watchdog *watchdog = watchdog_start(usec, note_told, NULL);
	assert_non_null(watchdog);
	assert_true(has_sign(0));
	stick(arg);
	wait_stuck(name);
	do
		forget_signs();
	while (has_sign(usec / 2));
	open_gate();
	wait_well();
	assert_true(has_sign(0));
	watchdog_stop(watchdog);
	close_manager();
}

/* ---- The parts */

static enum store_status
wait_in_verb(struct writer *writer, struct store_write *write)
{
	(void)writer;
	(void)write;
	wait_at_gate(NULL);
	return STORE_OK;
}

static const struct store_verb verb_that_waits = {.name = "wait",
						  .run = wait_in_verb};
static struct store_write write_that_waits = {.verb = &verb_that_waits};

static void
stick_store(void *arg)
{
	struct fixture *f = arg;

	store_submit(f->store, &write_that_waits);
}

static void
test_a_stuck_store_is_named(void **state)
{
	struct fixture *f = *state;

	open_store(f);
	check("store", SHORT_US, stick_store, f);
	close_store(f);
}

static void
wait_in_job(struct job *job)
{
	(void)job;
	wait_at_gate(NULL);
}

static struct job job_that_waits = {.run = wait_in_job};

static void
stick_pool(void *arg)
{
	pool_push(arg, &job_that_waits);
}

static void
test_a_stuck_worker_is_named_and_one_that_nobody_watches_is_not(void **state)
{
	struct pool *turns = pool_new("turn", 1, 0);
	struct pool *others = pool_new("work", 1, 0);
	struct job other = {.run = wait_in_job};

	(void)state;
	close_gate();
	pool_push(others, &other);
	pool_watch(turns);
	check("turn/0", SHORT_US, stick_pool, turns);
	pool_free(turns);
	pool_free(others);
}

static void *
run_loop(void *loop)
{
	loop_run(loop);
	return NULL;
}

static void
stick_loop(void *loop)
{
	loop_post(loop, &job_that_waits);
}

static struct loop *loop_to_stop;

static void
stop_loop(struct job *job)
{
	(void)job;
	loop_stop(loop_to_stop);
}

static void
test_a_stuck_loop_is_named(void **state)
{
	struct loop *loop = loop_new(NULL);
	struct job stop = {.run = stop_loop};
	pthread_t thread;

	(void)state;
	loop_to_stop = loop;
	assert_int_equal(pthread_create(&thread, NULL, run_loop, loop), 0);
	check("loop", LOOP_US, stick_loop, loop);
	loop_post(loop, &stop);
	pthread_join(thread, NULL);
	loop_free(loop);
}

static struct engine_request request_that_waits;
static struct outcome outcome_that_waits;

static void
stick_engine(void *engine)
{
	submit_gated(engine, &request_that_waits, &outcome_that_waits, 1);
}

static void
test_a_stuck_generator_is_named(void **state)
{
	struct engine_settings settings = plain_settings;
	int prompt[10];

	setup(state);
	make_tokens(prompt, 10, 1);
	request_that_waits = plain_request(prompt, 10, 5);
	struct engine *engine = begin_engine(&settings);
	check("model/engine", SHORT_US, stick_engine, engine);
	wait_for_ends(&outcome_that_waits, 1);
	engine_free(engine);
	teardown(state);
}

/* ---- Whether it is asked for */

static void
test_what_is_asked_is_read(void **state)
{
	char pid[32];
	struct err err = {0};

	(void)state;
	unsetenv("WATCHDOG_PID");
	unsetenv("WATCHDOG_USEC");
	assert_int_equal(watchdog_asked_us(&err), 0);
	setenv("WATCHDOG_USEC", "60000000", 1);
	assert_int_equal(watchdog_asked_us(&err), 60000000);
	setenv("WATCHDOG_PID", "1", 1);
	assert_int_equal(watchdog_asked_us(&err), 0);
	snprintf(pid, sizeof pid, "%ld", (long)getpid());
	setenv("WATCHDOG_PID", pid, 1);
	assert_int_equal(watchdog_asked_us(&err), 60000000);
	static const char *const bad[] = {"",	"x",	"60s",
					  "-1", "1000", "99999999999999999999"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		setenv("WATCHDOG_USEC", bad[i], 1);
		assert_int_equal(watchdog_asked_us(&err), -1);
		assert_words(err.text, "WATCHDOG_USEC");
	}
}

static void
wait_until_stuck(void)
{
	char name[WITNESS_NAME_SIZE];

	while (witness_stuck_us(0, name) == 0)
		;
	assert_string_equal(name, "mine");
}

static void
test_what_may_take_long_is_not_stuck(void **state)
{
	struct witness witness = {0};
	char name[WITNESS_NAME_SIZE];

	(void)state;
	witness_join(&witness, "mine");
	witness_be(&witness);
	witness_begin(&witness);
	wait_until_stuck();
	witness_allow(INT64_C(3600000000));
	assert_int_equal(witness_stuck_us(0, name), 0);
	witness_allow(0);
	wait_until_stuck();
	/* It is allowed once, not to what begins next. */
	witness_allow(INT64_C(3600000000));
	witness_begin(&witness);
	wait_until_stuck();
	witness_be(NULL);
	witness_leave(&witness);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_stuck_store_is_named,
						set_up_dir, tear_down),
		cmocka_unit_test(
			test_a_stuck_worker_is_named_and_one_that_nobody_watches_is_not),
		cmocka_unit_test(test_a_stuck_loop_is_named),
		cmocka_unit_test(test_a_stuck_generator_is_named),
		cmocka_unit_test(test_what_may_take_long_is_not_stuck),
		cmocka_unit_test(test_what_is_asked_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
