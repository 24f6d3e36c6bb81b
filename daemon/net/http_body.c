/* Bodies of requests.  Any thread: nothing is kept. */
#include "net/http_body.h"

#include "base/buf.h"
#include "net/http_field.h"
#include "net/http_parse.h"

/* Nobody we know sends either; what they may cost is bounded. */
#define MAX_EXTRAS 4096
#define MAX_SIZE_DIGITS 15

enum {
	IN_SIZE,      /* hex digits of a chunk's size */
	IN_EXTENSION, /* behind them, up to CR */
	SIZE_LF,
	IN_DATA,
	DATA_CR,
	DATA_LF,
	AT_TRAILER, /* at the start of a line behind the last chunk */
	IN_TRAILER,
	TRAILER_LF,
	LAST_LF
};

static enum http_body_state
too_large(struct http_fault *fault)
{
	*fault = (struct http_fault){413, "body_too_large",
				     "The body is too large."};
	return HTTP_BODY_BAD;
}

static enum http_body_state
bad_chunk(struct http_fault *fault)
{
	*fault = (struct http_fault){400, "bad_chunk",
				     "The chunks of the body are malformed."};
	return HTTP_BODY_BAD;
}

enum http_body_state
http_body_begin(struct http_body *body, const struct http_head *head,
		size_t max, struct http_fault *fault)
{
	*body = (struct http_body){.max = max, .is_chunked = head->is_chunked};
	if (head->is_chunked)
		return HTTP_BODY_MORE;
	if (head->content_length <= 0)
		return HTTP_BODY_DONE;
	if ((uint64_t)head->content_length > max)
		return too_large(fault);
	body->left = head->content_length;
	return HTTP_BODY_MORE;
}

/* Up to len bytes of content; how many, or -1 when there is no room. */
static long
take_content(struct http_body *body, const char *data, size_t len,
	     struct buf *out)
{
	size_t n = (uint64_t)body->left < len ? (size_t)body->left : len;

	if (n > body->max - out->len || buf_add(out, data, n) < 0)
		return -1;
	body->left -= (int64_t)n;
	return (long)n;
}

/* The state behind c of a chunk's first line, or -1. */
static int
take_size(struct http_body *body, char c)
{
	int digit = http_hex_value(c);

	if (digit >= 0) {
		if (body->digits++ == MAX_SIZE_DIGITS)
			return -1;
		body->left = body->left << 4 | digit;
		return IN_SIZE;
	}
	if (body->digits == 0)
		return -1;
	if (c == '\r')
		return SIZE_LF;
	return c == ';' ? IN_EXTENSION : -1;
}

/* c within an extension or a trailer; the state behind it, or -1. */
static int
take_extra(struct http_body *body, char c, int after_cr)
{
	if (c == '\r')
		return after_cr;
	if (!http_is_value(&c, 1) || body->extras++ == MAX_EXTRAS)
		return -1;
	return body->state;
}

static int
take_trailer(struct http_body *body, char c)
{
	if (c == '\r')
		return LAST_LF;
	if (!http_is_token(&c, 1) || body->extras++ == MAX_EXTRAS)
		return -1;
	return IN_TRAILER;
}

/* The state behind c, which is not content, or -1. */
static int
take_framing(struct http_body *body, char c)
{
	switch (body->state) {
	case IN_SIZE:
		return take_size(body, c);
	case IN_EXTENSION:
		return take_extra(body, c, SIZE_LF);
	case SIZE_LF:
		body->digits = 0;
		if (c != '\n')
			return -1;
		return body->left > 0 ? IN_DATA : AT_TRAILER;
	case DATA_CR:
		return c == '\r' ? DATA_LF : -1;
	case DATA_LF:
		return c == '\n' ? IN_SIZE : -1;
	case AT_TRAILER:
		return take_trailer(body, c);
	case IN_TRAILER:
		return take_extra(body, c, TRAILER_LF);
	case TRAILER_LF:
		return c == '\n' ? AT_TRAILER : -1;
	}
	return -1;
}

static enum http_body_state
take_chunks(struct http_body *body, const char *data, size_t len,
	    size_t *used_r, struct buf *out, struct http_fault *fault)
{
	size_t i = 0;

	while (i < len) {
		if (body->state == IN_DATA) {
			long n = take_content(body, data + i, len - i, out);
			if (n < 0)
				return too_large(fault);
			i += (size_t)n;
			if (body->left == 0)
				body->state = DATA_CR;
			continue;
		}
		char c = data[i++];
		if (body->state == LAST_LF) {
			*used_r = i;
			return c == '\n' ? HTTP_BODY_DONE : bad_chunk(fault);
		}
		int state = take_framing(body, c);
		if (state < 0)
			return bad_chunk(fault);
		body->state = (unsigned char)state;
		if (state == IN_DATA &&
		    (uint64_t)body->left > body->max - out->len)
			return too_large(fault);
	}
	*used_r = i;
	return HTTP_BODY_MORE;
}

enum http_body_state
http_body_take(struct http_body *body, const char *data, size_t len,
	       size_t *used_r, struct buf *out, struct http_fault *fault)
{
	if (body->is_chunked)
		return take_chunks(body, data, len, used_r, out, fault);
	long n = take_content(body, data, len, out);
	if (n < 0)
		return too_large(fault);
	*used_r = (size_t)n;
	return body->left > 0 ? HTTP_BODY_MORE : HTTP_BODY_DONE;
}
