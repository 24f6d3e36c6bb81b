/* When a conversation's turn runs: after a burst, one at a time, again when
 * the customer wrote more before it was over.  On the loop thread; the turns
 * themselves run on workers. */
#ifndef DIALOG_SCHEDULE_H
#define DIALOG_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>

#include <tellerd/plugin.h>

#include "dialog/turn.h"

struct library;
struct loop;
struct pool;
struct store;

/* Room for the id of a request. */
#define REQUEST_ID_SIZE (TELLER_REQUEST_MAX + 1)

/* A turn that is on disk, for who goes on with it. */
struct turn_done {
	const struct conversation *conversation; /* as it was before */
	const struct turn_result *result;	 /* reply ids are set */
	const int64_t *messages;
	size_t n_messages;
	/* The request that brought the newest message of which we knew when it
	 * began; "" if none did, or a process before this one was told. */
	const char *request;
	int64_t decide_us,
		queued_us; /* time deciding; since the first message */
};

struct schedule_config {
	struct loop *loop;
	struct store *store;
	struct library *library;
	struct pool *workers;
	int max_restarts;
	void *arg;
	/* The agents' side now, as a turn wants to know it. */
	const char *(*desk)(void *arg);
	/* The plugin that is told of cases, "" if there is none. */
	const char *(*cases)(void *arg);
	/* Called once a committed turn; all is borrowed for the call. */
	void (*done)(void *arg, const struct turn_done *);
	/* The bot is at work for that conversation of a channel, or no longer:
	 * then its replies were committed, and told of by done(). */
	void (*typing)(void *arg, const char *channel, const char *account,
		       const char *key, bool on);
};

struct schedule;
struct schedule *schedule_new(const struct schedule_config *);
/* No turn is running any more: the workers have ended. */
void schedule_free(struct schedule *);
/* From now on begin no turns (what is queued stays on disk). */
void schedule_stop(struct schedule *);
/* What a reload changes: for the turns that begin from now on. */
void schedule_set_workers(struct schedule *, struct pool *);
void schedule_set_restarts(struct schedule *, int max_restarts);
size_t schedule_length(const struct schedule *); /* conversations in work */

/* A message was stored: have a turn, once nothing more came for burst_ms.
 * request: that brought it, "" if none did. */
void schedule_message(struct schedule *, int64_t conversation_id,
		      int64_t message_id, int64_t burst_ms,
		      const char *request);
/* A customer waits for the bot, by that name of the conversation: it is typing
 * until nothing of it is in work. */
void schedule_typing(struct schedule *, int64_t conversation_id,
		     const char *channel, const char *account, const char *key);
/* The conversation has messages that a crash left behind. */
void schedule_recovered(struct schedule *, int64_t conversation_id);

#endif
