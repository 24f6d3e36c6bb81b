/* The fake host's server: requests are calls, and answers are looked at. */
#include "fake_inside.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BODY_MAX (16 * 1024 * 1024)

int
fake_serve(struct teller_host *host, const char *method, const char *path,
	   int flags, size_t max_body, teller_serve_fn *fn, void *arg)
{
	struct fake *fake = fake_of(host);

	(void)flags, (void)max_body;
	assert_true(method && path && *path == '/' && fn);
	if (!fake_may(fake, "serve", FAKE_RUNNING))
		return -1;
	struct fake_route *route = arena_new(&fake->arena, sizeof *route);
	*route = (struct fake_route){
		.next = fake->inside->routes,
		.method = fake_copy(fake, method),
		.path = fake_copy(fake, path),
		.fn = fn,
		.arg = arg,
	};
	fake->inside->routes = route;
	return 0;
}

int
fake_http_origins(struct teller_host *host, const char *option)
{
	struct fake *fake = fake_of(host);

	/* It must be a list; there are no browsers here. */
	(void)fake_option_count(host, option);
	return fake_may(fake, "http_origins", FAKE_RUNNING) ? 0 : -1;
}

const char *
fake_key_name(struct teller_host *host, const char *key, const char *scope)
{
	struct fake *fake = fake_of(host);

	if (!fake_may(fake, "key_name", FAKE_STOPPING))
		return NULL;
	return fake->key && strcmp(scope, "ask") == 0 &&
			       strcmp(key, fake->key) == 0
		       ? "fake"
		       : NULL;
}

/* Does the path (up to '?') fit the route's?  Its names get their values. */
static bool
match(struct teller_request *request, const char *pattern, const char *path)
{
	struct arena *arena = &request->fake->arena;

	while (*pattern == '/' && *path == '/') {
		size_t n = strcspn(++pattern, "/"), len = strcspn(++path, "/?");
		bool is_name = n >= 2 && *pattern == '{';
		if (is_name ? len == 0
			    : n != len || memcmp(pattern, path, n) != 0)
			return false;
		if (is_name)
			map_put(&request->params,
				arena_strndup(arena, pattern + 1, n - 2),
				arena_strndup(arena, path, len));
		pattern += n;
		path += len;
	}
	return !*pattern && (!*path || *path == '?');
}

static void
read_query(struct teller_request *request, const char *path)
{
	struct arena *arena = &request->fake->arena;
	const char *at = strchr(path, '?');

	while (at && *at && at[1]) {
		size_t n = strcspn(++at, "&"), name = strcspn(at, "=&");
		map_put(&request->queries, arena_strndup(arena, at, name),
			name < n ? arena_strndup(arena, at + name + 1,
						 n - name - 1)
				 : arena_strdup(arena, ""));
		at += n;
	}
}

static struct teller_request *
make_request(struct fake *fake, const char *path,
	     const struct teller_header *headers, const void *body, size_t len)
{
	struct teller_request *request =
		arena_new(&fake->arena, sizeof *request);

	request->fake = fake;
	request->next = fake->inside->requests;
	fake->inside->requests = request;
	request->stream.request = request;
	request->body = fake_copy_bytes(fake, body, len);
	request->len = len;
	buf_init(&request->answer.headers, BODY_MAX);
	buf_init(&request->answer.body, BODY_MAX);
	for (; headers && headers->name; headers++) {
		char *name = arena_strdup(&fake->arena, headers->name);
		for (char *c = name; *c; c++)
			*c |= *c >= 'A' && *c <= 'Z' ? 0x20 : 0;
		map_put(&request->headers, name,
			arena_strdup(&fake->arena, headers->value));
	}
	read_query(request, path);
	return request;
}

struct fake_answer *
fake_request(struct fake *fake, const char *method, const char *path,
	     const struct teller_header *headers, const void *body, size_t len)
{
	struct teller_request *request =
		make_request(fake, path, headers, body, len);
	struct fake_route *route = fake->inside->routes;

	while (route && (strcmp(route->method, method) != 0 ||
			 !match(request, route->path, path)))
		route = route->next;
	if (!route || fake->inside->state != FAKE_RUNNING) {
		request->is_over = true;
		request->answer.status = route ? 503 : 404;
	} else {
		route->fn(route->arg, request);
	}
	return &request->answer;
}

static struct teller_request *
live(struct teller_request *request)
{
	assert_false(request->is_over);
	return request;
}

const char *
fake_http_param(struct teller_request *request, const char *name)
{
	return request->has_left ? NULL : map_get(&live(request)->params, name);
}

