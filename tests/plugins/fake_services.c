/* Life, time and settings of the fake host; the table. */
#include "fake_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_MAX (1024 * 1024)
#define START_US 1750000000000000

struct fake *
fake_of(struct teller_host *host)
{
	return host->fake;
}

const char *
fake_copy(struct fake *fake, const char *text)
{
	return text ? arena_strdup(&fake->arena, text) : NULL;
}

void *
fake_copy_bytes(struct fake *fake, const void *data, size_t len)
{
	if (!data)
		return NULL;
	/* One more, so that texts end. */
	char *copy = arena_new(&fake->arena, len + 1);
	memcpy(copy, data, len);
	return copy;
}

bool
fake_may(struct fake *fake, const char *what, enum fake_state last)
{
	enum fake_state state = fake->inside->state;

	if (state >= FAKE_RUNNING && state <= last)
		return true;
	buf_addf(&fake->log, "refused %s\n", what);
	return false;
}

struct fake_due *
fake_add_due(struct fake *fake, void (*run)(struct fake *, struct fake_due *))
{
	struct fake_due *due = mem_new(sizeof *due);

	due->run = run;
	*fake->inside->last_due = due;
	fake->inside->last_due = &due->next;
	return due;
}

/* ---- Run */

static void
fake_log(struct teller_host *host, enum teller_level level, const char *line)
{
	static const char *const names[] = {"error", "warn", "info", "debug"};

	buf_addf(&fake_of(host)->log, "%s %s\n", names[level], line);
}

static void
fake_metric(struct teller_host *host, const char *name, double n)
{
	buf_addf(&fake_of(host)->log, "metric %s %g\n", name, n);
}

static void
fake_health(struct teller_host *host, enum teller_health_state health,
	    const char *words)
{
	struct fake *fake = fake_of(host);

	fake->health = health;
	snprintf(fake->health_words, sizeof fake->health_words, "%s",
		 words ? words : "");
}

static int64_t
fake_now_us(struct teller_host *host)
{
	return fake_of(host)->now_us;
}

static struct teller_watch *
add_watch(struct fake *fake, void *arg)
{
	struct teller_watch *watch = mem_new(sizeof *watch);
	struct teller_watch **last = &fake->inside->watches;

	while (*last)
		last = &(*last)->next;
	*last = watch;
	watch->link = last;
	watch->fd = -1;
	watch->arg = arg;
	return watch;
}

static struct teller_watch *
fake_watch_fd(struct teller_host *host, int fd, int events, teller_io_fn *fn,
	      void *arg)
{
	struct fake *fake = fake_of(host);

	assert_true(fd >= 0 && events && fn);
	if (!fake_may(fake, "watch_fd", FAKE_STOPPING))
		return NULL;
	struct teller_watch *watch = add_watch(fake, arg);
	watch->fd = fd;
	watch->events = events;
	watch->io = fn;
	return watch;
}

static struct teller_watch *
fake_watch_timer(struct teller_host *host, int64_t delay_ms, bool repeat,
		 teller_call_fn *fn, void *arg)
{
	struct fake *fake = fake_of(host);

	assert_true(delay_ms >= 0 && (!repeat || delay_ms > 0) && fn);
	if (!fake_may(fake, "watch_timer", FAKE_STOPPING))
		return NULL;
	struct teller_watch *watch = add_watch(fake, arg);
	watch->at_us = fake->now_us + delay_ms * 1000;
	watch->every_ms = repeat ? delay_ms : 0;
	watch->call = fn;
	return watch;
}

static void
fake_unwatch(struct teller_host *host, struct teller_watch *watch)
{
	(void)host;
	if (!watch)
		return;
	*watch->link = watch->next;
	if (watch->next)
		watch->next->link = watch->link;
	free(watch);
}

static void
run_call(struct fake *fake, struct fake_due *due)
{
	(void)fake;
	due->fn(due->arg);
	if (due->done)
		due->done(due->arg);
}

