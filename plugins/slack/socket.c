/* One connection of Socket Mode: the handshake, envelopes, their
 * acknowledgement. */
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "parse.h"
#include "slack.h"
#include "websocket.h"

#define MESSAGE_MAX (1024 * 1024)
#define LEAVE_US (5 * US_PER_S)
#define SILENCE_US (30 * US_PER_S)
/* From the first byte to hello; connecting has a limit of its own. */
#define READY_US (30 * US_PER_S)

struct socket {
	struct slack *slack;
	struct socket *next, **link;
	struct teller_conn *conn; /* NULL: it is no more */
	struct address address;
	char key[WEBSOCKET_KEY_SIZE];
	char answer[WEBSOCKET_ANSWER_MAX + 1]; /* to the handshake */
	size_t answer_len;
	struct websocket_reader reader;
	bool is_open;	 /* the handshake is over */
	bool is_ready;	 /* Slack has said hello */
	bool is_leaving; /* others have its place */
	bool is_reading; /* something of it is being read: it is not freed */
	bool is_closing; /* a close was written, and has not left */
	const char *end; /* why it is to end: a literal, or of this event */
	int64_t heard_us, left_us, closing_us;
	int64_t opened_us; /* 0: it is connecting still */
};

bool
socket_is_ready(const struct socket *socket)
{
	return socket->is_ready;
}

bool
socket_is_leaving(const struct socket *socket)
{
	return socket->is_leaving;
}

struct socket *
socket_next(const struct socket *socket)
{
	return socket->next;
}

struct slack *
socket_slack(const struct socket *socket)
{
	return socket->slack;
}

void
socket_free(struct socket *socket)
{
	for (struct taking *t = socket->slack->takings; t; t = t->next)
		if (t->origin.socket == socket)
			t->origin.socket = NULL;
	if (socket->conn)
		socket->slack->services->conn_close(socket->conn);
	*socket->link = socket->next;
	if (socket->next)
		socket->next->link = socket->link;
	websocket_reader_release(&socket->reader);
	free(socket);
}

/* ---- Writing */

static void
write_frame(struct socket *socket, enum websocket_kind kind, const char *data,
	    size_t len)
{
	unsigned char mask[4];
	bool is_over = !socket->conn || socket->is_closing;
	unsigned char *frame =
		is_over ? NULL : malloc(len + WEBSOCKET_HEAD_MAX);
	if (frame && RAND_bytes(mask, sizeof(mask)) == 1) {
		size_t n = websocket_write(frame, kind, mask, data, len);
		socket->slack->services->conn_write(socket->conn, frame, n);
	}
	free(frame);
}

/* The last thing that is written. */
static void
write_close(struct socket *socket, int code)
{
	struct slack *slack = socket->slack;
	unsigned char mask[4], frame[WEBSOCKET_HEAD_MAX + 2];
	if (!socket->conn || socket->is_closing ||
	    RAND_bytes(mask, sizeof(mask)) != 1)
		return;
	size_t n = websocket_write_close(frame, mask, code);
	socket->is_closing =
		slack->services->conn_write(socket->conn, frame, n) == 0;
	socket->closing_us = slack_now_us(slack);
}

void
socket_ack(struct socket *socket, const char *envelope, const char *json)
{
	json_t *payload = json ? json_loads(json, 0, NULL) : NULL;
	json_t *body = json_pack("{s:s, s:o*}", "envelope_id", envelope,
				 "payload", payload);
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	if (text)
		write_frame(socket, WEBSOCKET_TEXT, text, strlen(text));
	free(text);
	json_decref(body);
}

/* ---- Its end */

static bool
has_takings(const struct socket *socket)
{
	for (const struct taking *t = socket->slack->takings; t; t = t->next)
		if (t->origin.socket == socket)
			return true;
	return false;
}

/* Once nothing of it is being read, and what was written has left: what a
 * connection has not sent goes with it. */
static void
end_if_due(struct socket *socket)
{
	if (socket->is_reading || !socket->end ||
	    (socket->conn && socket->is_closing))
		return;
	link_lost(socket, socket->end);
}

