/* The web plugin: tokens, what it takes and refuses, its life. */
#include "shipped_file.h"
#include "web_fixture.h"

/* ---- Tokens and keys */

static bool
is_good(const char *conversation, const char *token, int64_t after_s)
{
	return web_token_check(web(), conversation, token,
			       fx.fake->now_us + after_s * 1000000);
}

static void
test_a_token_is_good_for_its_conversation_and_time(void **state)
{
	(void)state;
	assert_true(is_good(ID, fx.token, 0));
	assert_true(is_good(ID, fx.token, 3599));
	assert_false(is_good(ID, fx.token, 3600));
	assert_false(is_good("cnv_2", fx.token, 0));
	assert_false(is_good("", fx.token, 0));
	char longest[200];
	memset(longest, 'c', sizeof longest);
	longest[sizeof longest - 1] = '\0';
	assert_false(is_good(longest, fx.token, 0));
}

static void
test_a_token_that_was_tampered_with_is_none(void **state)
{
	(void)state;
	static const char *const none[] = {"",
					   ".",
					   "x",
					   "1.",
					   "-1.x",
					   "+1750003600.x",
					   "9223372036854775807.x",
					   "-9223372036854775808.x",
					   "99999999999999999999999999.x",
					   "9999999999"};
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		assert_false(is_good(ID, none[i], 0));
	char token[WEB_TOKEN_SIZE + 8];
	for (size_t i = 0; i < strlen(fx.token); i++) {
		memcpy(token, fx.token, sizeof fx.token);
		token[i] = token[i] == 'A' ? 'B' : 'A';
		assert_false(is_good(ID, token, 0));
		token[i] = '\0';
		assert_false(is_good(ID, token, 0));
	}
	snprintf(token, sizeof token, "%sA", fx.token);
	assert_false(is_good(ID, token, 0));
	snprintf(token, sizeof token, " %s", fx.token);
	assert_false(is_good(ID, token, 0));
	snprintf(token, sizeof token, "0%s", fx.token);
	assert_false(is_good(ID, token, 0));
}

static void
test_names_are_made_by_the_key_alone(void **state)
{
	(void)state;
	char a[WEB_NAME_SIZE], b[WEB_NAME_SIZE];
	web_name_of(web(), "message", "x", "y", a);
	web_name_of(web(), "message", "x", "y", b);
	assert_string_equal(a, b);
	assert_int_equal(strlen(a), strlen("web:") + 22);
	web_name_of(web(), "message", "", "x\ny", b);
	assert_string_not_equal(a, b);
	web_name_of(web(), "ask", "x", "y", b);
	assert_string_not_equal(a, b);
	web()->key[0] ^= 1;
	web_mac_end(web());
	assert_int_equal(web_mac_begin(web()), 0);
	web_name_of(web(), "message", "x", "y", b);
	assert_string_not_equal(a, b);
	web_random_name(a);
	web_random_name(b);
	assert_string_not_equal(a, b);
}

static void
test_an_api_key_is_known_by_its_hash(void **state)
{
	(void)state;
	assert_false(web_key_check(web(), API_KEY));
	fake_set(fx.fake, "api_keys",
		 "0000000000000000000000000000000000000000000000000000000000"
		 "000000," API_KEY_HASH);
	assert_true(web_key_check(web(), API_KEY));
	assert_false(web_key_check(web(), "sesame"));
	assert_false(web_key_check(web(), ""));
	assert_false(web_key_check(web(), API_KEY_HASH));
	fx.fake->key = "tk_1";
	assert_true(web_key_check(web(), "tk_1"));
	assert_false(web_key_check(web(), "tk_2"));
}

/* ---- Its life */

static void
test_tokens_outlive_the_process(void **state)
{
	(void)state;
	fake_stop(fx.fake);
	assert_int_equal(fake_start(fx.fake), 0);
	assert_true(is_good(ID, fx.token, 0));
	struct fake_answer *answer = get(BASE);
	read_all();
	expect(answer, 200, NULL);
}

static void
test_no_token_before_its_key_is_kept(void **state)
{
	(void)state;
	assert_int_equal(fake_start(fx.fake), 0);
	expect(post("/v1/conversations", "{}"), 503, "starting");
	expect(post("/v1/ask", "{\"text\":\"a\"}"), 503, "starting");
	expect(get(BASE), 503, "starting");
	fake_run(fx.fake);
	struct fake_answer *answer = post("/v1/conversations", "{}");
	fake_run(fx.fake);
	expect(answer, 201, NULL);
}

