/* What people do to what they wrote, and the order in which they write. */
#include "slack_fixture.h"

#define TS "1764000000.000100"
#define CHANGED_TS "1764000009.000100"
#define ROOT "1763990000.000100"

static json_t *
change(const char *subtype, const char *channel, json_t *now, json_t *before)
{
	return json_pack("{s:s, s:s, s:b, s:s, s:s, s:s, s:s, s:o*, s:o*}",
			 "type", "message", "subtype", subtype, "hidden", 1,
			 "channel", channel, "ts", CHANGED_TS, "event_ts",
			 CHANGED_TS, "deleted_ts", TS, "message", now,
			 "previous_message", before);
}

static json_t *
edit(const char *channel, const char *thread, const char *before,
     const char *now)
{
	return change("message_changed", channel,
		      written(channel, TS, thread, now),
		      written(channel, TS, thread, before));
}

static json_t *
deletion(const char *channel, const char *thread, const char *before)
{
	return change("message_deleted", channel, NULL,
		      written(channel, TS, thread, before));
}

static const struct teller_message *
last_message(void)
{
	assert_true(fake->n_messages > 0);
	return &fake->messages[fake->n_messages - 1]->message;
}

static void
test_an_edit_names_what_it_corrects(void **state)
{
	(void)state;
	struct fake_answer *answer = post_json(
		envelope("Ev1", edit("D1", NULL, "wrong", "right &amp; good")));
	const struct teller_message *m = last_message();
	assert_int_equal(m->kind, TELLER_MESSAGE_EDIT);
	assert_string_equal(m->conversation, "T0ACME001/U0ANN0001");
	assert_string_equal(m->target, "message/T0ACME001/D1/" TS);
	assert_string_equal(m->external_ids[0],
			    "change/T0ACME001/D1/" TS "/" CHANGED_TS);
	assert_string_equal(m->external_ids[1], "event/Ev1");
	assert_string_equal(m->author.id, "T0ACME001/U0ANN0001");
	assert_memory_equal(m->text, "right & good", m->text_len);
	assert_int_equal(m->sent_at_us, INT64_C(1764000009000100));
	fake_run(fake);
	assert_int_equal(answer->status, 200);
}

static void
test_a_deletion_names_what_is_gone(void **state)
{
	(void)state;
	post_json(envelope("Ev1", deletion("C1", ROOT, "<@U0TELLER1> hi")));
	const struct teller_message *m = last_message();
	assert_int_equal(m->kind, TELLER_MESSAGE_DELETE);
	assert_string_equal(m->conversation, "T0ACME001/C1/" ROOT);
	assert_string_equal(m->target, "message/T0ACME001/C1/" TS);
	assert_int_equal(m->text_len, 0);
	/* What has replies leaves a stone. */
	json_t *stone = written("D1", TS, NULL, "This message was deleted.");
	json_object_set_new(stone, "subtype", json_string("tombstone"));
	post_json(envelope("Ev2", change("message_changed", "D1", stone,
					 written("D1", TS, NULL, "hi"))));
	assert_int_equal(fake->n_messages, 2);
	assert_int_equal(last_message()->kind, TELLER_MESSAGE_DELETE);
}

static json_t *
of_bot(json_t *inner)
{
	json_object_set_new(json_object_get(inner, "message"), "bot_id",
			    json_string("B0TELLER1"));
	return inner;
}

static json_t *
without(json_t *inner, const char *key)
{
	json_object_del(inner, key);
	return inner;
}

static void
test_what_did_not_change_is_let_go(void **state)
{
	json_t *const inners[] = {
		edit("D1", NULL, "a link was looked up",
		     "a link was looked up"),
		of_bot(edit("D1", NULL, "mine", "mine, with a link")),
		without(edit("D1", NULL, "a", "b"), "message"),
		without(edit("D1", NULL, "a", "b"), "event_ts"),
		without(deletion("D1", NULL, "a"), "previous_message"),
		edit("not a channel", NULL, "a", "b"),
		edit("D1", "not a time", "a", "b"),
	};
	(void)state;
	for (size_t i = 0; i < sizeof(inners) / sizeof(*inners); i++) {
		struct fake_answer *answer =
			post_json(envelope("Ev1", inners[i]));
		fake_run(fake);
		assert_int_equal(answer->status, 200);
		if (fake->n_messages)
			fail_msg("row %zu", i);
	}
}

