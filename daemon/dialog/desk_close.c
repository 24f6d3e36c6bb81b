#include "dialog/desk_parts.h"

#include <stdlib.h>

#include "base/crypto.h"
#include "base/mem.h"
#include "base/time.h"
#include "conf/options.h"
#include "dialog/ask.h"
#include "dialog/generator.h"
#include "dialog/keys.h"
#include "dialog/knowledge.h"
#include "dialog/outbox.h"
#include "dialog/recent.h"
#include "dialog/schedule.h"
#include "dialog/waiting.h"
#include "host/host.h"
#include "net/http_server.h"
#include "net/loop.h"
#include "store/state.h"

#define POLL_MS 20
/* Writes that follow from writes that are over: two at most in a row. */
#define CLOSE_ROUNDS 3

static void
plugins_stopped(void *arg)
{
	struct desk *desk = arg;
	desk->is_host_stopped = true;
	if (desk->stopped)
		desk->stopped(desk->stopped_arg);
}

static bool
has_commands(const struct desk *desk)
{
	return !pool_is_idle(desk->work) || !pool_is_idle(desk->commands) ||
	       (desk->generator &&
		!pool_is_idle(generator_pool(desk->generator)));
}

/* What is under way: requests, commands, turns, deliveries.  Streams are not
 * waited for: who reads one comes back and goes on where it was. */
static bool
is_busy(const struct desk *desk)
{
	return schedule_length(desk->schedule) ||
	       outbox_is_busy(desk->outbox) || has_commands(desk) ||
	       (desk->http && !http_server_is_drained(desk->http));
}

static void
stop_when_idle(void *arg)
{
	struct desk *desk = arg;
	if (is_busy(desk) && time_mono_us() < desk->stop_until_us) {
		timer_set(desk->stop_timer, POLL_MS);
		return;
	}
	schedule_stop(desk->schedule);
	if (desk->host)
		host_stop(desk->host, plugins_stopped, desk);
	else
		plugins_stopped(desk);
}

void
desk_stop(struct desk *desk, int64_t deadline_ms, void (*done)(void *arg),
	  void *arg)
{
	atomic_store(&desk->is_stopping, true);
	desk->stopped = done;
	desk->stopped_arg = arg;
	desk->stop_until_us = time_mono_us() + deadline_ms * 1000;
	desk->stop_timer = timer_new(desk->loop, stop_when_idle, desk);
	if (desk->http)
		http_server_drain(desk->http);
	if (desk->generator)
		generator_stop(desk->generator);
	timer_set(desk->stop_timer, 0);
}

/* An end without desk_stop(): the plugins are stopped all the same. */
static void
stop_plugins(struct desk *desk)
{
	if (!desk->host || desk->is_host_stopped)
		return;
	desk->stopped = NULL;
	host_stop(desk->host, plugins_stopped, desk);
	while (!desk->is_host_stopped)
		loop_run_once(desk->loop, POLL_MS);
}

/* What is still to be written, and what follows from it. */
static void
flush(struct desk *desk)
{
	outbox_stop(desk->outbox);
	for (int i = 0; i < CLOSE_ROUNDS; i++) {
		struct store_expire_state expire = {
			.write.verb = &store_verb_expire_state,
			.now_us = time_now_us(),
		};
		store_call(desk->store, &expire.write);
		loop_run_once(desk->loop, 0);
	}
}

/* A command may wait for the loop, and has to come to its end first. */
static void
finish_commands(struct desk *desk)
{
	asks_end(desk->asks);
	if (desk->generator)
		generator_stop(desk->generator);
	while (has_commands(desk))
		loop_run_once(desk->loop, POLL_MS);
}

void
desk_close(struct desk *desk)
{
	if (!desk)
		return;
	atomic_store(&desk->is_stopping, true);
	if (desk->schedule)
		schedule_stop(desk->schedule);
	stop_plugins(desk);
	if (desk->work && desk->commands)
		finish_commands(desk);
	/* Workers first: they post to the loop and write to the store, which
	 * then tells the loop, which has the last word. */
	pool_free(desk->turn_workers);
	pool_free(desk->work);
	pool_free(desk->commands);
	pool_free(desk->changes);
	host_free(desk->host);
	desk->host = NULL; /* a timer may still ask who is there */
	timer_free(desk->stop_timer);
	disk_watch_end(&desk->disk);
	sweep_end(&desk->sweep);
	if (desk->outbox)
		flush(desk);
	library_free(desk->library);
	store_close(desk->store);
	generator_free(desk->generator);
	if (desk->loop)
		loop_run_once(desk->loop, 0);
	asks_free(desk->asks);
	recent_free(desk->recent);
	keys_free(desk->keys);
	waiting_free(desk->waiting);
	outbox_free(desk->outbox);
	schedule_free(desk->schedule);
	http_server_free(desk->http);
	http_addresses_free(desk->addresses);
	loop_free(desk->loop);
	settings_free(desk->settings);
	settings_free(desk->at_start);
	free(desk->key_path);
	free(desk->state_dir);
	crypto_wipe(desk->key, sizeof(desk->key));
	free(desk);
}
