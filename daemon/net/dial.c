/* Outgoing connections.  Loop thread.
 *
 * Connecting and TLS share one deadline.  As in the server, a call-back may end
 * the dial: dial_close() takes it apart, and its memory stays as long as a
 * function up the stack holds a reference. */
#include "net/dial.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/time.h"
#include "net/loop.h"
#include "net/reach.h"
#include "net/tls.h"

#define DEFAULT_TIMEOUT_MS 30000
#define READ_AHEAD_BYTES ((size_t)64 * 1024)
#define PIECE_BYTES 16384

enum state { CONNECTING, HANDSHAKE, READY, CLOSED };

struct dial {
	struct loop *loop;
	dial_fn *fn;
	void *arg;
	char *host, *ca_file;
	int flags, refs;
	int64_t timeout_ms, deadline_us;
	enum state state;
	bool is_tls, is_paused, is_eof;
	bool has_written; /* and it was not told that it has left */
	bool is_resumed;  /* the timer is to give what was held back */
	struct timer *timer;
	struct reach *reach; /* until it is connected */
	struct bufferevent *bev;
};

static void
drop(struct dial *dial)
{
	if (--dial->refs > 0)
		return;
	free(dial->host);
	free(dial->ca_file);
	free(dial);
}

static void
free_bev(struct dial *dial)
{
	if (dial->bev)
		bufferevent_free(dial->bev);
	dial->bev = NULL;
}

void
dial_close(struct dial *dial)
{
	if (!dial || dial->state == CLOSED)
		return;
	dial->state = CLOSED;
	if (dial->reach)
		reach_cancel(dial->reach);
	free_bev(dial);
	timer_free(dial->timer);
	drop(dial);
}

static void
tell(struct dial *dial, enum teller_conn_event event, const void *data,
     size_t len, const char *words)
{
	dial->fn(dial->arg, dial, event, data, len, words);
}

/* It is over, for that reason. */
static void
end(struct dial *dial, const char *what, const char *why)
{
	char words[512];

	snprintf(words, sizeof words, "%.200s: %s%s%s", dial->host, what,
		 why[0] ? ": " : "", why);
	dial->refs++;
	tell(dial, TELLER_CONN_CLOSED, NULL, 0, words);
	dial_close(dial);
	drop(dial);
}

static void on_read(struct bufferevent *, void *);
static void on_written(struct bufferevent *, void *);
static void on_event(struct bufferevent *, short, void *);

static void
use_bev(struct dial *dial, struct bufferevent *bev)
{
	if (!bev)
		mem_exhausted();
	dial->bev = bev;
	bufferevent_setcb(bev, on_read, on_written, on_event, dial);
	bufferevent_setwatermark(bev, EV_READ, 0, READ_AHEAD_BYTES);
}

/* ---- Connecting */

static void
become_ready(struct dial *dial)
{
	dial->state = READY;
	timer_clear(dial->timer);
	bufferevent_enable(dial->bev, EV_WRITE);
	if (dial->is_paused)
		bufferevent_disable(dial->bev, EV_READ);
	else
		bufferevent_enable(dial->bev, EV_READ);
	tell(dial, TELLER_CONN_READY, NULL, 0, NULL);
}

/* fd is the new bufferevent's, if there is no error. */
static int
begin_tls(struct dial *dial, int fd, struct err *err)
{
	struct ssl_st *ssl = tls_new(dial->host, dial->ca_file, err);
	int64_t left_ms = (dial->deadline_us - time_mono_us()) / 1000;

	if (!ssl)
		return -1;
	if (dial->bev)
		bufferevent_setfd(dial->bev, -1);
	free_bev(dial);
	dial->is_tls = true;
	dial->is_resumed = false;
	dial->state = HANDSHAKE;
	use_bev(dial,
		bufferevent_openssl_socket_new(loop_base(dial->loop), fd, ssl,
					       BUFFEREVENT_SSL_CONNECTING,
					       BEV_OPT_CLOSE_ON_FREE));
	bufferevent_enable(dial->bev, EV_READ | EV_WRITE);
	timer_set(dial->timer, left_ms);
	return 0;
}

static void
on_reached(void *arg, int fd, const char *words)
{
	struct dial *dial = arg;
	struct err err;

	dial->reach = NULL;
	dial->refs++;
	if (fd < 0) {
		end(dial, "cannot connect", words);
	} else if (!(dial->flags & TELLER_DIAL_TLS)) {
		use_bev(dial, bufferevent_socket_new(loop_base(dial->loop), fd,
						     BEV_OPT_CLOSE_ON_FREE));
		become_ready(dial);
	} else if (begin_tls(dial, fd, &err) < 0) {
		close(fd);
		end(dial, "cannot begin TLS", err.text);
	}
	drop(dial);
}

/* ---- Connected */

static size_t
input_len(const struct dial *dial)
{
	return evbuffer_get_length(bufferevent_get_input(dial->bev));
}

