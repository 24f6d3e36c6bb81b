/* /v1/conversations and what is below it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web.h"

#define HISTORY_DEFAULT 50
#define HISTORY_MAX 200
#define CLIENT_ID_MAX 128

/* A request that waits for the host; the request itself may go meanwhile. */
struct pending {
	struct web *web;
	struct teller_request *request; /* NULL: the client went away */
	char conversation[WEB_ID_SIZE];
};

static void
pending_gone(void *arg)
{
	((struct pending *)arg)->request = NULL;
}

static struct pending *
pending_new(struct web *web, struct teller_request *request,
	    const char *conversation)
{
	struct pending *pending = calloc(1, sizeof(*pending));
	if (!pending) {
		web->services->problem(request, 503, "no_memory",
				       "there is no memory; try again", 1);
		return NULL;
	}
	pending->web = web;
	pending->request = request;
	snprintf(pending->conversation, sizeof(pending->conversation), "%s",
		 conversation);
	web->services->http_on_gone(request, pending_gone, pending);
	return pending;
}

/* The host did not take it: stopping, or a limit. */
static void
pending_refused(struct pending *pending)
{
	pending->web->services->problem(pending->request, 503, "busy",
					"the request cannot be taken now", 1);
	free(pending);
}

/* ---- POST /v1/conversations
 * --------------------------------------------------- */

static void
answer_created(const struct pending *pending, const char *id)
{
	const struct web *web = pending->web;
	char token[WEB_TOKEN_SIZE], location[WEB_ID_SIZE + 32];
	int64_t ttl_ms = web->services->option_int(web->host, "token_ttl");
	int64_t now_us = web->services->now_us(web->host);
	web_token_make(web, id, now_us + ttl_ms * 1000, token);
	snprintf(location, sizeof(location), "/v1/conversations/%s", id);
	struct teller_header header = {"Location", location};
	web_answer(web, pending->request, 201,
		   json_pack("{s:s,s:s,s:I}", "id", id, "token", token,
			     "expires_in", (json_int_t)(ttl_ms / 1000)),
		   &header, 1);
}

static void
created(void *arg, const struct teller_stored *stored)
{
	struct pending *pending = arg;
	bool is_there = stored->status == TELLER_STORED ||
			stored->status == TELLER_DUPLICATE;
	if (pending->request && is_there)
		answer_created(pending, stored->conversation);
	else if (pending->request)
		web_answer_refused(pending->web, pending->request, stored);
	free(pending);
}

static void
serve_create(void *arg, struct teller_request *request)
{
	struct web *web = arg;
	char idempotency[80], key[32];
	int has_key = web_idempotency_key(web, request, idempotency);
	if (has_key < 0)
		return;
	json_t *body = web_read_body(web, request, "language");
	if (!body)
		return;
	const char *language =
		json_string_value(json_object_get(body, "language"));
	if (has_key)
		web_name_of(web, "conversation", idempotency, "", key);
	else
		web_random_name(key);
	struct pending *pending = pending_new(web, request, "");
	if (pending && web->services->open_conversation(
			       web->host, "", key, language, created, pending))
		pending_refused(pending);
	json_decref(body);
}

/* ---- POST .../messages, .../handover, .../feedback
 * ------------------------------ */

static void
taken(void *arg, const struct teller_stored *stored)
{
	struct pending *pending = arg;
	const struct web *web = pending->web;
	bool is_repeat = stored->status == TELLER_DUPLICATE;
	if (stored->status == TELLER_STORED)
		web_events_wake(pending->web, pending->conversation);
	if (!pending->request) {
		/* Stored all the same: its answer is in the history. */
	} else if (is_repeat && !stored->same) {
		web->services->problem(pending->request, 422,
				       "idempotency_mismatch",
				       "another message had that id", 0);
	} else if (is_repeat || stored->status == TELLER_STORED) {
		struct teller_header header = {"Idempotent-Replayed", "true"};
		web_answer(web, pending->request, 202,
			   json_pack("{s:s}", "id", stored->message), &header,
			   is_repeat ? 1 : 0);
	} else {
		web_answer_refused(web, pending->request, stored);
	}
	free(pending);
}

