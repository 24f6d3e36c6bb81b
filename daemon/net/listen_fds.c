/* At the start, before anything is opened that could have such a number. */
#include "net/listen_fds.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

#define FIRST_FD 3

/* The number that the variable has, -1: it has none. */
static long
read_number(const char *variable)
{
	const char *text = getenv(variable);
	char *end;

	if (!text || *text < '0' || *text > '9')
		return -1;
	errno = 0;
	long number = strtol(text, &end, 10);
	return *end || errno ? -1 : number;
}

/* Parted by colons; what is too long is cut, as it is for words alone. */
static void
read_names(struct listen_fds *fds)
{
	const char *text = getenv("LISTEN_FDNAMES");

	for (size_t i = 0; text && i < fds->n; i++) {
		size_t len = strcspn(text, ":");
		size_t kept = len < sizeof fds->names[i]
				      ? len
				      : sizeof fds->names[i] - 1;
		memcpy(fds->names[i], text, kept);
		text = text[len] ? text + len + 1 : NULL;
	}
}

int
listen_fds_read(struct listen_fds *fds, struct err *err)
{
	*fds = (struct listen_fds){.first = FIRST_FD};
	if (!getenv("LISTEN_FDS") || read_number("LISTEN_PID") != getpid())
		return 0;
	long n = read_number("LISTEN_FDS");
	if (n < 0 || n > LISTEN_FDS_MAX)
		return err_set(err,
			       "LISTEN_FDS is '%s', and no number up to %d",
			       getenv("LISTEN_FDS"), LISTEN_FDS_MAX);
	for (int i = 0; i < n; i++) {
		if (fcntl(FIRST_FD + i, F_SETFD, FD_CLOEXEC) < 0)
			return err_set(err,
				       "LISTEN_FDS is %ld, but descriptor %d "
				       "is not open",
				       n, FIRST_FD + i);
	}
	fds->n = (size_t)n;
	read_names(fds);
	return 0;
}
