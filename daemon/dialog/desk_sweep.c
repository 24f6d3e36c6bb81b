/* What plugins keep for a time is removed when that is over, while the daemon
 * runs: a slice, and another soon after while there is more. */
#include "base/time.h"
#include "dialog/desk_parts.h"
#include "net/loop.h"

#define SWEEP_EVERY_MS (60 * 1000)
#define SWEEP_AGAIN_MS 1000

static void
swept(struct store_write *write)
{
	struct sweep *sweep = container_of(write, struct sweep, expire.write);
	bool is_more = write->status == STORE_OK && sweep->expire.n_removed > 0;
	if (sweep->timer)
		timer_set(sweep->timer,
			  is_more ? SWEEP_AGAIN_MS : SWEEP_EVERY_MS);
}

static void
sweep_now(void *arg)
{
	struct sweep *sweep = arg;
	struct desk *desk = sweep->desk;
	sweep->expire = (struct store_expire_state){
		.write.verb = &store_verb_expire_state,
		.write.reply_to = loop_queue(desk->loop),
		.write.done = swept,
		.now_us = time_now_us(),
	};
	store_submit(desk->store, &sweep->expire.write);
}

void
sweep_begin(struct sweep *sweep, struct desk *desk)
{
	sweep->desk = desk;
	sweep->timer = timer_new(desk->loop, sweep_now, sweep);
	timer_set(sweep->timer, SWEEP_AGAIN_MS);
}

void
sweep_end(struct sweep *sweep)
{
	timer_free(sweep->timer);
	sweep->timer = NULL;
}
