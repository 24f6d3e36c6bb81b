/* The server that tests/run/http_probe.py probes: one route for each thing an
 * answer can be.  Options are limits by name, "head_ms=500"; "unix=PATH" a
 * second listener, "host=NAME" the one allowed Host.  Says "port N" when it
 * listens; ends when its stdin does.  Every exchange must have ended by then,
 * once, or it aborts. */
#include <assert.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/metric.h"
#include "net/http_server.h"
#include "net/loop.h"

static struct loop *loop;
static struct http_server *server;
static struct pool *pool;
static struct http_route *doomed;
static long n_open, n_gone, n_ended;

/* A late answer or a stream. */
struct exchange {
	struct job job;
	struct timer *timer;
	struct http_request *request; /* NULL: answered or gone */
	struct http_stream *stream;
	long n, bytes, ms;
	bool is_at_work;
};

static void
exchange_end(struct exchange *exchange)
{
	exchange->request = NULL;
	exchange->stream = NULL;
	timer_free(exchange->timer);
	exchange->timer = NULL;
	n_open--;
	if (!exchange->is_at_work)
		free(exchange);
}

static void
on_gone(void *arg)
{
	struct exchange *exchange = arg;

	assert(exchange->request || exchange->stream);
	n_gone++;
	exchange_end(exchange);
}

static struct exchange *
exchange_new(struct http_request *request, loop_fn *on_timer)
{
	struct exchange *exchange = mem_new(sizeof *exchange);

	exchange->request = request;
	if (on_timer)
		exchange->timer = timer_new(loop, on_timer, exchange);
	http_on_gone(request, on_gone, exchange);
	n_open++;
	return exchange;
}

static long
query_number(struct http_request *request, const char *name, long fallback)
{
	const char *text = http_query(request, name);

	return text ? strtol(text, NULL, 10) : fallback;
}

static void
answer_text(struct http_request *request, const char *text)
{
	http_answer(request, 200, "text/plain; charset=utf-8", NULL, 0, text,
		    strlen(text));
}

static void
serve_hello(void *arg, struct http_request *request)
{
	(void)arg;
	answer_text(request, "hello");
}

static void
serve_body(void *arg, struct http_request *request)
{
	size_t len;
	const void *body = http_body(request, &len);

	(void)arg;
	http_answer(request, 200, "application/octet-stream", NULL, 0, body,
		    len);
}

static void
serve_item(void *arg, struct http_request *request)
{
	struct buf out;

	buf_init(&out, 65536);
	buf_addf(&out, "%s %s %s", (const char *)arg, http_path(request),
		 http_param(request, "id") ? http_param(request, "id") : "-");
	answer_text(request, buf_str(&out));
	buf_release(&out);
}

/* What the request says of itself, a line each. */
static void
serve_facts(void *arg, struct http_request *request)
{
	const char *name = http_query(request, "header");
	const char *value = name ? http_header(request, name) : NULL;
	long uid = -1, gid = -1, pid = -1;
	struct buf out;

	(void)arg;
	http_peer_user(request, &uid, &gid, &pid);
	buf_init(&out, 65536);
	buf_addf(&out, "peer %s\nloopback %d\nid %s\nuid %ld\nvalue %s\n",
		 http_peer(request), http_is_loopback(request),
		 http_request_id(request), uid, value ? value : "-");
	answer_text(request, buf_str(&out));
	buf_release(&out);
}

static void
finish_late(struct job *job)
{
	struct exchange *exchange = container_of(job, struct exchange, job);

	exchange->is_at_work = false;
	if (!exchange->request) {
		free(exchange);
		return;
	}
	answer_text(exchange->request, "late");
	n_ended++;
	exchange_end(exchange);
}

static void
work_late(struct job *job)
{
	struct exchange *exchange = container_of(job, struct exchange, job);

	usleep((useconds_t)exchange->ms * 1000);
	job->run = finish_late;
	loop_post(loop, job);
}

static void
serve_late(void *arg, struct http_request *request)
{
	struct exchange *exchange = exchange_new(request, NULL);

	(void)arg;
	exchange->ms = query_number(request, "ms", 0);
	exchange->is_at_work = true;
	exchange->job.run = work_late;
	if (!pool_push(pool, &exchange->job))
		abort();
}

