/* POST /v1/ask: a question and its reply in one request, for scripts.  The turn
 * is stored like any other; the request waits for the job that answers it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web.h"

#define TIMEOUT_MS 25000
#define HISTORY_LIMIT 50
#define RETRY_S 1

struct ask {
	struct web_call call; /* storing it, then looks at the history */
	struct waiter waiter; /* once it is stored */
	struct web *web;
	struct teller_request *request; /* NULL: answered, or gone */
	struct teller_watch *timeout;
	char conversation[WEB_ID_SIZE]; /* that it is for; "": a new one */
	char message[WEB_ID_SIZE];
	/* The key that its Idempotency-Key makes of a new conversation; "": it
	 * has none, or is not for a new one. */
	char key[WEB_NAME_SIZE];
	/* A repeat for a new conversation: the first one is only the same if
	 * there is one of that key, else it named another. */
	bool is_unsure;
	bool is_late; /* this look at the history is the last */
};

/* What a question is made of; borrowed. */
struct question {
	const char *text, *conversation; /* NULL: a new one */
	const char *idempotency;	 /* NULL: none */
	char principal[WEB_NAME_SIZE];
};

static void
ask_free(struct ask *ask)
{
	free(ask);
}

static void
ask_drop(struct web_call *call)
{
	ask_free(container_of(call, struct ask, call));
}

/* It is answered, or nobody is there to be: what is under way frees it. */
static void
ask_end(struct ask *ask)
{
	const struct teller_services *services = ask->web->services;
	ask->request = NULL;
	waiters_remove(&ask->waiter);
	if (ask->timeout)
		services->unwatch(ask->web->host, ask->timeout);
	ask->timeout = NULL;
	if (!ask->call.link)
		ask_free(ask);
}

static void
ask_problem(struct ask *ask, int status, const char *code, const char *detail,
	    int retry_after_s)
{
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
	web_answer(ask->web, ask->request, 200, document, NULL, 0);
	ask_end(ask);
}

static void
ask_gone(void *arg)
{
	ask_end(arg);
}

/* ---- The job that answers it */

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
	const char *conversation = job->conversation_id;
	struct waiter *waiter = waiters_first(&web->asks, conversation), *next;
	for (; waiter; waiter = next) {
		struct ask *ask = container_of(waiter, struct ask, waiter);
		next = waiters_next(&web->asks, waiter, conversation);
		if (ask->is_unsure || job->kind != TELLER_JOB_REPLY ||
		    !answers(job->in_reply_to, job->n_in_reply_to,
			     ask->message))
			continue;
		ask_answer(ask, job->text, job->reply_kind,
			   web_sources_json(job->sources, job->n_sources),
			   job->confidence,
			   web_options_json(job->options, job->n_options));
	}
}

static void
refuse_stopping(struct ask *ask)
{
	ask_problem(ask, 503, "stopping",
		    "tellerd is stopping; the question is stored and will be "
		    "answered",
		    RETRY_S);
}

void
web_ask_stop(struct web *web)
{
	struct waiter *waiter = waiters_first(&web->asks, NULL), *next;
	for (; waiter; waiter = next) {
		next = waiters_next(&web->asks, waiter, NULL);
		refuse_stopping(container_of(waiter, struct ask, waiter));
	}
}

/* ---- A reply that was there before, or will not come */

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
give_up(struct ask *ask)
{
	ask_problem(ask, 504, "no_reply_yet",
		    "there is no reply yet; the question is stored, its reply "
		    "will be in the conversation",
		    0);
}

static int look_for_reply(struct ask *);

static void
refuse_mismatch(struct ask *ask)
{
	ask_problem(ask, 422, "idempotency_mismatch",
		    "another question, or one to another conversation, had "
		    "that Idempotency-Key",
		    0);
}

/* What came while it was not sure was not taken: so it looks once more. */
static void
be_sure(struct ask *ask)
{
	ask->is_unsure = false;
	if (look_for_reply(ask) && ask->is_late)
		give_up(ask);
}

static void
judge(struct ask *ask, const struct teller_history *history)
{
	const struct teller_entry *entry = find_reply(history, ask->message);
	if (ask->is_unsure && !history->found)
		refuse_mismatch(ask);
	else if (entry)
		ask_answer(ask, entry->text, entry->kind,
			   web_sources_json(entry->sources, entry->n_sources),
			   entry->confidence,
			   web_options_json(entry->options, entry->n_options));
	else if (history->found && strcmp(history->state, "person") == 0)
		/* A person has the conversation: the bot will say nothing. */
		ask_answer(ask, "", "handover", json_array(), 1, json_array());
	else if (ask->is_unsure)
		be_sure(ask);
	else if (ask->is_late)
		give_up(ask);
}

static void
history_read(void *arg, const struct teller_history *history)
{
	struct ask *ask = arg;
	struct web *web = ask->web;
	web_call_end(&ask->call);
	if (ask->request)
		judge(ask, history);
	else
		ask_free(ask);
	web_settle(web);
}

static int
look_for_reply(struct ask *ask)
{
	struct web *web = ask->web;
	if (ask->call.link)
		return 0;
	const char *key = ask->is_unsure ? ask->key : ask->conversation;
	if (web->services->history(web->host, "", key, ask->message,
				   HISTORY_LIMIT, history_read, ask))
		return -1;
	web_call_begin(web, &ask->call);
	return 0;
}

/* A person may have taken the conversation in the meantime. */
static void
timed_out(void *arg)
{
	struct ask *ask = arg;
	ask->timeout = NULL;
	ask->is_late = true;
	if (look_for_reply(ask))
		give_up(ask);
}

/* ---- Asking */

