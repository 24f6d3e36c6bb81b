/* The loop over libevent.  All on the loop thread but loop_post(), pushes to
 * loop_queue() and loop_beat_us(): a push to the empty queue wakes the loop
 * through an eventfd, so the base itself needs no locks. */
#include "net/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/witness.h"

/* An idle loop comes round so often all the same, so that an old beat means
 * a stalled one. */
#define BEAT_S 1

struct signal_watch {
	struct signal_watch *next;
	struct event *event;
	loop_fn *fn;
	void *arg;
};

struct loop {
	struct event_base *base;
	struct queue queue;
	int wake_fd;
	struct event *wake;
	struct event *beat;
	struct event *limit; /* of loop_run_once() */
	struct signal_watch *signals;
	bool is_stopped;
	struct witness witness;
};

struct timer {
	struct event *event;
	loop_fn *fn;
	void *arg;
};

struct watch {
	struct event *event;
	watch_fn *fn;
	void *arg;
};

static void
wake_loop(void *arg)
{
	struct loop *loop = arg;
	ssize_t n;

	/* A full counter (EAGAIN) wakes as well. */
	do
		n = write(loop->wake_fd, &(uint64_t){1}, sizeof(uint64_t));
	while (n < 0 && errno == EINTR);
}

static bool
run_posted(struct loop *loop)
{
	struct job *job = queue_take_all(&loop->queue);
	bool has_run = job != NULL;

	while (job) {
		struct job *next = job->next;
		job->run(job);
		job = next;
	}
	return has_run;
}

static void
on_wake(evutil_socket_t fd, short events, void *arg)
{
	struct loop *loop = arg;
	uint64_t count;

	(void)events;
	/* Emptied first: a push from here on writes again. */
	while (read(fd, &count, sizeof count) < 0 && errno == EINTR)
		;
	run_posted(loop);
}

static void
do_nothing(evutil_socket_t fd, short events, void *arg)
{
	(void)fd, (void)events, (void)arg;
}

static int
add_wake(struct loop *loop, struct err *err)
{
	loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (loop->wake_fd < 0)
		return err_errno(err, "cannot make an eventfd for the loop");
	loop->wake = event_new(loop->base, loop->wake_fd, EV_READ | EV_PERSIST,
			       on_wake, loop);
	if (!loop->wake || event_add(loop->wake, NULL) < 0)
		return err_set(err, "cannot watch the loop's eventfd");
	return 0;
}

static int
add_timers(struct loop *loop, struct err *err)
{
	loop->limit = evtimer_new(loop->base, do_nothing, NULL);
	loop->beat = event_new(loop->base, -1, EV_PERSIST, do_nothing, NULL);
	if (!loop->limit || !loop->beat ||
	    event_add(loop->beat, &(struct timeval){.tv_sec = BEAT_S}) < 0)
		return err_set(err, "cannot make the loop's timers");
	return 0;
}

/* What matters comes back as an error; the rest is for a developer. */
static void
log_libevent(int severity, const char *line)
{
	(void)severity;
	log_debug("libevent: %s", line);
}

struct loop *
loop_new(struct err *err)
{
	struct loop *loop = mem_new(sizeof *loop);

	event_set_log_callback(log_libevent);
	loop->wake_fd = -1;
	queue_init(&loop->queue, 0, wake_loop, loop);
	witness_begin(&loop->witness);
	/* A peer that went away shows as EPIPE where it is written to. */
	signal(SIGPIPE, SIG_IGN);
	loop->base = event_base_new();
	if (!loop->base) {
		err_errno(err, "cannot make an event base");
		goto fail;
	}
	if (add_wake(loop, err) < 0 || add_timers(loop, err) < 0)
		goto fail;
	return loop;
fail:
	loop_free(loop);
	return NULL;
}

static void
free_signals(struct loop *loop)
{
	while (loop->signals) {
		struct signal_watch *watch = loop->signals;
		loop->signals = watch->next;
		event_free(watch->event);
		free(watch);
	}
}

static void
free_event(struct event *event)
{
	if (event)
		event_free(event);
}

void
loop_free(struct loop *loop)
{
	if (!loop)
		return;
	/* What posted jobs post in turn counts as posted before. */
	while (run_posted(loop))
		;
	queue_close(&loop->queue);
	run_posted(loop);
	free_signals(loop);
	free_event(loop->wake);
	free_event(loop->beat);
	free_event(loop->limit);
	if (loop->base)
		event_base_free(loop->base);
	if (loop->wake_fd >= 0)
		close(loop->wake_fd);
	queue_release(&loop->queue);
	free(loop);
}