static void
test_a_key_that_cannot_be_kept_is_tried_again(void **state)
{
	(void)state;
	fx.is_full = true;
	assert_int_equal(fake_start(fx.fake), 0);
	fake_advance(fx.fake, 60000);
	assert_int_equal(fx.fake->health, TELLER_DOWN);
	expect(post("/v1/conversations", "{}"), 503, "starting");
	fx.is_full = false;
	fake_advance(fx.fake, 5000);
	assert_int_equal(fx.fake->health, TELLER_OK);
	struct fake_answer *answer = post("/v1/conversations", "{}");
	fake_run(fx.fake);
	expect(answer, 201, NULL);
}

static void
test_stopping_waits_for_what_is_under_way(void **state)
{
	(void)state;
	fx.fake->is_held = true;
	struct fake_answer *answer = post(BASE "/messages", "{\"text\":\"a\"}");
	fake_begin_stop(fx.fake);
	fake_run(fx.fake);
	assert_false(fx.fake->is_stopped);
	store(0, TELLER_STORED, false);
	expect(answer, 202, NULL);
	assert_true(fx.fake->is_stopped);
}

static void
test_closing_waits_for_nothing(void **state)
{
	(void)state;
	fx.fake->is_held = true;
	struct fake_answer *answer = post(BASE "/messages", "{\"text\":\"a\"}");
	get(BASE "/messages");
	post("/v1/conversations", "{}");
	fake_stop(fx.fake);
	assert_int_equal(answer->status, 503);
}

static void
test_jobs_are_delivered_by_being_there(void **state)
{
	(void)state;
	struct teller_job job = fake_job("msg_5", "key", "Hello");
	fake_send(fx.fake, &job);
	assert_int_equal(fx.fake->n_outcomes, 1);
	assert_int_equal(fx.fake->outcomes[0]->kind, FAKE_SENT);
	assert_string_equal(fx.fake->outcomes[0]->job, "msg_5");
}

static void
test_the_shipped_file_describes_every_setting(void **state)
{
	(void)state;
	char *text = read_shipped_file();
	const char *section = find_line(text, "  web:\n");
	assert_non_null(section);
	for (const struct teller_option *o = teller_plugin.options; o->name;
	     o++)
		expect_described(text, section, "    ", o);
	free(text);
}

/* ---- Making a conversation */

static void
test_a_conversation_comes_with_its_token(void **state)
{
	(void)state;
	fake_set(fx.fake, "token_ttl", "2 min");
	struct fake_answer *answer =
		post("/v1/conversations", "{\"language\":\"de-CH\"}");
	fake_run(fx.fake);
	expect(answer, 201, NULL);
	const char *id = text_of(answer, "id"),
		   *token = text_of(answer, "token");
	assert_true(is_good(id, token, 119));
	assert_false(is_good(id, token, 120));
	assert_non_null(
		strstr(buf_str(&answer->headers),
		       arena_printf(&fx.fake->arena,
				    "Location: /v1/conversations/%s\n", id)));
	answer = post("/v1/conversations", NULL);
	fake_run(fx.fake);
	expect(answer, 201, NULL);
	assert_string_not_equal(text_of(answer, "id"), id);
}

static void
test_a_conversation_asked_for_again_is_the_same(void **state)
{
	(void)state;
	static const char *const keys[] = {
		"0123456789abcdef", "\"0123456789abcdef\"", "0123456789abcdeg"};
	struct fake_answer *answers[3];
	for (size_t i = 0; i < 3; i++) {
		answers[i] = post_keyed("/v1/conversations", "{}", keys[i]);
		fake_run(fx.fake);
		expect(answers[i], 201, NULL);
		bool is_repeat = strstr(buf_str(&answers[i]->headers),
					"Idempotent-Replayed: true\n") != NULL;
		assert_int_equal(is_repeat, i == 1);
	}
	assert_string_equal(text_of(answers[0], "id"),
			    text_of(answers[1], "id"));
	assert_string_not_equal(text_of(answers[0], "id"),
				text_of(answers[2], "id"));
}

