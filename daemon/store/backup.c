/* Backup: on the thread of the caller, but what reads the database runs on the
 * store thread, a slice at a time. */
#include "store/backup.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "store/copy.h"
#include "store/files.h"
#include "store/internal.h"

/* What a slice may take of the store thread's time. */
#define SLICE_US 5000

struct slice {
	struct copy copy;
	struct store *store;
	const char *path;
	bool is_begun;
	int result; /* as of copy_step() */
	double part;
	struct err err;
};

/* On the store thread, as are the next two. */
static void
begin(void *arg)
{
	struct slice *slice = arg;

	slice->result =
		copy_begin(&slice->copy, &slice->store->thread.writer.db,
			   slice->path, &slice->err);
	slice->is_begun = slice->result == 0;
}

static void
step(void *arg)
{
	struct slice *slice = arg;

	slice->result = copy_step(&slice->copy, SLICE_US, &slice->err);
	slice->part = copy_part_done(&slice->copy);
}

static void
end(void *arg)
{
	struct slice *slice = arg;

	copy_end_reading(&slice->copy);
}

static int
copy_all(struct slice *slice, bool (*progress)(void *arg, double part),
	 void *arg)
{
	struct store_thread *t = &slice->store->thread;

	do {
		if (thread_run(t, step, slice, &slice->err) < 0)
			return -1;
		if (progress && !progress(arg, slice->part))
			return err_set(&slice->err, "the backup was stopped");
	} while (slice->result > 0);
	return slice->result;
}

int
store_backup(struct store *store, const char *path,
	     bool (*progress)(void *arg, double part), void *arg,
	     struct err *err)
{
	struct slice slice = {.store = store, .path = path};
	struct store_thread *t = &store->thread;

	if (thread_run(t, begin, &slice, err) < 0)
		return -1;
	int result = slice.result;
	if (result == 0)
		result = copy_all(&slice, progress, arg);
	if (slice.is_begun && thread_run(t, end, &slice, &slice.err) < 0)
		result = -1;
	if (result == 0)
		result = copy_finish(&slice.copy, &slice.err);
	else if (slice.is_begun)
		copy_cancel(&slice.copy);
	if (result < 0)
		err_set(err, "backup to %s: %s", path, slice.err.text);
	return result;
}

int
store_backup_open(struct store *store, bool (*progress)(void *arg, double part),
		  void *arg, int64_t *len_r, struct err *err)
{
	char *path = files_temporary(store->dir);
	int fd = -1;

	if (store_backup(store, path, progress, arg, err) == 0) {
		*len_r = files_size(path);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			err_errno(err, "cannot open %s", path);
		unlink(path);
	}
	free(path);
	return fd;
}
