#include "dialog/outbox.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "dialog/case.h"
#include "dialog/delivery.h"
#include "dialog/turn.h"
#include "host/host.h"
#include "net/loop.h"

/* Attempts after which a reply is given up (RabbitMQ's delivery limit).  Those
 * that a crash ended count, too: one of them may have been its cause. */
#define ATTEMPTS_MAX 20
#define BACKOFF_FIRST_MS 1000
#define BACKOFF_MAX_MS (15 * 60 * 1000)
/* Until the store takes a mark it had no room for. */
#define MARK_RETRY_MS 1000
#define RECOVER_PAGE 500

/* The replies of one conversation to one plugin, the first under way. */
struct lane {
	struct outbox *outbox;
	char *name; /* its key in lanes: "plugin/conversation id" */
	struct delivery *first, **last;
	struct timer *timer;
	bool is_with_plugin; /* the first was given to send() */
	bool is_marking;     /* a mark of the first is on its way to disk */
	struct store_mark_reply mark;
};

struct outbox {
	struct outbox_config config;
	struct map lanes;   /* by name */
	struct idmap by_id; /* lanes by the id of their first reply */
	size_t n;	    /* replies in all lanes */
	bool is_stopped;
};

static void lane_go_on(void *arg);

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

/* Is there something to be done for the first reply, and now? */
static bool
is_due(const struct lane *lane)
{
	const struct delivery *delivery = lane->first;
	struct host *host = lane->outbox->config.host;
	if (delivery->unmarked != DELIVERY_MARKED)
		return true;
	return delivery_wait_ms(delivery) == 0 &&
	       (!host || delivery_is_internal(delivery) ||
		host_can(host, delivery->reply.target, 0));
}

