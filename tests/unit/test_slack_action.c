/* Buttons that are pressed become messages. */
#include "slack_fixture.h"

static json_t *
pressed(const char *action, const char *value, const char *at)
{
	return json_pack("{s:s, s:{s:s, s:s, s:s}, s:{s:s}, s:{s:s, s:s, s:s},"
			 " s:[{s:s, s:s, s:s}]}",
			 "type", "block_actions", "user", "id", "U0ANN0001",
			 "team_id", "T0ACME001", "name", "ann", "team", "id",
			 "T0ACME001", "container", "message_ts",
			 "1764000002.000300", "channel_id", "C0HELP001",
			 "thread_ts", "1764000000.000100", "actions",
			 "action_id", action, "value", value, "action_ts", at);
}

static void
test_buttons_become_messages(void **state)
{
	(void)state;
	assert_int_equal(
		fx_press(pressed("option_2", "entry:card", "1.5"))->status,
		200);
	assert_int_equal(fx_press(pressed("down", "msg_7", "2.5"))->status,
			 200);
	assert_int_equal(fx_press(pressed("person", "msg_7", "3.5"))->status,
			 200);
	assert_int_equal(fake->n_messages, 3);
	const struct teller_message *m = &fake->messages[0]->message;
	assert_int_equal(m->kind, TELLER_MESSAGE_OPTION);
	assert_string_equal(m->option, "entry:card");
	assert_string_equal(m->conversation, FX_CHANNEL_KEY);
	assert_string_equal(m->author.id, "T0ACME001/U0ANN0001");
	m = &fake->messages[1]->message;
	assert_int_equal(m->kind, TELLER_MESSAGE_FEEDBACK);
	assert_int_equal(m->rating, -1);
	assert_string_equal(m->target, "msg_7");
	m = &fake->messages[2]->message;
	assert_int_equal(m->kind, TELLER_MESSAGE_HANDOVER);
}

/* A double press is one; up, down and up again are three. */
static void
test_a_button_is_pressed_once(void **state)
{
	(void)state;
	fx_press(pressed("person", "msg_7", "1.5"));
	fx_press(pressed("person", "msg_7", "2.5"));
	assert_string_equal(fake->messages[0]->message.external_ids[0],
			    fake->messages[1]->message.external_ids[0]);
	fx_press(pressed("up", "msg_7", "1.5"));
	fx_press(pressed("up", "msg_7", "2.5"));
	assert_string_not_equal(fake->messages[2]->message.external_ids[0],
				fake->messages[3]->message.external_ids[0]);
}

static void
test_other_payloads_are_let_go(void **state)
{
	static const struct {
		const char *key, *value;
	} rows[] = {{"type", "view_submission"},
		    {"team", "T0ACME001"},
		    {"container", "x"},
		    {"actions", "x"},
		    {"user", "x"}};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		json_t *payload = pressed("up", "msg_7", "1.5");
		fx_change(payload, rows[i].key, json_string(rows[i].value));
		/* Without a team it is the user's. */
		if (strcmp(rows[i].key, "team") == 0)
			fx_change(payload, "actions", json_array());
		assert_int_equal(fx_press(payload)->status, 200);
	}
	assert_int_equal(
		fx_press(pressed("of_another_app", "x", "1.5"))->status, 200);
	assert_int_equal(fake->n_messages, 0);
	assert_int_equal(
		post_as("/slack/interactive", FX_FORM, "a=b", 3)->status, 400);
}

#define STARTED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STARTED(test_buttons_become_messages),
		STARTED(test_a_button_is_pressed_once),
		STARTED(test_other_payloads_are_let_go),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
