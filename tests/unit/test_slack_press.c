/* What is seen of a button that was pressed, and the form that asks why. */
#include "slack_fixture.h"

#define OPTIONS                                                      \
	"{\"type\":\"actions\",\"block_id\":\"options:msg_7\","      \
	"\"elements\":[" BUTTON("option_1", "Lost card") "," BUTTON( \
		"option_2", "Stolen <card>") "]}"
#define VERDICT                                                 \
	"{\"type\":\"actions\",\"block_id\":\"verdict:msg_7\"," \
	"\"elements\":[" BUTTON("up", ":+1:") "," BUTTON(       \
		"down", ":-1:") "," BUTTON("person", "Talk to a person") "]}"
#define BUTTON(id, label)                                           \
	"{\"type\":\"button\",\"action_id\":\"" id                  \
	"\",\"value\":\"msg_7\",\"text\":{\"type\":\"plain_text\"," \
	"\"text\":\"" label "\"}}"
#define SECTION                                                \
	"{\"type\":\"section\",\"block_id\":\"abc\",\"text\":" \
	"{\"type\":\"mrkdwn\",\"text\":\"Did you mean?\"}}"
#define UPDATED "{\"ok\":true}"

/* As Slack says it, with the message as it stands there: blocks, a JSON text.
 */
static json_t *
pressed(const char *action, const char *at, const char *channel,
	const char *blocks)
{
	json_t *message = json_pack(
		"{s:s, s:o, s:{s:s, s:{s:s}}}", "text", "Did you mean?",
		"blocks", json_loads(blocks, 0, NULL), "metadata", "event_type",
		"tellerd_reply", "event_payload", "job", "msg_7");
	return json_pack(
		"{s:s, s:{s:s, s:s, s:s}, s:{s:s}, s:{s:s, s:s}, s:s, s:o,"
		" s:[{s:s, s:s, s:s}]}",
		"type", "block_actions", "user", "id", "U0ANN0001", "team_id",
		"T0ACME001", "name", "ann", "team", "id", "T0ACME001",
		"container", "message_ts", "1764000002.000300", "channel_id",
		channel, "trigger_id", "13345.7384.x", "message", message,
		"actions", "action_id", action, "value", "msg_7", "action_ts",
		at);
}

static const json_t *
block(const json_t *body, size_t i)
{
	return json_array_get(json_object_get(body, "blocks"), i);
}

static const json_t *
element(const json_t *of, size_t i)
{
	return json_array_get(json_object_get(of, "elements"), i);
}

/* ---- The sign */

static void
test_the_option_that_was_chosen_is_shown(void **state)
{
	(void)state;
	fx_press(pressed("option_2", "1.5", "C0HELP001",
			 "[" SECTION "," OPTIONS "," VERDICT "]"));
	assert_string_equal(called_url(1), "https://slack.com/api/chat.update");
	json_t *body = called(1);
	assert_string_equal(fx_at(body, "channel"), "C0HELP001");
	assert_string_equal(fx_at(body, "ts"), "1764000002.000300");
	assert_string_equal(fx_at(body, "text"), "Did you mean?");
	assert_string_equal(
		fx_at(json_object_get(body, "metadata"), "event_type"),
		"tellerd_reply");
	assert_int_equal(json_array_size(json_object_get(body, "blocks")), 3);
	assert_string_equal(fx_at(block(body, 0), "type"), "section");
	assert_null(json_object_get(block(body, 0), "block_id"));
	assert_string_equal(fx_at(element(block(body, 1), 0), "action_id"),
			    "up");
	assert_string_equal(fx_at(block(body, 2), "type"), "context");
	assert_string_equal(fx_at(element(block(body, 2), 0), "text"),
			    "\xE2\x9C\x93 Stolen &lt;card&gt; \xC2\xB7 "
			    "<@U0ANN0001>");
	json_decref(body);
}

