/* The services of running: log, metric, health, watches, work, and what the
 * desk says of itself. */
#ifndef HOST_RUN_H
#define HOST_RUN_H

#include <tellerd/plugin.h>

void run_log(struct teller_host *, enum teller_level, const char *line);
void run_metric(struct teller_host *, const char *name, double n);
void run_health(struct teller_host *, enum teller_health_state,
		const char *words);
int64_t run_now_us(struct teller_host *);
struct teller_watch *run_watch_fd(struct teller_host *, int fd, int events,
				  teller_io_fn *, void *arg);
struct teller_watch *run_watch_timer(struct teller_host *, int64_t delay_ms,
				     bool repeat, teller_call_fn *, void *arg);
void run_unwatch(struct teller_host *, struct teller_watch *);
int run_work(struct teller_host *, teller_call_fn *fn, teller_call_fn *done,
	     void *arg);
void run_stopped(struct teller_host *);
const char *run_key_name(struct teller_host *, const char *key,
			 const char *scope);
void run_starters(struct teller_host *, teller_text_fn *each, void *arg);
void run_front(struct teller_host *, teller_front_fn *, void *arg);

#endif