/* Give what was read, until there is no more, or nobody wants it. */
static void
give_data(struct dial *dial)
{
	char piece[PIECE_BYTES];

	while (dial->state == READY && !dial->is_paused) {
		int n = evbuffer_remove(bufferevent_get_input(dial->bev), piece,
					sizeof piece);
		if (n <= 0)
			break;
		tell(dial, TELLER_CONN_DATA, piece, (size_t)n, NULL);
	}
	if (dial->state == READY && dial->is_eof && input_len(dial) == 0)
		end(dial, "the other side has closed the connection", "");
}

static void
on_read(struct bufferevent *bev, void *arg)
{
	struct dial *dial = arg;

	(void)bev;
	dial->refs++;
	give_data(dial);
	drop(dial);
}

static void
on_written(struct bufferevent *bev, void *arg)
{
	struct dial *dial = arg;

	(void)bev;
	if (dial->state != READY || !dial->has_written)
		return;
	dial->has_written = false;
	dial->refs++;
	tell(dial, TELLER_CONN_DRAINED, NULL, 0, NULL);
	drop(dial);
}

static void
on_failure(struct dial *dial, short events)
{
	int number = EVUTIL_SOCKET_ERROR();
	char why[160] = "the other side has closed the connection";

	/* What came before the end is still to be given. */
	if (dial->state == READY && events & BEV_EVENT_EOF &&
	    input_len(dial) > 0) {
		dial->is_eof = true;
		give_data(dial);
		return;
	}
	if (!(events & BEV_EVENT_EOF) &&
	    !(dial->is_tls && tls_explain(dial->bev, why, sizeof why)))
		snprintf(why, sizeof why, "%s",
			 evutil_socket_error_to_string(number));
	if (dial->state == HANDSHAKE)
		end(dial, "cannot begin TLS", why);
	else
		end(dial, why, "");
}

static void
on_event(struct bufferevent *bev, short events, void *arg)
{
	struct dial *dial = arg;

	(void)bev;
	dial->refs++;
	if (events & BEV_EVENT_CONNECTED)
		become_ready(dial);
	else
		on_failure(dial, events);
	drop(dial);
}

static void
on_timer(void *arg)
{
	struct dial *dial = arg;

	dial->refs++;
	if (dial->state == HANDSHAKE) {
		end(dial, "cannot begin TLS", "it takes too long");
	} else if (dial->is_resumed) {
		dial->is_resumed = false;
		give_data(dial);
	}
	drop(dial);
}

/* ---- For the owner */

struct dial *
dial_open(struct loop *loop, const char *host, int port, int flags,
	  const char *ca_file, int64_t timeout_ms, dial_fn *fn, void *arg,
	  struct err *err)
{
	if (!host[0] || strlen(host) > 255 || port < 1 || port > 65535) {
		err_set(err, "'%.255s' port %d is nowhere to connect to", host,
			port);
		return NULL;
	}
	struct dial *dial = mem_new(sizeof *dial);
	dial->refs = 1;
	dial->loop = loop;
	dial->fn = fn;
	dial->arg = arg;
	dial->flags = flags;
	dial->host = mem_strdup(host);
	dial->ca_file = ca_file ? mem_strdup(ca_file) : NULL;
	dial->timeout_ms = timeout_ms > 0 ? timeout_ms : DEFAULT_TIMEOUT_MS;
	dial->deadline_us = time_mono_us() + dial->timeout_ms * 1000;
	dial->timer = timer_new(loop, on_timer, dial);
	dial->reach =
		reach_start(loop, host, port, flags & TELLER_DIAL_ALLOW_PRIVATE,
			    dial->timeout_ms, on_reached, dial, err);
	if (!dial->reach) {
		dial_close(dial);
		return NULL;
	}
	return dial;
}

int
dial_write(struct dial *dial, const void *data, size_t len)
{
	if (dial->state != READY)
		return -1;
	size_t waiting = evbuffer_get_length(bufferevent_get_output(dial->bev));
	if (len > DIAL_MAX_WAITING - waiting)
		return -1;
	if (bufferevent_write(dial->bev, data, len) < 0)
		mem_exhausted();
	dial->has_written = true;
	return 0;
}

int
dial_start_tls(struct dial *dial)
{
	if (dial->state != READY || dial->is_tls ||
	    evbuffer_get_length(bufferevent_get_output(dial->bev)) > 0)
		return -1;
	dial->deadline_us = time_mono_us() + dial->timeout_ms * 1000;
	return begin_tls(dial, bufferevent_getfd(dial->bev), NULL);
}

void
dial_pause(struct dial *dial, bool on)
{
	if (dial->is_paused == on)
		return;
	dial->is_paused = on;
	if (dial->state != READY)
		return;
	if (on) {
		bufferevent_disable(dial->bev, EV_READ);
		return;
	}
	bufferevent_enable(dial->bev, EV_READ);
	/* Later: who resumes is not to be called from within. */
	dial->is_resumed = true;
	timer_set(dial->timer, 0);
}
