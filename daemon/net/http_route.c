/* The tree of routes.  Loop thread.  A node is a segment; "/" is one empty
 * segment, so that "/a" and "/a/" differ. */
#include "net/http_route.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

struct http_node {
	struct http_node *parent;
	struct http_node *next;	    /* of the parent's children */
	struct http_node *children; /* fixed segments */
	struct http_node *named;    /* any segment that is not empty */
	struct http_route *routes;
	char segment[];
};

static const char *const methods[] = {"GET",   "HEAD",	 "POST",   "PUT",
				      "PATCH", "DELETE", "OPTIONS"};
#define N_METHODS (sizeof methods / sizeof *methods)

static struct http_node *
node_new(struct http_node *parent, const char *segment, size_t len)
{
	struct http_node *node = mem_new(sizeof *node + len + 1);

	node->parent = parent;
	memcpy(node->segment, segment, len);
	return node;
}

void
http_routes_init(struct http_routes *routes)
{
	*routes = (struct http_routes){.root = node_new(NULL, "", 0)};
	routes->last = &routes->first;
}

static void
route_free(struct http_route *route)
{
	while (route->tallies) {
		struct http_tally *tally = route->tallies;
		route->tallies = tally->next;
		free(tally);
	}
	for (size_t i = 0; i < route->n_params; i++)
		free(route->param_names[i]);
	free(route->path);
	free(route);
}

void
http_routes_release(struct http_routes *routes)
{
	while (routes->first)
		http_routes_remove(routes->first);
	free(routes->root);
	routes->root = NULL;
}

static struct http_node *
find_fixed(const struct http_node *node, const char *segment, size_t len)
{
	for (struct http_node *n = node->children; n; n = n->next) {
		if (strncmp(n->segment, segment, len) == 0 && !n->segment[len])
			return n;
	}
	return NULL;
}

static struct http_node *
grow_fixed(struct http_node *parent, const char *segment, size_t len)
{
	struct http_node *node = find_fixed(parent, segment, len);

	if (!node) {
		node = node_new(parent, segment, len);
		node->next = parent->children;
		parent->children = node;
	}
	return node;
}

static struct http_node *
grow_named(struct http_node *parent)
{
	if (!parent->named)
		parent->named = node_new(parent, "{}", 2);
	return parent->named;
}

/* Free the node, and those above it, as far as they lead nowhere. */
static void
prune(struct http_node *node)
{
	while (node->parent && !node->children && !node->named &&
	       !node->routes) {
		struct http_node *parent = node->parent, **link;
		if (parent->named == node) {
			parent->named = NULL;
		} else {
			for (link = &parent->children; *link != node;)
				link = &(*link)->next;
			*link = node->next;
		}
		free(node);
		node = parent;
	}
}

static bool
is_name(const char *text, size_t len)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

	return len > 0 && strspn(text, allowed) >= len;
}

/* Letters, digits and marks that a label of a metric, too, takes as it is. */
static bool
is_fixed(const char *text, size_t len)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-._~";

	return strspn(text, allowed) >= len;
}

/* One segment of a template below node; NULL when it is malformed. */
static struct http_node *
grow_segment(struct http_route *route, struct http_node *node,
	     const char *segment, size_t len)
{
	if (len < 2 || segment[0] != '{')
		return is_fixed(segment, len) ? grow_fixed(node, segment, len)
					      : NULL;
	if (segment[len - 1] != '}' || !is_name(segment + 1, len - 2) ||
	    route->n_params == HTTP_MAX_PARAMS)
		return NULL;
	route->param_names[route->n_params++] =
		mem_strndup(segment + 1, len - 2);
	return grow_named(node);
}

/* The node of the route's path, which is made; NULL when it is malformed. */
static struct http_node *
grow_path(struct http_routes *routes, struct http_route *route)
{
	struct http_node *node = routes->root, *below = node;
	const char *p = route->path;

	for (int n = 0; below && *p == '/' && n < HTTP_MAX_SEGMENTS; n++) {
		node = below;
		size_t len = strcspn(++p, "/");
		below = grow_segment(route, node, p, len);
		p += len;
	}
	if (below && !*p && below != routes->root)
		return below;
	prune(below ? below : node);
	return NULL;
}

