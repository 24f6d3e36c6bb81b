/* TLS for connections that we make: OpenSSL with what must not be forgotten.
 * Loop thread. */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <stdbool.h>
#include <stddef.h>

struct bufferevent;
struct err;
struct ssl_st;

/* A client's end, TLS 1.2 or later, that accepts only a certificate good for
 * host, a name or an IP address, and signed by one of ca_file (NULL: the
 * system's).  NULL and *err when there are none. */
struct ssl_st *tls_new(const char *host, const char *ca_file, struct err *);
/* Why TLS over it failed; false: TLS does not know. */
bool tls_explain(struct bufferevent *, char *out, size_t size);

#endif
