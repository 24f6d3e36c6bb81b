#include "websocket.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "utf8.h"

#define FINAL 0x80
#define RESERVED 0x70
#define OPCODE 0x0F
#define MASKED 0x80
#define LENGTH 0x7F
#define LENGTH_16 126 /* two bytes of length follow */
#define LENGTH_64 127 /* eight */

enum opcode {
	CONTINUATION = 0,
	TEXT = 1,
	BINARY = 2,
	CLOSE = 8,
	PING = 9,
	PONG = 10
};

/* ---- Reading */

void
websocket_reader_init(struct websocket_reader *r, size_t max)
{
	*r = (struct websocket_reader){.max = max};
}

void
websocket_reader_release(struct websocket_reader *r)
{
	free(r->text);
	websocket_reader_init(r, r->max);
}

static bool
is_control(int opcode)
{
	return opcode >= CLOSE;
}

/* How long the head is, as far as it is known. */
static size_t
head_size(const struct websocket_reader *r)
{
	int length = r->head_len > 1 ? r->head[1] & LENGTH : 0;
	return length == LENGTH_64 ? 10 : length == LENGTH_16 ? 4 : 2;
}

/* Of more bytes than it needs: -1. */
static int
read_length(struct websocket_reader *r)
{
	static const uint64_t least[] = {
		[4] = LENGTH_16, [10] = UINT16_MAX + 1};
	size_t size = head_size(r);
	r->left = r->head[1] & LENGTH;
	if (size == 2)
		return 0;
	r->left = 0;
	for (size_t i = 2; i < size; i++)
		r->left = r->left << 8 | r->head[i];
	return r->left < least[size] || r->left >> 63 ? -1 : 0;
}

static int
check_frame(const struct websocket_reader *r)
{
	bool is_begun = r->is_fragmented;
	switch (r->opcode) {
	case TEXT:
		return is_begun ? WEBSOCKET_PROTOCOL : 0;
	case CONTINUATION:
		return is_begun ? 0 : WEBSOCKET_PROTOCOL;
	case BINARY:
		return is_begun ? WEBSOCKET_PROTOCOL : WEBSOCKET_BINARY;
	case CLOSE:
	case PING:
	case PONG:
		return r->is_final && r->left <= WEBSOCKET_CONTROL_MAX
			       ? 0
			       : WEBSOCKET_PROTOCOL;
	default:
		return WEBSOCKET_PROTOCOL;
	}
}

/* The head is there.  A server does not mask, and no extension was agreed. */
static int
begin_frame(struct websocket_reader *r)
{
	r->is_final = r->head[0] & FINAL;
	r->opcode = r->head[0] & OPCODE;
	if ((r->head[0] & RESERVED) || (r->head[1] & MASKED) || read_length(r))
		return WEBSOCKET_PROTOCOL;
	int code = check_frame(r);
	if (code)
		return code;
	if (!is_control(r->opcode) && r->left > r->max - r->len)
		return WEBSOCKET_TOO_LARGE;
	r->is_in_payload = true;
	r->control_len = 0;
	return 0;
}

static int
add_text(struct websocket_reader *r, const char *data, size_t n)
{
	if (r->size < r->len + n + 1) {
		size_t size = 2 * (r->len + n) + 64;
		char *text = realloc(r->text, size);
		if (!text)
			return WEBSOCKET_TOO_LARGE;
		r->text = text;
		r->size = size;
	}
	memcpy(r->text + r->len, data, n);
	r->len += n;
	r->text[r->len] = '\0';
	return 0;
}

static int
add_payload(struct websocket_reader *r, const char *data, size_t n)
{
	r->left -= n;
	if (!is_control(r->opcode))
		return add_text(r, data, n);
	memcpy(r->control + r->control_len, data, n);
	r->control_len += n;
	return 0;
}

/* Codes that may stand in a close (section 7.4). */
static bool
is_close_code(int code)
{
	return (code >= 1000 && code <= 1014 && code != 1004 &&
		code != WEBSOCKET_NO_CODE && code != 1006) ||
	       (code >= 3000 && code <= 4999);
}

