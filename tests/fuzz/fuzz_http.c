/* Requests, one behind the other, read in one piece and cut at a place that
 * the first byte chooses: both must come to the same. */
#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "net/http_body.h"
#include "net/http_field.h"
#include "net/http_parse.h"

#define MAX_HEAD 8192
#define MAX_BODY 4096

struct reader {
	struct http_scanner scanner;
	struct http_head head;
	struct http_body body;
	struct buf head_text, body_text;
	bool in_body, is_bad;
	uint64_t n_requests, sum;
};

static void
add_sum(struct reader *r, const void *data, size_t len)
{
	r->sum = r->sum * 31 + hash_bytes(data, len);
}

static void
add_text(struct reader *r, const char *text)
{
	add_sum(r, text, strlen(text) + 1);
}

static void
end_request(struct reader *r)
{
	add_sum(r, r->body_text.data, r->body_text.len);
	buf_clear(&r->head_text);
	buf_clear(&r->body_text);
	r->scanner = (struct http_scanner){0};
	r->in_body = false;
	r->n_requests++;
}

static void
check_head(struct reader *r)
{
	const struct http_head *head = &r->head;

	assert(head->path[0] == '/' || strcmp(head->path, "*") == 0);
	assert(utf8_is_valid(head->path, strlen(head->path)));
	add_text(r, head->method);
	add_text(r, head->path);
	for (size_t i = 0; i < head->n_query; i++) {
		add_text(r, head->query[i].name);
		add_text(r, head->query[i].value);
	}
	for (size_t i = 0; i < head->n_fields; i++) {
		const struct http_field *field = &head->fields[i];
		assert(http_is_token(field->name, strlen(field->name)));
		assert(http_is_value(field->value, strlen(field->value)));
		add_text(r, field->name);
		add_text(r, field->value);
	}
}

static void
take_head(struct reader *r)
{
	struct http_fault fault = {0};

	if (http_head_parse(&r->head, r->head_text.data, r->head_text.len,
			    &fault) < 0) {
		assert(fault.status >= 400 && fault.code && fault.detail);
		r->is_bad = true;
		return;
	}
	check_head(r);
	switch (http_body_begin(&r->body, &r->head, MAX_BODY, &fault)) {
	case HTTP_BODY_DONE:
		end_request(r);
		break;
	case HTTP_BODY_MORE:
		r->in_body = true;
		break;
	case HTTP_BODY_BAD:
		assert(fault.status == 413);
		r->is_bad = true;
		break;
	}
}

static size_t
feed_some(struct reader *r, const char *data, size_t len)
{
	struct http_fault fault = {0};
	size_t used = 0;

	if (r->in_body) {
		enum http_body_state state = http_body_take(
			&r->body, data, len, &used, &r->body_text, &fault);
		r->is_bad = state == HTTP_BODY_BAD;
		if (state == HTTP_BODY_DONE)
			end_request(r);
		return used;
	}
	enum http_scan scan = http_scan(&r->scanner, data, len, &used);
	r->is_bad =
		scan == HTTP_SCAN_BAD || buf_add(&r->head_text, data, used) < 0;
	if (scan == HTTP_SCAN_DONE && !r->is_bad)
		take_head(r);
	return used;
}

static void
feed(struct reader *r, const char *data, size_t len)
{
	while (len > 0 && !r->is_bad) {
		size_t used = feed_some(r, data, len);
		assert(used <= len && (used > 0 || r->is_bad));
		data += used;
		len -= used;
	}
}

static void
run(struct reader *r, const char *data, size_t len, size_t cut)
{
	*r = (struct reader){0};
	buf_init(&r->head_text, MAX_HEAD);
	buf_init(&r->body_text, MAX_BODY);
	feed(r, data, cut);
	feed(r, data + cut, len - cut);
	buf_release(&r->head_text);
	buf_release(&r->body_text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct reader whole, halves;

	if (size < 1)
		return 0;
	size_t len = size - 1;
	run(&whole, (const char *)data + 1, len, len);
	run(&halves, (const char *)data + 1, len, len * data[0] / 256);
	assert(whole.n_requests == halves.n_requests);
	assert(whole.sum == halves.sum && whole.is_bad == halves.is_bad);
	return 0;
}
