/* The characters and lists of header fields (RFC 9110, section 5).  Functions
 * over bytes; any thread. */
#ifndef NET_HTTP_FIELD_H
#define NET_HTTP_FIELD_H

#include <stdbool.h>
#include <stddef.h>

/* A name: at least one character, and only those of a token. */
bool http_is_token(const char *text, size_t len);
/* A value: no control characters but tabs. */
bool http_is_value(const char *text, size_t len);
/* Is the word one of a list parted by commas, in any case? */
bool http_list_has(const char *list, const char *word);
/* What a hex digit stands for, or -1. */
int http_hex_value(char c);

#endif
