/* What may be fetched: checks of struct teller_fetch before libcurl sees it,
 * which would pass much of it on as it is.  Any thread. */
#ifndef NET_HTTP_FETCH_H
#define NET_HTTP_FETCH_H

#include <stdbool.h>

struct err;
struct teller_fetch;

/* Is it well formed: a URL of a scheme that we fetch, nothing in it that could
 * begin a line of its own, no secrets without TLS, a mail's lines in order?
 * *place_r becomes "https://host", which the caller frees.  0, or -1 and
 * *err. */
int http_fetch_check(const struct teller_fetch *, char **place_r,
		     bool *is_mail_r, struct err *);

#endif
