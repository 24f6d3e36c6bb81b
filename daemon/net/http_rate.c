/* Whose request it is, and how many of his are too many.  Loop thread.
 *
 * A request of a site's routes is counted against the token that it brings,
 * then against the address that it comes from, then against all.  The token is
 * not checked here: one that is made up has a bucket of its own, and the
 * address pays for it all the same. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/hash.h"
#include "base/metric.h"
#include "base/time.h"
#include "net/http_inside.h"

/* ---- The client */

void
http_request_set_client(struct http_request *request)
{
	const struct http_conn *conn = request->conn;
	const struct http_limits *limits = &conn->server->limits;
	struct sockaddr_storage client;

	if (!conn->is_from_proxy)
		return;
	const char *value =
		http_header(request, forwarded_name(limits->client_field));
	if (value &&
	    forwarded_client(limits->client_field, value, limits->proxies,
			     limits->n_proxies, &client)) {
		address_text((struct sockaddr *)&client, request->client);
		request->client_group =
			address_group((struct sockaddr *)&client);
	} else {
		request->is_unnamed = !http_is_loopback(request);
	}
	if (request->is_unnamed)
		metric_add(conn->server->unnamed, 1);
}

uint64_t
http_request_group(const struct http_request *request)
{
	return request->client_group ? request->client_group
				     : request->conn->peer->group;
}

/* Did one of the limits' proxies send it on? */
static bool
is_forwarded(const struct http_request *request)
{
	return request->client_group || request->is_unnamed;
}

bool
http_request_is_counted(const struct http_request *request)
{
	const struct http_conn *conn = request->conn;

	return is_forwarded(request) || !conn->is_loopback ||
	       !conn->server->limits.exempt_loopback;
}

const char *
http_peer(const struct http_request *request)
{
	return request->client_group ? request->client
				     : request->conn->peer_text;
}

/* ---- His rate */

struct limit {
	const char *name, *words;
	enum http_refusal refusal;
	uint64_t key; /* 0: it does not count */
	int per_minute;
};

static uint64_t
key_of(const char *kind, const void *data, size_t len)
{
	uint64_t parts[2] = {hash_bytes(kind, strlen(kind)),
			     hash_bytes(data, len)};
	uint64_t key = hash_bytes(parts, sizeof parts);

	return key ? key : 1;
}

/* A proxy on this machine that nobody has told us of stands for all its
 * clients. */
static uint64_t
address_key(const struct http_request *request)
{
	uint64_t group = http_request_group(request);

	if (request->conn->is_loopback && !is_forwarded(request) &&
	    !http_is_loopback(request))
		return 0;
	return key_of("address", &group, sizeof group);
}

static void
answer_too_many(struct http_request *request, const struct limit *limit,
		int wait_s)
{
	char detail[160];
	struct http_fault fault = {429, "rate_limited", detail};

	metric_add(request->conn->server->refused[limit->refusal], 1);
	snprintf(detail, sizeof detail,
		 "There are more than %d requests a minute %s.",
		 limit->per_minute, limit->words);
	http_conn_refuse(request->conn, &fault, NULL, 0, wait_s);
}

/* What the answer tells is the first limit's that there is, or the one's that
 * was reached. */
static bool
take(struct http_request *request, const struct limit *limit)
{
	struct rate rate;

	if (limit->key == 0 || limit->per_minute <= 0)
		return true;
	bool is_taken = rates_take(request->conn->server->rates, limit->key,
				   limit->per_minute, time_mono_us(), &rate);
	if (!request->rate_name || !is_taken) {
		request->rate_name = limit->name;
		request->rate_quota = limit->per_minute;
		request->rate = rate;
	}
	if (!is_taken)
		answer_too_many(request, limit, rate.wait_s);
	return is_taken;
}

bool
http_rate_admit(struct http_request *request, const struct http_route *route)
{
	const struct http_limits *limits = &request->conn->server->limits;
	const char *token = http_bearer(request);

	if (!route->site ||
	    (!limits->rate_loopback && http_is_loopback(request)))
		return true;
	const struct limit all[] = {
		{"token", "with this token", HTTP_REFUSED_TOKEN,
		 token ? key_of("token", token, strlen(token)) : 0,
		 limits->rate_per_token},
		{"address", "from this address", HTTP_REFUSED_ADDRESS,
		 address_key(request), limits->rate_per_address},
		{"server", "in all", HTTP_REFUSED_SERVER,
		 key_of("server", "", 0), limits->rate_total},
	};
	return take(request, &all[0]) && take(request, &all[1]) &&
	       take(request, &all[2]);
}

/* draft-ietf-httpapi-ratelimit-headers-10. */
size_t
http_rate_fields(const struct http_request *request,
		 struct http_rate_words *words,
		 struct http_field out[HTTP_RATE_FIELDS])
{
	if (!request->rate_name)
		return 0;
	snprintf(words->policy, sizeof words->policy, "\"%s\";q=%d;w=60",
		 request->rate_name, request->rate_quota);
	snprintf(words->limit, sizeof words->limit, "\"%s\";r=%lld;t=%d",
		 request->rate_name, (long long)request->rate.left,
		 request->rate.reset_s);
	out[0] = (struct http_field){"RateLimit-Policy", words->policy};
	out[1] = (struct http_field){"RateLimit", words->limit};
	return 2;
}
