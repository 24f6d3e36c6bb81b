/* Opening sockets that listen: TCP and unix.  Loop thread. */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "net/http_inside.h"

#define BACKLOG 1024

struct http_address {
	struct http_address *next;
	char *text;	  /* as it was given */
	const char *port; /* within text */
	bool is_any;
	struct addrinfo *found;
};

/* "host:port", "[v6]:port", "*:port" to its parts; false if it is none. */
static bool
split_address(const char *address, char host[256], const char **port_r)
{
	const char *colon = strrchr(address, ':');
	size_t len = colon ? (size_t)(colon - address) : 0;
	bool is_v6 = len >= 2 && address[0] == '[' && address[len - 1] == ']';

	if (len == 0 || len > 255 || (!is_v6 && memchr(address, ':', len)))
		return false;
	if (!colon[1] || strspn(colon + 1, "0123456789") != strlen(colon + 1) ||
	    strtoul(colon + 1, NULL, 10) > 65535)
		return false;
	memcpy(host, address + is_v6, len - 2 * is_v6);
	host[len - 2 * is_v6] = '\0';
	*port_r = colon + 1;
	return true;
}

static int
explain(const char *what, struct err *err)
{
	if (errno == EADDRINUSE)
		return err_set(err,
			       "cannot listen on %s: another program does; "
			       "stop it or choose another port",
			       what);
	if (errno == EADDRNOTAVAIL)
		return err_set(err,
			       "cannot listen on %s: this machine has no such "
			       "address",
			       what);
	return err_errno(err, "cannot listen on %s", what);
}

/* A socket that listens there, or -1 and errno. */
static int
open_tcp(const struct addrinfo *info, bool is_any)
{
	int fd = socket(info->ai_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
	if (info->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){!is_any},
			   sizeof(int));
	if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	int number = errno;
	close(fd);
	errno = number;
	return -1;
}

static in_port_t
socket_port(int fd)
{
	struct sockaddr_storage address = {0};
	socklen_t len = sizeof address;

	if (getsockname(fd, (struct sockaddr *)&address, &len) < 0 ||
	    address.ss_family == AF_UNIX)
		return 0;
	/* It is at the same place in both families. */
	return ((struct sockaddr_in *)&address)->sin_port;
}

int
http_server_port(const struct http_server *server)
{
	in_port_t port = 0;

	/* The list has the newest first. */
	for (struct http_listener *l = server->listeners; l; l = l->next) {
		in_port_t found = socket_port(l->fd);
		if (found)
			port = found;
	}
	return ntohs(port);
}

/* Port 0 becomes one port for all addresses of a name. */
static void
share_port(const struct http_server *server, struct addrinfo *info)
{
	struct sockaddr_in *in = (struct sockaddr_in *)info->ai_addr;

	if (in->sin_port == 0)
		in->sin_port = socket_port(server->listeners->fd);
}

/* Listen on every address of the list; on a machine without IPv6 its are left
 * out.  "*" is one socket for both families, if that is possible. */
static int
listen_all(struct http_server *server, const char *text, bool is_any,
	   struct addrinfo *list, struct err *err)
{
	int n = 0, number = EADDRNOTAVAIL;

	for (struct addrinfo *info = list; info; info = info->ai_next) {
		if (n > 0)
			share_port(server, info);
		int fd = open_tcp(info, is_any);
		if (fd < 0) {
			number = errno;
			if (errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT)
				continue;
			return explain(text, err);
		}
		int rc = http_server_add_listener(server, fd, NULL, err);
		server->listeners->address = mem_strdup(text);
		if (rc < 0)
			return -1;
		n++;
		if (is_any)
			break;
	}
	errno = number;
	return n > 0 ? 0 : explain(text, err);
}

static int
resolve(const char *host, const char *port, int family, struct addrinfo **list)
{
	struct addrinfo hints = {.ai_family = family,
				 .ai_socktype = SOCK_STREAM,
				 .ai_flags = AI_PASSIVE | AI_NUMERICSERV};

	return getaddrinfo(host, port, &hints, list);
}

static void
address_free(struct http_address *address)
{
	if (address->found)
		freeaddrinfo(address->found);
	free(address->text);
	free(address);
}

void
http_addresses_free(struct http_address *list)
{
	while (list) {
		struct http_address *next = list->next;
		address_free(list);
		list = next;
	}
}

