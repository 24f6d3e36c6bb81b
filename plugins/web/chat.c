/* POST /v1/chat/completions and GET /v1/models. */
#include "chat.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "question.h"

/* A client sends the whole conversation again with each question; reading what
 * is no more than this takes the loop some milliseconds at worst. */
#define BODY_MAX (128 * 1024)
#define BODY_DEPTH 32
/* Names that we gave: this, 22 characters, and 22 that only we can make. */
#define NAME_PREFIX "chat_"
#define NAME_HALF 22
#define OUR_NAME_SIZE (sizeof(NAME_PREFIX) + 2 * NAME_HALF)
#define OTHERS_PREFIX "cnv_"

struct chat {
	struct question question;
	struct chat_answer answer;
	struct teller_request *request; /* until the stream is open */
	struct teller_stream *stream;
	bool is_stream;
};

/* ---- Answering */

static bool
open_stream(struct chat *chat)
{
	static const struct teller_header headers[] = {
		{"Cache-Control", "no-store"},
		{"X-Accel-Buffering", "no"},
	};
	chat->stream = chat->question.web->services->stream(
		chat->request, 200, "text/event-stream; charset=utf-8", headers,
		2);
	if (chat->stream)
		chat_stream_role(&chat->answer, chat->stream);
	return chat->stream;
}

/* A stream begins when an answer is certain to come. */
static void
chat_waits(struct question *question)
{
	struct chat *chat = container_of(question, struct chat, question);
	if (chat->is_stream && !open_stream(chat))
		question_end(question);
}

/* What the reply says, and what it offers, as one text.  What it says of a
 * person is the same in every channel; that the person's words do not come by
 * this one is said below it.  NULL: no memory. */
static char *
content_of(const struct web *web, const struct question_reply *reply)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	if (!out)
		return NULL;
	fputs(reply->text, out);
	if (strcmp(reply->kind, "handover") == 0)
		fprintf(out, "%s%s", *reply->text ? "\n\n" : "",
			web->services->option_text(web->host,
						   "completions_person"));
	for (size_t i = 0; i < reply->n_options; i++)
		fprintf(out, "%s%zu. %s", i ? "\n" : "\n\n", i + 1,
			reply->options[i].label);
	bool is_whole = !ferror(out);
	if (fclose(out) || !is_whole) {
		free(text);
		return NULL;
	}
	return text;
}

static void
chat_refuse(struct question *question, const struct web_refusal *refusal)
{
	struct chat *chat = container_of(question, struct chat, question);
	if (!chat->stream) {
		chat_answer_error(question->web, chat->request, refusal);
		return;
	}
	chat_stream_error(question->web, chat->stream, refusal);
	question->web->services->stream_end(chat->stream);
}

/* Half an answer is no approved one: who still reads is told so. */
static void
stream_answer(struct chat *chat, const char *content)
{
	const struct web *web = chat->question.web;
	struct web_refusal refusal;
	if (!chat->stream && !open_stream(chat))
		return;
	if (chat_stream_reply(&chat->answer, chat->stream, content)) {
		web_refuse(&refusal, 500, "answer_cut",
			   "the answer could not be written to its end: what "
			   "came of it is not the answer");
		chat_stream_error(web, chat->stream, &refusal);
	}
	web->services->stream_end(chat->stream);
}

static void
chat_reply(struct question *question, const struct question_reply *reply)
{
	struct chat *chat = container_of(question, struct chat, question);
	struct web_refusal refusal;
	char *content = content_of(question->web, reply);
	if (!content) {
		web_refuse_for_now(&refusal, "no_memory",
				   "there is no memory; try again", 1);
		chat_refuse(question, &refusal);
	} else if (chat->is_stream) {
		stream_answer(chat, content);
	} else {
		chat_answer_whole(&chat->answer, chat->request, content);
	}
	free(content);
}

static const struct question_route chat_route = {
	.waits = chat_waits,
	.answer = chat_reply,
	.refuse = chat_refuse,
};

/* ---- Names of conversations */

/* One of ours for that principal; half: 22 characters. */
static void
make_name(const struct web *web, const char *principal, const char *half,
	  char out[OUR_NAME_SIZE])
{
	char sign[WEB_NAME_SIZE];
	web_name_of(web, "chat name", principal, half, sign);
	snprintf(out, OUR_NAME_SIZE, NAME_PREFIX "%s%s", half,
		 strchr(sign, ':') + 1);
}

/* A name that we gave is good only with the API key it was given to; any other
 * is the client's own, and means nothing beside that key. */
static int
check_name(const struct web *web, const char *principal, const char *name,
	   struct web_refusal *refusal)
{
	char half[NAME_HALF + 1], ours[OUR_NAME_SIZE];
	size_t prefix = strlen(NAME_PREFIX);
	bool is_ours = strncmp(name, NAME_PREFIX, prefix) == 0;
	bool is_good = strncmp(name, OTHERS_PREFIX, strlen(OTHERS_PREFIX)) != 0;
	if (is_ours) {
		snprintf(half, sizeof(half), "%.*s", NAME_HALF, name + prefix);
		make_name(web, principal, half, ours);
		is_good = strlen(name) == sizeof(ours) - 1 &&
			  CRYPTO_memcmp(name, ours, sizeof(ours)) == 0;
	}
	if (is_good)
		return 0;
	chat_refuse_param(refusal, "metadata.conversation_id",
			  "conversation_not_found",
			  "no conversation of this API key has that id");
	refusal->status = 404;
	return -1;
}

