/* What is counted and logged of each answer.  Loop thread. */
#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/metric.h"
#include "base/time.h"
#include "net/http_inside.h"

void
http_tally_begin(struct http_server *server)
{
	static const char *const reasons[HTTP_REFUSALS] = {
		[HTTP_REFUSED_ORIGIN] = "reason=\"origin\"",
		[HTTP_REFUSED_TOKEN] = "reason=\"rate_token\"",
		[HTTP_REFUSED_ADDRESS] = "reason=\"rate_address\"",
		[HTTP_REFUSED_SERVER] = "reason=\"rate_server\"",
	};

	server->conns_gauge =
		metric_get(METRIC_GAUGE, "tellerd_http_connections",
			   "Open HTTP connections.", "");
	server->streams_gauge = metric_get(METRIC_GAUGE, "tellerd_http_streams",
					   "Open HTTP streams.", "");
	server->unnamed = metric_get(
		METRIC_COUNTER, "tellerd_http_unnamed_total",
		"Requests of a proxy of http.proxies that did not say for "
		"whom it asks: all these count as one client.",
		"");
	for (int i = 0; i < HTTP_REFUSALS; i++)
		server->refused[i] = metric_get(
			METRIC_COUNTER, "tellerd_http_refused_total",
			"Requests that were refused before anybody read them: "
			"pages of other sites, too many requests.",
			reasons[i]);
}

static struct metric *
find_tally(struct http_route *route, const char *method, int status)
{
	const char *path = route ? route->path : "none";
	char labels[256];

	for (struct http_tally *t = route ? route->tallies : NULL; t;
	     t = t->next) {
		if (t->status == status && t->method == method)
			return t->count;
	}
	snprintf(labels, sizeof labels,
		 "route=\"%.150s\",method=\"%s\",code=\"%d\"", path, method,
		 status);
	struct metric *count =
		metric_get(METRIC_COUNTER, "tellerd_http_requests_total",
			   "HTTP requests that were answered.", labels);
	if (route) {
		struct http_tally *tally = mem_new(sizeof *tally);
		*tally = (struct http_tally){route->tallies, method, status,
					     count};
		route->tallies = tally;
	}
	return count;
}

void
http_tally(struct http_request *request, int status)
{
	struct http_route *route = request->route;
	const char *method = request->is_head	  ? "HEAD"
			     : route		  ? route->method
			     : request->method[0] ? request->method
						  : "none";
	double seconds = (double)(time_mono_us() - request->began_us) / 1e6;

	const struct log_about about = {.request = http_request_id(request)};

	/* No query and no path as it was sent: ids are in them. */
	log_line(LOG_LEVEL_DEBUG, &about,
		 "http: %s %s: %d in %.1f ms, to %s, %s", method,
		 route ? route->path : "no route", status, seconds * 1e3,
		 http_peer(request), about.request);

	metric_add(find_tally(route, method, status), 1);
	if (route && !request->is_stream)
		metric_observe(route->seconds, seconds);
}