static void
test_a_thumb_is_marked_and_a_person_called_once(void **state)
{
	(void)state;
	fx_press(
		pressed("up", "1.5", "D0ANN0001", "[" SECTION "," VERDICT "]"));
	json_t *body = called(1);
	assert_string_equal(fx_at(element(block(body, 1), 0), "style"),
			    "primary");
	assert_int_equal(json_array_size(json_object_get(body, "blocks")), 2);
	json_decref(body);
	fake_fetched(fake, 1, 200, UPDATED);
	fx_press(pressed("person", "1.6", "D0ANN0001",
			 "[" SECTION "," VERDICT "]"));
	body = called(2);
	assert_int_equal(
		json_array_size(json_object_get(block(body, 1), "elements")),
		2);
	assert_string_equal(fx_at(element(block(body, 2), 0), "text"),
			    "\xE2\x9C\x93 Talk to a person");
	json_decref(body);
}

/* Each press is seen in what the one before it left, and what has not left is
 * not sent. */
static void
test_only_how_it_looks_in_the_end_is_sent(void **state)
{
	static const char blocks[] = "[" SECTION "," VERDICT "]";
	(void)state;
	fx_press(pressed("up", "1.5", "D0ANN0001", blocks));
	fx_press(pressed("person", "1.6", "D0ANN0001", blocks));
	fx_press(pressed("down", "1.7", "D0ANN0001", blocks));
	assert_int_equal(fake->n_fetches, 3); /* with the form */
	fake_fetched(fake, 1, 200, UPDATED);
	assert_int_equal(fake->n_fetches, 4);
	json_t *body = called(3);
	assert_null(json_object_get(element(block(body, 1), 0), "style"));
	assert_string_equal(fx_at(element(block(body, 1), 1), "style"),
			    "primary");
	assert_string_equal(fx_at(element(block(body, 2), 0), "text"),
			    "\xE2\x9C\x93 Talk to a person");
	json_decref(body);
	fake_fetched(fake, 3, 200, UPDATED);
	fake_advance(fake, 60 * 1000);
	assert_int_equal(fake->n_fetches, 4);
}

static void
test_nothing_is_shown_of_what_is_not_kept(void **state)
{
	static const char blocks[] = "[" SECTION "," OPTIONS "]";
	(void)state;
	fake->stored_status = TELLER_BUSY;
	assert_int_equal(
		fx_press(pressed("option_1", "1.5", "D1", blocks))->status,
		503);
	fake->stored_status = TELLER_NOT_FOUND;
	fx_press(pressed("option_1", "1.5", "D1", blocks));
	assert_int_equal(fake->n_fetches, 1);
	/* A crash may have come before the sign did. */
	fake->stored_status = TELLER_DUPLICATE;
	fx_press(pressed("option_1", "1.5", "D1", blocks));
	assert_int_equal(fake->n_fetches, 2);
	fake_fetched(fake, 1, 200, UPDATED);
	fx_press(pressed("option_1", "1.5", "D1", "[" SECTION "]"));
	assert_int_equal(fake->n_fetches, 2);
}

static void
test_a_sign_is_tried_again_but_not_for_ever(void **state)
{
	const struct teller_header after = {"Retry-After", "7"};
	const struct teller_fetched held = {.size = sizeof(held),
					    .status = 429,
					    .headers = &after,
					    .n_headers = 1};
	(void)state;
	fx_press(pressed("up", "1.5", "D1", "[" VERDICT "]"));
	fake_fetched_whole(fake, 1, &held);
	fake_advance(fake, 6900);
	assert_int_equal(fake->n_fetches, 2);
	fake_advance(fake, 700);
	for (size_t i = 2; i < 7; i++) {
		assert_int_equal(fake->n_fetches, i + 1);
		fake_fetched(fake, i, 503, "<html>");
		fake_advance(fake, 60 * 1000);
	}
	assert_int_equal(fake->n_fetches, 7);
	fx_press(pressed("up", "1.6", "D1", "[" VERDICT "]"));
	fake_fetched(fake, 7, 200,
		     "{\"ok\":false,\"error\":\"invalid_blocks\"}");
	fake_advance(fake, 60 * 1000);
	assert_int_equal(fake->n_fetches, 8);
}

