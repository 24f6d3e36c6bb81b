/* POST /v1/ask: a question and its reply in one request, for scripts. */
#include <stdio.h>
#include <string.h>

#include "question.h"

struct ask {
	struct question question;
	struct teller_request *request;
};

static void
ask_refuse(struct question *question, const struct web_refusal *refusal)
{
	struct ask *ask = container_of(question, struct ask, question);
	web_answer_refusal(question->web, ask->request, refusal);
}

/* Everything is always there; without a reply the texts are empty. */
static void
ask_answer(struct question *question, const struct question_reply *reply)
{
	struct ask *ask = container_of(question, struct ask, question);
	json_t *document =
		json_pack("{s:s,s:s,s:s,s:s,s:o,s:f,s:o}", "conversation",
			  question->conversation, "message", question->message,
			  "reply", reply->text, "kind", reply->kind, "sources",
			  web_sources_json(reply->sources, reply->n_sources),
			  "confidence", reply->confidence, "options",
			  web_options_json(reply->options, reply->n_options));
	web_answer(question->web, ask->request, 200, document, NULL, 0);
}

static const struct question_route ask_route = {
	.answer = ask_answer,
	.refuse = ask_refuse,
};

static void
begin(struct web *web, struct teller_request *request, struct question_ask *ask)
{
	char key[WEB_NAME_SIZE];
	struct web_refusal refusal;
	struct ask *made =
		question_new(web, request, &ask_route, sizeof(*made), &refusal);
	if (!made) {
		web_answer_refusal(web, request, &refusal);
		return;
	}
	made->request = request;
	ask->is_new = !ask->conversation;
	/* A repeat finds the conversation that the first one made. */
	if (ask->is_new && ask->idempotency)
		web_name_of(web, "ask", ask->principal, ask->idempotency, key);
	else
		web_random_name(key);
	if (ask->is_new)
		ask->key = key;
	question_begin(&made->question, ask);
}

/* From programs on this machine, if the settings say so; else with a key.  A
 * browser names the page that sends: that is no such program. */
static bool
may_ask(const struct web *web, struct teller_request *request,
	char principal[WEB_NAME_SIZE])
{
	const struct teller_services *services = web->services;
	const char *key = web_bearer(web, request);
	bool is_known = key && web_key_check(web, key);
	bool is_program =
		!key && services->http_is_local(request) &&
		!services->http_header(request, "Origin") &&
		services->option_bool(web->host, "ask_without_key_on_loopback");
	if (is_known || is_program) {
		question_principal(web, is_known ? key : "", principal);
		return true;
	}
	services->problem(request, 401, "unauthorized",
			  "send an API key, 'Authorization: Bearer KEY'; "
			  "'tellerctl keys add NAME --scope ask' makes one",
			  0);
	return false;
}

static void
ask_of(struct web *web, struct teller_request *request, const json_t *body,
       struct question_ask *ask)
{
	if (web_get_text(web, request, body, "text", TELLER_TEXT_MAX,
			 &ask->text) ||
	    web_get_text(web, request, body, "conversation", TELLER_KEY_MAX,
			 &ask->conversation))
		return;
	ask->text_len = ask->text ? strlen(ask->text) : 0;
	if (!ask->text)
		web->services->problem(request, 400, "bad_text",
				       "'text' is missing", 0);
	else if (ask->conversation &&
		 !web_is_conversation_id(ask->conversation))
		web->services->problem(request, 400, "bad_conversation",
				       "'conversation' must be an id, cnv_...",
				       0);
	else
		begin(web, request, ask);
}

static void
serve_ask(void *arg, struct teller_request *request)
{
	struct web *web = arg;
	char idempotency[WEB_IDEMPOTENCY_SIZE], principal[WEB_NAME_SIZE];
	struct question_ask ask = {.principal = principal,
				   .request = web->services->http_id(request)};
	if (!web_is_ready(web, request) || !may_ask(web, request, principal))
		return;
	int has_key = web_idempotency_key(web, request, idempotency);
	if (has_key > 0)
		ask.idempotency = idempotency;
	json_t *body =
		has_key < 0 ? NULL
			    : web_read_body(web, request, "text conversation");
	if (!body)
		return;
	ask_of(web, request, body, &ask);
	json_decref(body);
}

int
web_serve_ask(struct web *web)
{
	return web->services->serve(web->host, "POST", "/v1/ask", 0, 0,
				    serve_ask, web);
}
