/* A request of the server, and the stream it may become, have a handle of the
 * host's that the plugin gets.  When the client goes away the server's request
 * is no more at once; the handle lives on until the plugin knows: until its
 * gone call-back has run, or, if it set none, until it ends the handle itself.
 * So an answer that comes too late goes nowhere instead of anywhere. */
#include "host/serve.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/mem.h"
#include "host/handle.h"
#include "host/instance.h"
#include "net/http_field.h"
#include "net/http_server.h"
#include "net/loop.h"

#define MAX_HEADERS 32
#define STOPPING_RETRY_S 5

struct route {
	struct owned owned;
	struct teller_host *owner;
	struct http_route *http;
	teller_serve_fn *fn;
	void *arg;
};

struct teller_stream {
	struct http_stream *http;
};

struct teller_request {
	struct owned owned;
	struct teller_host *owner;
	struct http_request *http;   /* until answered, streaming or gone */
	struct teller_stream stream; /* from then on */
	teller_gone_fn *gone;
	void *gone_arg;
	bool is_writing;     /* the client may go away inside stream_write() */
	struct timer *later; /* then gone is called from here */
};

static void
request_free(struct teller_request *request)
{
	handle_forget(request);
	handle_forget(&request->stream);
	instance_disown(request->owner, &request->owned);
	timer_free(request->later);
	free(request);
}

/* The instance is closed with this left over. */
static void
request_end(struct owned *owned)
{
	struct teller_request *request =
		container_of(owned, struct teller_request, owned);

	if (request->http) {
		http_on_gone(request->http, NULL, NULL);
		http_problem(request->http, 503, "stopping",
			     "The channel has stopped.", STOPPING_RETRY_S);
	}
	if (request->stream.http)
		http_stream_end(request->stream.http);
	request_free(request);
}

static void
tell_gone(void *arg)
{
	struct teller_request *request = arg;
	struct teller_host *host = request->owner;
	teller_gone_fn *gone = request->gone;
	void *gone_arg = request->gone_arg;

	request_free(request);
	struct entered entered = instance_enter(host);
	gone(gone_arg);
	instance_leave(host, "the end of a request", entered);
}

static void
on_gone(void *arg)
{
	struct teller_request *request = arg;

	request->http = NULL;
	request->stream.http = NULL;
	if (!request->gone)
		return;
	if (!request->is_writing) {
		tell_gone(request);
		return;
	}
	request->later = timer_new(request->owner->frame->config.loop,
				   tell_gone, request);
	timer_set(request->later, 0);
}

static void
on_request(void *arg, struct http_request *http)
{
	struct route *route = arg;
	struct teller_host *host = route->owner;

	if (instance_check_room(host, "a request", INSTANCE_RUNNING) < 0) {
		http_problem(http, 503, "stopping", "The channel is stopping.",
			     STOPPING_RETRY_S);
		return;
	}
	struct teller_request *request = mem_new(sizeof *request);
	request->owned.end = request_end;
	request->owner = host;
	request->http = http;
	handle_note(request);
	instance_own(host, &request->owned);
	http_on_gone(http, on_gone, request);
	struct entered entered = instance_enter(host);
	route->fn(route->arg, request);
	instance_leave(host, "a request", entered);
}

static void
route_end(struct owned *owned)
{
	struct route *route = container_of(owned, struct route, owned);

	instance_disown(route->owner, owned);
	http_route_free(route->http);
	free(route);
}

int
serve_route(struct teller_host *host, const char *method, const char *path,
	    int flags, size_t max_body, teller_serve_fn *fn, void *arg)
{
	struct err err = {
		.text = "it names no route, or there is no listener for HTTP "
			"in the settings"};

	if (!fn || instance_check_room(host, "serve", INSTANCE_RUNNING) < 0)
		return -1;
	struct route *route = mem_new(sizeof *route);
	route->owned.end = route_end;
	route->owner = host;
	route->fn = fn;
	route->arg = arg;
	if (host->site && method && path)
		route->http = http_site_route(
			host->site, method, path,
			flags & TELLER_ROUTE_LOOPBACK ? HTTP_LOOPBACK_ONLY : 0,
			max_body, on_request, route, &err);
	if (!route->http) {
		instance_warn(host, "serve is refused: %s", err.text);
		free(route);
		return -1;
	}
	instance_own(host, &route->owned);
	return 0;
}

/* ---- What a request says */

/* Is it the plugin's to ask, and its client still there? */
static bool
is_there(const struct teller_request *request, const char *what)
{
	return handle_is_good(request, what) && request->http;
}

const char *
serve_param(struct teller_request *request, const char *name)
{
	return is_there(request, "http_param") ? http_param(request->http, name)
					       : NULL;
}

const char *
serve_query(struct teller_request *request, const char *name)
{
	return is_there(request, "http_query") ? http_query(request->http, name)
					       : NULL;
}

const char *
serve_header(struct teller_request *request, const char *name)
{
	return is_there(request, "http_header")
		       ? http_header(request->http, name)
		       : NULL;
}

const char *
serve_peer(struct teller_request *request)
{
	return is_there(request, "http_peer") ? http_peer(request->http) : NULL;
}

