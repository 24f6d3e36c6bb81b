#include "store_fixture.h"

#include "store/desk.h"

/* Puts replies into the outbox; their ids are set. */
static void
add_replies(struct fixture *f, const char *key, struct reply *replies, size_t n)
{
	struct store_finish_turn turn = {
		.write.verb = &store_verb_finish_turn,
		.conversation_id = conversation_of(f, key),
		.is_final = true,
		.before = STATE_BOT,
		.after = {.state = STATE_BOT},
		.replies = replies,
		.n_replies = n,
		.now_us = NOW_US,
	};

	assert_int_equal(store_call(f->store, &turn.write), STORE_OK);
}

static int64_t
add_reply(struct fixture *f, const char *key)
{
	struct reply reply = {.target = "web", .job = "reply", .text = "yes"};

	add_replies(f, key, &reply, 1);
	return reply.id;
}

static enum store_status
mark(struct fixture *f, struct store_mark_reply mark)
{
	mark.write.verb = &store_verb_mark_reply;
	mark.now_us = NOW_US + 1;
	return store_call(f->store, &mark.write);
}

static long
pending(struct fixture *f, int64_t after, size_t limit,
	const struct reply **list_r)
{
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	long n = store_pending_replies(reader, &f->arena, after, limit, list_r,
				       &f->err);

	store_read_end(reader);
	return n;
}