/* Never answered by itself. */
static void
serve_never(void *arg, struct http_request *request)
{
	(void)arg;
	exchange_new(request, NULL);
}

static void
write_piece(void *arg)
{
	struct exchange *exchange = arg;
	char piece[65536];

	if (exchange->n-- == 0) {
		struct http_stream *stream = exchange->stream;
		n_ended++;
		exchange_end(exchange);
		http_stream_end(stream);
		return;
	}
	memset(piece, 'x', sizeof piece);
	/* -1: it is gone, and so is the exchange. */
	if (http_stream_write(exchange->stream, piece,
			      (size_t)exchange->bytes) == 0)
		timer_set(exchange->timer, exchange->ms);
}

/* n pieces of so many bytes, one every ms; n < 0: for ever. */
static void
serve_stream(void *arg, struct http_request *request)
{
	struct exchange *exchange = exchange_new(request, write_piece);

	(void)arg;
	exchange->n = query_number(request, "n", 3);
	exchange->bytes = query_number(request, "bytes", 5);
	exchange->ms = query_number(request, "ms", 1);
	assert(exchange->bytes <= 65536);
	exchange->stream =
		http_stream(request, 200, "text/event-stream", NULL, 0);
	exchange->request = NULL;
	if (!exchange->stream)
		exchange_end(exchange);
	else
		timer_set(exchange->timer, exchange->ms);
}

static void
serve_big(void *arg, struct http_request *request)
{
	size_t len = (size_t)query_number(request, "bytes", 0);
	char *body = mem_array(len ? len : 1, 1);

	(void)arg;
	memset(body, 'b', len);
	http_answer(request, 200, "text/plain", NULL, 0, body, len);
	free(body);
}

/* A file of so many bytes, of which so many are promised. */
static void
serve_file(void *arg, struct http_request *request)
{
	long bytes = query_number(request, "bytes", 0);
	FILE *file = tmpfile();

	(void)arg;
	for (long i = 0; i < bytes; i++)
		fputc('f', file);
	fflush(file);
	http_answer_file(request, 200, "text/plain", NULL, 0, dup(fileno(file)),
			 query_number(request, "promised", bytes));
	fclose(file);
}

static void
serve_doomed(void *arg, struct http_request *request)
{
	if (http_query(request, "stream"))
		serve_stream(arg, request);
	else
		serve_never(arg, request);
}

static void
serve_control(void *arg, struct http_request *request)
{
	const char *verb = http_param(request, "verb");

	(void)arg;
	if (strcmp(verb, "free-route") == 0) {
		http_route_free(doomed);
		doomed = NULL;
	} else if (strcmp(verb, "drain") == 0) {
		http_server_drain(server);
	}
	answer_text(request, verb);
}

static void
serve_stats(void *arg, struct http_request *request)
{
	struct buf out;

	(void)arg;
	buf_init(&out, 65536);
	buf_addf(&out, "open %ld\ngone %ld\nended %ld\nactive %zu\n", n_open,
		 n_gone, n_ended, http_server_active(server));
	answer_text(request, buf_str(&out));
	buf_release(&out);
}

static void
serve_metrics(void *arg, struct http_request *request)
{
	struct buf out;

	(void)arg;
	buf_init(&out, 1 << 20);
	metric_render(&out);
	answer_text(request, buf_str(&out));
	buf_release(&out);
}

static const struct {
	const char *method, *path;
	int flags;
	size_t max_body;
	http_route_fn *fn;
	const char *arg;
} routes[] = {
	{"GET", "/", 0, 0, serve_hello, NULL},
	{"POST", "/body", 0, 0, serve_body, NULL},
	{"GET", "/body", 0, 0, serve_body, NULL},
	{"PUT", "/body", 0, 1 << 20, serve_body, NULL},
	{"GET", "/item/{id}", 0, 0, serve_item, "named"},
	{"GET", "/item/fixed", 0, 0, serve_item, "fixed"},
	{"GET", "/item/{id}/part", 0, 0, serve_item, "part"},
	{"GET", "/facts", 0, 0, serve_facts, NULL},
	{"GET", "/local", HTTP_LOOPBACK_ONLY, 0, serve_hello, NULL},
	{"GET", "/late", 0, 0, serve_late, NULL},
	{"GET", "/never", 0, 0, serve_never, NULL},
	{"GET", "/stream", 0, 0, serve_stream, NULL},
	{"GET", "/big", 0, 0, serve_big, NULL},
	{"GET", "/file", 0, 0, serve_file, NULL},
	{"POST", "/control/{verb}", 0, 0, serve_control, NULL},
	{"GET", "/stats", 0, 0, serve_stats, NULL},
	{"GET", "/metrics", 0, 0, serve_metrics, NULL},
};

