/* Answers, problems and streams.  Loop thread. */
#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/metric.h"
#include "net/http_field.h"
#include "net/http_inside.h"

#define MAX_PROBLEM_BYTES 4096

/* clang-format off */
static const struct {
	int status;
	const char *phrase;
} phrases[] = {
	{200, "OK"}, {201, "Created"}, {202, "Accepted"}, {204, "No Content"},
	{206, "Partial Content"}, {301, "Moved Permanently"}, {302, "Found"},
	{303, "See Other"}, {304, "Not Modified"}, {307, "Temporary Redirect"},
	{308, "Permanent Redirect"}, {400, "Bad Request"},
	{401, "Unauthorized"}, {403, "Forbidden"}, {404, "Not Found"},
	{405, "Method Not Allowed"}, {406, "Not Acceptable"},
	{408, "Request Timeout"}, {409, "Conflict"}, {410, "Gone"},
	{411, "Length Required"}, {412, "Precondition Failed"},
	{413, "Content Too Large"}, {414, "URI Too Long"},
	{415, "Unsupported Media Type"}, {417, "Expectation Failed"},
	{421, "Misdirected Request"}, {422, "Unprocessable Content"},
	{426, "Upgrade Required"}, {428, "Precondition Required"},
	{429, "Too Many Requests"}, {431, "Request Header Fields Too Large"},
	{500, "Internal Server Error"}, {501, "Not Implemented"},
	{502, "Bad Gateway"}, {503, "Service Unavailable"},
	{504, "Gateway Timeout"}, {505, "HTTP Version Not Supported"},
	{507, "Insufficient Storage"},
};
/* clang-format on */

static const char *
find_phrase(int status)
{
	for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
		if (phrases[i].status == status)
			return phrases[i].phrase;
	}
	return "Status";
}

static void
add_field(struct buf *out, const char *name, const char *value)
{
	/* The values come from our own code, which has checked them. */
	assert(http_is_token(name, strlen(name)));
	assert(http_is_value(value, strlen(value)));
	buf_adds(out, name);
	buf_add(out, ": ", 2);
	buf_adds(out, value);
	buf_add(out, "\r\n", 2);
}

static void
add_status(struct buf *out, int status)
{
	char code[16];

	assert(status >= 200 && status <= 599);
	snprintf(code, sizeof code, "%d ", status);
	buf_adds(out, "HTTP/1.1 ");
	buf_adds(out, code);
	buf_adds(out, find_phrase(status));
	buf_add(out, "\r\n", 2);
}

static bool
has_field(const struct http_field *fields, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcasecmp(fields[i].name, name) == 0)
			return true;
	}
	return false;
}

static void
add_connection(struct buf *out, struct http_request *request)
{
	struct http_conn *conn = request->conn;

	conn->is_last |= conn->server->is_draining;
	if (conn->is_last)
		add_field(out, "Connection", "close");
	else if (request->minor == 0)
		add_field(out, "Connection", "keep-alive");
}

static void
add_hsts(struct buf *out, const struct http_conn *conn)
{
	char text[40];
	int64_t seconds = conn->server->limits.hsts_s;

	if (!conn->is_tls || seconds <= 0)
		return;
	snprintf(text, sizeof text, "max-age=%lld", (long long)seconds);
	add_field(out, "Strict-Transport-Security", text);
}

/* Begin a head in the server's buffer; what says where the body ends and the
 * empty line are still to come. */
static struct buf *
begin_head(struct http_request *request, int status, const char *media_type,
	   const struct http_field *fields, size_t n_fields)
{
	struct http_server *server = request->conn->server;
	struct http_field ours[HTTP_CORS_FIELDS + HTTP_RATE_FIELDS];
	struct http_rate_words words;
	struct buf *out = &server->out;

	buf_clear(out);
	add_status(out, status);
	add_field(out, "Date", http_server_date(server));
	if (media_type)
		add_field(out, "Content-Type", media_type);
	for (size_t i = 0; i < n_fields; i++)
		add_field(out, fields[i].name, fields[i].value);
	size_t n = http_cors_fields(request, ours);
	n += http_rate_fields(request, &words, ours + n);
	for (size_t i = 0; i < n; i++)
		add_field(out, ours[i].name, ours[i].value);
	if (!has_field(fields, n_fields, "Cache-Control"))
		buf_adds(out, "Cache-Control: no-store\r\n");
	buf_adds(out, "X-Content-Type-Options: nosniff\r\n");
	add_hsts(out, request->conn);
	add_field(out, "X-Request-Id", http_request_id(request));
	return out;
}

static void
end_head(struct buf *out)
{
	buf_add(out, "\r\n", 2);
	if (out->failed)
		mem_exhausted();
}

static void
add_length(struct buf *out, int status, int64_t len)
{
	char text[24];

	if (status == 204 || status == 304)
		return;
	snprintf(text, sizeof text, "%lld", (long long)len);
	add_field(out, "Content-Length", text);
}

/* Send the head, and a body if the answer may have one. */
static void
send_answer(struct http_request *request, int status, struct buf *head,
	    const void *body, size_t len)
{
	bool has_body = !request->is_head && status != 204 && status != 304;
	struct iovec parts[2] = {{head->data, head->len},
				 {(void *)body, has_body ? len : 0}};

	http_tally(request, status);
	http_conn_send(request->conn, parts, 2);
}

