/* Bodies of type application/x-www-form-urlencoded. */
#ifndef SLACK_FORM_H
#define SLACK_FORM_H

#include <stdbool.h>
#include <stddef.h>

/* The first value of that name, decoded, with a NUL behind it; the caller frees
 * it.  NULL: there is none, it is badly encoded, or there is no memory. */
char *form_get(const char *body, size_t len, const char *name, size_t *len_r);
/* Is there a field of that name, however it is encoded? */
bool form_has(const char *body, size_t len, const char *name);

/* Decode what stands between '&' and '='.  out has room for len bytes.  How
 * many there are, or -1: an escape is none. */
long form_decode(const char *text, size_t len, char *out);

#endif
