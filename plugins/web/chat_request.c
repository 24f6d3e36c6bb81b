/* The parameters of a request: a row each.  What only tunes a generator is let
 * pass, as there is none: the reply is the desk's.  What would have to change
 * the answer is refused by name, and so is what is not known. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat.h"

enum {
	OBJECT = 1 << JSON_OBJECT,
	ARRAY = 1 << JSON_ARRAY,
	TEXT = 1 << JSON_STRING,
	INTEGER = 1 << JSON_INTEGER,
	NUMBER = INTEGER | 1 << JSON_REAL,
	BOOL = 1 << JSON_TRUE | 1 << JSON_FALSE
};

static bool
is_one(const json_t *value)
{
	return json_integer_value(value) == 1;
}

static bool
is_zero(const json_t *value)
{
	return json_integer_value(value) == 0;
}

static bool
is_false(const json_t *value)
{
	return json_is_false(value);
}

static bool
is_empty(const json_t *value)
{
	return json_array_size(value) == 0;
}

static bool
is_no_tool(const json_t *value)
{
	const char *text = json_string_value(value);
	return text && (!strcmp(text, "none") || !strcmp(text, "auto"));
}

static bool
is_plain_format(const json_t *value)
{
	const char *type = json_string_value(json_object_get(value, "type"));
	return type && strcmp(type, "text") == 0;
}

static bool
is_text_only(const json_t *value)
{
	const char *only = json_string_value(json_array_get(value, 0));
	return json_array_size(value) == 1 && only && !strcmp(only, "text");
}

/* In order of the manual page. */
static const struct param {
	const char *name;
	unsigned int types;
	const char *words;		 /* for the types */
	bool (*is_fine)(const json_t *); /* NULL: any is */
} params[] = {
	{"model", TEXT, "a text", NULL},
	{"messages", ARRAY, "an array", NULL},
	{"stream", BOOL, "true or false", NULL},
	{"stream_options", OBJECT, "an object", NULL},
	{"metadata", OBJECT, "an object", NULL},
	/* Only as if they were not there. */
	{"n", INTEGER, "a whole number", is_one},
	{"logprobs", BOOL, "true or false", is_false},
	{"top_logprobs", INTEGER, "a whole number", is_zero},
	{"tools", ARRAY, "an array", is_empty},
	{"tool_choice", TEXT | OBJECT, "a text or an object", is_no_tool},
	{"functions", ARRAY, "an array", is_empty},
	{"function_call", TEXT | OBJECT, "a text or an object", is_no_tool},
	{"response_format", OBJECT, "an object", is_plain_format},
	{"modalities", ARRAY, "an array", is_text_only},
	/* Not looked at. */
	{"temperature", NUMBER, "a number", NULL},
	{"top_p", NUMBER, "a number", NULL},
	{"frequency_penalty", NUMBER, "a number", NULL},
	{"presence_penalty", NUMBER, "a number", NULL},
	{"logit_bias", OBJECT, "an object", NULL},
	{"seed", INTEGER, "a whole number", NULL},
	{"stop", TEXT | ARRAY, "a text or an array", NULL},
	{"max_tokens", INTEGER, "a whole number", NULL},
	{"max_completion_tokens", INTEGER, "a whole number", NULL},
	{"user", TEXT, "a text", NULL},
	{"safety_identifier", TEXT, "a text", NULL},
	{"prompt_cache_key", TEXT, "a text", NULL},
	{"prompt_cache_retention", TEXT, "a text", NULL},
	{"store", BOOL, "true or false", NULL},
	{"service_tier", TEXT, "a text", NULL},
	{"reasoning_effort", TEXT, "a text", NULL},
	{"verbosity", TEXT, "a text", NULL},
	{"parallel_tool_calls", BOOL, "true or false", NULL},
	{"prediction", OBJECT, "an object", NULL},
};

static const struct param stream_options[] = {
	{"include_usage", BOOL, "true or false", NULL},
	{"include_obfuscation", BOOL, "true or false", is_false},
};