int
http_address_add(struct http_address **list, const char *text, struct err *err)
{
	struct http_address *address = mem_new(sizeof *address);
	char host[256];

	address->text = mem_strdup(text);
	if (!split_address(address->text, host, &address->port)) {
		err_set(err,
			"cannot listen on '%s': it is not HOST:PORT, "
			"[IPv6]:PORT or *:PORT, PORT a number up to 65535",
			text);
		goto fail;
	}
	address->is_any = strcmp(host, "*") == 0;
	int error = resolve(address->is_any ? "::" : host, address->port,
			    AF_UNSPEC, &address->found);
	if (error) {
		address->found = NULL;
		err_set(err, "cannot listen on %s: %s", text,
			gai_strerror(error));
		goto fail;
	}
	while (*list)
		list = &(*list)->next;
	*list = address;
	return 0;
fail:
	address_free(address);
	return -1;
}

static int
open_address(struct http_server *server, const struct http_address *address,
	     struct err *err)
{
	struct addrinfo *list = NULL;
	int ret = listen_all(server, address->text, address->is_any,
			     address->found, err);

	/* A kernel without IPv6 has no "::". */
	if (ret < 0 && address->is_any && errno == EAFNOSUPPORT &&
	    resolve("0.0.0.0", address->port, AF_INET, &list) == 0) {
		ret = listen_all(server, address->text, true, list, err);
		freeaddrinfo(list);
	}
	return ret;
}

int
http_server_listen(struct http_server *server, const char *text,
		   struct err *err)
{
	struct http_address *address = NULL;

	if (http_address_add(&address, text, err) < 0)
		return -1;
	if (open_address(server, address, err) < 0) {
		http_addresses_free(address);
		return -1;
	}
	address->next = server->addresses;
	server->addresses = address;
	return 0;
}

static bool
has_address(const struct http_address *list, const char *text)
{
	while (list && strcmp(list->text, text) != 0)
		list = list->next;
	return list != NULL;
}

static bool
is_open(const struct http_server *server, const char *text)
{
	const struct http_listener *l = server->listeners;

	while (l && (!l->address || strcmp(l->address, text) != 0))
		l = l->next;
	return l != NULL;
}

/* Open the sockets of those of the list that have none: an old one may have
 * lost its own, where it could not be opened again. */
static int
open_missing(struct http_server *server, const struct http_address *list,
	     struct err *err)
{
	for (; list; list = list->next) {
		if (is_open(server, list->text) ||
		    open_address(server, list, err) == 0)
			continue;
		/* Of several addresses of a name some may be. */
		http_server_close_listeners(server, list->text);
		return -1;
	}
	return 0;
}

static void
close_others(struct http_server *server, const struct http_address *list,
	     const struct http_address *other)
{
	for (; list; list = list->next)
		if (!has_address(other, list->text))
			http_server_close_listeners(server, list->text);
}

/* The old ones go first: "*:8080" cannot be opened beside "127.0.0.1:8080". */
int
http_server_listen_only(struct http_server *server, struct http_address **list,
			struct err *err)
{
	struct http_address *before = server->addresses;
	struct err again = {0};

	close_others(server, before, *list);
	if (open_missing(server, *list, err) == 0) {
		server->addresses = *list;
		*list = before;
		return 0;
	}
	close_others(server, *list, before);
	if (open_missing(server, before, &again) < 0)
		err_prefix(err, "%s, after", again.text);
	return -1;
}

/* Remove the socket that a daemon left behind.  0, or -1 and *err: the path is
 * something else, or someone listens there. */
static int
remove_stale(const struct sockaddr_un *address, struct err *err)
{
	const char *path = address->sun_path;
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : explain(path, err);
	if (!S_ISSOCK(st.st_mode))
		return err_set(err,
			       "cannot listen on %s: there is a file that is "
			       "no socket; remove it",
			       path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return explain(path, err);
	bool is_used = connect(fd, (const struct sockaddr *)address,
			       sizeof *address) == 0 ||
		       errno == EAGAIN;
	close(fd);
	errno = EADDRINUSE;
	return is_used || unlink(path) < 0 ? explain(path, err) : 0;
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
	if ((gid >= 0 && chown(path, (uid_t)-1, (gid_t)gid) < 0) ||
	    chmod(path, mode) < 0 || listen(fd, BACKLOG) < 0) {
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
		return explain(path, err);
	if (bind_unix(fd, &address, mode, gid) < 0) {
		explain(path, err);
		close(fd);
		return -1;
	}
	return http_server_add_listener(server, fd, mem_strdup(path), err);
}
