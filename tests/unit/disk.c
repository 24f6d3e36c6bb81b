/* The functions that write files take the place of the C library's for the
 * whole process, SQLite included: what is not in the directory, and everything
 * while nothing is recorded, they hand to the kernel as it is, but for syncs.
 */
#undef _FORTIFY_SOURCE /* it makes some of them inline functions */
#include "disk_steps.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"

#define FDS_MAX 1024

struct disk_record disk_record;

static struct {
	pthread_mutex_t lock;
	atomic_bool is_on;
	char dir[256];
	int fds[FDS_MAX]; /* which file each descriptor is of */
	int n_files;
	struct disk_names names; /* as the process sees them */
	const char *lie, *full;
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* ---- What is recorded; under the lock */

static struct disk_step *
add_step(enum disk_what what, int file)
{
	if ((disk_record.n_steps & (disk_record.n_steps - 1)) == 0) {
		size_t room = disk_record.n_steps ? 2 * disk_record.n_steps : 1;
		disk_record.steps = realloc(disk_record.steps,
					    room * sizeof *disk_record.steps);
		assert(disk_record.steps);
	}
	struct disk_step *step = &disk_record.steps[disk_record.n_steps++];
	*step = (struct disk_step){.what = what, .file = file};
	return step;
}

static bool
ends_in(const char *name, const char *suffix)
{
	size_t len = strlen(name), suffix_len = strlen(suffix);

	return len >= suffix_len && !strcmp(name + len - suffix_len, suffix);
}

/* Its name in the directory, NULL: it is elsewhere, or what no start needs. */
static const char *
name_in(const char *path)
{
	size_t len = strlen(disk.dir);

	if (strncmp(path, disk.dir, len) != 0 || path[len] != '/')
		return NULL;
	const char *name = path + len + 1;
	if (strchr(name, '/') || !strcmp(name, "lock") || ends_in(name, "-shm"))
		return NULL;
	return name;
}

void
disk_set_name(char out[DISK_NAME_SIZE], const char *name)
{
	size_t len = strlen(name);

	assert(len < DISK_NAME_SIZE);
	memcpy(out, name, len + 1);
}

int
disk_find(const struct disk_names *names, const char *name)
{
	for (int i = DISK_DIRECTORY + 1; i < DISK_FILES_MAX; i++)
		if (strcmp(names->of[i], name) == 0)
			return i;
	return DISK_NOT_OURS;
}

static int
new_file(const char *name)
{
	int file = disk.n_files++;

	assert(file < DISK_FILES_MAX);
	disk_set_name(disk.names.of[file], name);
	return file;
}

static int
file_of(int fd)
{
	return fd >= 0 && fd < FDS_MAX ? disk.fds[fd] : DISK_NOT_OURS;
}

static void
opened(int fd, const char *path, int flags)
{
	if (strcmp(path, disk.dir) == 0) {
		disk.fds[fd] = DISK_DIRECTORY;
		return;
	}
	const char *name = name_in(path);
	if (!name)
		return;
	int file = disk_find(&disk.names, name);
	if (file == DISK_NOT_OURS) {
		file = new_file(name);
		disk_set_name(add_step(NAMED, file)->name, name);
	}
	assert(fd < FDS_MAX && !(flags & O_TRUNC));
	disk.fds[fd] = file;
}

static void
written(int file, const void *data, size_t len, size_t offset)
{
	struct disk_step *step = add_step(WRITTEN, file);

	step->offset = offset;
	step->len = len;
	step->data = mem_new(len + 1);
	memcpy(step->data, data, len);
}

static void
synced(int file)
{
	const char *name = file == DISK_DIRECTORY ? "/" : disk.names.of[file];

	if (!disk.lie || !ends_in(name, disk.lie))
		add_step(SYNCED, file);
}

static void
renamed(const char *from, const char *to)
{
	int file = from ? disk_find(&disk.names, from) : DISK_NOT_OURS;
	int over = to ? disk_find(&disk.names, to) : DISK_NOT_OURS;

	if (file == DISK_NOT_OURS)
		return;
	assert(to);
	struct disk_step *step = add_step(RENAMED, file);
	disk_set_name(step->name, from);
	disk_set_name(step->to, to);
	if (over != DISK_NOT_OURS)
		disk.names.of[over][0] = '\0';
	disk_set_name(disk.names.of[file], to);
}

static void
removed(const char *name)
{
	int file = name ? disk_find(&disk.names, name) : DISK_NOT_OURS;

	if (file == DISK_NOT_OURS)
		return;
	disk_set_name(add_step(REMOVED, file)->name, name);
	disk.names.of[file][0] = '\0';
}

/* ---- In the place of the C library's */

static int
open_any(const char *path, int flags, mode_t mode)
{
	if (!atomic_load(&disk.is_on))
		return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
	pthread_mutex_lock(&disk.lock);
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
	if (fd >= 0)
		opened(fd, path, flags);
	pthread_mutex_unlock(&disk.lock);
	return fd;
}

int
open(const char *path, int flags, ...)
{
	va_list args;

	va_start(args, flags);
	mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
	va_end(args);
	return open_any(path, flags, mode);
}

int
open64(const char *path, int flags, ...)
{
	va_list args;

	va_start(args, flags);
	mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
	va_end(args);
	return open_any(path, flags, mode);
}

int
close(int fd)
{
	pthread_mutex_lock(&disk.lock);
	if (fd >= 0 && fd < FDS_MAX)
		disk.fds[fd] = DISK_NOT_OURS;
	pthread_mutex_unlock(&disk.lock);
	return (int)syscall(SYS_close, fd);
}

ssize_t
write(int fd, const void *data, size_t len)
{
	pthread_mutex_lock(&disk.lock);
	int file = file_of(fd);
	off_t offset = file > DISK_DIRECTORY ? lseek(fd, 0, SEEK_CUR) : 0;
	ssize_t n = syscall(SYS_write, fd, data, len);
	if (file > DISK_DIRECTORY && n > 0)
		written(file, data, (size_t)n, (size_t)offset);
	pthread_mutex_unlock(&disk.lock);
	return n;
}

static bool
is_full(int file)
{
	return file > DISK_DIRECTORY && disk.full &&
	       ends_in(disk.names.of[file], disk.full);
}

ssize_t
pwrite64(int fd, const void *data, size_t len, off64_t offset)
{
	pthread_mutex_lock(&disk.lock);
	if (is_full(file_of(fd))) {
		pthread_mutex_unlock(&disk.lock);
		errno = ENOSPC;
		return -1;
	}
	ssize_t n = syscall(SYS_pwrite64, fd, data, len, offset);
	if (file_of(fd) > DISK_DIRECTORY && n > 0)
		written(file_of(fd), data, (size_t)n, (size_t)offset);
	pthread_mutex_unlock(&disk.lock);
	return n;
}

static int
cut_off(int fd, off_t len)
{
	pthread_mutex_lock(&disk.lock);
	int result = (int)syscall(SYS_ftruncate, fd, len);
	if (file_of(fd) > DISK_DIRECTORY && result == 0)
		add_step(CUT_OFF, file_of(fd))->len = (size_t)len;
	pthread_mutex_unlock(&disk.lock);
	return result;
}

int
ftruncate(int fd, off_t len)
{
	return cut_off(fd, len);
}

int
ftruncate64(int fd, off64_t len)
{
	return cut_off(fd, len);
}

int
fsync(int fd)
{
	pthread_mutex_lock(&disk.lock);
	if (file_of(fd) != DISK_NOT_OURS)
		synced(file_of(fd));
	pthread_mutex_unlock(&disk.lock);
	return 0;
}

int
fdatasync(int fd)
{
	return fsync(fd);
}

static int
rename_any(const char *from, const char *to, unsigned int flags)
{
	pthread_mutex_lock(&disk.lock);
	int result = (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to,
				  flags);
	if (atomic_load(&disk.is_on) && result == 0)
		renamed(name_in(from), name_in(to));
	pthread_mutex_unlock(&disk.lock);
	return result;
}

int
rename(const char *from, const char *to)
{
	return rename_any(from, to, 0);
}

int
renameat2(int from_dir, const char *from, int to_dir, const char *to,
	  unsigned int flags)
{
	assert(from_dir == AT_FDCWD && to_dir == AT_FDCWD);
	return rename_any(from, to, flags);
}

int
unlink(const char *path)
{
	pthread_mutex_lock(&disk.lock);
	int result = (int)syscall(SYS_unlink, path);
	if (atomic_load(&disk.is_on) && result == 0)
		removed(name_in(path));
	pthread_mutex_unlock(&disk.lock);
	return result;
}

/* ---- Recording */

static void
load(struct disk_content *content, const char *path)
{
	FILE *file = fopen(path, "rb");

	assert(file);
	fseek(file, 0, SEEK_END);
	content->len = (size_t)ftell(file);
	content->data = mem_new(content->len + 1);
	rewind(file);
	size_t n = fread(content->data, 1, content->len, file);
	assert(n == content->len);
	fclose(file);
}

static void
forget(void)
{
	for (size_t i = 0; i < disk_record.n_steps; i++)
		free(disk_record.steps[i].data);
	free(disk_record.steps);
	disk_record.steps = NULL;
	disk_record.n_steps = 0;
	for (int i = 0; i < DISK_FILES_MAX; i++)
		free(disk_record.files[i].data);
	memset(disk_record.files, 0, sizeof disk_record.files);
	memset(&disk.names, 0, sizeof disk.names);
	memset(disk.fds, 0, sizeof disk.fds);
	disk.n_files = DISK_DIRECTORY + 1;
}

void
disk_begin(const char *dir)
{
	struct dirent *entry;
	char path[512];

	forget();
	snprintf(disk.dir, sizeof disk.dir, "%s", dir);
	DIR *list = opendir(dir);
	assert(list);
	while ((entry = readdir(list))) {
		snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
		const char *name = name_in(path);
		if (name && entry->d_name[0] != '.')
			load(&disk_record.files[new_file(name)], path);
	}
	closedir(list);
	disk_record.names = disk.names;
	atomic_store(&disk.is_on, true);
}

void
disk_end(void)
{
	pthread_mutex_lock(&disk.lock);
	atomic_store(&disk.is_on, false);
	memset(disk.fds, 0, sizeof disk.fds);
	pthread_mutex_unlock(&disk.lock);
}

size_t
disk_n_steps(void)
{
	pthread_mutex_lock(&disk.lock);
	size_t n = disk_record.n_steps;
	pthread_mutex_unlock(&disk.lock);
	return n;
}

void
disk_fill(const char *suffix)
{
	pthread_mutex_lock(&disk.lock);
	disk.full = suffix;
	pthread_mutex_unlock(&disk.lock);
}

void
disk_lie(const char *suffix)
{
	disk.lie = suffix;
}
