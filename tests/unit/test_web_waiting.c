/* The web plugin: streams of events, and questions that wait for their reply,
 * in whatever order client, history, jobs, time and stop come. */
#include "web_fixture.h"

#define ASK_TIMEOUT_MS 25000
#define STOP_LOOK_MS 100
#define STOP_MS 3000

static const char *const msg_1 = "msg_1";

/* ---- Streams */

static size_t
count(const char *text, const char *part)
{
	size_t n = 0;
	while ((text = strstr(text, part))) {
		text += strlen(part);
		n++;
	}
	return n;
}

static const char *
written(struct fake_answer *stream)
{
	return buf_str(&stream->body);
}

static void
say_many(size_t n)
{
	while (n-- > 0)
		say("customer", "text", "Words\nof \"mine\"", NULL);
}

static void
test_a_stream_brings_what_was_said(void **state)
{
	(void)state;
	say_many(1);
	say("bot", "answer", "Five.", "msg_1");
	struct fake_answer *stream = get(BASE "/events");
	expect(stream, 200, NULL);
	assert_string_equal(stream->media_type,
			    "text/event-stream; charset=utf-8");
	read_all();
	assert_string_equal(
		written(stream),
		"retry: 3000\n\n"
		"id: msg_1\nevent: message\n"
		"data: {\"id\":\"msg_1\",\"author\":\"customer\","
		"\"kind\":\"text\",\"text\":\"Words\\nof \\\"mine\\\"\","
		"\"at\":\"2026-02-02T02:40:00.123Z\"}\n\n"
		"id: msg_2\nevent: message\n"
		"data: {\"id\":\"msg_2\",\"author\":\"bot\","
		"\"kind\":\"answer\",\"text\":\"Five.\","
		"\"at\":\"2026-02-02T02:40:00.123Z\","
		"\"confidence\":0.0,\"sources\":[],\"options\":[],"
		"\"in_reply_to\":[\"msg_1\"]}\n\n"
		"event: state\ndata: {\"state\":\"bot\"}\n\n");
}

static void
test_a_long_history_comes_in_pages_and_once(void **state)
{
	(void)state;
	say_many(120);
	struct fake_answer *stream = get(BASE "/events");
	static const size_t after[] = {0, 50, 100};
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(fx.n_readings, 1);
		assert_int_equal(fx.readings[0].after, after[i]);
		assert_int_equal(count(written(stream), "event: state"), 0);
		read_once();
	}
	assert_int_equal(fx.n_readings, 0);
	assert_int_equal(count(written(stream), "event: message"), 120);
	assert_int_equal(count(written(stream), "event: state"), 1);
}

static void
test_a_stream_goes_on_behind_an_event(void **state)
{
	(void)state;
	say_many(120);
	struct teller_header last = {"Last-Event-ID", "msg_30"};
	struct fake_answer *streams[] = {
		request_with("GET", BASE "/events", NULL, &last),
		get(BASE "/events?after=msg_30"),
	};
	read_all();
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(count(written(streams[i]), "event: message"),
				 90);
		assert_null(strstr(written(streams[i]), "id: msg_30\n"));
		assert_non_null(strstr(written(streams[i]), "id: msg_31\n"));
	}
	last.value = "msg_x";
	expect(request_with("GET", BASE "/events", NULL, &last), 400,
	       "bad_event_id");
}

static void
test_what_is_said_while_it_reads_is_read_next(void **state)
{
	(void)state;
	struct fake_answer *stream = get(BASE "/events");
	say_many(1);
	web_events_wake(web(), ID);
	web_events_wake(web(), ID);
	web_events_wake(web(), "cnv_2");
	assert_int_equal(fx.n_readings, 1);
	read_once();
	assert_int_equal(fx.n_readings, 1);
	read_once();
	assert_int_equal(fx.n_readings, 0);
	assert_int_equal(count(written(stream), "event: message"), 1);
}

