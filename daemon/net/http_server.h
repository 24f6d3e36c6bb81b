/* An HTTP/1.1 server on the loop: strict framing (RFC 9112), limits on
 * everything, total deadlines, streams that a slow reader cannot fill.  All on
 * the loop thread. */
#ifndef NET_HTTP_SERVER_H
#define NET_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/forwarded.h"

struct address_net;
struct err;
struct loop;
struct ssl_ctx_st;

/* 0 of a limit but the first two: none. */
struct http_limits {
	size_t max_head_bytes; /* request line and headers; 431 above */
	size_t max_body_bytes; /* unless the route says otherwise; 413 */
	/* At most what RLIMIT_NOFILE leaves after 128 for other things. */
	int max_connections;
	int max_per_address;
	int max_streams_per_address;
	/* Loopback peers, often a reverse proxy, are not counted apart. */
	bool exempt_loopback;
	int64_t head_ms, body_ms; /* from first to last byte */
	int64_t idle_ms;	  /* between requests */
	/* For the client to read an answer, and 1 s for each 64,000 bytes. */
	int64_t answer_ms;
	int64_t stream_max_ms;
	size_t stream_high_bytes; /* unread output above which a stream ends */
	/* Over TLS an answer says that the client is not to come by anything
	 * else for so long (RFC 6797). */
	int64_t hsts_s;
	/* Names (with or without ":port") a Host may have; NULL: any.  An IP
	 * address that the request came in on is always accepted, "localhost"
	 * on loopback too. */
	const char *const *hosts;
	size_t n_hosts;
	/* Peers who ask for others and name them in that field; counted is
	 * whom they name, and no peer is counted apart. */
	const struct address_net *proxies;
	size_t n_proxies;
	enum forwarded_field client_field;
	/* Requests a minute to the routes of sites: with one Authorization,
	 * from one address (of IPv6 the first 64 bits), in all. */
	int rate_per_token, rate_per_address, rate_total;
	bool rate_loopback; /* also those of http_is_loopback() */
};
extern const struct http_limits http_limits_default;

struct http_server;
struct http_server *http_server_new(struct loop *, const struct http_limits *);
/* From now on these limits, for new requests (reload). */
void http_server_set_limits(struct http_server *, const struct http_limits *);
/* "127.0.0.1:8080", "[::1]:8080", "*:8080"; with "tls:" before it TLS is spoken
 * there, with what http_addresses_set_tls() has said.  0, or -1 and *err that
 * names the address and, when it is taken, says so.  Port 0: any, see
 * http_server_port().
 */
int http_server_listen(struct http_server *, const char *address, struct err *);
/* The same of several that are changed while the server runs.  A name is looked
 * up here, as long as that takes: any thread.  The address goes behind the
 * others of *list, which is NULL at first.  0, or -1 and *err. */
struct http_address;
int http_address_add(struct http_address **list, const char *address,
		     struct err *);
void http_addresses_free(struct http_address *list);
/* Does one begin with "tls:"? */
bool http_addresses_want_tls(const struct http_address *list);
/* With this certificate and key; from the next connection on once the server
 * listens there.  The list takes a reference of its own. */
void http_addresses_set_tls(struct http_address *list, struct ssl_ctx_st *);
/* Listen there, and at no other TCP address that was given to the server; what
 * it listens on by the same words stays open, and so does every connection.
 * 0, and *list is where it listened before, for who wants to go back; or -1 and
 * *err: all is as it was, unless *err says that an old one cannot be had again
 * either.  The next call for that one tries again. */
int http_server_listen_only(struct http_server *, struct http_address **list,
			    struct err *);
/* A unix socket at path (an old one is replaced), mode, group (-1: ours). */
int http_server_listen_unix(struct http_server *, const char *path,
			    unsigned int mode, long gid, struct err *);
/* A TCP socket that listens already, of a service manager, with its name in
 * words or "".  It is used for the address that it listens on;
 * http_server_listen_only() refuses a list that leaves it out, or has an
 * address without one, once there is any.  0, and the descriptor is taken; or
 * -1 and *err: it is something else. */
int http_server_inherit(struct http_server *, int fd, const char *name,
			struct err *err);
/* All that were passed to this process; at its start.  0, or -1 and *err. */
int http_server_inherit_all(struct http_server *, struct err *err);
/* The first TCP port; 0: none. */
int http_server_port(const struct http_server *);
/* Take no new connections; answers go on.  Every answer says close.  With
 * sockets that were inherited, a connection that had a request within the last
 * second, or is as new as that, may have one more. */
void http_server_drain(struct http_server *);
/* Is nothing left of that but streams? */
bool http_server_is_drained(const struct http_server *);
size_t http_server_active(const struct http_server *);	 /* requests, streams */
size_t http_server_requests(const struct http_server *); /* without streams */
/* Closes everything, calling gone where it applies, and frees the routes. */
void http_server_free(struct http_server *);

struct http_request;
struct http_route;
typedef void http_route_fn(void *arg, struct http_request *);

enum http_route_flags {
	HTTP_LOOPBACK_ONLY = 1 /* 403 for peers elsewhere */
};

