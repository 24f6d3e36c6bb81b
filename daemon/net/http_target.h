/* What a request is for: path, query and host, decoded within the rules of
 * RFC 3986.  Functions over bytes; any thread. */
#ifndef NET_HTTP_TARGET_H
#define NET_HTTP_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "net/http_server.h"

struct http_fault;

/* Decode a path in place.  Refused: what does not start with '/', characters
 * that must be escaped, wrong escapes, an escaped '/' or NUL, control
 * characters, what is not UTF-8, and the segments "." and "..".  0, or -1. */
int http_path_decode(char *path, struct http_fault *);

/* Decode "a=b&c" in place to up to max pairs; '+' is a space.  0, or -1. */
int http_query_decode(char *query, struct http_field *pairs, size_t max,
		      size_t *n_r, struct http_fault *);

/* Is the text "name", "name:port", "1.2.3.4:port", "[v6]:port"? */
bool http_host_is_valid(const char *host);
/* The length of its name or address without the port. */
size_t http_host_name_len(const char *host);

#endif