/* Its question may come behind it. */
static void
test_a_change_of_what_is_not_there(void **state)
{
	static const struct {
		const char *channel, *before, *now;
		int64_t age_s;
		int status;
		size_t n;
	} rows[] = {
		{"D1", "wrong", "right", 10, 503, 1},
		{"D1", "wrong", "right", 600, 200, 1},
		{"C1", "<@U0TELLER1> a", "<@U0TELLER1> b", 10, 503, 1},
		{"C1", "of others", "still of others", 10, 200, 1},
		{"C1", "of others", "<@U0TELLER1> now to you", 10, 200, 2},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t before = fake->n_messages;
		fake->now_us = (1764000000 + rows[i].age_s) * US_PER_S;
		fake->is_held = true;
		struct fake_answer *answer = post_json(
			envelope("Ev1", edit(rows[i].channel, NULL,
					     rows[i].before, rows[i].now)));
		fake->is_held = false;
		fake_store(fake, before,
			   &(struct teller_stored){
				   .size = sizeof(struct teller_stored),
				   .status = TELLER_NOT_FOUND});
		fake_run(fake);
		if (answer->status != rows[i].status ||
		    fake->n_messages - before != rows[i].n)
			fail_msg("row %zu: %d", i, answer->status);
	}
	assert_int_equal(last_message()->kind, TELLER_MESSAGE_TEXT);
	assert_string_equal(last_message()->external_ids[0],
			    "message/T0ACME001/C1/" TS);
}

static void
test_reading_of_a_thread_is_not_overtaken(void **state)
{
	static const char *const texts[] = {"first", "<@U0TELLER1> second",
					    "third"};
	(void)state;
	fake_set_state(fake, "thread/T0ACME001/C1/" ROOT, "1");
	struct fake_answer *answers[3];
	for (size_t i = 0; i < 3; i++) {
		char ts[32];
		snprintf(ts, sizeof(ts), "1764000000.00010%zu", i);
		answers[i] = post_json(
			envelope("Ev1", written("C1", ts, ROOT, texts[i])));
	}
	assert_int_equal(fake->n_messages, 0);
	fake_run(fake);
	assert_int_equal(fake->n_messages, 3);
	static const char *const decoded[] = {"first", "second", "third"};
	for (size_t i = 0; i < 3; i++) {
		const struct teller_message *m = &fake->messages[i]->message;
		assert_int_equal(m->text_len, strlen(decoded[i]));
		assert_memory_equal(m->text, decoded[i], m->text_len);
		assert_int_equal(answers[i]->status, 200);
	}
}

/* What was said before is not the bot's; what comes behind is. */
static void
test_a_mention_begins_what_is_followed(void **state)
{
	(void)state;
	post_json(envelope("Ev1", written("C1", "2.1", ROOT, "among us")));
	post_json(envelope("Ev2",
			   written("C1", "2.2", ROOT, "<@U0TELLER1> hello")));
	post_json(envelope("Ev3", written("C1", "2.3", ROOT, "and this")));
	post_json(envelope("Ev4", written("C2", "2.4", ROOT, "elsewhere")));
	fake_run(fake);
	assert_int_equal(fake->n_messages, 2);
	assert_memory_equal(fake->messages[0]->message.text, "hello", 5);
	assert_memory_equal(fake->messages[1]->message.text, "and this", 8);
}

/* ---- Stopping */

static json_t *
stop_event(const char *thread)
{
	return json_pack("{s:s, s:s, s:s*, s:[s], s:s, s:s}", "type",
			 "agent_session_stopped", "channel", "D1", "thread_ts",
			 thread, "streaming_message_ts", TS, "user",
			 "U0ANN0001", "event_ts", CHANGED_TS);
}