static void
test_outbox_is_in_order_of_commits(void **state)
{
	struct fixture *f = *state;
	const struct reply *list;
	struct reply replies[3];

	for (int i = 0; i < 3; i++)
		replies[i] = (struct reply){
			.target = "web", .job = "reply", .text = "yes"};
	int64_t first = add_reply(f, "a");
	int64_t between = add_text(f, "a", "text");
	add_replies(f, "b", replies, 3);
	assert_int_equal(between, first + 1);
	assert_int_equal(pending(f, 0, 9, &list), 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(list[i].id, i ? between + i : first);
	assert_int_equal(pending(f, first, 2, &list), 2);
	assert_int_equal(list[1].id, replies[1].id);
}

static void
test_reply_comes_back_whole(void **state)
{
	struct fixture *f = *state;
	const struct reply *list;
	struct reply reply = {
		.target = "web",
		.job = "agent_text",
		.kind = "ask",
		.confidence = 0.5,
		.author = "ann",
		.text = "**Which** card?",
		.options_json = "[{\"id\":\"1\"}]",
		.sources_json = "[{\"id\":\"card\"}]",
		.next_at_us = NOW_US + 7,
	};

	add_replies(f, "a", &reply, 1);
	assert_int_equal(pending(f, 0, 9, &list), 1);
	assert_string_equal(list->target, "web");
	assert_string_equal(list->job, "agent_text");
	assert_string_equal(list->kind, "ask");
	assert_true(list->confidence == 0.5);
	assert_string_equal(list->author, "ann");
	assert_string_equal(list->text, "**Which** card?");
	assert_string_equal(list->options_json, "[{\"id\":\"1\"}]");
	assert_string_equal(list->sources_json, "[{\"id\":\"card\"}]");
	assert_int_equal(list->next_at_us, NOW_US + 7);
	assert_int_equal(list->created_at_us, NOW_US);
	assert_true(list->turn_id > 0);
	assert_null(list->progress);
}

static void
test_attempt_survives_as_maybe_sent(void **state)
{
	struct fixture *f = *state;
	const struct reply *list;

	int64_t id = add_reply(f, "a");
	assert_int_equal(
		mark(f, (struct store_mark_reply){.id = id,
						  .outcome = REPLY_TRYING}),
		STORE_OK);
	close_store(f);
	open_store(f);
	assert_int_equal(pending(f, 0, 9, &list), 1);
	assert_true(list->maybe_sent);
	assert_int_equal(list->attempts, 1);
	assert_int_equal(
		mark(f, (struct store_mark_reply){.id = id,
						  .outcome = REPLY_TRYING}),
		STORE_OK);
	assert_int_equal(pending(f, 0, 9, &list), 1);
	assert_int_equal(list->maybe_sent, 2);
	assert_int_equal(
		mark(f, (struct store_mark_reply){.id = id,
						  .outcome = REPLY_RETRY,
						  .next_at_us = NOW_US + 99}),
		STORE_OK);
	assert_int_equal(pending(f, 0, 9, &list), 1);
	assert_false(list->maybe_sent);
	assert_int_equal(list->attempts, 2);
	assert_int_equal(list->next_at_us, NOW_US + 99);
	assert_int_equal(
		mark(f, (struct store_mark_reply){.id = id,
						  .outcome = REPLY_RETRY,
						  .attempts = 3}),
		STORE_OK);
	assert_int_equal(pending(f, 0, 9, &list), 1);
	assert_int_equal(list->attempts, 3);
}

static void
test_progress_stays_until_replaced(void **state)
{
	struct fixture *f = *state;
	const struct reply *list;

	int64_t id = add_reply(f, "a");
	assert_int_equal(
		mark(f, (struct store_mark_reply){.id = id,
						  .outcome = REPLY_PROGRESS,
						  .progress = "half",
						  .progress_len = 4}),
		STORE_OK);
	assert_int_equal(
		mark(f, (struct store_mark_reply){.id = id,
						  .outcome = REPLY_RETRY}),
		STORE_OK);
	assert_int_equal(pending(f, 0, 9, &list), 1);
	assert_int_equal(list->progress_len, 4);
	assert_memory_equal(list->progress, "half", 4);
}

static void
test_reply_ends_once(void **state)
{
	struct fixture *f = *state;
	const struct reply *list;
	int64_t found = -1;

	int64_t sent = add_reply(f, "a"), failed = add_reply(f, "a");
	assert_int_equal(
		mark(f, (struct store_mark_reply){.id = sent,
						  .outcome = REPLY_SENT,
						  .external_id = "x1"}),
		STORE_OK);
	assert_int_equal(
		mark(f, (struct store_mark_reply){.id = failed,
						  .outcome = REPLY_FAILED,
						  .error = "gone"}),
		STORE_OK);
	assert_int_equal(pending(f, 0, 9, &list), 0);
	for (int outcome = REPLY_SENT; outcome <= REPLY_TRYING; outcome++)
		assert_int_equal(
			mark(f, (struct store_mark_reply){.id = sent,
							  .outcome = outcome}),
			STORE_STALE);
	assert_int_equal(
		mark(f, (struct store_mark_reply){.id = 99,
						  .outcome = REPLY_SENT}),
		STORE_NOT_FOUND);
	assert_int_equal(
		mark(f, (struct store_mark_reply){.id = sent, .outcome = 77}),
		STORE_INVALID);
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	int64_t conv = conversation_of(f, "a");
	assert_int_equal(store_find_reply(reader, conv, "x1", &found, &f->err),
			 0);
	assert_int_equal(found, sent);
	assert_int_equal(store_find_reply(reader, conv, "x2", &found, &f->err),
			 0);
	assert_int_equal(found, 0);
	struct store_totals totals;
	assert_int_equal(store_totals(reader, &totals, &f->err), 0);
	assert_int_equal(totals.conversations, 1);
	assert_int_equal(totals.replies_failed, 1);
	assert_int_equal(totals.replies_pending, 0);
	store_read_end(reader);
}

/* Puts in what an agent wrote at that desk, with the words for the customer. */
static int64_t
add_agent_text(struct fixture *f, const char *desk)
{
	struct reply reply = {
		.target = "web", .job = "agent_text", .text = "yes"};
	struct store_add_message add = {
		.write.verb = &store_verb_add_message,
		.channel = desk,
		.account = "",
		.key = "a",
		.message = {.kind = "agent",
			    .target = desk,
			    .text = "yes",
			    .received_at_us = NOW_US},
		.is_queued = true,
	};
	assert_int_equal(store_call(f->store, &add.write), STORE_OK);
	struct store_finish_turn turn = {
		.write.verb = &store_verb_finish_turn,
		.conversation_id = add.message.conversation_id,
		.messages = &add.message.id,
		.n_messages = 1,
		.is_final = true,
		.before = STATE_BOT,
		.after = {.state = STATE_BOT},
		.replies = &reply,
		.n_replies = 1,
		.now_us = NOW_US,
	};
	assert_int_equal(store_call(f->store, &turn.write), STORE_OK);
	return reply.id;
}

/* With the end of the words itself, and once. */
static void
test_a_receipt_is_for_the_desk_that_wrote_it(void **state)
{
	struct fixture *f = *state;
	const struct reply *list;
	int64_t id = add_agent_text(f, "slack"),
		other = add_agent_text(f, "terminal");

	assert_int_equal(pending(f, 0, 9, &list), 2);
	struct reply receipt = {.conversation_id = list[0].conversation_id,
				.turn_id = list[0].turn_id,
				.target = "slack",
				.job = "receipt",
				.text = ""},
		     none = receipt;
	none.turn_id = list[1].turn_id;
	struct store_mark_reply sent = {
		.id = id, .outcome = REPLY_SENT, .receipt = &receipt};
	assert_int_equal(mark(f, sent), STORE_OK);
	assert_int_equal(mark(f, sent), STORE_STALE);
	sent.id = other;
	sent.receipt = &none;
	assert_int_equal(mark(f, sent), STORE_OK);
	assert_int_equal(none.id, 0);
	assert_int_equal(pending(f, 0, 9, &list), 1);
	assert_int_equal(list->id, receipt.id);
	assert_string_equal(list->target, "slack");
	assert_string_equal(list->job, "receipt");
	assert_int_equal(list->turn_id, receipt.turn_id);
}

/* A turn that answers those messages; the id of its reply. */
static int64_t
answer(struct fixture *f, const int64_t *messages, size_t n, const char *job,
       const char *kind)
{
	struct reply reply = {
		.target = "web", .job = job, .kind = kind, .text = "yes"};
	struct store_finish_turn turn = {
		.write.verb = &store_verb_finish_turn,
		.conversation_id = conversation_of(f, "a"),
		.messages = messages,
		.n_messages = n,
		.is_final = true,
		.before = STATE_BOT,
		.after = {.state = STATE_BOT},
		.replies = &reply,
		.n_replies = 1,
		.now_us = NOW_US,
	};

	assert_int_equal(store_call(f->store, &turn.write), STORE_OK);
	return reply.id;
}

/* A message with that external id, and a reply to it. */
static int64_t
ask(struct fixture *f, const char *id, const char *kind)
{
	struct store_add_message add = message_from("a", id, "text");

	assert_int_equal(store_call(f->store, &add.write), STORE_OK);
	return answer(f, &add.message.id, 1, "reply", kind);
}

static struct store_add_message
take_back(struct fixture *f, const char *target)
{
	struct store_add_message add = message_from("a", NULL, "");

	add.is_queued = false;
	add.withdraws = target;
	add.withdraws_all = !target;
	add.arena = &f->arena;
	return add;
}

/* How many replies of that state lie between those two. */
static int64_t
count_state(struct fixture *f, const char *state, int64_t from, int64_t to)
{
	return count_of(f, arena_printf(&f->arena,
					"SELECT count(*) FROM reply WHERE"
					" state = '%s' AND id BETWEEN %lld"
					" AND %lld",
					state, (long long)from, (long long)to));
}

static void
test_a_stop_takes_back_answers_in_its_transaction(void **state)
{
	static const char *const answers[] = {"answer", "options", "ask",
					      "smalltalk", "out_of_scope"};
	struct fixture *f = *state;
	struct store_add_message stop = take_back(f, NULL);
	const struct reply *list;
	int64_t first = ask(f, "e0", "answer"), sent = ask(f, "e1", "answer");

	assert_int_equal(mark(f, (struct store_mark_reply){.id = sent}),
			 STORE_OK);
	int64_t from = sent + 1, to = 0;
	for (int i = 0; i < 5; i++)
		to = ask(f, NULL, answers[i]);
	int64_t kept[] = {ask(f, NULL, "form"), ask(f, NULL, "handover"),
			  answer(f, NULL, 0, "notice", "answer"),
			  answer(f, NULL, 0, "desk_card", "answer"),
			  add_reply(f, "b")};
	assert_int_equal(store_call(f->store, &stop.write), STORE_OK);
	assert_int_equal(stop.n_withdrawn, 5);
	for (int i = 0; i < 5; i++)
		assert_true(stop.withdrawn[i] >= from &&
			    stop.withdrawn[i] <= to);
	assert_int_equal(count_state(f, "withdrawn", from, to), 5);
	assert_int_equal(count_state(f, "sent", sent, sent), 1);
	/* Whoever starts next has these to send, and no others. */
	close_store(f);
	open_store(f);
	assert_int_equal(pending(f, 0, 9, &list), 6);
	assert_int_equal(list[0].id, first);
	for (int i = 0; i < 5; i++)
		assert_int_equal(list[i + 1].id, kept[i]);
	struct store_totals totals;
	const struct entry *entries;
	const struct desk_words *words;
	bool more;
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	int64_t a = conversation_of(f, "a");
	/* Whoever reads on sees no reply that the customer did not. */
	long all = store_history(reader, &f->arena, a, 0, 99, &entries, &more,
				 &f->err);
	assert_int_equal(store_told(reader, &f->arena, a, 0, 99, &entries,
				    &more, &f->err),
			 all - 5);
	assert_int_equal(
		store_desk_words(reader, &f->arena, a, 0, 99, &words, &f->err),
		all - 5);
	assert_int_equal(store_totals(reader, &totals, &f->err), 0);
	assert_int_equal(totals.replies_failed, 0);
	store_read_end(reader);
}

static void
test_a_deletion_takes_back_what_answers_nothing_else(void **state)
{
	struct fixture *f = *state;
	int64_t first = ask(f, "e0", "answer"), own = ask(f, "e1", "answer");
	struct store_add_message add = message_from("a", "e2", "text");

	assert_int_equal(store_call(f->store, &add.write), STORE_OK);
	int64_t both[] = {add.message.id, add_text(f, "a", "text")};
	int64_t shared = answer(f, both, 2, "reply", "answer");
	for (int i = 0; i < 3; i++) {
		const char *id = arena_printf(&f->arena, "e%d", i);
		struct store_add_message gone = take_back(f, id);
		assert_int_equal(store_call(f->store, &gone.write), STORE_OK);
		assert_int_equal(gone.n_withdrawn, i == 1);
	}
	assert_int_equal(count_state(f, "withdrawn", own, own), 1);
	assert_int_equal(count_state(f, "pending", first, shared), 2);
}

static struct store_mark_reply
outcome(int64_t id, enum reply_outcome outcome)
{
	return (struct store_mark_reply){.id = id,
					 .outcome = outcome,
					 .external_id = "x1",
					 .error = "busy",
					 .maybe_sent = true};
}

/* A plugin has it while it is taken back. */
static void
test_what_was_taken_back_is_sent_only_if_it_was_out(void **state)
{
	struct fixture *f = *state;
	const struct reply *list;

	ask(f, NULL, "answer");
	int64_t id = ask(f, NULL, "answer");
	struct store_add_message stop = take_back(f, NULL);
	assert_int_equal(store_call(f->store, &stop.write), STORE_OK);
	assert_int_equal(mark(f, outcome(id, REPLY_TRYING)), STORE_STALE);
	assert_int_equal(mark(f, outcome(id, REPLY_PROGRESS)), STORE_OK);
	assert_int_equal(mark(f, outcome(id, REPLY_RETRY)), STORE_OK);
	assert_int_equal(mark(f, outcome(id, REPLY_FAILED)), STORE_OK);
	assert_int_equal(count_state(f, "withdrawn", id, id), 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM reply WHERE"
				     " maybe_sent = 1 AND error = 'busy'"),
			 1);
	assert_int_equal(mark(f, outcome(id, REPLY_SENT)), STORE_OK);
	assert_int_equal(count_state(f, "sent", id, id), 1);
	assert_int_equal(mark(f, outcome(id, REPLY_FAILED)), STORE_STALE);
	assert_int_equal(pending(f, 0, 9, &list), 1);
}

