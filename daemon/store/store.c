/* Opening and closing the store, and how it is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/time.h"
#include "store/checkpoint.h"
#include "store/files.h"
#include "store/internal.h"
#include "store/migrate.h"
#include "store/restore.h"

/* A database up to this size is checked whenever it is opened: it takes no
 * time.  A larger one only when the last process did not close it. */
#define SMALL_BYTES (16 << 20)

static int
damaged(const struct store *store, struct err *err)
{
	struct err found = *err;

	return err_set(err,
		       "%s cannot be used: %s.  Restore a backup with "
		       "'tellerctl restore FILE'; the damaged file is kept",
		       store->path, found.text);
}

/* SQLite throws a log away whose database is empty. */
static int
check_files(const struct store *store, struct err *err)
{
	if (files_size(store->path) <= 0 && files_size(store->log_path) > 0)
		return err_set(err,
			       "%s is missing or empty, but %s is not: bring "
			       "the file back, or restore a backup with "
			       "'tellerctl restore FILE'",
			       store->path, store->log_path);
	return files_touch(store->path, err);
}

static int
read_clean(struct db *db, int version, bool *clean_r, struct err *err)
{
	int64_t clean = 0;

	*clean_r = true;
	if (version == 0)
		return 0;
	if (db_exec_int(db, "SELECT value FROM meta WHERE key = 'clean'",
			&clean, err) < 0)
		return -1;
	*clean_r = clean != 0;
	return 0;
}

/* The rest of the log of a process that died is copied back before anything
 * is acknowledged: what the file cache holds of it need not be on disk.  Where
 * it cannot be now, nothing is taken in until it was. */
static int
look_over(struct store *store, struct err *err)
{
	struct store_thread *t = &store->thread;
	struct writer *writer = &t->writer;
	struct db *db = &writer->db;
	int version;

	if (migrate_identify(db, store_n_migrations, &version, err) < 0 ||
	    read_clean(db, version, &writer->was_clean, err) < 0)
		return -1;
	if ((!writer->was_clean || files_size(store->path) <= SMALL_BYTES) &&
	    db_quick_check(db, err) < 0)
		return -1;
	t->has_old_log = !writer->was_clean;
	return t->has_old_log ? checkpoint_all(t, err) : 0;
}

static int
set_log(struct store *store, struct err *err)
{
	struct db *db = &store->thread.writer.db;
	char mode[16] = "", limit[64];
	int yes = 1;

	sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_PERSIST_WAL,
			     &yes);
	if (db_exec_text(db, "PRAGMA journal_mode = WAL", mode, sizeof mode,
			 err) < 0)
		return -1;
	if (strcmp(mode, "wal") != 0)
		return err_set(err,
			       "the file system of %s cannot hold a "
			       "shared log; use a local one",
			       store->dir);
	snprintf(limit, sizeof limit, "PRAGMA journal_size_limit = %lld",
		 (long long)store->thread.wal_limit_bytes);
	return db_exec(db, limit, err);
}

/* The first commit makes the log; SQLite does not look whether its name has
 * reached the disk, so we do. */
static int
begin_life(struct store *store, struct err *err)
{
	struct store_thread *t = &store->thread;
	struct db *db = &t->writer.db;
	int64_t page_bytes = 4096;

	if (db_exec(db, "INSERT OR REPLACE INTO meta VALUES ('clean', 0)",
		    err) < 0 ||
	    db_exec_int(db,
			"SELECT max((SELECT coalesce(max(id), 0) FROM message),"
			" (SELECT coalesce(max(id), 0) FROM reply))",
			&t->writer.last_id, err) < 0 ||
	    db_exec_int(db, "PRAGMA page_size", &page_bytes, err) < 0)
		return -1;
	t->page_bytes = (int)page_bytes;
	if (files_size(store->log_path) <= 0)
		return err_set(err, "%s was not made", store->log_path);
	return files_sync_parent(store->path, err);
}

static int
open_database(struct store *store, const struct store_config *config,
	      struct err *err)
{
	struct db *db = &store->thread.writer.db;

