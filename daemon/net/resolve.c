/* getaddrinfo() in a thread of its own, which is let go when it is cancelled:
 * a name server that hangs holds up nobody.  Loop thread, but look_up(). */
#include "net/resolve.h"

#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/mem.h"
#include "net/loop.h"

#define MAX_THREADS 32

struct resolve {
	struct job job;
	struct loop *loop;
	resolve_fn *fn;
	void *arg;
	char *host;
	char port[8];
	struct addrinfo *list;
	int error;
	/* Guarded by lock until it is posted. */
	bool is_cancelled;
};

/* One lock for all: it is held for a few lines, now and then. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int n_threads;

static void
resolve_free(struct resolve *resolve)
{
	if (resolve->list)
		freeaddrinfo(resolve->list);
	free(resolve->host);
	free(resolve);
}

static void
finish(struct job *job)
{
	struct resolve *resolve = container_of(job, struct resolve, job);
	struct addrinfo *list = resolve->list;

	if (!resolve->is_cancelled) {
		resolve->list = NULL;
		resolve->fn(resolve->arg, list, gai_strerror(resolve->error));
	}
	resolve_free(resolve);
}

static void *
look_up(void *arg)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
				 .ai_flags = AI_NUMERICSERV};
	struct resolve *resolve = arg;

	resolve->error = getaddrinfo(resolve->host, resolve->port, &hints,
				     &resolve->list);
	if (resolve->error)
		resolve->list = NULL;
	pthread_mutex_lock(&lock);
	n_threads--;
	/* The loop may be gone once this is cancelled, but not before. */
	bool is_cancelled = resolve->is_cancelled;
	if (!is_cancelled)
		loop_post(resolve->loop, &resolve->job);
	pthread_mutex_unlock(&lock);
	if (is_cancelled)
		resolve_free(resolve);
	return NULL;
}

static bool
start_thread(struct resolve *resolve)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	int error = pthread_create(&thread, &attr, look_up, resolve);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error == 0;
}

struct resolve *
resolve_start(struct loop *loop, const char *host, int port, resolve_fn *fn,
	      void *arg, struct err *err)
{
	struct resolve *resolve = mem_new(sizeof *resolve);

	resolve->job.run = finish;
	resolve->loop = loop;
	resolve->fn = fn;
	resolve->arg = arg;
	resolve->host = mem_strdup(host);
	snprintf(resolve->port, sizeof resolve->port, "%d", port);
	pthread_mutex_lock(&lock);
	bool has_room = n_threads < MAX_THREADS;
	n_threads += has_room;
	pthread_mutex_unlock(&lock);
	if (has_room && start_thread(resolve))
		return resolve;
	if (has_room) {
		pthread_mutex_lock(&lock);
		n_threads--;
		pthread_mutex_unlock(&lock);
	}
	err_set(err, "cannot look for %s: too many names are looked for", host);
	resolve_free(resolve);
	return NULL;
}

void
resolve_cancel(struct resolve *resolve)
{
	/* Freed by its thread, or by the job that it has posted. */
	pthread_mutex_lock(&lock);
	resolve->is_cancelled = true;
	pthread_mutex_unlock(&lock);
}
