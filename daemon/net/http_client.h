/* Requests to elsewhere, over libcurl on the loop: HTTP, and mail by SMTP.
 * What a plugin may ask for is struct teller_fetch.  Nothing is followed
 * (redirects), kept (cookies) or taken from the environment (proxies).  All on
 * the loop thread. */
#ifndef NET_HTTP_CLIENT_H
#define NET_HTTP_CLIENT_H

#include <tellerd/plugin.h>

struct err;
struct loop;

struct http_client;
struct http_client *http_client_new(struct loop *, struct err *);
/* Cancels what is under way; waits a second for mails that are.  Not from
 * within a call-back of it. */
void http_client_free(struct http_client *);

struct http_transfer;
/* Begin a transfer.  Everything is copied; user, password, bearer and bodies
 * are overwritten when they are freed.  done is called once, later, with what
 * is borrowed for the call; then the transfer is no more.  NULL and *err, which
 * quotes no secret, when the request is malformed, when secrets would leave
 * without TLS (unless private addresses are allowed), or when there are too
 * many.
 *
 * Unless allow_private, no address is connected to but public ones, whatever
 * a name resolves to.  maybe_sent: part of the request has left, of a mail:
 * part of its text, and no answer said that it was refused.  The status of a
 * mail is that of its last reply (but QUIT's), whose lines are the body. */
struct http_transfer *http_client_fetch(struct http_client *,
					const struct teller_fetch *,
					teller_fetched_fn *done, void *arg,
					struct err *);
/* End it; done is not called.  Nothing happens within its own done. */
void http_transfer_cancel(struct http_transfer *);

#endif
