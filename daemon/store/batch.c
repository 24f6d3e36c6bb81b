/* Group commit.  On the store thread. */
#include "store/batch.h"

#include "base/time.h"

void
batch_init(struct batch *batch)
{
	*batch = (struct batch){0};
	batch->last = &batch->first;
}

void
batch_add(struct batch *batch, struct job *job)
{
	*batch->last = job;
	batch->last = &job->next;
	batch->n++;
}

static struct store_write *
write_of(struct job *job)
{
	return container_of(job, struct store_write, job);
}

/* Why nothing is taken in now, STORE_OK: it is. */
static enum store_status
intake_status(struct store_thread *t, struct err *err)
{
	if (t->needs_space || space_is_low(&t->space)) {
		err_set(err, "the disk of the store is %sfull",
			t->needs_space ? "" : "nearly ");
		return STORE_FULL;
	}
	if (t->has_old_log) {
		err_set(err, "what the last process left is still to be copied "
			     "back, while another program reads the database");
		return STORE_BUSY;
	}
	return STORE_OK;
}

static bool
is_refused(struct store_thread *t, struct store_write *write)
{
	if (!write->verb->takes_in)
		return false;
	write->status = intake_status(t, &write->err);
	return write->status != STORE_OK;
}

/* Run one write in a savepoint.  -1 when the transaction is lost. */
static int
run_undoable(struct store_thread *t, struct store_write *write)
{
	struct db *db = &t->writer.db;

	if (query_do(db, "SAVEPOINT one_write", &write->err) < 0)
		return -1;
	write->status = write->verb->run(&t->writer, write);
	if (db_lost_transaction(db))
		return -1;
	if (write->status != STORE_OK &&
	    query_do(db, "ROLLBACK TO one_write", NULL) < 0)
		return -1;
	return query_do(db, "RELEASE one_write", NULL);
}

/* Run one write that only the whole batch can undo, and note whether it must.
 * -1 when the transaction is lost. */
static int
run_plain(struct batch *batch, struct store_thread *t,
	  struct store_write *write)
{
	struct db *db = &t->writer.db;
	int64_t changes = db_total_changes(db);

	write->status = write->verb->run(&t->writer, write);
	if (db_lost_transaction(db))
		return -1;
	batch->is_half_done =
		write->status != STORE_OK && db_total_changes(db) != changes;
	return 0;
}

static int
run_write(struct batch *batch, struct store_thread *t,
	  struct store_write *write)
{
	t->writer.db.failure = SQLITE_OK;
	write->err.text[0] = '\0';
	if (is_refused(t, write))
		return 0;
	return batch->has_savepoints ? run_undoable(t, write)
				     : run_plain(batch, t, write);
}

/* Run writes until the time is over; what is left is the rest.  -1 and
 * batch->err when the transaction is lost. */
static int
run_writes(struct batch *batch, struct store_thread *t)
{
	int64_t end_us = time_mono_us() + BATCH_MAX_US;

	for (struct job *job = batch->first; job; job = job->next) {
		if (run_write(batch, t, write_of(job)) < 0) {
			batch->err = write_of(job)->err;
			return -1;
		}
		if (batch->is_half_done)
			return 0;
		if (time_mono_us() >= end_us) {
			batch->rest = job->next;
			job->next = NULL;
		}
	}
	return 0;
}

static bool
are_repeatable(const struct batch *batch)
{
	for (struct job *job = batch->first; job; job = job->next) {
		if (!write_of(job)->verb->is_repeatable)
			return false;
	}
	return true;
}

/* A savepoint costs about as much as all that a small write does: SQLite
 * copies each page before it changes in one.  And nearly no write fails after
 * it has changed something.  So where all can be run again there are none at
 * first; if a write does fail half way, everything is undone and run once more
 * with savepoints, and up to that write it goes as before. */
static int
run_batch(struct batch *batch, struct store_thread *t)
{
	struct db *db = &t->writer.db;

	batch->has_savepoints = !are_repeatable(batch);
	if (query_do(db, "BEGIN IMMEDIATE", &batch->err) < 0 ||
	    run_writes(batch, t) < 0)
		return -1;
	if (!batch->is_half_done)
		return 0;
	batch->is_half_done = false;
	batch->has_savepoints = true;
	db->failure = SQLITE_OK;
	if (query_do(db, "ROLLBACK", &batch->err) < 0 ||
	    query_do(db, "BEGIN IMMEDIATE", &batch->err) < 0)
		return -1;
	return run_writes(batch, t);
}

/* What the batch is answered: STORE_OK when it is on disk. */
static enum store_status
commit_writes(struct batch *batch, struct store_thread *t)
{
	struct db *db = &t->writer.db;

	db->failure = SQLITE_OK;
	if (run_batch(batch, t) < 0)
		return db_status(db);
	int64_t begin_us = time_mono_us();
	if (query_do(db, "COMMIT", &batch->err) < 0)
		return db_status(db);
	/* A running mean, as a single flush may take ten times as long. */
	t->commit_us += (time_mono_us() - begin_us - t->commit_us) / 4;
	/* Before they are answered and come again. */
	t->n_expected = batch->n + queue_length(&t->queue);
	return STORE_OK;
}

/* Nothing of a broken database is written any more, not even a rollback. */
static enum store_status
undo(struct store_thread *t, enum store_status status, struct err *err)
{
	struct db *db = &t->writer.db;

	if (status == STORE_BROKEN || sqlite3_get_autocommit(db->handle))
		return status;
	if (query_do(db, "ROLLBACK", err) == 0)
		return status;
	return STORE_BROKEN;
}

static void
count(struct batch *batch, struct store_thread *t)
{
	uint64_t n = 0;

	for (struct job *job = batch->first; job; job = job->next)
		n += write_of(job)->status == STORE_OK;
	atomic_fetch_add(&t->writes, n);
	atomic_fetch_add(&t->commits, n > 0);
	if (n > 0 && !t->needs_space)
		atomic_store(&t->is_full, false);
}

static void
answer(struct batch *batch)
{
	struct job *next;

	for (struct job *job = batch->first; job; job = next) {
		next = job->next;
		thread_answer(write_of(job));
	}
}

static void
fail(struct batch *batch, struct store_thread *t, enum store_status status)
{
	status = undo(t, status, &batch->err);
	if (status == STORE_FULL)
		atomic_store(&t->is_full, true);
	for (struct job *job = batch->first; job; job = job->next) {
		write_of(job)->status = status;
		write_of(job)->err = batch->err;
	}
	batch->is_broken = status == STORE_BROKEN;
}

void
batch_run(struct batch *batch, struct store_thread *t)
{
	enum store_status status = commit_writes(batch, t);

	if (status == STORE_OK)
		count(batch, t);
	else
		fail(batch, t, status);
	answer(batch);
}
