#include "cli/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

int
output_file_open(struct output_file *file, const char *path, bool is_forced,
		 struct err *err)
{
	*file = (struct output_file){.path = path, .fd = STDOUT_FILENO};
	if (strcmp(path, "-") == 0)
		return 0;
	if (!is_forced && !access(path, F_OK))
		return err_set(err,
			       "%s is there already; --force overwrites it",
			       path);
	int n = snprintf(file->partial, sizeof(file->partial), "%s.part", path);
	if (n < 0 || (size_t)n >= sizeof(file->partial))
		return err_set(err, "%s: the name is too long", path);
	file->fd = open(file->partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
			0600);
	return file->fd < 0 ? err_errno(err, "%s", file->partial) : 0;
}

int
output_file_add(void *arg, const void *data, size_t len)
{
	struct output_file *file = arg;
	const char *at = data;
	while (len) {
		ssize_t n = write(file->fd, at, len);
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
output_file_close(struct output_file *file, bool keep, struct err *err)
{
	if (!*file->partial)
		return keep ? 0 : -1;
	int rc = keep ? 0 : -1;
	if (!rc && fsync(file->fd))
		rc = err_errno(err, "%s", file->partial);
	close(file->fd);
	if (!rc && rename(file->partial, file->path))
		rc = err_errno(err, "%s", file->path);
	if (rc)
		unlink(file->partial);
	return rc;
}
