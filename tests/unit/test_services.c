/* The services on settings and messages, and on what the desk says of itself.
 */
#include "services_fixture.h"

static int
begin_empty(void **state)
{
	is_called = false;
	return fx_begin_empty(state);
}

#define BEFORE(name) cmocka_unit_test_setup_teardown(name, begin_empty, fx_end)

/* ---- Settings */

static const char settings_text_1[] = "plugins:\n"
				      "  probe:\n"
				      "    burst: 2 s\n"
				      "    title: hello\n"
				      "    ratio: 0.25\n"
				      "    loud: false\n"
				      "    words: [a, b]\n"
				      "    accounts:\n"
				      "      acme: {port: 26}\n"
				      "      other: {}\n";

static void
test_settings_are_read_by_path_and_type(void **state)
{
	const struct teller_services *s;

	(void)state;
	fx_read_settings(settings_text_1);
	fx_begin_instance();
	s = fx.services;
	assert_int_equal(s->option_int(fx.host, "burst"), 2000);
	assert_string_equal(s->option_text(fx.host, "title"), "hello");
	assert_true(s->option_real(fx.host, "ratio") == 0.25);
	assert_false(s->option_bool(fx.host, "loud"));
	assert_int_equal(s->option_count(fx.host, "words"), 2);
	assert_string_equal(s->option_item(fx.host, "words", 1), "b");
	assert_null(s->option_item(fx.host, "words", 2));
	assert_int_equal(s->option_count(fx.host, "accounts"), 2);
	assert_string_equal(s->option_item(fx.host, "accounts", 0), "acme");
	assert_int_equal(s->option_int(fx.host, "accounts.acme.port"), 26);
	assert_int_equal(s->option_int(fx.host, "accounts.other.port"), 25);
}