	if (db_open(db, store->path, DB_WRITER, err) < 0)
		return db_is_damaged(db) ? damaged(store, err) : -1;
	db->failure = SQLITE_OK;
	db_tell_working(db, config->working, config->working_arg);
	if (look_over(store, err) < 0 || set_log(store, err) < 0 ||
	    migrate_run(db, store->path, store_migrations, store_n_migrations,
			err) < 0 ||
	    begin_life(store, err) < 0) {
		if (db_is_damaged(db))
			damaged(store, err);
		else
			err_prefix(err, "%s", store->path);
		db_leave_log(db);
		db_close(db);
		return -1;
	}
	db_tell_working(db, NULL, NULL);
	db_seal(db);
	return 0;
}

static void
release(struct store *store)
{
	if (store->lock_fd >= 0)
		close(store->lock_fd);
	free(store->dir);
	free(store->path);
	free(store->log_path);
	free(store);
}

static struct store *
store_new(const struct store_config *config, char *dir)
{
	struct store *store = mem_new(sizeof *store);

	store->lock_fd = -1;
	store->dir = dir;
	store->path = files_path(dir, STORE_FILE);
	store->log_path = files_path(dir, STORE_FILE "-wal");
	store->thread.space = (struct space){
		.path = store->dir,
		.min_free_bytes = config->min_free_bytes,
	};
	store->thread.wal_limit_bytes = config->wal_limit_bytes;
	store->thread.broken = config->broken;
	store->thread.broken_arg = config->broken_arg;
	return store;
}

struct store *
store_open(const struct store_config *config, bool *is_locked_r,
	   struct err *err)
{
	char *dir;

	if (is_locked_r)
		*is_locked_r = false;
	if (files_open_dir(config->dir, &dir, err) < 0)
		return NULL;
	struct store *store = store_new(config, dir);
	store->lock_fd = files_lock(dir, is_locked_r, err);
	if (store->lock_fd >= 0)
		files_remove_temporary(dir);
	if (store->lock_fd < 0 || restore_end(dir, err) < 0 ||
	    check_files(store, err) < 0 ||
	    open_database(store, config, err) < 0)
		goto fail;
	if (thread_start(&store->thread, err) < 0) {
		db_close(&store->thread.writer.db);
		goto fail;
	}
	readers_init(&store->readers, store->path);
	return store;
fail:
	release(store);
	return NULL;
}

/* A failure leaves the mark of an unclean end, and the next start checks. */
static void
end_life(struct store *store)
{
	struct store_thread *t = &store->thread;
	struct db *db = &t->writer.db;

	if (atomic_load(&t->is_broken))
		return;
	if (checkpoint_all(t, NULL) < 0 || t->has_old_log ||
	    query_do(db, "INSERT OR REPLACE INTO meta VALUES ('clean', 1)",
		     NULL) < 0)
		db_leave_log(db);
}

void
store_close(struct store *store)
{
	if (!store)
		return;
	thread_stop(&store->thread);
	readers_release(&store->readers);
	end_life(store);
	db_close(&store->thread.writer.db);
	release(store);
}

void
store_submit(struct store *store, struct store_write *write)
{
	thread_submit(&store->thread, write);
}

enum store_status
store_call(struct store *store, struct store_write *write)
{
	return thread_call(&store->thread, write);
}

void
store_health(struct store *store, struct store_health *health)
{
	struct store_thread *t = &store->thread;
	int64_t free_bytes = space_free_bytes(store->dir);

	*health = (struct store_health){
		.is_broken = atomic_load(&t->is_broken),
		.is_full = atomic_load(&t->is_full) ||
			   (free_bytes >= 0 &&
			    free_bytes < t->space.min_free_bytes),
		.is_held = atomic_load(&t->is_held),
		.free_bytes = free_bytes,
		.database_bytes = files_size(store->path),
		.wal_bytes = files_size(store->log_path),
		.queue_length =
			queue_length(&t->queue) + atomic_load(&t->n_taken),
		.oldest_read_us = readers_oldest_us(&store->readers),
		.commits = atomic_load(&t->commits),
		.writes = atomic_load(&t->writes),
		.was_clean = t->writer.was_clean,
	};
}

const char *
store_dir(const struct store *store)
{
	return store->dir;
}

struct store_reader *
store_read_begin(struct store *store, struct err *err)
{
	if (!atomic_load(&store->thread.is_broken))
		return readers_begin(&store->readers, err);
	err_set(err, "the store is broken");
	return NULL;
}
