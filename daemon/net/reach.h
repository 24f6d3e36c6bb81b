/* A TCP connection to a name: its addresses one after the other.  Loop
 * thread. */
#ifndef NET_REACH_H
#define NET_REACH_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct loop;

/* Called once, later: a connected descriptor that does not block, which is its
 * to close; or -1 and why not. */
typedef void reach_fn(void *arg, int fd, const char *words);

struct reach;
/* Connect to host:port within timeout_ms.  Unless allow_private, only public
 * addresses are connected to, whatever host resolves to.  NULL and *err when
 * it cannot begin. */
struct reach *reach_start(struct loop *, const char *host, int port,
			  bool allow_private, int64_t timeout_ms, reach_fn *,
			  void *arg, struct err *err);
/* It is no longer wanted; fn is not called.  Only before it was. */
void reach_cancel(struct reach *);

#endif