static void
test_messages_and_jobs_wake_streams(void **state)
{
	(void)state;
	struct fake_answer *stream = get(BASE "/events");
	read_all();
	post(BASE "/messages", "{\"text\":\"a\"}");
	fake_run(fx.fake);
	say_many(1);
	read_all();
	assert_int_equal(count(written(stream), "event: message"), 1);
	struct teller_job job = fake_job("msg_2", "key", "b");
	fake_send(fx.fake, &job);
	say("bot", "handover", "b", NULL);
	fx.state = "waiting";
	read_all();
	assert_int_equal(count(written(stream), "event: message"), 2);
	assert_non_null(strstr(written(stream), "{\"state\":\"waiting\"}"));
	assert_int_equal(count(written(stream), "event: state"), 2);
}

static void
test_a_stream_that_is_silent_is_kept_alive(void **state)
{
	(void)state;
	struct fake_answer *stream = get(BASE "/events");
	read_all();
	fake_advance(fx.fake, 60000);
	assert_int_equal(count(written(stream), ": ping\n\n"), 3);
}

static void
test_reading_that_is_refused_is_tried_again(void **state)
{
	(void)state;
	fx.is_refusing = true;
	struct fake_answer *streams[] = {get(BASE "/events"),
					 get(BASE "/events")};
	say_many(1);
	fake_advance(fx.fake, 3000);
	assert_int_equal(fx.n_readings, 0);
	fx.is_refusing = false;
	fake_advance(fx.fake, 1000);
	read_all();
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(count(written(streams[i]), "event: message"),
				 1);
}

static void
test_a_stream_of_what_was_erased_ends(void **state)
{
	(void)state;
	fx.is_erased = true;
	struct fake_answer *stream = get(BASE "/events");
	read_all();
	assert_non_null(strstr(written(stream), "event: gone\ndata: {}\n\n"));
	assert_true(stream->is_ended);
	assert_null(waiters_first(&web()->streams, NULL));
}

static void
test_a_client_may_leave_its_stream_at_any_time(void **state)
{
	(void)state;
	struct fake_answer *streams[3];
	for (size_t i = 0; i < 3; i++)
		streams[i] = get(BASE "/events");
	say_many(120);
	fake_leave(fx.fake, streams[0]); /* before anything was read */
	read_once();
	fake_leave(fx.fake, streams[1]); /* while more is being read */
	read_all();
	fake_leave(fx.fake, streams[2]); /* while nothing is */
	web_events_wake(web(), ID);
	assert_int_equal(fx.n_readings, 0);
	assert_int_equal(count(written(streams[2]), "event: message"), 120);
	assert_null(web()->calls);
}

static void
test_a_reader_that_is_too_slow_is_cut(void **state)
{
	(void)state;
	struct fake_answer *streams[] = {get(BASE "/events"),
					 get(BASE "/events")};
	read_all();
	streams[0]->is_slow = true;
	say_many(3);
	web_events_wake(web(), ID);
	read_all();
	/* Cut, and not told yet. */
	web_events_wake(web(), ID);
	web_events_ping(web());
	read_all();
	fake_run(fx.fake);
	assert_int_equal(count(written(streams[0]), "event: message"), 0);
	assert_int_equal(count(written(streams[1]), "event: message"), 3);
	web_events_ping(web());
}

static void
test_stopping_ends_streams(void **state)
{
	(void)state;
	struct fake_answer *idle = get(BASE "/events");
	read_all();
	struct fake_answer *reading = get(BASE "/events");
	struct fake_answer *slow = get(BASE "/events");
	slow->is_slow = true;
	web_events_ping(web());
	fake_begin_stop(fx.fake);
	assert_true(idle->is_ended && reading->is_ended && slow->is_ended);
	assert_false(fx.fake->is_stopped);
	read_all();
	assert_true(fx.fake->is_stopped);
}

static void
test_closing_takes_readers_that_nobody_calls_back(void **state)
{
	(void)state;
	get(BASE "/events");
	get(BASE "/events");
	fake_begin_stop(fx.fake);
	fake_stop(fx.fake);
	fx.n_readings = 0;
}

/* ---- Questions */

