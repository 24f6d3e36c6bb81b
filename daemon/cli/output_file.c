#include "cli/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "store/files.h"

/* The name that a signal removes before it ends the process. */
static const char *volatile unfinished;

static void
on_end(int number)
{
	if (unfinished)
		unlink(unfinished);
	raise(number); /* now with what it does by itself */
}

static const int ending[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};

#define N_ENDING (sizeof(ending) / sizeof(*ending))

static void
watch_signals(void)
{
	struct sigaction action = {
		.sa_handler = on_end,
		.sa_flags = (int)(SA_RESETHAND | SA_NODEFER),
	};
	for (size_t i = 0; i < N_ENDING; i++) {
		struct sigaction old;
		/* nohup(1) has one ignored, and that is how it stays. */
		if (!sigaction(ending[i], NULL, &old) &&
		    old.sa_handler == SIG_DFL)
			sigaction(ending[i], &action, NULL);
	}
	/* A file that may not grow further is an error of the write then. */
	signal(SIGXFSZ, SIG_IGN);
}

/* The file is there and known to on_end(), or neither: signals wait. */
static int
make_partial(struct output_file *file)
{
	sigset_t held, old;

	sigemptyset(&held);
	for (size_t i = 0; i < N_ENDING; i++)
		sigaddset(&held, ending[i]);
	pthread_sigmask(SIG_BLOCK, &held, &old);
	int fd = mkostemp(file->partial, O_CLOEXEC);
	int error = errno;
	if (fd >= 0) {
		unfinished = file->partial;
		watch_signals();
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	errno = error;
	return fd;
}

/* A name of its own: a known one beside the file might be somebody's link. */
static int
open_partial(struct output_file *file, struct err *err)
{
	int n = snprintf(file->partial, sizeof(file->partial), "%s.XXXXXX",
			 file->path);
	if (n < 0 || (size_t)n >= sizeof(file->partial))
		return err_set(err, "%s: the name is too long", file->path);
	file->fd = make_partial(file);
	return file->fd < 0
		       ? err_errno(err, "%s: a file beside it cannot be made",
				   file->path)
		       : 0;
}

/* A link in the last place is replaced, or leads elsewhere: it is the directory
 * that counts. */
static bool
is_in(const char *path, const char *dir)
{
	char parent[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int len = slash ? (int)(slash - path) + 1 : 0;
	snprintf(parent, sizeof(parent), "%.*s.", len, path);
	struct stat a, b;
	return !stat(parent, &a) && !stat(dir, &b) && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

int
output_file_open(struct output_file *file, const char *path,
		 const char *state_dir, bool is_forced, struct err *err)
{
	struct stat status;
	*file = (struct output_file){
		.path = path,
		.fd = STDOUT_FILENO,
		.is_forced = is_forced,
	};
	if (strcmp(path, "-") == 0)
		return 0;
	if (state_dir && is_in(path, state_dir))
		return err_set(err,
			       "%s is in the state directory, which is the "
			       "daemon's alone; write it elsewhere",
			       path);
	if (stat(path, &status))
		return open_partial(file, err);
	if (S_ISREG(status.st_mode) && is_forced)
		return open_partial(file, err);
	if (S_ISREG(status.st_mode))
		return err_set(err,
			       "%s is there already; --force overwrites it",
			       path);
	file->fd = open(path, O_WRONLY | O_CLOEXEC);
	return file->fd < 0 ? err_errno(err, "%s", path) : 0;
}

int
output_file_add(void *arg, const void *data, size_t len)
{
	struct output_file *file = arg;
	if (!files_write(file->fd, data, len))
		return 0;
	file->error = errno;
	return -1;
}

static int
open_to_all(const struct output_file *file)
{
	mode_t mask = umask(0);

	umask(mask);
	return fchmod(file->fd, 0644 & ~mask);
}

static int
give_name(const struct output_file *file, struct err *err)
{
	int rc = file->is_forced ? rename(file->partial, file->path)
				 : files_name_new(file->partial, file->path);
	return rc ? err_errno(err, "%s", file->path)
		  : files_sync_parent(file->path, err);
}

int
output_file_close(struct output_file *file, bool keep, struct err *err)
{
	bool is_stdout = file->fd == STDOUT_FILENO;
	int rc = keep ? 0 : -1;
	if (file->error) {
		errno = file->error;
		rc = err_errno(err, "%s",
			       is_stdout ? "standard output" : file->path);
	}
	if (!rc && *file->partial && file->is_public && open_to_all(file))
		rc = err_errno(err, "%s", file->path);
	if (!rc && *file->partial && fsync(file->fd))
		rc = err_errno(err, "%s", file->path);
	if (!is_stdout)
		close(file->fd);
	if (!rc && *file->partial)
		rc = give_name(file, err);
	if (rc && *file->partial)
		unlink(file->partial);
	unfinished = NULL;
	return rc;
}