/* Take the message; the client's id, or the Idempotency-Key, makes a repeat
 * harmless. */
static void
take(struct web *web, struct teller_request *request, const char *id,
     struct teller_message *message, const char *client_id)
{
	char idempotency[80], external[48], name[32];
	int has_key = web_idempotency_key(web, request, idempotency);
	if (has_key < 0)
		return;
	if (!client_id && has_key)
		client_id = idempotency;
	if (client_id) {
		web_name_of(web, "message", id, client_id, name);
		snprintf(external, sizeof(external), "web:%s", name);
		message->external_ids[0] = external;
	}
	message->size = sizeof(*message);
	message->account = "";
	message->conversation = id;
	message->burst_ms = -1;
	struct pending *pending = pending_new(web, request, id);
	if (pending &&
	    web->services->receive(web->host, message, NULL, 0, taken, pending))
		pending_refused(pending);
}

/* A member that may be left out, but is a text of at most max bytes if it is
 * there.  -1: it is none, and the request is answered. */
static int
get_text(const struct web *web, struct teller_request *request, json_t *body,
	 const char *key, size_t max, const char **text_r)
{
	char words[128];
	const json_t *value = json_object_get(body, key);
	*text_r = NULL;
	if (!value || json_is_null(value))
		return 0;
	if (json_is_string(value) && json_string_length(value) <= max) {
		*text_r = json_string_value(value);
		return 0;
	}
	snprintf(words, sizeof(words),
		 "'%s' must be a text of at most %zu "
		 "bytes",
		 key, max);
	web->services->problem(request, 400, "bad_field", words, 0);
	return -1;
}

static void
serve_message(void *arg, struct teller_request *request)
{
	struct web *web = arg;
	const char *id = web_authorised(web, request), *text, *option,
		   *client_id;
	json_t *body = id ? web_read_body(web, request, "text option client_id")
			  : NULL;
	if (!body)
		return;
	struct teller_message message = {.author.trust = TELLER_TRUST_NONE};
	if (get_text(web, request, body, "text", TELLER_TEXT_MAX, &text) ||
	    get_text(web, request, body, "option", TELLER_KEY_MAX, &option) ||
	    get_text(web, request, body, "client_id", CLIENT_ID_MAX,
		     &client_id)) {
		/* answered */
	} else if (!text == !option) {
		web->services->problem(request, 400, "bad_message",
				       "send either 'text' or 'option'", 0);
	} else {
		message.kind =
			option ? TELLER_MESSAGE_OPTION : TELLER_MESSAGE_TEXT;
		message.option = option;
		message.text = text;
		message.text_len = text ? strlen(text) : 0;
		take(web, request, id, &message, client_id);
	}
	json_decref(body);
}

static void
serve_handover(void *arg, struct teller_request *request)
{
	struct web *web = arg;
	const char *id = web_authorised(web, request), *client_id;
	json_t *body = id ? web_read_body(web, request, "client_id") : NULL;
	if (!body)
		return;
	struct teller_message message = {.kind = TELLER_MESSAGE_HANDOVER};
	if (!get_text(web, request, body, "client_id", CLIENT_ID_MAX,
		      &client_id))
		take(web, request, id, &message, client_id);
	json_decref(body);
}

