/* Restore.  The checked copy gets the name STORE_FILE.restored: from then on
 * the restore counts, and whoever opens the store ends it.  Where nobody has
 * the store open. */
#include "store/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/backup.h"
#include "store/files.h"
#include "store/internal.h"
#include "store/migrate.h"

#define RESTORING STORE_FILE ".restoring"
#define RESTORED STORE_FILE ".restored"

static int
check_open(struct db *db, const char *path, struct err *err)
{
	int version;

	if (migrate_identify(db, store_n_migrations, &version, err) < 0 ||
	    db_quick_check(db, err) < 0)
		return err_prefix(err, "%s", path);
	if (version == 0)
		return err_set(err, "%s is empty", path);
	return 0;
}

int
store_check_file(const char *path, struct err *err)
{
	struct stat about;
	if (stat(path, &about) == 0 && !S_ISREG(about.st_mode))
		return err_set(err, "%s is not a file", path);
	char *log = mem_new(strlen(path) + sizeof "-wal");
	struct db db;

	stpcpy(stpcpy(log, path), "-wal");
	bool has_log = files_size(log) > 0;
	free(log);
	if (has_log)
		return err_set(err,
			       "%s-wal holds commits that are not yet in %s: "
			       "it is no backup but a store, or part of one",
			       path, path);
	if (access(path, R_OK) < 0)
		return err_errno(err, "cannot read %s", path);
	if (db_open(&db, path, DB_FILE, err) < 0)
		return -1;
	int result = check_open(&db, path, err);
	db_close(&db);
	return result;
}

/* "store.db.before-restore-TIME", the same however often the end is tried. */
static int
name_kept(const char *restored, char *out, size_t size, struct err *err)
{
	struct stat about;
	struct tm tm;
	char time[32];

	if (stat(restored, &about) < 0 || !gmtime_r(&about.st_mtim.tv_sec, &tm))
		return err_errno(err, "cannot look at %s", restored);
	strftime(time, sizeof time, "%Y%m%dT%H%M%S", &tm);
	snprintf(out, size, STORE_FILE ".before-restore-%s.%06ld", time,
		 about.st_mtim.tv_nsec / 1000);
	return 0;
}

/* Rename dir/from to dir/to, so that it lasts; from may be missing. */
static int
move(const char *dir, const char *from, const char *to, struct err *err)
{
	char *from_path = files_path(dir, from);
	char *to_path = files_path(dir, to);

	int result = rename(from_path, to_path);
	if (result < 0 && errno == ENOENT)
		result = 0;
	if (result < 0)
		err_errno(err, "cannot rename %s", from_path);
	else
		result = files_sync_parent(to_path, err);
	free(from_path);
	free(to_path);
	return result;
}

/* The log goes before the new database comes: SQLite would take it for its
 * own. */
static int
change_places(const char *dir, const char *restored, struct err *err)
{
	char kept[80], kept_log[88], kept_memory[88];

	if (name_kept(restored, kept, sizeof kept, err) < 0)
		return -1;
	snprintf(kept_log, sizeof kept_log, "%s-wal", kept);
	snprintf(kept_memory, sizeof kept_memory, "%s-shm", kept);
	if (move(dir, STORE_FILE, kept, err) < 0 ||
	    move(dir, STORE_FILE "-wal", kept_log, err) < 0 ||
	    move(dir, STORE_FILE "-shm", kept_memory, err) < 0)
		return -1;
	return move(dir, RESTORED, STORE_FILE, err);
}

int
restore_end(const char *dir, struct err *err)
{
	char *restored = files_path(dir, RESTORED);
	int result = 0;

	if (files_size(restored) >= 0)
		result = change_places(dir, restored, err);
	free(restored);
	return result;
}

bool
store_is_there(const char *dir)
{
	char *store = files_path(dir, STORE_FILE);
	char *restored = files_path(dir, RESTORED);
	bool is_there = files_size(store) >= 0 || files_size(restored) >= 0;

	free(store);
	free(restored);
	return is_there;
}

static int
restore_locked(const char *dir, int from, struct err *err)
{
	char *restoring = files_path(dir, RESTORING);

	unlink(restoring);
	int result = files_copy(from, restoring, err);
	if (result == 0)
		result = store_check_file(restoring, err);
	if (result < 0)
		unlink(restoring);
	else
		result = move(dir, RESTORING, RESTORED, err);
	free(restoring);
	return result < 0 ? -1 : restore_end(dir, err);
}

int
store_restore_stream(const char *dir, int from, struct err *err)
{
	char *real;

	if (files_open_dir(dir, &real, err) < 0)
		return -1;
	int result = -1;
	int lock_fd = files_lock(real, NULL, err);
	if (lock_fd >= 0) {
		if (restore_end(real, err) == 0)
			result = restore_locked(real, from, err);
		close(lock_fd);
	}
	free(real);
	return result;
}

/* What is wrong with the file is said before a copy of it is made, and by its
 * own name. */
int
store_restore(const char *dir, const char *path, struct err *err)
{
	if (store_check_file(path, err) < 0)
		return -1;
	int from = open(path, O_RDONLY | O_CLOEXEC);
	if (from < 0)
		return err_errno(err, "cannot open %s", path);
	int result = store_restore_stream(dir, from, err);
	close(from);
	return result;
}
