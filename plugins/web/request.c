#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "web.h"

#define BODY_DEPTH 8
#define IDEMPOTENCY_MIN 16
#define IDEMPOTENCY_MAX 72

const char *
web_bearer(const struct web *web, struct teller_request *request)
{
	const char *value =
		web->services->http_header(request, "Authorization");
	if (!value || strncasecmp(value, "Bearer ", 7) != 0)
		return NULL;
	value += 7;
	return value + strspn(value, " ");
}

const char *
web_authorised(const struct web *web, struct teller_request *request)
{
	const struct teller_services *services = web->services;
	const char *id = services->http_param(request, "id");
	const char *token = web_bearer(web, request);
	if (token &&
	    web_token_check(web, id, token, services->now_us(web->host)))
		return id;
	services->problem(request, 401, "unauthorized",
			  "the conversation's token is missing, wrong or has "
			  "expired: send 'Authorization: Bearer TOKEN'",
			  0);
	return NULL;
}

/* ---- Bodies ----------------------------------------------------------------
 */

static bool
is_json(const struct web *web, struct teller_request *request)
{
	const char *type = web->services->http_header(request, "Content-Type");
	size_t len = strlen("application/json");
	return type && strncasecmp(type, "application/json", len) == 0 &&
	       (!type[len] || type[len] == ';' || type[len] == ' ');
}

/* jansson nests as deep as the body says; a body of ours never has to. */
static bool
is_shallow(const char *text, size_t len)
{
	int depth = 0;
	bool in_text = false;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		if (in_text && c == '\\')
			i++;
		else if (c == '"')
			in_text = !in_text;
		else if (!in_text && (c == '{' || c == '['))
			depth++;
		else if (!in_text && (c == '}' || c == ']'))
			depth--;
		if (depth > BODY_DEPTH)
			return false;
	}
	return true;
}

static bool
is_listed(const char *keys, const char *key)
{
	size_t len = strlen(key);
	for (const char *at = keys; len && (at = strstr(at, key)); at += len)
		if ((at == keys || at[-1] == ' ') &&
		    (!at[len] || at[len] == ' '))
			return true;
	return false;
}

/* The first key of the object that is not one of those; NULL: none. */
static const char *
unknown_key(json_t *object, const char *keys)
{
	const char *key;
	json_t *value;
	json_object_foreach (object, key, value)
		if (!is_listed(keys, key))
			return key;
	return NULL;
}

json_t *
web_read_body(const struct web *web, struct teller_request *request,
	      const char *keys)
{
	const struct teller_services *services = web->services;
	char words[256];
	size_t len;
	const char *body = services->http_body(request, &len);
	if (!len)
		return json_object();
	if (!is_json(web, request)) {
		services->problem(request, 415, "unsupported_media_type",
				  "send 'Content-Type: application/json'", 0);
		return NULL;
	}
	json_error_t error = {0};
	json_t *object =
		is_shallow(body, len)
			? json_loadb(body, len, JSON_REJECT_DUPLICATES, &error)
			: NULL;
	if (!json_is_object(object)) {
		json_decref(object);
		services->problem(request, 400, "bad_json",
				  "the body must be one JSON object in UTF-8",
				  0);
		return NULL;
	}
	const char *key = unknown_key(object, keys);
	if (!key)
		return object;
	snprintf(words, sizeof(words),
		 "there is no field '%.60s' here; there "
		 "is: %s",
		 key, keys);
	services->problem(request, 400, "unknown_field", words, 0);
	json_decref(object);
	return NULL;
}

/* ---- Idempotency keys
 * -------------------------------------------------------- */

/* An sf-string, or the bare token that most clients send. */
static bool
take_quotes_off(const char *value, char out[80])
{
	size_t len = strlen(value);
	if (len >= 2 && value[0] == '"' && value[len - 1] == '"') {
		value++;
		len -= 2;
	}
	if (len < IDEMPOTENCY_MIN || len > IDEMPOTENCY_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if (value[i] <= ' ' || value[i] > '~' || value[i] == '"' ||
		    value[i] == '\\')
			return false;
	memcpy(out, value, len);
	out[len] = '\0';
	return true;
}

int
web_idempotency_key(const struct web *web, struct teller_request *request,
		    char out[80])
{
	const char *value =
		web->services->http_header(request, "Idempotency-Key");
	if (!value)
		return 0;
	if (take_quotes_off(value, out))
		return 1;
	/* What repeats a request may also read its answer: it must not be
	 * guessed. */
	web->services->problem(request, 400, "bad_idempotency_key",
			       "Idempotency-Key: 16 to 72 visible characters, "
			       "such as a random UUID",
			       0);
	return -1;
}

/* ---- Answers
 * ------------------------------------------------------------------- */

void
web_answer(const struct web *web, struct teller_request *request, int status,
	   json_t *document, const struct teller_header *headers,
	   size_t n_headers)
{
	char *text = json_dumps(document, JSON_COMPACT);
	json_decref(document);
	if (text)
		web->services->answer(request, status, "application/json",
				      headers, n_headers, text, strlen(text));
	else
		web->services->problem(request, 500, "no_memory",
				       "there is no memory for the answer", 0);
	free(text);
}

void
web_answer_refused(const struct web *web, struct teller_request *request,
		   const struct teller_stored *stored)
{
	if (stored->status == TELLER_BUSY)
		web->services->problem(request, 503, "busy", stored->words,
				       stored->retry_after_s);
	else
		web->services->problem(request, 422, "refused", stored->words,
				       0);
}
