#include "dialog/desk_parts.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "conf/options.h"
#include "dialog/ask.h"
#include "dialog/generator.h"
#include "dialog/knowledge.h"
#include "dialog/outbox.h"
#include "dialog/recent.h"
#include "dialog/schedule.h"
#include "dialog/waiting.h"
#include "host/host.h"
#include "host/key.h"
#include "net/http_server.h"
#include "net/loop.h"
#include "store/message.h"
#include "store/state.h"

#define WORK_THREADS 2
#define WORK_QUEUE 1000
#define STOP_POLL_MS 20
#define START_POLL_MS 10
#define START_DEADLINE_MS 10000
#define WELL_DEADLINE_MS 1000
/* Writes that follow from writes that are over: two at most in a row. */
#define CLOSE_ROUNDS 3

/* ---- Opening */

static void
on_broken(void *arg, const char *why)
{
	struct desk *desk = arg;
	atomic_store(&desk->is_broken, true);
	if (desk->config.broken)
		desk->config.broken(desk->config.broken_arg, why);
}

static int
open_store(struct desk *desk, bool *is_locked_r, struct err *err)
{
	const struct settings *settings = desk->settings;
	struct store_config config = {
		.dir = desk->state_dir,
		.min_free_bytes = settings_int(settings, "store.min_free"),
		.wal_limit_bytes = settings_int(settings, "store.wal_limit"),
		.broken = on_broken,
		.broken_arg = desk,
	};
	desk->store = store_open(&config, is_locked_r, err);
	return desk->store ? 0 : -1;
}

static int
make_parts(struct desk *desk, struct err *err)
{
	desk->work = pool_new("work", WORK_THREADS, WORK_QUEUE);
	desk->changes = pool_new("change", 1, WORK_QUEUE);
	if (!desk->work || !desk->changes)
		return err_set(err, "the system gives no more threads");
	desk->schedule = schedule_new(&(struct schedule_config){
		.loop = desk->loop,
		.store = desk->store,
		.library = desk->library,
		.arg = desk,
		.desk = desk_present_agents,
		.cases = desk_present_cases,
		.done = desk_turn_done,
	});
	desk->outbox = outbox_new(&(struct outbox_config){
		.loop = desk->loop,
		.store = desk->store,
	});
	desk->waiting = waiting_new(&(struct waiting_config){
		.loop = desk->loop,
		.store = desk->store,
		.arg = desk,
		.due = desk_due,
		.is_desk_there = desk_is_there,
	});
	desk->asks = asks_new();
	desk->recent = recent_new();
	desk_make_metrics(desk);
	desk_apply_settings(desk, NULL);
	return desk->turn_workers
		       ? 0
		       : err_set(err, "the system gives no more threads");
}

static int
make_host(struct desk *desk, struct err *err)
{
	struct buf dir;
	buf_init(&dir, PATH_MAX);
	desk_plugin_dir(desk->settings, &dir);
	struct host_config config = {
		.loop = desk->loop,
		.store = desk->store,
		.http = desk->http,
		.workers = desk->work,
		.plugin_dir = buf_str(&dir),
		.key_path = desk->key_path,
	};
	struct host_events events;
	desk_host_events(desk, &events);
	desk->host = host_new(&config, &events, err);
	buf_release(&dir);
	return desk->host ? 0 : -1;
}

static int
open_daemon_parts(struct desk *desk, struct err *err)
{
	desk->http = http_server_new(desk->loop, &http_limits_default);
	if (make_host(desk, err))
		return -1;
	outbox_set_host(desk->outbox, desk->host);
	struct settings *settings =
		desk_settings_with_plugins(desk, desk->settings, err);
	if (!settings)
		return -1;
	desk->at_start = desk->settings;
	desk->settings = settings;
	desk_apply_settings(desk, NULL);
	return 0;
}

static int
open_all(struct desk *desk, bool *is_locked_r, struct err *err)
{
	desk->settings = desk_settings_read(&desk->config, NULL, 0, err);
	if (!desk->settings ||
	    desk_check_settings(&desk->config, desk->settings, &desk->addresses,
				err))
		return -1;
	desk->state_dir = desk_find_state_dir(&desk->config, desk->settings);
	struct arena arena = {0};
	desk->key_path = mem_strdup(
		arena_printf(&arena, "%s/desk.key", desk->state_dir));
	arena_release(&arena);
	desk->loop = loop_new(err);
	if (!desk->loop || open_store(desk, is_locked_r, err))
		return -1;
	desk->library = library_new(desk->store, desk->settings);
	if (desk->config.is_daemon && library_start(desk->library, err))
		return -1;
	struct buf dir;
	buf_init(&dir, PATH_MAX);
	desk_pack_dir(desk->settings, &dir);
	int rc = library_load_pack(desk->library, buf_str(&dir),
				   library_four_eyes(desk->library), err);
	buf_release(&dir);
	if (rc)
		return -1;
	if (key_open(desk->key_path, desk->key, err) || make_parts(desk, err))
		return -1;
	return desk->config.is_daemon ? open_daemon_parts(desk, err) : 0;
}

struct desk *
desk_open(const struct desk_config *config, bool *is_locked_r, struct err *err)
{
	struct desk *desk = mem_new(sizeof(*desk));
	desk->config = *config;
	if (!open_all(desk, is_locked_r, err))
		return desk;
	desk_close(desk);
	return NULL;
}

/* ---- Starting */

