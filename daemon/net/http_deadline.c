/* The states of a connection, each with a time in which it has to end.  Loop
 * thread. */
#include "base/time.h"
#include "net/http_inside.h"
#include "net/loop.h"

static void
set_deadline(struct http_conn *conn, int64_t ms)
{
	int64_t now_us = time_mono_us();

	conn->deadline_us = ms > 0 ? now_us + ms * 1000 : INT64_MAX;
	if (conn->deadline_us >= conn->armed_us)
		return;
	conn->armed_us = conn->deadline_us;
	timer_set(conn->deadline, ms);
}

void
http_conn_set_state(struct http_conn *conn, enum http_conn_state state,
		    int64_t ms)
{
	conn->state = state;
	set_deadline(conn, ms);
}

bool
http_conn_wait_last(struct http_conn *conn)
{
	int64_t idle_ms = conn->server->limits.idle_ms;
	int64_t left_ms = HTTP_LAST_IDLE_MS;

	/* The deadline says since when it is idle. */
	if (idle_ms > 0)
		left_ms -=
			idle_ms - (conn->deadline_us - time_mono_us()) / 1000;
	if (left_ms <= 0)
		return false;
	set_deadline(conn,
		     left_ms < HTTP_LAST_IDLE_MS ? left_ms : HTTP_LAST_IDLE_MS);
	return true;
}

static void
time_out(struct http_conn *conn)
{
	static const struct http_fault too_slow = {
		408, "request_timeout", "The request took too long to come."};

	if (conn->state == HTTP_CONN_HEAD || conn->state == HTTP_CONN_BODY) {
		http_conn_fail(conn, &too_slow);
		return;
	}
	if (conn->state == HTTP_CONN_WAITING) {
		http_site_refuse(conn->request);
		return;
	}
	/* A stream that HEAD asked for is no more than its head. */
	if (conn->state == HTTP_CONN_STREAMING && conn->request->is_head) {
		http_request_tell_gone(conn->request);
		if (conn->server)
			http_conn_answered(conn);
		return;
	}
	http_conn_close(conn);
}

static void
check_deadline(struct http_conn *conn)
{
	int64_t left_us = conn->deadline_us - time_mono_us();

	if (conn->deadline_us >= conn->armed_us)
		return;
	if (left_us <= 0) {
		time_out(conn);
		return;
	}
	conn->armed_us = conn->deadline_us;
	timer_set(conn->deadline, left_us / 1000 + 1);
}

void
http_conn_on_deadline(void *arg)
{
	struct http_conn *conn = arg;

	conn->armed_us = INT64_MAX;
	http_conn_hold(conn);
	if (conn->has_waiting) {
		conn->has_waiting = false;
		http_conn_take_input(conn);
	}
	if (conn->server)
		check_deadline(conn);
	http_conn_drop(conn);
}
