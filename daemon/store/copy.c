/* SQLite's online backup.  A copy is made by one thread at a time: the reading
 * steps on the thread of the source, the rest where the caller is. */
#include "store/copy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/time.h"
#include "store/files.h"

#define STEP_PAGES 32
#define COPY_US 100000

static void
release(struct copy *copy)
{
	copy_end_reading(copy);
	db_close(&copy->db);
	free(copy->path);
	free(copy->part);
	*copy = (struct copy){0};
}

int
copy_begin(struct copy *copy, struct db *from, const char *path,
	   struct err *err)
{
	if (files_size(path) >= 0)
		return err_set(err, "%s is there already", path);
	size_t size = strlen(path) + sizeof ".part";
	*copy = (struct copy){.path = mem_strdup(path), .part = mem_new(size)};
	snprintf(copy->part, size, "%s.part", path);
	unlink(copy->part);
	if (files_touch(copy->part, err) < 0) {
		release(copy);
		return -1;
	}
	if (db_open(&copy->db, copy->part, DB_COPY, err) < 0)
		goto fail;
	copy->backup = sqlite3_backup_init(copy->db.handle, "main",
					   from->handle, "main");
	if (copy->backup)
		return 0;
	db_fail(&copy->db, sqlite3_errcode(copy->db.handle), err);
fail:
	copy_cancel(copy);
	return -1;
}

int
copy_step(struct copy *copy, int64_t limit_us, struct err *err)
{
	int64_t end_us = time_mono_us() + limit_us;

	do {
		int code = sqlite3_backup_step(copy->backup, STEP_PAGES);
		if (code == SQLITE_DONE)
			return 0;
		if (code != SQLITE_OK)
			return db_fail(&copy->db, code, err);
	} while (time_mono_us() < end_us);
	return 1;
}

double
copy_part_done(const struct copy *copy)
{
	int n = sqlite3_backup_pagecount(copy->backup);

	return n ? 1 - (double)sqlite3_backup_remaining(copy->backup) / n : 0;
}

void
copy_end_reading(struct copy *copy)
{
	sqlite3_backup_finish(copy->backup);
	copy->backup = NULL;
}

/* The copy has the source's WAL mode in its header; without it, it can be
 * read where nothing can be written. */
int
copy_finish(struct copy *copy, struct err *err)
{
	int result = db_exec(&copy->db, "PRAGMA journal_mode = DELETE", err);

	if (result == 0)
		result = db_quick_check(&copy->db, err);
	db_close(&copy->db);
	if (result == 0)
		result = files_sync(copy->part, err);
	if (result == 0 && files_name_new(copy->part, copy->path) < 0)
		result = errno == EEXIST ? err_set(err, "%s is there already",
						   copy->path)
					 : err_errno(err, "cannot rename %s",
						     copy->part);
	if (result == 0)
		result = files_sync_parent(copy->path, err);
	if (result < 0)
		copy_cancel(copy);
	else
		release(copy);
	return result;
}

void
copy_cancel(struct copy *copy)
{
	copy_end_reading(copy);
	db_close(&copy->db);
	unlink(copy->part);
	release(copy);
}

int
copy_database(struct db *from, const char *path, struct err *err)
{
	struct copy copy;

	if (copy_begin(&copy, from, path, err) < 0)
		return -1;
	int result;
	db_tell_working(&copy.db, from->working, from->working_arg);
	while ((result = copy_step(&copy, COPY_US, err)) > 0)
		if (from->working)
			from->working(from->working_arg);
	copy_end_reading(&copy);
	if (result == 0)
		return copy_finish(&copy, err);
	copy_cancel(&copy);
	return -1;
}
