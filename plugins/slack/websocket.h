/* A client's side of the WebSocket protocol (RFC 6455), for messages of text:
 * what is read is taken byte by byte, however it comes; what is written are
 * bytes for a connection that somebody else has. */
#ifndef SLACK_WEBSOCKET_H
#define SLACK_WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a connection is closed with (section 7.4.1). */
enum websocket_close {
	WEBSOCKET_NORMAL = 1000,
	WEBSOCKET_PROTOCOL = 1002, /* against the rules */
	WEBSOCKET_BINARY = 1003,   /* no text */
	WEBSOCKET_NO_CODE = 1005,  /* never sent: there was none */
	WEBSOCKET_NO_UTF8 = 1007,
	WEBSOCKET_TOO_LARGE = 1009
};

enum websocket_kind {
	WEBSOCKET_TEXT,
	WEBSOCKET_PING,
	WEBSOCKET_PONG,
	WEBSOCKET_CLOSE
};

/* ---- Reading */

#define WEBSOCKET_CONTROL_MAX 125

struct websocket_reader {
	size_t max; /* of a message, in bytes */
	/* The frame under way. */
	unsigned char head[10];
	size_t head_len;
	bool is_in_payload, is_final;
	int opcode;
	uint64_t left; /* of its payload */
	char control[WEBSOCKET_CONTROL_MAX + 1];
	size_t control_len;
	/* The message under way, which control frames may come amidst. */
	bool is_fragmented;
	char *text;
	size_t len, size;
};

/* A whole message: a text is UTF-8, a ping or pong any bytes, a close its
 * reason and code.  A NUL stands behind the bytes, which are borrowed.  false:
 * read no further. */
typedef bool websocket_fn(void *arg, enum websocket_kind, const char *data,
			  size_t len, int code);

void websocket_reader_init(struct websocket_reader *, size_t max);
void websocket_reader_release(struct websocket_reader *);
/* Take what came.  0, or why the connection is to be closed: an enum
 * websocket_close; then nothing more is read from it. */
int websocket_read(struct websocket_reader *, const void *data, size_t len,
		   websocket_fn *, void *arg);

/* ---- Writing */

#define WEBSOCKET_HEAD_MAX 14

/* One whole frame, masked by those bytes, which are to be unguessable; out has
 * room for len + WEBSOCKET_HEAD_MAX.  How long it is. */
size_t websocket_write(unsigned char *out, enum websocket_kind,
		       const unsigned char mask[4], const void *data,
		       size_t len);
/* The same of a close with that code and no reason. */
size_t websocket_write_close(unsigned char *out, const unsigned char mask[4],
			     int code);

/* ---- The handshake */

#define WEBSOCKET_NONCE_SIZE 16
#define WEBSOCKET_KEY_SIZE 25	 /* base64 of it, and NUL */
#define WEBSOCKET_ACCEPT_SIZE 29 /* base64 of a SHA-1, and NUL */
#define WEBSOCKET_ANSWER_MAX 8192

void websocket_key(const unsigned char nonce[WEBSOCKET_NONCE_SIZE],
		   char key[WEBSOCKET_KEY_SIZE]);
void websocket_accept(const char *key, char accept[WEBSOCKET_ACCEPT_SIZE]);
/* The request, freed by the caller; NULL without memory. */
char *websocket_request(const char *host, const char *path, const char *key);
/* The server's answer: its length; 0: more of it is to come; -1: it does not
 * change to the protocol. */
long websocket_answer(const char *text, size_t len, const char *key);

#endif
