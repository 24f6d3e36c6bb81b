/* Reading with read(), not by mapping: a file that somebody cuts short while
 * it is read is then an error and not a SIGBUS.  Any thread. */
#include "model/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"

#define BLOCK ((size_t)64 * 1024)

int
model_file_open(const char *path, int64_t *size_r, struct err *err)
{
	struct stat status;
	/* Lest opening waits for the other end of a pipe. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &status)) {
		err_errno(err, "%s", path);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	if (!S_ISREG(status.st_mode)) {
		close(fd);
		return err_set(err, "%s is no file", path);
	}
	*size_r = status.st_size;
	return fd;
}

int
model_file_read_at(int fd, const char *path, int64_t offset, void *out,
		   size_t len, struct err *err)
{
	char *to = out;

	while (len > 0) {
		ssize_t n = pread(fd, to, len, offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "%s", path);
		if (n == 0)
			return err_set(err,
				       "%s became shorter while it was "
				       "read",
				       path);
		to += n;
		offset += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
join(char path[PATH_MAX], const char *dir, const char *name, struct err *err)
{
	if (snprintf(path, PATH_MAX, "%s/%s", dir, name) < PATH_MAX)
		return 0;
	return err_set(err, "%s: the path is too long", name);
}

int
model_file_read(const char *dir, const char *name, struct buf *out,
		struct err *err)
{
	char path[PATH_MAX], block[BLOCK];
	int64_t size;
	ssize_t n;
	int ret = 0;

	if (join(path, dir, name, err))
		return -1;
	int fd = model_file_open(path, &size, err);
	if (fd < 0)
		return -1;
	while (!ret && (n = read(fd, block, sizeof block)) != 0) {
		if (n < 0 && errno != EINTR)
			ret = err_errno(err, "%s", path);
		else if (n > 0 && buf_add(out, block, (size_t)n))
			ret = err_set(err, "%s has more than %zu bytes", path,
				      out->max);
	}
	close(fd);
	return ret;
}

bool
model_file_exists(const char *dir, const char *name)
{
	char path[PATH_MAX];

	return join(path, dir, name, NULL) == 0 && access(path, F_OK) == 0;
}
