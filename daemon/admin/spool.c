#include "admin/spool.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"

int
spool_open(struct spool *spool, const char *dir, struct err *err)
{
	if (!dir) {
		spool->file = tmpfile();
		return spool->file ? 0 : err_errno(err, "a temporary file");
	}
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, "%s: a temporary file", dir);
	spool->file = fdopen(fd, "w+");
	if (!spool->file) {
		close(fd);
		return err_errno(err, "%s: a temporary file", dir);
	}
	return 0;
}

int
spool_bytes(struct spool *spool, const void *data, size_t len, struct err *err)
{
	if (fwrite(data, 1, len, spool->file) == len)
		return 0;
	return err_errno(err, "writing a temporary file");
}

int
spool_json_line(struct spool *spool, const json_t *value, struct err *err)
{
	if (!json_dumpf(value, spool->file, JSON_COMPACT | JSON_ENCODE_ANY) &&
	    fputc('\n', spool->file) != EOF)
		return 0;
	return err_errno(err, "writing a temporary file");
}

int
spool_finish(struct spool *spool, int *fd_r, int64_t *len_r, struct err *err)
{
	struct stat status;
	int fd = -1;
	if (!fflush(spool->file))
		fd = fcntl(fileno(spool->file), F_DUPFD_CLOEXEC, 0);
	if (fd < 0 || fstat(fd, &status) || lseek(fd, 0, SEEK_SET) < 0) {
		err_errno(err, "writing a temporary file");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	spool_release(spool);
	*fd_r = fd;
	*len_r = status.st_size;
	return 0;
}

void
spool_release(struct spool *spool)
{
	if (spool->file)
		fclose(spool->file);
	spool->file = NULL;
}
