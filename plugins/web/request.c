#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "web.h"

#define BODY_DEPTH 8
#define IDEMPOTENCY_MIN 16
#define IDEMPOTENCY_MAX 72
#define STARTING_RETRY_S 1

bool
web_is_ready(const struct web *web, struct teller_request *request)
{
	if (web->has_key)
		return true;
	web->services->problem(request, 503, "starting",
			       "the key of the tokens is not on disk yet; try "
			       "again",
			       STARTING_RETRY_S);
	return false;
}

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
	if (!web_is_ready(web, request))
		return NULL;
	if (id && token &&
	    web_token_check(web, id, token, services->now_us(web->host)))
		return id;
	services->problem(request, 401, "unauthorized",
			  "the conversation's token is missing, wrong or has "
			  "expired: send 'Authorization: Bearer TOKEN'",
			  0);
	return NULL;
}

static const char word[] = "abcdefghijklmnopqrstuvwxyz"
			   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

bool
web_is_conversation_id(const char *text)
{
	return strncmp(text, "cnv_", 4) == 0 && strlen(text) < WEB_ID_SIZE &&
	       text[strspn(text, word)] == '\0';
}

bool
web_is_message_id(const char *text)
{
	size_t len = strlen(text);
	return strncmp(text, "msg_", 4) == 0 && len > 4 && len <= 4 + 18 &&
	       text[4] != '0' && strspn(text + 4, "0123456789") == len - 4;
}

/* ---- Bodies */

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
	while (*keys) {
		size_t n = strcspn(keys, " ");
		if (n == len && memcmp(keys, key, len) == 0)
			return true;
		keys += n + (keys[n] == ' ');
	}
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

/* What is wrong with a body, in words. */
static void
explain(const json_t *read, const json_error_t *error, char *words, size_t size)
{
	static const struct {
		enum json_error_code code;
		const char *words;
	} known[] = {
		{json_error_duplicate_key, "it has a key that stands twice"},
		{json_error_null_character,
		 "it has a text with \\u0000, which no text may hold"},
		{json_error_null_byte_in_key,
		 "it has a key with \\u0000, which no key may hold"},
		{json_error_invalid_utf8, "it is not in UTF-8"},
	};
	const char *must = "the body must be one JSON object";
	if (read) {
		snprintf(words, size, "%s; it is something else", must);
		return;
	}
	snprintf(words, size, "%s; its JSON is wrong at byte %d", must,
		 error->position);
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (known[i].code == json_error_code(error))
			snprintf(words, size, "%s; %s", must, known[i].words);
}

/* NULL: the request is answered. */
static json_t *
parse(const struct web *web, struct teller_request *request, const char *body,
      size_t len)
{
	char words[160];
	json_error_t error;
	if (!len)
		return json_object();
	if (!is_shallow(body, len)) {
		snprintf(words, sizeof(words),
			 "the body's JSON is nested deeper than %d",
			 BODY_DEPTH);
		web->services->problem(request, 400, "bad_json", words, 0);
		return NULL;
	}
	json_t *object = json_loadb(body, len, JSON_REJECT_DUPLICATES, &error);
	if (json_is_object(object))
		return object;
	explain(object, &error, words, sizeof(words));
	json_decref(object);
	web->services->problem(request, 400, "bad_json", words, 0);
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
	if (len && !is_json(web, request)) {
		services->problem(request, 415, "unsupported_media_type",
				  "send 'Content-Type: application/json'", 0);
		return NULL;
	}
	json_t *object = parse(web, request, body, len);
	const char *key = object ? unknown_key(object, keys) : NULL;
	if (!key)
		return object;
	/* What is none of our names is not repeated unless it looks like one.
	 */
	bool is_word = strlen(key) <= 40 && key[strspn(key, word)] == '\0';
	snprintf(words, sizeof(words),
		 "there is no field '%s' here; there is: %s",
		 is_word ? key : "...", keys);
	services->problem(request, 400, "unknown_field", words, 0);
	json_decref(object);
	return NULL;
}

int
web_get_text(const struct web *web, struct teller_request *request,
	     const json_t *body, const char *key, size_t max,
	     const char **text_r)
{
	char words[128];
	const json_t *value = json_object_get(body, key);
	size_t len = json_string_length(value);
	*text_r = NULL;
	if (!value || json_is_null(value))
		return 0;
	if (json_is_string(value) && len > 0 && len <= max) {
		*text_r = json_string_value(value);
		return 0;
	}
	if (!json_is_string(value))
		snprintf(words, sizeof(words), "'%s' must be a text", key);
	else if (!len)
		snprintf(words, sizeof(words), "'%s' is empty: leave it out",
			 key);
	else
		snprintf(words, sizeof(words),
			 "'%s' has %zu bytes, more than the %zu it may have",
			 key, len, max);
	web->services->problem(request, 400, "bad_field", words, 0);
	return -1;
}

/* ---- Idempotency keys */

/* An sf-string, or the bare token that most clients send. */
static bool
take_quotes_off(const char *value, char out[WEB_IDEMPOTENCY_SIZE])
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
		    char out[WEB_IDEMPOTENCY_SIZE])
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

/* ---- Answers */

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
	bool is_busy = stored->status == TELLER_BUSY;
	bool is_unknown = stored->status == TELLER_NOT_FOUND;
	web->services->problem(request,
			       is_busy	    ? 503
			       : is_unknown ? 404
					    : 422,
			       is_busy	    ? "busy"
			       : is_unknown ? "not_found"
					    : "refused",
			       stored->words ? stored->words : "",
			       is_busy ? stored->retry_after_s : 0);
}
