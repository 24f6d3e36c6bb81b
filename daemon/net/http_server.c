/* The server: its limits, its routes, its end.  Loop thread. */
#include "net/http_server.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/metric.h"
#include "base/time.h"
#include "net/http_inside.h"
#include "net/loop.h"

/* An answer's head: all of it is our own. */
#define MAX_ANSWER_HEAD_BYTES ((size_t)64 * 1024)
#define KEPT_DESCRIPTORS 128

const struct http_limits http_limits_default = {
	.max_head_bytes = 16 * 1024,
	.max_body_bytes = 64 * 1024,
	.max_connections = 10000,
	.max_per_address = 200,
	.max_streams_per_address = 20,
	.exempt_loopback = true,
	.head_ms = 10 * 1000,
	.body_ms = 30 * 1000,
	.idle_ms = 30 * 1000,
	.answer_ms = 30 * 1000,
	.stream_max_ms = 60 * 60 * 1000,
	.stream_high_bytes = 1024 * 1024,
};

static void
release_limits(struct http_limits *limits)
{
	for (size_t i = 0; i < limits->n_hosts; i++)
		free((char *)limits->hosts[i]);
	free((void *)limits->hosts);
	free((void *)limits->proxies);
}

/* More connections than there are descriptors would wait unanswered; so the
 * caps say 503 before, and leave some to the rest of the process. */
static void
leave_descriptors(struct http_limits *limits)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0 ||
	    files.rlim_cur <= KEPT_DESCRIPTORS)
		return;
	rlim_t most = files.rlim_cur - KEPT_DESCRIPTORS;
	if (limits->max_connections <= 0 ||
	    (rlim_t)limits->max_connections > most)
		limits->max_connections = most < INT_MAX ? (int)most : INT_MAX;
}

static void
copy_limits(struct http_limits *to, const struct http_limits *from)
{
	struct address_net *proxies =
		mem_array(from->n_proxies + 1, sizeof *proxies);

	*to = *from;
	leave_descriptors(to);
	for (size_t i = 0; i < from->n_proxies; i++)
		proxies[i] = from->proxies[i];
	to->proxies = proxies;
	if (!from->hosts)
		to->n_hosts = 0;
	if (!from->hosts)
		return;
	char **hosts = mem_new((from->n_hosts + 1) * sizeof *hosts);
	for (size_t i = 0; i < from->n_hosts; i++)
		hosts[i] = mem_strdup(from->hosts[i]);
	to->hosts = (const char *const *)hosts;
}

struct http_server *
http_server_new(struct loop *loop, const struct http_limits *limits)
{
	struct http_server *server = mem_new(sizeof *server);
	unsigned char random[8];

	server->loop = loop;
	copy_limits(&server->limits, limits);
	http_routes_init(&server->routes);
	server->rates = rates_new();
	server->spare_fd = -1;
	buf_init(&server->out, MAX_ANSWER_HEAD_BYTES);
	crypto_random(random, sizeof random);
	crypto_hex(random, sizeof random, server->id_prefix);
	http_tally_begin(server);
	return server;
}

void
http_server_set_limits(struct http_server *server,
		       const struct http_limits *limits)
{
	struct http_limits before = server->limits;

	copy_limits(&server->limits, limits);
	release_limits(&before);
	for (struct http_conn *conn = server->conns; conn; conn = conn->next)
		http_conn_set_limits(conn);
}

/* Does it wait for a request that need not come?  Where others answer when we
 * do not, one that is on its way is worth waiting for. */
static bool
is_unused(struct http_server *server, struct http_conn *conn)
{
	return conn->state == HTTP_CONN_IDLE &&
	       !(server->inherited && http_conn_wait_last(conn));
}

/* Close the connections that wait for a request, or all.  A call-back may
 * close others, so each time we start anew. */