/* ---- The form */

static json_t *
submitted(const char *about, const char *reason, const char *text)
{
	return json_pack("{s:s, s:{s:s, s:s}, s:{s:s}, s:{s:s, s:s, s:s,"
			 " s:{s:{s:{s:{s:{s:s*}}}, s:{s:{s:s*}}}}}}",
			 "type", "view_submission", "user", "id", "U0ANN0001",
			 "name", "ann", "team", "id", "T0ACME001", "view", "id",
			 "V0FORM001", "callback_id", "comment",
			 "private_metadata", about, "state", "values", "reason",
			 "reason", "selected_option", "value", reason,
			 "comment", "comment", "value", text);
}

#define ABOUT                                                  \
	"{\"conversation\":\"T0ACME001/U0ANN0001\",\"reply\":" \
	"\"msg_7\"}"

static void
test_a_thumb_down_asks_why(void **state)
{
	(void)state;
	fx_press(pressed("down", "1.5", "D0ANN0001", "[" VERDICT "]"));
	assert_int_equal(fake->messages[0]->message.rating, -1);
	assert_string_equal(called_url(1), "https://slack.com/api/views.open");
	json_t *body = called(1);
	const json_t *view = json_object_get(body, "view");
	assert_string_equal(fx_at(body, "trigger_id"), "13345.7384.x");
	assert_string_equal(fx_at(view, "callback_id"), "comment");
	assert_string_equal(fx_at(view, "private_metadata"), ABOUT);
	assert_string_equal(fx_at(json_object_get(view, "title"), "text"),
			    "What is wrong with it?");
	const json_t *reasons = json_object_get(
		json_object_get(block(view, 0), "element"), "options");
	assert_int_equal(json_array_size(reasons), 7);
	assert_string_equal(fx_at(json_array_get(reasons, 1), "value"),
			    "outdated");
	json_decref(body);
	/* He may take a while, and it is too late then. */
	fake_fetched(fake, 1, 200,
		     "{\"ok\":false,\"error\":\"expired_trigger_id\"}");
	assert_non_null(strstr(buf_str(&fake->log), "expired_trigger_id"));
}

static void
test_why_is_kept_with_the_thumb(void **state)
{
	(void)state;
	struct fake_answer *answer =
		fx_press(submitted(ABOUT, "outdated", "It is 5 now."));
	assert_int_equal(answer->status, 200);
	assert_int_equal(answer->body.len, 0);
	const struct teller_message *m = &fake->messages[0]->message;
	assert_int_equal(m->kind, TELLER_MESSAGE_FEEDBACK);
	assert_int_equal(m->rating, -1);
	assert_string_equal(m->account, "T0ACME001");
	assert_string_equal(m->conversation, "T0ACME001/U0ANN0001");
	assert_string_equal(m->target, "msg_7");
	assert_string_equal(m->option, "outdated");
	assert_memory_equal(m->text, "It is 5 now.", 12);
	assert_string_equal(m->external_ids[0], "view/T0ACME001/V0FORM001");
	assert_string_equal(m->author.id, "T0ACME001/U0ANN0001");
	fx_press(submitted(ABOUT, NULL, "only words"));
	assert_string_equal(fake->messages[1]->message.option, "");
	fx_press(submitted(ABOUT, "wrong", NULL));
	assert_int_equal(fake->messages[2]->message.text_len, 0);
}

/* In a channel that two firms share the form's team is his, and not where the
 * app is. */
static void
test_why_is_kept_of_somebody_of_another_firm(void **state)
{
	json_t *form = submitted(ABOUT, "wrong", "x");
	(void)state;
	fx_change(json_object_get(form, "team"), "id",
		  json_string("T0OTHER01"));
	fx_change(json_object_get(form, "user"), "team_id",
		  json_string("T0OTHER01"));
	fx_change(json_object_get(form, "view"), "app_installed_team_id",
		  json_string("T0ACME001"));
	fx_press(form);
	assert_int_equal(fake->n_messages, 1);
	const struct teller_message *m = &fake->messages[0]->message;
	assert_string_equal(m->account, "T0ACME001");
	assert_string_equal(m->author.id, "T0OTHER01/U0ANN0001");
	assert_string_equal(m->external_ids[0], "view/T0ACME001/V0FORM001");
}