static bool
is_mismatch(const struct ask *ask, const struct teller_stored *stored)
{
	return !stored->same ||
	       (*ask->conversation &&
		strcmp(ask->conversation, stored->conversation) != 0);
}

static void
wait_for_reply(struct ask *ask, const struct teller_stored *stored)
{
	struct web *web = ask->web;
	bool is_repeat = stored->status == TELLER_DUPLICATE;
	bool is_new = !*ask->conversation && !is_repeat;
	ask->is_unsure = is_repeat && *ask->key;
	snprintf(ask->conversation, sizeof(ask->conversation), "%s",
		 stored->conversation);
	snprintf(ask->message, sizeof(ask->message), "%s", stored->message);
	waiters_add(&web->asks, &ask->waiter, ask->conversation);
	ask->timeout = web->services->watch_timer(web->host, TIMEOUT_MS, false,
						  timed_out, ask);
	/* Nothing was said in a new one yet, and no person has it. */
	if (!is_new && look_for_reply(ask) && ask->is_unsure)
		ask_problem(ask, 503, "busy",
			    "the first answer cannot be looked up now",
			    RETRY_S);
}

static void
judge_stored(struct ask *ask, const struct teller_stored *stored)
{
	bool is_repeat = stored->status == TELLER_DUPLICATE;
	bool is_stored = stored->status == TELLER_STORED;
	if (is_repeat && is_mismatch(ask, stored)) {
		refuse_mismatch(ask);
	} else if ((is_repeat || is_stored) && ask->web->is_stopping) {
		refuse_stopping(ask);
	} else if (is_repeat || is_stored) {
		wait_for_reply(ask, stored);
	} else {
		web_answer_refused(ask->web, ask->request, stored);
		ask_end(ask);
	}
}

static void
asked(void *arg, const struct teller_stored *stored)
{
	struct ask *ask = arg;
	struct web *web = ask->web;
	web_call_end(&ask->call);
	if (stored->status == TELLER_STORED)
		web_events_wake(web, stored->conversation);
	if (ask->request)
		judge_stored(ask, stored);
	else
		ask_free(ask);
	web_settle(web);
}

static struct ask *
ask_new(struct web *web, struct teller_request *request,
	const struct question *question)
{
	struct ask *ask = calloc(1, sizeof(*ask));
	if (!ask) {
		web->services->problem(request, 503, "no_memory",
				       "there is no memory; try again",
				       RETRY_S);
		return NULL;
	}
	ask->web = web;
	ask->request = request;
	ask->call.drop = ask_drop;
	if (question->conversation)
		snprintf(ask->conversation, sizeof(ask->conversation), "%s",
			 question->conversation);
	web->services->http_on_gone(request, ask_gone, ask);
	return ask;
}

static void
take_question(struct web *web, struct teller_request *request,
	      const struct question *question)
{
	char key[WEB_NAME_SIZE], external[WEB_NAME_SIZE];
	const char *idempotency = question->idempotency;
	struct teller_message message = {
		.size = sizeof(message),
		.kind = TELLER_MESSAGE_TEXT,
		.account = "",
		.conversation = question->conversation,
		.text = question->text,
		.text_len = strlen(question->text),
	};
	if (idempotency) {
		web_name_of(web, "question", question->principal, idempotency,
			    external);
		message.external_ids[0] = external;
		/* A repeat finds the conversation that the first one made. */
		web_name_of(web, "ask", question->principal, idempotency, key);
	} else {
		web_random_name(key);
	}
	struct ask *ask = ask_new(web, request, question);
	if (!ask)
		return;
	if (!message.conversation) {
		message.conversation = key;
		snprintf(ask->key, sizeof(ask->key), "%s",
			 idempotency ? key : "");
	}
	if (web->services->receive(web->host, &message, NULL, 0, asked, ask))
		ask_problem(ask, 503, "busy",
			    "the question cannot be taken now", RETRY_S);
	else
		web_call_begin(web, &ask->call);
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
		web_name_of(web, "principal", is_known ? key : "", "",
			    principal);
		return true;
	}
	services->problem(request, 401, "unauthorized",
			  "send an API key, 'Authorization: Bearer KEY'; see "
			  "plugins.web.api_keys in tellerd.yaml",
			  0);
	return false;
}

static void
ask_of(struct web *web, struct teller_request *request, const json_t *body,
       struct question *question)
{
	if (web_get_text(web, request, body, "text", TELLER_TEXT_MAX,
			 &question->text) ||
	    web_get_text(web, request, body, "conversation", TELLER_KEY_MAX,
			 &question->conversation))
		return;
	if (!question->text)
		web->services->problem(request, 400, "bad_text",
				       "'text' is missing", 0);
	else if (question->conversation &&
		 !web_is_conversation_id(question->conversation))
		web->services->problem(request, 400, "bad_conversation",
				       "'conversation' must be an id, cnv_...",
				       0);
	else
		take_question(web, request, question);
}

static void
serve_ask(void *arg, struct teller_request *request)
{
	struct web *web = arg;
	char idempotency[WEB_IDEMPOTENCY_SIZE];
	struct question question = {0};
	if (!web_is_ready(web, request) ||
	    !may_ask(web, request, question.principal))
		return;
	int has_key = web_idempotency_key(web, request, idempotency);
	if (has_key > 0)
		question.idempotency = idempotency;
	json_t *body =
		has_key < 0 ? NULL
			    : web_read_body(web, request, "text conversation");
	if (!body)
		return;
	ask_of(web, request, body, &question);
	json_decref(body);
}

int
web_serve_ask(struct web *web)
{
	return web->services->serve(web->host, "POST", "/v1/ask", 0, 0,
				    serve_ask, web);
}
