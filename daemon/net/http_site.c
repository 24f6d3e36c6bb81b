/* Sites: routes whose owner comes and goes.  While he is away a request waits
 * whole, on its connection, and the paths of his routes are kept, so that it
 * is known whose it is.  A request that is still coming in stays with its
 * route, and is looked at when it is whole.  Loop thread. */
#include <stdlib.h>

#include "base/mem.h"
#include "net/http_inside.h"

#define RETRY_S 5

struct http_site *
http_site_new(struct http_server *server, size_t max_waiting, int64_t wait_ms)
{
	struct http_site *site = mem_new(sizeof *site);

	site->server = server;
	site->max_waiting = max_waiting;
	site->wait_ms = wait_ms;
	site->last = &site->first;
	return site;
}

/* ---- Waiting */

static void
wait_there(struct http_site *site, struct http_request *request)
{
	request->waits_at = site;
	request->waiting_link = site->last;
	*site->last = request;
	site->last = &request->next_waiting;
	site->n_waiting++;
	http_conn_set_state(request->conn, HTTP_CONN_WAITING, site->wait_ms);
}

void
http_site_leave(struct http_request *request)
{
	struct http_site *site = request->waits_at;

	if (!site)
		return;
	*request->waiting_link = request->next_waiting;
	if (request->next_waiting)
		request->next_waiting->waiting_link = request->waiting_link;
	else
		site->last = request->waiting_link;
	request->next_waiting = NULL;
	request->waits_at = NULL;
	site->n_waiting--;
}

void
http_site_refuse(struct http_request *request)
{
	http_site_leave(request);
	http_problem(request, 503, "unavailable",
		     "What serves this does not run just now; try again.",
		     RETRY_S);
}

void
http_site_take(struct http_site *site, struct http_request *request)
{
	if (site->state == HTTP_SITE_HELD &&
	    site->n_waiting < site->max_waiting)
		wait_there(site, request);
	else
		http_site_refuse(request);
}

static void
refuse_all(struct http_site *site)
{
	while (site->first)
		http_site_refuse(site->first);
}

/* ---- Routes that are kept */

/* The first request of the route that its function has had, or any. */
static struct http_request *
find_open(const struct http_route *route, bool is_any)
{
	struct http_request *request = route->open;

	while (request && !is_any && request->conn->state < HTTP_CONN_HANDLING)
		request = request->next;
	return request;
}

void
http_site_keep(struct http_route *route)
{
	struct http_request *request;

	route->fn = NULL;
	while ((request = find_open(route, false)))
		http_conn_revoke(request->conn);
}

/* Those that wait go to another route, or hear that there is none. */
static void
remove_kept(struct http_route *route)
{
	struct http_request *request;

	while ((request = find_open(route, true))) {
		if (request->waits_at)
			http_request_leave_route(request);
		else
			http_conn_revoke(request->conn);
	}
	http_routes_remove(route);
}

static void
remove_all_kept(struct http_site *site)
{
	struct http_route *route = site->server->routes.first, *next;

	for (; route; route = next) {
		next = route->next;
		if (route->site == site && !route->fn)
			remove_kept(route);
	}
}

/* ---- The owner goes and comes */

void
http_site_hold(struct http_site *site)
{
	site->state = HTTP_SITE_HELD;
}

void
http_site_open(struct http_site *site)
{
	struct http_request *request;

	if (site->state == HTTP_SITE_OPEN)
		return;
	site->state = HTTP_SITE_OPEN;
	remove_all_kept(site);
	/* What serves one may hold the others once more. */
	while (site->state == HTTP_SITE_OPEN && (request = site->first)) {
		http_site_leave(request);
		http_conn_dispatch_again(request->conn);
	}
}

void
http_site_down(struct http_site *site)
{
	site->state = HTTP_SITE_DOWN;
	refuse_all(site);
}

void
http_site_free(struct http_site *site)
{
	if (!site)
		return;
	refuse_all(site);
	remove_all_kept(site);
	http_site_allow(site, NULL, 0);
	free(site->origins);
	free(site);
}