/* With that Idempotency-Key; NULL: none. */
static struct fake_answer *
ask_keyed(const char *body, const char *key)
{
	const struct teller_header headers[] = {
		{"Authorization", "Bearer " API_KEY},
		{"Content-Type", "application/json"},
		{key ? "Idempotency-Key" : NULL, key},
		{NULL, NULL}};
	fake_set(fx.fake, "api_keys", API_KEY_HASH);
	return fake_request(fx.fake, "POST", "/v1/ask", headers, body,
			    strlen(body));
}

static struct fake_answer *
ask(const char *body)
{
	return ask_keyed(body, NULL);
}

/* One that is stored as msg_1 of cnv_1. */
static struct fake_answer *
ask_stored(const char *body, enum teller_stored_status status, bool is_same)
{
	fx.fake->is_held = true;
	struct fake_answer *answer = ask(body);
	store(fx.fake->n_messages - 1, status, is_same);
	return answer;
}

#define QUESTION "{\"text\":\"How much?\"}"
#define QUESTION_HERE "{\"text\":\"How much?\",\"conversation\":\"" ID "\"}"

static void
expect_reply(struct fake_answer *answer, const char *reply, const char *kind)
{
	static const char *const members[] = {
		"conversation", "message",    "reply",	"kind",
		"sources",	"confidence", "options"};
	expect(answer, 200, NULL);
	json_t *found = document(answer);
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		assert_non_null(json_object_get(found, members[i]));
	json_decref(found);
	assert_string_equal(text_of(answer, "conversation"), ID);
	assert_string_equal(text_of(answer, "message"), "msg_1");
	assert_string_equal(text_of(answer, "reply"), reply);
	assert_string_equal(text_of(answer, "kind"), kind);
}

static void
test_a_job_answers_its_question(void **state)
{
	(void)state;
	static const char *const other = "msg_7";
	struct fake_answer *answer = ask_stored(QUESTION, TELLER_STORED, false);
	assert_int_equal(fx.fake->messages[0]->message.burst_ms, 0);
	assert_int_equal(fx.n_readings, 0);
	struct teller_job job = reply_to(&other, "To another.");
	fake_send(fx.fake, &job);
	job = reply_to(&msg_1, "A notice.");
	job.kind = TELLER_JOB_NOTICE;
	fake_send(fx.fake, &job);
	assert_int_equal(answer->status, 0);
	static const struct teller_source source = {"fees", 3, "Fees"};
	static const struct teller_choice option = {"faq:x", "X?"};
	job = reply_to(&msg_1, "Five.");
	job.sources = &source;
	job.n_sources = 1;
	job.options = &option;
	job.n_options = 1;
	fake_send(fx.fake, &job);
	expect_reply(answer, "Five.", "answer");
	assert_non_null(strstr(buf_str(&answer->body),
			       "\"sources\":[{\"id\":\"fees\",\"version\":3,"
			       "\"title\":\"Fees\"}]"));
	assert_non_null(strstr(buf_str(&answer->body),
			       "\"options\":[{\"id\":\"faq:x\","
			       "\"label\":\"X?\"}]"));
	fake_send(fx.fake, &job);
	fake_advance(fx.fake, 2 * ASK_TIMEOUT_MS);
}

static void
test_a_job_answers_all_who_ask_that(void **state)
{
	(void)state;
	struct fake_answer *answers[] = {
		ask_stored(QUESTION, TELLER_STORED, false),
		ask_stored(QUESTION, TELLER_DUPLICATE, true)};
	struct teller_job job = reply_to(&msg_1, "Five.");
	fake_send(fx.fake, &job);
	expect_reply(answers[0], "Five.", "answer");
	expect_reply(answers[1], "Five.", "answer");
	read_all();
}

static void
test_the_history_answers_a_repeat(void **state)
{
	(void)state;
	say("customer", "text", "How much?", NULL);
	say("bot", "answer", "Five.", "msg_1");
	struct fake_answer *answer =
		ask_stored(QUESTION, TELLER_DUPLICATE, true);
	assert_int_equal(fx.readings[0].after, 1);
	read_all();
	expect_reply(answer, "Five.", "answer");
	expect(ask_stored(QUESTION, TELLER_DUPLICATE, false), 422,
	       "idempotency_mismatch");
}

