/* kill -9 at any instant loses nothing that was acknowledged and leaves no half
 * of a turn.  STORE_KILL_ROUNDS sets how often it is tried. */
#include "store_lanes.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#define ROUNDS 100
#define ROUNDS_A_STORE 50
#define ACKS_MAX 65536

static struct {
	int pipe;
	char name[24];
	struct lanes lanes;
} child;

static void
tell_parent(const struct ack *ack)
{
	if (write(child.pipe, ack, sizeof *ack) != sizeof *ack)
		_exit(3);
}

static void
run_child(struct fixture *f)
{
	child.lanes = (struct lanes){
		.store = store_open(&f->config, NULL, &f->err),
		.name = child.name,
		.acked = tell_parent,
		.n_left = LONG_MAX,
	};
	if (!child.lanes.store)
		_exit(2);
	lanes_start(&child.lanes);
	for (;;)
		pause();
}

static size_t
read_acks(int fd, struct ack *acks)
{
	size_t n = 0;

	while (n < ACKS_MAX && read(fd, &acks[n], sizeof *acks) == sizeof *acks)
		n++;
	return n;
}

/* Let a child run for a moment, from its start or from its first commit, and
 * kill it; what it acknowledged is set. */
static size_t
run_and_kill(struct fixture *f, bool from_start, useconds_t delay_us,
	     struct ack *acks)
{
	int fds[2], status;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		child.pipe = fds[1];
		run_child(f);
	}
	close(fds[1]);
	/* The pipe would fill up and hold the child. */
	fcntl(fds[0], F_SETPIPE_SZ, 1 << 20);
	if (!from_start)
		poll(&(struct pollfd){.fd = fds[0], .events = POLLIN}, 1, -1);
	usleep(delay_us);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFSIGNALED(status))
		fail_msg("the child ended by itself: %d", WEXITSTATUS(status));
	size_t n = read_acks(fds[0], acks);
	close(fds[0]);
	return n;
}

static void
check(struct fixture *f, const struct ack *acks, size_t n)
{
	struct db db;

	open_store(f);
	assert_int_equal(db_open(&db, f->path, DB_READER, &f->err), 0);
	for (size_t i = 0; i < n; i++) {
		const char *lost = lanes_lost(&db, &acks[i], child.name);
		if (lost)
			fail_msg("%s", lost);
	}
	if (lanes_halves(&db))
		fail_msg("%s", lanes_halves(&db));
	db_close(&db);
	close_store(f);
}

/* What a killed child left queued would make the next one's turns stale. */
static void
clear_queue(struct fixture *f)
{
	struct db db;

	assert_int_equal(db_open(&db, f->path, DB_WRITER, &f->err), 0);
	assert_int_equal(db_exec(&db,
				 "UPDATE message SET state = 'kept'"
				 " WHERE state = 'queued'",
				 &f->err),
			 0);
	db_close(&db);
}

static int
n_rounds(void)
{
	const char *given = getenv("STORE_KILL_ROUNDS");

	return given ? (int)strtol(given, NULL, 10) : ROUNDS;
}

static void
test_kill_loses_nothing_that_was_acknowledged(void **state)
{
	static struct ack acks[ACKS_MAX];
	unsigned int seed = 1;
	size_t n_acks = 0;
	int n = n_rounds();

	(void)state;
	for (int round = 0; round < n; round += ROUNDS_A_STORE) {
		void *fixture = NULL;
		assert_int_equal(set_up_dir(&fixture), 0);
		for (int i = round; i < n && i < round + ROUNDS_A_STORE; i++) {
			snprintf(child.name, sizeof child.name, "kill %d", i);
			useconds_t delay = (useconds_t)(rand_r(&seed) % 20000);
			size_t n_new =
				run_and_kill(fixture, i % 4 == 0, delay, acks);
			check(fixture, acks, n_new);
			clear_queue(fixture);
			n_acks += n_new;
		}
		tear_down(&fixture);
	}
	print_message("# %d kills, %zu acknowledged writes\n", n, n_acks);
	assert_true(n_acks > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kill_loses_nothing_that_was_acknowledged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
