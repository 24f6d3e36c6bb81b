/* A connection of our own to elsewhere: TCP, with TLS from the start, later
 * (STARTTLS), or not at all.  What a plugin has as struct teller_conn.  All on
 * the loop thread. */
#ifndef NET_DIAL_H
#define NET_DIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tellerd/plugin.h>

struct err;
struct loop;

/* Unread output above which dial_write() refuses more. */
#define DIAL_MAX_WAITING ((size_t)4 * 1024 * 1024)

struct dial;
/* What happened (TELLER_CONN_READY, ...).  data is borrowed for the call;
 * words are there with TELLER_CONN_CLOSED, after which the dial is no more.
 * Never called from within a dial_ function. */
typedef void dial_fn(void *arg, struct dial *, enum teller_conn_event,
		     const void *data, size_t len, const char *words);

/* Connect to host:port.  flags: TELLER_DIAL_...; ca_file NULL: the system's.
 * With TLS (1.2 or later) the certificate must be good for host.  timeout_ms,
 * 0 for 30 s, is for all until READY, and again after dial_start_tls().
 * Unless private addresses are allowed, only public ones are connected to.
 * NULL and *err when the parameters are malformed. */
struct dial *dial_open(struct loop *, const char *host, int port, int flags,
		       const char *ca_file, int64_t timeout_ms, dial_fn *,
		       void *arg, struct err *err);
/* Write when READY.  0; -1: not ready, or too much waits unread. */
int dial_write(struct dial *, const void *data, size_t len);
/* TLS from here on: what was read before and not yet given is dropped, as
 * nobody vouches for it; READY comes again.  0; -1: not ready, has TLS, or what
 * was written has not left. */
int dial_start_tls(struct dial *);
/* Give no data for now, and read none; or go on. */
void dial_pause(struct dial *, bool on);
/* End it at once; no further event.  What was written and has not left is
 * lost. */
void dial_close(struct dial *);

#endif
