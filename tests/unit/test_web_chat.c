/* The web plugin: /v1/chat/completions, whose answers are the desk's. */
#include "web_fixture.h"

#define TIMEOUT_MS 25000
#define STOP_MS 3000
#define OTHER_KEY "open-says-me"
#define PATH "/v1/chat/completions"
#define USER(text) "{\"role\":\"user\",\"content\":\"" text "\"}"
#define WITH(messages, more) \
	"{\"model\":\"tellerd-support\",\"messages\":[" messages "]" more "}"
#define HELLO WITH(USER("How much?"), "")
#define STREAM WITH(USER("How much?"), ",\"stream\":true")

static const char *const msg_1 = "msg_1";

static int
set_up_chat(void **state)
{
	set_up_new(state);
	fake_set(fx.fake, "api_keys",
		 /* of "open-says-me" */
		 "0ecfd51d5adbbf6644875c777a6f3992"
		 "c504272ae7f108f41ec1644a5623db7f," API_KEY_HASH);
	fake_set(fx.fake, "completions", "true");
	assert_int_equal(fake_start(fx.fake), 0);
	fake_run(fx.fake);
	return 0;
}

static struct fake_answer *
chat_keyed(const char *body, const char *key)
{
	const struct teller_header headers[] = {
		{"Authorization", "Bearer " API_KEY},
		{"Content-Type", "application/json"},
		{key ? "Idempotency-Key" : NULL, key},
		{NULL, NULL}};
	return fake_request(fx.fake, "POST", PATH, headers, body, strlen(body));
}

static struct fake_answer *
chat(const char *body)
{
	return chat_keyed(body, NULL);
}

/* One that is stored as msg_1 of cnv_1. */
static struct fake_answer *
chat_stored(const char *body)
{
	fx.fake->is_held = true;
	struct fake_answer *answer = chat(body);
	store(fx.fake->n_messages - 1, TELLER_STORED, false);
	return answer;
}

static const struct teller_message *
last_message(void)
{
	assert_true(fx.fake->n_messages > 0);
	return &fx.fake->messages[fx.fake->n_messages - 1]->message;
}

/* A text within the document, by path; "null" for null. */
static const char *
text_at(const json_t *root, const char *path)
{
	const json_t *at = root;
	for (; *path; path += strcspn(path, "."), path += *path == '.') {
		char name[32];
		snprintf(name, sizeof name, "%.*s", (int)strcspn(path, "."),
			 path);
		at = json_is_array(at)
			     ? json_array_get(at, strtoul(name, NULL, 10))
			     : json_object_get(at, name);
	}
	return json_is_null(at) ? "null" : json_string_value(at);
}

static void
expect_text(const struct fake_answer *answer, const char *path,
	    const char *expected)
{
	json_t *found = document(answer);
	const char *text = text_at(found, path);
	if (!text)
		fail_msg("no %s in %s", path, (char *)answer->body.data);
	assert_string_equal(text, expected);
	json_decref(found);
}

/* All four members are there. */
static void
expect_error(const struct fake_answer *answer, int status, const char *code,
	     const char *param)
{
	if (answer->status != status)
		fail_msg("%d, not %d %s: %s", answer->status, status, code,
			 (char *)answer->body.data);
	expect_text(answer, "error.code", code);
	expect_text(answer, "error.param", param);
	expect_text(answer, "error.type",
		    status >= 500 ? "server_error" : "invalid_request_error");
	json_t *found = document(answer);
	assert_non_null(text_at(found, "error.message"));
	json_decref(found);
}

static void
reply(const char *text)
{
	struct teller_job job = reply_to(&msg_1, text);
	fake_send(fx.fake, &job);
}

/* ---- Whole answers */