static int
fake_post(struct teller_host *host, teller_call_fn *fn, void *arg)
{
	struct fake *fake = fake_of(host);

	if (!fake_may(fake, "post", FAKE_RUNNING))
		return -1;
	struct fake_due *due = fake_add_due(fake, run_call);
	due->fn = fn;
	due->arg = arg;
	return 0;
}

static int
fake_work(struct teller_host *host, teller_call_fn *fn, teller_call_fn *done,
	  void *arg)
{
	struct fake *fake = fake_of(host);

	if (!fake_may(fake, "work", FAKE_RUNNING))
		return -1;
	struct fake_due *due = fake_add_due(fake, run_call);
	due->fn = fn;
	due->done = done;
	due->arg = arg;
	return 0;
}

static void
fake_stopped(struct teller_host *host)
{
	struct fake *fake = fake_of(host);

	assert_int_equal(fake->inside->state, FAKE_STOPPING);
	fake->is_stopped = true;
}

void
fake_ready(struct fake *fake, int fd, int events)
{
	struct teller_watch *next;

	for (struct teller_watch *w = fake->inside->watches; w; w = next) {
		next = w->next;
		if (w->fd == fd && (w->events & events)) {
			w->io(w->arg, w->events & events);
			return;
		}
	}
}

/* The timer that is due first, by that time; NULL: none. */
static struct teller_watch *
first_timer(struct fake *fake, int64_t until_us)
{
	struct teller_watch *first = NULL;

	for (struct teller_watch *w = fake->inside->watches; w; w = w->next)
		if (w->fd < 0 && w->at_us <= until_us &&
		    (!first || w->at_us < first->at_us))
			first = w;
	return first;
}

static bool
run_timer(struct fake *fake, int64_t until_us)
{
	struct teller_watch *watch = first_timer(fake, until_us);

	if (!watch)
		return false;
	teller_call_fn *call = watch->call;
	void *arg = watch->arg;
	if (watch->at_us > fake->now_us)
		fake->now_us = watch->at_us;
	if (watch->every_ms > 0)
		watch->at_us += watch->every_ms * 1000;
	else
		fake_unwatch(NULL, watch);
	call(arg);
	return true;
}

static void
run_due(struct fake *fake)
{
	struct fake_due *due;

	while ((due = fake->inside->due)) {
		fake->inside->due = due->next;
		if (!due->next)
			fake->inside->last_due = &fake->inside->due;
		due->run(fake, due);
		free(due);
	}
}

void
fake_advance(struct fake *fake, int64_t ms)
{
	int64_t until_us = fake->now_us + ms * 1000;

	do
		run_due(fake);
	while (run_timer(fake, until_us));
	fake->now_us = until_us;
}

void
fake_run(struct fake *fake)
{
	fake_advance(fake, 0);
}

static const struct teller_services table = {
	.size = sizeof table,
	.log = fake_log,
	.metric = fake_metric,
	.health = fake_health,
	.now_us = fake_now_us,
	.watch_fd = fake_watch_fd,
	.watch_timer = fake_watch_timer,
	.unwatch = fake_unwatch,
	.post = fake_post,
	.work = fake_work,
	.stopped = fake_stopped,
	.option_int = fake_option_int,
	.option_real = fake_option_real,
	.option_bool = fake_option_bool,
	.option_text = fake_option_text,
	.option_count = fake_option_count,
	.option_item = fake_option_item,
	.secret_get = fake_secret_get,
	.secret_put = fake_secret_put,
	.receive = fake_receive,
	.state_get = fake_state_get,
	.state_put = fake_state_put,
	.state_list = fake_state_list,
	.open_conversation = fake_open_conversation,
	.history = fake_history,
	.progress = fake_job_progress,
	.sent = fake_job_sent,
	.failed = fake_job_failed,
	.serve = fake_serve,
	.http_param = fake_http_param,
	.http_query = fake_http_query,
	.http_header = fake_http_header,
	.http_peer = fake_http_peer,
	.http_is_local = fake_http_is_local,
	.http_id = fake_http_id,
	.http_body = fake_http_body,
	.http_on_gone = fake_http_on_gone,
	.answer = fake_http_answer,
	.problem = fake_http_problem,
	.stream = fake_http_stream,
	.stream_write = fake_stream_write,
	.stream_end = fake_stream_end,
	.fetch = fake_net_fetch,
	.dial = fake_dial,
	.conn_write = fake_conn_write,
	.conn_start_tls = fake_conn_start_tls,
	.conn_pause = fake_conn_pause,
	.conn_close = fake_conn_close,

	.starters = fake_starters,

	.http_origins = fake_http_origins,
	.key_name = fake_key_name,
	.front = fake_front,
	.explain = fake_explain,
	.suggest = fake_suggest,
	.open_conversation_as = fake_open_conversation_as,

	.check_found = fake_check_found,
	.check_end = fake_check_end,
};

