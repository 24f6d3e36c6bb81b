/* Readers: any thread may take one, and has it alone until it gives it back. */
#include "store/reader.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"

#define IDLE_MAX 16

void
readers_init(struct readers *pool, const char *path)
{
	*pool = (struct readers){.path = path};
	pthread_mutex_init(&pool->lock, NULL);
}

static void
reader_free(struct store_reader *reader)
{
	db_close(&reader->db);
	free(reader);
}

void
readers_release(struct readers *pool)
{
	assert(!pool->busy);
	while (pool->idle) {
		struct store_reader *reader = pool->idle;
		pool->idle = reader->next;
		reader_free(reader);
	}
	pthread_mutex_destroy(&pool->lock);
}

static struct store_reader *
take_idle(struct readers *pool)
{
	pthread_mutex_lock(&pool->lock);
	struct store_reader *reader = pool->idle;
	if (reader) {
		pool->idle = reader->next;
		pool->n_idle--;
	}
	pthread_mutex_unlock(&pool->lock);
	return reader;
}

static struct store_reader *
reader_new(struct readers *pool, struct err *err)
{
	struct store_reader *reader = mem_new(sizeof *reader);

	reader->pool = pool;
	if (db_open(&reader->db, pool->path, DB_READER, err) < 0) {
		free(reader);
		return NULL;
	}
	db_seal(&reader->db);
	return reader;
}

/* BEGIN alone takes no snapshot yet, the first row read does. */
static int
take_snapshot(struct db *db, struct err *err)
{
	struct query q;

	db->failure = SQLITE_OK;
	if (query_do(db, "BEGIN", err) < 0)
		return -1;
	query_begin(&q, db, "SELECT 1 FROM meta LIMIT 1");
	return query_run(&q, err);
}

struct store_reader *
readers_begin(struct readers *pool, struct err *err)
{
	struct store_reader *reader = take_idle(pool);

	if (!reader && !(reader = reader_new(pool, err)))
		return NULL;
	if (take_snapshot(&reader->db, err) < 0) {
		reader_free(reader);
		return NULL;
	}
	reader->begun_at_us = time_mono_us();
	pthread_mutex_lock(&pool->lock);
	reader->previous = NULL;
	reader->next = pool->busy;
	if (pool->busy)
		pool->busy->previous = reader;
	pool->busy = reader;
	pthread_mutex_unlock(&pool->lock);
	return reader;
}

static void
unlink_busy(struct readers *pool, struct store_reader *reader)
{
	if (reader->previous)
		reader->previous->next = reader->next;
	else
		pool->busy = reader->next;
	if (reader->next)
		reader->next->previous = reader->previous;
}

void
store_read_end(struct store_reader *reader)
{
	if (!reader)
		return;
	struct readers *pool = reader->pool;
	bool is_sound = query_do(&reader->db, "ROLLBACK", NULL) == 0;
	pthread_mutex_lock(&pool->lock);
	unlink_busy(pool, reader);
	bool stays = is_sound && pool->n_idle < IDLE_MAX;
	if (stays) {
		reader->next = pool->idle;
		pool->idle = reader;
		pool->n_idle++;
	}
	pthread_mutex_unlock(&pool->lock);
	if (!stays)
		reader_free(reader);
}

int64_t
readers_oldest_us(struct readers *pool)
{
	int64_t now_us = time_mono_us(), oldest = 0;

	pthread_mutex_lock(&pool->lock);
	for (struct store_reader *r = pool->busy; r; r = r->next)
		if (now_us - r->begun_at_us > oldest)
			oldest = now_us - r->begun_at_us;
	pthread_mutex_unlock(&pool->lock);
	return oldest;
}
