/* Bodies of requests: one JSON object each. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "web.h"

#define BODY_DEPTH 8

static const char word[] = "abcdefghijklmnopqrstuvwxyz"
			   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

static bool
is_json(const struct web *web, struct teller_request *request)
{
	const char *type = web->services->http_header(request, "Content-Type");
	size_t len = strlen("application/json");
	return type && strncasecmp(type, "application/json", len) == 0 &&
	       (!type[len] || type[len] == ';' || type[len] == ' ');
}

/* jansson nests as deep as the body says, and a value of two bytes takes it as
 * long as a text of many; a body of ours has no need of either.  A value is
 * the first, or stands behind one of "[{,". */
static int
check_shape(const char *text, size_t len, int max_depth,
	    struct web_refusal *refusal)
{
	int depth = 0, n_values = 1;
	bool in_text = false;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		if (in_text && c == '\\')
			i++;
		else if (c == '"')
			in_text = !in_text;
		else if (!in_text && c)
			n_values += strchr("[{,", c) != NULL;
		if (!in_text && (c == '{' || c == '['))
			depth++;
		else if (!in_text && (c == '}' || c == ']'))
			depth--;
		if (depth > max_depth)
			return web_refuse(refusal, 400, "bad_json",
					  "the body's JSON is nested deeper "
					  "than %d",
					  max_depth);
	}
	return n_values <= WEB_BODY_VALUES
		       ? 0
		       : web_refuse(refusal, 400, "bad_json",
				    "the body's JSON has more than %d values",
				    WEB_BODY_VALUES);
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

static json_t *
parse(const char *body, size_t len, int max_depth, struct web_refusal *refusal)
{
	char words[160];
	json_error_t error;
	if (!len)
		return json_object();
	if (check_shape(body, len, max_depth, refusal))
		return NULL;
	json_t *object = json_loadb(body, len, JSON_REJECT_DUPLICATES, &error);
	if (json_is_object(object))
		return object;
	explain(object, &error, words, sizeof(words));
	json_decref(object);
	web_refuse(refusal, 400, "bad_json", "%s", words);
	return NULL;
}

json_t *
web_parse_body(const struct web *web, struct teller_request *request,
	       int max_depth, struct web_refusal *refusal)
{
	size_t len;
	const char *body = web->services->http_body(request, &len);
	if (!len || is_json(web, request))
		return parse(body, len, max_depth, refusal);
	web_refuse(refusal, 415, "unsupported_media_type",
		   "send 'Content-Type: application/json'");
	return NULL;
}

const char *
web_repeatable(const char *key)
{
	bool is_word = strlen(key) <= 40 && key[strspn(key, word)] == '\0';
	return is_word ? key : "...";
}

json_t *
web_read_body(const struct web *web, struct teller_request *request,
	      const char *keys)
{
	struct web_refusal refusal;
	json_t *object = web_parse_body(web, request, BODY_DEPTH, &refusal);
	const char *key = object ? unknown_key(object, keys) : NULL;
	if (object && !key)
		return object;
	if (key)
		web_refuse(&refusal, 400, "unknown_field",
			   "there is no field '%s' here; there is: %s",
			   web_repeatable(key), keys);
	json_decref(object);
	web_answer_refusal(web, request, &refusal);
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
		snprintf(words, sizeof(words),
			 "'%s' is empty: write something in it, or send no "
			 "such field",
			 key);
	else
		snprintf(words, sizeof(words),
			 "'%s' has %zu bytes, more than the %zu it may have",
			 key, len, max);
	web->services->problem(request, 400, "bad_field", words, 0);
	return -1;
}