static void
test_a_form_that_cannot_be_kept_stays_open(void **state)
{
	(void)state;
	fake->stored_status = TELLER_BUSY;
	struct fake_answer *answer = fx_press(submitted(ABOUT, "wrong", NULL));
	assert_int_equal(answer->status, 200);
	assert_non_null(strstr(buf_str(&answer->body),
			       "\"response_action\":\"errors\""));
}

static void
test_forms_that_say_nothing_are_let_go(void **state)
{
	static const char *const abouts[] = {
		"", "{", "[]", "{\"conversation\":\"x\"}",
		"{\"conversation\":1,\"reply\":\"msg_7\"}"};
	(void)state;
	for (size_t i = 0; i < sizeof(abouts) / sizeof(*abouts); i++)
		assert_int_equal(
			fx_press(submitted(abouts[i], "wrong", "x"))->status,
			200);
	fx_press(submitted(ABOUT, NULL, NULL));
	fx_press(submitted(ABOUT, "of_next_year", ""));
	json_t *other = submitted(ABOUT, "wrong", "x");
	fx_change(json_object_get(other, "view"), "callback_id",
		  json_string("of_another"));
	fx_press(other);
	assert_int_equal(fake->n_messages, 0);
}

static void
test_the_form_can_be_left_out(void **state)
{
	(void)state;
	fake_set(fake, "comment", "");
	assert_int_equal(fake_start(fake), 0);
	fake_fetched(fake, 0, 200, "{\"ok\":true,\"team_id\":\"T0ACME001\"}");
	fx_press(pressed("down", "1.5", "D0ANN0001", "[" VERDICT "]"));
	assert_int_equal(fake->n_fetches, 2);
	assert_string_equal(called_url(1), "https://slack.com/api/chat.update");
}

/* ---- Sources */

static void
test_an_answer_names_its_sources(void **state)
{
	const struct teller_source sources[] = {
		{"card-new", 3, "How do I order a <new> card?"},
		{"unnamed", 1, ""}};
	struct teller_job job = fx_reply("msg_7", "In the app.");
	(void)state;
	job.sources = sources;
	job.n_sources = 2;
	fake_send(fake, &job);
	json_t *body = called(1);
	const json_t *context = block(body, 1);
	assert_string_equal(fx_at(context, "type"), "context");
	assert_int_equal(json_array_size(json_object_get(context, "elements")),
			 2);
	assert_string_equal(fx_at(element(context, 0), "text"), "Source:");
	assert_string_equal(fx_at(element(context, 1), "type"), "plain_text");
	assert_string_equal(fx_at(element(context, 1), "text"),
			    "How do I order a <new> card?");
	assert_string_equal(fx_at(block(body, 2), "type"), "actions");
	json_decref(body);
}

#define STARTED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
#define NEW(test) cmocka_unit_test_setup_teardown(test, set_up_new, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STARTED(test_the_option_that_was_chosen_is_shown),
		STARTED(test_a_thumb_is_marked_and_a_person_called_once),
		STARTED(test_only_how_it_looks_in_the_end_is_sent),
		STARTED(test_nothing_is_shown_of_what_is_not_kept),
		STARTED(test_a_sign_is_tried_again_but_not_for_ever),
		STARTED(test_a_thumb_down_asks_why),
		STARTED(test_why_is_kept_with_the_thumb),
		STARTED(test_why_is_kept_of_somebody_of_another_firm),
		STARTED(test_a_form_that_cannot_be_kept_stays_open),
		STARTED(test_forms_that_say_nothing_are_let_go),
		NEW(test_the_form_can_be_left_out),
		STARTED(test_an_answer_names_its_sources),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