static void
test_the_stop_button_stops_its_session(void **state)
{
	(void)state;
	fake->is_held = true;
	struct fake_answer *answer =
		post_json(envelope("Ev1", stop_event(ROOT)));
	const struct teller_message *m = last_message();
	assert_int_equal(m->kind, TELLER_MESSAGE_STOP);
	assert_string_equal(m->conversation, "T0ACME001/U0ANN0001/" ROOT);
	assert_string_equal(m->author.id, "T0ACME001/U0ANN0001");
	assert_string_equal(m->external_ids[1], "event/Ev1");
	/* It was written to directly, and not in a thread. */
	const struct teller_stored none = {.size = sizeof(none),
					   .status = TELLER_NOT_FOUND};
	fake_store(fake, 0, &none);
	assert_int_equal(fake->n_messages, 2);
	assert_int_equal(last_message()->kind, TELLER_MESSAGE_STOP);
	assert_string_equal(last_message()->conversation,
			    "T0ACME001/U0ANN0001");
	fake_store(fake, 1, &none);
	fake_run(fake);
	assert_int_equal(answer->status, 200);
	assert_int_equal(fake->n_messages, 2);
	post_json(envelope("Ev2", without(stop_event(ROOT), "user")));
	assert_int_equal(fake->n_messages, 2);
}

static void
give(const char *id, const char *text)
{
	struct teller_job job = fake_job(id, "T0ACME001/D1", text);
	job.account = "T0ACME001";
	fake_send(fake, &job);
}

static void
assert_outcome(size_t i, const char *job, enum fake_outcome_kind kind)
{
	assert_true(i < fake->n_outcomes);
	assert_string_equal(fake->outcomes[i]->job, job);
	assert_int_equal(fake->outcomes[i]->kind, kind);
}

static void
test_what_is_cancelled_is_not_posted(void **state)
{
	(void)state;
	give("msg_7", "Here.");
	give("msg_8", "And there.");
	give("msg_9", "And this.");
	teller_plugin.cancel(fake->self, "msg_8");
	assert_outcome(0, "msg_8", FAKE_FAILED);
	assert_int_equal(fake->outcomes[0]->failure, TELLER_REJECTED);
	/* On its way: it may be there. */
	teller_plugin.cancel(fake->self, "msg_7");
	teller_plugin.cancel(fake->self, "msg_6");
	assert_int_equal(fake->n_outcomes, 1);
	fake_fetched(fake, 1, 200, "{\"ok\":true,\"ts\":\"" TS "\"}");
	fake_advance(fake, 2000);
	assert_outcome(1, "msg_7", FAKE_SENT);
	assert_int_equal(fake->n_fetches, 3);
	fake_fetched(fake, 2, 429, "");
	teller_plugin.cancel(fake->self, "msg_9");
	assert_outcome(2, "msg_9", FAKE_FAILED);
	fake_advance(fake, 60 * 1000);
	assert_int_equal(fake->n_fetches, 3);
}

/* Its token ends while it is on its way. */
static void
test_what_is_cancelled_is_not_posted_with_another_token(void **state)
{
	(void)state;
	give("msg_7", "Here.");
	teller_plugin.cancel(fake->self, "msg_7");
	fake_fetched(fake, 1, 200,
		     "{\"ok\":false,\"error\":\"token_revoked\"}");
	fake_advance(fake, 5 * 60 * 1000);
	assert_int_equal(fake->n_outcomes, 0);
	assert_non_null(strstr(called_url(2), "auth.test"));
	fake_fetched(fake, 2, 200,
		     "{\"ok\":true,\"team_id\":\"T0ACME001\",\"user\":"
		     "\"teller\",\"user_id\":\"U0TELLER1\"}");
	fake_advance(fake, 60 * 1000);
	assert_outcome(0, "msg_7", FAKE_FAILED);
	assert_int_equal(fake->n_fetches, 3);
}

