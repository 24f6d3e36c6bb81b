/* Which events become messages, and what they are made of. */
#include "slack_fixture.h"

static void
test_an_event_is_answered_when_it_is_on_disk(void **state)
{
	(void)state;
	struct fake_answer *answer = post_json(
		envelope("Ev1", written("D0ANN0001", "1764000000.000100", NULL,
					"where is &lt;my&gt; card?")));
	assert_int_equal(answer->status, 0);
	assert_int_equal(fake->n_messages, 1);
	const struct teller_message *m = &fake->messages[0]->message;
	assert_int_equal(m->kind, TELLER_MESSAGE_TEXT);
	assert_string_equal(m->account, "T0ACME001");
	assert_string_equal(m->conversation, "T0ACME001/U0ANN0001");
	assert_string_equal(m->external_ids[0],
			    "message/T0ACME001/D0ANN0001/1764000000.000100");
	assert_string_equal(m->external_ids[1], "event/Ev1");
	assert_string_equal(m->author.id, "T0ACME001/U0ANN0001");
	assert_int_equal(m->author.trust, TELLER_TRUST_CHANNEL);
	assert_memory_equal(m->text, "where is <my> card?", 19);
	assert_int_equal(m->text_len, 19);
	assert_int_equal(m->sent_at_us, INT64_C(1764000000000100));
	assert_int_equal(m->burst_ms, -1);
	fake_run(fake);
	assert_int_equal(answer->status, 200);
	assert_int_equal(answer->body.len, 0);
}

static void
test_what_is_not_taken_is_asked_for_again(void **state)
{
	static const struct {
		enum teller_stored_status stored;
		int status;
	} rows[] = {{TELLER_STORED, 200},
		    {TELLER_DUPLICATE, 200},
		    {TELLER_NOT_FOUND, 200},
		    {TELLER_BUSY, 503}};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		fake->stored_status = rows[i].stored;
		struct fake_answer *answer = post_json(envelope(
			"Ev1", written("D0ANN0001", "1.1", NULL, "a")));
		fake_run(fake);
		assert_int_equal(answer->status, rows[i].status);
	}
}

static void
test_who_wrote_what_can_never_be_taken_is_told_so(void **state)
{
	static const struct {
		const char *channel, *thread, *told_in;
	} rows[] = {{"D0ANN0001", NULL, ""},
		    {"D0ANN0001", "1.0", "1.0"},
		    {"C0GEN0001", NULL, "1.2"}};
	(void)state;
	fake->stored_status = TELLER_FAILED;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t n = fake->n_fetches;
		struct fake_answer *answer = post_json(envelope(
			"Ev1", written(rows[i].channel, "1.2", rows[i].thread,
				       "<@U0TELLER1> a")));
		fake_run(fake);
		assert_int_equal(answer->status, 200);
		assert_string_equal(called_url(n),
				    "https://slack.com/api/chat.postEphemeral");
		json_t *body = called(n);
		assert_string_equal(fx_at(body, "channel"), rows[i].channel);
		assert_string_equal(fx_at(body, "user"), "U0ANN0001");
		assert_string_equal(fx_at(body, "thread_ts"), rows[i].told_in);
		assert_string_equal(
			fx_at(body, "text"),
			":warning: This was not taken: the test says so.");
		json_decref(body);
	}
}