void
http_answer(struct http_request *request, int status, const char *media_type,
	    const struct http_field *fields, size_t n_fields, const void *body,
	    size_t len)
{
	assert(!request->is_stream);
	struct buf *head =
		begin_head(request, status, media_type, fields, n_fields);
	add_connection(head, request);
	add_length(head, status, (int64_t)len);
	end_head(head);
	send_answer(request, status, head, body, len);
	http_conn_answered(request->conn);
}

void
http_answer_file(struct http_request *request, int status,
		 const char *media_type, const struct http_field *fields,
		 size_t n_fields, int fd, int64_t len)
{
	struct evbuffer *output = bufferevent_get_output(request->conn->bev);

	assert(!request->is_stream && len >= 0);
	struct buf *head =
		begin_head(request, status, media_type, fields, n_fields);
	add_connection(head, request);
	add_length(head, status, len);
	end_head(head);
	send_answer(request, status, head, NULL, 0);
	if (request->is_head || len == 0)
		close(fd);
	else if (evbuffer_add_file(output, fd, 0, len) < 0)
		mem_exhausted();
	http_conn_answered(request->conn);
}

static char *
make_problem(struct http_request *request, const struct http_fault *fault)
{
	json_t *problem = json_object();

	json_set_text(problem, "type", "about:blank");
	json_set_text(problem, "title", find_phrase(fault->status));
	json_set_int(problem, "status", fault->status);
	json_set_text(problem, "detail", fault->detail);
	json_set_text(problem, "code", fault->code);
	json_set_text(problem, "request_id", http_request_id(request));
	char *text = json_text(problem);
	if (!text)
		mem_exhausted();
	json_decref(problem);
	return text;
}

void
http_problem_with(struct http_request *request, const struct http_fault *fault,
		  const struct http_field *fields, size_t n_fields,
		  int retry_after_s)
{
	struct http_field all[3];
	char seconds[16], *text = make_problem(request, fault);
	size_t n = 0;

	assert(n_fields <= 1);
	if (n_fields > 0)
		all[n++] = fields[0];
	/* RFC 9110, section 15.5.2. */
	if (fault->status == 401)
		all[n++] = (struct http_field){"WWW-Authenticate", "Bearer"};
	snprintf(seconds, sizeof seconds, "%d", retry_after_s);
	if (retry_after_s > 0)
		all[n++] = (struct http_field){"Retry-After", seconds};
	http_answer(request, fault->status, "application/problem+json", all, n,
		    text, strlen(text));
	free(text);
}

void
http_problem(struct http_request *request, int status, const char *code,
	     const char *detail, int retry_after_s)
{
	struct http_fault fault = {status, code, detail};

	http_problem_with(request, &fault, NULL, 0, retry_after_s);
}

/* ---- Streams: the request itself, under another name */

static struct http_request *
to_request(struct http_stream *stream)
{
	return (struct http_request *)stream;
}

/* May he have one more?  Otherwise he was told that he may not. */
static bool
may_stream(struct http_request *request)
{
	const struct http_server *server = request->conn->server;
	int max = server->limits.max_streams_per_address;

	if (max <= 0 || !http_request_is_counted(request) ||
	    http_peer_open(&server->readers, http_request_group(request)) < max)
		return true;
	http_problem(request, 429, "too_many_streams",
		     "There are too many streams from this address.", 5);
	return false;
}

static void
become_stream(struct http_request *request)
{
	struct http_conn *conn = request->conn;
	/* Who asked with HEAD has it all; the owner learns so at once, but
	 * not before it knows the stream. */
	int64_t ms = request->is_head ? 1 : conn->server->limits.stream_max_ms;

	request->is_stream = true;
	request->reader = http_peer_enter(&conn->server->readers,
					  http_request_group(request));
	conn->server->n_streams++;
	metric_add(conn->server->streams_gauge, 1);
	http_request_strip(request);
	buf_release(&conn->head_text);
	http_conn_set_state(conn, HTTP_CONN_STREAMING, ms);
}

struct http_stream *
http_stream(struct http_request *request, int status, const char *media_type,
	    const struct http_field *fields, size_t n_fields)
{
	assert(!request->is_stream && status != 204 && status != 304);
	if (!may_stream(request))
		return NULL;
	struct buf *head =
		begin_head(request, status, media_type, fields, n_fields);
	request->conn->is_last |= request->minor == 0;
	add_connection(head, request);
	if (request->minor == 1)
		add_field(head, "Transfer-Encoding", "chunked");
	end_head(head);
	send_answer(request, status, head, NULL, 0);
	become_stream(request);
	return (struct http_stream *)request;
}

int
http_stream_write(struct http_stream *stream, const void *data, size_t len)
{
	struct http_request *request = to_request(stream);
	struct http_conn *conn = request->conn;
	size_t high = conn->server->limits.stream_high_bytes;
	char size[24], end[] = "\r\n";

	if (len == 0 || request->is_head)
		return 0;
	snprintf(size, sizeof size, "%zx\r\n", len);
	struct iovec parts[3] = {
		{size, strlen(size)}, {(void *)data, len}, {end, 2}};
	if (request->minor == 1)
		http_conn_send(conn, parts, 3);
	else
		http_conn_send(conn, parts + 1, 1);
	if (high == 0 || http_conn_waiting(conn) <= high)
		return 0;
	http_conn_close(conn);
	return -1;
}

void
http_stream_end(struct http_stream *stream)
{
	struct http_request *request = to_request(stream);
	static char last[] = "0\r\n\r\n";

	if (request->minor == 1 && !request->is_head)
		http_conn_send(request->conn, &(struct iovec){last, 5}, 1);
	http_conn_answered(request->conn);
}
