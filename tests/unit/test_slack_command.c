/* A question that is asked by a command is one of the direct conversation, and
 * answered where it was asked. */
#include "slack_fixture.h"

#define HOOK "https://hooks.slack.com/commands/T0ACME001/1/abc"
#define FORM                                                               \
	"token=x&team_id=T0ACME001&channel_id=C0HELP001&user_id=U0ANN0001" \
	"&user_name=ann&command=%2Fask&trigger_id=13345.7384.x"
#define ANSWERED                                                    \
	"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2F" \
	"T0ACME001%2F1%2Fabc"
#define ASKED FORM ANSWERED "&text=where+is+%26lt%3Bmy%26gt%3B+card%3F"
#define OPENED "{\"ok\":true,\"channel\":{\"id\":\"D0ANN0001\"}}"

static struct fake_answer *
command(const char *body)
{
	struct fake_answer *answer =
		post_as("/slack/commands", FX_FORM, body, strlen(body));
	fake_run(fake);
	return answer;
}

/* The question, and the route that its answer takes. */
static struct teller_job
asked(const char *text)
{
	command(ASKED);
	const struct teller_message *m = &fake->messages[0]->message;
	struct teller_job job = fake_job("msg_7", "T0ACME001/U0ANN0001", text);
	job.account = "T0ACME001";
	job.route = m->route;
	job.route_len = m->route_len;
	return job;
}

static void
test_a_command_is_a_question_of_the_direct_channel(void **state)
{
	(void)state;
	struct fake_answer *answer = command(ASKED);
	assert_int_equal(answer->status, 200);
	assert_int_equal(answer->body.len, 0);
	const struct teller_message *m = &fake->messages[0]->message;
	assert_int_equal(m->kind, TELLER_MESSAGE_TEXT);
	assert_string_equal(m->account, "T0ACME001");
	assert_string_equal(m->conversation, "T0ACME001/U0ANN0001");
	assert_null(m->private_conversation);
	assert_string_equal(m->external_ids[0],
			    "command/T0ACME001/13345.7384.x");
	assert_string_equal(m->author.id, "T0ACME001/U0ANN0001");
	assert_memory_equal(m->text, "where is <my> card?", 19);
	assert_int_equal(fake->n_fetches, 1);
}

/* As those of a message are. */
static void
test_its_emoji_are_read(void **state)
{
	static const char text[] = "my card \xF0\x9F\x92\xB3";
	(void)state;
	command(FORM ANSWERED "&text=my+card+%3Acredit_card%3A");
	const struct teller_message *m = &fake->messages[0]->message;
	assert_int_equal(m->text_len, sizeof(text) - 1);
	assert_memory_equal(m->text, text, sizeof(text) - 1);
}

static void
test_what_can_never_be_taken_is_answered_so(void **state)
{
	(void)state;
	fake->stored_status = TELLER_FAILED;
	struct fake_answer *answer = command(ASKED);
	assert_int_equal(answer->status, 200);
	assert_string_equal(buf_str(&answer->body),
			    "{\"text\":\":warning: This was not taken: the "
			    "test says so.\"}");
}

static void
test_it_is_answered_where_it_was_asked(void **state)
{
	(void)state;
	const struct teller_job job = asked("It **left**.");
	fake_send(fake, &job);
	assert_string_equal(called_url(1), HOOK);
	assert_null(fake->fetches[1]->fetch.bearer);
	json_t *body = called(1);
	assert_string_equal(fx_at(body, "response_type"), "ephemeral");
	assert_string_equal(fx_at(body, "text"), "It *left*.");
	assert_true(json_is_false(json_object_get(body, "replace_original")));
	assert_null(json_object_get(body, "channel"));
	assert_true(json_array_size(json_object_get(body, "blocks")) > 1);
	json_decref(body);
	fake_fetched(fake, 1, 200, "ok");
	assert_int_equal(last_outcome()->kind, FAKE_SENT);
}

