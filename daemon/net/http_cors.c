/* Which pages may call: origins (RFC 6454), and the CORS protocol of the Fetch
 * standard.  Loop thread.
 *
 * A browser says of each request that might matter what page it comes from.
 * Pages of the server's own origin may do all, those that a site's owner has
 * listed may call his routes, and of others nothing is served.  No answer says
 * "*" or lets credentials through: whoever calls has a token, and no cookie. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/metric.h"
#include "net/http_inside.h"

static const char allowed_headers[] = "Authorization, Content-Type, "
				      "Idempotency-Key, Last-Event-ID, "
				      "X-Request-Id";
static const char exposed_headers[] =
	"Location, Idempotent-Replayed, RateLimit, RateLimit-Policy, "
	"Retry-After, X-Request-Id";

/* ---- The list of a site */

static void
release_origins(struct http_site *site)
{
	for (size_t i = 0; i < site->n_origins; i++)
		free(site->origins[i]);
	free(site->origins);
}

void
http_site_allow(struct http_site *site, const char *const *origins, size_t n)
{
	release_origins(site);
	site->origins = mem_array(n + 1, sizeof *site->origins);
	site->n_origins = n;
	for (size_t i = 0; i < n; i++)
		site->origins[i] = mem_strdup(origins[i]);
}

void
http_site_on_refused(struct http_site *site, http_refused_fn *fn, void *arg)
{
	site->refused = fn;
	site->refused_arg = arg;
}

/* Origins are compared as they are written: browsers write them in one way. */
static bool
is_listed(const struct http_site *site, const char *origin)
{
	for (size_t i = 0; site && i < site->n_origins; i++) {
		if (strcmp(site->origins[i], origin) == 0)
			return true;
	}
	return false;
}

/* ---- A request */

/* Is "https://shop.example" at the host "shop.example"? */
static bool
is_at(const char *origin, const char *host)
{
	static const char *const schemes[] = {"http://", "https://"};

	for (size_t i = 0; host && i < 2; i++) {
		size_t len = strlen(schemes[i]);
		if (strncmp(origin, schemes[i], len) == 0)
			return strcasecmp(origin + len, host) == 0;
	}
	return false;
}

/* A browser that says how the page stands to us knows it better than the names
 * do, which a proxy may have changed; not all say it over plain HTTP. */
static bool
is_our_page(const struct http_request *request, const char *origin)
{
	const char *site = http_header(request, "Sec-Fetch-Site");

	if (site)
		return strcmp(site, "same-origin") == 0;
	return is_at(origin, request->head->host);
}

static bool
may_change(const struct http_request *request)
{
	const char *method = request->method;

	return strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0 &&
	       strcmp(method, "OPTIONS") != 0;
}

static bool
refuse(struct http_request *request, const struct http_site *site,
       const char *origin)
{
	static const struct http_fault refused = {
		403, "origin_refused",
		"Pages of this origin may not call this server."};

	metric_add(request->conn->server->refused[HTTP_REFUSED_ORIGIN], 1);
	if (site && site->refused)
		site->refused(site->refused_arg, origin);
	http_conn_refuse(request->conn, &refused, NULL, 0, 0);
	return false;
}

/* A browser that sends no Origin with what may change something, and yet says
 * that another page's doing it is, would be a strange one. */
static bool
is_forged(const struct http_request *request)
{
	const char *site = http_header(request, "Sec-Fetch-Site");

	return site && may_change(request) &&
	       strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0;
}

bool
http_cors_admit(struct http_request *request, const struct http_route *route)
{
	const char *origin = http_header(request, "Origin");
	const struct http_site *site = route->site;

	request->is_of_site = site != NULL;
	if (!origin)
		return is_forged(request) ? refuse(request, site, "none")
					  : true;
	if (is_our_page(request, origin))
		return true;
	if (is_listed(site, origin))
		request->origin = origin;
	return request->origin || (!site && !may_change(request)) ||
	       refuse(request, site, origin);
}

bool
http_cors_is_preflight(const struct http_request *request)
{
	return request->origin && strcmp(request->method, "OPTIONS") == 0 &&
	       http_header(request, "Access-Control-Request-Method");
}

void
http_cors_answer_preflight(struct http_request *request, const char *allow)
{
	static const struct http_fault no_content = {204, NULL, NULL};
	const struct http_field fields[] = {
		{"Access-Control-Allow-Methods", allow},
		{"Access-Control-Allow-Headers", allowed_headers},
		{"Access-Control-Max-Age", "600"},
	};

	http_conn_refuse(request->conn, &no_content, fields, 3, 0);
}

size_t
http_cors_fields(const struct http_request *request,
		 struct http_field out[HTTP_CORS_FIELDS])
{
	size_t n = 0;

	if (!request->is_of_site)
		return 0;
	out[n++] = (struct http_field){"Vary", "Origin"};
	if (!request->origin)
		return n;
	out[n++] = (struct http_field){"Access-Control-Allow-Origin",
				       request->origin};
	out[n++] = (struct http_field){"Access-Control-Expose-Headers",
				       exposed_headers};
	return n;
}