/* ---- Life */

struct fake *
fake_new(const struct teller_plugin *plugin)
{
	struct fake *fake = mem_new(sizeof *fake);

	fake->inside = mem_new(sizeof *fake->inside);
	fake->inside->plugin = plugin;
	fake->inside->host.fake = fake;
	fake->inside->last_due = &fake->inside->due;
	fake->services = &table;
	fake->host = &fake->inside->host;
	fake->now_us = START_US;
	buf_init(&fake->log, LOG_MAX);
	buf_init(&fake->found, LOG_MAX);
	return fake;
}

int
fake_start(struct fake *fake)
{
	const struct teller_plugin *plugin = fake->inside->plugin;

	fake->words.text[0] = '\0';
	fake->is_stopped = false;
	fake->inside->state = FAKE_OPENING;
	if (plugin->open(fake->services, fake->host, &fake->self,
			 &fake->words) < 0) {
		fake->inside->state = FAKE_NEW;
		fake->self = NULL;
		return -1;
	}
	fake->inside->state = FAKE_RUNNING;
	return plugin->start(fake->self, &fake->words);
}

static void
end_things(struct fake *fake)
{
	while (fake->inside->watches)
		fake_unwatch(NULL, fake->inside->watches);
	while (fake->inside->due) {
		struct fake_due *due = fake->inside->due;
		fake->inside->due = due->next;
		free(due);
	}
	fake->inside->last_due = &fake->inside->due;
	fake_end_http(fake);
	fake_end_net(fake);
}

void
fake_begin_stop(struct fake *fake)
{
	assert_int_equal(fake->inside->state, FAKE_RUNNING);
	fake->inside->state = FAKE_STOPPING;
	fake->inside->plugin->stop(fake->self);
}

void
fake_close(struct fake *fake)
{
	fake->inside->state = FAKE_CLOSING;
	fake->inside->plugin->close(fake->self);
	fake->inside->state = FAKE_CLOSED;
	fake->self = NULL;
	end_things(fake);
}

void
fake_stop(struct fake *fake)
{
	if (!fake->self)
		return;
	if (fake->inside->state == FAKE_RUNNING)
		fake_begin_stop(fake);
	fake_run(fake);
	fake_close(fake);
}

void
fake_free(struct fake *fake)
{
	struct fake_inside *in = fake->inside;

	fake_stop(fake);
	end_things(fake);
	fake_release_http(fake);
	map_release(&in->options);
	map_release(&in->sections);
	map_release(&in->secrets);
	map_release(&in->states);
	map_release(&in->histories);
	for (size_t i = 0; i < fake->n_conns; i++)
		buf_release(&fake->conns[i]->written);
	buf_release(&fake->log);
	buf_release(&fake->found);
	arena_release(&fake->arena);
	free(in);
	free(fake);
}

struct teller_job
fake_job(const char *id, const char *conversation, const char *text)
{
	return (struct teller_job){
		.size = sizeof(struct teller_job),
		.id = id,
		.key = id,
		.kind = TELLER_JOB_REPLY,
		.attempt = 1,
		.account = "",
		.conversation = conversation,
		.conversation_id = "cnv_1",
		.conversation_state = "bot",
		.reply_kind = "answer",
		.confidence = 1,
		.text = text,
		.author = "",
	};
}

void
fake_send(struct fake *fake, const struct teller_job *job)
{
	assert_int_equal(fake->inside->state, FAKE_RUNNING);
	fake->inside->plugin->send(fake->self, job);
}