/* Slack takes it half an hour, and a few times. */
static void
test_what_is_no_longer_taken_there_stands_in_the_direct_channel(void **state)
{
	static const struct {
		int status;
		const char *body;
	} rows[] = {
		{404, "{\"ok\":false,\"error\":\"used_url\"}"},
		{200, "{\"ok\":false,\"error\":\"expired_url\"}"},
		{404, "<html>"},
	};
	(void)state;
	struct teller_job job = asked("It left.");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t n = fake->n_fetches;
		fake_advance(fake, 1100);
		fake_send(fake, &job);
		fake_fetched(fake, n, rows[i].status, rows[i].body);
		fake_advance(fake, 1100);
		if (i == 0)
			fake_fetched(fake, ++n, 200, OPENED);
		assert_string_equal(called_url(n + 1),
				    "https://slack.com/api/chat.postMessage");
		json_t *body = called(n + 1);
		assert_string_equal(fx_at(body, "channel"), "D0ANN0001");
		json_decref(body);
		fake_fetched(fake, n + 1, 200, FX_POSTED);
	}
	size_t n = fake->n_fetches;
	fake_advance(fake, 29 * 60 * 1000);
	fake_send(fake, &job);
	assert_string_equal(called_url(n),
			    "https://slack.com/api/chat.postMessage");
}

static void
test_what_is_refused_there_and_not_wanted_is_not_said_directly(void **state)
{
	(void)state;
	struct teller_job job = asked("It left.");
	fake_send(fake, &job);
	teller_plugin.cancel(fake->self, "msg_7");
	assert_int_equal(fake->n_outcomes, 0);
	fake_fetched(fake, 1, 404, "{\"ok\":false,\"error\":\"used_url\"}");
	fake_advance(fake, 1100);
	assert_int_equal(last_outcome()->kind, FAKE_FAILED);
	assert_int_equal(last_outcome()->failure, TELLER_REJECTED);
	assert_int_equal(fake->n_fetches, 2);
}

static void
test_what_may_have_arrived_or_is_an_agents_is_said_directly(void **state)
{
	(void)state;
	struct teller_job job = asked("It left.");
	job.kind = TELLER_JOB_AGENT_TEXT;
	job.author = "Ben";
	fake_send(fake, &job);
	fake_fetched(fake, 1, 200, OPENED);
	assert_non_null(strstr(called_url(2), "chat.postMessage"));
	fake_fetched(fake, 2, 200, FX_POSTED);
	job.kind = TELLER_JOB_REPLY;
	fake_advance(fake, 1100);
	fake_send(fake, &job);
	fake_fetched(fake, 3, 503, "<html>");
	assert_int_equal(last_outcome()->failure, TELLER_UNKNOWN);
	job.maybe_sent = true;
	fake_send(fake, &job);
	assert_non_null(strstr(called_url(4), "conversations.history"));
	/* What he writes there is answered there. */
	post_json(envelope("Ev1", written("D0ANN0001", "9.1", NULL, "and?")));
	const struct teller_message *m = &fake->messages[1]->message;
	job.maybe_sent = false;
	job.id = "msg_8";
	job.route = m->route;
	job.route_len = m->route_len;
	fake_fetched(fake, 4, 200, "{\"ok\":true,\"messages\":[]}");
	fake_advance(fake, 1100);
	fake_fetched(fake, 5, 200, FX_POSTED);
	fake_send(fake, &job);
	fake_advance(fake, 1100);
	assert_non_null(strstr(called_url(6), "chat.postMessage"));
}

static void
test_all_are_shown_an_answer_and_nothing_else(void **state)
{
	(void)state;
	fake_set(fake, "command_public", "true");
	assert_int_equal(fake_start(fake), 0);
	fake_fetched(fake, 0, 200, "{\"ok\":true,\"team_id\":\"T0ACME001\"}");
	struct teller_job job = asked("It left.");
	static const char *const kinds[] = {"answer", "ask"},
				 *const types[] = {"in_channel", "ephemeral"};
	for (size_t i = 0; i < 2; i++) {
		job.reply_kind = kinds[i];
		job.conversation_state = "waiting";
		fake_send(fake, &job);
		fake_advance(fake, 1100);
		json_t *body = called(1 + i);
		char *text = json_dumps(body, 0);
		assert_string_equal(fx_at(body, "response_type"), types[i]);
		assert_int_equal(!!strstr(text, "Only you see this"), i);
		/* A thumb would find no reply in that channel. */
		assert_null(strstr(text, ":+1:"));
		free(text);
		json_decref(body);
		fake_fetched(fake, 1 + i, 200, "ok");
	}
}

