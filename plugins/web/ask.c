/* POST /v1/ask: a question and its reply in one request, for scripts.  The turn
 * is stored like any other; the request waits for the job that answers it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web.h"

#define TIMEOUT_MS 25000

struct ask {
	struct web *web;
	struct ask *next, **link; /* in web->asks once the message is known */
	struct teller_request *request; /* NULL: the client went away */
	struct teller_watch *timeout;
	char conversation[WEB_ID_SIZE], message[WEB_ID_SIZE];
	char *text, *client_id;
	bool is_reading; /* a look at the history is under way */
	bool is_over;	 /* answered while it was */
};

static void
ask_unlink(struct ask *ask)
{
	if (!ask->link)
		return;
	*ask->link = ask->next;
	if (ask->next)
		ask->next->link = ask->link;
	ask->link = NULL;
}

/* No more is to be done for it, but what is under way has to end first. */
static void
ask_end(struct ask *ask)
{
	ask_unlink(ask);
	if (ask->timeout)
		ask->web->services->unwatch(ask->web->host, ask->timeout);
	ask->timeout = NULL;
	ask->is_over = true;
	if (ask->is_reading)
		return;
	free(ask->text);
	free(ask->client_id);
	free(ask);
}

static void
ask_problem(struct ask *ask, int status, const char *code, const char *detail,
	    int retry_after_s)
{
	if (ask->request)
		ask->web->services->problem(ask->request, status, code, detail,
					    retry_after_s);
	ask_end(ask);
}

/* Everything is always there; without a reply the texts are empty. */
static void
ask_answer(struct ask *ask, const char *reply, const char *kind,
	   json_t *sources, double confidence, json_t *options)
{
	json_t *document =
		json_pack("{s:s,s:s,s:s,s:s,s:o,s:f,s:o}", "conversation",
			  ask->conversation, "message", ask->message, "reply",
			  reply, "kind", kind, "sources", sources, "confidence",
			  confidence, "options", options);
	if (ask->request)
		web_answer(ask->web, ask->request, 200, document, NULL, 0);
	else
		json_decref(document);
	ask_end(ask);
}

static bool
answers(const char *const *in_reply_to, size_t n, const char *message)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(in_reply_to[i], message) == 0)
			return true;
	return false;
}

void
web_ask_job(struct web *web, const struct teller_job *job)
{
	struct ask *next;
	for (struct ask *ask = web->asks; ask; ask = next) {
		next = ask->next;
		if (job->kind == TELLER_JOB_REPLY &&
		    answers(job->in_reply_to, job->n_in_reply_to, ask->message))
			ask_answer(
				ask, job->text, job->reply_kind,
				web_sources_json(job->sources, job->n_sources),
				job->confidence,
				web_options_json(job->options, job->n_options));
	}
}

void
web_ask_stop(struct web *web)
{
	while (web->asks)
		ask_problem(web->asks, 503, "stopping",
			    "tellerd is stopping; the question is stored and "
			    "will be answered",
			    1);
}

static void
timed_out(void *arg)
{
	struct ask *ask = arg;
	ask->timeout = NULL;
	ask_problem(ask, 504, "no_reply_yet",
		    "there is no reply yet; the question is stored, its reply "
		    "will be in the conversation",
		    0);
}

/* ---- A reply that was there before, or will not come
 * ---------------------------- */

static const struct teller_entry *
find_reply(const struct teller_history *history, const char *message)
{
	for (size_t i = 0; i < history->n_entries; i++) {
		const struct teller_entry *entry = &history->entries[i];
		if (answers(entry->in_reply_to, entry->n_in_reply_to, message))
			return entry;
	}
	return NULL;
}

static void
history_read(void *arg, const struct teller_history *history)
{
	struct ask *ask = arg;
	ask->is_reading = false;
	if (ask->is_over) {
		ask_end(ask);
		return;
	}
	const struct teller_entry *entry = find_reply(history, ask->message);
	if (entry)
		ask_answer(ask, entry->text, entry->kind,
			   web_sources_json(entry->sources, entry->n_sources),
			   entry->confidence,
			   web_options_json(entry->options, entry->n_options));
	else if (strcmp(history->state, "person") == 0)
		/* A person has the conversation: the bot will say nothing. */
		ask_answer(ask, "", "handover", json_array(), 1, json_array());
}

static void
look_for_reply(struct ask *ask)
{
	const struct teller_services *services = ask->web->services;
	ask->is_reading = true;
	if (services->history(ask->web->host, "", ask->conversation,
			      ask->message, 50, history_read, ask))
		ask->is_reading = false;
}

/* ---- Asking
 * ------------------------------------------------------------------------ */

