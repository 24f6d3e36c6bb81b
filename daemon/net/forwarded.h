/* Who a request comes from, as proxies say: X-Forwarded-For, and Forwarded of
 * RFC 7239.  Functions over texts; any thread. */
#ifndef NET_FORWARDED_H
#define NET_FORWARDED_H

#include <stdbool.h>
#include <stddef.h>

struct address_net;
struct sockaddr_storage;

enum forwarded_field { FORWARDED_X_FOR, FORWARDED_RFC7239 };

/* "X-Forwarded-For", "Forwarded". */
const char *forwarded_name(enum forwarded_field);

/* The client, from the field that one of the proxies has sent: who stands
 * furthest right and is none of them.  Each proxy adds whom it got the request
 * from at the right end, so what stands left of that is only what the client
 * said.  If all are proxies it is the first.  Where an entry is no address, it
 * is the proxy right of it.  false: it says nothing that can be used. */
bool forwarded_client(enum forwarded_field, const char *value,
		      const struct address_net *proxies, size_t n_proxies,
		      struct sockaddr_storage *client_r);

#endif
