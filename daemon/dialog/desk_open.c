#include "dialog/desk_parts.h"

#include <limits.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "conf/options.h"
#include "dialog/ask.h"
#include "dialog/generator.h"
#include "dialog/keys.h"
#include "dialog/knowledge.h"
#include "dialog/outbox.h"
#include "dialog/pack_import.h"
#include "dialog/recent.h"
#include "dialog/schedule.h"
#include "dialog/waiting.h"
#include "host/host.h"
#include "host/key.h"
#include "net/http_server.h"
#include "net/loop.h"
#include "store/message.h"

#define WORK_THREADS 2
#define COMMAND_THREADS 4
#define WORK_QUEUE 1000
#define START_POLL_MS 10
#define START_DEADLINE_MS 10000
#define WELL_DEADLINE_MS 1000

static void
tell_working(struct desk *desk, const char *what)
{
	if (desk->config.working)
		desk->config.working(desk->config.working_arg, what);
}

/* ---- Opening */

static void
store_working(void *arg)
{
	tell_working(arg, "Checking and migrating the store");
}

static void
pack_working(void *arg)
{
	tell_working(arg, "Reading the pack and bringing in its entries");
}

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
		.working = desk->config.working ? store_working : NULL,
		.working_arg = desk,
	};
	desk->store = store_open(&config, is_locked_r, err);
	return desk->store ? 0 : -1;
}

static int
make_parts(struct desk *desk, struct err *err)
{
	desk->work = pool_new("work", WORK_THREADS, WORK_QUEUE);
	desk->commands = pool_new("command", COMMAND_THREADS, WORK_QUEUE);
	desk->changes = pool_new("change", 1, WORK_QUEUE);
	if (!desk->work || !desk->commands || !desk->changes)
		return err_set(err, "the system gives no more threads");
	pool_watch(desk->work);
	desk->schedule = schedule_new(&(struct schedule_config){
		.loop = desk->loop,
		.store = desk->store,
		.library = desk->library,
		.arg = desk,
		.desk = desk_present_agents,
		.cases = desk_present_cases,
		.done = desk_turn_done,
		.typing = desk_typing,
	});
	desk->outbox = outbox_new(&(struct outbox_config){
		.loop = desk->loop,
		.store = desk->store,
		.arg = desk,
		.unreached = desk_unreached,
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
	desk->keys = keys_new(desk->store);
	if (keys_read(desk->keys, err))
		return -1;
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
	if (http_server_inherit_all(desk->http, err) || make_host(desk, err))
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
load_pack(struct desk *desk, struct err *err)
{
	struct buf dir;
	buf_init(&dir, PATH_MAX);
	desk_pack_dir(desk->settings, &dir);
	/* Who only asks, by other settings perhaps, replaces no pack. */
	struct pack_terms terms = {
		.as_drafts = library_four_eyes(desk->library),
		.may_replace = desk->config.is_daemon,
		.working = pack_working,
		.working_arg = desk,
	};
	pack_working(desk);
	int rc = library_load_pack(desk->library, buf_str(&dir), &terms, NULL,
				   err);
	buf_release(&dir);
	return rc;
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
	if (load_pack(desk, err))
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
	tell_working(desk, "Taking up what was left");
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

/* Is a plugin not running yet, has it something that must be on disk first, or,
 * if asked, is it not well? */
static bool
is_starting(struct desk *desk, bool must_be_well)
{
	struct host_status status;
	for (size_t i = 0; host_status_at(desk->host, i, &status); i++)
		if (strcmp(status.state, "loaded") == 0 || status.is_keeping ||
		    (must_be_well && strcmp(status.state, "running") == 0 &&
		     status.health == TELLER_DOWN))
			return true;
	return false;
}

static void
run_while_starting(struct desk *desk, bool must_be_well, int64_t deadline_ms)
{
	int64_t end_us = time_mono_us() + deadline_ms * 1000;
	while (is_starting(desk, must_be_well) && time_mono_us() < end_us) {
		tell_working(desk, "Starting the plugins");
		loop_run_once(desk->loop, START_POLL_MS);
	}
}

/* Until each plugin runs, or has failed, and what it keeps is on disk (the
 * first time, web's key): a customer who comes before would find nothing at its
 * paths. One that waits for something outside has a little while more. */
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
		sweep_begin(&desk->sweep, desk);
		if (recover_messages(desk, err) ||
		    outbox_recover(desk->outbox, desk->store, err) ||
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
