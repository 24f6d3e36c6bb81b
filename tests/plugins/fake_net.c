/* Requests of the plugin to elsewhere, and its connections. */
#include "fake_inside.h"

#include <stdlib.h>
#include <string.h>

#define WRITTEN_MAX (16 * 1024 * 1024)
#define MAX(array) (sizeof(array) / sizeof *(array))

/* ---- Fetches */

static const struct teller_header *
copy_headers(struct fake *fake, const struct teller_header *headers, size_t n)
{
	struct teller_header *copies =
		arena_array(&fake->arena, n, sizeof *copies);

	for (size_t i = 0; i < n; i++)
		copies[i] = (struct teller_header){
			fake_copy(fake, headers[i].name),
			fake_copy(fake, headers[i].value)};
	return copies;
}

static void
copy_fetch(struct fake *fake, struct teller_fetch *fetch)
{
	const char **to =
		arena_array(&fake->arena, fetch->n_mail_to, sizeof *to);

	fetch->method = fake_copy(fake, fetch->method);
	fetch->url = fake_copy(fake, fetch->url);
	fetch->headers = copy_headers(fake, fetch->headers, fetch->n_headers);
	fetch->body = fake_copy_bytes(fake, fetch->body, fetch->body_len);
	fetch->user = fake_copy(fake, fetch->user);
	fetch->password = fake_copy(fake, fetch->password);
	fetch->bearer = fake_copy(fake, fetch->bearer);
	fetch->mail_from = fake_copy(fake, fetch->mail_from);
	for (size_t i = 0; i < fetch->n_mail_to; i++)
		to[i] = fake_copy(fake, fetch->mail_to[i]);
	fetch->mail_to = to;
	fetch->ca_file = fake_copy(fake, fetch->ca_file);
}

int
fake_net_fetch(struct teller_host *host, const struct teller_fetch *fetch,
	       teller_fetched_fn *fn, void *arg)
{
	struct fake *fake = fake_of(host);

	assert_int_equal(fetch->size, sizeof *fetch);
	assert_true(fetch->url && fn);
	if (!fake_may(fake, "fetch", FAKE_STOPPING))
		return -1;
	assert_true(fake->n_fetches < MAX(fake->fetches));
	struct fake_fetch *kept = arena_new(&fake->arena, sizeof *kept);
	kept->fetch = *fetch;
	copy_fetch(fake, &kept->fetch);
	kept->fn = fn;
	kept->arg = arg;
	fake->fetches[fake->n_fetches++] = kept;
	return 0;
}

void
fake_fetched_whole(struct fake *fake, size_t i,
		   const struct teller_fetched *fetched)
{
	assert_true(i < fake->n_fetches && !fake->fetches[i]->is_answered);
	fake->fetches[i]->is_answered = true;
	fake->fetches[i]->fn(fake->fetches[i]->arg, fetched);
}

void
fake_fetched(struct fake *fake, size_t i, int status, const char *body)
{
	struct teller_fetched fetched = {
		.size = sizeof fetched,
		.status = status,
		.words = status ? "" : body,
		.body = status ? body : NULL,
		.body_len = status && body ? strlen(body) : 0,
	};

	fake_fetched_whole(fake, i, &fetched);
}

/* ---- Connections */

struct teller_conn *
fake_dial(struct teller_host *host, const char *name, int port, int flags,
	  const char *ca_file, int64_t timeout_ms, teller_conn_fn *fn,
	  void *arg)
{
	struct fake *fake = fake_of(host);

	(void)ca_file, (void)timeout_ms;
	assert_true(name && *name && port > 0 && port < 65536 && fn);
	if (!fake_may(fake, "dial", FAKE_RUNNING))
		return NULL;
	assert_true(fake->n_conns < MAX(fake->conns));
	struct teller_conn *conn = arena_new(&fake->arena, sizeof *conn);
	conn->fake = fake;
	conn->fn = fn;
	conn->arg = arg;
	conn->seen = (struct fake_conn){.host = fake_copy(fake, name),
					.port = port,
					.flags = flags,
					.conn = conn};
	buf_init(&conn->seen.written, WRITTEN_MAX);
	fake->conns[fake->n_conns++] = &conn->seen;
	return conn;
}

int
fake_conn_write(struct teller_conn *conn, const void *data, size_t len)
{
	assert_false(conn->seen.is_closed);
	return buf_add(&conn->seen.written, data, len);
}

int
fake_conn_start_tls(struct teller_conn *conn)
{
	assert_false(conn->seen.is_closed);
	conn->seen.n_starttls++;
	return 0;
}

void
fake_conn_pause(struct teller_conn *conn, bool on)
{
	assert_false(conn->seen.is_closed);
	conn->seen.is_paused = on;
}

void
fake_conn_close(struct teller_conn *conn)
{
	assert_false(conn->seen.is_closed);
	conn->seen.is_closed = true;
}

void
fake_conn_event(struct fake *fake, size_t i, enum teller_conn_event event,
		const void *data, size_t len, const char *words)
{
	assert_true(i < fake->n_conns && !fake->conns[i]->is_closed);
	struct teller_conn *conn = fake->conns[i]->conn;
	if (event == TELLER_CONN_CLOSED)
		conn->seen.is_closed = true;
	conn->fn(conn->arg, conn, event, data, len, words);
}

void
fake_conn_text(struct fake *fake, size_t i, const char *text)
{
	fake_conn_event(fake, i, TELLER_CONN_DATA, text, strlen(text), NULL);
}

void
fake_end_net(struct fake *fake)
{
	for (size_t i = 0; i < fake->n_conns; i++)
		fake->conns[i]->is_closed = true;
}