/* A form's question, and what is said while a person is waited for. */
static void
test_where_to_go_on_is_said_where_others_read(void **state)
{
	static const struct {
		const char *kind, *state;
		bool is_said;
	} rows[] = {
		{"answer", "bot", false},
		{"form", "bot", true},
		{"handover", "waiting", true},
	};
	(void)state;
	struct teller_job job = asked("Which card is it?");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		job.reply_kind = rows[i].kind;
		job.conversation_state = rows[i].state;
		fake_send(fake, &job);
		json_t *body = called(1 + i);
		char *text = json_dumps(body, 0);
		assert_string_equal(called_url(1 + i), HOOK);
		assert_int_equal(!!strstr(text, "in your direct messages"),
				 rows[i].is_said);
		assert_int_equal(!!strstr(text, ":+1:"), i == 0);
		free(text);
		json_decref(body);
		fake_fetched(fake, 1 + i, 200, "ok");
		fake_advance(fake, 1100);
	}
	job.maybe_sent = true; /* it stands there: no word of it */
	size_t n = fake->n_fetches;
	fake_send(fake, &job);
	fake_fetched(fake, n, 200, OPENED);
	fake_fetched(fake, n + 1, 200, "{\"ok\":true,\"messages\":[]}");
	fake_advance(fake, 1100);
	assert_non_null(strstr(called_url(n + 2), "chat.postMessage"));
	json_t *body = called(n + 2);
	char *text = json_dumps(body, 0);
	assert_null(strstr(text, "in your direct messages"));
	free(text);
	json_decref(body);
}

static void
test_answers_go_to_slack_alone(void **state)
{
	static const char *const hooks[] = {
		"",
		"&response_url=",
		"&response_url=https%3A%2F%2Fevil.example%2Fx",
		"&response_url=https%3A%2F%2Fhooks.slack.com.evil.example%2Fx",
		"&response_url=https%3A%2F%2Fhooks.slack.com%40evil.example%2F",
		"&response_url=https%3A%2F%2Fhooks.slack.com%2F%40evil%2F",
		"&response_url=http%3A%2F%2Fhooks.slack.com%2Fx",
		"&response_url=https%3A%2F%2Fhooks.slack.com%2Fa%0D%0Ab",
		"&response_url=https%3A%2F%2Fhooks.slack.com%2F%5C..",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(hooks) / sizeof(*hooks); i++) {
		char body[1000];
		snprintf(body, sizeof(body), "%s&text=hi%s", FORM, hooks[i]);
		assert_int_equal(command(body)->status, 200);
	}
	assert_int_equal(fake->n_fetches, 1);
	assert_int_equal(fake->n_messages, 0);
}

static void
test_a_command_is_one_word(void **state)
{
	(void)state;
	set_up_new(NULL);
	fake_set(fake, "command", "/ask teller");
	assert_int_equal(fake_start(fake), -1);
	assert_non_null(strstr(fake->words.text, "command is '/ask teller'"));
	assert_non_null(strstr(fake->words.text, "one word"));
	fake_set(fake, "command", "ask");
	assert_int_equal(fake_start(fake), 0);
}

static void
test_other_commands_are_let_go(void **state)
{
	static const char *const bodies[] = {
		"command=%2Fother&team_id=T0ACME001&user_id=U1&trigger_id=1"
		"&text=hi" ANSWERED,
		"command=%2Fask&team_id=T0STRANGE&user_id=U1&trigger_id=1"
		"&text=hi" ANSWERED,
		"command=%2Fask&team_id=T0ACME001&user_id=u1&trigger_id=1"
		"&text=hi" ANSWERED,
		"command=%2Fask&team_id=T0ACME001&user_id=U1&trigger_id="
		"&text=hi" ANSWERED,
		"command=%2Fask&text=%FF" ANSWERED,
	};
	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
		assert_int_equal(command(bodies[i])->status, 200);
	assert_int_equal(fake->n_fetches, 1);
}

static void
test_there_may_be_none(void **state)
{
	(void)state;
	fake_set(fake, "command", "");
	assert_int_equal(fake_start(fake), 0);
	assert_int_equal(command(ASKED)->status, 200);
	assert_int_equal(fake->n_fetches, 1);
	assert_int_equal(fake->n_messages, 0);
}

