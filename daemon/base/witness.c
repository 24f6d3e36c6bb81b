#include "base/witness.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* Of the list; what a witness says is atomic. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct witness *all;
static _Thread_local struct witness *own;

void
witness_join(struct witness *witness, const char *name)
{
	snprintf(witness->name, sizeof witness->name, "%s", name);
	pthread_mutex_lock(&lock);
	witness->next = all;
	witness->link = &all;
	if (all)
		all->link = &witness->next;
	all = witness;
	pthread_mutex_unlock(&lock);
}

void
witness_leave(struct witness *witness)
{
	pthread_mutex_lock(&lock);
	if (witness->link) {
		*witness->link = witness->next;
		if (witness->next)
			witness->next->link = witness->link;
		witness->link = NULL;
	}
	pthread_mutex_unlock(&lock);
}

void
witness_be(struct witness *witness)
{
	own = witness;
}

void
witness_allow(int64_t us)
{
	if (own)
		atomic_store_explicit(&own->since_us, time_mono_us() + us,
				      memory_order_relaxed);
}

int64_t
witness_stuck_us(int64_t max_us, char name_r[WITNESS_NAME_SIZE])
{
	int64_t now_us = time_mono_us(), longest_us = 0;

	pthread_mutex_lock(&lock);
	for (struct witness *witness = all; witness; witness = witness->next) {
		int64_t since_us = atomic_load_explicit(&witness->since_us,
							memory_order_relaxed);
		if (!since_us || now_us - since_us <= max_us ||
		    now_us - since_us <= longest_us)
			continue;
		longest_us = now_us - since_us;
		memcpy(name_r, witness->name, sizeof witness->name);
	}
	pthread_mutex_unlock(&lock);
	return longest_us;
}
