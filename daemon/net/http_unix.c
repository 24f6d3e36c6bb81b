/* Opening sockets that listen: unix.  Loop thread. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "net/http_inside.h"

/* Remove the socket that a daemon left behind.  0, or -1 and *err: the path is
 * something else, or someone listens there. */
static int
remove_stale(const struct sockaddr_un *address, struct err *err)
{
	const char *path = address->sun_path;
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : http_listen_failed(path, err);
	if (!S_ISSOCK(st.st_mode))
		return err_set(err,
			       "cannot listen on %s: there is a file that is "
			       "no socket; remove it",
			       path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return http_listen_failed(path, err);
	bool is_used = connect(fd, (const struct sockaddr *)address,
			       sizeof *address) == 0 ||
		       errno == EAGAIN;
	close(fd);
	errno = EADDRINUSE;
	return is_used || unlink(path) < 0 ? http_listen_failed(path, err) : 0;
}

/* A service that runs with that group has it from the start, and may lack the
 * right to give files away. */
static int
give_to_group(const char *path, long gid)
{
	struct stat st;

	if (gid < 0 || (lstat(path, &st) == 0 && st.st_gid == (gid_t)gid))
		return 0;
	return chown(path, (uid_t)-1, (gid_t)gid);
}

/* Bind with no rights for others until mode and group are as wanted. */
static int
bind_unix(int fd, const struct sockaddr_un *address, unsigned int mode,
	  long gid)
{
	const char *path = address->sun_path;

	/* What the socket's inode has, its name gets (Linux). */
	if (fchmod(fd, 0600) < 0 ||
	    bind(fd, (const struct sockaddr *)address, sizeof *address) < 0)
		return -1;
	if (give_to_group(path, gid) < 0 || chmod(path, mode) < 0 ||
	    listen(fd, HTTP_BACKLOG) < 0) {
		int number = errno;
		unlink(path);
		errno = number;
		return -1;
	}
	return 0;
}

int
http_server_listen_unix(struct http_server *server, const char *path,
			unsigned int mode, long gid, struct err *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof address.sun_path)
		return err_set(err,
			       "cannot listen on %s: the path is longer than "
			       "%zu bytes",
			       path, sizeof address.sun_path - 1);
	memcpy(address.sun_path, path, len);
	if (remove_stale(&address, err) < 0)
		return -1;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return http_listen_failed(path, err);
	if (bind_unix(fd, &address, mode, gid) < 0) {
		if (errno == EPERM && gid >= 0)
			err_set(err,
				"cannot give %s to its group: run this program "
				"with it, as by Group= of tellerd.service",
				path);
		else
			http_listen_failed(path, err);
		close(fd);
		return -1;
	}
	return http_server_add_listener(server, fd, mem_strdup(path), err);
}