static void
test_a_key_is_for_one_conversation(void **state)
{
	(void)state;
	struct fake_answer *answer =
		ask_stored("{\"text\":\"a\",\"conversation\":\"cnv_2\"}",
			   TELLER_DUPLICATE, true);
	expect(answer, 422, "idempotency_mismatch");
}

/* A repeat that names no conversation, of a first one stored as msg_1 of
 * cnv_1. */
static struct fake_answer *
repeat_keyed(void)
{
	fx.fake->is_held = true;
	struct fake_answer *answer = ask_keyed(QUESTION, "0123456789abcdef");
	store(fx.fake->n_messages - 1, TELLER_DUPLICATE, true);
	return answer;
}

static void
test_a_repeat_is_for_a_new_conversation_if_the_first_was(void **state)
{
	(void)state;
	struct teller_job job = reply_to(&msg_1, "Five.");
	struct fake_answer *answer = repeat_keyed();
	/* Not yet: whether there is a conversation of that key is not known. */
	fake_send(fx.fake, &job);
	assert_int_equal(answer->status, 0);
	assert_false(fx.readings[0].is_by_id);
	read_once();
	assert_int_equal(answer->status, 0);
	assert_true(fx.readings[0].is_by_id);
	say("customer", "text", "How much?", NULL);
	say("bot", "answer", "Five.", "msg_1");
	read_once();
	expect_reply(answer, "Five.", "answer");
	answer = repeat_keyed();
	fx.is_erased = true;
	read_once();
	expect(answer, 422, "idempotency_mismatch");
	fx.is_refusing = true;
	expect(repeat_keyed(), 503, "busy");
	assert_null(web()->calls);
}

static void
test_a_person_is_not_waited_for(void **state)
{
	(void)state;
	fx.state = "person";
	struct fake_answer *answer =
		ask_stored(QUESTION_HERE, TELLER_STORED, false);
	read_all();
	expect_reply(answer, "", "handover");
}

static void
test_a_person_who_comes_in_between_is_noticed(void **state)
{
	(void)state;
	struct fake_answer *answer =
		ask_stored(QUESTION_HERE, TELLER_STORED, false);
	read_all();
	assert_int_equal(answer->status, 0);
	fx.state = "person";
	fake_advance(fx.fake, ASK_TIMEOUT_MS);
	read_all();
	expect_reply(answer, "", "handover");
}

static void
test_a_reply_that_does_not_come_is_said_so(void **state)
{
	(void)state;
	struct fake_answer *answers[3];
	answers[0] = ask_stored(QUESTION, TELLER_STORED, false);
	answers[1] = ask_stored(QUESTION_HERE, TELLER_STORED, false);
	fake_advance(fx.fake, ASK_TIMEOUT_MS - 1);
	assert_int_equal(answers[0]->status, 0);
	fake_advance(fx.fake, 1);
	read_all(); /* the second one's first look is its last */
	expect(answers[0], 504, "no_reply_yet");
	expect(answers[1], 504, "no_reply_yet");
	answers[2] = ask_stored(QUESTION, TELLER_STORED, false);
	fx.is_refusing = true;
	fake_advance(fx.fake, ASK_TIMEOUT_MS);
	expect(answers[2], 504, "no_reply_yet");
	struct teller_job job = reply_to(&msg_1, "Five.");
	fake_send(fx.fake, &job);
}

static void
test_a_question_that_is_not_taken(void **state)
{
	(void)state;
	expect(ask_stored(QUESTION, TELLER_BUSY, false), 503, "busy");
	expect(ask_stored(QUESTION, TELLER_FAILED, false), 422, "refused");
	expect(ask_stored(QUESTION_HERE, TELLER_NOT_FOUND, false), 404,
	       "not_found");
	expect(ask("{}"), 400, "bad_text");
	expect(ask("{\"text\":\"\"}"), 400, "bad_field");
	expect(ask("{\"text\":\"a\",\"conversation\":\"x\"}"), 400,
	       "bad_conversation");
	expect(ask("{\"text\":\"a\",\"conversation\":\"cnv_ \"}"), 400,
	       "bad_conversation");
	expect(ask("{\"text\":\"a\",\"conversation\":\"cnv_0123456789012345678"
		   "901234567890123456789012345678901234567890123\"}"),
	       400, "bad_conversation");
	expect(ask("{\"text\":\"a\",\"conversation\":7}"), 400, "bad_field");
}