/* path: "/v1/conversations/{id}/messages": {name} is one segment.  Fixed
 * segments win over names.  A known path with another method is 405 with
 * Allow; HEAD is answered by GET's route; OPTIONS with 204.  max_body 0: the
 * limits'.  NULL and *err when it is taken or malformed. */
struct http_route *http_server_route(struct http_server *, const char *method,
				     const char *path, int flags,
				     size_t max_body, http_route_fn *,
				     void *arg, struct err *);
/* Requests of it that are not answered yet are gone, and answered 503; its
 * streams are gone, and end. */
void http_route_free(struct http_route *);

/* The routes of an owner who comes and goes while the server runs.  Between
 * hold and open his requests wait, as many and as long as is said here, and
 * then are given to the routes that there are; what is too many or too late is
 * answered 503 with Retry-After.  Between down and open, or hold, they are
 * answered so at once.  Meanwhile the path of a route that is freed stays his,
 * and he may make it again.  A new site is open. */
struct http_site;
struct http_site *http_site_new(struct http_server *, size_t max_waiting,
				int64_t wait_ms);
struct http_route *http_site_route(struct http_site *, const char *method,
				   const char *path, int flags, size_t max_body,
				   http_route_fn *, void *arg, struct err *);
/* Pages of these origins ("https://shop.example"; copied) may call the site's
 * routes from a browser, beside those of its own; at first none.  Of others
 * every request is refused, and refused(arg, origin) called if it is set; what
 * it gets is the client's text.  Of routes of no site only those requests are
 * refused that may change something. */
typedef void http_refused_fn(void *arg, const char *origin);
void http_site_allow(struct http_site *, const char *const *origins, size_t n);
void http_site_on_refused(struct http_site *, http_refused_fn *, void *arg);
void http_site_hold(struct http_site *);
/* Calls the functions of routes. */
void http_site_open(struct http_site *);
void http_site_down(struct http_site *);
/* All its routes were freed; before the server. */
void http_site_free(struct http_site *);
/* The i-th route's method and path, for lists and checks, without those that
 * only wait to be made again; false behind the last. */
bool http_server_route_at(const struct http_server *, size_t i,
			  const char **method_r, const char **path_r);

/* A request, whole: its body is there.  It ends with http_answer() or
 * http_stream(), at once or later, or when the client goes away (closing only
 * its sending side counts), or its route or server is freed: then gone is
 * called, once, and it is no more. */
const char *http_method(const struct http_request *);
const char *http_path(const struct http_request *); /* decoded */
const char *http_param(const struct http_request *, const char *name);
const char *http_query(const struct http_request *, const char *name);
/* Names in any case; several fields of a name are joined by ", ". */
const char *http_header(const struct http_request *, const char *name);
/* What stands behind "Bearer" in Authorization; NULL: it does not say that. */
const char *http_bearer(const struct http_request *);
const void *http_body(const struct http_request *, size_t *len_r);
/* "127.0.0.1", "unix"; whom a proxy of the limits' asks for. */
const char *http_peer(const struct http_request *);
/* Did it come from this machine, to its address or "localhost", and not through
 * a proxy on it (Forwarded, X-Forwarded-..., X-Real-IP, Via)?
 * HTTP_LOOPBACK_ONLY asks this.  False once it was answered. */
bool http_is_loopback(const struct http_request *);
/* The peer of a unix socket; false if it is none. */
bool http_peer_user(const struct http_request *, long *uid_r, long *gid_r,
		    long *pid_r);
/* X-Request-Id if it is well formed, else one of ours; echoed in the answer. */
const char *http_request_id(const struct http_request *);
void http_on_gone(struct http_request *, void (*gone)(void *arg), void *arg);

struct http_field {
	const char *name, *value;
};

/* Answer and be done.  Bytes are copied.  HEAD, 204 and 304 get no body.
 * Values with control characters are our mistake and end the process;
 * X-Content-Type-Options: nosniff, Date, Content-Length and the request id are
 * added, and Cache-Control: no-store unless given. */
void http_answer(struct http_request *, int status, const char *media_type,
		 const struct http_field *fields, size_t n_fields,
		 const void *body, size_t len);
/* Answer with the bytes of a file from its start; takes the descriptor. */
void http_answer_file(struct http_request *, int status, const char *media_type,
		      const struct http_field *fields, size_t n_fields, int fd,
		      int64_t len);
/* Answer with an RFC 9457 problem: application/problem+json with type, title,
 * status, detail, code, request_id; Retry-After when retry_after_s > 0; 401
 * with WWW-Authenticate: Bearer, which is what everybody here asks for. */
void http_problem(struct http_request *, int status, const char *code,
		  const char *detail, int retry_after_s);

/* An answer without an end: chunked, or until close for HTTP/1.0.  gone (set
 * by http_on_gone) is called when the client leaves, reads too slowly, or the
 * stream's time is over; not after http_stream_end().  NULL: the address has
 * too many; the request was answered 429, gone is not called. */
struct http_stream;
struct http_stream *http_stream(struct http_request *, int status,
				const char *media_type,
				const struct http_field *fields,
				size_t n_fields);
/* 0, or -1: cut, gone was called. */
int http_stream_write(struct http_stream *, const void *data, size_t len);
void http_stream_end(struct http_stream *);

#endif