static void
test_the_reply_is_the_message_of_the_assistant(void **state)
{
	(void)state;
	struct fake_answer *answer = chat_stored(HELLO);
	assert_int_equal(answer->status, 0);
	assert_string_equal(last_message()->text, "How much?");
	assert_int_equal(last_message()->burst_ms, 0);
	reply("Five  euros.\n");
	expect(answer, 200, NULL);
	expect_text(answer, "object", "chat.completion");
	expect_text(answer, "model", "tellerd-support");
	expect_text(answer, "choices.0.message.role", "assistant");
	expect_text(answer, "choices.0.message.content", "Five  euros.\n");
	expect_text(answer, "choices.0.message.refusal", "null");
	expect_text(answer, "choices.0.logprobs", "null");
	expect_text(answer, "choices.0.finish_reason", "stop");
	assert_non_null(strstr(buf_str(&answer->body),
			       "\"usage\":{\"prompt_tokens\":2,"
			       "\"completion_tokens\":2,\"total_tokens\":4}"));
	assert_non_null(strstr(buf_str(&answer->body), "{\"id\":\"chatcmpl-"));
}

static void
test_options_and_persons_are_words(void **state)
{
	(void)state;
	static const struct teller_choice options[] = {{"faq:a", "A?"},
						       {"person", "A person"}};
	struct fake_answer *answer = chat_stored(HELLO);
	struct teller_job job = reply_to(&msg_1, "Which?");
	job.options = options;
	job.n_options = 2;
	fake_send(fx.fake, &job);
	expect_text(answer, "choices.0.message.content",
		    "Which?\n\n1. A?\n2. A person");
	fx.state = "person";
	fake_set(fx.fake, "completions_person", "A person has it.");
	answer = chat_stored(WITH(USER("a"), ",\"metadata\":{"
					     "\"conversation_id\":\"x\"}"));
	read_all();
	expect_text(answer, "choices.0.message.content", "A person has it.");
}

static void
test_only_the_users_words_are_taken(void **state)
{
	(void)state;
	chat(WITH("{\"role\":\"system\",\"content\":\"You are a pirate.\"},"
		  "{\"role\":\"developer\",\"content\":"
		  "[{\"type\":\"text\",\"text\":\"Say arr.\"}]}," USER(
			  "One") ","
				 "{\"role\":\"assistant\",\"content\":\"Two\"},"
				 "{\"role\":\"user\",\"content\":[{\"type\":"
				 "\"text\","
				 "\"text\":\"Three\"},{\"type\":\"text\","
				 "\"text\":\"Four\"}]},"
				 "{\"role\":\"assistant\",\"content\":null},"
				 "{\"role\":\"tool\",\"content\":\"Five\"}",
		  ""));
	const struct teller_message *message = last_message();
	assert_int_equal(fx.fake->n_messages, 1);
	assert_int_equal(message->kind, TELLER_MESSAGE_TEXT);
	assert_string_equal(message->text, "Three\nFour");
	assert_int_equal(message->earlier_len, 4);
	assert_memory_equal(message->earlier, "One\n", 4);
}

static void
test_of_what_was_earlier_the_end_is_told(void **state)
{
	(void)state;
	struct buf body;
	buf_init(&body, 64 * 1024);
	buf_adds(&body, "{\"model\":\"tellerd-support\",\"messages\":[");
	for (int i = 0; i < 1000; i++)
		buf_addf(&body, USER("number %d") ",", i);
	buf_adds(&body, USER("last") "]}");
	chat(buf_str(&body));
	const struct teller_message *message = last_message();
	assert_string_equal(message->text, "last");
	assert_in_range(message->earlier_len, 1000, 1024);
	const char *end = (const char *)message->earlier +
			  message->earlier_len - strlen("998\nnumber 999\n");
	assert_memory_equal(end, "998\nnumber 999\n",
			    strlen("998\nnumber 999\n"));
	buf_release(&body);
}

/* ---- Streams */

static const char *
written(struct fake_answer *stream)
{
	return buf_str(&stream->body);
}

