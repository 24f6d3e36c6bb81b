/* The lanes of the outbox: what is done with the first reply of each. */
#include "dialog/outbox_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "dialog/delivery.h"
#include "host/host.h"
#include "net/loop.h"

/* Until the store takes a mark it had no room for. */
#define MARK_RETRY_MS 1000
#define WITHDRAWN "the customer wants no more of it"

/* Is there something to be done for the first reply, and now? */
bool
outbox_lane_is_due(const struct lane *lane)
{
	const struct delivery *delivery = lane->first;
	struct host *host = lane->outbox->config.host;
	if (delivery->unmarked != DELIVERY_MARKED)
		return true;
	return delivery_wait_ms(delivery) == 0 &&
	       (!host || delivery_is_internal(delivery) ||
		host_can(host, delivery->reply.target, 0));
}

static void
lane_pop(struct lane *lane)
{
	struct delivery *done = lane->first;
	idmap_remove(&lane->outbox->by_id, (uint64_t)done->reply.id);
	lane->first = done->next;
	if (!lane->first)
		lane->last = &lane->first;
	lane->outbox->n--;
	delivery_free(done);
}

void
outbox_lane_free(struct lane *lane)
{
	while (lane->first)
		lane_pop(lane);
	map_remove(&lane->outbox->lanes, lane->name);
	timer_free(lane->timer);
	arena_release(&lane->mark_arena);
	free(lane->name);
	free(lane);
}

static char *
lane_name(struct arena *arena, const struct reply *reply)
{
	return arena_printf(arena, "%s/%lld/%d", reply->target,
			    (long long)reply->conversation_id,
			    delivery_is_for_any_channel(reply->job));
}

static struct lane *
lane_new(struct outbox *outbox, const char *name)
{
	struct lane *lane = mem_new(sizeof(*lane));
	lane->outbox = outbox;
	lane->name = mem_strdup(name);
	lane->last = &lane->first;
	lane->timer = timer_new(outbox->config.loop, outbox_lane_go_on, lane);
	map_put(&outbox->lanes, lane->name, lane);
	return lane;
}

static struct lane *
get_lane(struct outbox *outbox, const struct reply *reply)
{
	struct arena arena = {0};
	const char *name = lane_name(&arena, reply);
	struct lane *lane = map_get(&outbox->lanes, name);
	if (!lane)
		lane = lane_new(outbox, name);
	arena_release(&arena);
	return lane;
}

void
outbox_lane_append(struct outbox *outbox, struct delivery *delivery)
{
	struct lane *lane = get_lane(outbox, &delivery->reply);
	*lane->last = delivery;
	lane->last = &delivery->next;
	outbox->n++;
	idmap_put(&outbox->by_id, (uint64_t)delivery->reply.id, lane);
	if (lane->first == delivery)
		timer_set(lane->timer, 0);
}

/* ---- Marks: what became of an attempt, on disk ----------------------------
 */

/* The first reply is over. */
static void
lane_next(struct lane *lane)
{
	lane_pop(lane);
	if (lane->first)
		outbox_lane_go_on(lane);
	else
		outbox_lane_free(lane);
}

/* What a mark of the first reply leads to once it is on disk. */
static void
after_mark(struct lane *lane)
{
	switch (lane->mark.outcome) {
	case REPLY_SENT:
	case REPLY_FAILED:
		if (lane->mark.receipt && lane->receipt.id)
			outbox_lane_append(
				lane->outbox,
				delivery_receipt(lane->first, &lane->receipt));
		lane_next(lane);
		break;
	case REPLY_TRYING:
		lane->first->is_announced = true;
		outbox_lane_go_on(lane);
		break;
	case REPLY_RETRY:
	case REPLY_PROGRESS:
		/* It may have been withdrawn meanwhile, or its plugin may have
		 * gone and come back. */
		outbox_lane_go_on(lane);
		break;
	}
}

/* Has nothing more become of the first reply since it was marked? */
static bool
is_newest_mark(const struct lane *lane)
{
	const struct delivery *delivery = lane->first;
	return delivery->unmarked == (int)lane->mark.outcome &&
	       (lane->mark.outcome != REPLY_PROGRESS ||
		lane->mark.progress == delivery->reply.progress);
}

/* The row says that the reply is over, or is gone.  Of one that was withdrawn
 * just before an attempt that is as it should be. */
static void
mark_came_late(struct lane *lane)
{
	if (!lane->first->is_withdrawn)
		log_warn("outbox: %s", lane->mark.write.err.text);
	lane->first->unmarked = DELIVERY_MARKED;
	if (!lane->is_with_plugin) /* else when the plugin is done with it */
		lane_next(lane);
}

static void
tell_unreached(const struct lane *lane)
{
	const struct outbox_config *config = &lane->outbox->config;
	for (size_t i = 0; i < lane->mark.n_unreached; i++)
		config->unreached(config->arg,
				  lane->mark.unreached[i].conversation_id,
				  lane->mark.unreached[i].message_id);
}

static void
marked(struct store_write *write)
{
	struct lane *lane = container_of(write, struct lane, mark.write);
	lane->is_marking = false;
	switch (write->status) {
	case STORE_BROKEN:
		return;
	case STORE_BUSY:
	case STORE_FULL:
		timer_set(lane->timer, MARK_RETRY_MS);
		return;
	case STORE_STALE:
	case STORE_NOT_FOUND:
		mark_came_late(lane);
		return;
	case STORE_OK:
		tell_unreached(lane);
		break;
	default:
		log_error("outbox: reply %lld cannot be marked: %s",
			  (long long)lane->mark.id, write->err.text);
	}
	if (is_newest_mark(lane)) {
		lane->first->unmarked = DELIVERY_MARKED;
		after_mark(lane);
	} else if (lane->is_with_plugin) {
		outbox_lane_mark(lane, REPLY_PROGRESS);
	} else {
		outbox_lane_go_on(lane);
	}
}

