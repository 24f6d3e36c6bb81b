/* The services on settings, messages and what is kept. */
#include "plugin_fixture.h"

#include "base/log.h"
#include "base/mem.h"
#include "store/conversation.h"
#include "store/message.h"
#include "store/state.h"
#include "store/turn.h"

static bool is_called;

static int
begin(void **state)
{
	is_called = false;
	return fx_begin(state);
}

static int
begin_empty(void **state)
{
	is_called = false;
	return fx_begin_empty(state);
}

static void
wait_for_call(void)
{
	fixture_run_until(&fx.base, &is_called);
	is_called = false;
}

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

/* ---- Secrets */

static void
write_secret(const char *secret)
{
	char path[FIXTURE_PATH], text[2 * FIXTURE_PATH];

	fixture_write(fixture_path(&fx.base, "token", path), secret,
		      strlen(secret), 0600);
	snprintf(text, sizeof text,
		 "plugins:\n  probe:\n    token: 'file:%s'\n", path);
	fx_read_settings(text);
	if (fx.host)
		fx.host->settings = fx.settings;
}

static void
assert_secret(const char *name, const char *expected)
{
	size_t len;
	const char *secret = fx.services->secret_get(fx.host, name, &len);

	if (!expected) {
		assert_null(secret);
		assert_int_equal(len, 0);
		return;
	}
	assert_non_null(secret);
	assert_int_equal(len, strlen(expected));
	assert_string_equal(secret, expected);
}

static void
on_kept(void *arg, bool is_kept)
{
	*(bool *)arg = is_kept;
	is_called = true;
}

static void
put_secret(const char *name, const char *secret)
{
	bool is_kept = false;

	assert_int_equal(fx.services->secret_put(fx.host, name, secret,
						 strlen(secret), on_kept,
						 &is_kept),
			 0);
	wait_for_call();
	assert_true(is_kept);
}

static void
test_a_secret_comes_from_where_the_settings_say(void **state)
{
	(void)state;
	assert_secret("token", NULL);
	write_secret("one\n");
	assert_secret("token", "one");
	write_secret("two");
	assert_secret("token", "two");
	assert_secret("title", NULL);
	assert_secret("none", NULL);
}

static void
test_a_kept_secret_outlives_the_instance(void **state)
{
	(void)state;
	assert_secret("refresh", NULL);
	put_secret("refresh", "r1");
	assert_secret("refresh", "r1");
	fx_end_instance();
	fx_begin_instance();
	assert_secret("refresh", "r1");
	put_secret("refresh", "r2");
	fx_end_instance();
	fx_begin_instance();
	assert_secret("refresh", "r2");
}

static void
test_a_rotated_secret_goes_on_from_the_first(void **state)
{
	(void)state;
	write_secret("first");
	put_secret("token", "rotated");
	assert_secret("token", "rotated");
	fx_end_instance();
	fx_begin_instance();
	assert_secret("token", "rotated");
	/* The operator puts a new one there. */
	write_secret("second");
	assert_secret("token", "second");
	put_secret("token", "rotated again");
	assert_secret("token", "rotated again");
}

struct raw {
	char *value;
	size_t len;
};

static struct raw
read_raw(const char *key)
{
	struct err err = {0};
	struct arena arena = {0};
	struct raw raw = {0};
	struct store_reader *reader = store_read_begin(fx.base.store, &err);
	const struct plugin_state *found = store_get_state(
		reader, &arena, "probe", key, time_now_us(), &err);

	if (found) {
		raw.len = found->value_len;
		raw.value = malloc(raw.len);
		memcpy(raw.value, found->value, raw.len);
	}
	store_read_end(reader);
	arena_release(&arena);
	return raw;
}

static void
write_raw(const char *key, const void *value, size_t len)
{
	struct plugin_state state = {
		.key = key, .value = value, .value_len = len};
	struct store_put_state put = {.write.verb = &store_verb_put_state,
				      .plugin = "probe",
				      .states = &state,
				      .n_states = 1};

	assert_int_equal(store_call(fx.base.store, &put.write), STORE_OK);
}

static void
test_a_kept_secret_is_sealed_and_bound_to_its_name(void **state)
{
	(void)state;
	put_secret("refresh", "plainly-visible");
	struct raw raw = read_raw("secret/refresh");
	assert_non_null(raw.value);
	assert_null(memmem(raw.value, raw.len, "plainly", 7));
	write_raw("secret/other", raw.value, raw.len);
	raw.value[raw.len / 2] ^= 1;
	write_raw("secret/refresh", raw.value, raw.len);
	free(raw.value);
	write_raw("secret/short", "x", 1);
	fx_end_instance();
	fx_begin_instance();
	assert_secret("refresh", NULL);
	assert_secret("other", NULL);
	assert_secret("short", NULL);
}