/* The n-th line of data; NULL: there are fewer. */
static const char *
data_line(struct fake_answer *stream, size_t n)
{
	const char *at = written(stream);
	for (; at && n > 0; n--)
		at = strstr(at + 1, "data: ");
	return at ? arena_strndup(&fx.fake->arena, at + 6,
				  strcspn(at + 6, "\n"))
		  : NULL;
}

static size_t
count_lines(struct fake_answer *stream)
{
	size_t n = 0;
	while (data_line(stream, n))
		n++;
	return n;
}

/* What the deltas are, one behind the other. */
static const char *
streamed(struct fake_answer *stream)
{
	const char *all = "";
	for (size_t i = 0; i < count_lines(stream); i++) {
		json_t *chunk = json_loads(data_line(stream, i), 0, NULL);
		const char *text =
			chunk ? text_at(chunk, "choices.0.delta.content")
			      : NULL;
		all = arena_printf(&fx.fake->arena, "%s%s", all,
				   text ? text : "");
		json_decref(chunk);
	}
	return all;
}

static void
test_a_stream_begins_when_it_is_stored(void **state)
{
	(void)state;
	struct fake_answer *stream = chat(STREAM);
	assert_int_equal(stream->status, 0);
	fake_run(fx.fake);
	expect(stream, 200, NULL);
	assert_string_equal(stream->media_type,
			    "text/event-stream; charset=utf-8");
	assert_int_equal(count_lines(stream), 1);
	assert_non_null(strstr(written(stream),
			       "\"delta\":{\"role\":\"assistant\","
			       "\"content\":\"\"},\"logprobs\":null,"
			       "\"finish_reason\":null}]"));
}

static void
test_a_stream_is_the_reply_in_pieces(void **state)
{
	(void)state;
	static const char text[] =
		"It costs five euros a month, and nothing for students who are "
		"under 26; see "
		"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4 for more.";
	struct fake_answer *stream = chat_stored(STREAM);
	reply(text);
	assert_true(stream->is_ended);
	assert_string_equal(streamed(stream), text);
	size_t n = count_lines(stream);
	assert_true(n > 4);
	assert_string_equal(data_line(stream, n - 1), "[DONE]");
	assert_non_null(strstr(data_line(stream, n - 2),
			       "\"delta\":{},\"logprobs\":null,"
			       "\"finish_reason\":\"stop\""));
	assert_null(strstr(written(stream), "usage"));
	/* All have the first one's id and time. */
	const char *first = data_line(stream, 0);
	size_t head = (size_t)(strstr(first, ",\"model\"") - first);
	for (size_t i = 1; i < n - 1; i++)
		assert_memory_equal(data_line(stream, i), first, head);
}

/* Without a blank; where a piece must end is each byte of a character once. */
static void
test_a_long_word_is_cut_between_characters(void **state)
{
	(void)state;
	static const char *const characters[] = {"\xc3\xa4", "\xe4\xbd\xa0",
						 "\xf0\x9f\x98\x80"};
	for (size_t i = 0; i < 3; i++) {
		for (size_t before = 0; before < 4; before++) {
			char text[1200] = "xxx";
			size_t size = strlen(characters[i]), len = before;
			for (; len < 1000; len += size)
				memcpy(text + len, characters[i], size);
			text[len] = '\0';
			struct fake_answer *stream = chat_stored(STREAM);
			reply(text);
			assert_string_equal(streamed(stream), text);
			size_t n = count_lines(stream);
			assert_true(n > 5);
			assert_string_equal(data_line(stream, n - 1), "[DONE]");
		}
	}
}

/* Nothing can be written of a text that is none. */
static void
test_half_an_answer_is_called_so(void **state)
{
	(void)state;
	struct fake_answer *stream = chat_stored(STREAM);
	char text[301] = "";
	memset(text, 'x', sizeof text - 2);
	text[sizeof text - 2] = '\xff';
	reply(text);
	assert_true(stream->is_ended);
	size_t n = count_lines(stream);
	assert_int_equal(n, 3);
	assert_null(strstr(written(stream), "[DONE]"));
	assert_null(strstr(written(stream), "\"stop\""));
	json_t *event = json_loads(data_line(stream, n - 1), 0, NULL);
	assert_string_equal(text_at(event, "error.code"), "answer_cut");
	assert_string_equal(text_at(event, "error.type"), "server_error");
	json_decref(event);
}