#define KEY_TOO_LONG                                                    \
	"0123456789012345678901234567890123456789012345678901234567890" \
	"123456789012"

static void
test_idempotency_keys_have_their_form(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"\"\"",
		"short",
		"\"0123456789abcde\"",
		"0123456789 abcdef",
		"0123456789\\abcdef",
		KEY_TOO_LONG,
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		expect(post_keyed("/v1/conversations", "{}", bad[i]), 400,
		       "bad_idempotency_key");
}

static void
test_languages_are_tags(void **state)
{
	(void)state;
	expect(post("/v1/conversations", "{\"language\":5}"), 400, "bad_field");
	expect(post("/v1/conversations", "{\"language\":\"\"}"), 400,
	       "bad_field");
	expect(post("/v1/conversations", "{\"language\":\"en us\"}"), 400,
	       "bad_language");
	expect(post("/v1/conversations",
		    "{\"language\":\"a-0123456789-0123456789-0123456789-0\"}"),
	       400, "bad_field");
}

/* ---- Messages */

static void
test_a_message_is_taken_when_it_is_stored(void **state)
{
	(void)state;
	fx.fake->is_held = true;
	struct fake_answer *answer =
		post(BASE "/messages", "{\"text\":\"Hello \\u00e9\"}");
	const struct teller_message *message = &fx.fake->messages[0]->message;
	assert_string_equal(message->text, "Hello \303\251");
	assert_string_equal(message->conversation, ID);
	assert_int_equal(message->kind, TELLER_MESSAGE_TEXT);
	assert_string_equal(message->request, "req-1");
	assert_int_equal(message->burst_ms, -1);
	assert_null(message->external_ids[0]);
	assert_int_equal(answer->status, 0);
	store(0, TELLER_STORED, false);
	expect(answer, 202, NULL);
	assert_string_equal(text_of(answer, "id"), "msg_1");
	assert_int_equal(answer->headers.len, 0);
}

static void
test_kinds_of_messages(void **state)
{
	(void)state;
	post(BASE "/messages", "{\"option\":\"faq:x\"}");
	post(BASE "/handover", NULL);
	post(BASE "/feedback", "{\"message_id\":\"msg_2\",\"rating\":-1,"
			       "\"comment\":\"no\"}");
	struct fake_message **messages = fx.fake->messages;
	assert_int_equal(fx.fake->n_messages, 3);
	assert_int_equal(messages[0]->message.kind, TELLER_MESSAGE_OPTION);
	assert_string_equal(messages[0]->message.option, "faq:x");
	assert_int_equal(messages[0]->message.burst_ms, 0);
	assert_int_equal(messages[1]->message.kind, TELLER_MESSAGE_HANDOVER);
	assert_int_equal(messages[2]->message.kind, TELLER_MESSAGE_FEEDBACK);
	assert_int_equal(messages[2]->message.rating, -1);
	assert_string_equal(messages[2]->message.target, "msg_2");
	assert_string_equal(messages[2]->message.text, "no");
}

static void
test_a_repeat_is_told_from_another_message(void **state)
{
	(void)state;
	fx.fake->is_held = true;
	static const char body[] = "{\"text\":\"a\",\"client_id\":\"c\"}";
	struct fake_answer *answers[3];
	for (size_t i = 0; i < 3; i++)
		answers[i] = post(BASE "/messages", body);
	struct fake_message **messages = fx.fake->messages;
	assert_string_equal(messages[0]->message.external_ids[0],
			    messages[1]->message.external_ids[0]);
	store(0, TELLER_STORED, false);
	store(1, TELLER_DUPLICATE, true);
	store(2, TELLER_DUPLICATE, false);
	expect(answers[1], 202, NULL);
	assert_string_equal(buf_str(&answers[1]->headers),
			    "Idempotent-Replayed: true\n");
	assert_string_equal(text_of(answers[1], "id"), "msg_1");
	expect(answers[2], 422, "idempotency_mismatch");
	post_keyed(BASE "/messages", "{\"text\":\"a\"}", "0123456789abcdef");
	post_keyed(BASE "/messages", body, "0123456789abcdef");
	assert_string_not_equal(messages[3]->message.external_ids[0],
				messages[0]->message.external_ids[0]);
	assert_string_equal(messages[4]->message.external_ids[0],
			    messages[0]->message.external_ids[0]);
}

