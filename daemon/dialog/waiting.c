#include "dialog/waiting.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/time.h"
#include "dialog/memory.h"
#include "net/loop.h"
#include "store/conversation.h"

#define SWEEP_MS 500
/* Until what is overdue is brought up again: it may not have been taken, and to
 * bring it up twice is harmless. */
#define AGAIN_US (5000 * 1000)
/* A desk that is started anew is there again before that. */
#define DESK_GONE_US (10 * 1000 * 1000)
#define RECOVER_PAGE 500

/* A customer who waits or who has a person. */
struct engaged {
	struct due due;
	char *channel, *public_id, *desk;
	bool is_waiting;
	bool is_told; /* who waits: nothing is due any more */
	/* Monotonic: since when the desk is gone, 0: it is there; and before
	 * which it is not brought up (again). */
	int64_t desk_gone_us, not_before_us;
};

struct waiting {
	struct waiting_config config;
	struct timer *sweep;
	struct idmap all; /* by conversation id */
	size_t n_waiting;
	int64_t claim_ms;
};

static void
engaged_free(struct engaged *engaged)
{
	free(engaged->channel);
	free(engaged->public_id);
	free(engaged->desk);
	free(engaged);
}

/* from_us is since when he waits, or until when a person has him; 0: none. */
static int64_t
clock_end(bool is_waiting, bool is_told, int64_t from_us, int64_t claim_ms)
{
	if (!is_waiting)
		return from_us;
	return is_told ? 0 : from_us + claim_ms * 1000;
}

/* Where the clock begins, or a lease ends. */
static int64_t
clock_from(const struct conversation *conversation, const struct memory *memory)
{
	return conversation->state == STATE_WAITING
		       ? memory->since_us
		       : conversation->lease_until_us;
}

int64_t
waiting_until(const struct conversation *conversation,
	      const struct memory *memory, int64_t claim_ms,
	      enum due_kind *kind_r)
{
	bool is_waiting = conversation->state == STATE_WAITING;
	*kind_r = is_waiting ? DUE_UNCLAIMED : DUE_LEASE;
	if (!is_waiting && conversation->state != STATE_PERSON)
		return 0;
	return clock_end(is_waiting, memory->is_told,
			 clock_from(conversation, memory), claim_ms);
}

/* Has his desk been gone for long? */
static bool
is_desk_due(const struct waiting *waiting, struct engaged *engaged)
{
	int64_t now_us = time_mono_us();
	const struct waiting_config *config = &waiting->config;
	if (config->is_desk_there(config->arg, engaged->desk))
		engaged->desk_gone_us = 0;
	else if (!engaged->desk_gone_us)
		engaged->desk_gone_us = now_us;
	return engaged->desk_gone_us &&
	       now_us - engaged->desk_gone_us >= DESK_GONE_US;
}

/* due() ends later, by a turn: nothing changes the map meanwhile. */
static void
look(struct waiting *waiting, struct engaged *engaged, int64_t now_us)
{
	struct due due = engaged->due;
	int64_t end_us = clock_end(engaged->is_waiting, engaged->is_told,
				   due.at_us, waiting->claim_ms);
	bool is_over = end_us && now_us >= end_us, is_due = is_over;
	if (!engaged->is_waiting) {
		is_due = is_desk_due(waiting, engaged) || is_over;
		due.kind = is_over ? DUE_LEASE : DUE_DESK;
	}
	if (!is_due || time_mono_us() < engaged->not_before_us)
		return;
	engaged->not_before_us = time_mono_us() + AGAIN_US;
	waiting->config.due(waiting->config.arg, &due);
}

static void
sweep(void *arg)
{
	struct waiting *waiting = arg;
	int64_t now_us = time_now_us();
	struct idmap_entry *at = NULL;
	while ((at = idmap_next(&waiting->all, at)))
		look(waiting, at->value, now_us);
	if (waiting->all.n)
		timer_set(waiting->sweep, SWEEP_MS);
}

struct waiting *
waiting_new(const struct waiting_config *config)
{
	struct waiting *waiting = mem_new(sizeof(*waiting));
	waiting->config = *config;
	waiting->sweep = timer_new(config->loop, sweep, waiting);
	return waiting;
}

void
waiting_free(struct waiting *waiting)
{
	if (!waiting)
		return;
	struct idmap_entry *at = NULL;
	while ((at = idmap_next(&waiting->all, at)))
		engaged_free(at->value);
	idmap_release(&waiting->all);
	timer_free(waiting->sweep);
	free(waiting);
}

void
waiting_set_claim(struct waiting *waiting, int64_t claim_ms)
{
	waiting->claim_ms = claim_ms;
}

static void
forget(struct waiting *waiting, int64_t conversation_id)
{
	struct engaged *engaged =
		idmap_remove(&waiting->all, (uint64_t)conversation_id);
	if (!engaged)
		return;
	waiting->n_waiting -= engaged->is_waiting;
	engaged_free(engaged);
}

static struct engaged *
engaged_new(const struct conversation *conversation,
	    const struct memory *memory)
{
	struct engaged *engaged = mem_new(sizeof(*engaged));
	engaged->channel = mem_strdup(conversation->channel);
	engaged->public_id = mem_strdup(conversation->public_id);
	engaged->desk = mem_strdup(memory->desk);
	engaged->is_waiting = conversation->state == STATE_WAITING;
	engaged->is_told = memory->is_told;
	engaged->due = (struct due){
		.kind = DUE_UNCLAIMED,
		.channel = engaged->channel,
		.conversation = engaged->public_id,
		.episode = memory->episode,
		.turns = conversation->turns,
		.at_us = clock_from(conversation, memory),
	};
	return engaged;
}

void
waiting_note(struct waiting *waiting, const struct conversation *conversation,
	     const struct memory *memory)
{
	forget(waiting, conversation->id);
	if (conversation->state != STATE_WAITING &&
	    conversation->state != STATE_PERSON)
		return;
	struct engaged *engaged = engaged_new(conversation, memory);
	idmap_put(&waiting->all, (uint64_t)conversation->id, engaged);
	waiting->n_waiting += engaged->is_waiting;
	if (!timer_is_set(waiting->sweep))
		timer_set(waiting->sweep, SWEEP_MS);
}

size_t
waiting_length(const struct waiting *waiting)
{
	return waiting->n_waiting;
}

static long
recover_page(struct waiting *waiting, struct store_reader *reader,
	     enum conversation_state state, int64_t *before, struct err *err)
{
	struct arena arena = {0};
	const struct conversation *list;
	long n = store_list_conversations(reader, &arena, NULL,
					  conversation_state_name(state),
					  *before, RECOVER_PAGE, &list, err);
	for (long i = 0; i < n; i++) {
		struct memory memory;
		memory_read(&memory, &arena, list[i].memory);
		waiting_note(waiting, &list[i], &memory);
		*before = list[i].id;
	}
	arena_release(&arena);
	return n;
}

int
waiting_recover(struct waiting *waiting, struct err *err)
{
	static const enum conversation_state states[] = {STATE_WAITING,
							 STATE_PERSON};
	struct store_reader *reader =
		store_read_begin(waiting->config.store, err);
	if (!reader)
		return -1;
	long n = 0;
	for (size_t i = 0; n >= 0 && i < 2; i++) {
		int64_t before = 0;
		do
			n = recover_page(waiting, reader, states[i], &before,
					 err);
		while (n == RECOVER_PAGE);
	}
	store_read_end(reader);
	return n < 0 ? -1 : 0;
}