static int
recover_messages(struct desk *desk, struct err *err)
{
	struct arena arena = {0};
	struct store_recover recover = {
		.write.verb = &store_verb_recover,
		.arena = &arena,
	};
	int rc = 0;
	if (store_call(desk->store, &recover.write) != STORE_OK)
		rc = err_set(err, "%s", recover.write.err.text);
	else if (recover.n_conversations)
		log_info("desk: %zu conversation%s with unanswered messages",
			 recover.n_conversations,
			 recover.n_conversations == 1 ? "" : "s");
	for (size_t i = 0; !rc && i < recover.n_conversations; i++)
		schedule_recovered(desk->schedule, recover.conversations[i]);
	arena_release(&arena);
	return rc;
}

static int
listen_http(struct desk *desk, struct err *err)
{
	if (http_server_listen_only(desk->http, &desk->addresses, err))
		return settings_blame(desk->settings, "http.listen", err);
	return 0;
}

/* Is a plugin not running yet, or, if it is, not well? */
static bool
is_starting(struct desk *desk, bool must_be_well)
{
	struct host_status status;
	for (size_t i = 0; host_status_at(desk->host, i, &status); i++)
		if (strcmp(status.state, "loaded") == 0 ||
		    (must_be_well && strcmp(status.state, "running") == 0 &&
		     status.health == TELLER_DOWN))
			return true;
	return false;
}

static void
run_while_starting(struct desk *desk, bool must_be_well, int64_t deadline_ms)
{
	int64_t end_us = time_mono_us() + deadline_ms * 1000;
	while (is_starting(desk, must_be_well) && time_mono_us() < end_us)
		loop_run_once(desk->loop, START_POLL_MS);
}

/* Until each plugin runs, or has failed: a customer who comes before would find
 * nothing at its paths.  One that waits for something of its own (the first
 * time, web for its key to be on disk) has a little while more. */
static void
start_plugins(struct desk *desk)
{
	host_start(desk->host, desk->settings);
	run_while_starting(desk, false, START_DEADLINE_MS);
	run_while_starting(desk, true, WELL_DEADLINE_MS);
}

int
desk_start(struct desk *desk, struct err *err)
{
	desk->started_at_us = time_now_us();
	if (desk->config.is_daemon) {
		disk_watch_begin(&desk->disk, desk);
		if (recover_messages(desk, err) ||
		    outbox_recover(desk->outbox, err) ||
		    waiting_recover(desk->waiting, err))
			return -1;
		start_plugins(desk);
		if (listen_http(desk, err) ||
		    generator_new(&desk->generator, desk->settings, err))
			return -1;
	}
	desk->is_started = true;
	return 0;
}

/* ---- Stopping */

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
	return !pool_is_idle(desk->work) ||
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
	       (desk->http && http_server_requests(desk->http));
}

static void
stop_when_idle(void *arg)
{
	struct desk *desk = arg;
	if (is_busy(desk) && time_mono_us() < desk->stop_until_us) {
		timer_set(desk->stop_timer, STOP_POLL_MS);
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
		loop_run_once(desk->loop, START_POLL_MS);
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
		loop_run_once(desk->loop, STOP_POLL_MS);
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
	if (desk->work)
		finish_commands(desk);
	/* Workers first: they post to the loop and write to the store, which
	 * then tells the loop, which has the last word. */
	pool_free(desk->turn_workers);
	pool_free(desk->work);
	pool_free(desk->changes);
	host_free(desk->host);
	desk->host = NULL; /* a timer may still ask who is there */
	timer_free(desk->stop_timer);
	disk_watch_end(&desk->disk);
	if (desk->outbox)
		flush(desk);
	library_free(desk->library);
	store_close(desk->store);
	generator_free(desk->generator);
	if (desk->loop)
		loop_run_once(desk->loop, 0);
	asks_free(desk->asks);
	recent_free(desk->recent);
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

/* ---- Looking in */

bool
desk_is_ready(const struct desk *desk)
{
	return desk->is_started && !atomic_load(&desk->is_stopping) &&
	       !atomic_load(&desk->is_broken);
}

bool
desk_is_stopping(const struct desk *desk)
{
	return atomic_load(&desk->is_stopping);
}

struct loop *
desk_loop(struct desk *desk)
{
	return desk->loop;
}

struct store *
desk_store(struct desk *desk)
{
	return desk->store;
}

struct library *
desk_library(struct desk *desk)
{
	return desk->library;
}

struct host *
desk_host(struct desk *desk)
{
	return desk->host;
}

struct generator *
desk_generator(struct desk *desk)
{
	return desk->generator;
}

struct http_server *
desk_http(struct desk *desk)
{
	return desk->http;
}

struct pool *
desk_work(struct desk *desk)
{
	return desk->work;
}

struct asks *
desk_asks(struct desk *desk)
{
	return desk->asks;
}

const char *
desk_state_dir(const struct desk *desk)
{
	return desk->state_dir;
}

const struct settings *
desk_settings(const struct desk *desk)
{
	return desk->settings;
}

void
desk_watched(struct desk *desk)
{
	desk->watched_at_us = time_mono_us();
}

void
desk_numbers(struct desk *desk, struct desk_numbers *out)
{
	*out = (struct desk_numbers){
		.turns_running = schedule_length(desk->schedule),
		.replies_waiting = outbox_length(desk->outbox),
		.customers_waiting = waiting_length(desk->waiting),
		.started_at_us = desk->started_at_us,
	};
}