static void
test_what_is_not_stored_is_refused_in_words(void **state)
{
	(void)state;
	fx.fake->is_held = true;
	struct fake_answer *answers[3];
	for (size_t i = 0; i < 3; i++)
		answers[i] = post(BASE "/messages", "{\"text\":\"a\"}");
	store(0, TELLER_BUSY, false);
	store(1, TELLER_FAILED, false);
	store(2, TELLER_NOT_FOUND, false);
	expect(answers[0], 503, "busy");
	assert_int_equal(answers[0]->retry_after_s, 7);
	expect(answers[1], 422, "refused");
	expect(answers[2], 404, "not_found");
	assert_string_equal(buf_str(&answers[1]->body), "the test says so");
}

static void
test_a_client_that_leaves_is_stored_all_the_same(void **state)
{
	(void)state;
	fx.fake->is_held = true;
	fake_leave(fx.fake, post(BASE "/messages", "{\"text\":\"a\"}"));
	fake_leave(fx.fake, post("/v1/conversations", "{}"));
	fake_leave(fx.fake, get(BASE));
	fake_leave(fx.fake, get(BASE "/messages"));
	store(0, TELLER_STORED, false);
	fake_run(fx.fake);
	read_all();
	assert_int_equal(fx.fake->n_messages, 1);
	assert_null(web()->calls);
}

static void
test_tokens_are_asked_for_everywhere(void **state)
{
	(void)state;
	static const char *const paths[] = {"", "/messages", "/events"};
	static const char *const posts[] = {"/messages", "/handover",
					    "/feedback"};
	char path[128];
	snprintf(fx.token, sizeof fx.token, "none");
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s%s", BASE, paths[i]);
		expect(get(path), 401, "unauthorized");
		snprintf(path, sizeof path, "%s%s", BASE, posts[i]);
		expect(post(path, "{}"), 401, "unauthorized");
	}
	expect(post(BASE "/messages/msg_1/feedback", "{}"), 401,
	       "unauthorized");
	expect(fake_request(fx.fake, "GET", BASE, NULL, NULL, 0), 401,
	       "unauthorized");
	static const struct teller_header basic[] = {
		{"Authorization", "Basic eDp5"}, {NULL, NULL}};
	expect(fake_request(fx.fake, "GET", BASE, basic, NULL, 0), 401,
	       "unauthorized");
}

#define FIFTY "01234567890123456789012345678901234567890123456789"

static void
test_bodies_that_are_none(void **state)
{
	(void)state;
	static const struct {
		const char *body, *code, *words;
	} cases[] = {
		{"{", "bad_json", "at byte 1"},
		{"[]", "bad_json", "must be one JSON object"},
		{"\"text\"", "bad_json", "must be one JSON object"},
		{"{\"text\":\"a\"} x", "bad_json", "at byte 14"},
		{"{\"text\":\"a\",\"text\":\"b\"}", "bad_json",
		 "a key that stands twice"},
		{"{\"text\":\"\377\"}", "bad_json", "not in UTF-8"},
		{"{\"text\":\"a\\u0000\"}", "bad_json", "a text with \\u0000"},
		{"{\"te\\u0000xt\":\"a\"}", "bad_json", "a key with \\u0000"},
		{"{\"text\":[[[[[[[[[[[[1]]]]]]]]]]]]}", "bad_json",
		 "nested deeper than 8"},
		{"{\"x\":1}", "unknown_field", "'x'"},
		{"{\"text option\":1}", "unknown_field", "'...'"},
		{"{\"\":1}", "unknown_field", "''"},
		{"{\"tex\":1}", "unknown_field", "'tex'"},
		{"{\"text\":1}", "bad_field", "'text' must be a text"},
		{"{\"text\":\"\"}", "bad_field", "'text' is empty"},
		{"{\"text\":\" \\t\\n\"}", "bad_field", "blanks alone"},
		{"{\"text\":\"a\",\"client_id\":\"\"}", "bad_field",
		 "'client_id' is empty"},
		{"{\"option\":\"" FIFTY FIFTY FIFTY FIFTY "x\"}", "bad_field",
		 "'option' has 201 bytes, more than the 200"},
		{"{\"text\":\"a\",\"option\":\"b\"}", "bad_message", ""},
		{"{\"text\":null}", "bad_message", ""},
		{"{}", "bad_message", ""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fake_answer *answer =
			post(BASE "/messages", cases[i].body);
		expect(answer, 400, cases[i].code);
		assert_non_null(strstr(buf_str(&answer->body), cases[i].words));
	}
	assert_int_equal(fx.fake->n_messages, 0);
	/* Brackets in a text are no depth. */
	post(BASE "/messages", "{\"text\":\"[[[[[[[[[[[[\\\"[[[[\"}");
	assert_int_equal(fx.fake->n_messages, 1);
}

static void
test_only_json_is_read(void **state)
{
	(void)state;
	static const char *const types[] = {"text/plain", "application/jsonx",
					    "application/x-www-form-urlencoded",
					    ""};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		struct teller_header headers[] = {{"Content-Type", types[i]},
						  {NULL, NULL}};
		expect(fake_request(fx.fake, "POST", "/v1/conversations",
				    headers, "{}", 2),
		       415, "unsupported_media_type");
	}
}

