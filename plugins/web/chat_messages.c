/* The messages of a request.  Only what the user wrote is read: nothing that
 * stands under another role is obeyed, or kept as a customer's words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat.h"

#define PARAM_SIZE 64

static bool
is_role(const char *role)
{
	static const char *const roles[] = {"developer", "system", "user",
					    "assistant", "tool",   "function"};
	for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++)
		if (strcmp(role, roles[i]) == 0)
			return true;
	return false;
}

static bool
is_user(const json_t *message)
{
	return strcmp(json_string_value(json_object_get(message, "role")),
		      "user") == 0;
}

/* ---- Are they well formed? */

static int
check_part(const json_t *part, bool is_users, size_t i, size_t j,
	   struct web_refusal *refusal)
{
	char param[PARAM_SIZE];
	const char *type = json_string_value(json_object_get(part, "type"));
	snprintf(param, sizeof(param), "messages[%zu].content[%zu]", i, j);
	if (!type)
		return chat_refuse_param(refusal, param, "invalid_type",
					 "a part must be an object with a "
					 "'type'");
	if (is_users && strcmp(type, "text") != 0)
		return chat_refuse_param(
			refusal, param, "unsupported_content",
			"content of type '%s' is not supported, only 'text' is",
			web_repeatable(type));
	if (is_users && !json_is_string(json_object_get(part, "text")))
		return chat_refuse_param(refusal, param, "invalid_type",
					 "a part of type 'text' must have a "
					 "'text'");
	return 0;
}

static int
check_content(const json_t *message, size_t i, struct web_refusal *refusal)
{
	const json_t *content = json_object_get(message, "content");
	bool is_users = is_user(message);
	char param[PARAM_SIZE];
	size_t j;
	json_t *part;
	if (json_is_string(content) ||
	    (!is_users && (!content || json_is_null(content))))
		return 0;
	snprintf(param, sizeof(param), "messages[%zu].content", i);
	if (!json_is_array(content))
		return chat_refuse_param(refusal, param, "invalid_type",
					 "the content of a message must be a "
					 "text or an array of parts");
	json_array_foreach (content, j, part)
		if (check_part(part, is_users, i, j, refusal))
			return -1;
	return 0;
}

static int
check_message(const json_t *message, size_t i, struct web_refusal *refusal)
{
	const char *role = json_string_value(json_object_get(message, "role"));
	char param[PARAM_SIZE];
	snprintf(param, sizeof(param), "messages[%zu]%s", i,
		 json_is_object(message) ? ".role" : "");
	if (!json_is_object(message))
		return chat_refuse_param(refusal, param, "invalid_type",
					 "a message must be an object");
	if (!role)
		return chat_refuse_param(refusal, param, "invalid_type",
					 "a message must have a 'role'");
	if (!is_role(role))
		return chat_refuse_param(refusal, param, "invalid_value",
					 "there is no role '%s'",
					 web_repeatable(role));
	return check_content(message, i, refusal);
}

/* ---- What the user wrote */

static size_t
count_parts(const json_t *message)
{
	const json_t *content = json_object_get(message, "content");
	return json_is_string(content) ? 1 : json_array_size(content);
}

/* The i-th of its texts. */
static const json_t *
part_text(const json_t *message, size_t i)
{
	const json_t *content = json_object_get(message, "content");
	return json_is_string(content)
		       ? content
		       : json_object_get(json_array_get(content, i), "text");
}

/* Put the end of a text before what is there; false: there is no more room. */
static bool
prepend(struct chat_request *request, const json_t *text)
{
	char *end = request->earlier + CHAT_EARLIER_MAX - request->earlier_len;
	size_t len = json_string_length(text);
	size_t room = CHAT_EARLIER_MAX - request->earlier_len;
	if (room < 2)
		return false;
	size_t n = len < room - 1 ? len : room - 1;
	end[-1] = '\n';
	memcpy(end - 1 - n, json_string_value(text) + len - n, n);
	request->earlier_len += n + 1;
	return n == len;
}

/* Written from the end of the field on, and then moved to its beginning. */
static void
read_earlier(struct chat_request *request, const json_t *messages, size_t last)
{
	bool has_room = true;
	for (size_t i = last; has_room && i-- > 0;) {
		const json_t *message = json_array_get(messages, i);
		if (!is_user(message))
			continue;
		for (size_t j = count_parts(message); has_room && j-- > 0;)
			has_room = prepend(request, part_text(message, j));
	}
	memmove(request->earlier,
		request->earlier + CHAT_EARLIER_MAX - request->earlier_len,
		request->earlier_len);
}

/* Parts stand on lines of their own. */
static int
read_text(struct chat_request *request, const json_t *message, size_t i,
	  struct web_refusal *refusal)
{
	size_t n = count_parts(message), size = 1;
	char param[PARAM_SIZE];
	snprintf(param, sizeof(param), "messages[%zu].content", i);
	for (size_t j = 0; j < n; j++)
		size += json_string_length(part_text(message, j)) + 1;
	request->text = calloc(1, size);
	if (!request->text)
		return web_refuse_for_now(refusal, "no_memory",
					  "there is no memory; try again", 1);
	for (size_t j = 0; j < n; j++) {
		const json_t *text = part_text(message, j);
		size_t len = json_string_length(text);
		if (request->text_len)
			request->text[request->text_len++] = '\n';
		memcpy(request->text + request->text_len,
		       json_string_value(text), len);
		request->text_len += len;
	}
	if (!request->text_len)
		return chat_refuse_param(refusal, param, "invalid_value",
					 "the last message of the user is "
					 "empty");
	if (request->text_len > TELLER_TEXT_MAX)
		return chat_refuse_param(refusal, param,
					 "string_above_max_length",
					 "the last message of the user has "
					 "over %d bytes",
					 TELLER_TEXT_MAX);
	return 0;
}

int
chat_read_messages(struct chat_request *request, const json_t *messages,
		   struct web_refusal *refusal)
{
	size_t n = json_array_size(messages), last = n;
	for (size_t i = 0; i < n; i++) {
		const json_t *message = json_array_get(messages, i);
		if (check_message(message, i, refusal))
			return -1;
		if (is_user(message))
			last = i;
	}
	if (last == n)
		return chat_refuse_param(refusal, "messages", "invalid_value",
					 "there is no message of the user");
	read_earlier(request, messages, last);
	return read_text(request, json_array_get(messages, last), last,
			 refusal);
}