static void
add_routes(void)
{
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
		if (!http_server_route(server, routes[i].method, routes[i].path,
				       routes[i].flags, routes[i].max_body,
				       routes[i].fn, (void *)routes[i].arg,
				       NULL))
			abort();
	}
	doomed = http_server_route(server, "GET", "/doomed", 0, 0, serve_doomed,
				   NULL, NULL);
}

static bool
set_limit(struct http_limits *limits, const char *name, long value)
{
	const struct {
		const char *name;
		size_t *size;
		int *count;
		int64_t *ms;
	} rows[] = {
		{"max_head_bytes", &limits->max_head_bytes, NULL, NULL},
		{"max_body_bytes", &limits->max_body_bytes, NULL, NULL},
		{"stream_high_bytes", &limits->stream_high_bytes, NULL, NULL},
		{"max_connections", NULL, &limits->max_connections, NULL},
		{"max_per_address", NULL, &limits->max_per_address, NULL},
		{"max_streams_per_address", NULL,
		 &limits->max_streams_per_address, NULL},
		{"head_ms", NULL, NULL, &limits->head_ms},
		{"body_ms", NULL, NULL, &limits->body_ms},
		{"idle_ms", NULL, NULL, &limits->idle_ms},
		{"answer_ms", NULL, NULL, &limits->answer_ms},
		{"stream_max_ms", NULL, NULL, &limits->stream_max_ms},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (strcmp(rows[i].name, name) != 0)
			continue;
		if (rows[i].size)
			*rows[i].size = (size_t)value;
		else if (rows[i].count)
			*rows[i].count = (int)value;
		else
			*rows[i].ms = value;
		return true;
	}
	return false;
}

struct options {
	struct http_limits limits;
	const char *unix_path, *listen;
	const char *hosts[1];
};

static bool
read_option(struct options *options, char *text)
{
	char *name = strsep(&text, "=");

	if (!text)
		return false;
	if (strcmp(name, "unix") == 0) {
		options->unix_path = text;
	} else if (strcmp(name, "listen") == 0) {
		options->listen = text;
	} else if (strcmp(name, "host") == 0) {
		options->hosts[0] = text;
		options->limits.hosts = options->hosts;
		options->limits.n_hosts = 1;
	} else {
		return set_limit(&options->limits, name,
				 strtol(text, NULL, 10));
	}
	return true;
}

static void
on_stdin(void *arg, int events)
{
	char c;

	(void)arg, (void)events;
	if (read(STDIN_FILENO, &c, 1) <= 0)
		loop_stop(loop);
}

static void
listen_on(const struct options *options)
{
	struct err err;

	if (http_server_listen(server, options->listen, &err) < 0 ||
	    (options->unix_path &&
	     http_server_listen_unix(server, options->unix_path, 0600, -1,
				     &err) < 0)) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	printf("port %d\n", http_server_port(server));
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	struct options options = {.limits = http_limits_default,
				  .listen = "127.0.0.1:0"};

	options.limits.exempt_loopback = false;
	for (int i = 1; i < argc; i++) {
		if (!read_option(&options, argv[i])) {
			fprintf(stderr, "no option '%s'\n", argv[i]);
			return 2;
		}
	}
	loop = loop_new(NULL);
	pool = pool_new("late", 2, 0);
	server = http_server_new(loop, &options.limits);
	add_routes();
	listen_on(&options);
	struct watch *in =
		watch_new(loop, STDIN_FILENO, WATCH_READ, on_stdin, NULL, NULL);
	loop_run(loop);
	watch_free(in);
	http_server_free(server);
	pool_free(pool);
	loop_free(loop);
	assert(n_open == 0);
	return 0;
}
