/* The life of an instance.  It ends in steps: stop() is called, the plugin says
 * stopped() and what it asked is answered, or the deadline passes, its code
 * runs nowhere else any more, then close() is called and what it left behind is
 * taken away.  Only the last step waits for the host's settle timer, because
 * stopped() comes from within the plugin, which must not be closed around
 * itself. */
#include "host/instance.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metric.h"
#include "base/time.h"
#include "base/utf8.h"
#include "host/handle.h"
#include "host/secret.h"
#include "host/services.h"
#include "net/loop.h"

#define DEADLINE_MS 5000
#define SLOW_US 10000
#define MAX_POSTS 10000
#define MAX_OWNED 100000
#define MAX_WORDS 300
#define MAX_WARNINGS 20 /* a minute */

struct post {
	struct job job;
	teller_call_fn *fn;
	void *arg;
};

static const char *
instance_name(const struct teller_host *host)
{
	return host->plugin->name;
}

/* What outsiders can bring about must not fill the log. */
static bool
may_warn(struct teller_host *host)
{
	int64_t now_us = time_mono_us();

	if (host->n_warned == 0 || now_us - host->warned_us > 60000000) {
		host->warned_us = now_us;
		host->n_warned = 0;
	}
	return ++host->n_warned <= MAX_WARNINGS;
}

void
instance_warn(struct teller_host *host, const char *fmt, ...)
{
	char line[400];
	va_list args;

	if (!may_warn(host))
		return;
	va_start(args, fmt);
	vsnprintf(line, sizeof line, fmt, args);
	va_end(args);
	log_line(LOG_LEVEL_WARN,
		 &(struct log_about){.plugin = instance_name(host)},
		 "plugin %s: %s%s", instance_name(host), line,
		 host->n_warned == MAX_WARNINGS
			 ? " (what follows within a minute is not logged)"
			 : "");
}

void
instance_set_words(struct teller_host *host, const char *words)
{
	free(host->words);
	host->words = NULL;
	if (words && *words)
		host->words = mem_strndup(
			words, utf8_cut(words, strlen(words), MAX_WORDS));
}

struct entered
instance_enter(struct teller_host *host)
{
	return (struct entered){
		.at_us = time_mono_us(),
		.outer = handle_enter(instance_name(host)),
	};
}

void
instance_leave(struct teller_host *host, const char *what,
	       struct entered entered)
{
	char labels[64];
	int64_t spent_us = time_mono_us() - entered.at_us;

	handle_enter(entered.outer);
	if (spent_us <= SLOW_US)
		return;
	snprintf(labels, sizeof labels, "plugin=\"%s\"", instance_name(host));
	metric_add(metric_get(METRIC_COUNTER, "tellerd_plugin_slow_calls_total",
			      "Calls of a plugin that took over 10 ms.",
			      labels),
		   1);
	log_debug("plugin %s: %s took %d ms", instance_name(host), what,
		  (int)(spent_us / 1000));
}

/* ---- What it owns */

static void
settle_soon(struct teller_host *host)
{
	timer_set(host->frame->settle, 0);
}

void
instance_own(struct teller_host *host, struct owned *owned)
{
	owned->next = host->owned;
	owned->link = &host->owned;
	if (owned->next)
		owned->next->link = &owned->next;
	host->owned = owned;
	host->n_owned++;
}

void
instance_disown(struct teller_host *host, struct owned *owned)
{
	*owned->link = owned->next;
	if (owned->next)
		owned->next->link = owned->link;
	owned->next = NULL;
	owned->link = NULL;
	host->n_owned--;
}

static void
orphan(struct owned *owned)
{
	call_end(container_of(owned, struct call, owned));
}

void
call_begin(struct call *call, struct teller_host *host)
{
	call->owned.end = orphan;
	call->owner = host;
	host->n_calls++;
	instance_own(host, &call->owned);
}

