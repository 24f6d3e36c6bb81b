/* /v1/conversations: making one, and reading what was said. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user.h"
#include "web.h"

#define HISTORY_DEFAULT 50
#define HISTORY_MAX 200

/* ---- POST /v1/conversations */

static void
answer_created(const struct pending *pending,
	       const struct teller_stored *stored)
{
	const struct web *web = pending->web;
	const char *id = stored->conversation;
	char token[WEB_TOKEN_SIZE], location[WEB_ID_SIZE + 32];
	int64_t ttl_ms = web->services->option_int(web->host, "token_ttl");
	int64_t now_us = web->services->now_us(web->host);
	web_token_make(web, id, now_us + ttl_ms * 1000, token);
	snprintf(location, sizeof(location), "/v1/conversations/%s", id);
	struct teller_header headers[] = {
		{"Location", location},
		{"Idempotent-Replayed", "true"},
	};
	web_answer(web, pending->request, 201,
		   json_pack("{s:s,s:s,s:I}", "id", id, "token", token,
			     "expires_in", (json_int_t)(ttl_ms / 1000)),
		   headers, stored->status == TELLER_DUPLICATE ? 2 : 1);
}

static void
created(void *arg, const struct teller_stored *stored)
{
	struct pending *pending = arg;
	bool is_repeat = stored->status == TELLER_DUPLICATE;
	bool is_there = is_repeat || stored->status == TELLER_STORED;
	if (pending->request && is_repeat && !stored->same)
		pending->web->services->problem(
			pending->request, 422, "idempotency_mismatch",
			"a conversation in another language, or of another "
			"user, had that Idempotency-Key",
			0);
	else if (pending->request && is_there)
		answer_created(pending, stored);
	else if (pending->request)
		web_answer_refused(pending->web, pending->request, stored);
	pending_end(pending);
}

/* Who signed in on the firm's site, by its token.  -1: it is answered. */
static int
check_user(struct web *web, struct teller_request *request, const char *token,
	   struct user *user)
{
	const char *why = "this desk knows of no signed users: see "
			  "plugins.web.user_secret in tellerd.yaml";
	char words[160];
	size_t len;
	const void *secret = TELLER_HAS(web->services, open_conversation_as)
				     ? web->services->secret_get(
					       web->host, "user_secret", &len)
				     : NULL;
	int64_t now_s = web->services->now_us(web->host) / 1000000;
	if (secret &&
	    !user_read(user, token, strlen(token), secret, len, now_s, &why))
		return 0;
	snprintf(words, sizeof(words), "the user_token is refused: %s", why);
	web->services->problem(request, 401, "bad_user_token", words, 0);
	return -1;
}

static int
open_conversation(struct web *web, struct pending *pending, const char *key,
		  const char *language, const struct user *user)
{
	const struct teller_services *services = web->services;
	if (!user)
		return services->open_conversation(web->host, "", key, language,
						   created, pending);
	const struct teller_author author = {
		.id = user->id,
		.name = user->name,
		.trust = TELLER_TRUST_VERIFIED,
	};
	return services->open_conversation_as(web->host, "", key, language,
					      &author, created, pending);
}

static void
create(struct web *web, struct teller_request *request, const json_t *body,
       const char *key)
{
	const char *language, *token;
	struct user user;
	if (web_get_text(web, request, body, "language", WEB_LANGUAGE_MAX,
			 &language))
		return;
	if (language && !web_is_language(language)) {
		web->services->problem(request, 400, "bad_language",
				       "'language' must be a tag such as 'en' "
				       "or 'de-CH'",
				       0);
		return;
	}
	if (web_get_text(web, request, body, "user_token", USER_TOKEN_MAX,
			 &token) ||
	    (token && check_user(web, request, token, &user)))
		return;
	struct pending *pending = pending_new(web, request, "");
	if (pending && open_conversation(web, pending, key, language,
					 token ? &user : NULL))
		pending_refused(pending);
}

static void
serve_create(void *arg, struct teller_request *request)
{
	struct web *web = arg;
	char idempotency[WEB_IDEMPOTENCY_SIZE], key[WEB_NAME_SIZE];
	if (!web_is_ready(web, request))
		return;
	int has_key = web_idempotency_key(web, request, idempotency);
	json_t *body = has_key < 0 ? NULL
				   : web_read_body(web, request,
						   "language user_token");
	if (!body)
		return;
	if (has_key)
		web_name_of(web, "conversation", idempotency, "", key);
	else
		web_random_name(key);
	create(web, request, body, key);
	json_decref(body);
}

/* ---- GET ...{id}, .../messages */

static void
answer_not_found(const struct pending *pending)
{
	pending->web->services->problem(pending->request, 404, "not_found",
					"there is no such conversation", 0);
}

static void
answer_history(const struct pending *pending,
	       const struct teller_history *history)
{
	json_t *list = json_array();
	for (size_t i = 0; i < history->n_entries; i++)
		json_array_append_new(list, web_entry_json(history, i));
	web_answer(pending->web, pending->request, 200,
		   json_pack("{s:s,s:s,s:o,s:b}", "conversation",
			     history->conversation_id, "state", history->state,
			     "messages", list, "more", (int)history->more),
		   NULL, 0);
}

static void
history_read(void *arg, const struct teller_history *history)
{
	struct pending *pending = arg;
	if (pending->request && !history->found)
		answer_not_found(pending);
	else if (pending->request)
		answer_history(pending, history);
	pending_end(pending);
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
	const char *after = services->http_query(request, "after");
	long limit = query_number(services->http_query(request, "limit"),
				  HISTORY_DEFAULT);
	if (limit < 1 || limit > HISTORY_MAX) {
		services->problem(request, 400, "bad_limit",
				  "limit: a number from 1 to 200", 0);
		return;
	}
	if (after && *after && !web_is_message_id(after)) {
		services->problem(
			request, 400, "bad_after",
			"after: the id of a message, msg_...; leave it "
			"out to begin with the first",
			0);
		return;
	}
	struct pending *pending = pending_new(web, request, id);
	if (pending && services->history(web->host, "", id, after,
					 (size_t)limit, history_read, pending))
		pending_refused(pending);
}

static void
state_read(void *arg, const struct teller_history *history)
{
	struct pending *pending = arg;
	if (pending->request && !history->found)
		answer_not_found(pending);
	else if (pending->request)
		web_answer(pending->web, pending->request, 200,
			   json_pack("{s:s,s:s}", "id",
				     history->conversation_id, "state",
				     history->state),
			   NULL, 0);
	pending_end(pending);
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
	};
	for (size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++)
		if (web->services->serve(web->host, routes[i].method,
					 routes[i].path, 0, 0, routes[i].serve,
					 web))
			return -1;
	return 0;
}
