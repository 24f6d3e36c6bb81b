/* The head of an HTTP/1.1 request, read strictly (RFC 9112): what two readers
 * could understand differently is refused, not guessed.  Functions over bytes;
 * any thread. */
#ifndef NET_HTTP_PARSE_H
#define NET_HTTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/http_server.h"

#define HTTP_MAX_FIELDS 64
#define HTTP_MAX_QUERY 32

/* Why a request is refused; the texts are constants. */
struct http_fault {
	int status;
	const char *code, *detail;
};

enum http_scan { HTTP_SCAN_MORE, HTTP_SCAN_DONE, HTTP_SCAN_BAD };

/* Looks for the end of a head in pieces.  Zeroed: before the first byte. */
struct http_scanner {
	unsigned char state;
	bool has_line; /* the request line is over */
};

/* Look at the next piece.  *used_r of its bytes belong to the head, all of
 * them while there is MORE to come.  BAD: a control character, a CR or LF
 * that stands alone, or a line that continues the one before. */
enum http_scan http_scan(struct http_scanner *, const char *data, size_t len,
			 size_t *used_r);

struct http_head {
	const char *method;
	const char *path; /* decoded, valid UTF-8, no control characters */
	const char *host; /* NULL: HTTP/1.0 without one */
	int minor;	  /* HTTP/1.minor: 0 or 1 */
	bool is_chunked, is_keep_alive, expects_continue;
	int64_t content_length; /* -1: not given */
	struct http_field query[HTTP_MAX_QUERY];
	size_t n_query;
	struct http_field fields[HTTP_MAX_FIELDS];
	size_t n_fields;
};

/* Parse a head that http_scan() found complete, text[len] being one byte more
 * that may be written.  The text is changed, and borrowed as long as *head is
 * used.  0, or -1 and *fault: then nothing of *head may be used. */
int http_head_parse(struct http_head *head, char *text, size_t len,
		    struct http_fault *fault);

/* The value of the i-th and later field of that name, in any case; NULL: none.
 * *i_r moves behind it. */
const char *http_head_next(const struct http_head *, const char *name,
			   size_t *i_r);

#endif