static void
test_usage_is_the_last_chunk_if_it_is_asked_for(void **state)
{
	(void)state;
	struct fake_answer *stream = chat_stored(
		WITH(USER("a b c"), ",\"stream\":true,\"stream_options\":{"
				    "\"include_usage\":true}"));
	reply("Five.");
	size_t n = count_lines(stream);
	assert_non_null(strstr(data_line(stream, n - 2),
			       "\"choices\":[],\"usage\":{\"prompt_tokens\":3,"
			       "\"completion_tokens\":1,\"total_tokens\":4}"));
	for (size_t i = 0; i < n - 2; i++)
		assert_non_null(strstr(data_line(stream, i), "\"usage\":null"));
}

static void
test_an_error_in_a_stream_is_an_event(void **state)
{
	(void)state;
	struct fake_answer *stream = chat_stored(STREAM);
	fake_advance(fx.fake, TIMEOUT_MS);
	read_all();
	assert_true(stream->is_ended);
	assert_int_equal(count_lines(stream), 2);
	json_t *event = json_loads(data_line(stream, 1), 0, NULL);
	assert_string_equal(text_at(event, "error.code"), "no_reply_yet");
	assert_string_equal(text_at(event, "error.type"), "server_error");
	assert_string_equal(text_at(event, "error.param"), "null");
	assert_non_null(text_at(event, "error.message"));
	json_decref(event);
	/* Before it, it is an answer. */
	fx.fake->is_held = true;
	stream = chat(STREAM);
	store(fx.fake->n_messages - 1, TELLER_BUSY, false);
	expect_error(stream, 503, "busy", "null");
	assert_non_null(strstr(buf_str(&stream->headers), "Retry-After: 7\n"));
}

static void
test_a_client_may_leave_at_any_time(void **state)
{
	(void)state;
	fx.fake->is_held = true;
	struct fake_answer *before = chat(STREAM);
	fake_leave(fx.fake, before);
	store(0, TELLER_STORED, false);
	struct fake_answer *while_waiting = chat_stored(STREAM);
	fake_leave(fx.fake, while_waiting);
	struct fake_answer *slow = chat_stored(STREAM);
	slow->is_slow = true;
	reply("Five.");
	fake_run(fx.fake);
	assert_null(waiters_first(&web()->questions, NULL));
	assert_null(web()->calls);
}

static void
test_stopping_ends_what_waits(void **state)
{
	(void)state;
	struct fake_answer *stream = chat_stored(STREAM);
	struct fake_answer *whole = chat_stored(HELLO);
	fake_begin_stop(fx.fake);
	assert_false(stream->is_ended);
	fake_advance(fx.fake, STOP_MS);
	read_all();
	assert_true(stream->is_ended);
	assert_non_null(strstr(written(stream), "\"code\":\"stopping\""));
	expect_error(whole, 503, "stopping", "null");
	assert_true(fx.fake->is_stopped);
}

/* ---- Conversations */

/* The plugin's key of the conversation that a request is for; 404: NULL. */
static const char *
key_of(const char *name, const char *api_key)
{
	char *body = arena_printf(&fx.fake->arena,
				  WITH(USER("a"),
				       ",\"metadata\":{\"conversation_id\":"
				       "\"%s\"}"),
				  name);
	const struct teller_header headers[] = {
		{"Authorization",
		 arena_printf(&fx.fake->arena, "Bearer %s", api_key)},
		{"Content-Type", "application/json"},
		{NULL, NULL}};
	size_t n = fx.fake->n_messages;
	fx.fake->is_held = true;
	struct fake_answer *answer = fake_request(fx.fake, "POST", PATH,
						  headers, body, strlen(body));
	if (fx.fake->n_messages > n)
		return last_message()->conversation;
	expect_error(answer, 404, "conversation_not_found",
		     "metadata.conversation_id");
	return NULL;
}