static void
test_settings_that_are_not_there_end_nothing(void **state)
{
	const struct teller_services *s = fx.services;
	char path[2000];

	(void)state;
	memset(path, 'x', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	assert_int_equal(s->option_int(fx.host, "none"), 0);
	assert_int_equal(s->option_int(fx.host, "title"), 0);
	assert_int_equal(s->option_int(fx.host, NULL), 0);
	assert_int_equal(s->option_int(fx.host, path), 0);
	assert_int_equal(s->option_int(fx.host, "accounts.none.port"), 0);
	assert_true(s->option_real(fx.host, "title") == 0);
	assert_false(s->option_bool(fx.host, "title"));
	assert_null(s->option_text(fx.host, "burst"));
	assert_null(s->option_text(fx.host, "token"));
	assert_int_equal(s->option_count(fx.host, "title"), 0);
	assert_null(s->option_item(fx.host, "title", 0));
	assert_null(s->option_text(fx.host, ""));
	assert_null(s->option_text(fx.host, "../desk.name"));
}

static void
test_texts_outlive_the_settings_they_came_from(void **state)
{
	const char *title;

	(void)state;
	fx_read_settings(settings_text_1);
	fx_begin_instance();
	title = fx.services->option_text(fx.host, "title");
	fx_read_settings(settings_text_1);
	fx.host->settings = fx.settings;
	assert_string_equal(title, "hello");
	assert_ptr_equal(fx.services->option_text(fx.host, "title"), title);
}

/* ---- Messages */

static struct teller_message
make_message(void)
{
	return (struct teller_message){
		.size = sizeof(struct teller_message),
		.conversation = "c1",
		.text = "hello",
		.text_len = 5,
		.burst_ms = -1,
	};
}

static int
receive(const struct teller_message *message)
{
	return fx.services->receive(fx.host, message, NULL, 0, NULL, NULL);
}

static void
on_stored(void *arg, const struct teller_stored *stored)
{
	(void)arg;
	tell_story("stored %d %s", (int)stored->status, stored->message);
	is_called = true;
}

static void
store_received(void)
{
	struct teller_stored stored = {.size = sizeof stored,
				       .status = TELLER_STORED,
				       .words = "",
				       .conversation = "cnv_x",
				       .message = "msg_7"};

	fx.on_stored(fx.stored_arg, &stored);
}

static void
test_a_message_is_passed_on_and_its_fate_told(void **state)
{
	struct teller_message message = make_message();
	struct teller_state states[] = {
		{.key = "uid", .value = "7", .value_len = 1},
		{.key = "old", .value = NULL},
	};

	(void)state;
	message.author.name = "Ann";
	assert_int_equal(fx.services->receive(fx.host, &message, states, 2,
					      on_stored, NULL),
			 0);
	assert_story("probe receives 'hello' by Ann, burst 600, 2 states\n");
	store_received();
	assert_story("stored 0 msg_7\n");
	message.burst_ms = 0;
	message.author.name = NULL;
	assert_int_equal(receive(&message), 0);
	assert_story("probe receives 'hello' by ?, burst 0, 0 states\n");
	store_received();
}

/* The end does not wait for ever. */
static void
test_what_was_stored_after_the_end_is_told_to_nobody(void **state)
{
	struct teller_message message = make_message();

	(void)state;
	fx.services->receive(fx.host, &message, NULL, 0, on_stored, NULL);
	fx_end_instance();
	fx.story.text[0] = '\0';
	store_received();
	assert_story("");
}

static void
test_names_are_mended_and_cut(void **state)
{
	struct teller_message message = make_message();
	char name[600] = "\xff";

	(void)state;
	message.author.name = name;
	assert_int_equal(receive(&message), 0);
	assert_story("probe receives 'hello' by \xef\xbf\xbd, burst 600, "
		     "0 states\n");
	store_received();
	memset(name, 'n', sizeof name - 1);
	assert_int_equal(receive(&message), 0);
	assert_non_null(strstr(fx.story.text, "nnn, burst"));
	assert_true(strlen(fx.story.text) < 300);
	store_received();
}

#define REFUSED(member, value)                                 \
	do {                                                   \
		struct teller_message m_ = make_message();     \
		m_.member = (value);                           \
		if (receive(&m_) == 0)                         \
			fail_msg(#member " is not looked at"); \
	} while (0)

static void
test_messages_beyond_the_limits_are_refused(void **state)
{
	static char big[TELLER_TEXT_MAX + 2];
	struct teller_attachment attachment = {.name = "a"};

	(void)state;
	memset(big, 'x', sizeof big - 1);
	REFUSED(size, offsetof(struct teller_message, earlier) - 1);
	REFUSED(kind, (enum teller_message_kind)99);
	REFUSED(kind, (enum teller_message_kind) - 1);
	REFUSED(conversation, NULL);
	REFUSED(conversation, "");
	REFUSED(conversation, big);
	REFUSED(conversation, "\xff");
	REFUSED(account, big);
	REFUSED(external_ids[3], big);
	REFUSED(author.id, big);
	REFUSED(author.trust, (enum teller_trust)9);
	REFUSED(text_len, TELLER_TEXT_MAX + 1);
	REFUSED(text, NULL);
	REFUSED(option, big);
	REFUSED(target, big);
	REFUSED(language, big);
	REFUSED(route_len, 1);
	REFUSED(burst_ms, -2);
	REFUSED(burst_ms, INT64_MAX);
	REFUSED(earlier_len, 1);
	REFUSED(earlier_len, TELLER_TEXT_MAX + 1);
	REFUSED(request, big);
	REFUSED(request, "\xff");
	REFUSED(private_conversation, big);
	REFUSED(private_conversation, "\xff");
	REFUSED(private_conversation, "");
	REFUSED(private_conversation, "cnv_other");
	REFUSED(private_conversation, make_message().conversation);
	REFUSED(n_attachments, 1);
	REFUSED(kind, TELLER_MESSAGE_FEEDBACK);
	REFUSED(kind, TELLER_MESSAGE_CLAIM);
	REFUSED(kind, TELLER_MESSAGE_CLOSE);
	struct teller_message message = make_message();
	message.kind = TELLER_MESSAGE_FEEDBACK;
	message.rating = 1;
	message.option = "because";
	assert_int_equal(receive(&message), -1);
	message = make_message();
	message.attachments = &attachment;
	message.n_attachments = TELLER_ATTACHMENTS_MAX + 1;
	assert_int_equal(receive(&message), -1);
	message = make_message();
	message.route = big;
	message.route_len = TELLER_ROUTE_MAX + 1;
	assert_int_equal(receive(&message), -1);
	assert_story("");
}

static void
test_acts_of_agents_are_taken_from_desks(void **state)
{
	struct teller_message message = make_message();

	(void)state;
	message.author = (struct teller_author){
		.id = "ann", .name = "Ann", .trust = TELLER_TRUST_AGENT};
	fx_plugin.capabilities = TELLER_CAN_DESK;
	for (int kind = TELLER_MESSAGE_CLAIM; kind <= TELLER_MESSAGE_CLOSE;
	     kind++) {
		message.kind = (enum teller_message_kind)kind;
		assert_int_equal(receive(&message), 0);
		store_received();
	}
}

/* A plugin may be a desk by its settings. */
static void
test_who_is_no_desk_by_his_settings_brings_no_acts(void **state)
{
	struct teller_message message = make_message();

	(void)state;
	message.kind = TELLER_MESSAGE_CLAIM;
	message.author = (struct teller_author){.id = "ann",
						.trust = TELLER_TRUST_AGENT};
	fx_plugin.capabilities = TELLER_CAN_DESK;
	fx_plugin.desk_option = "accounts";
	assert_int_equal(receive(&message), -1);
	fx_read_settings("plugins:\n  probe:\n    accounts: {a: {}}\n");
	fx.host->settings = fx.settings;
	assert_int_equal(receive(&message), 0);
	store_received();
}

static void
test_states_beyond_the_limits_are_refused(void **state)
{
	static char big[TELLER_VALUE_MAX + 1];
	struct teller_message message = make_message();
	struct teller_state states[] = {
		{.key = "", .value = "", .value_len = 0},
		{.key = NULL},
		{.key = "secret/token", .value = "x", .value_len = 1},
		{.key = "\xff", .value = "x", .value_len = 1},
		{.key = "k", .value = big, .value_len = sizeof big},
	};

	(void)state;
	for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
		assert_int_equal(fx.services->receive(fx.host, &message,
						      &states[i], 1, NULL,
						      NULL),
				 -1);
		assert_int_equal(fx.services->state_put(fx.host, &states[i], 1,
							NULL, NULL),
				 -1);
	}
	assert_int_equal(fx.services->receive(fx.host, &message, states,
					      TELLER_STATES_MAX + 1, NULL,
					      NULL),
			 -1);
	assert_story("");
}

static void
test_bounces_need_no_conversation(void **state)
{
	struct teller_message message = make_message();

	(void)state;
	message.kind = TELLER_MESSAGE_DELIVERY_FAILED;
	message.conversation = NULL;
	message.target = "<id@example.com>";
	assert_int_equal(receive(&message), 0);
	store_received();
}

/* ---- Answers to jobs */

static void
test_answers_are_passed_on(void **state)
{
	static char big[TELLER_VALUE_MAX + 1];

	(void)state;
	fx.services->progress(fx.host, "msg_1", "half", 4);
	assert_story("probe: msg_1 progress 'half'\n");
	fx.services->sent(fx.host, "msg_1", "1700.1");
	assert_story("probe: msg_1 sent as '1700.1'\n");
	fx.services->failed(fx.host, "msg_2", TELLER_REJECTED, 0, "too long");
	assert_story("probe: msg_2 failed 2 'too long'\n");
	/* What cannot be kept is left out; the answer counts. */
	memset(big, 'x', sizeof big - 1);
	fx.services->sent(fx.host, "msg_1", big);
	assert_story("probe: msg_1 sent as ''\n");
	fx.services->failed(fx.host, "msg_2", (enum teller_failure)9, 0, NULL);
	assert_story("probe: msg_2 failed 3 ''\n");
	fx.services->progress(fx.host, "msg_1", big, sizeof big);
	fx.services->sent(fx.host, "", "x");
	fx.services->sent(fx.host, NULL, "x");
	assert_story("");
}

/* ---- What the pack says */

static void
tell_text(void *arg, const char *text)
{
	tell_story("%s %s", (const char *)arg, text);
}

static void
offer(void *arg, teller_text_fn *each, void *each_arg)
{
	(void)arg;
	each(each_arg, "How much?");
	each(each_arg, "How soon?");
}

static void
test_what_the_pack_offers_is_told_at_once(void **state)
{
	(void)state;
	fx.frame.events.starters = offer;
	fx.services->starters(fx.host, tell_text, "offers");
	assert_story("offers How much?\noffers How soon?\n");
}

static void
show_front(void *arg, teller_front_fn *fn, void *fn_arg)
{
	(void)arg;
	fn(fn_arg, &(struct teller_front){.size = sizeof(struct teller_front),
					  .firm = "Alder"});
}

static void
tell_front(void *arg, const struct teller_front *front)
{
	tell_story("%s %s", (const char *)arg, front->firm);
}

static void
test_what_the_pack_says_first_is_told_at_once(void **state)
{
	(void)state;
	fx.frame.events.front = show_front;
	fx.services->front(fx.host, tell_front, "this is");
	assert_story("this is Alder\n");
}

static void
test_the_table_is_whole(void **state)
{
	const char *at = (const char *)fx.services;

	(void)state;
	assert_int_equal(fx.services->size, sizeof *fx.services);
	for (size_t i = sizeof(size_t); i < sizeof *fx.services;
	     i += sizeof(void *))
		if (!*(void *const *)(const void *)(at + i))
			fail_msg("the service at byte %zu is missing", i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BEFORE(test_settings_are_read_by_path_and_type),
		TEST(test_settings_that_are_not_there_end_nothing),
		BEFORE(test_texts_outlive_the_settings_they_came_from),
		TEST(test_a_message_is_passed_on_and_its_fate_told),
		TEST(test_what_was_stored_after_the_end_is_told_to_nobody),
		TEST(test_names_are_mended_and_cut),
		TEST(test_messages_beyond_the_limits_are_refused),
		TEST(test_acts_of_agents_are_taken_from_desks),
		TEST(test_who_is_no_desk_by_his_settings_brings_no_acts),
		TEST(test_states_beyond_the_limits_are_refused),
		TEST(test_bounces_need_no_conversation),
		TEST(test_answers_are_passed_on),
		TEST(test_what_the_pack_offers_is_told_at_once),
		TEST(test_what_the_pack_says_first_is_told_at_once),
		TEST(test_the_table_is_whole),
	};

	log_open(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