static void
ask_gone(void *arg)
{
	struct ask *ask = arg;
	ask->request = NULL;
	/* Before the message is known, the store still calls back. */
	if (ask->link)
		ask_end(ask);
}

static void
wait_for_reply(struct ask *ask, const struct teller_stored *stored)
{
	struct web *web = ask->web;
	snprintf(ask->conversation, sizeof(ask->conversation), "%s",
		 stored->conversation);
	snprintf(ask->message, sizeof(ask->message), "%s", stored->message);
	ask->next = web->asks;
	ask->link = &web->asks;
	if (ask->next)
		ask->next->link = &ask->next;
	web->asks = ask;
	ask->timeout = web->services->watch_timer(web->host, TIMEOUT_MS, false,
						  timed_out, ask);
}

static void
asked(void *arg, const struct teller_stored *stored)
{
	struct ask *ask = arg;
	bool is_repeat = stored->status == TELLER_DUPLICATE;
	bool is_stored = stored->status == TELLER_STORED;
	if (!ask->request) {
		ask_end(ask);
	} else if (is_repeat && !stored->same) {
		ask_problem(ask, 422, "idempotency_mismatch",
			    "another question had that Idempotency-Key", 0);
	} else if (is_repeat || is_stored) {
		wait_for_reply(ask, stored);
		web_events_wake(ask->web, ask->conversation);
		if (is_repeat || ask->client_id == NULL)
			look_for_reply(ask);
	} else {
		web_answer_refused(ask->web, ask->request, stored);
		ask_end(ask);
	}
}

static void
take_question(struct ask *ask, const char *conversation)
{
	struct web *web = ask->web;
	char key[32], external[48], name[32];
	struct teller_message message = {
		.size = sizeof(message),
		.kind = TELLER_MESSAGE_TEXT,
		.account = "",
		.text = ask->text,
		.text_len = strlen(ask->text),
		.burst_ms = 0,
	};
	if (conversation) {
		message.conversation = conversation;
	} else {
		/* A repeat finds the conversation that the first one made. */
		if (ask->client_id)
			web_name_of(web, "ask", ask->client_id, "", key);
		else
			web_random_name(key);
		message.conversation = key;
	}
	if (ask->client_id) {
		web_name_of(web, "question", message.conversation,
			    ask->client_id, name);
		snprintf(external, sizeof(external), "web:%s", name);
		message.external_ids[0] = external;
	}
	if (web->services->receive(web->host, &message, NULL, 0, asked, ask))
		ask_problem(ask, 503, "busy",
			    "the question cannot be taken now", 1);
}

/* From scripts on this machine, if the settings say so; else with a key. */
static bool
may_ask(const struct web *web, struct teller_request *request)
{
	const struct teller_services *services = web->services;
	const char *key = web_bearer(web, request);
	if (key && web_key_check(web, key))
		return true;
	if (!key && services->http_is_local(request) &&
	    services->option_bool(web->host, "ask_without_key_on_loopback"))
		return true;
	services->problem(request, 401, "unauthorized",
			  "send an API key, 'Authorization: Bearer KEY'; see "
			  "plugins.web.api_keys in tellerd.yaml",
			  0);
	return false;
}

static void
serve_ask(void *arg, struct teller_request *request)
{
	struct web *web = arg;
	char idempotency[80];
	if (!may_ask(web, request))
		return;
	int has_key = web_idempotency_key(web, request, idempotency);
	json_t *body =
		has_key < 0 ? NULL
			    : web_read_body(web, request, "text conversation");
	if (!body)
		return;
	const char *text = json_string_value(json_object_get(body, "text"));
	const json_t *named = json_object_get(body, "conversation");
	const char *conversation = json_string_value(named);
	if (!text || strlen(text) > TELLER_TEXT_MAX) {
		web->services->problem(request, 400, "bad_text",
				       "'text' must be a text of at most 64 "
				       "KiB",
				       0);
	} else if (named && !json_is_null(named) &&
		   (!conversation || strncmp(conversation, "cnv_", 4) != 0)) {
		web->services->problem(request, 400, "bad_conversation",
				       "'conversation' must be an id, cnv_...",
				       0);
	} else {
		struct ask *ask = calloc(1, sizeof(*ask));
		if (!ask)
			abort();
		ask->web = web;
		ask->request = request;
		ask->text = strdup(text);
		ask->client_id = has_key ? strdup(idempotency) : NULL;
		if (!ask->text || (has_key && !ask->client_id))
			abort();
		web->services->http_on_gone(request, ask_gone, ask);
		take_question(ask, conversation);
	}
	json_decref(body);
}

int
web_serve_ask(struct web *web)
{
	return web->services->serve(web->host, "POST", "/v1/ask", 0, 0,
				    serve_ask, web);
}
