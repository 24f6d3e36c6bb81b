/* For commands, which run on workers: a look at what belongs to the loop. */
#ifndef ADMIN_ON_LOOP_H
#define ADMIN_ON_LOOP_H

#include <pthread.h>
#include <stdbool.h>

struct desk;

/* Run fn(desk, arg) on the loop thread and wait until it is over. */
void on_loop(struct desk *, void (*fn)(struct desk *, void *arg), void *arg);

/* Something that ends on the loop, and a worker waits for. */
struct loop_wait {
	pthread_mutex_t lock;
	pthread_cond_t ended;
	bool is_over;
};
void loop_wait_init(struct loop_wait *);
void loop_wait_end(struct loop_wait *);
void loop_wait(struct loop_wait *); /* waits, then releases it */

#endif