int
chat_refuse_param(struct web_refusal *refusal, const char *param,
		  const char *code, const char *format, ...)
{
	va_list args;
	*refusal = (struct web_refusal){.status = 400, .code = code};
	snprintf(refusal->param, sizeof(refusal->param), "%s", param);
	va_start(args, format);
	vsnprintf(refusal->detail, sizeof(refusal->detail), format, args);
	va_end(args);
	return -1;
}

/* ---- Rows */

static const struct param *
find_param(const struct param *rows, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

/* prefix: of the names, as errors say them. */
static int
check_params(const json_t *object, const struct param *rows, size_t n,
	     const char *prefix, struct web_refusal *refusal)
{
	const char *name;
	json_t *value;
	char path[64];
	json_object_foreach ((json_t *)object, name, value) {
		const struct param *row = find_param(rows, n, name);
		snprintf(path, sizeof(path), "%s%s", prefix,
			 web_repeatable(name));
		if (!row)
			return chat_refuse_param(
				refusal, path, "unsupported_parameter",
				"the parameter '%s' is not supported", path);
		if (json_is_null(value))
			continue;
		if (!(row->types & 1U << json_typeof(value)))
			return chat_refuse_param(refusal, path, "invalid_type",
						 "'%s' must be %s", path,
						 row->words);
		if (row->is_fine && !row->is_fine(value))
			return chat_refuse_param(
				refusal, path, "unsupported_parameter",
				"this value of '%s' is not supported", path);
	}
	return 0;
}

static int
check_model(const json_t *body, struct web_refusal *refusal)
{
	const char *model = json_string_value(json_object_get(body, "model"));
	if (!model)
		return chat_refuse_param(
			refusal, "model", "missing_required_parameter",
			"'model' is missing: there is '%s'", CHAT_MODEL);
	if (strcmp(model, CHAT_MODEL) == 0)
		return 0;
	chat_refuse_param(refusal, "model", "model_not_found",
			  "the model '%s' does not exist: there is '%s'",
			  web_repeatable(model), CHAT_MODEL);
	refusal->status = 404;
	return -1;
}

/* ---- The conversation's name */

static bool
is_name(const char *text)
{
	size_t len = strlen(text);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == '\x7f')
			return false;
	return len > 0 && len <= CHAT_NAME_MAX;
}

static int
read_metadata(struct chat_request *request, const json_t *metadata,
	      struct web_refusal *refusal)
{
	const char *key;
	json_t *value;
	json_object_foreach ((json_t *)metadata, key, value)
		if (!json_is_string(value))
			return chat_refuse_param(refusal, "metadata",
						 "invalid_type",
						 "the values of 'metadata' "
						 "must be texts");
	value = json_object_get(metadata, "conversation_id");
	if (!value)
		return 0;
	if (!is_name(json_string_value(value)))
		return chat_refuse_param(refusal, "metadata.conversation_id",
					 "invalid_value",
					 "a conversation's name is 1 to %d "
					 "bytes without control "
					 "characters",
					 CHAT_NAME_MAX);
	snprintf(request->name, sizeof(request->name), "%s",
		 json_string_value(value));
	return 0;
}

int
chat_request_read(struct chat_request *request, const json_t *body,
		  struct web_refusal *refusal)
{
	*request = (struct chat_request){.is_stream = false};
	const json_t *options = json_object_get(body, "stream_options");
	const json_t *messages = json_object_get(body, "messages");
	if (check_params(body, params, sizeof(params) / sizeof(*params), "",
			 refusal) ||
	    check_params(options, stream_options,
			 sizeof(stream_options) / sizeof(*stream_options),
			 "stream_options.", refusal) ||
	    check_model(body, refusal) ||
	    read_metadata(request, json_object_get(body, "metadata"), refusal))
		return -1;
	if (!json_is_array(messages))
		return chat_refuse_param(refusal, "messages",
					 "missing_required_parameter",
					 "'messages' is missing");
	request->is_stream = json_is_true(json_object_get(body, "stream"));
	request->has_usage =
		json_is_true(json_object_get(options, "include_usage"));
	return chat_read_messages(request, messages, refusal);
}

void
chat_request_release(struct chat_request *request)
{
	free(request->text);
	request->text = NULL;
}