static int
end_close(struct websocket_reader *r, websocket_fn *fn, void *arg)
{
	const unsigned char *code = (const unsigned char *)r->control;
	int given = WEBSOCKET_NO_CODE;
	size_t skip = r->control_len > 0 ? 2 : 0;
	if (r->control_len == 1)
		return WEBSOCKET_PROTOCOL;
	if (skip)
		given = code[0] << 8 | code[1];
	if (skip && !is_close_code(given))
		return WEBSOCKET_PROTOCOL;
	if (!slack_is_utf8(r->control + skip, r->control_len - skip))
		return WEBSOCKET_NO_UTF8;
	return fn(arg, WEBSOCKET_CLOSE, r->control + skip,
		  r->control_len - skip, given)
		       ? 0
		       : WEBSOCKET_NORMAL;
}

static int
end_text(struct websocket_reader *r, websocket_fn *fn, void *arg)
{
	r->is_fragmented = !r->is_final;
	if (r->is_fragmented)
		return 0;
	if (!slack_is_utf8(r->text, r->len))
		return WEBSOCKET_NO_UTF8;
	size_t len = r->len;
	r->len = 0;
	return fn(arg, WEBSOCKET_TEXT, r->text, len, 0) ? 0 : WEBSOCKET_NORMAL;
}

static int
end_frame(struct websocket_reader *r, websocket_fn *fn, void *arg)
{
	r->is_in_payload = false;
	r->head_len = 0;
	r->control[r->control_len] = '\0';
	switch (r->opcode) {
	case CLOSE:
		return end_close(r, fn, arg);
	case PING:
	case PONG:
		return fn(arg,
			  r->opcode == PING ? WEBSOCKET_PING : WEBSOCKET_PONG,
			  r->control, r->control_len, 0)
			       ? 0
			       : WEBSOCKET_NORMAL;
	default:
		return end_text(r, fn, arg);
	}
}

/* One byte of the head, or as much of the payload as is there. */
static int
step(struct websocket_reader *r, const char *data, size_t len, size_t *n_r)
{
	if (r->is_in_payload) {
		*n_r = len < r->left ? len : (size_t)r->left;
		return add_payload(r, data, *n_r);
	}
	*n_r = 1;
	r->head[r->head_len++] = (unsigned char)*data;
	return r->head_len > 1 && r->head_len == head_size(r) ? begin_frame(r)
							      : 0;
}

int
websocket_read(struct websocket_reader *r, const void *data, size_t len,
	       websocket_fn *fn, void *arg)
{
	const char *at = data;
	while (len > 0) {
		size_t n;
		int code = step(r, at, len, &n);
		/* An empty text has a place to stand as well. */
		if (!code && r->is_in_payload && r->left == 0)
			code = add_payload(r, "", 0);
		if (!code && r->is_in_payload && r->left == 0)
			code = end_frame(r, fn, arg);
		if (code)
			return code;
		at += n;
		len -= n;
	}
	return 0;
}

/* ---- Writing */

size_t
websocket_write(unsigned char *out, enum websocket_kind kind,
		const unsigned char mask[4], const void *data, size_t len)
{
	static const unsigned char opcodes[] = {[WEBSOCKET_TEXT] = TEXT,
						[WEBSOCKET_PING] = PING,
						[WEBSOCKET_PONG] = PONG,
						[WEBSOCKET_CLOSE] = CLOSE};
	const unsigned char *bytes = data;
	size_t n = 2, n_length = 0;
	out[0] = FINAL | opcodes[kind];
	if (len > UINT16_MAX)
		n_length = 8;
	else if (len >= LENGTH_16)
		n_length = 2;
	out[1] = MASKED | (unsigned char)(n_length == 8	  ? LENGTH_64
					  : n_length == 2 ? LENGTH_16
							  : len);
	for (size_t i = n_length; i > 0; i--)
		out[n++] = (unsigned char)((uint64_t)len >> 8 * (i - 1));
	memcpy(out + n, mask, 4);
	n += 4;
	for (size_t i = 0; i < len; i++)
		out[n++] = bytes[i] ^ mask[i % 4];
	return n;
}