static void
test_of_a_long_reply_what_is_there_stays(void **state)
{
	(void)state;
	char text[8000];
	memset(text, 'a', sizeof(text) - 1);
	for (size_t i = 99; i < sizeof(text); i += 100)
		text[i] = ' ';
	text[sizeof(text) - 1] = '\0';
	give("msg_7", text);
	teller_plugin.cancel(fake->self, "msg_7");
	fake_fetched(fake, 1, 200, "{\"ok\":true,\"ts\":\"" TS "\"}");
	fake_advance(fake, 60 * 1000);
	assert_int_equal(fake->n_fetches, 2);
	assert_int_equal(last_outcome()->kind, FAKE_SENT);
	assert_string_equal(last_outcome()->text, TS);
}

static void
test_what_may_be_there_is_looked_for_before_it_is_cancelled(void **state)
{
	(void)state;
	struct teller_job job = fake_job("msg_7", "T0ACME001/D1", "Here.");
	job.account = "T0ACME001";
	job.maybe_sent = true;
	fake_send(fake, &job);
	teller_plugin.cancel(fake->self, "msg_7");
	assert_int_equal(fake->n_outcomes, 0);
	assert_non_null(strstr(called_url(1), "conversations.history"));
	fake_fetched(fake, 1, 200, "{\"ok\":true,\"messages\":[]}");
	fake_run(fake);
	assert_outcome(0, "msg_7", FAKE_FAILED);
	assert_int_equal(fake->n_fetches, 2);
}

static void
test_what_was_cancelled_without_word_of_it_is_looked_for(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		const char *job = i ? "msg_8" : "msg_7";
		size_t n = fake->n_fetches;
		give(job, "Here.");
		fake_advance(fake, 2000);
		teller_plugin.cancel(fake->self, job);
		fake_fetched(fake, n, 503, "<html>");
		fake_advance(fake, 2000);
		assert_non_null(
			strstr(called_url(n + 1), "conversations.history"));
		fake_fetched(fake, n + 1, 200,
			     i ? "{\"ok\":true,\"messages\":[{\"user\":"
				 "\"U0TELLER1\",\"ts\":\"" TS
				 "\",\"metadata\":{\"event_type\":"
				 "\"tellerd_reply\",\"event_payload\":"
				 "{\"job\":\"msg_8\",\"part\":0}}}]}"
			       : "{\"ok\":true,\"messages\":[]}");
		fake_advance(fake, 2000);
		assert_outcome((size_t)i, job, i ? FAKE_SENT : FAKE_FAILED);
		assert_int_equal(fake->n_fetches, n + 2);
	}
}

/* The outbox says of it that it may have arrived. */
static void
test_what_was_cancelled_and_cannot_be_looked_for_may_be_there(void **state)
{
	static const char *const answers[] = {
		"", "{\"ok\":false,\"error\":\"of_next_year\"}",
		"{\"ok\":false,\"error\":\"not_authorized\"}"};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		size_t n = fake->n_fetches;
		give("msg_7", "Here.");
		teller_plugin.cancel(fake->self, "msg_7");
		fake_fetched(fake, n, 503, "<html>");
		fake_fetched(fake, n + 1, 200, answers[i]);
		fake_advance(fake, 2000);
		assert_outcome(i, "msg_7", FAKE_FAILED);
		assert_int_equal(last_outcome()->failure, TELLER_UNKNOWN);
	}
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_an_edit_names_what_it_corrects),
		TEST(test_a_deletion_names_what_is_gone),
		TEST(test_what_did_not_change_is_let_go),
		TEST(test_a_change_of_what_is_not_there),
		TEST(test_reading_of_a_thread_is_not_overtaken),
		TEST(test_a_mention_begins_what_is_followed),
		TEST(test_the_stop_button_stops_its_session),
		TEST(test_what_is_cancelled_is_not_posted),
		TEST(test_what_is_cancelled_is_not_posted_with_another_token),
		TEST(test_of_a_long_reply_what_is_there_stays),
		TEST(test_what_may_be_there_is_looked_for_before_it_is_cancelled),
		TEST(test_what_was_cancelled_without_word_of_it_is_looked_for),
		TEST(test_what_was_cancelled_and_cannot_be_looked_for_may_be_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
