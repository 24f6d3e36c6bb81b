/* The loop: one thread on which timers, descriptors, signals and posted jobs
 * take their turns.  Everything but loop_post() and loop_queue() pushes is
 * called on that thread (or before it runs). */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/queue.h"

struct err;
struct event_base;

/* Ignores SIGPIPE for the whole process. */
struct loop;
struct loop *loop_new(struct err *);
void loop_free(struct loop *); /* runs what was posted before, then ends */
void loop_run(struct loop *);  /* until loop_stop() */
void loop_stop(struct loop *);
/* Run what is ready; if nothing is, wait for it up to timeout_ms. */
void loop_run_once(struct loop *, int64_t timeout_ms);

/* From any thread: run the job on the loop thread, jobs in order. */
void loop_post(struct loop *, struct job *);
/* The queue behind loop_post(), for store_write.reply_to. */
struct queue *loop_queue(struct loop *);
/* For the other files of this layer. */
struct event_base *loop_base(struct loop *);

/* When the loop last came round, CLOCK_MONOTONIC; once a second when there is
 * nothing to do.  Any thread: the watchdog and health look at it. */
int64_t loop_beat_us(const struct loop *);

typedef void loop_fn(void *arg);

struct timer;
struct timer *timer_new(struct loop *, loop_fn *, void *arg);
void timer_free(struct timer *); /* also from its own call-back; NULL is fine */
void timer_set(struct timer *, int64_t delay_ms); /* once, from now */
void timer_clear(struct timer *);
bool timer_is_set(const struct timer *);

enum watch_events { WATCH_READ = 1, WATCH_WRITE = 2 };
typedef void watch_fn(void *arg, int events);
struct watch;
struct watch *watch_new(struct loop *, int fd, int events, watch_fn *,
			void *arg, struct err *);
void watch_free(struct watch *);

/* Calls fn(arg) on the loop when the signal came. */
int loop_on_signal(struct loop *, int signal, loop_fn *, void *arg,
		   struct err *);

#endif