static void
test_feedback_names_a_reply(void **state)
{
	(void)state;
	static const char *const bodies[] = {
		"{\"message_id\":\"msg_1\"}",
		"{\"rating\":1}",
		"{\"message_id\":\"msg_1\",\"rating\":2}",
		"{\"message_id\":\"msg_1\",\"rating\":\"1\"}",
		"{\"message_id\":\"msg_1\",\"rating\":1.0}",
		"{\"message_id\":\"msg_\",\"rating\":1}",
		"{\"message_id\":\"msg_1x\",\"rating\":1}",
		"{\"message_id\":\"msg_1234567890123456789\",\"rating\":1}"};
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
		expect(post(BASE "/feedback", bodies[i]), 400, "bad_feedback");
}

#define THUMB(id) BASE "/messages/" id "/feedback"

static void
test_a_thumb_has_a_reason_of_the_list(void **state)
{
	(void)state;
	static const char *const bodies[] = {
		"{}", "{\"rating\":1}", "{\"rating\":\"Up\"}",
		"{\"rating\":\"down\",\"reason\":\"wrong \"}"};
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
		expect(post(THUMB("msg_2"), bodies[i]), 400, "bad_feedback");
	expect(post(THUMB("msg_02"), "{\"rating\":\"up\"}"), 400,
	       "bad_feedback");
	expect(post(THUMB("msg_2"), "{\"rating\":\"up\",\"reason\":\"\"}"), 400,
	       "bad_field");
	expect(post(THUMB("msg_2"), "{\"rating\":\"up\",\"reason\":5}"), 400,
	       "bad_field");
	expect(post(THUMB("msg_2"), "{\"rating\":\"up\",\"message_id\":\"a\"}"),
	       400, "unknown_field");
	assert_int_equal(fx.fake->n_messages, 0);
	post(THUMB("msg_2"), "{\"rating\":\"down\",\"reason\":\"wrong\","
			     "\"comment\":\"no\"}");
	assert_int_equal(fx.fake->n_messages, 1);
	const struct teller_message *message = &fx.fake->messages[0]->message;
	assert_int_equal(message->kind, TELLER_MESSAGE_FEEDBACK);
	assert_int_equal(message->rating, -1);
	assert_string_equal(message->target, "msg_2");
	assert_string_equal(message->option, "wrong");
	assert_string_equal(message->text, "no");
}

/* ---- The history, the page */

static void
test_the_history_comes_in_pages(void **state)
{
	(void)state;
	for (size_t i = 0; i < 5; i++)
		say(i % 2 ? "bot" : "customer", "text", "Words", NULL);
	struct fake_answer *answer = get(BASE "/messages?limit=2&after=msg_1");
	read_all();
	expect(answer, 200, NULL);
	json_t *page = document(answer);
	const json_t *list = json_object_get(page, "messages");
	assert_int_equal(json_array_size(list), 2);
	const json_t *second = json_array_get(list, 0);
	assert_string_equal(json_string_value(json_object_get(second, "id")),
			    "msg_2");
	assert_string_equal(json_string_value(json_object_get(second, "at")),
			    "2026-02-02T02:40:00.123Z");
	assert_true(json_is_array(json_object_get(second, "in_reply_to")));
	assert_null(json_object_get(json_array_get(list, 1), "in_reply_to"));
	assert_true(json_is_true(json_object_get(page, "more")));
	json_decref(page);
	answer = get(BASE "/messages?after=");
	assert_int_equal(fx.readings[0].limit, 50);
	read_all();
	page = document(answer);
	assert_int_equal(json_array_size(json_object_get(page, "messages")), 5);
	assert_true(json_is_false(json_object_get(page, "more")));
	json_decref(page);
}