struct teller_host *
call_end(struct call *call)
{
	struct teller_host *host = call->owner;

	if (!host)
		return NULL;
	instance_disown(host, &call->owned);
	call->owner = NULL;
	host->n_calls--;
	/* It may be the last that the end waits for. */
	if (host->state == INSTANCE_STOPPING)
		settle_soon(host);
	return host;
}

static const char *
state_words(enum instance_state state)
{
	static const char *const words[] = {
		[INSTANCE_NEW] = "not open yet",
		[INSTANCE_OPENING] = "only being opened",
		[INSTANCE_RUNNING] = "running",
		[INSTANCE_STOPPING] = "stopping",
		[INSTANCE_CLOSING] = "being closed",
		[INSTANCE_OVER] = "closed",
		[INSTANCE_FAILED] = "closed",
	};

	return words[state];
}

int
instance_check(struct teller_host *host, const char *what,
	       enum instance_state last)
{
	if (!handle_is_good(host, what))
		return -1;
	if (host->state >= INSTANCE_RUNNING && host->state <= last)
		return 0;
	instance_warn(host, "%s is refused: it is %s", what,
		      state_words(host->state));
	return -1;
}

int
instance_check_room(struct teller_host *host, const char *what,
		    enum instance_state last)
{
	if (instance_check(host, what, last) < 0)
		return -1;
	if (host->n_owned < MAX_OWNED)
		return 0;
	instance_warn(host, "%s is refused: %d things are open or under way",
		      what, MAX_OWNED);
	return -1;
}

/* ---- Posts from any thread */

static void
run_post(struct teller_host *host, struct post *post)
{
	/* Whose open() failed has nothing that could be called. */
	if (host->is_open) {
		struct entered entered = instance_enter(host);
		post->fn(post->arg);
		instance_leave(host, "a posted call", entered);
	}
	free(post);
}

static void
run_posts(struct job *posts_job)
{
	struct teller_host *host =
		container_of(posts_job, struct teller_host, posts_job);
	struct job *job = queue_take_all(&host->posts);

	while (job) {
		struct job *next = job->next;
		run_post(host, container_of(job, struct post, job));
		job = next;
	}
	settle_soon(host);
}

static void
wake_posts(void *arg)
{
	struct teller_host *host = arg;

	loop_post(host->frame->config.loop, &host->posts_job);
}

int
instance_post(struct teller_host *host, teller_call_fn *fn, void *arg)
{
	/* From any thread, which must not look at what else is wrong. */
	if (!host || !fn) {
		handle_refuse("post", host ? " without a function"
					   : " without what the host gave it");
		return -1;
	}
	struct post *post = mem_new(sizeof *post);
	post->fn = fn;
	post->arg = arg;
	if (queue_push(&host->posts, &post->job))
		return 0;
	free(post);
	return -1;
}

/* ---- Its life */

struct teller_host *
instance_new(struct host_frame *frame, const struct teller_plugin *plugin,
	     const struct settings *settings, struct http_site *site)
{
	struct teller_host *host = mem_new(sizeof *host);

	host->frame = frame;
	host->plugin = plugin;
	host->settings = settings;
	host->site = site;
	host->state = INSTANCE_NEW;
	handle_note(host);
	host->posts_job.run = run_posts;
	queue_init(&host->posts, MAX_POSTS, wake_posts, host);
	return host;
}

static void
on_deadline(void *arg)
{
	struct teller_host *host = arg;

	if (!host->is_stopped)
		instance_warn(host, "has not stopped in time: it is closed all "
				    "the same");
	if (host->n_working > 0)
		instance_warn(host, "has work under way: it is closed after "
				    "that");
	host->is_stopped = true;
	host->is_overdue = true;
	settle_soon(host);
}

/* From here on it only ends. */
static void
begin_to_end(struct teller_host *host)
{
	int64_t stop_ms = host->frame->config.stop_ms;

	host->state = INSTANCE_STOPPING;
	queue_close(&host->posts);
	host->deadline = timer_new(host->frame->config.loop, on_deadline, host);
	timer_set(host->deadline, stop_ms > 0 ? stop_ms : DEADLINE_MS);
	settle_soon(host);
}