static void
serve_feedback(void *arg, struct teller_request *request)
{
	struct web *web = arg;
	const char *id = web_authorised(web, request), *target, *comment;
	json_t *body =
		id ? web_read_body(web, request, "message_id rating comment")
		   : NULL;
	if (!body)
		return;
	json_int_t rating = json_integer_value(json_object_get(body, "rating"));
	if (get_text(web, request, body, "message_id", TELLER_KEY_MAX,
		     &target) ||
	    get_text(web, request, body, "comment", TELLER_TEXT_MAX,
		     &comment)) {
		/* answered */
	} else if (!target || (rating != 1 && rating != -1)) {
		web->services->problem(request, 400, "bad_feedback",
				       "send 'message_id' of a reply and "
				       "'rating', 1 or -1",
				       0);
	} else {
		struct teller_message message = {
			.kind = TELLER_MESSAGE_FEEDBACK,
			.target = target,
			.rating = (int)rating,
			.text = comment,
			.text_len = comment ? strlen(comment) : 0,
		};
		take(web, request, id, &message, NULL);
	}
	json_decref(body);
}

/* ---- GET ...{id}, .../messages
 * ----------------------------------------------------- */

static void
history_read(void *arg, const struct teller_history *history)
{
	struct pending *pending = arg;
	struct teller_request *request = pending->request;
	if (request && !history->found) {
		pending->web->services->problem(request, 404, "not_found",
						"there is no such conversation",
						0);
	} else if (request) {
		json_t *list = json_array();
		for (size_t i = 0; i < history->n_entries; i++)
			json_array_append_new(
				list, web_entry_json(&history->entries[i]));
		web_answer(pending->web, request, 200,
			   json_pack("{s:s,s:s,s:o,s:b}", "conversation",
				     history->conversation_id, "state",
				     history->state, "messages", list, "more",
				     (int)history->more),
			   NULL, 0);
	}
	free(pending);
}

/* A number of the query string; -1: it is none. */
static long
query_number(const char *text, long fallback)
{
	char *end;
	if (!text)
		return fallback;
	long number = strtol(text, &end, 10);
	return *text && !*end ? number : -1;
}

static void
serve_history(void *arg, struct teller_request *request)
{
	struct web *web = arg;
	const struct teller_services *services = web->services;
	const char *id = web_authorised(web, request);
	if (!id)
		return;
	long limit = query_number(services->http_query(request, "limit"),
				  HISTORY_DEFAULT);
	if (limit < 1 || limit > HISTORY_MAX) {
		services->problem(request, 400, "bad_limit",
				  "limit: a number from 1 to 200", 0);
		return;
	}
	const char *after = services->http_query(request, "after");
	struct pending *pending = pending_new(web, request, id);
	if (pending && services->history(web->host, "", id, after,
					 (size_t)limit, history_read, pending))
		pending_refused(pending);
}

static void
state_read(void *arg, const struct teller_history *history)
{
	struct pending *pending = arg;
	if (pending->request && history->found)
		web_answer(pending->web, pending->request, 200,
			   json_pack("{s:s,s:s}", "id",
				     history->conversation_id, "state",
				     history->state),
			   NULL, 0);
	else if (pending->request)
		pending->web->services->problem(
			pending->request, 404, "not_found",
			"there is no such conversation", 0);
	free(pending);
}

static void
serve_state(void *arg, struct teller_request *request)
{
	struct web *web = arg;
	const char *id = web_authorised(web, request);
	if (!id)
		return;
	struct pending *pending = pending_new(web, request, id);
	if (pending && web->services->history(web->host, "", id, NULL, 1,
					      state_read, pending))
		pending_refused(pending);
}

int
web_serve_api(struct web *web)
{
	static const struct {
		const char *method, *path;
		teller_serve_fn *serve;
	} routes[] = {
		{"POST", "/v1/conversations", serve_create},
		{"GET", "/v1/conversations/{id}", serve_state},
		{"GET", "/v1/conversations/{id}/messages", serve_history},
		{"POST", "/v1/conversations/{id}/messages", serve_message},
		{"POST", "/v1/conversations/{id}/handover", serve_handover},
		{"POST", "/v1/conversations/{id}/feedback", serve_feedback},
	};
	for (size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++)
		if (web->services->serve(web->host, routes[i].method,
					 routes[i].path, 0, 0, routes[i].serve,
					 web))
			return -1;
	return 0;
}