static void
test_what_was_rated_is_in_the_history(void **state)
{
	static const char *const due[] = {NULL, "down", "up", NULL};
	(void)state;
	for (size_t i = 0; i < 4; i++)
		say("bot", "answer", "Words", NULL);
	fx.ratings[1] = -1;
	fx.ratings[2] = 1;
	struct fake_answer *answer = get(BASE "/messages");
	read_all();
	json_t *page = document(answer);
	for (size_t i = 0; i < 4; i++) {
		const json_t *entry =
			json_array_get(json_object_get(page, "messages"), i);
		const char *rating =
			json_string_value(json_object_get(entry, "rating"));
		if (due[i])
			assert_string_equal(rating, due[i]);
		else
			assert_null(json_object_get(entry, "rating"));
	}
	json_decref(page);
}

static void
test_senseless_pages_are_refused(void **state)
{
	(void)state;
	expect(get(BASE "/messages?limit=0"), 400, "bad_limit");
	expect(get(BASE "/messages?limit=201"), 400, "bad_limit");
	expect(get(BASE "/messages?limit=2x"), 400, "bad_limit");
	expect(get(BASE "/messages?limit="), 400, "bad_limit");
	expect(get(BASE "/messages?limit=99999999999999999999"), 400,
	       "bad_limit");
	expect(get(BASE "/messages?after=7"), 400, "bad_after");
	fx.is_refusing = true;
	expect(get(BASE "/messages"), 503, "busy");
	expect(get(BASE), 503, "busy");
}

static void
test_what_was_erased_is_not_found(void **state)
{
	(void)state;
	fx.is_erased = true;
	struct fake_answer *answers[] = {get(BASE), get(BASE "/messages")};
	read_all();
	expect(answers[0], 404, "not_found");
	expect(answers[1], 404, "not_found");
}

static void
test_the_page_is_there_if_it_is_wanted(void **state)
{
	(void)state;
	fake_set(fx.fake, "page", "true");
	assert_int_equal(fake_start(fx.fake), 0);
	struct fake_answer *answer = get("/");
	expect(answer, 200, NULL);
	assert_non_null(strstr(buf_str(&answer->body), "<!doctype html>"));
	assert_non_null(strstr(buf_str(&answer->headers),
			       "Content-Security-Policy: default-src 'none'"));
	answer = get("/page.css");
	expect(answer, 200, NULL);
	assert_string_equal(answer->media_type, "text/css; charset=utf-8");
}

static void
test_the_widget_is_there_by_itself_and_under_its_hash(void **state)
{
	(void)state;
	struct fake_answer *answer = get("/widget.json"), *newest, *named;
	expect(answer, 200, NULL);
	json_t *about = document(answer);
	const char *url = json_string_value(json_object_get(about, "url"));
	const char *integrity =
		json_string_value(json_object_get(about, "integrity"));
	assert_int_equal(strlen(url), strlen("/widget/0123456789abcdef.js"));
	assert_int_equal(strlen(integrity), strlen("sha384-") + 64);
	newest = get("/widget.js");
	named = get(url);
	expect(newest, 200, NULL);
	expect(named, 200, NULL);
	assert_string_equal(named->media_type,
			    "text/javascript; charset=utf-8");
	assert_string_equal(buf_str(&named->body), buf_str(&newest->body));
	assert_non_null(strstr(buf_str(&named->headers), "immutable"));
	assert_null(strstr(buf_str(&newest->headers), "immutable"));
	expect(get("/widget/0123456789abcdef.js"), 404, "not_found");
	json_decref(about);
}

