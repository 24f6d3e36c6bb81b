#include "host/conn.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "host/handle.h"
#include "host/instance.h"
#include "net/dial.h"

struct teller_conn {
	struct owned owned;
	struct teller_host *owner;
	struct dial *dial; /* NULL: closed, and the plugin is being told */
	teller_conn_fn *fn;
	void *arg;
};

static void
conn_free(struct teller_conn *conn)
{
	handle_forget(conn);
	instance_disown(conn->owner, &conn->owned);
	free(conn);
}

static void
conn_end(struct owned *owned)
{
	struct teller_conn *conn =
		container_of(owned, struct teller_conn, owned);

	dial_close(conn->dial);
	conn_free(conn);
}

static void
on_event(void *arg, struct dial *dial, enum teller_conn_event event,
	 const void *data, size_t len, const char *words)
{
	struct teller_conn *conn = arg;
	struct teller_host *host = conn->owner;
	struct entered entered = instance_enter(host);

	(void)dial;
	if (event == TELLER_CONN_CLOSED)
		conn->dial = NULL;
	conn->fn(conn->arg, conn, event, data, len, words);
	if (event == TELLER_CONN_CLOSED)
		conn_free(conn);
	instance_leave(host, "a connection", entered);
}

struct teller_conn *
conn_dial(struct teller_host *host, const char *name, int port, int flags,
	  const char *ca_file, int64_t timeout_ms, teller_conn_fn *fn,
	  void *arg)
{
	struct err err = {.text = "it names no host, or nobody is to be told"};

	if (instance_check_room(host, "dial", INSTANCE_RUNNING) < 0)
		return NULL;
	struct teller_conn *conn = mem_new(sizeof *conn);
	conn->owned.end = conn_end;
	conn->owner = host;
	conn->fn = fn;
	conn->arg = arg;
	if (name && fn)
		conn->dial =
			dial_open(host->frame->config.loop, name, port, flags,
				  ca_file, timeout_ms, on_event, conn, &err);
	if (!conn->dial) {
		instance_warn(host, "dial is refused: %s", err.text);
		free(conn);
		return NULL;
	}
	handle_note(conn);
	instance_own(host, &conn->owned);
	return conn;
}

int
conn_write(struct teller_conn *conn, const void *data, size_t len)
{
	return handle_is_good(conn, "conn_write") && conn->dial
		       ? dial_write(conn->dial, data, len)
		       : -1;
}

int
conn_start_tls(struct teller_conn *conn)
{
	return handle_is_good(conn, "conn_start_tls") && conn->dial
		       ? dial_start_tls(conn->dial)
		       : -1;
}

void
conn_pause(struct teller_conn *conn, bool on)
{
	if (handle_is_good(conn, "conn_pause") && conn->dial)
		dial_pause(conn->dial, on);
}

void
conn_close(struct teller_conn *conn)
{
	/* In its last event it closes by itself. */
	if (handle_is_good(conn, "conn_close") && conn->dial)
		conn_end(&conn->owned);
}
