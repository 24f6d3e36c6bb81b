/* What the customer brings to a conversation: messages, the wish for a person,
 * feedback. */
#include <string.h>

#include "web.h"

#define CLIENT_ID_MAX 128
#define COMMENT_MAX 4000

static void
answer_taken(const struct pending *pending, const struct teller_stored *stored)
{
	static const struct teller_header replayed = {"Idempotent-Replayed",
						      "true"};
	const struct web *web = pending->web;
	bool is_repeat = stored->status == TELLER_DUPLICATE;
	if (is_repeat && !stored->same)
		web->services->problem(pending->request, 422,
				       "idempotency_mismatch",
				       "another message had that id", 0);
	else if (is_repeat || stored->status == TELLER_STORED)
		web_answer(web, pending->request, 202,
			   json_pack("{s:s}", "id", stored->message), &replayed,
			   is_repeat ? 1 : 0);
	else
		web_answer_refused(web, pending->request, stored);
}

/* If the client is gone by now, it is stored all the same: its answer will be
 * in the history. */
static void
taken(void *arg, const struct teller_stored *stored)
{
	struct pending *pending = arg;
	if (stored->status == TELLER_STORED)
		web_events_wake(pending->web, pending->conversation);
	if (pending->request)
		answer_taken(pending, stored);
	pending_end(pending);
}

/* Take the message; the client's id and the Idempotency-Key, either of them,
 * make a repeat harmless. */
static void
take(struct web *web, struct teller_request *request, const char *id,
     struct teller_message *message, const char *client_id)
{
	char idempotency[WEB_IDEMPOTENCY_SIZE];
	char names[2][WEB_NAME_SIZE];
	int has_key = web_idempotency_key(web, request, idempotency), n = 0;
	if (has_key < 0)
		return;
	if (client_id)
		web_name_of(web, "message", id, client_id, names[n++]);
	if (has_key)
		web_name_of(web, "message", id, idempotency, names[n++]);
	for (int i = 0; i < n; i++)
		message->external_ids[i] = names[i];
	message->size = sizeof(*message);
	message->account = "";
	message->conversation = id;
	message->request = web->services->http_id(request);
	struct pending *pending = pending_new(web, request, id);
	if (pending &&
	    web->services->receive(web->host, message, NULL, 0, taken, pending))
		pending_refused(pending);
}

static void
take_message(struct web *web, struct teller_request *request, const char *id,
	     const json_t *body)
{
	const char *text, *option, *client_id;
	if (web_get_text(web, request, body, "text", TELLER_TEXT_MAX, &text) ||
	    web_get_text(web, request, body, "option", TELLER_KEY_MAX,
			 &option) ||
	    web_get_text(web, request, body, "client_id", CLIENT_ID_MAX,
			 &client_id))
		return;
	if (!text == !option) {
		web->services->problem(request, 400, "bad_message",
				       "send either 'text' or 'option'", 0);
		return;
	}
	if (text && !text[strspn(text, " \t\r\n")]) {
		web->services->problem(
			request, 400, "bad_field",
			"'text' has blanks alone: it needs words", 0);
		return;
	}
	/* Who chose an option has said all of it; a text may go on. */
	struct teller_message message = {
		.kind = option ? TELLER_MESSAGE_OPTION : TELLER_MESSAGE_TEXT,
		.option = option,
		.text = text,
		.text_len = text ? strlen(text) : 0,
		.burst_ms = option ? 0 : -1,
	};
	take(web, request, id, &message, client_id);
}

static void
serve_message(void *arg, struct teller_request *request)
{
	struct web *web = arg;
	const char *id = web_authorised(web, request);
	json_t *body = id ? web_read_body(web, request, "text option client_id")
			  : NULL;
	if (!body)
		return;
	take_message(web, request, id, body);
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
	if (!web_get_text(web, request, body, "client_id", CLIENT_ID_MAX,
			  &client_id))
		take(web, request, id, &message, client_id);
	json_decref(body);
}

static bool
is_reason(const char *word)
{
	static const char *const reasons[] = {TELLER_FEEDBACK_REASONS};
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		if (strcmp(word, reasons[i]) == 0)
			return true;
	return false;
}

/* rating 0: it is none. */
static void
take_feedback(struct web *web, struct teller_request *request, const char *id,
	      const json_t *body, const char *target, int rating)
{
	const char *reason, *comment;
	if (web_get_text(web, request, body, "reason", TELLER_KEY_MAX,
			 &reason) ||
	    web_get_text(web, request, body, "comment", COMMENT_MAX, &comment))
		return;
	if (!target || !web_is_message_id(target) || !rating ||
	    (reason && !is_reason(reason))) {
		web->services->problem(
			request, 400, "bad_feedback",
			"name a reply and send 'rating', which is up or down "
			"(1 or -1 beside 'message_id'); a 'reason' is wrong, "
			"outdated, unclear, incomplete, off_topic, "
			"wants_person or other",
			0);
		return;
	}
	struct teller_message message = {
		.kind = TELLER_MESSAGE_FEEDBACK,
		.target = target,
		.rating = rating,
		.option = reason,
		.text = comment,
		.text_len = comment ? strlen(comment) : 0,
	};
	take(web, request, id, &message, NULL);
}

static int
number_rating(const json_t *body)
{
	json_int_t rating = json_integer_value(json_object_get(body, "rating"));
	return rating == 1 || rating == -1 ? (int)rating : 0;
}

static int
word_rating(const json_t *body)
{
	const char *word = json_string_value(json_object_get(body, "rating"));
	if (word && strcmp(word, "up") == 0)
		return 1;
	return word && strcmp(word, "down") == 0 ? -1 : 0;
}

static void
serve_feedback(void *arg, struct teller_request *request)
{
	struct web *web = arg;
	const char *id = web_authorised(web, request), *target;
	json_t *body = id ? web_read_body(web, request,
					  "message_id rating reason comment")
			  : NULL;
	if (!body)
		return;
	if (!web_get_text(web, request, body, "message_id", TELLER_KEY_MAX,
			  &target))
		take_feedback(web, request, id, body, target,
			      number_rating(body));
	json_decref(body);
}

static void
serve_thumb(void *arg, struct teller_request *request)
{
	struct web *web = arg;
	const char *id = web_authorised(web, request);
	json_t *body = id ? web_read_body(web, request, "rating reason comment")
			  : NULL;
	if (!body)
		return;
	take_feedback(web, request, id, body,
		      web->services->http_param(request, "message"),
		      word_rating(body));
	json_decref(body);
}

int
web_serve_messages(struct web *web)
{
	static const struct {
		const char *path;
		teller_serve_fn *serve;
	} routes[] = {
		{"/v1/conversations/{id}/messages", serve_message},
		{"/v1/conversations/{id}/handover", serve_handover},
		{"/v1/conversations/{id}/feedback", serve_feedback},
		{"/v1/conversations/{id}/messages/{message}/feedback",
		 serve_thumb},
	};
	for (size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++)
		if (web->services->serve(web->host, "POST", routes[i].path, 0,
					 0, routes[i].serve, web))
			return -1;
	return 0;
}
