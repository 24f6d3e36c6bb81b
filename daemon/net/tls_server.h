/* TLS for connections that come in: a certificate and its key.  A context of a
 * server is made on any thread, and used on the loop. */
#ifndef NET_TLS_SERVER_H
#define NET_TLS_SERVER_H

#include <stddef.h>
#include <stdint.h>

struct bufferevent;
struct err;
struct event_base;
struct ssl_ctx_st;

/* TLS 1.2 or later, with the chain in the file, PEM, the server's own first.
 * NULL and *err, which names the file. */
struct ssl_ctx_st *tls_server_new(const char *certificate, struct err *);
/* Before it is used: the certificate's key, as the bytes of a PEM file.  0, or
 * -1 and *err. */
int tls_server_set_key(struct ssl_ctx_st *, const char *pem, size_t len,
		       struct err *);
/* When its certificate ends, seconds since 1970. */
int64_t tls_server_ends_s(const struct ssl_ctx_st *);
/* One more who has it; each frees it. */
struct ssl_ctx_st *tls_server_ref(struct ssl_ctx_st *);
void tls_server_free(struct ssl_ctx_st *);
/* A connection that begins with a handshake, of which BEV_EVENT_CONNECTED is
 * the end; takes fd. */
struct bufferevent *tls_server_accept(struct ssl_ctx_st *, struct event_base *,
				      int fd);
/* Tell the client that nothing more comes, if it understands us. */
void tls_server_say_end(struct bufferevent *);

#endif