/* The desk that is to be told what becomes of the first reply, and when it is
 * over so.  NULL: none. */
static struct reply *
make_receipt(struct lane *lane, enum reply_outcome outcome)
{
	const struct delivery *delivery = lane->first;
	struct host *host = lane->outbox->config.host;
	bool is_end = outcome == REPLY_SENT || outcome == REPLY_FAILED;
	if (!host || !is_end ||
	    strcmp(delivery->reply.job, JOB_AGENT_TEXT) != 0)
		return NULL;
	const char *desk = host_plugin_with(
		host, TELLER_CAN_DESK | TELLER_CAN_RECEIPTS, 0);
	lane->receipt = (struct reply){
		.conversation_id = delivery->reply.conversation_id,
		.turn_id = delivery->reply.turn_id,
		.target = desk,
		.job = JOB_RECEIPT,
		.kind = "",
		.author = "",
		.text = outcome == REPLY_SENT ? ""
			: *delivery->error    ? delivery->error
					      : "nobody knows why",
		.created_at_us = time_now_us(),
	};
	return desk ? &lane->receipt : NULL;
}

/* Keep what became of the first reply: repeated until the store took it. */
void
outbox_lane_mark(struct lane *lane, enum reply_outcome outcome)
{
	struct delivery *delivery = lane->first;
	delivery->unmarked = (int)outcome;
	lane->is_marking = true;
	arena_release(&lane->mark_arena);
	lane->mark = (struct store_mark_reply){
		.write.verb = &store_verb_mark_reply,
		.write.reply_to = loop_queue(lane->outbox->config.loop),
		.write.done = marked,
		.id = delivery->reply.id,
		.outcome = outcome,
		.maybe_sent = delivery->reply.maybe_sent,
		.attempts = delivery->reply.attempts,
		.next_at_us = delivery->reply.next_at_us,
		.progress = delivery->reply.progress,
		.progress_len = delivery->reply.progress_len,
		.external_id = delivery->external_id,
		.error = delivery->error,
		.receipt = make_receipt(lane, outcome),
		.arena = &lane->mark_arena,
		.now_us = time_now_us(),
	};
	store_submit(lane->outbox->config.store, &lane->mark.write);
}

/* ---- Sending ---------------------------------------------------------------
 */

/* Where sending twice does harm, an attempt is on disk before it is made, so
 * that the one after a crash knows of it. */
static bool
must_announce(const struct lane *lane)
{
	const struct delivery *delivery = lane->first;
	return !delivery->is_announced &&
	       !host_can(lane->outbox->config.host, delivery->reply.target,
			 TELLER_CAN_DEDUPE);
}

static void
lane_send(struct lane *lane)
{
	struct delivery *delivery = lane->first;
	struct teller_job job;
	delivery->reply.attempts++;
	delivery_job(delivery, &job);
	lane->is_with_plugin = true;
	if (!host_send(lane->outbox->config.host, delivery->reply.target,
		       &job)) {
		lane->is_with_plugin = false;
		delivery->reply.attempts--;
	}
}

void
outbox_log_failure(const struct delivery *delivery, bool is_final)
{
	log_line(LOG_LEVEL_WARN,
		 &(struct log_about){.conversation = delivery->public_id,
				     .plugin = delivery->reply.target},
		 "outbox: %s: reply %s, attempt %d: %s%s",
		 delivery->reply.target, delivery->id, delivery->reply.attempts,
		 delivery->error, is_final ? "; it is given up" : "");
}

/* Its plugin runs: another attempt, unless there were too many. */
static void
lane_try(struct lane *lane)
{
	struct delivery *delivery = lane->first;
	if (delivery->reply.attempts >= OUTBOX_ATTEMPTS_MAX) {
		delivery->error = "nobody knows what became of it";
		outbox_log_failure(delivery, true);
		outbox_lane_mark(lane, REPLY_FAILED);
	} else if (must_announce(lane)) {
		outbox_lane_mark(lane, REPLY_TRYING);
	} else {
		lane_send(lane);
	}
}

/* Do with the first reply whatever is to be done next. */
void
outbox_lane_go_on(void *arg)
{
	struct lane *lane = arg;
	struct delivery *delivery = lane->first;
	struct host *host = lane->outbox->config.host;
	if (!delivery || lane->is_marking || lane->outbox->is_stopped ||
	    (lane->is_with_plugin && delivery->unmarked != REPLY_PROGRESS))
		return;
	timer_clear(lane->timer);
	if (delivery->unmarked != DELIVERY_MARKED) {
		outbox_lane_mark(lane, (enum reply_outcome)delivery->unmarked);
	} else if (delivery->is_withdrawn) {
		delivery->error = WITHDRAWN;
		outbox_lane_mark(lane, REPLY_FAILED);
	} else if (delivery_wait_ms(delivery) > 0) {
		timer_set(lane->timer, delivery_wait_ms(delivery));
	} else if (!host || delivery_is_internal(delivery)) {
		/* Whoever asked reads it from the store. */
		outbox_lane_mark(lane, REPLY_SENT);
	} else if (host_can(host, delivery->reply.target, 0)) {
		lane_try(lane);
	}
}
