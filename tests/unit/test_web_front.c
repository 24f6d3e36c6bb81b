/* The web plugin before anybody asks, and behind what is said: the widget's
 * facts, the demo's page, why a reply was given, who has signed in. */
#include "signed_token.h"
#include "web_fixture.h"

#include <inttypes.h>

#define WHY(id) BASE "/messages/" id "/why"

static const struct teller_line topics[] = {{"Fees", "What does it cost?"}};
static const struct teller_line contacts[] = {{"Telephone", "020 914 0100"}};
static const struct teller_front front = {
	.size = sizeof front,
	.firm = "Alder Bank",
	.language = "de",
	.greeting = "Guten Tag!",
	.privacy_url = "https://alder.example/privacy",
	.topics = topics,
	.n_topics = 1,
	.contacts = contacts,
	.n_contacts = 1,
};

/* ---- Facts for the widget */

static void
expect_json(const struct fake_answer *answer, const char *text)
{
	expect(answer, 200, NULL);
	assert_string_equal(answer->media_type, "application/json");
	assert_string_equal(buf_str(&answer->body), text);
}

static void
test_the_widget_is_told_what_the_pack_says(void **state)
{
	(void)state;
	fx.fake->front = &front;
	fx.fake->starters[0] = "How much?";
	fx.token[0] = '\0'; /* it has none */
	struct fake_answer *answer = get("/v1/widget");
	expect_json(answer,
		    "{\"title\":\"Alder Bank\",\"greeting\":\"Guten Tag!\","
		    "\"language\":\"de\",\"privacy_url\":"
		    "\"https://alder.example/privacy\","
		    "\"starters\":[\"How much?\"],\"why\":false}");
	assert_non_null(strstr(buf_str(&answer->headers),
			       "Cache-Control: public, max-age=60\n"));
}

static void
test_the_widget_is_told_what_is_set(void **state)
{
	(void)state;
	fake_set(fx.fake, "title", "Alder");
	fake_set(fx.fake, "starters", "What is new?");
	fake_set(fx.fake, "why", "true");
	fx.fake->front = &front;
	fx.fake->starters[0] = "How much?";
	assert_int_equal(fake_start(fx.fake), 0);
	expect_json(get("/v1/widget"),
		    "{\"title\":\"Alder\",\"greeting\":\"Guten Tag!\","
		    "\"language\":\"de\",\"privacy_url\":"
		    "\"https://alder.example/privacy\","
		    "\"starters\":[\"What is new?\"],\"why\":true}");
}

#define NOTHING                                                      \
	"{\"title\":\"Help\",\"greeting\":\"\",\"language\":\"en\"," \
	"\"privacy_url\":\"\",\"starters\":[],\"why\":false}"

static void
test_the_widget_does_without_a_pack(void **state)
{
	(void)state;
	expect_json(get("/v1/widget"), NOTHING);
	fx.fake->front = &front;
	fx.services.size = offsetof(struct teller_services, front);
	expect_json(get("/v1/widget"), NOTHING);
}

/* ---- The demo's page */

static void
test_the_demo_has_a_page_of_its_own(void **state)
{
	(void)state;
	fake_set(fx.fake, "demo", "true");
	fx.fake->front = &front;
	assert_int_equal(fake_start(fx.fake), 0);
	struct fake_answer *answer = get("/");
	expect(answer, 200, NULL);
	assert_non_null(strstr(buf_str(&answer->body), "/demo.js"));
	assert_non_null(strstr(buf_str(&answer->headers),
			       "Content-Security-Policy: default-src 'none'"));
	expect(get("/demo.js"), 200, NULL);
	expect(get("/demo.css"), 200, NULL);
	answer = get("/chat");
	expect(answer, 200, NULL);
	assert_non_null(strstr(buf_str(&answer->body), "<!doctype html>"));
	assert_null(strstr(buf_str(&answer->body), "/demo.js"));
	json_t *settings = document(get("/page.json"));
	assert_int_equal(json_array_size(json_object_get(settings, "topics")),
			 1);
	const json_t *contact =
		json_array_get(json_object_get(settings, "contact"), 0);
	assert_string_equal(json_string_value(json_object_get(contact, "text")),
			    "020 914 0100");
	json_decref(settings);
}

static void
test_the_chat_page_alone_is_no_demo(void **state)
{
	(void)state;
	fake_set(fx.fake, "page", "true");
	assert_int_equal(fake_start(fx.fake), 0);
	struct fake_answer *answer = get("/");
	expect(answer, 200, NULL);
	assert_null(strstr(buf_str(&answer->body), "/demo.js"));
	assert_int_equal(get("/chat")->status, 404);
	assert_int_equal(get("/demo.js")->status, 404);
	assert_int_equal(get("/demo.html")->status, 404);
}

/* ---- Why */

static void
test_nobody_asks_why_by_itself(void **state)
{
	(void)state;
	fake_set_explained(fx.fake, ID, "msg_2", "{}");
	assert_int_equal(get(WHY("msg_2"))->status, 404);
}

static void
begin_on_show(void)
{
	fake_set(fx.fake, "why", "true");
	assert_int_equal(fake_start(fx.fake), 0);
	fake_run(fx.fake);
	web_token_make(web(), ID, fx.fake->now_us + INT64_C(3600000000),
		       fx.token);
	fake_set_explained(fx.fake, ID, "msg_2", "{\"kind\":\"answer\"}");
}

static void
test_a_reply_has_its_reasons(void **state)
{
	(void)state;
	begin_on_show();
	struct fake_answer *answer = get(WHY("msg_2"));
	assert_int_equal(answer->status, 0);
	fake_run(fx.fake);
	expect_json(answer, "{\"kind\":\"answer\"}");
	answer = get(WHY("msg_3"));
	fake_run(fx.fake);
	expect(answer, 404, "not_found");
}

