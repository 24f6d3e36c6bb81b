#include "dialog/waiting.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/time.h"
#include "dialog/memory.h"
#include "net/loop.h"
#include "store/conversation.h"

#define SWEEP_MS 500
/* Until somebody who is overdue is brought up again: it may not have been
 * taken, and to bring it up twice is harmless. */
#define AGAIN_MS 5000
#define RECOVER_PAGE 500

struct waiter {
	int64_t conversation_id;
	char *channel, *public_id;
	int episode;
	int64_t since_us;
	int64_t again_us; /* not before that is he brought up (again) */
};

struct waiting {
	struct timer *sweep;
	struct idmap waiters; /* by conversation id; who must yet be told */
	struct idmap told;    /* by conversation id; values mean nothing */
	int64_t claim_ms;
	void (*overdue)(void *, const char *, const char *, int);
	void *arg;
};

static void
waiter_free(struct waiter *waiter)
{
	if (!waiter)
		return;
	free(waiter->channel);
	free(waiter->public_id);
	free(waiter);
}

static bool
is_due(const struct waiting *waiting, const struct waiter *waiter,
       int64_t now_us)
{
	return now_us - waiter->since_us >= waiting->claim_ms * 1000 &&
	       now_us >= waiter->again_us;
}

/* overdue() ends later, by a turn: nothing changes the map meanwhile. */
static void
sweep(void *arg)
{
	struct waiting *waiting = arg;
	int64_t now_us = time_now_us();
	struct idmap_entry *entry = NULL;
	while ((entry = idmap_next(&waiting->waiters, entry))) {
		struct waiter *waiter = entry->value;
		if (!is_due(waiting, waiter, now_us))
			continue;
		waiter->again_us = now_us + AGAIN_MS * 1000;
		waiting->overdue(waiting->arg, waiter->channel,
				 waiter->public_id, waiter->episode);
	}
	if (waiting->waiters.n)
		timer_set(waiting->sweep, SWEEP_MS);
}

struct waiting *
waiting_new(struct loop *loop,
	    void (*overdue)(void *, const char *, const char *, int), void *arg)
{
	struct waiting *waiting = mem_new(sizeof(*waiting));
	waiting->sweep = timer_new(loop, sweep, waiting);
	waiting->overdue = overdue;
	waiting->arg = arg;
	return waiting;
}

void
waiting_free(struct waiting *waiting)
{
	if (!waiting)
		return;
	struct idmap_entry *entry = NULL;
	while ((entry = idmap_next(&waiting->waiters, entry)))
		waiter_free(entry->value);
	idmap_release(&waiting->waiters);
	idmap_release(&waiting->told);
	timer_free(waiting->sweep);
	free(waiting);
}

void
waiting_set_claim(struct waiting *waiting, int64_t claim_ms)
{
	waiting->claim_ms = claim_ms;
}

void
waiting_begin(struct waiting *waiting, const struct conversation *conversation,
	      const struct memory *memory)
{
	if (memory->is_told) {
		waiting_end(waiting, conversation->id);
		idmap_put(&waiting->told, (uint64_t)conversation->id, waiting);
		return;
	}
	struct waiter *waiter = mem_new(sizeof(*waiter));
	waiter->conversation_id = conversation->id;
	waiter->channel = mem_strdup(conversation->channel);
	waiter->public_id = mem_strdup(conversation->public_id);
	waiter->episode = memory->episode;
	waiter->since_us = memory->since_us;
	waiter_free(idmap_put(&waiting->waiters, (uint64_t)conversation->id,
			      waiter));
	if (!timer_is_set(waiting->sweep))
		timer_set(waiting->sweep, SWEEP_MS);
}

void
waiting_end(struct waiting *waiting, int64_t conversation_id)
{
	waiter_free(idmap_remove(&waiting->waiters, (uint64_t)conversation_id));
	idmap_remove(&waiting->told, (uint64_t)conversation_id);
}

size_t
waiting_length(const struct waiting *waiting)
{
	return waiting->waiters.n + waiting->told.n;
}

static long
recover_page(struct waiting *waiting, struct store_reader *reader,
	     int64_t *before, struct err *err)
{
	struct arena arena = {0};
	const struct conversation *list;
	long n = store_list_conversations(
		reader, &arena, NULL, conversation_state_name(STATE_WAITING),
		*before, RECOVER_PAGE, &list, err);
	for (long i = 0; i < n; i++) {
		struct memory memory;
		memory_read(&memory, &arena, list[i].memory);
		waiting_begin(waiting, &list[i], &memory);
		*before = list[i].id;
	}
	arena_release(&arena);
	return n;
}

int
waiting_recover(struct waiting *waiting, struct store *store, struct err *err)
{
	struct store_reader *reader = store_read_begin(store, err);
	if (!reader)
		return -1;
	int64_t before = 0;
	long n;
	do
		n = recover_page(waiting, reader, &before, err);
	while (n == RECOVER_PAGE);
	store_read_end(reader);
	return n < 0 ? -1 : 0;
}