bool
serve_is_local(struct teller_request *request)
{
	return is_there(request, "http_is_local") &&
	       http_is_loopback(request->http);
}

const char *
serve_id(struct teller_request *request)
{
	return is_there(request, "http_id") ? http_request_id(request->http)
					    : NULL;
}

const void *
serve_body(struct teller_request *request, size_t *len_r)
{
	*len_r = 0;
	return is_there(request, "http_body") ? http_body(request->http, len_r)
					      : NULL;
}

void
serve_on_gone(struct teller_request *request, teller_gone_fn *gone, void *arg)
{
	if (!handle_is_good(request, "http_on_gone"))
		return;
	request->gone = gone;
	request->gone_arg = arg;
}

/* ---- Answers.  A wrong header would end the process in the server. */

static bool
is_header(const char *name, const char *value)
{
	return name && value && http_is_token(name, strlen(name)) &&
	       http_is_value(value, strlen(value));
}

/* The server says these itself.  A second length or coding would let what is
 * the body of one answer be taken for the next one. */
static bool
is_servers(const char *name)
{
	static const char *const names[] = {
		"Connection",	     "Content-Length",
		"Content-Type",	     "Date",
		"Keep-Alive",	     "Trailer",
		"Transfer-Encoding", "Upgrade",
		"X-Request-Id",	     "X-Content-Type-Options"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcasecmp(names[i], name) == 0)
			return true;
	}
	return false;
}

/* The headers as the server takes them; -1: they, or what stands beside them,
 * cannot be sent. */
static int
convert(struct teller_request *request, int status, const char *media_type,
	const struct teller_header *headers, size_t n_headers,
	struct http_field fields[MAX_HEADERS])
{
	bool is_good = n_headers <= MAX_HEADERS && status >= 200 &&
		       status <= 599 &&
		       (!media_type || is_header("Content-Type", media_type));

	for (size_t i = 0; is_good && i < n_headers; i++) {
		is_good = is_header(headers[i].name, headers[i].value) &&
			  !is_servers(headers[i].name);
		fields[i].name = headers[i].name;
		fields[i].value = headers[i].value;
	}
	if (is_good)
		return 0;
	instance_warn(request->owner,
		      "an answer is wrong (status %d, over %d "
		      "headers, or a header that is none or the host's)",
		      status, MAX_HEADERS);
	return -1;
}

/* The server's request, which is about to be answered; NULL: it is gone. */
static struct http_request *
take_http(struct teller_request *request)
{
	struct http_request *http = request->http;

	request->http = NULL;
	if (http)
		http_on_gone(http, NULL, NULL);
	return http;
}

void
serve_answer(struct teller_request *request, int status, const char *media_type,
	     const struct teller_header *headers, size_t n_headers,
	     const void *body, size_t len)
{
	struct http_field fields[MAX_HEADERS];

	if (!handle_is_good(request, "answer"))
		return;
	bool is_good = convert(request, status, media_type, headers, n_headers,
			       fields) == 0;
	struct http_request *http = take_http(request);

	if (http && is_good)
		http_answer(http, status, media_type, fields, n_headers, body,
			    len);
	else if (http)
		http_problem(http, 500, "internal",
			     "The channel made an answer that cannot be sent.",
			     0);
	request_free(request);
}

void
serve_problem(struct teller_request *request, int status, const char *code,
	      const char *detail, int retry_after_s)
{
	if (!handle_is_good(request, "problem"))
		return;
	struct http_request *http = take_http(request);
	if (http)
		http_problem(http,
			     status >= 400 && status <= 599 ? status : 500,
			     code, detail, retry_after_s);
	request_free(request);
}

struct teller_stream *
serve_stream(struct teller_request *request, int status, const char *media_type,
	     const struct teller_header *headers, size_t n_headers)
{
	struct http_field fields[MAX_HEADERS];
	bool has_body = status != 204 && status != 304;

	if (!handle_is_good(request, "stream"))
		return NULL;
	struct http_request *http = request->http;
	if (!has_body || convert(request, status, media_type, headers,
				 n_headers, fields) < 0) {
		serve_problem(request, 500, "internal",
			      "The channel made an answer that cannot be sent.",
			      0);
		return NULL;
	}
	request->http = NULL;
	if (http)
		request->stream.http = http_stream(http, status, media_type,
						   fields, n_headers);
	if (request->stream.http) {
		handle_note(&request->stream);
		return &request->stream;
	}
	request_free(request);
	return NULL;
}

static struct teller_request *
request_of(struct teller_stream *stream)
{
	return container_of(stream, struct teller_request, stream);
}

int
serve_stream_write(struct teller_stream *stream, const void *data, size_t len)
{
	if (!handle_is_good(stream, "stream_write") || !stream->http)
		return -1;
	struct teller_request *request = request_of(stream);
	request->is_writing = true;
	int result = http_stream_write(stream->http, data, len);
	request->is_writing = false;
	return result;
}

void
serve_stream_end(struct teller_stream *stream)
{
	if (!handle_is_good(stream, "stream_end"))
		return;
	struct teller_request *request = request_of(stream);
	if (stream->http)
		http_stream_end(stream->http);
	request_free(request);
}