static void
end_now(struct socket *socket, const char *words)
{
	socket->is_closing = false;
	if (!socket->end)
		socket->end = words;
	end_if_due(socket);
}

static void
end_leaving(struct socket *socket)
{
	if (has_takings(socket) || socket->is_closing)
		return;
	write_close(socket, WEBSOCKET_NORMAL);
	socket->end = "the former connection is closed";
	end_if_due(socket);
}

/* Envelopes may be on their way by it still, and are acknowledged. */
void
socket_leave(struct socket *socket)
{
	struct slack *slack = socket->slack;
	if (socket->is_leaving) {
		end_leaving(socket);
		return;
	}
	socket->is_leaving = true;
	socket->left_us = slack_now_us(slack);
}

void
socket_check(struct socket *socket)
{
	struct slack *slack = socket->slack;
	int64_t now_us = slack_now_us(slack);
	if (socket->is_closing) {
		if (now_us - socket->closing_us >= LEAVE_US)
			end_now(socket, "it cannot be closed");
	} else if (socket->is_leaving && now_us - socket->left_us >= LEAVE_US) {
		end_leaving(socket);
	} else if (!socket->opened_us) {
		return; /* the host ends it when that takes too long */
	} else if (now_us - socket->heard_us > SILENCE_US) {
		end_now(socket, "Slack has been silent for too long");
	} else if (!socket->is_ready && now_us - socket->opened_us > READY_US) {
		end_now(socket, "Slack does not say hello");
	} else if (socket->is_open) {
		write_frame(socket, WEBSOCKET_PING, "", 0);
	}
}

/* ---- Envelopes */

static const char *
get_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text ? text : "";
}

static void
take_disconnect(struct socket *socket, const char *reason)
{
	struct slack *slack = socket->slack;
	if (strcmp(reason, "link_disabled") == 0) {
		link_down(slack, "it is switched off in the app's settings");
		socket->end = "link_disabled";
	} else if (strcmp(reason, "too_many_websockets") == 0) {
		slack->n_lost++;
		socket->end = "too_many_websockets";
	} else if (!socket->is_leaving) {
		link_renew(slack);
	}
}

/* Kinds that the bot has no use for are not to come again either. */
static void
take_envelope(struct socket *socket, const char *type, json_t *message)
{
	struct slack *slack = socket->slack;
	json_t *payload = json_object_get(message, "payload");
	struct origin origin = {.socket = socket};
	const char *envelope = get_text(message, "envelope_id");
	if (!*envelope || strlen(envelope) > SLACK_ENVELOPE_MAX ||
	    slack->is_stopping)
		return;
	snprintf(origin.envelope, sizeof(origin.envelope), "%s", envelope);
	if (strcmp(type, "events_api") == 0)
		take_event(slack, &origin, payload);
	else if (strcmp(type, "interactive") == 0)
		take_action(slack, &origin, payload);
	else if (strcmp(type, "slash_commands") == 0)
		take_command(slack, &origin, payload);
	else
		socket_ack(socket, envelope, NULL);
}

static void
take_text(struct socket *socket, const char *text, size_t len)
{
	json_t *message = slack_parse(text, len);
	const char *type = get_text(message, "type");
	if (strcmp(type, "hello") == 0) {
		if (!socket->is_ready) {
			socket->is_ready = true;
			link_ready(socket);
		}
	} else if (strcmp(type, "disconnect") == 0) {
		take_disconnect(socket, get_text(message, "reason"));
	} else {
		take_envelope(socket, type, message);
	}
	json_decref(message);
}

static bool
on_message(void *arg, enum websocket_kind kind, const char *data, size_t len,
	   int code)
{
	struct socket *socket = arg;
	if (kind == WEBSOCKET_PING) {
		write_frame(socket, WEBSOCKET_PONG, data, len);
	} else if (kind == WEBSOCKET_CLOSE) {
		write_close(socket, code == WEBSOCKET_NO_CODE ? WEBSOCKET_NORMAL
							      : code);
		socket->end = "Slack closed the connection";
	} else if (kind == WEBSOCKET_TEXT) {
		take_text(socket, data, len);
	}
	return !socket->end;
}

