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
static unsigned int can; /* what the plugins can do */
static int n_sent;
static const char *desk; /* that is told of agents' words */
static char last_id[MESSAGE_ID_SIZE], last_plugin[16], last_text[64];
static bool last_maybe_sent;
static char last_progress[16];

bool
host_can(struct host *host, const char *plugin, unsigned int capability)
{
	(void)host, (void)plugin;
	return is_running && (capability & can) == capability;
}

const char *
host_plugin_with(struct host *host, unsigned int capability, size_t i)
{
	(void)host;
	return capability == (TELLER_CAN_DESK | TELLER_CAN_RECEIPTS) && i == 0
		       ? desk
		       : NULL;
}

bool
host_send(struct host *host, const char *plugin, const struct teller_job *job)
{
	(void)host;
	assert_true(is_running);
	snprintf(last_plugin, sizeof last_plugin, "%s", plugin);
	snprintf(last_text, sizeof last_text, "%s", job->text);
	n_sent++;
	snprintf(last_id, sizeof last_id, "%s", job->id);
	last_maybe_sent = job->maybe_sent;
	snprintf(last_progress, sizeof last_progress, "%.*s",
		 (int)job->progress_len,
		 job->progress ? (const char *)job->progress : "");
	return true;
}

static char cancelled_id[MESSAGE_ID_SIZE];

