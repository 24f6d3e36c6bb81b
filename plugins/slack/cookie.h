/* The header Cookie of a request. */
#ifndef SLACK_COOKIE_H
#define SLACK_COOKIE_H

#include <stddef.h>

/* Where the value of the first one of that name begins, *len_r bytes of it;
 * NULL: there is none, or cookies is NULL. */
const char *cookie_find(const char *cookies, const char *name, size_t *len_r);

#endif