/* ---- What the connection brings */

static void
read_frames(struct socket *socket, const void *data, size_t len)
{
	int code =
		websocket_read(&socket->reader, data, len, on_message, socket);
	if (!code)
		return;
	write_close(socket, code);
	if (!socket->end)
		socket->end = "Slack sent what is no WebSocket";
}

static void
read_answer(struct socket *socket, const char *data, size_t len)
{
	size_t room = sizeof(socket->answer) - socket->answer_len;
	size_t n = len < room ? len : room;
	memcpy(socket->answer + socket->answer_len, data, n);
	socket->answer_len += n;
	long head = websocket_answer(socket->answer, socket->answer_len,
				     socket->key);
	if (head < 0) {
		socket->end = "Slack does not speak WebSocket there";
	} else if (head > 0) {
		socket->is_open = true;
		read_frames(socket, socket->answer + head,
			    socket->answer_len - (size_t)head);
		if (!socket->end)
			read_frames(socket, data + n, len - n);
	}
}

/* Behind a close nothing is read. */
static void
read_data(struct socket *socket, const void *data, size_t len)
{
	if (socket->is_closing)
		return;
	if (socket->is_open)
		read_frames(socket, data, len);
	else
		read_answer(socket, data, len);
}

static void
forget_conn(struct socket *socket, const char *words)
{
	socket->conn = NULL;
	if (!socket->end)
		socket->end = words && *words ? words : "Slack is gone";
}

static void
shake_hands(struct socket *socket)
{
	struct slack *slack = socket->slack;
	unsigned char nonce[WEBSOCKET_NONCE_SIZE];
	char *request = NULL;
	socket->opened_us = slack_now_us(slack);
	if (RAND_bytes(nonce, sizeof(nonce)) == 1) {
		websocket_key(nonce, socket->key);
		request = websocket_request(socket->address.authority,
					    socket->address.path, socket->key);
	}
	if (!request ||
	    slack->services->conn_write(socket->conn, request, strlen(request)))
		socket->end = "the handshake cannot be made";
	free(request);
}

static void
on_event(void *arg, struct teller_conn *conn, enum teller_conn_event event,
	 const void *data, size_t len, const char *words)
{
	struct socket *socket = arg;
	struct slack *slack = socket->slack;
	(void)conn;
	/* That our own pings leave says nothing of Slack. */
	if (event != TELLER_CONN_DRAINED)
		socket->heard_us = slack_now_us(slack);
	socket->is_reading = true;
	if (event == TELLER_CONN_READY)
		shake_hands(socket);
	else if (event == TELLER_CONN_DATA)
		read_data(socket, data, len);
	else if (event == TELLER_CONN_DRAINED)
		socket->is_closing = false;
	else
		forget_conn(socket, words);
	socket->is_reading = false;
	end_if_due(socket);
}

/* ---- Opening */

/* Without TLS only where tests are. */
static struct teller_conn *
dial(struct socket *socket)
{
	const struct slack *slack = socket->slack;
	const struct address *address = &socket->address;
	int flags = (address->is_tls ? TELLER_DIAL_TLS : 0) |
		    (slack->is_private ? TELLER_DIAL_ALLOW_PRIVATE : 0);
	if (!address->is_tls && !slack->is_private)
		return NULL;
	return slack->services->dial(slack->host, address->host, address->port,
				     flags,
				     *slack->ca_file ? slack->ca_file : NULL,
				     slack->timeout_ms, on_event, socket);
}

int
socket_open(struct slack *slack, const char *url)
{
	struct socket *socket = calloc(1, sizeof(*socket));
	if (!socket)
		return -1;
	socket->slack = slack;
	socket->next = slack->sockets;
	socket->link = &slack->sockets;
	if (socket->next)
		socket->next->link = &socket->next;
	slack->sockets = socket;
	socket->heard_us = slack_now_us(slack);
	websocket_reader_init(&socket->reader, MESSAGE_MAX);
	if (address_read(&socket->address, url))
		socket->conn = dial(socket);
	if (socket->conn)
		return 0;
	socket_free(socket);
	return -1;
}
