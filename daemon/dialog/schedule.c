#include "dialog/schedule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/queue.h"
#include "base/time.h"
#include "dialog/turn_job.h"
#include "net/loop.h"
#include "store/message.h"

/* A burst that never ends is answered after so many of its waits. */
#define BURSTS_MAX 5
/* Until the disk has room again, or the workers' queue has. */
#define RETRY_MS 500

/* A conversation that has something queued. */
struct run {
	struct schedule *schedule;
	int64_t conversation_id;
	int64_t newest;	  /* highest message id we were told of */
	int64_t begun;	  /* what that was when its turn began */
	int64_t burst_ms; /* of the newest message */
	int64_t since_us; /* when its first message came, monotonic */
	/* That brought the newest message, and the begun one. */
	char newest_request[REQUEST_ID_SIZE], request[REQUEST_ID_SIZE];
	int restarts;
	bool is_working;   /* a turn is on its way */
	bool is_recovered; /* mark it before each turn: it may crash us */
	bool is_in_line;   /* for its mark */
	struct run *next;  /* in that line */
	char *typing_key;  /* the customer is shown that the bot is at work */
	struct timer *timer;
	struct store_mark_running mark;
	struct store_count_refused refused;
};

struct schedule {
	struct schedule_config config;
	struct idmap runs; /* by conversation id */
	bool is_stopped;
	/* A crash is the fault of what was marked then: that is one at a time,
	 * and the others stand in line. */
	struct run *marked;
	int64_t marked_id; /* the conversation that is marked on disk, or 0 */
	struct run *first_in_line, **last_in_line;
};

static void run_start(void *arg);

struct schedule *
schedule_new(const struct schedule_config *config)
{
	struct schedule *schedule = mem_new(sizeof(*schedule));
	schedule->config = *config;
	schedule->last_in_line = &schedule->first_in_line;
	return schedule;
}

static void
run_free(struct run *run)
{
	idmap_remove(&run->schedule->runs, (uint64_t)run->conversation_id);
	timer_free(run->timer);
	free(run->typing_key);
	free(run);
}

void
schedule_free(struct schedule *schedule)
{
	if (!schedule)
		return;
	struct idmap_entry *entry;
	while ((entry = idmap_next(&schedule->runs, NULL)))
		run_free(entry->value);
	idmap_release(&schedule->runs);
	free(schedule);
}

void
schedule_stop(struct schedule *schedule)
{
	schedule->is_stopped = true;
}

void
schedule_set_workers(struct schedule *schedule, struct pool *workers)
{
	schedule->config.workers = workers;
}

void
schedule_set_restarts(struct schedule *schedule, int max_restarts)
{
	schedule->config.max_restarts = max_restarts;
}

size_t
schedule_length(const struct schedule *schedule)
{
	return schedule->runs.n;
}

static struct run *
get_run(struct schedule *schedule, int64_t conversation_id)
{
	struct run *run = idmap_get(&schedule->runs, (uint64_t)conversation_id);
	if (run)
		return run;
	run = mem_new(sizeof(*run));
	run->schedule = schedule;
	run->conversation_id = conversation_id;
	run->since_us = time_mono_us();
	run->timer = timer_new(schedule->config.loop, run_start, run);
	idmap_put(&schedule->runs, (uint64_t)conversation_id, run);
	return run;
}

static void
wait_for_more(struct run *run)
{
	int64_t waited_ms = (time_mono_us() - run->since_us) / 1000;
	int64_t left_ms = run->burst_ms * BURSTS_MAX - waited_ms;
	int64_t delay_ms = run->burst_ms < left_ms ? run->burst_ms : left_ms;
	if (delay_ms > 0)
		timer_set(run->timer, delay_ms);
	else
		run_start(run);
}

static void
stand_in_line(struct run *run)
{
	run->is_in_line = true;
	run->next = NULL;
	*run->schedule->last_in_line = run;
	run->schedule->last_in_line = &run->next;
}

static void
start_next_in_line(struct schedule *schedule)
{
	struct run *run = schedule->first_in_line;
	if (!run || schedule->marked)
		return;
	schedule->first_in_line = run->next;
	if (!run->next)
		schedule->last_in_line = &schedule->first_in_line;
	run->is_in_line = false;
	run_start(run);
}

/* It does not run any more, whatever comes of it. */
static void
stop_working(struct run *run)
{
	run->is_working = false;
	if (run->schedule->marked == run)
		run->schedule->marked = NULL;
}

/* Nothing of the conversation is in work.  What a crash left behind may be
 * shown as being so by the process before this one. */
static void
run_end(struct run *run, const struct turn_job *turn)
{
	const struct schedule_config *config = &run->schedule->config;
	/* NULL: of a damaged store. */
	const struct conversation *conversation = turn->conversation;
	const char *key = run->typing_key;
	if (!key && run->is_recovered && conversation)
		key = conversation->key;
	if (key && conversation && config->typing)
		config->typing(config->arg, conversation->channel,
			       conversation->account, key, false);
	run_free(run);
}

/* What it left to another conversation is that one's next turn: its burst is
 * over. */
static void
go_onward(struct run *run, const struct turn_job *turn)
{
	const struct store_finish_turn *finish = &turn->finish;
	if (finish->onward_newest)
		schedule_message(run->schedule, finish->onward_id,
				 finish->onward_newest, 0, run->request);
}