/* The table of what a message event is worth. */
static void
test_only_questions_to_the_bot_are_taken(void **state)
{
	static const struct {
		const char *channel, *thread, *text, *key, *value;
		size_t n;
	} rows[] = {
		{"D1", NULL, "hi", "channel_type", "im", 1},
		{"D1", "1.0", "hi", "subtype", "file_share", 1},
		{"D1", NULL, "hi", "subtype", "me_message", 1},
		{"C1", NULL, "hi <@U0TELLER1>", "subtype", "thread_broadcast",
		 1},
		{"C1", NULL, "<@U0TELLER1> hi", "type", "app_mention", 1},
		{"G1", NULL, "<@U2> and <@U0TELLER1>", "channel_type", "mpim",
		 1},
		{"C1", NULL, "hi", "channel_type", "channel", 0},
		{"C1", NULL, "hi <@U2>", "channel_type", "channel", 0},
		{"C1", "1.0", "nobody asked the bot here", "x", "x", 0},
		{"D1", NULL, "hi", "subtype", "message_changed", 0},
		{"D1", NULL, "hi", "subtype", "message_deleted", 0},
		{"D1", NULL, "hi", "subtype", "message_replied", 0},
		{"D1", NULL, "hi", "subtype", "channel_join", 0},
		{"D1", NULL, "hi", "subtype", "assistant_app_thread", 0},
		{"D1", NULL, "hi", "subtype", "bot_message", 0},
		{"D1", NULL, "hi", "subtype", "of_next_year", 0},
		{"D1", NULL, "hi", "bot_id", "B0TELLER1", 0},
		{"D1", NULL, "hi", "bot_id", "B0OTHER01", 0},
		{"D1", NULL, "hi", "app_id", "A0TELLER1", 0},
		{"D1", NULL, "hi", "user", "U0TELLER1", 0},
		{"D1", NULL, "hi", "user", "no id", 0},
		{"D1", NULL, "hi", "ts", "no time", 0},
		{"D1", NULL, "hi", "ts", "9223372036854775807.1", 0},
		{"D1", NULL, "hi", "ts", "999999999999.999999", 1},
		{"D1", "no time", "hi", "x", "x", 0},
		{"c&d", NULL, "hi", "x", "x", 0},
		{"D1", NULL, "", "x", "x", 0},
		{"D1", NULL, "hi", "type", "reaction_added", 0},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t before = fake->n_messages;
		json_t *inner = written(rows[i].channel, "2.1", rows[i].thread,
					rows[i].text);
		fx_change(inner, rows[i].key, json_string(rows[i].value));
		struct fake_answer *answer = post_json(envelope("Ev1", inner));
		fake_run(fake);
		assert_int_equal(answer->status, 200);
		if (fake->n_messages - before != rows[i].n)
			fail_msg("row %zu: %zu messages", i,
				 fake->n_messages - before);
	}
	json_t *hidden = written("D1", "2.1", NULL, "hi");
	size_t before = fake->n_messages;
	fx_change(hidden, "hidden", json_true());
	post_json(envelope("Ev1", hidden));
	fake_run(fake);
	assert_int_equal(fake->n_messages, before);
}

static void
test_a_mention_and_its_message_have_one_name(void **state)
{
	(void)state;
	json_t *mention = written("C0HELP001", "1764000000.000100", NULL,
				  "<@U0TELLER1> where is it?");
	json_t *message = json_deep_copy(mention);
	fx_change(mention, "type", json_string("app_mention"));
	post_json(envelope("Ev1", mention));
	post_json(envelope("Ev2", message));
	assert_int_equal(fake->n_messages, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct teller_message *m = &fake->messages[i]->message;
		assert_string_equal(m->conversation, FX_CHANNEL_KEY);
		assert_string_equal(m->external_ids[0], "message/"
							"T0ACME001/C0HELP001/"
							"1764000000.000100");
		assert_memory_equal(m->text, "where is it?", 12);
	}
}

static void
reply_in_thread(const char *text)
{
	post_json(envelope("Ev3", written("C0HELP001", "1764000009.000100",
					  "1764000000.000100", text)));
}

static void
test_a_thread_is_followed_once_the_bot_was_asked_there(void **state)
{
	(void)state;
	fake->is_held = true;
	post_json(envelope("Ev1", written("C0HELP001", "1764000000.000100",
					  NULL, "<@U0TELLER1> where is it?")));
	/* It may be on its way to disk still. */
	reply_in_thread("and when?");
	assert_int_equal(fake->n_messages, 2);
	const struct teller_stored stored = {
		.size = sizeof(stored), .status = TELLER_STORED, .words = ""};
	fake_store(fake, 0, &stored);
	fake_store(fake, 1, &stored);
	fake->is_held = false;
	reply_in_thread("and how?");
	fake_run(fake);
	assert_int_equal(fake->n_messages, 3);
	assert_string_equal(fake->messages[2]->message.conversation,
			    FX_CHANNEL_KEY);
	/* For somebody else. */
	reply_in_thread("<@U2> do you know?");
	fake_run(fake);
	assert_int_equal(fake->n_messages, 3);
	assert_int_equal(fake->messages[0]->states[0].expires_at_us -
				 fake->now_us,
			 INT64_C(30) * 24 * 3600 * 1000000);
}

static void
test_files_and_guests_are_named(void **state)
{
	json_t *inner = written("D1", "1.1", NULL, "");
	(void)state;
	fx_change(inner, "subtype", json_string("file_share"));
	fx_change(inner, "user_team", json_string("T0GUEST01"));
	fx_change(inner, "files",
		  json_pack("[{s:s, s:s, s:i}, {}]", "name", "a.pdf",
			    "mimetype", "application/pdf", "size", 92582));
	post_json(envelope("Ev1", inner));
	const struct teller_message *m = &fake->messages[0]->message;
	assert_string_equal(m->author.id, "T0GUEST01/U0ANN0001");
	assert_int_equal(m->n_attachments, 2);
	assert_string_equal(m->attachments[0].name, "a.pdf");
	assert_int_equal(m->attachments[0].size_bytes, 92582);
	assert_int_equal(m->attachments[1].size_bytes, -1);
}

