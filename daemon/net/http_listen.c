/* Opening sockets that listen: TCP.  Loop thread. */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/metric.h"
#include "net/http_inside.h"
#include "net/tls_server.h"

#define TLS_PREFIX "tls:"

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

int
http_listen_failed(const char *where, struct err *err)
{
	if (errno == EADDRINUSE)
		return err_set(err,
			       "cannot listen on %s: another program does; "
			       "stop it or choose another port",
			       where);
	if (errno == EADDRNOTAVAIL)
		return err_set(err,
			       "cannot listen on %s: this machine has no such "
			       "address",
			       where);
	return err_errno(err, "cannot listen on %s", where);
}

/* The same of an address of the network, where a low port is the one thing that
 * is not for everybody. */
static int
explain_tcp(const char *what, struct err *err)
{
	if (errno == EACCES)
		return err_set(err,
			       "cannot listen on %s: ports below 1024 are "
			       "root's; choose another, or let systemd open it "
			       "(tellerd.socket)",
			       what);
	return http_listen_failed(what, err);
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
	    listen(fd, HTTP_BACKLOG) == 0)
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
		int fd = http_inherited_open(server, info, is_any);
		if (fd < 0)
			fd = open_tcp(info, is_any);
		if (fd < 0) {
			number = errno;
			if (errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT)
				continue;
			return explain_tcp(text, err);
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
	return n > 0 ? 0 : explain_tcp(text, err);
}

static int
resolve(const char *host, const char *port, int family, struct addrinfo **list)
{
	struct addrinfo hints = {.ai_family = family,
				 .ai_socktype = SOCK_STREAM,
				 .ai_flags = AI_PASSIVE | AI_NUMERICSERV};

	return getaddrinfo(host, port, &hints, list);
}

static bool
wants_tls(const struct http_address *address)
{
	return strncmp(address->text, TLS_PREFIX, strlen(TLS_PREFIX)) == 0;
}

bool
http_addresses_want_tls(const struct http_address *list)
{
	while (list && !wants_tls(list))
		list = list->next;
	return list != NULL;
}

void
http_addresses_set_tls(struct http_address *list, struct ssl_ctx_st *tls)
{
	for (; list; list = list->next) {
		if (!wants_tls(list))
			continue;
		tls_server_free(list->tls);
		list->tls = tls_server_ref(tls);
	}
}

struct ssl_ctx_st *
http_server_tls(const struct http_server *server, const char *text)
{
	const struct http_address *address = server->addresses;

	while (address && text && strcmp(address->text, text) != 0)
		address = address->next;
	return address && text ? address->tls : NULL;
}

static void
address_free(struct http_address *address)
{
	tls_server_free(address->tls);
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
	size_t prefix = wants_tls(address) ? strlen(TLS_PREFIX) : 0;
	if (!split_address(address->text + prefix, host, &address->port)) {
		err_set(err,
			"cannot listen on '%s': it is not HOST:PORT, "
			"[IPv6]:PORT or *:PORT, PORT a number up to 65535, "
			"with 'tls:' before it or not",
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

/* A certificate that nobody renews ends unseen, unless somebody watches. */
static void
tell_end_of_tls(const struct http_address *list)
{
	while (list && !list->tls)
		list = list->next;
	if (list)
		metric_set(metric_get(METRIC_GAUGE,
				      "tellerd_tls_certificate_end_seconds",
				      "When the certificate of http."
				      "tls_certificate ends, seconds since "
				      "1970.",
				      ""),
			   (double)tls_server_ends_s(list->tls));
}

/* The old ones go first: "*:8080" cannot be opened beside "127.0.0.1:8080". */
int
http_server_listen_only(struct http_server *server, struct http_address **list,
			struct err *err)
{
	struct http_address *before = server->addresses;
	struct err again = {0};

	if (http_inherited_check(server, *list, err) < 0)
		return -1;
	close_others(server, before, *list);
	if (open_missing(server, *list, err) == 0) {
		server->addresses = *list;
		*list = before;
		tell_end_of_tls(server->addresses);
		return 0;
	}
	close_others(server, *list, before);
	if (open_missing(server, before, &again) < 0)
		err_prefix(err, "%s, after", again.text);
	return -1;
}
