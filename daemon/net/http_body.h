/* The body of a request, by length or in chunks (RFC 9112, sections 6 and 7).
 * Functions over bytes; any thread. */
#ifndef NET_HTTP_BODY_H
#define NET_HTTP_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct http_fault;
struct http_head;

enum http_body_state { HTTP_BODY_MORE, HTTP_BODY_DONE, HTTP_BODY_BAD };

struct http_body {
	int64_t left; /* of the body, or of the chunk */
	size_t max;
	unsigned char state;
	unsigned char digits;  /* of the chunk's size so far */
	unsigned short extras; /* bytes of extensions and trailers so far */
	bool is_chunked;
};

/* Prepare for the body that the head announces, at most max bytes.  DONE when
 * there is none, BAD and *fault when it is too large. */
enum http_body_state http_body_begin(struct http_body *,
				     const struct http_head *, size_t max,
				     struct http_fault *);
/* Take from the next piece what belongs to the body, *used_r bytes, and add
 * its content to out, which holds max.  Chunk extensions and trailers are
 * dropped. */
enum http_body_state http_body_take(struct http_body *, const char *data,
				    size_t len, size_t *used_r, struct buf *out,
				    struct http_fault *);

#endif