bool
outbox_is_busy(const struct outbox *outbox)
{
	map_each (entry, &outbox->lanes) {
		const struct lane *lane = entry->value;
		if (lane->is_with_plugin || lane->is_marking || is_due(lane))
			return true;
	}
	return false;
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

static void
lane_free(struct lane *lane)
{
	while (lane->first)
		lane_pop(lane);
	map_remove(&lane->outbox->lanes, lane->name);
	timer_free(lane->timer);
	free(lane->name);
	free(lane);
}

void
outbox_free(struct outbox *outbox)
{
	if (!outbox)
		return;
	struct map_entry *entry;
	while ((entry = map_next(&outbox->lanes, NULL)))
		lane_free(entry->value);
	map_release(&outbox->lanes);
	idmap_release(&outbox->by_id);
	free(outbox);
}

static struct lane *
get_lane(struct outbox *outbox, const struct reply *reply)
{
	struct arena arena = {0};
	char *name = arena_printf(&arena, "%s/%lld", reply->target,
				  (long long)reply->conversation_id);
	struct lane *lane = map_get(&outbox->lanes, name);
	if (!lane) {
		lane = mem_new(sizeof(*lane));
		lane->outbox = outbox;
		lane->name = mem_strdup(name);
		lane->last = &lane->first;
		lane->timer = timer_new(outbox->config.loop, lane_go_on, lane);
		map_put(&outbox->lanes, name, lane);
	}
	arena_release(&arena);
	return lane;
}

/* ---- Marks: what became of an attempt, on disk ----------------------------
 */

static void lane_mark(struct lane *, enum reply_outcome);

/* The first reply is over. */
static void
lane_next(struct lane *lane)
{
	lane_pop(lane);
	if (lane->first)
		lane_go_on(lane);
	else
		lane_free(lane);
}

/* What a mark of the first reply leads to once it is on disk. */
static void
after_mark(struct lane *lane)
{
	switch (lane->mark.outcome) {
	case REPLY_SENT:
	case REPLY_FAILED:
		lane_next(lane);
		break;
	case REPLY_TRYING:
		lane->first->is_announced = true;
		lane_go_on(lane);
		break;
	case REPLY_RETRY:
		timer_set(lane->timer, delivery_wait_ms(lane->first));
		break;
	case REPLY_PROGRESS:
		/* Its plugin may have gone meanwhile, and come back. */
		lane_go_on(lane);
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

/* The row says that the reply is over, or is gone. */
static void
mark_came_late(struct lane *lane)
{
	log_warn("outbox: %s", lane->mark.write.err.text);
	lane->first->unmarked = DELIVERY_MARKED;
	if (!lane->is_with_plugin) /* else when the plugin is done with it */
		lane_next(lane);
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
		break;
	default:
		log_error("outbox: reply %lld cannot be marked: %s",
			  (long long)lane->mark.id, write->err.text);
	}
	if (is_newest_mark(lane)) {
		lane->first->unmarked = DELIVERY_MARKED;
		after_mark(lane);
	} else if (lane->is_with_plugin) {
		lane_mark(lane, REPLY_PROGRESS);
	} else {
		lane_go_on(lane);
	}
}

/* Keep what became of the first reply: repeated until the store took it. */
static void
lane_mark(struct lane *lane, enum reply_outcome outcome)
{
	struct delivery *delivery = lane->first;
	delivery->unmarked = (int)outcome;
	lane->is_marking = true;
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

static void
log_failure(const struct delivery *delivery, bool is_final)
{
	log_warn("outbox: %s: reply %s, attempt %d: %s%s",
		 delivery->reply.target, delivery->id, delivery->reply.attempts,
		 delivery->error, is_final ? "; it is given up" : "");
}

/* Its plugin runs: another attempt, unless there were too many. */
static void
lane_try(struct lane *lane)
{
	struct delivery *delivery = lane->first;
	if (delivery->reply.attempts >= ATTEMPTS_MAX) {
		delivery->error = "nobody knows what became of it";
		log_failure(delivery, true);
		lane_mark(lane, REPLY_FAILED);
	} else if (must_announce(lane)) {
		lane_mark(lane, REPLY_TRYING);
	} else {
		lane_send(lane);
	}
}

/* Do with the first reply whatever is to be done next. */
static void
lane_go_on(void *arg)
{
	struct lane *lane = arg;
	struct delivery *delivery = lane->first;
	struct host *host = lane->outbox->config.host;
	if (!delivery || lane->is_with_plugin || lane->is_marking ||
	    lane->outbox->is_stopped)
		return;
	timer_clear(lane->timer);
	if (delivery->unmarked != DELIVERY_MARKED) {
		lane_mark(lane, (enum reply_outcome)delivery->unmarked);
	} else if (delivery_wait_ms(delivery) > 0) {
		timer_set(lane->timer, delivery_wait_ms(delivery));
	} else if (!host || delivery_is_internal(delivery)) {
		/* Whoever asked reads it from the store. */
		lane_mark(lane, REPLY_SENT);
	} else if (host_can(host, delivery->reply.target, 0)) {
		lane_try(lane);
	}
}

static void
append(struct outbox *outbox, struct delivery *delivery)
{
	struct lane *lane = get_lane(outbox, &delivery->reply);
	*lane->last = delivery;
	lane->last = &delivery->next;
	outbox->n++;
	idmap_put(&outbox->by_id, (uint64_t)delivery->reply.id, lane);
	if (lane->first == delivery)
		timer_set(lane->timer, 0);
}

void
outbox_add(struct outbox *outbox, const struct conversation *conversation,
	   enum conversation_state state, const struct reply *reply,
	   const char *words, const int64_t *in_reply_to, size_t n_in_reply_to)
{
	append(outbox, delivery_new(conversation, state, reply, words,
				    in_reply_to, n_in_reply_to));
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
		lane_mark(lane, REPLY_PROGRESS);
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
	lane_go_on(lane);
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
	bool is_final = failure == TELLER_GONE || failure == TELLER_REJECTED ||
			reply->attempts >= ATTEMPTS_MAX;
	log_failure(delivery, is_final);
	if (is_final) {
		delivery->unmarked = REPLY_FAILED;
	} else {
		int64_t at = time_now_us() + backoff_ms(reply->attempts) * 1000;
		reply->next_at_us = not_before_us > at ? not_before_us : at;
		reply->maybe_sent |= failure == TELLER_UNKNOWN;
		delivery->is_announced = false;
		delivery->unmarked = REPLY_RETRY;
	}
	lane_go_on(lane);
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
			lane->first->reply.maybe_sent = true;
		}
		/* By the timer: going on here would change the map. */
		if (is_running)
			timer_set(lane->timer, 0);
	}
}

/* ---- After a start */

static int
recover_one(struct outbox *outbox, struct store_reader *reader,
	    struct arena *arena, const struct reply *reply, struct err *err)
{
	const struct conversation *conversation = store_conversation_by_id(
		reader, arena, reply->conversation_id, err);
	if (!conversation)
		return -1;
	const struct message *messages = NULL;
	const struct form_case *c = NULL;
	long n = 0;
	if (reply->turn_id) {
		n = store_answered_messages(reader, arena, reply->turn_id,
					    &messages, err);
		c = store_case_of_turn(reader, arena, reply->turn_id, err);
	}
	if (n < 0 || *err->text)
		return -1;
	int64_t *ids = arena_array(arena, (size_t)n, sizeof(*ids));
	for (long i = 0; i < n; i++)
		ids[i] = messages[i].id;
	const char *question = turn_question(messages, (size_t)n, arena);
	outbox_add(outbox, conversation, conversation->state, reply,
		   case_words(arena, reply->job, question, c), ids, (size_t)n);
	return 0;
}

static long
recover_page(struct outbox *outbox, int64_t *after, struct err *err)
{
	struct store_reader *reader =
		store_read_begin(outbox->config.store, err);
	if (!reader)
		return -1;
	struct arena arena = {0};
	const struct reply *list;
	long n = store_pending_replies(reader, &arena, *after, RECOVER_PAGE,
				       &list, err);
	for (long i = 0; i < n; i++) {
		*after = list[i].id;
		if (recover_one(outbox, reader, &arena, &list[i], err)) {
			n = -1;
			break;
		}
	}
	store_read_end(reader);
	arena_release(&arena);
	return n;
}

int
outbox_recover(struct outbox *outbox, struct err *err)
{
	int64_t after = 0;
	long n;
	do
		n = recover_page(outbox, &after, err);
	while (n == RECOVER_PAGE);
	return n < 0 ? -1 : 0;
}
