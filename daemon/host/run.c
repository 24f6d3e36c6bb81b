#include "host/run.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metric.h"
#include "base/time.h"
#include "base/witness.h"
#include "host/check.h"
#include "host/handle.h"
#include "host/instance.h"
#include "net/loop.h"

#define MAX_METRICS 64
#define WORK_MAX_US INT64_C(300000000) /* then a watchdog calls it stuck */

/* A timer or a watched descriptor. */
struct teller_watch {
	struct owned owned;
	struct teller_host *owner;
	struct timer *timer;
	int64_t every_ms; /* of a timer that repeats; 0: once */
	teller_call_fn *call;
	struct watch *watch;
	teller_io_fn *io;
	void *arg;
};

struct work {
	struct job job;
	struct teller_host *owner;
	struct loop *loop;
	teller_call_fn *fn, *done;
	void *arg;
};

void
run_log(struct teller_host *host, enum teller_level level, const char *line)
{
	static const enum log_level levels[] = {
		[TELLER_LOG_ERROR] = LOG_LEVEL_ERROR,
		[TELLER_LOG_WARN] = LOG_LEVEL_WARN,
		[TELLER_LOG_INFO] = LOG_LEVEL_INFO,
		[TELLER_LOG_DEBUG] = LOG_LEVEL_DEBUG,
	};
	bool is_known = (int)level >= 0 && level <= TELLER_LOG_DEBUG;

	if (!handle_is_good(host, "log"))
		return;
	log_line(is_known ? levels[level] : LOG_LEVEL_INFO,
		 &(struct log_about){.plugin = host->plugin->name},
		 "plugin %s: %s", host->plugin->name, line ? line : "");
}

static struct metric *
make_metric(struct teller_host *host, const char *name)
{
	char full[sizeof "tellerd_plugin__total" + CHECK_NAME_MAX];
	char labels[64];

	if (!check_is_name(name, CHECK_NAME_MAX) ||
	    host->metrics.n == MAX_METRICS) {
		instance_warn(host,
			      "the metric '%.32s' is refused: its name "
			      "is none, or it has %d already",
			      name, MAX_METRICS);
		return NULL;
	}
	snprintf(full, sizeof full, "tellerd_plugin_%s_total", name);
	snprintf(labels, sizeof labels, "plugin=\"%s\"", host->plugin->name);
	struct metric *metric = metric_get(METRIC_COUNTER, full,
					   "Counted by a plugin.", labels);
	map_put(&host->metrics, name, metric);
	return metric;
}

void
run_metric(struct teller_host *host, const char *name, double n)
{
	if (!handle_is_good(host, "metric"))
		return;
	struct metric *metric = name ? map_get(&host->metrics, name) : NULL;
	if (!metric && name)
		metric = make_metric(host, name);
	if (metric)
		metric_add(metric, n);
}

void
run_health(struct teller_host *host, enum teller_health_state health,
	   const char *words)
{
	bool is_known = (int)health >= 0 && health <= TELLER_DOWN;

	if (!handle_is_good(host, "health"))
		return;
	/* Why it failed is what people want to know from then on. */
	if (host->has_failed)
		return;
	host->health = is_known ? health : TELLER_DEGRADED;
	instance_set_words(host, words);
}

int64_t
run_now_us(struct teller_host *host)
{
	(void)host;
	return time_now_us();
}

/* ---- Watches */

static void
watch_end(struct owned *owned)
{
	struct teller_watch *watch =
		container_of(owned, struct teller_watch, owned);

	handle_forget(watch);
	instance_disown(watch->owner, owned);
	timer_free(watch->timer);
	watch_free(watch->watch);
	free(watch);
}

static struct teller_watch *
watch_make(struct teller_host *host, void *arg)
{
	struct teller_watch *watch = mem_new(sizeof *watch);

	watch->owned.end = watch_end;
	watch->owner = host;
	watch->arg = arg;
	handle_note(watch);
	instance_own(host, &watch->owned);
	return watch;
}

static void
on_ready(void *arg, int events)
{
	struct teller_watch *watch = arg;
	struct teller_host *host = watch->owner;
	struct entered entered = instance_enter(host);

	watch->io(watch->arg,
		  (events & WATCH_READ ? TELLER_READ : 0) |
			  (events & WATCH_WRITE ? TELLER_WRITE : 0));
	instance_leave(host, "a watch", entered);
}

