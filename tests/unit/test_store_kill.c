/* kill -9 at any instant loses nothing that was acknowledged and leaves no half
 * of a turn.  STORE_KILL_ROUNDS sets how often it is tried. */
#include "store_fixture.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#define ROUNDS 100
#define ROUNDS_A_STORE 50
#define N_LANES 16
#define ACKS_MAX 65536

enum step { STEP_ADDED, STEP_FINISHED, STEP_TRYING, STEP_SENT, N_STEPS };

/* What the child tells the parent, after the commit. */
struct ack {
	int64_t step;
	int64_t message_id, reply_id;
};

/* One conversation of the child: a message, its turn, its reply's delivery,
 * and again. */
struct lane {
	struct store_add_message add;
	struct store_finish_turn finish;
	struct store_mark_reply mark;
	struct reply reply;
	enum step step;
	char key[24];
};

static struct {
	struct store *store;
	int pipe;
	struct lane lanes[N_LANES];
} child;

static void done(struct store_write *);

static struct lane *
lane_of(struct store_write *write)
{
	if (write->verb == &store_verb_add_message)
		return container_of(write, struct lane, add.write);
	if (write->verb == &store_verb_finish_turn)
		return container_of(write, struct lane, finish.write);
	return container_of(write, struct lane, mark.write);
}

static void
add(struct lane *lane)
{
	lane->add = message_from(lane->key, NULL, "a text of some length");
	lane->add.write.done = done;
	store_submit(child.store, &lane->add.write);
}

static void
finish(struct lane *lane)
{
	lane->reply = (struct reply){.target = "web",
				     .job = "reply",
				     .text = "a reply of some length"};
	lane->finish = (struct store_finish_turn){
		.write = {.verb = &store_verb_finish_turn, .done = done},
		.conversation_id = lane->add.message.conversation_id,
		.messages = &lane->add.message.id,
		.n_messages = 1,
		.newest_seen = lane->add.message.id,
		.before = STATE_BOT,
		.after = {.state = STATE_BOT, .memory = "{}"},
		.replies = &lane->reply,
		.n_replies = 1,
		.kind = "answer",
		.rule = "faq",
		.record = "{}",
		.now_us = NOW_US,
	};
	store_submit(child.store, &lane->finish.write);
}

static void
mark(struct lane *lane, enum reply_outcome outcome)
{
	lane->mark = (struct store_mark_reply){
		.write = {.verb = &store_verb_mark_reply, .done = done},
		.id = lane->reply.id,
		.outcome = outcome,
		.now_us = NOW_US,
	};
	store_submit(child.store, &lane->mark.write);
}

static void
go_on(struct lane *lane)
{
	lane->step = (lane->step + 1) % N_STEPS;
	switch (lane->step) {
	case STEP_ADDED:
		add(lane);
		break;
	case STEP_FINISHED:
		finish(lane);
		break;
	case STEP_TRYING:
		mark(lane, REPLY_TRYING);
		break;
	default:
		mark(lane, REPLY_SENT);
	}
}

static void
done(struct store_write *ended)
{
	struct lane *lane = lane_of(ended);
	struct ack ack = {
		.step = lane->step,
		.message_id = lane->add.message.id,
		.reply_id = lane->reply.id,
	};

	if (ended->status != STORE_OK ||
	    write(child.pipe, &ack, sizeof ack) != sizeof ack)
		_exit(3);
	go_on(lane);
}

static void
run_child(struct fixture *f)
{
	child.store = store_open(&f->config, NULL, &f->err);
	if (!child.store)
		_exit(2);
	for (int i = 0; i < N_LANES; i++) {
		struct lane *lane = &child.lanes[i];
		snprintf(lane->key, sizeof lane->key, "lane %d", i);
		lane->step = N_STEPS - 1;
		go_on(lane);
	}
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

static int64_t
look_up(struct db *db, const char *sql, int64_t id)
{
	struct err err = {0};
	int64_t found = 0;
	struct query q;

	query_begin(&q, db, sql);
	query_bind_int(&q, id);
	if (query_step(&q, &err) > 0)
		found = query_int(&q);
	query_end(&q);
	assert_string_equal(err.text, "");
	return found;
}

static void
assert_kept(struct db *db, const struct ack *ack)
{
	assert_true(look_up(db, "SELECT 1 FROM message WHERE id = ?",
			    ack->message_id));
	if (ack->step == STEP_ADDED)
		return;
	assert_true(look_up(db,
			    "SELECT 1 FROM message WHERE id = ?"
			    " AND state = 'done' AND turn_id > 0",
			    ack->message_id));
	assert_true(
		look_up(db, "SELECT 1 FROM reply WHERE id = ?", ack->reply_id));
	if (ack->step == STEP_TRYING)
		assert_true(look_up(db,
				    "SELECT 1 FROM reply WHERE id = ?"
				    " AND attempts = 1 AND maybe_sent",
				    ack->reply_id));
	if (ack->step == STEP_SENT)
		assert_true(look_up(db,
				    "SELECT 1 FROM reply WHERE id = ?"
				    " AND state = 'sent'",
				    ack->reply_id));
}

static void
check(struct fixture *f, const struct ack *acks, size_t n)
{
	struct db db;

	open_store(f);
	assert_int_equal(db_open(&db, f->path, DB_READER, &f->err), 0);
	for (size_t i = 0; i < n; i++)
		assert_kept(&db, &acks[i]);
	db_close(&db);
	assert_int_equal(count_of(f, "SELECT count(*) FROM message WHERE"
				     " (state = 'done') <> (turn_id > 0)"),
			 0);
	assert_int_equal(count_of(f, "SELECT count(*) FROM turn"),
			 count_of(f, "SELECT count(DISTINCT turn_id)"
				     " FROM message"));
	assert_int_equal(count_of(f, "SELECT count(*) FROM turn"),
			 count_of(f, "SELECT count(*) FROM reply"));
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