void
loop_run(struct loop *loop)
{
	witness_begin(&loop->witness);
	witness_join(&loop->witness, "loop");
	while (!loop->is_stopped) {
		if (event_base_loop(loop->base, EVLOOP_ONCE) < 0)
			break;
		witness_begin(&loop->witness);
	}
	witness_leave(&loop->witness);
	loop->is_stopped = false;
}

void
loop_stop(struct loop *loop)
{
	loop->is_stopped = true;
}

static struct timeval
to_timeval(int64_t ms)
{
	if (ms < 0)
		ms = 0;
	return (struct timeval){.tv_sec = ms / 1000,
				.tv_usec = ms % 1000 * 1000};
}

void
loop_run_once(struct loop *loop, int64_t timeout_ms)
{
	struct timeval limit = to_timeval(timeout_ms);

	if (timeout_ms > 0) {
		event_add(loop->limit, &limit);
		event_base_loop(loop->base, EVLOOP_ONCE);
		event_del(loop->limit);
	} else {
		event_base_loop(loop->base, EVLOOP_NONBLOCK);
	}
	witness_begin(&loop->witness);
}

void
loop_post(struct loop *loop, struct job *job)
{
	queue_push(&loop->queue, job);
}

struct queue *
loop_queue(struct loop *loop)
{
	return &loop->queue;
}

struct event_base *
loop_base(struct loop *loop)
{
	return loop->base;
}

int64_t
loop_beat_us(const struct loop *loop)
{
	return atomic_load_explicit(&loop->witness.since_us,
				    memory_order_relaxed);
}

static void
on_timer(evutil_socket_t fd, short events, void *arg)
{
	struct timer *timer = arg;

	(void)fd, (void)events;
	timer->fn(timer->arg);
}

struct timer *
timer_new(struct loop *loop, loop_fn *fn, void *arg)
{
	struct timer *timer = mem_new(sizeof *timer);

	timer->fn = fn;
	timer->arg = arg;
	timer->event = evtimer_new(loop->base, on_timer, timer);
	if (!timer->event)
		mem_exhausted();
	return timer;
}

void
timer_free(struct timer *timer)
{
	if (!timer)
		return;
	event_free(timer->event);
	free(timer);
}

void
timer_set(struct timer *timer, int64_t delay_ms)
{
	struct timeval delay = to_timeval(delay_ms);

	if (evtimer_add(timer->event, &delay) < 0)
		mem_exhausted();
}

void
timer_clear(struct timer *timer)
{
	event_del(timer->event);
}

bool
timer_is_set(const struct timer *timer)
{
	return evtimer_pending(timer->event, NULL);
}

static void
on_watch(evutil_socket_t fd, short events, void *arg)
{
	struct watch *watch = arg;

	(void)fd;
	watch->fn(watch->arg, (events & EV_READ ? WATCH_READ : 0) |
				      (events & EV_WRITE ? WATCH_WRITE : 0));
}

struct watch *
watch_new(struct loop *loop, int fd, int events, watch_fn *fn, void *arg,
	  struct err *err)
{
	short flags = EV_PERSIST;
	struct watch *watch = mem_new(sizeof *watch);

	if (events & WATCH_READ)
		flags |= EV_READ;
	if (events & WATCH_WRITE)
		flags |= EV_WRITE;
	watch->fn = fn;
	watch->arg = arg;
	watch->event = event_new(loop->base, fd, flags, on_watch, watch);
	if (!watch->event || event_add(watch->event, NULL) < 0) {
		err_errno(err, "cannot watch descriptor %d", fd);
		watch_free(watch);
		return NULL;
	}
	return watch;
}

void
watch_free(struct watch *watch)
{
	if (!watch)
		return;
	free_event(watch->event);
	free(watch);
}

static void
on_signal(evutil_socket_t number, short events, void *arg)
{
	struct signal_watch *watch = arg;

	(void)number, (void)events;
	watch->fn(watch->arg);
}

int
loop_on_signal(struct loop *loop, int number, loop_fn *fn, void *arg,
	       struct err *err)
{
	struct signal_watch *watch = mem_new(sizeof *watch);

	watch->fn = fn;
	watch->arg = arg;
	watch->event = evsignal_new(loop->base, number, on_signal, watch);
	if (!watch->event || event_add(watch->event, NULL) < 0) {
		free_event(watch->event);
		free(watch);
		return err_set(err, "cannot catch signal %d (%s)", number,
			       strsignal(number));
	}
	watch->next = loop->signals;
	loop->signals = watch;
	return 0;
}