/* A batch is run again if another write of it fails half way: the one here has
 * made its conversation by then. */
static void
test_a_late_correction_takes_nothing_back_at_a_second_run_either(void **state)
{
	struct fixture *f = *state;
	struct hold hold;

	ask(f, "e0", "answer");
	int64_t id = ask(f, "e1", "answer");
	struct store_add_message edit = message_from("a", "e2", "text"),
				 none = message_from("new", "e3", "text");
	edit.withdraws = "e1";
	none.withdraws = "e9";
	edit.arena = none.arena = &f->arena;
	hold_begin(f, &hold);
	store_submit(f->store, &edit.write);
	store_submit(f->store, &none.write);
	hold_end(&hold);
	close_store(f);
	open_store(f);
	assert_int_equal(edit.write.status, STORE_OK);
	assert_int_equal(none.write.status, STORE_NOT_FOUND);
	assert_true(edit.is_late);
	assert_int_equal(count_state(f, "pending", id, id), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(test_outbox_is_in_order_of_commits),
		TEST(test_reply_comes_back_whole),
		TEST(test_attempt_survives_as_maybe_sent),
		TEST(test_progress_stays_until_replaced),
		TEST(test_reply_ends_once),
		TEST(test_a_receipt_is_for_the_desk_that_wrote_it),
		TEST(test_a_stop_takes_back_answers_in_its_transaction),
		TEST(test_a_deletion_takes_back_what_answers_nothing_else),
		TEST(test_what_was_taken_back_is_sent_only_if_it_was_out),
		TEST(test_a_late_correction_takes_nothing_back_at_a_second_run_either),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
