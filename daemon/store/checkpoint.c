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
/* After the disk was too full for the database to grow. */
#define SPACE_AGAIN_US 100000

enum result { COPIED, IN_THE_WAY, NO_SPACE, FAILED };

static enum result
run(struct db *db, int mode, struct err *err)
{
	int code =
		sqlite3_wal_checkpoint_v2(db->handle, "main", mode, NULL, NULL);

	if (code == SQLITE_OK)
		return COPIED;
	db_fail(db, code, err);
	switch (db_status(db)) {
	case STORE_BUSY:
		return IN_THE_WAY;
	case STORE_FULL:
		return NO_SPACE;
	default:
		return FAILED;
	}
}

static enum result
truncate_log(struct store_thread *t, struct err *err)
{
	struct db *db = &t->writer.db;

	sqlite3_busy_timeout(db->handle, TRUNCATE_WAIT_MS);
	enum result result = run(db, SQLITE_CHECKPOINT_TRUNCATE, err);
	sqlite3_busy_timeout(db->handle, DB_WRITER_BUSY_MS);
	if (result == COPIED) {
		db->wal_frames = 0;
		t->has_old_log = false;
	}
	return result;
}

/* Where the database has no space to grow, the log must not take what is
 * freed: it could never be copied back then.  So nothing is taken in until it
 * was. */
static void
take_notice(struct store_thread *t, enum result result)
{
	t->checkpoint_frames = t->writer.db.wal_frames;
	t->checkpoint_after_us = 0;
	if (result == IN_THE_WAY)
		t->checkpoint_after_us = time_mono_us() + TRUNCATE_AGAIN_US;
	if (result == NO_SPACE)
		t->checkpoint_after_us = time_mono_us() + SPACE_AGAIN_US;
	atomic_store(&t->is_held, t->has_old_log && result == IN_THE_WAY);
	t->needs_space = result == NO_SPACE;
	if (t->needs_space)
		atomic_store(&t->is_full, true);
}

void
checkpoint_if_due(struct store_thread *t)
{
	struct db *db = &t->writer.db;
	int64_t bytes = (int64_t)db->wal_frames * t->page_bytes;
	struct err err = {0};

	if (atomic_load(&t->is_broken) ||
	    time_mono_us() < t->checkpoint_after_us)
		return;
	/* The log begins anew after all of it was copied back. */
	if (db->wal_frames < t->checkpoint_frames)
		t->checkpoint_frames = 0;
	int64_t grown_bytes =
		bytes - (int64_t)t->checkpoint_frames * t->page_bytes;
	enum result result;
	if (bytes > t->wal_limit_bytes || t->needs_space || t->has_old_log)
		result = truncate_log(t, &err);
	else if (grown_bytes > STEP_BYTES)
		result = run(db, SQLITE_CHECKPOINT_PASSIVE, &err);
	else
		return;
	take_notice(t, result);
	if (result == FAILED)
		thread_break(t, &err);
}

int
checkpoint_all(struct store_thread *t, struct err *err)
{
	enum result result =
		run(&t->writer.db, SQLITE_CHECKPOINT_TRUNCATE, err);

	if (result == COPIED)
		t->has_old_log = false;
	take_notice(t, result);
	return result == FAILED ? -1 : 0;
}
