#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "web.h"

#define IDEMPOTENCY_MIN 16
#define IDEMPOTENCY_MAX 72
#define STARTING_RETRY_S 1

/* ---- Refusing */

int
web_refuse(struct web_refusal *refusal, int status, const char *code,
	   const char *format, ...)
{
	va_list args;
	*refusal = (struct web_refusal){.status = status, .code = code};
	va_start(args, format);
	vsnprintf(refusal->detail, sizeof(refusal->detail), format, args);
	va_end(args);
	return -1;
}

int
web_refuse_for_now(struct web_refusal *refusal, const char *code,
		   const char *detail, int retry_after_s)
{
	web_refuse(refusal, 503, code, "%s", detail);
	refusal->retry_after_s = retry_after_s;
	return -1;
}

void
web_answer_refusal(const struct web *web, struct teller_request *request,
		   const struct web_refusal *refusal)
{
	web->services->problem(request, refusal->status, refusal->code,
			       refusal->detail, refusal->retry_after_s);
}

int
web_check_ready(const struct web *web, struct web_refusal *refusal)
{
	if (web->has_key)
		return 0;
	return web_refuse_for_now(
		refusal, "starting",
		"the key of the tokens is not on disk yet; try again",
		STARTING_RETRY_S);
}

bool
web_is_ready(const struct web *web, struct teller_request *request)
{
	struct web_refusal refusal;
	if (!web_check_ready(web, &refusal))
		return true;
	web_answer_refusal(web, request, &refusal);
	return false;
}

/* ---- Who asks */

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

bool
web_is_language(const char *text)
{
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789-");
	return len > 0 && len <= WEB_LANGUAGE_MAX && !text[len];
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
web_check_idempotency(const struct web *web, struct teller_request *request,
		      char out[WEB_IDEMPOTENCY_SIZE],
		      struct web_refusal *refusal)
{
	const char *value =
		web->services->http_header(request, "Idempotency-Key");
	if (!value)
		return 0;
	if (take_quotes_off(value, out))
		return 1;
	/* What repeats a request may also read its answer: it must not be
	 * guessed. */
	return web_refuse(refusal, 400, "bad_idempotency_key",
			  "Idempotency-Key: 16 to 72 visible characters, such "
			  "as a random UUID");
}

int
web_idempotency_key(const struct web *web, struct teller_request *request,
		    char out[WEB_IDEMPOTENCY_SIZE])
{
	struct web_refusal refusal;
	int has_key = web_check_idempotency(web, request, out, &refusal);
	if (has_key < 0)
		web_answer_refusal(web, request, &refusal);
	return has_key;
}

/* ---- Answers */

char *
web_json_text(json_t *document)
{
	/* Enough for a share or a time, and 0.99 stays what it is. */
	char *text =
		json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(9));

	json_decref(document);
	return text;
}

void
web_answer(const struct web *web, struct teller_request *request, int status,
	   json_t *document, const struct teller_header *headers,
	   size_t n_headers)
{
	char *text = web_json_text(document);
	if (text)
		web->services->answer(request, status, "application/json",
				      headers, n_headers, text, strlen(text));
	else
		web->services->problem(request, 500, "no_memory",
				       "there is no memory for the answer", 0);
	free(text);
}

int
web_refuse_stored(struct web_refusal *refusal,
		  const struct teller_stored *stored)
{
	const char *words = stored->words ? stored->words : "";
	if (stored->status == TELLER_BUSY)
		return web_refuse_for_now(refusal, "busy", words,
					  stored->retry_after_s);
	if (stored->status == TELLER_NOT_FOUND)
		return web_refuse(refusal, 404, "not_found", "%s", words);
	return web_refuse(refusal, 422, "refused", "%s", words);
}

void
web_answer_refused(const struct web *web, struct teller_request *request,
		   const struct teller_stored *stored)
{
	struct web_refusal refusal;
	web_refuse_stored(&refusal, stored);
	web_answer_refusal(web, request, &refusal);
}