/* A preview that was cut amidst a character. */
static void
test_half_a_character_costs_no_question(void **state)
{
	(void)state;
	json_t *event = envelope("Ev1", written("D1", "1.1", NULL, "PREVIEW"));
	char *text = json_dumps(event, 0);
	memcpy(strstr(text, "PREVIEW"), "\\ud83d.", 7);
	assert_int_equal(post_event(text)->status, 0);
	assert_int_equal(fake->n_messages, 1);
	assert_memory_equal(fake->messages[0]->message.text, "\xef\xbf\xbd.",
			    4);
	free(text);
	json_decref(event);
}

/* In a channel that two workspaces share the envelope may be of the other one,
 * and what the author's is stands with his words. */
static void
test_a_shared_channel_is_of_the_workspace_that_has_the_app(void **state)
{
	static const char *const members[] = {"team", "source_team",
					      "user_team"};
	(void)state;
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		json_t *inner = written("C0HELP001", "1764000000.000100", NULL,
					"<@U0TELLER1> hi");
		fx_change(inner, "team", json_string("T0HOST001"));
		fx_change(inner, members[i], json_string("T0GUEST01"));
		json_t *event = envelope("Ev1", inner);
		fx_change(event, "team_id", json_string("T0GUEST01"));
		fx_change(event, "is_ext_shared_channel", json_true());
		post_json(event);
		assert_int_equal(fake->n_messages, i + 1);
		const struct teller_message *m = &fake->messages[i]->message;
		assert_string_equal(m->account, "T0ACME001");
		assert_string_equal(m->conversation, FX_CHANNEL_KEY);
		assert_string_equal(m->author.id, "T0GUEST01/U0ANN0001");
	}
}

static void
test_a_long_text_is_cut_between_characters(void **state)
{
	static char text[3 * 30000 + 1];
	(void)state;
	for (size_t i = 0; i < 30000; i++)
		memcpy(text + 3 * i, "€", 3);
	post_json(envelope("Ev1", written("D1", "1.1", NULL, text)));
	assert_int_equal(fake->messages[0]->message.text_len,
			 TELLER_TEXT_MAX / 3 * 3);
}

static void
test_strangers_are_told_of_once(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		json_t *event =
			envelope("Ev1", written("D1", "1.1", NULL, "hi"));
		fx_change(event, "team_id", json_string("T0STRANGE"));
		fx_change(event, "authorizations", NULL);
		assert_int_equal(post_json(event)->status, 200);
	}
	assert_int_equal(fake->n_messages, 0);
	const char *first = strstr(buf_str(&fake->log), "T0STRANGE");
	assert_non_null(first);
	assert_null(strstr(first + 1, "T0STRANGE"));
}

static void
test_an_app_that_is_removed_is_down(void **state)
{
	(void)state;
	struct fake_answer *answer = post_json(
		envelope("Ev9", json_pack("{s:s}", "type", "app_uninstalled")));
	fake_run(fake);
	assert_int_equal(answer->status, 200);
	assert_int_equal(fake->messages[0]->message.kind,
			 TELLER_MESSAGE_ACCOUNT_GONE);
	assert_int_equal(fake->health, TELLER_DOWN);
	const struct teller_job job = fake_job("msg_7", FX_CHANNEL_KEY, "hi");
	struct teller_job of_acme = job;
	of_acme.account = "T0ACME001";
	fake_send(fake, &of_acme);
	/* Slack is asked whether it is so, and nothing is posted. */
	assert_int_equal(fake->n_fetches, 2);
	assert_string_equal(called_url(1), "https://slack.com/api/auth.test");
	assert_int_equal(fake->n_outcomes, 0);
}

#define STARTED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STARTED(test_an_event_is_answered_when_it_is_on_disk),
		STARTED(test_what_is_not_taken_is_asked_for_again),
		STARTED(test_who_wrote_what_can_never_be_taken_is_told_so),
		STARTED(test_only_questions_to_the_bot_are_taken),
		STARTED(test_a_mention_and_its_message_have_one_name),
		STARTED(test_a_thread_is_followed_once_the_bot_was_asked_there),
		STARTED(test_files_and_guests_are_named),
		STARTED(test_half_a_character_costs_no_question),
		STARTED(test_a_shared_channel_is_of_the_workspace_that_has_the_app),
		STARTED(test_a_long_text_is_cut_between_characters),
		STARTED(test_strangers_are_told_of_once),
		STARTED(test_an_app_that_is_removed_is_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