/* Nobody brings a command again: who asked is told. */
static void
test_who_cannot_be_heard_is_told(void **state)
{
	(void)state;
	fake->stored_status = TELLER_BUSY;
	struct fake_answer *answer = command(ASKED);
	assert_int_equal(answer->status, 200);
	assert_non_null(strstr(buf_str(&answer->body), "again in a minute"));
}

static void
test_a_command_alone_says_how(void **state)
{
	(void)state;
	fake->starters[0] = "Cards & <limits>?";
	struct fake_answer *answer = command(FORM ANSWERED "&text=++");
	assert_string_equal(answer->media_type, "application/json");
	assert_non_null(strstr(buf_str(&answer->body),
			       "/ask Cards &amp; &lt;limits&gt;?"));
	assert_int_equal(fake->n_messages, 0);
}

/* ---- Buttons below what one person sees */

static json_t *
pressed(const char *hook, json_t *message)
{
	return json_pack(
		"{s:s, s:{s:s, s:s}, s:{s:s}, s:s, s:o*, s:{s:s, s:s, s:b},"
		" s:[{s:s, s:s, s:s, s:{s:s}}]}",
		"type", "block_actions", "user", "id", "U0ANN0001", "name",
		"ann", "team", "id", "T0ACME001", "response_url", hook,
		"message", message, "container", "message_ts", "5.5",
		"channel_id", "C0HELP001", "is_ephemeral", 1, "actions",
		"action_id", "option_1", "value", "entry:card", "action_ts",
		"6.6", "text", "text", "Lost card");
}

static void
test_a_button_that_one_person_sees_is_his(void **state)
{
	(void)state;
	fx_press(pressed(HOOK, NULL));
	const struct teller_message *m = &fake->messages[0]->message;
	assert_string_equal(m->conversation, "T0ACME001/U0ANN0001");
	assert_string_equal(m->option, "entry:card");
	assert_non_null(memmem(m->route, m->route_len, HOOK, strlen(HOOK)));
	assert_string_equal(called_url(1), HOOK);
	json_t *body = called(1);
	assert_string_equal(fx_at(body, "text"), "\xE2\x9C\x93 Lost card");
	assert_string_equal(fx_at(body, "response_type"), "ephemeral");
	json_decref(body);
	fake_fetched(fake, 1, 200, "ok");
	fx_press(pressed(HOOK, json_loads("{\"text\":\"Which?\",\"blocks\":"
					  "[{\"type\":\"actions\","
					  "\"elements\":[{\"action_id\":"
					  "\"option_1\"}]}]}",
					  0, NULL)));
	body = called(2);
	assert_true(json_is_true(json_object_get(body, "replace_original")));
	assert_string_equal(fx_at(body, "text"), "Which?");
	json_decref(body);
}

static void
test_a_button_with_an_address_of_others_is_answered_directly(void **state)
{
	(void)state;
	fx_press(pressed("https://evil.example/x", NULL));
	assert_int_equal(fake->n_messages, 1);
	assert_memory_equal(fake->messages[0]->message.route, "-", 1);
	assert_int_equal(fake->n_fetches, 1);
}

#define STARTED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
#define NEW(test) cmocka_unit_test_setup_teardown(test, set_up_new, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STARTED(test_a_command_is_a_question_of_the_direct_channel),
		STARTED(test_its_emoji_are_read),
		STARTED(test_what_can_never_be_taken_is_answered_so),
		STARTED(test_it_is_answered_where_it_was_asked),
		STARTED(test_what_is_no_longer_taken_there_stands_in_the_direct_channel),
		STARTED(test_what_is_refused_there_and_not_wanted_is_not_said_directly),
		STARTED(test_what_may_have_arrived_or_is_an_agents_is_said_directly),
		NEW(test_all_are_shown_an_answer_and_nothing_else),
		STARTED(test_where_to_go_on_is_said_where_others_read),
		STARTED(test_answers_go_to_slack_alone),
		cmocka_unit_test_teardown(test_a_command_is_one_word,
					  tear_down),
		STARTED(test_other_commands_are_let_go),
		NEW(test_there_may_be_none),
		STARTED(test_who_cannot_be_heard_is_told),
		STARTED(test_a_command_alone_says_how),
		STARTED(test_a_button_that_one_person_sees_is_his),
		STARTED(test_a_button_with_an_address_of_others_is_answered_directly),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