static void
test_only_who_has_the_conversation_asks_why(void **state)
{
	(void)state;
	begin_on_show();
	expect(get("/v1/conversations/cnv_2/messages/msg_2/why"), 401,
	       "unauthorized");
	expect(get("/v1/conversations/*/messages/msg_2/why"), 401,
	       "unauthorized");
	fx.token[0] = '9';
	expect(get(WHY("msg_2")), 401, "unauthorized");
	fx.token[0] = '\0';
	expect(get(WHY("msg_2")), 401, "unauthorized");
}

static void
test_ids_that_are_none_have_no_reasons(void **state)
{
	(void)state;
	static const char *const paths[] = {
		WHY("2"),
		WHY("msg_"),
		WHY("msg_0"),
		WHY("msg_02"),
		WHY("msg_-2"),
		WHY("msg_2'--"),
		WHY("msg_2%00"),
		WHY("MSG_2"),
		WHY("msg_2e1"),
		WHY("msg_\xff"),
		WHY("cnv_1"),
		WHY("msg_+2"),
		WHY("msg_9999999999999999999"),
	};
	begin_on_show();
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		expect(get(paths[i]), 404, "not_found");
}

/* Its client leaves, and the plugin ends, while the host still looks. */
static void
test_who_left_is_told_no_reasons(void **state)
{
	(void)state;
	begin_on_show();
	fake_leave(fx.fake, get(WHY("msg_2")));
	fake_run(fx.fake);
	get(WHY("msg_2"));
}

/* ---- Signed users */

static char *
token_for(const char *sub, int64_t ahead_s, char out[TOKEN_SIZE])
{
	char claims[300];
	snprintf(claims, sizeof claims,
		 "{\"sub\":\"%s\",\"name\":\"Zoe\",\"exp\":%" PRId64 "}", sub,
		 fx.fake->now_us / 1000000 + ahead_s);
	return sign_token(USER_HEADER, claims, USER_SECRET, out);
}

static struct fake_answer *
create_as(const char *token, const char *key)
{
	char body[TOKEN_SIZE + 100];
	snprintf(body, sizeof body, "{\"user_token\":\"%s\"}", token);
	struct fake_answer *answer = post_keyed("/v1/conversations", body, key);
	fake_run(fx.fake);
	return answer;
}

static void
test_a_signed_user_is_kept_with_the_conversation(void **state)
{
	char token[TOKEN_SIZE];
	(void)state;
	fake_set_secret(fx.fake, "user_secret", USER_SECRET);
	expect(create_as(token_for("k-17", 300, token), "0123456789abcdef"),
	       201, NULL);
	assert_string_equal(fx.fake->opened_as, "k-17 Zoe");
	/* Who repeats it is the same, or gets nothing. */
	expect(create_as(token_for("k-17", 200, token), "0123456789abcdef"),
	       201, NULL);
	expect(create_as(token_for("k-18", 300, token), "0123456789abcdef"),
	       422, "idempotency_mismatch");
	struct fake_answer *answer =
		post_keyed("/v1/conversations", "{}", "0123456789abcdef");
	fake_run(fx.fake);
	expect(answer, 422, "idempotency_mismatch");
	assert_string_equal(fx.fake->opened_as, "");
}

static void
test_a_user_that_is_not_proven_gets_no_conversation(void **state)
{
	char token[TOKEN_SIZE];
	(void)state;
	expect(create_as(token_for("k-17", 300, token), "0123456789abcdef"),
	       401, "bad_user_token"); /* there is no secret */
	fake_set_secret(fx.fake, "user_secret", USER_SECRET);
	expect(create_as(token_for("k-17", 0, token), "0123456789abcdef"), 401,
	       "bad_user_token");
	expect(create_as(token_for("k-17", 3661, token), "0123456789abcdef"),
	       401, "bad_user_token");
	expect(create_as("a.b.c", "0123456789abcdef"), 401, "bad_user_token");
	expect(create_as("", "0123456789abcdef"), 400, "bad_field");
	expect(post("/v1/conversations", "{\"user_token\":{}}"), 400,
	       "bad_field");
	assert_null(fx.fake->opened_as);
}

static void
test_a_short_secret_is_no_start(void **state)
{
	(void)state;
	fake_set_secret(fx.fake, "user_secret", "too short");
	assert_int_equal(fake_start(fx.fake), -1);
	assert_non_null(strstr(fx.fake->words.text, "has 9 bytes"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define TEST_NEW(name) \
	cmocka_unit_test_setup_teardown(name, set_up_new, tear_down)
		TEST(test_the_widget_is_told_what_the_pack_says),
		TEST_NEW(test_the_widget_is_told_what_is_set),
		TEST(test_the_widget_does_without_a_pack),
		TEST_NEW(test_the_demo_has_a_page_of_its_own),
		TEST_NEW(test_the_chat_page_alone_is_no_demo),
		TEST(test_nobody_asks_why_by_itself),
		TEST_NEW(test_a_reply_has_its_reasons),
		TEST_NEW(test_only_who_has_the_conversation_asks_why),
		TEST_NEW(test_ids_that_are_none_have_no_reasons),
		TEST_NEW(test_who_left_is_told_no_reasons),
		TEST(test_a_signed_user_is_kept_with_the_conversation),
		TEST(test_a_user_that_is_not_proven_gets_no_conversation),
		TEST_NEW(test_a_short_secret_is_no_start),
	};
	return cmocka_run_group_tests_name("web_front", tests, NULL, NULL);
}
