/* The routes of a server: a tree of path segments.  Loop thread. */
#ifndef NET_HTTP_ROUTE_H
#define NET_HTTP_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "net/http_server.h"

#define HTTP_MAX_SEGMENTS 16
#define HTTP_MAX_PARAMS 8

struct err;
struct http_node;
struct metric;

/* How often it answered with that status. */
struct http_tally {
	struct http_tally *next;
	const char *method; /* a constant */
	int status;
	struct metric *count;
};

struct http_route {
	struct http_route *next, **link; /* of all routes, in order */
	struct http_route *next_here;	 /* of the same path */
	struct http_routes *routes;
	struct http_node *node;
	const char *method;
	char *path;
	char *param_names[HTTP_MAX_PARAMS];
	size_t n_params;
	int flags;
	size_t max_body;
	http_route_fn *fn; /* NULL: freed, its path is kept by its site */
	void *arg;
	struct http_site *site;	   /* NULL: none */
	struct http_request *open; /* not answered yet, streams */
	struct http_tally *tallies;
	struct metric *seconds;
};

struct http_routes {
	struct http_node *root;
	struct http_route *first, **last;
};

void http_routes_init(struct http_routes *);
void http_routes_release(struct http_routes *);

/* Of a site, or of none (NULL).  NULL and *err when path or method is
 * malformed, or the route is taken.  One that the site keeps is what it gets
 * back, with what is open of it. */
struct http_route *http_routes_add(struct http_routes *, struct http_site *,
				   const char *method, const char *path,
				   struct err *);
/* Take a route away and free it; nothing of it may be open. */
void http_routes_remove(struct http_route *);

/* A path that is known, and the segments of it that stand for names. */
struct http_match {
	struct http_node *node;
	struct {
		const char *at;
		size_t len;
	} params[HTTP_MAX_PARAMS];
	size_t n_params;
};

/* Find the decoded path; false: no route has it. */
bool http_routes_find(const struct http_routes *, const char *path,
		      struct http_match *match_r);
/* The route of a known path for the method, HEAD being served by GET; NULL:
 * it has none. */
struct http_route *http_node_route(const struct http_node *,
				   const char *method);

/* One of its routes. */
const struct http_route *http_node_any(const struct http_node *);

/* "GET, HEAD, OPTIONS": what a known path allows. */
#define HTTP_ALLOW_SIZE 64
void http_node_allow(const struct http_node *, char out[HTTP_ALLOW_SIZE]);

#endif
