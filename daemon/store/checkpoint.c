/* Checkpoints.  Only the connection that commits makes them: SQLite before
 * 3.51.3 can lose commits when one connection checkpoints while another
 * commits (its "WAL-reset" bug). */
#include "store/checkpoint.h"

#include "base/time.h"

/* Copied back whenever the log has grown by so much. */
#define STEP_BYTES (4 << 20)
/* The log is cut off when it is over its limit.  That waits for those who
 * still read older snapshots from it: for a moment, and not at once again. */
#define TRUNCATE_WAIT_MS 20
#define TRUNCATE_AGAIN_US 1000000

/* 0: all was copied, 1: not all, -1 and *err.  A full disk and a reader in the
 * way are no failures: the log stays whole and grows meanwhile. */
static int
run(struct db *db, int mode, struct err *err)
{
	int code =
		sqlite3_wal_checkpoint_v2(db->handle, "main", mode, NULL, NULL);

	switch (code & 0xff) {
	case SQLITE_OK:
		return 0;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_FULL:
		return 1;
	default:
		return db_fail(db, code, err);
	}
}

static int
truncate_log(struct store_thread *t, struct err *err)
{
	struct db *db = &t->writer.db;

	sqlite3_busy_timeout(db->handle, TRUNCATE_WAIT_MS);
	int result = run(db, SQLITE_CHECKPOINT_TRUNCATE, err);
	sqlite3_busy_timeout(db->handle, DB_WRITER_BUSY_MS);
	if (result == 0)
		db->wal_frames = 0;
	t->truncate_after_us =
		result > 0 ? time_mono_us() + TRUNCATE_AGAIN_US : 0;
	return result;
}

void
checkpoint_if_due(struct store_thread *t)
{
	struct db *db = &t->writer.db;
	int64_t bytes = (int64_t)db->wal_frames * t->page_bytes;
	struct err err = {0};
	int result = 0;

	if (atomic_load(&t->is_broken))
		return;
	/* The log begins anew after all of it was copied back. */
	if (db->wal_frames < t->checkpoint_frames)
		t->checkpoint_frames = 0;
	if (bytes > t->wal_limit_bytes &&
	    time_mono_us() >= t->truncate_after_us) {
		result = truncate_log(t, &err);
		t->checkpoint_frames = db->wal_frames;
	} else if (bytes - (int64_t)t->checkpoint_frames * t->page_bytes >
		   STEP_BYTES) {
		t->checkpoint_frames = db->wal_frames;
		result = run(db, SQLITE_CHECKPOINT_PASSIVE, &err);
	}
	if (result < 0) {
		err_prefix(&err, "copying the log into the database");
		thread_break(t, &err);
	}
}

int
checkpoint_all(struct db *db, struct err *err)
{
	return run(db, SQLITE_CHECKPOINT_TRUNCATE, err) < 0 ? -1 : 0;
}
