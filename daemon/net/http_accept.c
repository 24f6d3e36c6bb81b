/* Accepting connections, within the caps.  Loop thread. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "net/http_inside.h"
#include "net/loop.h"

#define ACCEPTS_A_TURN 64
#define PAUSE_MS 100
#define MAX_UNSENT_BYTES (128 * 1024)
/* So many that are too many are told so; the rest is closed in silence. */
#define MAX_REFUSED 64

struct http_peer *
http_peer_enter(struct idmap *peers, uint64_t group)
{
	struct http_peer *peer = idmap_get(peers, group);

	if (!peer) {
		peer = mem_new(sizeof *peer);
		peer->group = group;
		idmap_put(peers, group, peer);
	}
	peer->n_open++;
	return peer;
}

void
http_peer_leave(struct idmap *peers, struct http_peer *peer)
{
	if (--peer->n_open > 0)
		return;
	idmap_remove(peers, peer->group);
	free(peer);
}

int
http_peer_open(const struct idmap *peers, uint64_t group)
{
	const struct http_peer *peer = idmap_get(peers, group);

	return peer ? peer->n_open : 0;
}

static bool
is_counted_apart(const struct http_limits *limits,
		 const struct sockaddr *address)
{
	return limits->max_per_address > 0 && address->sa_family != AF_UNIX &&
	       !(limits->exempt_loopback && address_is_loopback(address)) &&
	       !address_is_in(address, limits->proxies, limits->n_proxies);
}

/* The one at that address; NULL when it, or all, have too many. */
static struct http_peer *
admit(struct http_server *server, const struct sockaddr *address)
{
	const struct http_limits *limits = &server->limits;
	uint64_t group = address_group(address);

	if (limits->max_connections > 0 &&
	    server->n_conns >= limits->max_connections)
		return NULL;
	if (is_counted_apart(limits, address) &&
	    http_peer_open(&server->peers, group) >= limits->max_per_address)
		return NULL;
	return http_peer_enter(&server->peers, group);
}

static void
take_connection(struct http_listener *listener, int fd,
		const struct sockaddr *address)
{
	struct http_server *server = listener->server;
	struct http_peer *peer = admit(server, address);

	if (!peer && server->n_refused >= MAX_REFUSED) {
		close(fd);
		return;
	}
	http_conn_new(server, fd, address, peer,
		      http_server_tls(server, listener->address));
}

static void
open_spare(struct http_server *server)
{
	if (server->spare_fd < 0)
		server->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* There is no descriptor left.  The spare one takes a connection to close it,
 * so that its client need not wait. */
static void
shed(struct http_server *server, int listen_fd)
{
	if (server->spare_fd < 0)
		return;
	close(server->spare_fd);
	server->spare_fd = -1;
	int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0)
		close(fd);
	open_spare(server);
}

static void on_accept(void *arg, int events);

static void
watch_listener(struct http_listener *listener, struct err *err)
{
	listener->watch = watch_new(listener->server->loop, listener->fd,
				    WATCH_READ, on_accept, listener, err);
}

static void
accept_again(void *arg)
{
	struct http_server *server = arg;

	for (struct http_listener *l = server->listeners; l; l = l->next) {
		if (!l->watch)
			watch_listener(l, NULL);
		if (!l->watch)
			timer_set(server->accept_again, PAUSE_MS);
	}
}

/* The listener stays ready while we cannot accept: do not look for a while. */
static void
pause_accepting(struct http_listener *listener)
{
	watch_free(listener->watch);
	listener->watch = NULL;
	timer_set(listener->server->accept_again, PAUSE_MS);
}

/* One connection; false when there are no more for now. */
static bool
accept_one(struct http_listener *listener)
{
	struct http_server *server = listener->server;
	struct sockaddr_storage address = {0};
	socklen_t len = sizeof address;
	int fd = accept4(listener->fd, (struct sockaddr *)&address, &len,
			 SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd >= 0) {
		take_connection(listener, fd, (struct sockaddr *)&address);
		return true;
	}
	switch (errno) {
	case EAGAIN:
		return false;
	case EMFILE:
	case ENFILE:
		shed(server, listener->fd);
		pause_accepting(listener);
		return false;
	case ENOBUFS:
	case ENOMEM:
		pause_accepting(listener);
		return false;
	default:
		/* That connection failed, the next may not. */
		return true;
	}
}

static void
on_accept(void *arg, int events)
{
	(void)events;
	for (int i = 0; i < ACCEPTS_A_TURN && accept_one(arg); i++)
		;
}

/* What its connections inherit (Linux); of no use to unix sockets. */
static void
set_options(int fd)
{
	/* An answer leaves whole: there is nothing to wait for. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	/* What a slow reader does not take waits here, where it is counted,
	 * and does not fill the memory of the kernel. */
	setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &(int){MAX_UNSENT_BYTES},
		   sizeof(int));
}

int
http_server_add_listener(struct http_server *server, int fd, char *path,
			 struct err *err)
{
	struct http_listener *listener = mem_new(sizeof *listener);

	listener->server = server;
	listener->fd = fd;
	listener->path = path;
	set_options(fd);
	if (path)
		lstat(path, &listener->made);
	open_spare(server);
	if (!server->accept_again)
		server->accept_again =
			timer_new(server->loop, accept_again, server);
	listener->next = server->listeners;
	server->listeners = listener;
	watch_listener(listener, err);
	return listener->watch ? 0 : -1;
}

static void
free_listener(struct http_listener *listener)
{
	struct stat now;

	watch_free(listener->watch);
	close(listener->fd);
	/* Not one that another program has put there since. */
	if (listener->path && lstat(listener->path, &now) == 0 &&
	    now.st_ino == listener->made.st_ino &&
	    now.st_dev == listener->made.st_dev)
		unlink(listener->path);
	free(listener->path);
	free(listener->address);
	free(listener);
}

void
http_server_close_listeners(struct http_server *server, const char *address)
{
	struct http_listener **link = &server->listeners;

	while (*link) {
		struct http_listener *listener = *link;
		bool is_meant =
			!address || (listener->address &&
				     strcmp(listener->address, address) == 0);
		if (!is_meant) {
			link = &listener->next;
			continue;
		}
		*link = listener->next;
		free_listener(listener);
	}
}

void
http_server_stop_listening(struct http_server *server)
{
	http_server_close_listeners(server, NULL);
	timer_free(server->accept_again);
	server->accept_again = NULL;
	if (server->spare_fd >= 0)
		close(server->spare_fd);
	server->spare_fd = -1;
}
