/* Addresses of a name, asked for without waiting. */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

struct addrinfo;
struct err;
struct loop;

/* Called once, later, on the loop thread: addresses, which are its to free
 * with freeaddrinfo(), or NULL and why not. */
typedef void resolve_fn(void *arg, struct addrinfo *, const char *words);

struct resolve;
/* Look for the TCP addresses of host.  NULL and *err when too many look
 * already. */
struct resolve *resolve_start(struct loop *, const char *host, int port,
			      resolve_fn *, void *arg, struct err *err);
/* It is no longer wanted; fn is not called.  Only before it was. */
void resolve_cancel(struct resolve *);

#endif