/* A new one; the same for a repeat. */
static void
new_name(const struct web *web, const char *principal, const char *idempotency,
	 char out[OUR_NAME_SIZE])
{
	char half[WEB_NAME_SIZE];
	if (idempotency)
		web_name_of(web, "chat new", principal, idempotency, half);
	else
		web_random_name(half);
	make_name(web, principal, strchr(half, ':') + 1, out);
}

/* ---- Asking */

/* Who asked; -1 and a refusal: it is not known. */
static int
check_key(const struct web *web, struct teller_request *request,
	  char principal[WEB_NAME_SIZE], struct web_refusal *refusal)
{
	const char *key = web_bearer(web, request);
	if (key && web_key_check(web, key)) {
		question_principal(web, key, principal);
		return 0;
	}
	return web_refuse(refusal, 401, "invalid_api_key",
			  "send an API key, 'Authorization: Bearer KEY'; "
			  "'tellerctl keys add NAME --scope ask' makes one");
}

static void
begin(struct chat *chat, const struct chat_request *asked,
      struct question_ask *ask)
{
	struct web *web = chat->question.web;
	struct chat_answer *answer = &chat->answer;
	char key[WEB_NAME_SIZE], id[WEB_NAME_SIZE];
	chat->is_stream = asked->is_stream;
	answer->web = web;
	answer->created_s = web->services->now_us(web->host) / 1000000;
	answer->has_usage = asked->has_usage;
	answer->prompt_words = chat_count_words(asked->text);
	web_random_name(id);
	snprintf(answer->id, sizeof(answer->id), "chatcmpl-%s",
		 strchr(id, ':') + 1);
	snprintf(answer->name, sizeof(answer->name), "%s", asked->name);
	if (!*asked->name)
		new_name(web, ask->principal, ask->idempotency, answer->name);
	web_name_of(web, "chat", ask->principal, answer->name, key);
	ask->key = key;
	ask->is_new = !*asked->name;
	ask->text = asked->text;
	ask->text_len = asked->text_len;
	ask->earlier = asked->earlier;
	ask->earlier_len = asked->earlier_len;
	question_begin(&chat->question, ask);
}

static int
take(struct web *web, struct teller_request *request, const json_t *body,
     struct question_ask *ask, struct web_refusal *refusal)
{
	struct chat_request asked;
	struct chat *chat = NULL;
	if (!chat_request_read(&asked, body, refusal) &&
	    !check_name(web, ask->principal, asked.name, refusal))
		chat = question_new(web, request, &chat_route, sizeof(*chat),
				    refusal);
	if (chat) {
		chat->request = request;
		begin(chat, &asked, ask);
	}
	chat_request_release(&asked);
	return chat ? 0 : -1;
}

static int
ask_desk(struct web *web, struct teller_request *request,
	 struct web_refusal *refusal)
{
	char idempotency[WEB_IDEMPOTENCY_SIZE], principal[WEB_NAME_SIZE];
	struct question_ask ask = {.principal = principal,
				   .request = web->services->http_id(request)};
	if (check_key(web, request, principal, refusal) ||
	    web_check_ready(web, refusal))
		return -1;
	int has_key = web_check_idempotency(web, request, idempotency, refusal);
	if (has_key < 0)
		return -1;
	if (has_key)
		ask.idempotency = idempotency;
	json_t *body = web_parse_body(web, request, BODY_DEPTH, refusal);
	if (!body)
		return -1;
	int rc = take(web, request, body, &ask, refusal);
	json_decref(body);
	return rc;
}

static void
serve_completions(void *arg, struct teller_request *request)
{
	struct web *web = arg;
	struct web_refusal refusal;
	if (ask_desk(web, request, &refusal))
		chat_answer_error(web, request, &refusal);
}

static void
serve_models(void *arg, struct teller_request *request)
{
	struct web *web = arg;
	char principal[WEB_NAME_SIZE];
	struct web_refusal refusal;
	if (check_key(web, request, principal, &refusal))
		chat_answer_error(web, request, &refusal);
	else
		web_answer(web, request, 200,
			   json_pack("{s:s,s:[{s:s,s:s,s:I,s:s}]}", "object",
				     "list", "data", "id", CHAT_MODEL, "object",
				     "model", "created",
				     (json_int_t)web->started_s, "owned_by",
				     "tellerd"),
			   NULL, 0);
}

int
web_serve_chat(struct web *web)
{
	const struct teller_services *services = web->services;
	if (services->serve(web->host, "POST", "/v1/chat/completions", 0,
			    BODY_MAX, serve_completions, web))
		return -1;
	return services->serve(web->host, "GET", "/v1/models", 0, 0,
			       serve_models, web);
}