struct teller_watch *
run_watch_fd(struct teller_host *host, int fd, int events, teller_io_fn *fn,
	     void *arg)
{
	struct err err;
	int wanted = (events & TELLER_READ ? WATCH_READ : 0) |
		     (events & TELLER_WRITE ? WATCH_WRITE : 0);

	if (instance_check_room(host, "watch_fd", INSTANCE_STOPPING) < 0)
		return NULL;
	if (fd < 0 || !wanted || !fn) {
		instance_warn(host, "watch_fd is refused: nothing to watch");
		return NULL;
	}
	struct teller_watch *watch = watch_make(host, arg);
	watch->io = fn;
	watch->watch = watch_new(host->frame->config.loop, fd, wanted, on_ready,
				 watch, &err);
	if (watch->watch)
		return watch;
	instance_warn(host, "watch_fd is refused: %s", err.text);
	watch_end(&watch->owned);
	return NULL;
}

static void
on_time(void *arg)
{
	struct teller_watch *watch = arg;
	struct teller_host *host = watch->owner;
	teller_call_fn *call = watch->call;
	void *call_arg = watch->arg;

	/* What the plugin does then, unwatch() among it, comes after this. */
	if (watch->every_ms > 0)
		timer_set(watch->timer, watch->every_ms);
	else
		watch_end(&watch->owned);
	struct entered entered = instance_enter(host);
	call(call_arg);
	instance_leave(host, "a timer", entered);
}

struct teller_watch *
run_watch_timer(struct teller_host *host, int64_t delay_ms, bool repeat,
		teller_call_fn *fn, void *arg)
{
	if (instance_check_room(host, "watch_timer", INSTANCE_STOPPING) < 0)
		return NULL;
	if (delay_ms < 0 || (repeat && delay_ms == 0) || !fn) {
		instance_warn(host, "watch_timer is refused: nothing to wait "
				    "for");
		return NULL;
	}
	struct teller_watch *watch = watch_make(host, arg);
	watch->call = fn;
	watch->every_ms = repeat ? delay_ms : 0;
	watch->timer = timer_new(host->frame->config.loop, on_time, watch);
	timer_set(watch->timer, delay_ms);
	return watch;
}

void
run_unwatch(struct teller_host *host, struct teller_watch *watch)
{
	(void)host;
	if (watch && handle_is_good(watch, "unwatch"))
		watch_end(&watch->owned);
}

/* ---- Work.  The plugin's code runs on a worker: its instance waits. */

static void
work_over(struct job *job)
{
	struct work *work = container_of(job, struct work, job);
	struct teller_host *host = work->owner;

	if (work->done) {
		struct entered entered = instance_enter(host);
		work->done(work->arg);
		instance_leave(host, "the end of work", entered);
	}
	free(work);
	host->n_working--;
	timer_set(host->frame->settle, 0);
}

static void
work_run(struct job *job)
{
	struct work *work = container_of(job, struct work, job);

	const char *outer = handle_enter(work->owner->plugin->name);
	witness_allow(WORK_MAX_US);
	work->fn(work->arg);
	witness_allow(0);
	handle_enter(outer);
	job->run = work_over;
	loop_post(work->loop, job);
}

int
run_work(struct teller_host *host, teller_call_fn *fn, teller_call_fn *done,
	 void *arg)
{
	if (instance_check(host, "work", INSTANCE_RUNNING) < 0)
		return -1;
	if (!fn) {
		instance_warn(host, "work is refused: nothing to do");
		return -1;
	}
	struct work *work = mem_new(sizeof *work);
	work->job.run = work_run;
	work->owner = host;
	work->loop = host->frame->config.loop;
	work->fn = fn;
	work->done = done;
	work->arg = arg;
	if (pool_push(host->frame->config.workers, &work->job)) {
		host->n_working++;
		return 0;
	}
	instance_warn(host, "work is refused: the workers have too much to do");
	free(work);
	return -1;
}

void
run_stopped(struct teller_host *host)
{
	if (!handle_is_good(host, "stopped"))
		return;
	if (host->state != INSTANCE_STOPPING) {
		instance_warn(host, "says that it has stopped, and nobody told "
				    "it to");
		return;
	}
	host->is_stopped = true;
	timer_set(host->frame->settle, 0);
}

const char *
run_key_name(struct teller_host *host, const char *key, const char *scope)
{
	const struct host_events *events = &host->frame->events;

	if (instance_check(host, "key_name", INSTANCE_STOPPING) < 0 || !key ||
	    !scope || !events->key ||
	    !events->key(events->arg, key, scope, host->key_name))
		return NULL;
	return host->key_name;
}

void
run_starters(struct teller_host *host, teller_text_fn *each, void *arg)
{
	const struct host_events *events = &host->frame->events;

	if (instance_check(host, "starters", INSTANCE_STOPPING) == 0 && each)
		events->starters(events->arg, each, arg);
}

void
run_front(struct teller_host *host, teller_front_fn *fn, void *arg)
{
	const struct host_events *events = &host->frame->events;

	if (instance_check(host, "front", INSTANCE_STOPPING) == 0 && fn)
		events->front(events->arg, fn, arg);
}
