#include "store_fixture.h"

static void
test_ids_are_texts_and_back(void **state)
{
	char text[MESSAGE_ID_SIZE];

	(void)state;
	assert_string_equal(message_id_format(17, text), "msg_17");
	assert_int_equal(message_id_parse("msg_17"), 17);
	assert_string_equal(message_id_format(INT64_MAX, text),
			    "msg_9223372036854775807");
	static const char *const wrong[] = {
		"",
		"msg_",
		"17",
		"msg_0",
		"msg_017",
		"msg_x",
		"msg_17 ",
		"cnv_17",
		"msg_-1",
		"MSG_17",
		"msg_+",
		"msg_1e3",
		"msg_99999999999999999999",
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_equal(message_id_parse(wrong[i]), 0);
}

static void
test_states_have_names(void **state)
{
	enum conversation_state found = STATE_BOT;

	(void)state;
	for (int i = STATE_BOT; i <= STATE_CLOSED; i++) {
		const char *name = conversation_state_name(i);
		assert_true(conversation_state_by_name(name, &found));
		assert_int_equal(found, i);
	}
	assert_false(conversation_state_by_name("gone", &found));
}

static void
test_conversation_is_made_once(void **state)
{
	struct fixture *f = *state;
	struct store_open_conversation first = {
		.write.verb = &store_verb_open_conversation,
		.channel = "web",
		.account = "main",
		.key = "tab 1",
		.language = "de",
		.now_us = NOW_US,
	};
	struct store_open_conversation again = first, other = first;

	assert_int_equal(store_call(f->store, &first.write), STORE_OK);
	assert_int_equal(store_call(f->store, &again.write), STORE_DUPLICATE);
	assert_int_equal(again.id, first.id);
	assert_string_equal(again.public_id, first.public_id);
	assert_true(again.is_same);
	again.identity = "{\"id\":\"k\"}";
	assert_int_equal(store_call(f->store, &again.write), STORE_DUPLICATE);
	assert_false(again.is_same);
	again.identity = NULL;
	again.language = "";
	assert_int_equal(store_call(f->store, &again.write), STORE_DUPLICATE);
	assert_int_equal(again.id, first.id);
	assert_false(again.is_same);
	assert_int_equal(strlen(first.public_id), CONVERSATION_ID_SIZE - 1);
	assert_memory_equal(first.public_id, "cnv_", 4);
	other.account = "other";
	assert_int_equal(store_call(f->store, &other.write), STORE_OK);
	assert_true(other.id != first.id);
	assert_string_not_equal(other.public_id, first.public_id);

	struct store_reader *reader = store_read_begin(f->store, &f->err);
	const struct conversation *c;
	assert_int_equal(store_get_conversation(reader, &f->arena,
						first.public_id, &c, &f->err),
			 1);
	assert_string_equal(c->key, "tab 1");
	assert_string_equal(c->language, "de");
	assert_string_equal(c->memory, "");
	assert_int_equal(c->state, STATE_BOT);
	assert_int_equal(c->created_at_us, NOW_US);
	assert_null(c->route);
	assert_int_equal(store_find_conversation(reader, &f->arena, "web",
						 "main", "tab 1", &c, &f->err),
			 1);
	assert_int_equal(c->id, first.id);
	assert_int_equal(store_find_conversation(reader, &f->arena, "web", "",
						 first.public_id, &c, &f->err),
			 1);
	assert_int_equal(c->id, first.id);
	assert_int_equal(store_find_conversation(reader, &f->arena, "slack", "",
						 first.public_id, &c, &f->err),
			 0);
	assert_null(c);
	assert_int_equal(
		store_conversation_by_id(reader, &f->arena, 99, &c, &f->err),
		0);
	assert_null(c);
	assert_string_equal(f->err.text, "");
	store_read_end(reader);
}

static void
test_public_id_as_key_must_be_the_channels(void **state)
{
	struct fixture *f = *state;
	struct store_add_message add = message_from("tab 1", NULL, "hello");

	assert_int_equal(store_call(f->store, &add.write), STORE_OK);
	struct store_add_message by_id =
		message_from(add.public_id, NULL, "again");
	assert_int_equal(store_call(f->store, &by_id.write), STORE_OK);
	assert_int_equal(by_id.message.conversation_id,
			 add.message.conversation_id);
	struct store_add_message foreign =
		message_from(add.public_id, NULL, "x");
	foreign.channel = "slack";
	assert_int_equal(store_call(f->store, &foreign.write), STORE_NOT_FOUND);
	struct store_add_message invented =
		message_from("cnv_AAAAAAAAAAAAAAAAAAAAAA", NULL, "x");
	assert_int_equal(store_call(f->store, &invented.write),
			 STORE_NOT_FOUND);
	struct store_add_message nameless = message_from("", NULL, "x");
	assert_int_equal(store_call(f->store, &nameless.write), STORE_INVALID);
	assert_int_equal(count_of(f, "SELECT count(*) FROM conversation"), 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM message"), 2);
}

static void
test_desk_names_conversations_of_any_channel(void **state)
{
	struct fixture *f = *state;
	struct store_add_message add = message_from("tab 1", NULL, "hello");

	add.route = "web's";
	add.route_len = 5;
	assert_int_equal(store_call(f->store, &add.write), STORE_OK);
	struct store_add_message claim =
		message_from(add.public_id, "e1", "claimed");
	claim.channel = "desk";
	claim.is_desk = true;
	claim.route = "desk's";
	claim.route_len = 6;
	assert_int_equal(store_call(f->store, &claim.write), STORE_OK);
	assert_int_equal(claim.message.conversation_id,
			 add.message.conversation_id);
	claim = message_from("tab 1", NULL, "no public id");
	claim.is_desk = true;
	assert_int_equal(store_call(f->store, &claim.write), STORE_NOT_FOUND);

	struct store_reader *reader = store_read_begin(f->store, &f->err);
	const struct conversation *c;
	assert_int_equal(store_conversation_by_id(reader, &f->arena,
						  add.message.conversation_id,
						  &c, &f->err),
			 1);
	assert_int_equal(c->route_len, 5);
	assert_memory_equal(c->route, "web's", 5);
	store_read_end(reader);
}

static void
test_message_is_kept_whole(void **state)
{
	struct fixture *f = *state;
	const struct message *list;
	struct store_add_message add =
		message_from("tab 1", "e1", "my card [card ok 1111] is lost");

	add.message.kind = "option";
	add.message.author_id = "u1";
	add.message.author_name = "Zo\xc3\xab";
	add.message.trust = 2;
	add.message.option = "o1";
	add.message.target = "msg_3";
	add.message.rating = -1;
	add.message.redacted = "card";
	add.message.attachments = "[]";
	add.message.sent_at_us = NOW_US - 5;
	assert_int_equal(store_call(f->store, &add.write), STORE_OK);

	struct store_reader *reader = store_read_begin(f->store, &f->err);
	assert_int_equal(store_queued_messages(reader, &f->arena,
					       add.message.conversation_id, 9,
					       &list, &f->err),
			 1);
	assert_int_equal(list->id, add.message.id);
	assert_string_equal(list->kind, "option");
	assert_string_equal(list->author_id, "u1");
	assert_string_equal(list->author_name, "Zo\xc3\xab");
	assert_int_equal(list->trust, 2);
	assert_string_equal(list->text, "my card [card ok 1111] is lost");
	assert_string_equal(list->option, "o1");
	assert_string_equal(list->target, "msg_3");
	assert_int_equal(list->rating, -1);
	assert_string_equal(list->redacted, "card");
	assert_string_equal(list->attachments, "[]");
	assert_int_equal(list->sent_at_us, NOW_US - 5);
	assert_int_equal(list->received_at_us, NOW_US);
	assert_int_equal(list->crashes, 0);
	store_read_end(reader);
}

static void
test_any_known_id_makes_a_duplicate(void **state)
{
	struct fixture *f = *state;
	struct plugin_state mark = {"uid", "7", 1, 0};
	struct store_add_message first = message_from("tab 1", "e1", "hello");

	first.external_ids[1] = "e2";
	first.external_ids[2] = "e1";
	memset(first.fingerprint, 1, sizeof first.fingerprint);
	assert_int_equal(store_call(f->store, &first.write), STORE_OK);

	struct store_add_message same = message_from("tab 2", "e9", "hello");
	same.external_ids[3] = "e2";
	memset(same.fingerprint, 1, sizeof same.fingerprint);
	same.states = &mark;
	same.n_states = 1;
	assert_int_equal(store_call(f->store, &same.write), STORE_DUPLICATE);
	assert_int_equal(same.message.id, first.message.id);
	assert_int_equal(same.message.conversation_id,
			 first.message.conversation_id);
	assert_string_equal(same.public_id, first.public_id);
	assert_true(same.is_same);

	struct store_add_message changed = message_from("tab 1", "e1", "bye");
	memset(changed.fingerprint, 2, sizeof changed.fingerprint);
	assert_int_equal(store_call(f->store, &changed.write), STORE_DUPLICATE);
	assert_false(changed.is_same);

	struct store_add_message elsewhere =
		message_from("tab 1", "e1", "hello");
	elsewhere.account = "other";
	assert_int_equal(store_call(f->store, &elsewhere.write), STORE_OK);
	assert_int_equal(count_of(f, "SELECT count(*) FROM message"), 2);
	assert_int_equal(count_of(f, "SELECT count(*) FROM plugin_state"), 0);
	assert_int_equal(count_of(f, "SELECT count(*) FROM conversation"), 2);
}

static void
test_message_without_id_is_never_a_duplicate(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 3; i++) {
		struct store_add_message add =
			message_from("tab 1", i ? "" : NULL, "hello");
		assert_int_equal(store_call(f->store, &add.write), STORE_OK);
	}
	assert_int_equal(count_of(f, "SELECT count(*) FROM message"), 3);
}

static void
test_duplicate_within_one_batch_is_found(void **state)
{
	struct fixture *f = *state;
	struct store_add_message a = message_from("tab 1", "e1", "hello");
	struct store_add_message b = message_from("tab 1", "e1", "hello");
	struct queue queue;
	struct hold hold;

	queue_init(&queue, 0, NULL, NULL);
	a.write.reply_to = b.write.reply_to = &queue;
	hold_begin(f, &hold);
	store_submit(f->store, &a.write);
	store_submit(f->store, &b.write);
	hold_end(&hold);
	assert_ptr_equal(queue_wait(&queue), &a.write.job);
	assert_ptr_equal(queue_wait(&queue), &b.write.job);
	assert_int_equal(a.write.status, STORE_OK);
	assert_int_equal(b.write.status, STORE_DUPLICATE);
	assert_int_equal(b.message.id, a.message.id);
	queue_release(&queue);
}

static void
test_states_come_with_their_message(void **state)
{
	struct fixture *f = *state;
	struct plugin_state states[] = {{"uid", "7", 1, 0},
					{"gone", NULL, 0, 0}};
	struct store_add_message add = message_from("tab 1", NULL, "hello");

	add.states = states;
	add.n_states = 2;
	assert_int_equal(store_call(f->store, &add.write), STORE_OK);
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	const struct plugin_state *found;
	assert_int_equal(store_get_state(reader, &f->arena, "web", "uid",
					 NOW_US, &found, &f->err),
			 1);
	assert_memory_equal(found->value, "7", 1);
	store_read_end(reader);
}

static struct store_recover
recover(struct fixture *f)
{
	struct store_recover recover = {
		.write.verb = &store_verb_recover,
		.arena = &f->arena,
	};

	assert_int_equal(store_call(f->store, &recover.write), STORE_OK);
	return recover;
}

static const struct message *
first_queued(struct fixture *f, int64_t conversation_id)
{
	const struct message *list = NULL;
	struct store_reader *reader = store_read_begin(f->store, &f->err);

	assert_true(store_queued_messages(reader, &f->arena, conversation_id, 9,
					  &list, &f->err) >= 0);
	store_read_end(reader);
	return list;
}

static void
mark_running(struct fixture *f, int64_t conversation_id, int64_t before_id)
{
	struct store_mark_running mark = {
		.write.verb = &store_verb_mark_running,
		.conversation_id = conversation_id,
		.before_id = before_id,
	};

	assert_int_equal(store_call(f->store, &mark.write), STORE_OK);
}

static enum store_status
run_unclean(struct writer *writer, struct store_write *write)
{
	(void)write;
	writer->was_clean = false;
	return STORE_OK;
}

/* As if the last process had died. */
static void
pretend_crash(struct fixture *f)
{
	static const struct store_verb verb = {.name = "unclean",
					       .run = run_unclean};
	struct store_write write = {.verb = &verb};

	close_store(f);
	open_store(f);
	assert_int_equal(store_call(f->store, &write), STORE_OK);
}

static void
test_recovery_lists_what_waits_oldest_first(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(recover(f).n_conversations, 0);
	add_text(f, "b", "1");
	add_text(f, "a", "2");
	add_text(f, "b", "3");
	struct store_recover list = recover(f);
	assert_int_equal(list.n_conversations, 2);
	assert_int_equal(list.conversations[0], conversation_of(f, "b"));
	assert_int_equal(list.conversations[1], conversation_of(f, "a"));
}

static void
test_crashes_are_counted_for_what_ran(void **state)
{
	struct fixture *f = *state;

	add_text(f, "ran", "1");
	add_text(f, "waited", "2");
	int64_t ran = conversation_of(f, "ran");
	int64_t waited = conversation_of(f, "waited");
	for (int i = 0; i < 5; i++) {
		/* What ran before it is out of it. */
		mark_running(f, waited, 0);
		mark_running(f, ran, waited);
		pretend_crash(f);
		assert_int_equal(recover(f).n_conversations, 2);
		assert_int_equal(first_queued(f, ran)->crashes, i + 1);
		assert_int_equal(first_queued(f, waited)->crashes, 0);
	}
}

static void
test_clean_end_counts_no_crash(void **state)
{
	struct fixture *f = *state;

	add_text(f, "ran", "1");
	int64_t ran = conversation_of(f, "ran");
	mark_running(f, ran, 0);
	close_store(f);
	open_store(f);
	assert_int_equal(recover(f).n_conversations, 1);
	assert_int_equal(first_queued(f, ran)->crashes, 0);
}

static struct store_add_message
edit_of(const char *target, const char *id, const char *text)
{
	struct store_add_message edit = message_from("tab 1", id, text);
	edit.withdraws = target;
	return edit;
}

static void
test_edit_takes_back_what_still_waits(void **state)
{
	struct fixture *f = *state;
	struct store_add_message add = message_from("tab 1", "e1", "wrong");
	struct store_add_message edit = edit_of("e1", "e2", "right");
	struct store_add_message again = edit_of("e1", "e3", "right now");
	struct store_add_message gone = edit_of("e1", "e4", "");
	struct store_add_message late = edit_of("e1", "e5", "late");

	assert_int_equal(store_call(f->store, &add.write), STORE_OK);
	assert_int_equal(store_call(f->store, &edit.write), STORE_OK);
	assert_false(edit.is_late);
	int64_t conversation_id = add.message.conversation_id;
	assert_string_equal(first_queued(f, conversation_id)->text, "right");
	/* Of the words as they are now, by the name that they had. */
	assert_int_equal(store_call(f->store, &again.write), STORE_OK);
	assert_string_equal(first_queued(f, conversation_id)->text,
			    "right now");
	gone.is_queued = false;
	assert_int_equal(store_call(f->store, &gone.write), STORE_OK);
	assert_null(first_queued(f, conversation_id));
	assert_int_equal(store_call(f->store, &late.write), STORE_OK);
	assert_true(late.is_late);
	assert_null(first_queued(f, conversation_id));
	assert_int_equal(count_of(f, "SELECT count(*) FROM message"
				     " WHERE state = 'kept'"),
			 5);
}

static void
test_edit_of_what_is_not_there_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct store_add_message add = message_from("tab 2", "e1", "other");
	struct store_add_message edit = edit_of("e1", "e2", "right");
	struct store_add_message none = edit_of("e9", "e3", "right");

	assert_int_equal(store_call(f->store, &add.write), STORE_OK);
	assert_int_equal(store_call(f->store, &edit.write), STORE_NOT_FOUND);
	assert_int_equal(store_call(f->store, &none.write), STORE_NOT_FOUND);
	assert_int_equal(count_of(f, "SELECT count(*) FROM message"), 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM conversation"), 1);
}

static void
test_ids_grow_over_restarts(void **state)
{
	struct fixture *f = *state;

	int64_t first = add_text(f, "a", "1");
	close_store(f);
	open_store(f);
	assert_int_equal(add_text(f, "a", "2"), first + 1);
}

static void
test_list_is_newest_first_and_filtered(void **state)
{
	struct fixture *f = *state;
	const struct conversation *list;
	char key[16];

	for (int i = 0; i < 20; i++) {
		snprintf(key, sizeof key, "%d", i);
		conversation_of(f, key);
	}
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	assert_int_equal(store_list_conversations(reader, &f->arena, NULL, NULL,
						  0, 100, &list, &f->err),
			 20);
	for (int i = 0; i < 20; i++)
		assert_int_equal(list[i].id, 20 - i);
	assert_int_equal(store_list_conversations(reader, &f->arena, "web",
						  "bot", 10, 4, &list, &f->err),
			 4);
	assert_int_equal(list[0].id, 9);
	assert_int_equal(list[3].id, 6);
	assert_int_equal(store_list_conversations(reader, &f->arena, "mail",
						  NULL, 0, 4, &list, &f->err),
			 0);
	assert_int_equal(store_list_conversations(reader, &f->arena, NULL,
						  "waiting", 0, 4, &list,
						  &f->err),
			 0);
	store_read_end(reader);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		cmocka_unit_test(test_ids_are_texts_and_back),
		cmocka_unit_test(test_states_have_names),
		TEST(test_conversation_is_made_once),
		TEST(test_public_id_as_key_must_be_the_channels),
		TEST(test_desk_names_conversations_of_any_channel),
		TEST(test_message_is_kept_whole),
		TEST(test_any_known_id_makes_a_duplicate),
		TEST(test_message_without_id_is_never_a_duplicate),
		TEST(test_duplicate_within_one_batch_is_found),
		TEST(test_states_come_with_their_message),
		TEST(test_recovery_lists_what_waits_oldest_first),
		TEST(test_crashes_are_counted_for_what_ran),
		TEST(test_clean_end_counts_no_crash),
		TEST(test_edit_takes_back_what_still_waits),
		TEST(test_edit_of_what_is_not_there_leaves_nothing),
		TEST(test_ids_grow_over_restarts),
		TEST(test_list_is_newest_first_and_filtered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