/* The messages of a turn are done; others may have come since. */
static void
after_commit(struct run *run, const struct turn_job *turn)
{
	bool is_rest = turn->result.n_messages < turn->n_messages;
	run->restarts = 0;
	run->since_us = time_mono_us();
	if (run->newest > turn->finish.newest_seen)
		wait_for_more(run);
	else if (is_rest || run->is_recovered || turn->finish.is_final)
		timer_set(run->timer, 0); /* until nothing is queued */
	else
		run_end(run, turn);
}

static void
tell_done(struct run *run, const struct turn_job *turn)
{
	struct turn_done done = {
		.conversation = turn->conversation,
		.result = &turn->result,
		.messages = turn->finish.messages,
		.n_messages = turn->finish.n_messages,
		.request = run->request,
		.decide_us = turn->decide_us,
		.queued_us = time_mono_us() - run->since_us,
	};
	run->schedule->config.done(run->schedule->config.arg, &done);
}

static void
counted(struct store_write *write)
{
	struct run *run = container_of(write, struct run, refused.write);
	run->is_working = false;
	timer_set(run->timer, RETRY_MS);
}

/* What is decided the same is refused the same: the words go to a person when
 * they have been refused as often as they may crash us. */
static void
count_refused(struct run *run, const struct turn_job *turn)
{
	const struct schedule_config *config = &run->schedule->config;
	const struct store_finish_turn *finish = &turn->finish;
	if (run->schedule->is_stopped)
		return;
	run->is_working = true;
	run->refused = (struct store_count_refused){
		.write.verb = &store_verb_count_refused,
		.write.reply_to = loop_queue(config->loop),
		.write.done = counted,
		.conversation_id = run->conversation_id,
		.last_message = finish->messages[finish->n_messages - 1],
	};
	store_submit(config->store, &run->refused.write);
}

static void
turn_ended(struct turn_job *turn)
{
	struct run *run = turn->arg;
	struct schedule *schedule = run->schedule;
	stop_working(run);
	switch (turn->outcome) {
	case TURN_COMMITTED:
		tell_done(run, turn);
		go_onward(run, turn);
		after_commit(run, turn);
		break;
	case TURN_STALE:
		run->restarts++;
		run_start(run);
		break;
	case TURN_LATER:
		timer_set(run->timer, RETRY_MS);
		break;
	case TURN_REFUSED:
		count_refused(run, turn);
		break;
	case TURN_NOTHING:
		if (run->newest > run->begun)
			wait_for_more(run);
		else
			run_end(run, turn);
		break;
	case TURN_LOST:
		run_free(run);
		break;
	}
	turn_job_free(turn);
	start_next_in_line(schedule);
}

static void
begin_later(struct run *run)
{
	stop_working(run);
	timer_set(run->timer, RETRY_MS);
	start_next_in_line(run->schedule);
}

static void
begin_turn(struct run *run)
{
	const struct schedule_config *config = &run->schedule->config;
	struct turn_job *turn =
		turn_job_new(config->store, config->loop, config->library,
			     run->conversation_id, config->desk(config->arg),
			     config->cases(config->arg));
	turn->is_final = run->restarts >= config->max_restarts;
	turn->ended = turn_ended;
	turn->arg = run;
	if (turn_job_start(turn, config->workers))
		return;
	turn_job_free(turn);
	begin_later(run);
}

static void
marked(struct store_write *write)
{
	struct run *run = container_of(write, struct run, mark.write);
	if (write->status == STORE_OK)
		run->schedule->marked_id = run->conversation_id;
	/* Who has stopped may have no workers any more. */
	if (write->status == STORE_OK && !run->schedule->is_stopped)
		begin_turn(run);
	else
		begin_later(run);
}

static void
run_start(void *arg)
{
	struct run *run = arg;
	struct schedule *schedule = run->schedule;
	if (run->is_working || run->is_in_line || schedule->is_stopped)
		return;
	timer_clear(run->timer);
	if (run->is_recovered && schedule->marked) {
		stand_in_line(run);
		return;
	}
	run->is_working = true;
	run->begun = run->newest;
	memcpy(run->request, run->newest_request, sizeof(run->request));
	if (!run->is_recovered) {
		begin_turn(run);
		return;
	}
	schedule->marked = run;
	run->mark = (struct store_mark_running){
		.write.verb = &store_verb_mark_running,
		.write.reply_to = loop_queue(schedule->config.loop),
		.write.done = marked,
		.conversation_id = run->conversation_id,
		.before_id = schedule->marked_id,
	};
	store_submit(schedule->config.store, &run->mark.write);
}

void
schedule_message(struct schedule *schedule, int64_t conversation_id,
		 int64_t message_id, int64_t burst_ms, const char *request)
{
	struct run *run = get_run(schedule, conversation_id);
	if (message_id > run->newest) {
		run->newest = message_id;
		snprintf(run->newest_request, sizeof(run->newest_request), "%s",
			 request);
	}
	run->burst_ms = burst_ms;
	if (!run->is_working)
		wait_for_more(run);
}

void
schedule_typing(struct schedule *schedule, int64_t conversation_id,
		const char *channel, const char *account, const char *key)
{
	const struct schedule_config *config = &schedule->config;
	struct run *run = get_run(schedule, conversation_id);
	if (!config->typing || run->typing_key)
		return;
	run->typing_key = mem_strdup(key);
	config->typing(config->arg, channel, account, key, true);
}

void
schedule_recovered(struct schedule *schedule, int64_t conversation_id)
{
	struct run *run = get_run(schedule, conversation_id);
	run->is_recovered = true;
	timer_set(run->timer, 0);
}
