#include "dialog/outbox_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/mem.h"
#include "base/time.h"
#include "dialog/delivery.h"
#include "host/host.h"
#include "net/loop.h"

#define BACKOFF_FIRST_MS 1000
#define BACKOFF_MAX_MS (15 * 60 * 1000)
#define AT_ONCE_MAX 3 /* attempts after which a start does not try at once */

struct outbox *
outbox_new(const struct outbox_config *config)
{
	struct outbox *outbox = mem_new(sizeof(*outbox));
	outbox->config = *config;
	return outbox;
}

void
outbox_set_host(struct outbox *outbox, struct host *host)
{
	outbox->config.host = host;
}

void
outbox_stop(struct outbox *outbox)
{
	outbox->is_stopped = true;
}

size_t
outbox_length(const struct outbox *outbox)
{
	return outbox->n;
}

bool
outbox_is_busy(const struct outbox *outbox)
{
	map_each (entry, &outbox->lanes) {
		const struct lane *lane = entry->value;
		if (lane->is_with_plugin || lane->is_marking ||
		    outbox_lane_is_due(lane))
			return true;
	}
	return false;
}

void
outbox_free(struct outbox *outbox)
{
	if (!outbox)
		return;
	struct map_entry *entry;
	while ((entry = map_next(&outbox->lanes, NULL)))
		outbox_lane_free(entry->value);
	map_release(&outbox->lanes);
	idmap_release(&outbox->by_id);
	free(outbox);
}

/* Exponential, with a random part so that many do not come back at once. */
static int64_t
backoff_ms(int attempts)
{
	int64_t ms = BACKOFF_FIRST_MS;
	for (int i = 1; i < attempts && ms < BACKOFF_MAX_MS; i++)
		ms *= 2;
	if (ms > BACKOFF_MAX_MS)
		ms = BACKOFF_MAX_MS;
	uint32_t random;
	crypto_random(&random, sizeof(random));
	return ms / 2 + (int64_t)(random % (uint64_t)(ms / 2 + 1));
}

static void
try_again(struct delivery *delivery, int64_t not_before_us)
{
	int64_t at_us =
		time_now_us() + backoff_ms(delivery->reply.attempts) * 1000;
	delivery_put_off(delivery,
			 not_before_us > at_us ? not_before_us : at_us);
}

void
outbox_add(struct outbox *outbox, const struct conversation *conversation,
	   enum conversation_state state, const struct reply *reply,
	   const char *words, const int64_t *in_reply_to, size_t n_in_reply_to)
{
	struct delivery *delivery = delivery_new(
		conversation, state, reply, words, in_reply_to, n_in_reply_to);
	/* It may be what the process ends at, again and again. */
	if (reply->maybe_sent && reply->attempts > AT_ONCE_MAX &&
	    reply->attempts < OUTBOX_ATTEMPTS_MAX)
		try_again(delivery, reply->next_at_us);
	outbox_lane_append(outbox, delivery);
}

static void
set_withdrawn(const struct outbox *outbox, int64_t reply)
{
	struct lane *lane = idmap_get(&outbox->by_id, (uint64_t)reply);
	for (struct delivery *d = lane ? lane->first : NULL; d; d = d->next)
		d->is_withdrawn |= d->reply.id == reply;
}

/* Unless it is behind another one, or over by now. */
static void
end_withdrawn(struct outbox *outbox, int64_t reply)
{
	struct lane *lane = idmap_get(&outbox->by_id, (uint64_t)reply);
	if (!lane || lane->first->reply.id != reply)
		return;
	if (lane->is_with_plugin)
		host_cancel(outbox->config.host, lane->first->reply.target,
			    lane->first->id);
	else
		outbox_lane_go_on(lane);
}

void
outbox_withdraw(struct outbox *outbox, const int64_t *replies, size_t n)
{
	/* All of them first, lest ending one sends the next. */
	for (size_t i = 0; i < n; i++)
		set_withdrawn(outbox, replies[i]);
	for (size_t i = 0; i < n; i++)
		end_withdrawn(outbox, replies[i]);
}

/* ---- What the plugins say ---------------------------------------------------
 */

/* The lane whose first reply is that job and is with that plugin; NULL: it is
 * over, or never was (a plugin may say a thing twice, or be mistaken). */
static struct lane *
lane_of(struct outbox *outbox, const char *plugin, const char *job)
{
	int64_t id = message_id_parse(job);
	struct lane *lane = id ? idmap_get(&outbox->by_id, (uint64_t)id) : NULL;
	if (!lane || !lane->first || lane->first->reply.id != id ||
	    !lane->is_with_plugin ||
	    strcmp(lane->first->reply.target, plugin) != 0)
		return NULL;
	return lane;
}

void
outbox_progress(struct outbox *outbox, const char *plugin, const char *job,
		const void *state, size_t len)
{
	struct lane *lane = lane_of(outbox, plugin, job);
	if (!lane)
		return;
	delivery_set_progress(lane->first, state, len);
	if (!lane->is_marking) /* else once that mark is on disk */
		outbox_lane_mark(lane, REPLY_PROGRESS);
}

void
outbox_sent(struct outbox *outbox, const char *plugin, const char *job,
	    const char *external_id)
{
	struct lane *lane = lane_of(outbox, plugin, job);
	if (!lane)
		return;
	struct delivery *delivery = lane->first;
	lane->is_with_plugin = false;
	delivery->external_id =
		arena_strdup(&delivery->arena, external_id ? external_id : "");
	delivery->unmarked = REPLY_SENT;
	outbox_lane_go_on(lane);
}

void
outbox_failed(struct outbox *outbox, const char *plugin, const char *job,
	      enum teller_failure failure, int64_t not_before_us,
	      const char *words)
{
	struct lane *lane = lane_of(outbox, plugin, job);
	if (!lane)
		return;
	struct delivery *delivery = lane->first;
	struct reply *reply = &delivery->reply;
	lane->is_with_plugin = false;
	delivery->error = arena_strdup(&delivery->arena, words ? words : "");
	bool is_unknown = failure == TELLER_UNKNOWN;
	reply->maybe_sent += is_unknown;
	bool is_final = failure == TELLER_GONE || failure == TELLER_REJECTED ||
			delivery->is_withdrawn ||
			reply->attempts >= OUTBOX_ATTEMPTS_MAX ||
			(is_unknown && delivery->is_announced &&
			 reply->maybe_sent >= OUTBOX_UNKNOWN_MAX);
	if (!delivery->is_withdrawn)
		outbox_log_failure(delivery, is_final);
	if (is_final) {
		delivery->unmarked = REPLY_FAILED;
	} else {
		try_again(delivery, not_before_us);
		delivery->is_announced = false;
		delivery->unmarked = REPLY_RETRY;
	}
	outbox_lane_go_on(lane);
}

void
outbox_plugin_changed(struct outbox *outbox, const char *plugin,
		      bool is_running)
{
	map_each (entry, &outbox->lanes) {
		struct lane *lane = entry->value;
		if (!lane->first ||
		    strcmp(lane->first->reply.target, plugin) != 0)
			continue;
		if (lane->is_with_plugin && !is_running) {
			/* It had the job and will never answer. */
			lane->is_with_plugin = false;
			lane->first->is_announced = false;
			lane->first->reply.maybe_sent++;
		}
		/* By the timer: going on here would change the map. */
		if (is_running)
			timer_set(lane->timer, 0);
	}
}
