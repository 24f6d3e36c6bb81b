/* TCP sockets that a service manager holds and passes on, so that nobody is
 * refused while this process ends and the next one starts.  Loop thread.
 *
 * The descriptor that was passed is kept to the end, and listeners have copies
 * of it: the address of one that is closed could not be bound again while the
 * manager has it. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "net/http_inside.h"
#include "net/listen_fds.h"

struct http_inherited {
	struct http_inherited *next;
	int fd;
	struct sockaddr_storage address;
	char text[ADDRESS_TEXT_SIZE + 10]; /* as http.listen would name it */
	char name[64];
};

/* The port is at the same place in both families. */
static in_port_t
port_of(const void *address)
{
	return ((const struct sockaddr_in *)address)->sin_port;
}

static bool
is_wildcard(const struct sockaddr_storage *address)
{
	if (address->ss_family == AF_INET)
		return ((const struct sockaddr_in *)address)->sin_addr.s_addr ==
		       htonl(INADDR_ANY);
	return IN6_IS_ADDR_UNSPECIFIED(
		&((const struct sockaddr_in6 *)address)->sin6_addr);
}

static bool
is_same(const struct sockaddr_storage *a, const struct addrinfo *info)
{
	if (a->ss_family != info->ai_family ||
	    port_of(a) != port_of(info->ai_addr))
		return false;
	if (a->ss_family == AF_INET)
		return ((const struct sockaddr_in *)a)->sin_addr.s_addr ==
		       ((const struct sockaddr_in *)info->ai_addr)
			       ->sin_addr.s_addr;
	return IN6_ARE_ADDR_EQUAL(
		&((const struct sockaddr_in6 *)a)->sin6_addr,
		&((const struct sockaddr_in6 *)info->ai_addr)->sin6_addr);
}

/* "*" is whatever the manager made of a port without an address. */
static bool
is_for(const struct http_inherited *one, const struct addrinfo *info,
       bool is_any)
{
	if (is_any)
		return is_wildcard(&one->address) &&
		       port_of(&one->address) == port_of(info->ai_addr);
	return is_same(&one->address, info);
}

static const struct http_inherited *
find(const struct http_server *server, const struct addrinfo *info, bool is_any)
{
	const struct http_inherited *one = server->inherited;

	while (one && !is_for(one, info, is_any))
		one = one->next;
	return one;
}

int
http_inherited_open(const struct http_server *server,
		    const struct addrinfo *info, bool is_any)
{
	const struct http_inherited *one = find(server, info, is_any);

	return one ? fcntl(one->fd, F_DUPFD_CLOEXEC, 0) : -1;
}

static bool
has_socket(const struct http_server *server, const struct http_address *address)
{
	const struct addrinfo *info = address->found;

	while (info && !find(server, info, address->is_any))
		info = info->ai_next;
	return info != NULL;
}

static bool
has_address(const struct http_inherited *one, const struct http_address *list)
{
	for (; list; list = list->next) {
		const struct addrinfo *info = list->found;
		while (info && !is_for(one, info, list->is_any))
			info = info->ai_next;
		if (info)
			return true;
	}
	return false;
}

int
http_inherited_check(const struct http_server *server,
		     const struct http_address *list, struct err *err)
{
	const struct http_inherited *one = server->inherited;

	while (one && has_address(one, list))
		one = one->next;
	if (one)
		return err_set(err,
			       "the service manager passes a socket that "
			       "listens on %s%s%s, which is not named here: "
			       "its clients would wait for ever.  Name it, or "
			       "change ListenStream= of tellerd.socket",
			       one->text, *one->name ? ", " : "", one->name);
	while (server->inherited && list && has_socket(server, list))
		list = list->next;
	if (server->inherited && list)
		return err_set(err,
			       "the service manager passes sockets (the first "
			       "listens on %s), but none for %s: give "
			       "tellerd.socket another ListenStream=",
			       server->inherited->text, list->text);
	return 0;
}

/* Is it a TCP socket that listens?  Its address is noted. */
static bool
is_of_use(struct http_inherited *one)
{
	int is_listening = 0;
	socklen_t len = sizeof is_listening;
	socklen_t address_len = sizeof one->address;

	return getsockopt(one->fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening,
			  &len) == 0 &&
	       is_listening &&
	       getsockname(one->fd, (struct sockaddr *)&one->address,
			   &address_len) == 0 &&
	       (one->address.ss_family == AF_INET ||
		one->address.ss_family == AF_INET6);
}

static void
name_address(struct http_inherited *one)
{
	const struct sockaddr *address = (struct sockaddr *)&one->address;
	char host[ADDRESS_TEXT_SIZE];
	bool is_v6 = address->sa_family == AF_INET6;

	address_text(address, host);
	snprintf(one->text, sizeof one->text, "%s%s%s:%u", is_v6 ? "[" : "",
		 host, is_v6 ? "]" : "", (unsigned)ntohs(port_of(address)));
}

int
http_server_inherit(struct http_server *server, int fd, const char *name,
		    struct err *err)
{
	struct http_inherited *one = mem_new(sizeof *one);

	one->fd = fd;
	snprintf(one->name, sizeof one->name, "%s", name);
	if (!is_of_use(one) ||
	    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0) {
		free(one);
		return err_set(err,
			       "descriptor %d%s%s, which the service manager "
			       "passes, is no TCP socket that listens",
			       fd, *name ? ", " : "", name);
	}
	name_address(one);
	one->next = server->inherited;
	server->inherited = one;
	return 0;
}

int
http_server_inherit_all(struct http_server *server, struct err *err)
{
	struct listen_fds fds;

	if (listen_fds_read(&fds, err) < 0)
		return -1;
	for (size_t i = 0; i < fds.n; i++) {
		if (http_server_inherit(server, fds.first + (int)i,
					fds.names[i], err) < 0)
			return -1;
	}
	return 0;
}

void
http_inherited_free(struct http_server *server)
{
	while (server->inherited) {
		struct http_inherited *one = server->inherited;
		server->inherited = one->next;
		close(one->fd);
		free(one);
	}
}
