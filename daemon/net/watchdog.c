/* Half of the time may pass without a sign from a witness, and we look four
 * times within it: so a thread that is stuck ends the process after one to one
 * and a half times what the manager was told to wait. */
#include "net/watchdog.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/time.h"
#include "base/witness.h"
#include "net/notify.h"

#define LOOKS 4
/* A loop that has nothing to do comes round once a second. */
#define LEAST_US 4000000

struct watchdog {
	int64_t usec;
	watchdog_fn *told;
	void *arg;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t stopped; /* on the monotonic clock */
	bool is_stopping;
	bool is_stuck; /* and told so; the thread's own */
};

static void
look(struct watchdog *watchdog)
{
	char name[WITNESS_NAME_SIZE];
	int64_t us = witness_stuck_us(watchdog->usec / 2, name);

	if (us > 0 && !watchdog->is_stuck)
		watchdog->told(watchdog->arg, name, us);
	if (us == 0 && watchdog->is_stuck)
		watchdog->told(watchdog->arg, NULL, 0);
	watchdog->is_stuck = us > 0;
	if (us == 0)
		notify_send("WATCHDOG=1");
}

/* false: it is to end. */
static bool
wait_for_next(struct watchdog *watchdog)
{
	int64_t end_us = time_mono_us() + watchdog->usec / LOOKS;

	pthread_mutex_lock(&watchdog->lock);
	while (!watchdog->is_stopping &&
	       time_cond_wait(&watchdog->stopped, &watchdog->lock, end_us))
		;
	bool goes_on = !watchdog->is_stopping;
	pthread_mutex_unlock(&watchdog->lock);
	return goes_on;
}

static void *
work(void *arg)
{
	struct watchdog *watchdog = arg;

	do
		look(watchdog);
	while (wait_for_next(watchdog));
	return NULL;
}

int64_t
watchdog_asked_us(struct err *err)
{
	const char *text = getenv("WATCHDOG_USEC"),
		   *pid = getenv("WATCHDOG_PID");
	char *end;

	if (!text || (pid && strtol(pid, NULL, 10) != getpid()))
		return 0;
	errno = 0;
	long long usec = strtoll(text, &end, 10);
	if (*end || errno || usec < LEAST_US)
		return err_set(err,
			       "WATCHDOG_USEC is '%s', and no number of "
			       "microseconds from %d on",
			       text, LEAST_US);
	return usec;
}

static void
free_watchdog(struct watchdog *watchdog)
{
	pthread_cond_destroy(&watchdog->stopped);
	pthread_mutex_destroy(&watchdog->lock);
	free(watchdog);
}

static int
start_thread(struct watchdog *watchdog)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&watchdog->thread, NULL, work, watchdog);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!error)
		pthread_setname_np(watchdog->thread, "watchdog");
	return error ? -1 : 0;
}

struct watchdog *
watchdog_start(int64_t usec, watchdog_fn *told, void *arg)
{
	struct watchdog *watchdog = mem_new(sizeof *watchdog);

	*watchdog = (struct watchdog){.usec = usec, .told = told, .arg = arg};
	pthread_mutex_init(&watchdog->lock, NULL);
	time_cond_init(&watchdog->stopped);
	if (start_thread(watchdog) == 0)
		return watchdog;
	free_watchdog(watchdog);
	return NULL;
}

void
watchdog_stop(struct watchdog *watchdog)
{
	if (!watchdog)
		return;
	pthread_mutex_lock(&watchdog->lock);
	watchdog->is_stopping = true;
	pthread_cond_signal(&watchdog->stopped);
	pthread_mutex_unlock(&watchdog->lock);
	pthread_join(watchdog->thread, NULL);
	free_watchdog(watchdog);
}
