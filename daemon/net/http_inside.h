/* What the files of the HTTP server know of each other, and nobody else:
 *
 *	http_server.c	the server, its limits, what it counts
 *	http_listen.c	opening sockets that listen: TCP
 *	http_unix.c	the same of unix sockets
 *	http_inherit.c	those that a service manager passes on
 *	http_accept.c	accepting connections, caps
 *	http_conn.c	a connection: its begin and end, what it reads and sends
 *	http_deadline.c	its states, and how long each may last
 *	http_input.c	a connection's bytes become requests
 *	http_request.c	a request: what a route's function may ask of it
 *	http_answer.c	answers, problems, streams
 *	http_cors.c	which pages may call, and what answers say of that
 *	http_rate.c	whose a request is, and how many of his are too many
 *	http_site.c	requests that wait for an owner of routes to come back
 *	http_tally.c	what is counted and logged of each answer
 *
 * All on the loop thread.  A connection has one request at a time; others
 * that the client sent meanwhile wait unread. */
#ifndef NET_HTTP_INSIDE_H
#define NET_HTTP_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "base/buf.h"
#include "base/hash.h"
#include "net/address.h"
#include "net/http_body.h"
#include "net/http_parse.h"
#include "net/http_route.h"
#include "net/http_server.h"
#include "net/rates.h"

struct addrinfo;
struct bufferevent;
struct err;
struct http_inherited;
struct loop;
struct metric;
struct sockaddr;
struct timer;
struct watch;

/* ---- The server */

struct http_listener {
	struct http_listener *next;
	struct http_server *server;
	int fd;
	struct watch *watch;
	char *path;    /* of a unix socket that we made, else NULL */
	char *address; /* as in struct http_address, else NULL */
	struct stat made;
};

/* An address to listen at. */
struct http_address {
	struct http_address *next;
	char *text;		/* as it was given */
	struct ssl_ctx_st *tls; /* what it speaks; NULL: none */
	const char *port;	/* within text */
	bool is_any;
	struct addrinfo *found;
};

/* Whoever is at one address; kept while he has something open. */
struct http_peer {
	uint64_t group;
	int n_open;
};

/* Why a request was refused before anybody read it. */
enum http_refusal {
	HTTP_REFUSED_ORIGIN,
	HTTP_REFUSED_TOKEN,
	HTTP_REFUSED_ADDRESS,
	HTTP_REFUSED_SERVER,
	HTTP_REFUSALS
};

struct http_server {
	struct loop *loop;
	struct http_limits limits; /* with copies of the names */
	struct http_routes routes;
	struct http_listener *listeners;
	struct http_address *addresses;	  /* that the TCP ones are for */
	struct http_inherited *inherited; /* NULL: we open them ourselves */
	int spare_fd; /* given up to take a connection when there are none */
	struct timer *accept_again;
	struct http_conn *conns;
	int n_conns, n_refused;
	size_t n_active, n_streams;
	struct idmap peers;   /* who has connections */
	struct idmap readers; /* who has streams: of a proxy, its clients */
	struct rates *rates;
	struct buf out; /* an answer's head while it is built */
	char date[32];
	int64_t date_s;
	char id_prefix[17];
	uint64_t n_ids;
	bool is_draining;
	int64_t last_until_us; /* for connections that may have one more */
	struct metric *conns_gauge, *streams_gauge;
	struct metric *unnamed; /* requests with is_unnamed */
	struct metric *refused[HTTP_REFUSALS];
};

enum http_site_state { HTTP_SITE_OPEN, HTTP_SITE_HELD, HTTP_SITE_DOWN };

struct http_site {
	struct http_server *server;
	enum http_site_state state;
	struct http_request *first, **last; /* that wait, in order */
	size_t n_waiting, max_waiting;
	int64_t wait_ms;
	char **origins; /* whose pages may call */
	size_t n_origins;
	http_refused_fn *refused; /* NULL: nobody asks */
	void *refused_arg;
};

/* The whole request waits, or is answered: its site is not open. */
void http_site_take(struct http_site *, struct http_request *);
/* It waits no longer, if it did. */
void http_site_leave(struct http_request *);
/* Its route is freed while the site is not open. */
void http_site_keep(struct http_route *);
/* It has waited, and is answered that it should come again. */
void http_site_refuse(struct http_request *);

/* It cannot listen there, errno says why.  -1. */
int http_listen_failed(const char *where, struct err *);
#define HTTP_BACKLOG 1024
/* Accept from fd.  Takes fd and path, the name that goes with it or NULL. */
int http_server_add_listener(struct http_server *, int fd, char *path,
			     struct err *);