static void
test_each_request_has_its_own_conversation(void **state)
{
	(void)state;
	chat(HELLO);
	const char *first = last_message()->conversation;
	chat(HELLO);
	assert_string_not_equal(first, last_message()->conversation);
}

static void
test_a_name_means_something_beside_its_key_alone(void **state)
{
	(void)state;
	const char *mine = key_of("ticket 7", API_KEY);
	assert_string_equal(key_of("ticket 7", API_KEY), mine);
	assert_string_not_equal(key_of("ticket 8", API_KEY), mine);
	assert_string_not_equal(key_of("ticket 7", OTHER_KEY), mine);
	assert_null(key_of(ID, API_KEY));
}

static void
test_a_name_that_was_given_goes_on(void **state)
{
	(void)state;
	fx.fake->is_held = false;
	struct fake_answer *answer = chat_stored(HELLO);
	const char *key = last_message()->conversation;
	reply("Five.");
	json_t *found = document(answer);
	const char *name = text_at(found, "metadata.conversation_id");
	assert_string_equal(key_of(name, API_KEY), key);
	assert_null(key_of(name, OTHER_KEY));
	char *forged = arena_strdup(&fx.fake->arena, name);
	forged[strlen(forged) - 1] ^= 1;
	assert_null(key_of(forged, API_KEY));
	forged[10] = '\0';
	assert_null(key_of(forged, API_KEY));
	json_decref(found);
}

static void
test_a_repeat_is_the_same_question(void **state)
{
	(void)state;
	static const char key[] = "0123456789abcdef";
	fx.fake->is_held = true;
	struct fake_answer *answer = chat_keyed(HELLO, key);
	store(0, TELLER_STORED, false);
	reply("Five.");
	json_t *first = document(answer);
	say("customer", "text", "How much?", NULL);
	say("bot", "answer", "Five.", "msg_1");
	answer = chat_keyed(HELLO, key);
	const struct teller_message *message = last_message();
	assert_string_equal(message->external_ids[0],
			    fx.fake->messages[0]->message.external_ids[0]);
	assert_string_equal(message->conversation,
			    fx.fake->messages[0]->message.conversation);
	store(1, TELLER_DUPLICATE, true);
	read_all();
	expect_text(answer, "choices.0.message.content", "Five.");
	expect_text(answer, "metadata.conversation_id",
		    text_at(first, "metadata.conversation_id"));
	json_decref(first);
	/* Another question is none. */
	answer = chat_keyed(HELLO, key);
	store(2, TELLER_DUPLICATE, false);
	expect_error(answer, 422, "idempotency_mismatch", "null");
}

/* ---- What is not taken */

static void
test_it_is_off_and_needs_a_key(void **state)
{
	(void)state;
	static const struct teller_header json[] = {
		{"Content-Type", "application/json"}, {NULL, NULL}};
	fx.is_local = true;
	fake_set(fx.fake, "ask_without_key_on_loopback", "true");
	struct fake_answer *answer =
		fake_request(fx.fake, "POST", PATH, json, HELLO, strlen(HELLO));
	expect_error(answer, 401, "invalid_api_key", "null");
	expect_error(fake_request(fx.fake, "GET", "/v1/models", NULL, NULL, 0),
		     401, "invalid_api_key", "null");
	assert_int_equal(fx.fake->n_messages, 0);
	fake_stop(fx.fake);
	fake_set(fx.fake, "completions", "false");
	assert_int_equal(fake_start(fx.fake), 0);
	expect(chat(HELLO), 404, NULL);
}

