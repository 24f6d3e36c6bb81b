/* The pool of connections that read.  Private to this layer. */
#ifndef STORE_READER_H
#define STORE_READER_H

#include <pthread.h>

#include "store/query.h"

struct readers {
	const char *path; /* borrowed */
	pthread_mutex_t lock;
	struct store_reader *idle, *busy;
	size_t n_idle;
};

struct store_reader {
	struct db db; /* what the reading functions of this layer use */
	struct readers *pool;
	struct store_reader *previous, *next;
	int64_t begun_at_us; /* monotonic */
};

void readers_init(struct readers *, const char *path);
/* All have been given back. */
void readers_release(struct readers *);
struct store_reader *readers_begin(struct readers *, struct err *);
/* Age of the oldest open snapshot, 0 if there is none. */
int64_t readers_oldest_us(struct readers *);

#endif