static void
test_a_client_may_leave_its_question_at_any_time(void **state)
{
	(void)state;
	fx.fake->is_held = true;
	struct fake_answer *before = ask(QUESTION);
	fake_leave(fx.fake, before);
	store(0, TELLER_STORED, false);
	fake_leave(fx.fake, ask_stored(QUESTION, TELLER_STORED, false));
	struct fake_answer *reading =
		ask_stored(QUESTION_HERE, TELLER_STORED, false);
	assert_int_equal(fx.n_readings, 1);
	fake_leave(fx.fake, reading);
	read_all();
	assert_null(waiters_first(&web()->questions, NULL));
	assert_null(web()->calls);
	struct fake_answer *answered =
		ask_stored(QUESTION_HERE, TELLER_STORED, false);
	struct teller_job job = reply_to(&msg_1, "Five.");
	fake_send(fx.fake, &job);
	expect_reply(answered, "Five.", "answer");
	read_all();
	assert_null(web()->calls);
}

static void
test_stopping_waits_for_the_replies_of_questions(void **state)
{
	(void)state;
	struct fake_answer *waiting =
		ask_stored(QUESTION, TELLER_STORED, false);
	struct fake_answer *reading =
		ask_stored(QUESTION_HERE, TELLER_STORED, false);
	struct fake_answer *storing = ask(QUESTION);
	fake_begin_stop(fx.fake);
	say("customer", "text", "How much?", NULL);
	read_all();
	assert_int_equal(waiting->status, 0);
	say("bot", "answer", "Five.", "msg_1");
	fake_advance(fx.fake, STOP_LOOK_MS);
	read_all();
	expect_reply(waiting, "Five.", "answer");
	expect_reply(reading, "Five.", "answer");
	assert_int_equal(storing->status, 0);
	assert_false(fx.fake->is_stopped);
	store(2, TELLER_STORED, false);
	fake_advance(fx.fake, STOP_LOOK_MS);
	read_all();
	expect_reply(storing, "Five.", "answer");
	assert_true(fx.fake->is_stopped);
}

static void
test_stopping_waits_for_replies_only_so_long(void **state)
{
	(void)state;
	struct fake_answer *left = ask_stored(QUESTION, TELLER_STORED, false);
	struct fake_answer *waiting =
		ask_stored(QUESTION, TELLER_STORED, false);
	struct fake_answer *storing = ask(QUESTION);
	fake_begin_stop(fx.fake);
	fake_leave(fx.fake, left);
	fx.is_refusing = true;
	fake_advance(fx.fake, STOP_MS);
	expect(waiting, 503, "stopping");
	assert_int_equal(storing->status, 0);
	read_all();
	assert_false(fx.fake->is_stopped);
	store(2, TELLER_STORED, false);
	expect(storing, 503, "stopping");
	assert_true(fx.fake->is_stopped);
}

static void
test_stopping_is_over_when_who_asked_has_left(void **state)
{
	(void)state;
	struct fake_answer *asked = ask_stored(QUESTION, TELLER_STORED, false);
	fake_begin_stop(fx.fake);
	read_all();
	assert_false(fx.fake->is_stopped);
	fake_leave(fx.fake, asked);
	fake_run(fx.fake);
	assert_true(fx.fake->is_stopped);
}

static void
test_closing_takes_questions_that_nobody_calls_back(void **state)
{
	(void)state;
	ask_stored(QUESTION, TELLER_STORED, false);
	ask_stored(QUESTION_HERE, TELLER_STORED, false);
	ask(QUESTION);
	fake_begin_stop(fx.fake);
	fake_stop(fx.fake);
	fx.n_readings = 0;
}

