#include "admin/on_loop.h"

#include "base/queue.h"
#include "dialog/desk.h"
#include "net/loop.h"

struct visit {
	struct job job;
	struct desk *desk;
	void (*fn)(struct desk *, void *arg);
	void *arg;
	struct loop_wait wait;
};

void
loop_wait_init(struct loop_wait *wait)
{
	pthread_mutex_init(&wait->lock, NULL);
	pthread_cond_init(&wait->ended, NULL);
	wait->is_over = false;
}

void
loop_wait_end(struct loop_wait *wait)
{
	pthread_mutex_lock(&wait->lock);
	wait->is_over = true;
	pthread_cond_signal(&wait->ended);
	pthread_mutex_unlock(&wait->lock);
}

void
loop_wait(struct loop_wait *wait)
{
	pthread_mutex_lock(&wait->lock);
	while (!wait->is_over)
		pthread_cond_wait(&wait->ended, &wait->lock);
	pthread_mutex_unlock(&wait->lock);
	pthread_cond_destroy(&wait->ended);
	pthread_mutex_destroy(&wait->lock);
}

static void
visit_on_loop(struct job *job)
{
	struct visit *visit = container_of(job, struct visit, job);
	visit->fn(visit->desk, visit->arg);
	loop_wait_end(&visit->wait);
}

void
on_loop(struct desk *desk, void (*fn)(struct desk *, void *), void *arg)
{
	struct visit visit = {
		.job.run = visit_on_loop,
		.desk = desk,
		.fn = fn,
		.arg = arg,
	};
	loop_wait_init(&visit.wait);
	loop_post(desk_loop(desk), &visit.job);
	loop_wait(&visit.wait);
}