static const char *
reason(struct teller_words *words)
{
	words->text[sizeof words->text - 1] = '\0';
	return words->text[0] ? words->text : "it does not say why";
}

static void
fail(struct teller_host *host, const char *where, struct teller_words *words)
{
	instance_set_words(host, reason(words));
	log_line(LOG_LEVEL_ERROR,
		 &(struct log_about){.plugin = instance_name(host)},
		 "plugin %s: %s: %s", instance_name(host), where, host->words);
	host->has_failed = true;
	host->is_stopped = true;
	begin_to_end(host);
}

static bool
open_plugin(struct teller_host *host, struct teller_words *words)
{
	host->state = INSTANCE_OPENING;
	struct entered entered = instance_enter(host);
	host->is_open = host->plugin->open(&host_services, host, &host->self,
					   words) >= 0;
	instance_leave(host, "open()", entered);
	return host->is_open;
}

static void
open_and_start(struct teller_host *host)
{
	struct teller_words words = {""};

	/* It may have been stopped while its secrets were read. */
	if (host->state != INSTANCE_NEW)
		return;
	if (!open_plugin(host, &words)) {
		fail(host, "cannot be opened", &words);
		return;
	}
	host->state = INSTANCE_RUNNING;
	struct entered entered = instance_enter(host);
	int result = host->plugin->start(host->self, &words);
	instance_leave(host, "start()", entered);
	if (result < 0)
		fail(host, "cannot start", &words);
	settle_soon(host);
}

void
instance_begin(struct teller_host *host)
{
	secret_load(host, open_and_start);
}

void
instance_stop(struct teller_host *host)
{
	if (host->state >= INSTANCE_STOPPING)
		return;
	bool is_running = host->state == INSTANCE_RUNNING;
	begin_to_end(host);
	if (!is_running) {
		host->is_stopped = true;
		return;
	}
	struct entered entered = instance_enter(host);
	host->plugin->stop(host->self);
	instance_leave(host, "stop()", entered);
}

static void
close_plugin(struct teller_host *host)
{
	host->state = INSTANCE_CLOSING;
	if (host->is_open) {
		struct entered entered = instance_enter(host);
		host->plugin->close(host->self);
		instance_leave(host, "close()", entered);
	}
	host->self = NULL;
	while (host->owned)
		host->owned->end(host->owned);
	host->state = host->has_failed ? INSTANCE_FAILED : INSTANCE_OVER;
}

/* Its code runs nowhere else, and what it asked was answered or takes too
 * long. */
static bool
may_close(struct teller_host *host)
{
	/* A post that is taken is in the loop's hands until it has run. */
	if (host->n_working > 0 || queue_length(&host->posts) > 0)
		return false;
	if (!host->is_open)
		return true;
	return host->is_stopped && (host->n_calls == 0 || host->is_overdue);
}

void
instance_settle(struct teller_host *host)
{
	if (host->state == INSTANCE_STOPPING && may_close(host))
		close_plugin(host);
}

int
instance_try(struct teller_host *host, struct err *err)
{
	struct teller_words words = {""};

	/* Nothing of it is to run once it is closed. */
	queue_close(&host->posts);
	int rc = open_plugin(host, &words)
			 ? 0
			 : err_set(err, "cannot be opened: %s", reason(&words));
	close_plugin(host);
	return rc;
}

static void
free_values(struct map *map)
{
	map_each (entry, map)
		free(entry->value);
	map_release(map);
}

void
instance_free(struct teller_host *host)
{
	if (!host)
		return;
	assert(host->state >= INSTANCE_OVER);
	handle_forget(host);
	timer_free(host->deadline);
	queue_release(&host->posts);
	free_values(&host->texts);
	map_release(&host->metrics);
	secret_release(host);
	free(host->words);
	free(host);
}