static void
test_who_may_ask(void **state)
{
	(void)state;
	static const struct teller_header json[] = {
		{"Content-Type", "application/json"}, {NULL, NULL}};
	static const struct teller_header browser[] = {
		{"Content-Type", "application/json"},
		{"Origin", "http://127.0.0.1:8080"},
		{NULL, NULL}};
	size_t len = strlen(QUESTION);
	struct fake *fake = fx.fake;
	expect(post("/v1/ask", QUESTION), 401, "unauthorized");
	expect(fake_request(fake, "POST", "/v1/ask", json, QUESTION, len), 401,
	       "unauthorized");
	fake_set(fake, "ask_without_key_on_loopback", "true");
	expect(fake_request(fake, "POST", "/v1/ask", json, QUESTION, len), 401,
	       "unauthorized");
	fx.is_local = true;
	expect(post("/v1/ask", QUESTION), 401, "unauthorized");
	expect(fake_request(fake, "POST", "/v1/ask", browser, QUESTION, len),
	       401, "unauthorized");
	assert_int_equal(fake->n_messages, 0);
	fake_request(fake, "POST", "/v1/ask", json, QUESTION, len);
	assert_int_equal(fake->n_messages, 1);
}

static void
test_a_key_of_one_principal_is_not_anothers(void **state)
{
	(void)state;
	static const char idempotency[] = "0123456789abcdef";
	struct teller_header headers[] = {{"Content-Type", "application/json"},
					  {"Idempotency-Key", idempotency},
					  {NULL, NULL},
					  {NULL, NULL}};
	size_t len = strlen(QUESTION);
	fx.is_local = true;
	fake_set(fx.fake, "api_keys", API_KEY_HASH);
	fake_set(fx.fake, "ask_without_key_on_loopback", "true");
	for (size_t i = 0; i < 3; i++) {
		if (i == 2)
			headers[2] = (struct teller_header){"Authorization",
							    "Bearer " API_KEY};
		fake_request(fx.fake, "POST", "/v1/ask", headers, QUESTION,
			     len);
	}
	const struct teller_message *a = &fx.fake->messages[0]->message;
	const struct teller_message *b = &fx.fake->messages[1]->message;
	const struct teller_message *c = &fx.fake->messages[2]->message;
	assert_string_equal(a->external_ids[0], b->external_ids[0]);
	assert_string_equal(a->conversation, b->conversation);
	assert_string_not_equal(a->external_ids[0], c->external_ids[0]);
	assert_string_not_equal(a->conversation, c->conversation);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(test_a_stream_brings_what_was_said),
		TEST(test_a_long_history_comes_in_pages_and_once),
		TEST(test_a_stream_goes_on_behind_an_event),
		TEST(test_what_is_said_while_it_reads_is_read_next),
		TEST(test_messages_and_jobs_wake_streams),
		TEST(test_a_stream_that_is_silent_is_kept_alive),
		TEST(test_reading_that_is_refused_is_tried_again),
		TEST(test_a_stream_of_what_was_erased_ends),
		TEST(test_a_client_may_leave_its_stream_at_any_time),
		TEST(test_a_reader_that_is_too_slow_is_cut),
		TEST(test_stopping_ends_streams),
		TEST(test_closing_takes_readers_that_nobody_calls_back),
		TEST(test_a_job_answers_its_question),
		TEST(test_a_job_answers_all_who_ask_that),
		TEST(test_the_history_answers_a_repeat),
		TEST(test_a_key_is_for_one_conversation),
		TEST(test_a_repeat_is_for_a_new_conversation_if_the_first_was),
		TEST(test_a_person_is_not_waited_for),
		TEST(test_a_person_who_comes_in_between_is_noticed),
		TEST(test_a_reply_that_does_not_come_is_said_so),
		TEST(test_a_question_that_is_not_taken),
		TEST(test_a_client_may_leave_its_question_at_any_time),
		TEST(test_stopping_waits_for_the_replies_of_questions),
		TEST(test_stopping_waits_for_replies_only_so_long),
		TEST(test_stopping_is_over_when_who_asked_has_left),
		TEST(test_closing_takes_questions_that_nobody_calls_back),
		TEST(test_who_may_ask),
		TEST(test_a_key_of_one_principal_is_not_anothers),
	};
	return cmocka_run_group_tests_name("web_waiting", tests, NULL, NULL);
}
