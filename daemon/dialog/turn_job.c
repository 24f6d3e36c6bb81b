#include "dialog/turn_job.h"

#include <assert.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/time.h"
#include "dialog/case.h"
#include "dialog/knowledge.h"
#include "faq/index.h"
#include "net/loop.h"

/* Of one conversation at once; what is beyond it has its turn next. */
#define MESSAGES_MAX 50

struct turn_job *
turn_job_new(struct store *store, struct loop *loop, struct library *library,
	     int64_t conversation_id, const char *desk, const char *cases)
{
	struct turn_job *turn = mem_new(sizeof(*turn));
	turn->store = store;
	turn->loop = loop;
	turn->library = library;
	turn->conversation_id = conversation_id;
	turn->desk = arena_strdup(&turn->arena, desk);
	turn->cases = arena_strdup(&turn->arena, cases);
	return turn;
}

void
turn_job_free(struct turn_job *turn)
{
	arena_release(&turn->arena);
	free(turn);
}

static void
end_on_loop(struct job *job)
{
	struct turn_job *turn = container_of(job, struct turn_job, job);
	turn->ended(turn);
}

static void
end(struct turn_job *turn, enum turn_outcome outcome)
{
	turn->outcome = outcome;
	turn->job.run = end_on_loop;
	loop_post(turn->loop, &turn->job);
}

static enum turn_outcome
outcome_of(const struct turn_job *turn)
{
	const struct store_write *write = &turn->finish.write;
	switch (write->status) {
	case STORE_OK:
		return TURN_COMMITTED;
	case STORE_STALE:
		return TURN_STALE;
	case STORE_BUSY:
	case STORE_FULL:
		return TURN_LATER;
	case STORE_BROKEN:
		return TURN_LOST;
	default:
		log_error("turn: the store refuses it: %s", write->err.text);
		return TURN_REFUSED;
	}
}

static void
committed(struct store_write *write)
{
	struct turn_job *turn =
		container_of(write, struct turn_job, finish.write);
	turn->outcome = outcome_of(turn);
	turn->ended(turn);
}

static int
read_input(struct turn_job *turn, struct err *err)
{
	struct store_reader *reader = store_read_begin(turn->store, err);
	if (!reader)
		return -1;
	long n = store_conversation_by_id(reader, &turn->arena,
					  turn->conversation_id,
					  &turn->conversation, err);
	if (n > 0)
		n = store_queued_messages(reader, &turn->arena,
					  turn->conversation_id, MESSAGES_MAX,
					  &turn->messages, err);
	store_read_end(reader);
	if (n < 0)
		return -1;
	turn->n_messages = (size_t)n;
	return 0;
}

static void
decide(struct turn_job *turn)
{
	const struct knowledge *knowledge = library_get(turn->library);
	struct index_scratch *scratch = index_scratch_new();
	struct turn_input input = {
		.conversation = turn->conversation,
		.messages = turn->messages,
		.n_messages = turn->n_messages,
		.knowledge = knowledge,
		.scratch = scratch,
		.desk = turn->desk,
		.now_us = time_now_us(),
	};
	int64_t begin = time_mono_us();
	turn_decide(&input, &turn->arena, &turn->result);
	turn->decide_us = time_mono_us() - begin;
	turn->finish.now_us = input.now_us;
	index_scratch_free(scratch);
	knowledge_put(knowledge);
}

/* A form that ended is a case.  Its row for other programs is not decided but
 * follows from it, so that a turn is decided the same wherever cases go. */
static void
file_case(struct turn_job *turn)
{
	struct turn_result *result = &turn->result;
	if (!result->form)
		return;
	turn->draft = case_of_form(result->form, turn->conversation,
				   turn->finish.now_us)
			      .draft;
	turn->finish.draft = &turn->draft;
	if (!*turn->cases)
		return;
	assert(result->n_replies < TURN_REPLIES_MAX);
	result->replies[result->n_replies++] = (struct reply){
		.conversation_id = turn->conversation_id,
		.target = turn->cases,
		.job = JOB_CASE,
		.kind = "",
		.author = "",
		.text = turn->draft.reference,
		.created_at_us = turn->finish.now_us,
	};
}

static void
commit(struct turn_job *turn)
{
	struct turn_result *result = &turn->result;
	struct store_finish_turn *finish = &turn->finish;
	int64_t *ids =
		arena_array(&turn->arena, result->n_messages, sizeof(*ids));
	for (size_t i = 0; i < result->n_messages; i++)
		ids[i] = turn->messages[i].id;
	finish->write.verb = &store_verb_finish_turn;
	finish->write.reply_to = loop_queue(turn->loop);
	finish->write.done = committed;
	finish->conversation_id = turn->conversation_id;
	finish->messages = ids;
	finish->n_messages = result->n_messages;
	finish->derived = result->derived;
	finish->newest_seen = turn->messages[turn->n_messages - 1].id;
	/* With as many messages as a turn reads there may be more of them, and
	 * they are the next turn's. */
	finish->is_final = turn->is_final || turn->n_messages == MESSAGES_MAX;
	finish->before = turn->conversation->state;
	finish->after.state = result->state;
	finish->after.failed_turns = result->failed_turns;
	finish->after.memory = result->memory;
	finish->after.owner = result->owner;
	finish->after.lease_until_us = result->lease_until_us;
	finish->changes = result->changes;
	finish->n_changes = result->n_changes;
	finish->replies = result->replies;
	finish->n_replies = result->n_replies;
	finish->onward_key = result->onward_key;
	finish->onward = result->onward;
	finish->n_onward = result->n_onward;
	finish->kind = turn_kind_name(result->kind);
	finish->rule = result->rule;
	finish->entry = result->entry;
	finish->record = result->record;
	finish->confidence = result->confidence;
	finish->decide_us = turn->decide_us;
	store_submit(turn->store, &finish->write);
}

static void
run_on_worker(struct job *job)
{
	struct turn_job *turn = container_of(job, struct turn_job, job);
	struct err err = {0};
	if (read_input(turn, &err)) {
		log_error("turn: cannot read the conversation: %s", err.text);
		end(turn, TURN_LATER);
	} else if (!turn->n_messages) {
		end(turn, TURN_NOTHING);
	} else {
		decide(turn);
		file_case(turn);
		commit(turn);
	}
}

bool
turn_job_start(struct turn_job *turn, struct pool *workers)
{
	turn->job.run = run_on_worker;
	return pool_push(workers, &turn->job);
}
