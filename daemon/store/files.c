/* Files of the store.  A database that a connection of this process has open
 * is never opened here: closing it would end SQLite's own locks. */
#include "store/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/mem.h"

#define COPY_BYTES (1 << 16)

char *
files_path(const char *dir, const char *name)
{
	char *path = mem_new(strlen(dir) + strlen(name) + 2);

	stpcpy(stpcpy(stpcpy(path, dir), "/"), name);
	return path;
}

int
files_open_dir(const char *dir, char **path_r, struct err *err)
{
	struct stat about;

	bool is_new = mkdir(dir, 0700) == 0;
	if (!is_new && errno != EEXIST)
		return err_errno(err, "cannot make the directory %s", dir);
	char *path = realpath(dir, NULL);
	if (!path || stat(path, &about) < 0) {
		free(path);
		return err_errno(err, "cannot use the directory %s", dir);
	}
	if (!S_ISDIR(about.st_mode)) {
		free(path);
		return err_set(err, "%s is not a directory", dir);
	}
	if (about.st_mode & (S_IWGRP | S_IWOTH)) {
		free(path);
		return err_set(err,
			       "others may write in %s: make it private with "
			       "'chmod 0700 %s'",
			       dir, dir);
	}
	if (is_new && files_sync_parent(path, err) < 0) {
		free(path);
		return -1;
	}
	*path_r = path;
	return 0;
}

/* The path of the directory that a path is in; the caller frees it. */
static char *
parent_of(const char *path)
{
	char *copy = mem_strdup(path);
	char *parent = mem_strdup(dirname(copy));

	free(copy);
	return parent;
}

/* What root makes must stay usable for the daemon's own user. */
static int
give_to_owner(int fd, const char *path)
{
	struct stat about;

	if (geteuid() != 0)
		return 0;
	char *parent = parent_of(path);
	int result = stat(parent, &about);
	free(parent);
	/* A root that may not do that need not, where all is its own. */
	if (result == 0 && about.st_uid == 0 && about.st_gid == getegid())
		return 0;
	return result < 0 ? -1 : fchown(fd, about.st_uid, about.st_gid);
}

static int
open_private(const char *path, int flags)
{
	flags |= O_CREAT | O_NOFOLLOW | O_CLOEXEC;
	int fd = open(path, flags, 0600);
	if (fd >= 0 && give_to_owner(fd, path) < 0) {
		int error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

static int
refuse_lock(int fd, const char *dir, bool *is_locked_r, struct err *err)
{
	char pid[24] = "";
	ssize_t len = pread(fd, pid, sizeof pid - 1, 0);

	pid[len > 0 ? strspn(pid, "0123456789") : 0] = '\0';
	if (is_locked_r)
		*is_locked_r = true;
	return err_set(err,
		       "the store in %s is in use by process %s: end that, or "
		       "name another directory by --state",
		       dir, pid[0] ? pid : "unknown");
}

int
files_lock(const char *dir, bool *is_locked_r, struct err *err)
{
	char *path = files_path(dir, "lock");
	int fd = open_private(path, O_RDWR);
	free(path);
	if (fd < 0)
		return err_errno(err, "cannot open %s/lock", dir);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK)
			refuse_lock(fd, dir, is_locked_r, err);
		else
			err_errno(err, "cannot lock %s/lock", dir);
		close(fd);
		return -1;
	}
	/* A full disk is no reason to stay away: the lock holds without it. */
	if (ftruncate(fd, 0) == 0)
		dprintf(fd, "%ld\n", (long)getpid());
	return fd;
}

int
files_touch(const char *path, struct err *err)
{
	int fd = open_private(path, O_RDWR);

	if (fd < 0)
		return err_errno(err, "cannot open %s", path);
	close(fd);
	return 0;
}

static int
sync_fd(int fd, const char *path, struct err *err)
{
	int result = fsync(fd);

	if (result < 0)
		err_errno(err, "cannot sync %s", path);
	close(fd);
	return result;
}

int
files_sync(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, "cannot open %s", path);
	return sync_fd(fd, path, err);
}

int
files_sync_parent(const char *path, struct err *err)
{
	char *parent = parent_of(path);
	int result = files_sync(parent, err);

	free(parent);
	return result;
}

int
files_write(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len > 0) {
		ssize_t n = write(fd, at, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

int
files_name_new(const char *from, const char *to)
{
	int result = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);

	if (result < 0 && (errno == EINVAL || errno == ENOSYS))
		result = rename(from, to);
	return result;
}

static int
copy_bytes(int in, int out)
{
	char *block = mem_new(COPY_BYTES);
	ssize_t n;
	int result = 0;

	while (result == 0 && (n = read(in, block, COPY_BYTES)) != 0) {
		if (n > 0)
			result = files_write(out, block, (size_t)n);
		else if (errno != EINTR)
			result = -1;
	}
	free(block);
	return result;
}

int
files_copy(int from, const char *to, struct err *err)
{
	int out = open_private(to, O_WRONLY | O_EXCL);
	if (out < 0)
		return err_errno(err, "cannot make %s", to);
	int result = copy_bytes(from, out);
	if (result < 0) {
		err_errno(err, "cannot copy to %s", to);
		close(out);
	} else {
		result = sync_fd(out, to, err);
	}
	if (result < 0)
		unlink(to);
	return result;
}

char *
files_temporary(const char *dir)
{
	uint8_t random[8];
	char hex[2 * sizeof random + 1], name[64];

	crypto_random(random, sizeof random);
	crypto_hex(random, sizeof random, hex);
	snprintf(name, sizeof name, "backup-%s.tmp", hex);
	return files_path(dir, name);
}

void
files_remove_temporary(const char *dir)
{
	DIR *list = opendir(dir);

	for (struct dirent *e; list && (e = readdir(list));)
		if (fnmatch("backup-????????????????.tmp*", e->d_name, 0) == 0)
			unlinkat(dirfd(list), e->d_name, 0);
	if (list)
		closedir(list);
}

int64_t
files_size(const char *path)
{
	struct stat about;

	return stat(path, &about) < 0 ? -1 : (int64_t)about.st_size;
}