static void
close_conns(struct http_server *server, bool is_all)
{
	struct http_conn *conn = server->conns;

	while (conn) {
		if (is_all || is_unused(server, conn)) {
			http_conn_close(conn);
			conn = server->conns;
		} else {
			conn = conn->next;
		}
	}
}

void
http_server_drain(struct http_server *server)
{
	server->is_draining = true;
	/* Its head may come at the end of its time, and take as long. */
	if (server->inherited)
		server->last_until_us =
			time_mono_us() + INT64_C(2000) * HTTP_LAST_IDLE_MS;
	http_server_stop_listening(server);
	close_conns(server, false);
}

size_t
http_server_requests(const struct http_server *server)
{
	return server->n_active - server->n_streams;
}

bool
http_server_is_drained(const struct http_server *server)
{
	/* Whoever takes his time over a request does not hold up the end. */
	if (time_mono_us() < server->last_until_us)
		return (size_t)server->n_conns <= server->n_streams;
	return http_server_requests(server) == 0;
}

size_t
http_server_active(const struct http_server *server)
{
	return server->n_active;
}

void
http_server_free(struct http_server *server)
{
	if (!server)
		return;
	http_server_stop_listening(server);
	http_addresses_free(server->addresses);
	http_inherited_free(server);
	close_conns(server, true);
	http_routes_release(&server->routes);
	idmap_release(&server->peers);
	idmap_release(&server->readers);
	rates_free(server->rates);
	release_limits(&server->limits);
	buf_release(&server->out);
	free(server);
}

const char *
http_server_date(struct http_server *server)
{
	time_t now = (time_t)(time_now_us() / 1000000);
	struct tm tm;

	if (now != server->date_s) {
		gmtime_r(&now, &tm);
		strftime(server->date, sizeof server->date,
			 "%a, %d %b %Y %H:%M:%S GMT", &tm);
		server->date_s = now;
	}
	return server->date;
}

/* What it does is given by `given`. */
static struct http_route *
add_route(struct http_server *server, const struct http_route *given,
	  const char *method, const char *path, struct err *err)
{
	struct http_route *route = http_routes_add(&server->routes, given->site,
						   method, path, err);
	char labels[200];

	if (!route)
		return NULL;
	route->flags = given->flags;
	route->max_body = given->max_body;
	route->fn = given->fn;
	route->arg = given->arg;
	snprintf(labels, sizeof labels, "route=\"%.150s\"", route->path);
	route->seconds = metric_get(
		METRIC_HISTOGRAM, "tellerd_http_request_seconds",
		"From a request's first byte to its answer.", labels);
	return route;
}

struct http_route *
http_server_route(struct http_server *server, const char *method,
		  const char *path, int flags, size_t max_body,
		  http_route_fn *fn, void *arg, struct err *err)
{
	const struct http_route given = {
		.flags = flags, .max_body = max_body, .fn = fn, .arg = arg};

	return add_route(server, &given, method, path, err);
}

struct http_route *
http_site_route(struct http_site *site, const char *method, const char *path,
		int flags, size_t max_body, http_route_fn *fn, void *arg,
		struct err *err)
{
	const struct http_route given = {.flags = flags,
					 .max_body = max_body,
					 .fn = fn,
					 .arg = arg,
					 .site = site};

	return add_route(site->server, &given, method, path, err);
}

void
http_route_free(struct http_route *route)
{
	if (!route)
		return;
	if (route->site && route->site->state != HTTP_SITE_OPEN) {
		http_site_keep(route);
		return;
	}
	while (route->open)
		http_conn_revoke(route->open->conn);
	http_routes_remove(route);
}

bool
http_server_route_at(const struct http_server *server, size_t i,
		     const char **method_r, const char **path_r)
{
	const struct http_route *route = server->routes.first;

	while (route && (!route->fn || i-- > 0))
		route = route->next;
	if (!route)
		return false;
	*method_r = route->method;
	*path_r = route->path;
	return true;
}