/* What TLS it speaks at that address of its; NULL: none. */
struct ssl_ctx_st *http_server_tls(const struct http_server *,
				   const char *address);
/* Those for that address; NULL: all. */
void http_server_close_listeners(struct http_server *, const char *address);
void http_server_stop_listening(struct http_server *);
/* A copy of the inherited socket that listens there; is_any: on all addresses,
 * at that port.  -1: there is none. */
int http_inherited_open(const struct http_server *, const struct addrinfo *,
			bool is_any);
/* Is each inherited socket for an address of the list, and is there one for
 * each of these, or none at all?  0, or -1 and *err. */
int http_inherited_check(const struct http_server *,
			 const struct http_address *list, struct err *);
void http_inherited_free(struct http_server *);
/* Whoever is of that group of addresses, of the server's peers or readers, with
 * one more thing open. */
struct http_peer *http_peer_enter(struct idmap *, uint64_t group);
/* One less; with none he is forgotten. */
void http_peer_leave(struct idmap *, struct http_peer *);
/* How much he has open. */
int http_peer_open(const struct idmap *, uint64_t group);
/* "Sun, 06 Nov 1994 08:49:37 GMT", now. */
const char *http_server_date(struct http_server *);

/* ---- A connection */

enum http_conn_state {
	HTTP_CONN_IDLE,	     /* before the first byte of a request */
	HTTP_CONN_HEAD,	     /* within the head */
	HTTP_CONN_BODY,	     /* within the body */
	HTTP_CONN_WAITING,   /* for the site of its route */
	HTTP_CONN_HANDLING,  /* the route's function has it */
	HTTP_CONN_STREAMING, /* the same, and the answer has begun */
	HTTP_CONN_ANSWERING, /* the answer waits for the client to read */
	HTTP_CONN_LINGERING  /* all is said; so that the client may read it,
			      * what it still sends is thrown away */
};

struct http_conn {
	struct http_server *server; /* NULL: closed */
	struct http_conn *next, **link;
	struct bufferevent *bev;
	struct timer *deadline;
	/* The timer is set to armed_us, which may be too early: that spares
	 * setting it with every request.  It also takes up has_waiting. */
	int64_t deadline_us, armed_us;
	struct http_peer *peer; /* NULL: refused, counts for nothing */
	struct http_request *request;
	struct http_scanner scanner;
	struct buf head_text;
	size_t n_lingered;
	int fd, refs;
	enum http_conn_state state;
	bool is_reading;  /* http_conn_read() is at work */
	bool has_waiting; /* input that came while a request was handled */
	bool is_eof;	  /* the client sends no more */
	bool is_last;	  /* close after this answer */
	bool has_unread;  /* the client sends what we shall not read */
	bool is_unix, is_loopback;
	bool is_tls;
	bool is_from_proxy; /* of the limits, that says for whom it asks */
	char peer_text[ADDRESS_TEXT_SIZE];
};

/* A new connection; takes fd.  peer NULL: one that will be refused; tls NULL:
 * it speaks none. */
void http_conn_new(struct http_server *, int fd, const struct sockaddr *,
		   struct http_peer *, struct ssl_ctx_st *tls);
/* The limits are others, and with them the proxies. */
void http_conn_set_limits(struct http_conn *);
/* Close it at once.  A request that it has is gone. */
void http_conn_close(struct http_conn *);
/* Send the parts; what the socket does not take now waits. */
void http_conn_send(struct http_conn *, struct iovec *parts, int n);
/* The bytes that wait. */
size_t http_conn_waiting(const struct http_conn *);
/* Its route goes: the request is gone and answered 503, a stream ends. */
void http_conn_revoke(struct http_conn *);
/* The request of the connection is answered, as far as we are concerned. */
void http_conn_answered(struct http_conn *);
/* It is idle: let it be so until that time is over; false: it is. */
#define HTTP_LAST_IDLE_MS 1000
bool http_conn_wait_last(struct http_conn *);
/* Cut it after so many ms in this state; 0: never. */
void http_conn_set_state(struct http_conn *, enum http_conn_state, int64_t ms);
/* Its timer has run out. */
void http_conn_on_deadline(void *conn);
/* While somebody holds it a connection that was closed is still there, with
 * server NULL. */
void http_conn_hold(struct http_conn *);
void http_conn_drop(struct http_conn *);
/* Look at what has come in. */
void http_conn_take_input(struct http_conn *);