static void
test_a_lent_secret_may_be_put(void **state)
{
	size_t len;
	bool is_kept = false;

	(void)state;
	write_secret("one");
	const char *lent = fx.services->secret_get(fx.host, "token", &len);
	assert_int_equal(fx.services->secret_put(fx.host, "copy", lent, len,
						 on_kept, &is_kept),
			 0);
	wait_for_call();
	assert_secret("copy", "one");
}

static void
test_secrets_have_limits(void **state)
{
	static char big[TELLER_VALUE_MAX];
	char name[TELLER_KEY_MAX + 1];

	(void)state;
	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	assert_int_equal(
		fx.services->secret_put(fx.host, name, "x", 1, NULL, NULL), -1);
	assert_int_equal(fx.services->secret_put(fx.host, "big", big,
						 sizeof big, NULL, NULL),
			 -1);
	assert_int_equal(
		fx.services->secret_put(fx.host, "", "x", 1, NULL, NULL), -1);
	memset(big, 'b', sizeof big - 1);
	big[TELLER_VALUE_MAX - 60] = '\0';
	put_secret("big", big);
	assert_secret("big", big);
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

/* ---- States */

static void
on_state(void *arg, const struct teller_state *found)
{
	(void)arg;
	if (found)
		tell_story("%s=%.*s", found->key, (int)found->value_len,
			   (const char *)found->value);
	else
		tell_story("end");
	is_called = !found;
}

static void
on_one_state(void *arg, const struct teller_state *found)
{
	on_state(arg, found);
	is_called = true;
}

static void
put_state(const char *key, const char *value)
{
	struct teller_state one = {.key = key,
				   .value = value,
				   .value_len = value ? strlen(value) : 0};
	bool is_kept = false;

	assert_int_equal(
		fx.services->state_put(fx.host, &one, 1, on_kept, &is_kept), 0);
	wait_for_call();
	assert_true(is_kept);
}

static void
test_states_are_kept_and_found(void **state)
{
	(void)state;
	put_state("uid", "7");
	fx.services->state_get(fx.host, "uid", on_one_state, NULL);
	assert_story("");
	wait_for_call();
	assert_story("uid=7\n");
	put_state("uid", NULL);
	fx.services->state_get(fx.host, "uid", on_one_state, NULL);
	wait_for_call();
	assert_story("end\n");
	assert_int_equal(
		fx.services->state_get(fx.host, "secret/x", on_state, NULL),
		-1);
	assert_int_equal(fx.services->state_get(fx.host, NULL, on_state, NULL),
			 -1);
}

static void
test_states_are_listed_in_order_without_secrets(void **state)
{
	(void)state;
	put_secret("s", "x");
	put_state("b/2", "two");
	put_state("b/1", "one");
	put_state("c", "three");
	fx.services->state_list(fx.host, "b/", on_state, NULL);
	wait_for_call();
	assert_story("b/1=one\nb/2=two\nend\n");
	fx.services->state_list(fx.host, "", on_state, NULL);
	wait_for_call();
	assert_story("b/1=one\nb/2=two\nc=three\nend\n");
	fx.services->state_list(fx.host, "none", on_state, NULL);
	wait_for_call();
	assert_story("end\n");
}

static int n_found;

static void
count_states(void *arg, const struct teller_state *found)
{
	(void)arg;
	if (found)
		n_found++;
	else
		is_called = true;
}

static void
test_many_states_are_listed_once_each(void **state)
{
	char key[16];

	(void)state;
	n_found = 0;
	for (int i = 0; i < 300; i++) {
		snprintf(key, sizeof key, "k%03d", i);
		write_raw(key, "v", 1);
	}
	fx.services->state_list(fx.host, "k", count_states, NULL);
	wait_for_call();
	assert_int_equal(n_found, 300);
}

static int n_answers;

static void
count_kept(void *arg, bool is_kept)
{
	(void)arg;
	n_answers += is_kept;
}

static void
count_state(void *arg, const struct teller_state *found)
{
	(void)arg, (void)found;
	n_answers++;
}

static void
count_history(void *arg, const struct teller_history *history)
{
	(void)arg, (void)history;
	n_answers++;
}

static void
ask_much(void)
{
	struct teller_state one = {.key = "k", .value = "v", .value_len = 1};

	for (int i = 0; i < 20; i++) {
		fx.services->state_put(fx.host, &one, 1, count_kept, NULL);
		fx.services->state_get(fx.host, "k", count_state, NULL);
		fx.services->history(fx.host, "", "c", "", 10, count_history,
				     NULL);
		fx.services->secret_put(fx.host, "s", "v", 1, count_kept, NULL);
	}
}

static void
expect_answers(void)
{
	assert_int_equal(n_answers, 80);
	tell_story("closed");
}

static void
test_what_is_asked_while_stopping_is_answered_before_the_end(void **state)
{
	(void)state;
	n_answers = 0;
	fx.frame.config.stop_ms = 60000;
	fx.on_stop = ask_much;
	fx.on_close = expect_answers;
	fx_end_instance();
	assert_story("closed\n");
}

static int
ask_much_and_fail(void)
{
	ask_much();
	return -1;
}

/* It is closed, and gone, while the store still works for it. */
static void
test_answers_may_outlive_the_instance(void **state)
{
	(void)state;
	fx.frame.config.stop_ms = 1;
	fx.on_start = ask_much_and_fail;
	for (int i = 0; i < 10; i++) {
		fx_end_instance();
		fx_begin_instance();
	}
}

/* ---- Conversations */

static char opened[CONVERSATION_ID_SIZE];

static void
on_opened(void *arg, const struct teller_stored *stored)
{
	(void)arg;
	tell_story("opened %d", (int)stored->status);
	snprintf(opened, sizeof opened, "%s", stored->conversation);
	is_called = true;
}

static void
open_conversation(const char *key)
{
	assert_int_equal(fx.services->open_conversation(fx.host, "", key, "en",
							on_opened, NULL),
			 0);
	wait_for_call();
}

static void
test_a_conversation_is_opened_once(void **state)
{
	char first[CONVERSATION_ID_SIZE];

	(void)state;
	open_conversation("c1");
	assert_story("opened 0\n");
	memcpy(first, opened, sizeof first);
	assert_int_equal(strncmp(first, "cnv_", 4), 0);
	open_conversation("c1");
	assert_story("opened 1\n");
	assert_string_equal(opened, first);
	assert_int_equal(fx.services->open_conversation(fx.host, "", "", "",
							on_opened, NULL),
			 -1);
	assert_int_equal(fx.services->open_conversation(fx.host, "", "\xff", "",
							on_opened, NULL),
			 -1);
}

static void
on_history(void *arg, const struct teller_history *history)
{
	(void)arg;
	is_called = true;
	if (!history->found) {
		tell_story("not found");
		return;
	}
	tell_story("%s, %zu entries%s", history->state, history->n_entries,
		   history->more ? ", more" : "");
	for (size_t i = 0; i < history->n_entries; i++) {
		const struct teller_entry *e = &history->entries[i];
		tell_story("%s %s %s '%s' %zu %zu %zu", e->id, e->author,
			   *e->kind ? e->kind : "-", e->text, e->n_options,
			   e->n_sources, e->n_in_reply_to);
		for (size_t k = 0; k < e->n_options; k++)
			tell_story(" option %s %s", e->options[k].id,
				   e->options[k].label);
		for (size_t k = 0; k < e->n_sources; k++)
			tell_story(" source %s@%d %s", e->sources[k].id,
				   e->sources[k].version, e->sources[k].title);
		for (size_t k = 0; k < e->n_in_reply_to; k++)
			tell_story(" to %s", e->in_reply_to[k]);
	}
}

static void
read_history(const char *key, const char *after, size_t limit)
{
	assert_int_equal(fx.services->history(fx.host, "", key, after, limit,
					      on_history, NULL),
			 0);
	wait_for_call();
}

/* A question of a customer on `channel`, and the answer. */
static int64_t
tell_and_answer(const char *channel, const char *key)
{
	struct store_add_message add = {
		.write.verb = &store_verb_add_message,
		.channel = channel,
		.account = "",
		.key = key,
		.language = "en",
		.message = {.kind = "text",
			    .author_id = "",
			    .author_name = "",
			    .text = "How much?",
			    .option = "",
			    .target = "",
			    .redacted = "",
			    .attachments = "[]",
			    .received_at_us = 1},
		.is_queued = true,
	};
	assert_int_equal(store_call(fx.base.store, &add.write), STORE_OK);
	struct reply reply = {
		.target = channel,
		.job = "reply",
		.kind = "answer",
		.author = "",
		.text = "Five.",
		.options_json = "[{\"id\":\"o1\",\"label\":\"More\"}]",
		.sources_json = "[{\"id\":\"fees\",\"version\":3,"
				"\"title\":\"Fees\"}]",
	};
	struct store_finish_turn finish = {
		.write.verb = &store_verb_finish_turn,
		.conversation_id = add.message.conversation_id,
		.messages = &add.message.id,
		.n_messages = 1,
		.newest_seen = add.message.id,
		.before = STATE_BOT,
		.after = {.state = STATE_BOT, .memory = "", .owner = ""},
		.replies = &reply,
		.n_replies = 1,
		.kind = "answer",
		.rule = "",
		.entry = "fees@3",
		.record = "{}",
		.now_us = 2,
	};
	if (store_call(fx.base.store, &finish.write) != STORE_OK)
		fail_msg("%s", finish.write.err.text);
	snprintf(opened, sizeof opened, "%s", add.public_id);
	return add.message.id;
}

static void
test_a_history_is_read_back(void **state)
{
	(void)state;
	read_history("c1", "", 10);
	assert_story("not found\n");
	tell_and_answer("probe", "c1");
	read_history("c1", NULL, 10);
	assert_story("bot, 2 entries\n"
		     "msg_1 customer text 'How much?' 0 0 0\n"
		     "msg_2 bot answer 'Five.' 1 1 1\n"
		     " option o1 More\n"
		     " source fees@3 Fees\n"
		     " to msg_1\n");
	read_history(opened, "msg_1", 10);
	assert_non_null(strstr(fx.story.text, "bot, 1 entries\nmsg_2"));
	fx.story.text[0] = '\0';
	read_history("c1", "", 1);
	assert_non_null(strstr(fx.story.text, "bot, 1 entries, more\nmsg_1"));
}

static void
test_histories_of_others_are_for_desks_alone(void **state)
{
	(void)state;
	tell_and_answer("other", "c1");
	read_history("c1", "", 10);
	read_history(opened, "", 10);
	assert_story("not found\nnot found\n");
	fx_plugin.capabilities = TELLER_CAN_DESK;
	read_history(opened, "", 10);
	assert_non_null(strstr(fx.story.text, "bot, 2 entries"));
}

static void
test_senseless_questions_for_a_history_are_refused(void **state)
{
	static const struct {
		const char *key, *after;
		size_t limit;
	} cases[] = {
		{NULL, "", 1},	{"", "", 1},  {"\xff", "", 1}, {"c", "msg_", 1},
		{"c", "17", 1}, {"c", "", 0}, {"c", "", 201},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(fx.services->history(fx.host, "", cases[i].key,
						      cases[i].after,
						      cases[i].limit,
						      on_history, NULL),
				 -1);
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
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, fx_end)
#define BEFORE(name) cmocka_unit_test_setup_teardown(name, begin_empty, fx_end)
	const struct CMUnitTest tests[] = {
		BEFORE(test_settings_are_read_by_path_and_type),
		TEST(test_settings_that_are_not_there_end_nothing),
		BEFORE(test_texts_outlive_the_settings_they_came_from),
		TEST(test_a_secret_comes_from_where_the_settings_say),
		TEST(test_a_kept_secret_outlives_the_instance),
		TEST(test_a_rotated_secret_goes_on_from_the_first),
		TEST(test_a_kept_secret_is_sealed_and_bound_to_its_name),
		TEST(test_a_lent_secret_may_be_put),
		TEST(test_secrets_have_limits),
		TEST(test_a_message_is_passed_on_and_its_fate_told),
		TEST(test_what_was_stored_after_the_end_is_told_to_nobody),
		TEST(test_names_are_mended_and_cut),
		TEST(test_messages_beyond_the_limits_are_refused),
		TEST(test_acts_of_agents_are_taken_from_desks),
		TEST(test_states_beyond_the_limits_are_refused),
		TEST(test_bounces_need_no_conversation),
		TEST(test_answers_are_passed_on),
		TEST(test_states_are_kept_and_found),
		TEST(test_states_are_listed_in_order_without_secrets),
		TEST(test_many_states_are_listed_once_each),
		TEST(test_what_is_asked_while_stopping_is_answered_before_the_end),
		TEST(test_answers_may_outlive_the_instance),
		TEST(test_a_conversation_is_opened_once),
		TEST(test_a_history_is_read_back),
		TEST(test_histories_of_others_are_for_desks_alone),
		TEST(test_senseless_questions_for_a_history_are_refused),
		TEST(test_the_table_is_whole),
	};

	log_open(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