void
host_cancel(struct host *host, const char *plugin, const char *job)
{
	(void)host;
	assert_string_equal(plugin, "web");
	snprintf(cancelled_id, sizeof cancelled_id, "%s", job);
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

static const struct store_mark_reply *
pending_mark(void)
{
	assert_non_null(pending);
	return container_of(pending, struct store_mark_reply, write);
}

static enum reply_outcome
pending_outcome(void)
{
	return pending_mark()->outcome;
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

static int64_t told[4];
static size_t n_told;

static void
unreached(void *arg, int64_t conversation_id, int64_t message_id)
{
	(void)arg;
	assert_true(n_told + 1 < sizeof told / sizeof *told);
	told[n_told++] = conversation_id;
	told[n_told++] = message_id;
}

static int
set_up(void **state)
{
	(void)state;
	is_running = true;
	can = ~0u;
	n_sent = 0;
	desk = NULL;
	cancelled_id[0] = '\0';
	pending = NULL;
	loop = loop_new(NULL);
	outbox = outbox_new(
		&(struct outbox_config){.loop = loop, .unreached = unreached});
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
add_tried(int64_t id, const char *job, int attempts)
{
	const int64_t message = id - 1;
	struct conversation conversation = {
		.id = 1,
		.turns = 1,
		.public_id = "cnv_a",
		.channel = "web",
		.account = "",
		.key = "a",
	};
	struct reply reply = {
		.id = id,
		.conversation_id = 1,
		.target = "web",
		.job = job,
		.kind = "answer",
		.author = "",
		.text = "Hello.",
		.attempts = attempts,
	};
	outbox_add(outbox, &conversation, STATE_BOT, &reply, "", &message, 1);
	turn();
}

static void
add_job(int64_t id, const char *job)
{
	add_tried(id, job, 0);
}

static void
add(int64_t id)
{
	add_job(id, "reply");
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
	assert_string_equal(last_plugin, "web");
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

/* The plugin is the channel, and the desk. */
static void
test_the_customer_does_not_wait_for_the_desk(void **state)
{
	(void)state;
	add_job(7, "desk_card");
	add_job(8, "customer_text");
	assert_int_equal(n_sent, 1);
	add_job(9, "reply");
	assert_int_equal(n_sent, 2);
	assert_string_equal(last_id, job(9));
}

static struct reply *
pending_receipt(void)
{
	assert_non_null(pending);
	return container_of(pending, struct store_mark_reply, write)->receipt;
}

/* Once the store has added it, and not before. */
static void
test_a_desk_is_told_what_became_of_agents_words(void **state)
{
	(void)state;
	add_job(6, "agent_text");
	outbox_sent(outbox, "web", job(6), "x");
	assert_null(pending_receipt());
	finish(STORE_OK);
	desk = "slack";
	add_job(7, "agent_text");
	outbox_sent(outbox, "web", job(7), "x");
	assert_string_equal(pending_receipt()->target, "slack");
	assert_string_equal(pending_receipt()->job, "receipt");
	pending_receipt()->id = 9;
	finish(STORE_OK);
	turn();
	assert_string_equal(last_plugin, "slack");
	assert_string_equal(last_id, job(9));
	assert_string_equal(last_text, "");
	outbox_sent(outbox, "slack", job(9), "x");
	finish(STORE_OK);
	add_job(10, "agent_text");
	outbox_failed(outbox, "web", job(10), TELLER_GONE, 0, "he has left");
	assert_int_equal(pending_outcome(), REPLY_FAILED);
	pending_receipt()->id = 11;
	finish(STORE_OK);
	turn();
	assert_string_equal(last_text, "he has left");
}

/* It was not written there. */
static void
test_no_desk_is_told_of_what_it_did_not_write(void **state)
{
	(void)state;
	desk = "slack";
	add_job(7, "agent_text");
	outbox_sent(outbox, "web", job(7), "x");
	finish(STORE_OK);
	turn();
	assert_int_equal(n_sent, 1);
	add_job(8, "reply");
	outbox_sent(outbox, "web", job(8), "x");
	assert_null(pending_receipt());
}

static void
withdraw(int64_t a, int64_t b)
{
	outbox_withdraw(outbox, (const int64_t[]){a, b}, 2);
}

static void
test_what_is_withdrawn_is_not_sent(void **state)
{
	(void)state;
	add(7);
	add(9);
	add(11);
	withdraw(5, 13);
	assert_string_equal(cancelled_id, "");
	withdraw(9, 7);
	assert_string_equal(cancelled_id, job(7));
	/* Its plugin had it out already. */
	outbox_sent(outbox, "web", job(7), "x");
	assert_int_equal(pending_outcome(), REPLY_SENT);
	finish(STORE_OK);
	turn();
	assert_int_equal(pending_outcome(), REPLY_FAILED);
	finish(STORE_OK);
	turn();
	assert_int_equal(n_sent, 2);
	assert_string_equal(last_id, job(11));
}

static void
test_a_withdrawn_reply_is_not_tried_again(void **state)
{
	(void)state;
	add(7);
	withdraw(7, 7);
	outbox_failed(outbox, "web", job(7), TELLER_RETRY, 0, "busy");
	assert_int_equal(pending_outcome(), REPLY_FAILED);
	assert_false(pending_mark()->maybe_sent);
	finish(STORE_OK);
	assert_int_equal(outbox_length(outbox), 0);
}

static void
test_a_withdrawn_reply_may_have_arrived(void **state)
{
	(void)state;
	add(7);
	withdraw(7, 7);
	outbox_failed(outbox, "web", job(7), TELLER_UNKNOWN, 0, "no answer");
	assert_int_equal(pending_outcome(), REPLY_FAILED);
	assert_true(pending_mark()->maybe_sent);
	finish(STORE_OK);
}

/* It was marked on disk before the outbox heard of it. */
static void
test_a_reply_that_is_withdrawn_amidst_a_mark_is_not_sent(void **state)
{
	(void)state;
	can = 0;
	add(7);
	assert_int_equal(pending_outcome(), REPLY_TRYING);
	withdraw(7, 7);
	finish(STORE_STALE);
	turn();
	assert_int_equal(outbox_length(outbox), 0);
	add(8);
	finish(STORE_OK);
	outbox_failed(outbox, "web", job(8), TELLER_RETRY, 0, "busy");
	assert_int_equal(pending_outcome(), REPLY_RETRY);
	withdraw(8, 8);
	finish(STORE_OK);
	assert_int_equal(pending_outcome(), REPLY_FAILED);
	finish(STORE_OK);
	assert_int_equal(outbox_length(outbox), 0);
	assert_int_equal(n_sent, 1);
}

/* What becomes of one that was tried for hours, and may have arrived now and
 * those n times that its plugin was lost. */
static enum reply_outcome
end_unknown(int64_t id, int n)
{
	enum reply_outcome outcome;
	add_tried(id, "reply", 50);
	for (int i = 0; i <= n; i++) {
		if (i > 0)
			outbox_plugin_changed(outbox, "web", false);
		outbox_plugin_changed(outbox, "web", true);
		turn();
		if (pending)
			finish(STORE_OK); /* it is tried */
	}
	outbox_failed(outbox, "web", job(id), TELLER_UNKNOWN, 0, "no answer");
	outcome = pending_outcome();
	assert_int_equal(pending_mark()->maybe_sent, n + 1);
	finish(STORE_OK);
	withdraw(id, id);
	if (pending)
		finish(STORE_OK);
	assert_int_equal(outbox_length(outbox), 0);
	return outcome;
}

static void
test_what_would_arrive_again_is_given_up_sooner(void **state)
{
	(void)state;
	can = ~(unsigned int)TELLER_CAN_DEDUPE;
	assert_int_equal(end_unknown(7, 0), REPLY_RETRY);
	assert_int_equal(end_unknown(8, 18), REPLY_RETRY);
	assert_int_equal(end_unknown(9, 19), REPLY_FAILED);
	can = ~0u;
	assert_int_equal(end_unknown(10, 19), REPLY_RETRY);
}

static void
test_word_of_what_was_not_reached_goes_to_all(void **state)
{
	static const struct unreached two[] = {{3, 21}, {4, 22}};

	(void)state;
	n_told = 0;
	add(7);
	outbox_failed(outbox, "web", job(7), TELLER_GONE, 0, "no");
	struct store_mark_reply *mark =
		container_of(pending, struct store_mark_reply, write);
	mark->unreached = two;
	mark->n_unreached = 2;
	finish(STORE_OK);
	assert_int_equal(n_told, 4);
	assert_int_equal(told[0], 3);
	assert_int_equal(told[1], 21);
	assert_int_equal(told[2], 4);
	assert_int_equal(told[3], 22);
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
		TEST(test_the_customer_does_not_wait_for_the_desk),
		TEST(test_a_desk_is_told_what_became_of_agents_words),
		TEST(test_no_desk_is_told_of_what_it_did_not_write),
		TEST(test_what_is_withdrawn_is_not_sent),
		TEST(test_a_withdrawn_reply_is_not_tried_again),
		TEST(test_a_withdrawn_reply_may_have_arrived),
		TEST(test_a_reply_that_is_withdrawn_amidst_a_mark_is_not_sent),
		TEST(test_what_would_arrive_again_is_given_up_sooner),
		TEST(test_word_of_what_was_not_reached_goes_to_all),
	};
	return cmocka_run_group_tests_name("outbox", tests, NULL, NULL);
}