/* Make requests of what has come in, and give them to their routes. */
void http_conn_read(struct http_conn *);
/* The request has waited: give it to the route that it has now, if any. */
void http_conn_dispatch_again(struct http_conn *);
/* Is that Host the address that it came in on, or "localhost" on loopback?
 * Those are no names that can be made to lie. */
bool http_conn_is_at(const struct http_conn *, const char *host);
/* Answer without a route.  A body that the client has announced is not read:
 * then the connection ends. */
void http_conn_refuse(struct http_conn *, const struct http_fault *,
		      const struct http_field *, size_t n_fields,
		      int retry_after_s);
/* Answer with the fault and close. */
void http_conn_fail(struct http_conn *, const struct http_fault *);

/* ---- A request, which may become a stream */

struct http_joined {
	struct http_joined *next;
	const char *name; /* the first field's */
	char value[];
};

struct http_request {
	struct http_conn *conn;
	struct http_route *route;	   /* NULL: of none */
	struct http_request *next, **link; /* open ones of the route */
	struct http_site *waits_at;	   /* NULL: it does not wait */
	struct http_request *next_waiting, **waiting_link;
	struct http_head *head; /* NULL: not whole, or a stream now */
	struct http_body body;
	struct buf body_text;
	char *params_text; /* the params, each ended by a NUL */
	const char *params[HTTP_MAX_PARAMS];
	struct http_joined *joined;
	void (*gone)(void *arg);
	void *gone_arg;
	int64_t began_us;
	char id[65];
	const char *method;
	int minor;
	/* Of a page that may call; NULL: of none, or of ours.  Borrowed from
	 * the head, so only until the answer's begins. */
	const char *origin;
	/* Whom a proxy asks for; group 0: it is the peer himself. */
	char client[ADDRESS_TEXT_SIZE];
	uint64_t client_group;
	bool is_unnamed;	  /* the proxy does not say for whom it asks */
	struct http_peer *reader; /* whose stream it is */
	const char *rate_name;	  /* a constant; NULL: no limit counted */
	int rate_quota;
	struct rate rate;
	bool is_of_site; /* what it is answered depends on its Origin */
	bool is_head;	 /* HEAD: the answer has no body */
	bool is_active, is_stream;
};

struct http_request *http_request_new(struct http_conn *);
/* Its head is there: what follows from it for the request. */
void http_request_set_head(struct http_request *, struct http_head *);
/* It is for that route. */
void http_request_set_route(struct http_request *, struct http_route *,
			    const struct http_match *);
/* It is for none any more. */
void http_request_leave_route(struct http_request *);
/* Free what is needed no longer once the answer has begun. */
void http_request_strip(struct http_request *);
void http_request_free(struct http_request *);
/* Tell its owner that it is gone, once. */
void http_request_tell_gone(struct http_request *);

/* May the page that it comes from, if any, call this path, one of whose routes
 * that is?  Otherwise it was answered 403. */
bool http_cors_admit(struct http_request *, const struct http_route *);
/* Does a browser ask whether it may send a request? */
bool http_cors_is_preflight(const struct http_request *);
/* It may, with these methods. */
void http_cors_answer_preflight(struct http_request *, const char *allow);
/* What the answer says of origins; how many fields. */
#define HTTP_CORS_FIELDS 3
size_t http_cors_fields(const struct http_request *,
			struct http_field out[HTTP_CORS_FIELDS]);

/* Its head is there: who has sent it, if a proxy says so. */
void http_request_set_client(struct http_request *);
/* Of which group of addresses he is, or the proxy that does not say. */
uint64_t http_request_group(const struct http_request *);
/* Is the number of his streams limited?  Not for programs here, nor for a proxy
 * here that nobody has told us of: it stands for all its clients. */
bool http_request_is_counted(const struct http_request *);
/* May there be one more of his, for that route?  Otherwise it was answered
 * 429. */
bool http_rate_admit(struct http_request *, const struct http_route *);
/* What the answer says of it, by these words; how many fields. */
#define HTTP_RATE_FIELDS 2
struct http_rate_words {
	char policy[48], limit[64];
};
size_t http_rate_fields(const struct http_request *, struct http_rate_words *,
			struct http_field out[HTTP_RATE_FIELDS]);

/* What is counted is there from the start, each 0. */
void http_tally_begin(struct http_server *);
/* Its answer, of that status, begins. */
void http_tally(struct http_request *, int status);

/* As http_problem(), with further fields. */
void http_problem_with(struct http_request *, const struct http_fault *,
		       const struct http_field *, size_t n_fields,
		       int retry_after_s);

#endif