size_t
websocket_write_close(unsigned char *out, const unsigned char mask[4], int code)
{
	const unsigned char bytes[] = {(unsigned char)(code >> 8),
				       (unsigned char)code};
	return websocket_write(out, WEBSOCKET_CLOSE, mask, bytes,
			       sizeof(bytes));
}

/* ---- The handshake (section 4) */

void
websocket_key(const unsigned char nonce[WEBSOCKET_NONCE_SIZE],
	      char key[WEBSOCKET_KEY_SIZE])
{
	EVP_EncodeBlock((unsigned char *)key, nonce, WEBSOCKET_NONCE_SIZE);
}

void
websocket_accept(const char *key, char accept[WEBSOCKET_ACCEPT_SIZE])
{
	unsigned char digest[SHA_DIGEST_LENGTH];
	char text[WEBSOCKET_KEY_SIZE + 40];
	snprintf(text, sizeof(text),
		 "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
	SHA1((const unsigned char *)text, strlen(text), digest);
	EVP_EncodeBlock((unsigned char *)accept, digest, sizeof(digest));
}

char *
websocket_request(const char *host, const char *path, const char *key)
{
	static const char form[] = "GET %s HTTP/1.1\r\n"
				   "Host: %s\r\n"
				   "Upgrade: websocket\r\n"
				   "Connection: Upgrade\r\n"
				   "Sec-WebSocket-Key: %s\r\n"
				   "Sec-WebSocket-Version: 13\r\n\r\n";
	size_t size = sizeof(form) + strlen(path) + strlen(host) + strlen(key);
	char *text = malloc(size);
	if (text)
		snprintf(text, size, form, path, host, key);
	return text;
}

/* Is one of the words of a field that one? */
static bool
has_field(const char *head, const char *name, const char *value,
	  int (*compare)(const char *, const char *, size_t))
{
	size_t name_len = strlen(name), len = strlen(value);
	for (const char *line = strstr(head, "\r\n"); line && line[2];
	     line = strstr(line + 2, "\r\n")) {
		const char *at = line + 2;
		if (strncasecmp(at, name, name_len) != 0 || at[name_len] != ':')
			continue;
		at += name_len + 1;
		while (*at != '\r') {
			at += strspn(at, " \t,");
			size_t n = strcspn(at, ", \t\r");
			if (n == len && compare(at, value, n) == 0)
				return true;
			at += n;
		}
	}
	return false;
}

static bool
is_change(const char *head, const char *key)
{
	char accept[WEBSOCKET_ACCEPT_SIZE];
	websocket_accept(key, accept);
	return strncmp(head, "HTTP/1.1 101", 12) == 0 &&
	       strchr(" \r", head[12]) &&
	       has_field(head, "Upgrade", "websocket", strncasecmp) &&
	       has_field(head, "Connection", "upgrade", strncasecmp) &&
	       has_field(head, "Sec-WebSocket-Accept", accept, strncmp) &&
	       strcasestr(head, "\r\nSec-WebSocket-Extensions:") == NULL &&
	       strcasestr(head, "\r\nSec-WebSocket-Protocol:") == NULL;
}

long
websocket_answer(const char *text, size_t len, const char *key)
{
	const char *end = memmem(text, len, "\r\n\r\n", 4);
	size_t head_len = end ? (size_t)(end - text) + 4 : 0;
	if (head_len > WEBSOCKET_ANSWER_MAX ||
	    (!end && len > WEBSOCKET_ANSWER_MAX))
		return -1;
	if (!end)
		return 0;
	char *head = strndup(text, head_len);
	bool is_good = head && strlen(head) == head_len && is_change(head, key);
	free(head);
	return is_good ? (long)head_len : -1;
}