static void
test_the_page_has_the_name_and_questions_that_are_set(void **state)
{
	(void)state;
	fake_set(fx.fake, "page", "true");
	fake_set(fx.fake, "title", "Rowan");
	fake_set(fx.fake, "starters", "How do I claim?,What \"excess\"?");
	assert_int_equal(fake_start(fx.fake), 0);
	struct fake_answer *answer = get("/page.json");
	expect(answer, 200, NULL);
	json_t *settings = document(answer);
	const json_t *starters = json_object_get(settings, "starters");
	assert_string_equal(
		json_string_value(json_object_get(settings, "title")), "Rowan");
	assert_int_equal(json_array_size(starters), 2);
	assert_string_equal(json_string_value(json_array_get(starters, 1)),
			    "What \"excess\"?");
	json_decref(settings);
}

static void
expect_starters(const char *first, size_t n)
{
	struct fake_answer *answer = get("/page.json");
	expect(answer, 200, NULL);
	json_t *settings = document(answer);
	const json_t *starters = json_object_get(settings, "starters");
	assert_int_equal(json_array_size(starters), n);
	if (n)
		assert_string_equal(
			json_string_value(json_array_get(starters, 0)), first);
	json_decref(settings);
}

static void
test_without_questions_that_are_set_the_pack_has_some(void **state)
{
	(void)state;
	fake_set(fx.fake, "page", "true");
	assert_int_equal(fake_start(fx.fake), 0);
	expect_starters(NULL, 0);
	fx.fake->starters[0] = "How do I claim?";
	fx.fake->starters[1] = "What is the excess?";
	expect_starters("How do I claim?", 2);
	/* A host of before knows of none. */
	fx.services.size = offsetof(struct teller_services, starters);
	expect_starters(NULL, 0);
}

static void
test_questions_that_are_set_take_the_place_of_the_packs(void **state)
{
	(void)state;
	fake_set(fx.fake, "page", "true");
	fake_set(fx.fake, "starters", "What is new?");
	fx.fake->starters[0] = "How do I claim?";
	fx.fake->starters[1] = "What is the excess?";
	assert_int_equal(fake_start(fx.fake), 0);
	expect_starters("What is new?", 1);
}

static void
test_there_is_no_page_by_itself(void **state)
{
	(void)state;
	assert_int_equal(get("/")->status, 404);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define TEST_NEW(name) \
	cmocka_unit_test_setup_teardown(name, set_up_new, tear_down)
		TEST(test_a_token_is_good_for_its_conversation_and_time),
		TEST(test_a_token_that_was_tampered_with_is_none),
		TEST(test_names_are_made_by_the_key_alone),
		TEST(test_an_api_key_is_known_by_its_hash),
		TEST(test_tokens_outlive_the_process),
		TEST_NEW(test_no_token_before_its_key_is_kept),
		TEST_NEW(test_a_key_that_cannot_be_kept_is_tried_again),
		TEST(test_stopping_waits_for_what_is_under_way),
		TEST(test_closing_waits_for_nothing),
		TEST(test_jobs_are_delivered_by_being_there),
		TEST(test_the_shipped_file_describes_every_setting),
		TEST(test_a_conversation_comes_with_its_token),
		TEST(test_a_conversation_asked_for_again_is_the_same),
		TEST(test_idempotency_keys_have_their_form),
		TEST(test_languages_are_tags),
		TEST(test_a_message_is_taken_when_it_is_stored),
		TEST(test_kinds_of_messages),
		TEST(test_a_repeat_is_told_from_another_message),
		TEST(test_what_is_not_stored_is_refused_in_words),
		TEST(test_a_client_that_leaves_is_stored_all_the_same),
		TEST(test_tokens_are_asked_for_everywhere),
		TEST(test_bodies_that_are_none),
		TEST(test_only_json_is_read),
		TEST(test_feedback_names_a_reply),
		TEST(test_a_thumb_has_a_reason_of_the_list),
		TEST(test_the_history_comes_in_pages),
		TEST(test_what_was_rated_is_in_the_history),
		TEST(test_senseless_pages_are_refused),
		TEST(test_what_was_erased_is_not_found),
		TEST_NEW(test_the_page_is_there_if_it_is_wanted),
		TEST(test_the_widget_is_there_by_itself_and_under_its_hash),
		TEST_NEW(test_the_page_has_the_name_and_questions_that_are_set),
		TEST_NEW(test_without_questions_that_are_set_the_pack_has_some),
		TEST_NEW(
			test_questions_that_are_set_take_the_place_of_the_packs),
		TEST(test_there_is_no_page_by_itself),
	};
	return cmocka_run_group_tests_name("web", tests, NULL, NULL);
}
