/* The outbox between a host and a store that are the test's own: what is on its
 * way, and for how long, is up to each test. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "dialog/outbox.h"
#include "host/host.h"
#include "net/loop.h"
#include "store/message.h"
#include "store/store.h"
#include "store/writer.h"

static struct loop *loop;
static struct outbox *outbox;

/* ---- The host */

static bool is_running;
static int n_sent;
static char last_id[MESSAGE_ID_SIZE];
static bool last_maybe_sent;
static char last_progress[16];

bool
host_can(struct host *host, const char *plugin, unsigned int capability)
{
	(void)host, (void)plugin, (void)capability;
	return is_running;
}

bool
host_send(struct host *host, const char *plugin, const struct teller_job *job)
{
	(void)host;
	assert_true(is_running);
	assert_string_equal(plugin, "web");
	n_sent++;
	snprintf(last_id, sizeof last_id, "%s", job->id);
	last_maybe_sent = job->maybe_sent;
	snprintf(last_progress, sizeof last_progress, "%.*s",
		 (int)job->progress_len,
		 job->progress ? (const char *)job->progress : "");
	return true;
}

/* ---- The store */

static struct store_write *pending;

void
store_submit(struct store *store, struct store_write *write)
{
	(void)store;
	assert_null(pending);
	pending = write;
}

struct store_reader *
store_read_begin(struct store *store, struct err *err)
{
	(void)store, (void)err;
	fail_msg("nothing is read");
	return NULL;
}

static enum reply_outcome
pending_outcome(void)
{
	assert_non_null(pending);
	return container_of(pending, struct store_mark_reply, write)->outcome;
}

static void
finish(enum store_status status)
{
	struct store_write *write = pending;

	assert_non_null(write);
	pending = NULL;
	write->status = status;
	write->done(write);
}

/* ---- */

static int
set_up(void **state)
{
	(void)state;
	is_running = true;
	n_sent = 0;
	pending = NULL;
	loop = loop_new(NULL);
	outbox = outbox_new(&(struct outbox_config){.loop = loop});
	outbox_set_host(outbox, (struct host *)&is_running);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	outbox_free(outbox);
	loop_free(loop);
	return 0;
}

static void
turn(void)
{
	for (int i = 0; i < 5; i++)
		loop_run_once(loop, 1);
}

static void
add(int64_t id)
{
	struct conversation conversation = {
		.id = 1,
		.public_id = "cnv_a",
		.channel = "web",
		.account = "",
		.key = "a",
	};
	struct reply reply = {
		.id = id,
		.conversation_id = 1,
		.target = "web",
		.job = "reply",
		.kind = "answer",
		.author = "",
		.text = "Hello.",
	};
	outbox_add(outbox, &conversation, STATE_BOT, &reply, "", NULL, 0);
	turn();
}

static const char *
job(int64_t id)
{
	static char name[MESSAGE_ID_SIZE];

	return message_id_format(id, name);
}

static void
test_replies_go_out_one_after_the_other(void **state)
{
	(void)state;
	add(7);
	add(8);
	assert_int_equal(n_sent, 1);
	assert_string_equal(last_id, job(7));
	outbox_sent(outbox, "web", job(7), "x");
	turn();
	assert_int_equal(pending_outcome(), REPLY_SENT);
	assert_int_equal(n_sent, 1);
	finish(STORE_OK);
	turn();
	assert_int_equal(n_sent, 2);
	assert_string_equal(last_id, job(8));
}

static void
test_a_plugin_speaks_for_its_own_jobs_alone(void **state)
{
	(void)state;
	add(7);
	outbox_progress(outbox, "mail", job(7), "x", 1);
	outbox_failed(outbox, "mail", job(7), TELLER_GONE, 0, "");
	outbox_sent(outbox, "mail", job(7), "x");
	assert_null(pending);
	outbox_sent(outbox, "web", job(7), "x");
	assert_int_equal(pending_outcome(), REPLY_SENT);
	finish(STORE_OK);
	assert_int_equal(outbox_length(outbox), 0);
}

static void
test_a_plugin_that_is_back_before_its_progress_is_kept_gets_its_job(
	void **state)
{
	(void)state;
	add(7);
	outbox_progress(outbox, "web", job(7), "half", 4);
	assert_int_equal(pending_outcome(), REPLY_PROGRESS);
	is_running = false;
	outbox_plugin_changed(outbox, "web", false);
	is_running = true;
	outbox_plugin_changed(outbox, "web", true);
	turn();
	assert_int_equal(n_sent, 1);
	finish(STORE_OK);
	turn();
	assert_int_equal(n_sent, 2);
	assert_string_equal(last_id, job(7));
	assert_true(last_maybe_sent);
	assert_string_equal(last_progress, "half");
}

static void
test_the_newest_progress_is_kept_and_then_the_end(void **state)
{
	(void)state;
	add(7);
	outbox_progress(outbox, "web", job(7), "one", 3);
	outbox_progress(outbox, "web", job(7), "two", 3);
	finish(STORE_OK);
	assert_int_equal(pending_outcome(), REPLY_PROGRESS);
	assert_memory_equal(
		container_of(pending, struct store_mark_reply, write)->progress,
		"two", 3);
	outbox_sent(outbox, "web", job(7), "x");
	finish(STORE_OK);
	assert_int_equal(pending_outcome(), REPLY_SENT);
	finish(STORE_OK);
	assert_int_equal(n_sent, 1);
	assert_int_equal(outbox_length(outbox), 0);
}

static void
test_a_reply_that_is_over_on_disk_does_not_hold_up_the_next(void **state)
{
	(void)state;
	add(7);
	add(8);
	outbox_sent(outbox, "web", job(7), "x");
	finish(STORE_STALE);
	turn();
	assert_string_equal(last_id, job(8));
	assert_int_equal(outbox_length(outbox), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_replies_go_out_one_after_the_other),
		TEST(test_a_plugin_speaks_for_its_own_jobs_alone),
		TEST(test_a_plugin_that_is_back_before_its_progress_is_kept_gets_its_job),
		TEST(test_the_newest_progress_is_kept_and_then_the_end),
		TEST(test_a_reply_that_is_over_on_disk_does_not_hold_up_the_next),
	};
	return cmocka_run_group_tests_name("outbox", tests, NULL, NULL);
}