static void
test_there_is_one_model(void **state)
{
	(void)state;
	static const struct teller_header headers[] = {
		{"Authorization", "Bearer " API_KEY}, {NULL, NULL}};
	struct fake_answer *answer =
		fake_request(fx.fake, "GET", "/v1/models", headers, NULL, 0);
	expect(answer, 200, NULL);
	expect_text(answer, "object", "list");
	expect_text(answer, "data.0.id", "tellerd-support");
	expect_text(answer, "data.0.object", "model");
	expect_text(answer, "data.0.owned_by", "tellerd");
	expect_error(
		chat("{\"model\":\"gpt-4o\",\"messages\":[" USER("a") "]}"),
		404, "model_not_found", "model");
}

#define PARAM(more) WITH(USER("a"), "," more)
#define MESSAGES(messages) WITH(messages, "")

static void
test_what_is_wrong_is_named(void **state)
{
	(void)state;
	static const struct {
		const char *body, *code, *param;
	} rows[] = {
		{"{}", "missing_required_parameter", "model"},
		{"{\"model\":7}", "invalid_type", "model"},
		{"{\"model\":\"tellerd-support\"}",
		 "missing_required_parameter", "messages"},
		{"{\"model\":\"tellerd-support\",\"messages\":{}}",
		 "invalid_type", "messages"},
		{MESSAGES(""), "invalid_value", "messages"},
		{MESSAGES("7"), "invalid_type", "messages[0]"},
		{MESSAGES("{}"), "invalid_type", "messages[0].role"},
		{MESSAGES("{\"role\":\"king\"}"), "invalid_value",
		 "messages[0].role"},
		{MESSAGES("{\"role\":\"system\",\"content\":\"a\"}"),
		 "invalid_value", "messages"},
		{MESSAGES("{\"role\":\"user\"}"), "invalid_type",
		 "messages[0].content"},
		{MESSAGES(USER("")), "invalid_value", "messages[0].content"},
		{MESSAGES("{\"role\":\"user\",\"content\":[]}"),
		 "invalid_value", "messages[0].content"},
		{MESSAGES(USER("a") ",{\"role\":\"user\",\"content\":["
				    "{\"type\":\"image_url\"}]}"),
		 "unsupported_content", "messages[1].content[0]"},
		{MESSAGES("{\"role\":\"user\",\"content\":[{\"type\":\"text\","
			  "\"text\":7}]}"),
		 "invalid_type", "messages[0].content[0]"},
		{MESSAGES("{\"role\":\"user\",\"content\":[7]}"),
		 "invalid_type", "messages[0].content[0]"},
		{PARAM("\"n\":2"), "unsupported_parameter", "n"},
		{PARAM("\"tools\":[{}]"), "unsupported_parameter", "tools"},
		{PARAM("\"tool_choice\":{}"), "unsupported_parameter",
		 "tool_choice"},
		{PARAM("\"logprobs\":true"), "unsupported_parameter",
		 "logprobs"},
		{PARAM("\"response_format\":{\"type\":\"json_object\"}"),
		 "unsupported_parameter", "response_format"},
		{PARAM("\"modalities\":[\"audio\"]"), "unsupported_parameter",
		 "modalities"},
		{PARAM("\"audio\":{}"), "unsupported_parameter", "audio"},
		{PARAM("\"a b\":1"), "unsupported_parameter", "..."},
		{PARAM("\"stream\":1"), "invalid_type", "stream"},
		{PARAM("\"temperature\":\"hot\""), "invalid_type",
		 "temperature"},
		{PARAM("\"stream_options\":{\"x\":1}"), "unsupported_parameter",
		 "stream_options.x"},
		{PARAM("\"stream_options\":{\"include_usage\":1}"),
		 "invalid_type", "stream_options.include_usage"},
		{PARAM("\"metadata\":{\"a\":1}"), "invalid_type", "metadata"},
		{PARAM("\"metadata\":{\"conversation_id\":\"\"}"),
		 "invalid_value", "metadata.conversation_id"},
		{PARAM("\"metadata\":{\"conversation_id\":\"a\\nb\"}"),
		 "invalid_value", "metadata.conversation_id"},
		{"[]", "bad_json", "null"},
		{"{", "bad_json", "null"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		expect_error(chat(rows[i].body), 400, rows[i].code,
			     rows[i].param);
	assert_int_equal(fx.fake->n_messages, 0);
	expect_error(chat_keyed(HELLO, "short"), 400, "bad_idempotency_key",
		     "null");
}

static void
expect_values(size_t n, const char *code)
{
	struct buf body;
	buf_init(&body, 64 * 1024);
	/* The object, its two members and the message's three. */
	buf_adds(&body, "{\"model\":\"tellerd-support\",\"messages\":[" USER(
				"[[[{,,,") "],\"stop\":[1");
	for (size_t i = 8; i < n; i++)
		buf_adds(&body, ",1");
	buf_adds(&body, "]}");
	struct fake_answer *answer = chat(buf_str(&body));
	if (code)
		expect_error(answer, 400, code, "null");
	assert_int_equal(fx.fake->n_messages, code ? 0 : 1);
	buf_release(&body);
}

static void
test_a_body_has_so_many_values(void **state)
{
	(void)state;
	expect_values(WEB_BODY_VALUES + 1, "bad_json");
	expect_values(WEB_BODY_VALUES, NULL);
}

static void
test_what_is_harmless_is_let_pass(void **state)
{
	(void)state;
	chat(PARAM("\"n\":1,\"temperature\":0.2,\"top_p\":1,\"seed\":7,"
		   "\"stop\":[\"a\"],\"max_tokens\":5,\"tools\":[],"
		   "\"tool_choice\":\"none\",\"logprobs\":false,"
		   "\"response_format\":{\"type\":\"text\"},\"user\":\"u\","
		   "\"modalities\":[\"text\"],\"stream\":null,\"stop\":null"));
	assert_int_equal(fx.fake->n_messages, 0); /* "stop" stands twice */
	chat(PARAM("\"n\":1,\"temperature\":0.2,\"top_p\":1,\"seed\":7,"
		   "\"stop\":[\"a\"],\"max_tokens\":5,\"tools\":[],"
		   "\"tool_choice\":\"none\",\"logprobs\":false,"
		   "\"response_format\":{\"type\":\"text\"},\"user\":\"u\","
		   "\"modalities\":[\"text\"],\"stream\":null"));
	assert_int_equal(fx.fake->n_messages, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_chat, tear_down)
		TEST(test_the_reply_is_the_message_of_the_assistant),
		TEST(test_options_and_persons_are_words),
		TEST(test_only_the_users_words_are_taken),
		TEST(test_of_what_was_earlier_the_end_is_told),
		TEST(test_a_stream_begins_when_it_is_stored),
		TEST(test_a_stream_is_the_reply_in_pieces),
		TEST(test_a_long_word_is_cut_between_characters),
		TEST(test_half_an_answer_is_called_so),
		TEST(test_usage_is_the_last_chunk_if_it_is_asked_for),
		TEST(test_an_error_in_a_stream_is_an_event),
		TEST(test_a_client_may_leave_at_any_time),
		TEST(test_stopping_ends_what_waits),
		TEST(test_each_request_has_its_own_conversation),
		TEST(test_a_name_means_something_beside_its_key_alone),
		TEST(test_a_name_that_was_given_goes_on),
		TEST(test_a_repeat_is_the_same_question),
		TEST(test_it_is_off_and_needs_a_key),
		TEST(test_there_is_one_model),
		TEST(test_what_is_wrong_is_named),
		TEST(test_a_body_has_so_many_values),
		TEST(test_what_is_harmless_is_let_pass),
	};
	return cmocka_run_group_tests_name("web_chat", tests, NULL, NULL);
}