static struct http_route *
find_method(const struct http_node *node, const char *method)
{
	for (struct http_route *r = node->routes; r; r = r->next_here) {
		if (strcmp(r->method, method) == 0)
			return r;
	}
	return NULL;
}

static const char *
known_method(const char *method)
{
	for (size_t i = 0; i < N_METHODS; i++) {
		if (strcmp(method, methods[i]) == 0)
			return methods[i];
	}
	return NULL;
}

static void
link_route(struct http_routes *routes, struct http_node *node,
	   struct http_route *route)
{
	route->routes = routes;
	route->node = node;
	route->next_here = node->routes;
	node->routes = route;
	route->link = routes->last;
	*routes->last = route;
	routes->last = &route->next;
}

/* It is made again, by a path of the same segments. */
static void
make_again(struct http_route *kept, struct http_route *again)
{
	struct http_route before = *kept;

	kept->path = again->path;
	kept->tallies = again->tallies;
	kept->n_params = again->n_params;
	memcpy(kept->param_names, again->param_names, sizeof kept->param_names);
	again->path = before.path;
	again->tallies = before.tallies;
	again->n_params = before.n_params;
	memcpy(again->param_names, before.param_names,
	       sizeof again->param_names);
}

struct http_route *
http_routes_add(struct http_routes *routes, struct http_site *site,
		const char *method, const char *path, struct err *err)
{
	struct http_route *route = mem_new(sizeof *route), *there;

	route->site = site;
	route->path = mem_strdup(path);
	route->method = known_method(method);
	struct http_node *node = grow_path(routes, route);
	if (!route->method || !node) {
		err_set(err, "'%s %s' is no route", method, path);
		if (node)
			prune(node);
		route_free(route);
		return NULL;
	}
	there = find_method(node, method);
	if (!there) {
		link_route(routes, node, route);
		return route;
	}
	bool is_kept = site && there->site == site && !there->fn;
	if (is_kept)
		make_again(there, route);
	else
		err_set(err, "the route '%s %s' is taken", method, path);
	route_free(route);
	return is_kept ? there : NULL;
}

void
http_routes_remove(struct http_route *route)
{
	struct http_route **here = &route->node->routes;

	assert(!route->open);
	while (*here != route)
		here = &(*here)->next_here;
	*here = route->next_here;
	prune(route->node);
	*route->link = route->next;
	if (route->next)
		route->next->link = route->link;
	else
		route->routes->last = route->link;
	route_free(route);
}

/* Find the rest of a path below node.  A fixed segment wins, unless the path
 * leads nowhere behind it. */
static bool
find_below(struct http_node *node, const char *path, struct http_match *match)
{
	if (!*path) {
		match->node = node;
		return node->routes != NULL;
	}
	size_t len = strcspn(++path, "/"), n_params = match->n_params;
	struct http_node *fixed = find_fixed(node, path, len);
	if (fixed && find_below(fixed, path + len, match))
		return true;
	match->n_params = n_params;
	if (!node->named || len == 0 || n_params == HTTP_MAX_PARAMS)
		return false;
	match->params[n_params].at = path;
	match->params[n_params].len = len;
	match->n_params++;
	return find_below(node->named, path + len, match);
}

bool
http_routes_find(const struct http_routes *routes, const char *path,
		 struct http_match *match_r)
{
	match_r->n_params = 0;
	return path[0] == '/' && find_below(routes->root, path, match_r);
}

struct http_route *
http_node_route(const struct http_node *node, const char *method)
{
	struct http_route *route = find_method(node, method);

	if (!route && strcmp(method, "HEAD") == 0)
		route = find_method(node, "GET");
	return route;
}

const struct http_route *
http_node_any(const struct http_node *node)
{
	return node->routes;
}

void
http_node_allow(const struct http_node *node, char out[HTTP_ALLOW_SIZE])
{
	char *end = out;

	for (size_t i = 0; i < N_METHODS; i++) {
		if (!http_node_route(node, methods[i]) &&
		    strcmp(methods[i], "OPTIONS") != 0)
			continue;
		if (end > out)
			end = stpcpy(end, ", ");
		end = stpcpy(end, methods[i]);
	}
}