const char *
fake_http_query(struct teller_request *request, const char *name)
{
	return request->has_left ? NULL
				 : map_get(&live(request)->queries, name);
}

const char *
fake_http_header(struct teller_request *request, const char *name)
{
	map_each (e, &live(request)->headers)
		if (strcasecmp(e->key, name) == 0)
			return request->has_left ? NULL : e->value;
	return NULL;
}

const char *
fake_http_peer(struct teller_request *request)
{
	return live(request)->has_left ? NULL : "192.0.2.1";
}

bool
fake_http_is_local(struct teller_request *request)
{
	(void)live(request);
	return false;
}

const char *
fake_http_id(struct teller_request *request)
{
	return live(request)->has_left ? NULL : "req-1";
}

const void *
fake_http_body(struct teller_request *request, size_t *len_r)
{
	*len_r = request->has_left ? 0 : live(request)->len;
	return request->has_left ? NULL : request->body;
}

void
fake_http_on_gone(struct teller_request *request, teller_gone_fn *fn, void *arg)
{
	live(request)->gone = fn;
	request->gone_arg = arg;
}

static void
set_answer(struct teller_request *request, int status, const char *media_type,
	   const struct teller_header *headers, size_t n)
{
	struct fake_answer *answer = &live(request)->answer;

	if (request->has_left)
		return;
	assert_in_range(status, 200, 599);
	answer->status = status;
	answer->media_type = fake_copy(request->fake, media_type);
	for (size_t i = 0; i < n; i++)
		buf_addf(&answer->headers, "%s: %s\n", headers[i].name,
			 headers[i].value);
}

void
fake_http_answer(struct teller_request *request, int status,
		 const char *media_type, const struct teller_header *headers,
		 size_t n, const void *body, size_t len)
{
	set_answer(request, status, media_type, headers, n);
	if (len > 0 && !request->has_left)
		buf_add(&request->answer.body, body, len);
	request->is_over = true;
}

void
fake_http_problem(struct teller_request *request, int status, const char *code,
		  const char *detail, int retry_after_s)
{
	assert_in_range(status, 400, 599);
	set_answer(request, status, "application/problem+json", NULL, 0);
	if (!request->has_left) {
		request->answer.code = fake_copy(request->fake, code);
		request->answer.retry_after_s = retry_after_s;
		buf_adds(&request->answer.body, detail ? detail : "");
	}
	request->is_over = true;
}

struct teller_stream *
fake_http_stream(struct teller_request *request, int status,
		 const char *media_type, const struct teller_header *headers,
		 size_t n)
{
	set_answer(request, status, media_type, headers, n);
	request->is_over = request->has_left;
	request->answer.is_stream = !request->has_left;
	return request->has_left ? NULL : &request->stream;
}

/* gone() is called, and what that means for the handle. */
static void
tell_gone(struct fake *fake, struct fake_due *due)
{
	struct teller_request *request = due->what;

	(void)fake;
	if (request->is_over || !request->gone)
		return;
	request->is_over = true;
	request->gone(request->gone_arg);
}

void
fake_leave(struct fake *fake, struct fake_answer *answer)
{
	struct teller_request *request =
		container_of(answer, struct teller_request, answer);
	struct fake_due due = {.what = request};

	request->has_left = true;
	answer->is_ended = answer->is_stream;
	tell_gone(fake, &due);
}

int
fake_stream_write(struct teller_stream *stream, const void *data, size_t len)
{
	struct teller_request *request = live(stream->request);

	if (request->has_left)
		return -1;
	if (!request->answer.is_slow)
		return buf_add(&request->answer.body, data, len);
	request->has_left = true;
	request->answer.is_ended = true;
	fake_add_due(request->fake, tell_gone)->what = request;
	return -1;
}

void
fake_stream_end(struct teller_stream *stream)
{
	live(stream->request)->is_over = true;
	stream->request->answer.is_ended = true;
}

void
fake_end_http(struct fake *fake)
{
	for (struct teller_request *r = fake->inside->requests; r;
	     r = r->next) {
		if (!r->is_over && !r->answer.is_stream)
			r->answer.status = 503;
		r->answer.is_ended |= r->answer.is_stream;
		r->is_over = true;
	}
	fake->inside->routes = NULL;
}

void
fake_release_http(struct fake *fake)
{
	for (struct teller_request *r = fake->inside->requests; r;
	     r = r->next) {
		map_release(&r->params);
		map_release(&r->queries);
		map_release(&r->headers);
		buf_release(&r->answer.headers);
		buf_release(&r->answer.body);
	}
}
