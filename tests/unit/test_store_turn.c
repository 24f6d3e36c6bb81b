#include "store_fixture.h"

/* A turn that answers these messages with one reply. */
struct plan {
	struct store_finish_turn finish;
	struct reply replies[2];
	int64_t messages[16];
};

static struct store_finish_turn *
plan_turn(struct plan *plan, int64_t conversation_id, size_t n,
	  const int64_t *messages)
{
	*plan = (struct plan){
		.finish = {.write.verb = &store_verb_finish_turn,
			   .conversation_id = conversation_id,
			   .n_messages = n,
			   .before = STATE_BOT,
			   .after = {.state = STATE_BOT, .memory = "{}"},
			   .n_replies = 1,
			   .kind = "answer",
			   .rule = "faq",
			   .entry = "card-lost@1",
			   .record = "{\"seed\":1}",
			   .confidence = 0.75,
			   .now_us = NOW_US},
		.replies = {{.target = "web",
			     .job = "reply",
			     .kind = "answer",
			     .confidence = 0.75,
			     .text = "An answer.",
			     .next_at_us = NOW_US}},
	};
	if (n)
		memcpy(plan->messages, messages, n * sizeof *messages);
	plan->finish.messages = plan->messages;
	plan->finish.replies = plan->replies;
	plan->finish.newest_seen = n ? messages[n - 1] : 0;
	return &plan->finish;
}

static enum store_status
finish(struct fixture *f, struct store_finish_turn *turn)
{
	return store_call(f->store, &turn->write);
}

static const struct conversation *
conversation(struct fixture *f, int64_t id)
{
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	const struct conversation *c;
	int found =
		store_conversation_by_id(reader, &f->arena, id, &c, &f->err);

	store_read_end(reader);
	assert_int_equal(found, 1);
	return c;
}

static void
test_turn_takes_messages_and_leaves_a_reply(void **state)
{
	struct fixture *f = *state;
	const int64_t *answered;
	const struct turn *turns;
	struct plan plan;

	int64_t ids[] = {add_text(f, "a", "1"), add_text(f, "a", "2")};
	int64_t conv = conversation_of(f, "a");
	struct store_finish_turn *turn = plan_turn(&plan, conv, 2, ids);
	struct state_change change = {STATE_BOT, STATE_WAITING, "trigger",
				      "bot"};
	turn->changes = &change;
	turn->n_changes = 1;
	turn->after.state = STATE_WAITING;
	turn->after.failed_turns = 1;
	assert_int_equal(finish(f, turn), STORE_OK);
	assert_true(plan.replies[0].id > ids[1]);
	assert_int_equal(plan.replies[0].turn_id, turn->turn_id);

	const struct conversation *c = conversation(f, conv);
	assert_int_equal(c->state, STATE_WAITING);
	assert_int_equal(c->failed_turns, 1);
	assert_int_equal(c->turns, 1);
	assert_string_equal(c->memory, "{}");
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	assert_int_equal(store_turn_messages(reader, &f->arena, turn->turn_id,
					     &answered, &f->err),
			 2);
	assert_memory_equal(answered, ids, sizeof ids);
	assert_int_equal(
		store_turns(reader, &f->arena, conv, 0, 9, &turns, &f->err), 1);
	assert_string_equal(turns->record, "{\"seed\":1}");
	assert_string_equal(turns->rule, "faq");
	assert_string_equal(turns->entry, "card-lost@1");
	assert_true(turns->confidence == 0.75);
	assert_int_equal(store_turns(reader, &f->arena, 0, turn->turn_id, 9,
				     &turns, &f->err),
			 0);
	const struct transition *list;
	assert_int_equal(
		store_transitions(reader, &f->arena, conv, &list, &f->err), 1);
	assert_string_equal(list->from, "bot");
	assert_string_equal(list->to, "waiting");
	assert_string_equal(list->reason, "trigger");
	store_read_end(reader);
}

static void
assert_nothing_finished(struct fixture *f)
{
	assert_int_equal(count_of(f, "SELECT count(*) FROM turn"), 0);
	assert_int_equal(count_of(f, "SELECT count(*) FROM reply"), 0);
	assert_int_equal(count_of(f, "SELECT sum(turns) FROM conversation"), 0);
	assert_int_equal(count_of(f, "SELECT count(*) FROM message"
				     " WHERE state = 'done'"),
			 0);
}

static void
test_a_damaged_number_of_turns_stops_none(void **state)
{
	static const char *const numbers[] = {"0x7fffffffffffffff",
					      "0x8000000000000000", "-1"};
	struct fixture *f = *state;
	struct plan plan;

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		int64_t id = add_text(f, "a", "hello");
		int64_t conv = conversation_of(f, "a");
		struct db db;
		assert_int_equal(db_open(&db, f->path, DB_WRITER, &f->err), 0);
		assert_int_equal(db_exec(&db,
					 arena_printf(&f->arena,
						      "UPDATE conversation"
						      " SET turns = %s",
						      numbers[i]),
					 &f->err),
				 0);
		db_close(&db);
		int before = conversation(f, conv)->turns;
		assert_int_equal(finish(f, plan_turn(&plan, conv, 1, &id)),
				 STORE_OK);
		assert_true(conversation(f, conv)->turns != before);
	}
}

static void
test_newer_message_makes_a_turn_stale(void **state)
{
	struct fixture *f = *state;
	struct plan plan;

	int64_t first = add_text(f, "a", "1");
	int64_t conv = conversation_of(f, "a");
	add_text(f, "a", "2");
	assert_int_equal(finish(f, plan_turn(&plan, conv, 1, &first)),
			 STORE_STALE);
	assert_words(plan.finish.write.err.text, "newer message");
	assert_nothing_finished(f);
	plan.finish.is_final = true;
	assert_int_equal(finish(f, &plan.finish), STORE_OK);
	assert_int_equal(count_of(f, "SELECT count(*) FROM message"
				     " WHERE state = 'queued'"),
			 1);
}

static void
test_running_message_counts_as_newer_too(void **state)
{
	struct fixture *f = *state;
	struct plan plan;

	int64_t first = add_text(f, "a", "1");
	int64_t conv = conversation_of(f, "a");
	add_text(f, "a", "2");
	struct store_mark_running mark = {
		.write.verb = &store_verb_mark_running,
		.conversation_id = conv,
	};
	assert_int_equal(store_call(f->store, &mark.write), STORE_OK);
	assert_int_equal(finish(f, plan_turn(&plan, conv, 1, &first)),
			 STORE_STALE);
}

static void
test_message_that_is_only_kept_makes_nothing_stale(void **state)
{
	struct fixture *f = *state;
	struct plan plan;

	int64_t first = add_text(f, "a", "1");
	struct store_add_message kept = message_from("a", NULL, "2");
	kept.is_queued = false;
	assert_int_equal(store_call(f->store, &kept.write), STORE_OK);
	plan_turn(&plan, conversation_of(f, "a"), 1, &first);
	assert_int_equal(finish(f, &plan.finish), STORE_OK);
}

static void
test_message_elsewhere_makes_nothing_stale(void **state)
{
	struct fixture *f = *state;
	struct plan plan;

	int64_t first = add_text(f, "a", "1");
	add_text(f, "b", "2");
	plan_turn(&plan, conversation_of(f, "a"), 1, &first);
	assert_int_equal(finish(f, &plan.finish), STORE_OK);
}

static void
test_changed_state_makes_a_turn_stale(void **state)
{
	struct fixture *f = *state;
	struct plan plan;

	int64_t first = add_text(f, "a", "1");
	plan_turn(&plan, conversation_of(f, "a"), 1, &first);
	plan.finish.before = STATE_PERSON;
	plan.finish.is_final = true;
	assert_int_equal(finish(f, &plan.finish), STORE_STALE);
	assert_nothing_finished(f);
}

static void
test_message_is_answered_once(void **state)
{
	struct fixture *f = *state;
	struct plan plan;

	int64_t ids[] = {add_text(f, "a", "1"), add_text(f, "a", "2")};
	int64_t conv = conversation_of(f, "a");
	assert_int_equal(finish(f, plan_turn(&plan, conv, 1, &ids[1])),
			 STORE_OK);
	plan_turn(&plan, conv, 2, ids);
	plan.finish.is_final = true;
	assert_int_equal(finish(f, &plan.finish), STORE_STALE);
	assert_int_equal(count_of(f, "SELECT count(*) FROM turn"), 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM message"
				     " WHERE turn_id IS NULL"),
			 1);
}

static void
test_message_named_twice_or_of_another_conversation_is_stale(void **state)
{
	struct fixture *f = *state;
	struct plan plan;

	int64_t a = add_text(f, "a", "1"), b = add_text(f, "b", "2");
	int64_t conv = conversation_of(f, "a");
	int64_t twice[] = {a, a}, foreign[] = {a, b};
	assert_int_equal(finish(f, plan_turn(&plan, conv, 2, twice)),
			 STORE_STALE);
	assert_int_equal(finish(f, plan_turn(&plan, conv, 2, foreign)),
			 STORE_STALE);
	assert_nothing_finished(f);
	assert_int_equal(finish(f, plan_turn(&plan, 99, 1, &a)),
			 STORE_NOT_FOUND);
}

static void
test_withdrawn_message_makes_its_turn_stale(void **state)
{
	struct fixture *f = *state;
	struct store_add_message add = message_from("a", "e1", "1");
	struct plan plan;

	assert_int_equal(store_call(f->store, &add.write), STORE_OK);
	plan_turn(&plan, add.message.conversation_id, 1, &add.message.id);
	struct store_add_message delete = message_from("a", "e2", "");
	delete.withdraws = "e1";
	delete.is_queued = false;
	delete.message.kind = "delete";
	assert_int_equal(store_call(f->store, &delete.write), STORE_OK);
	assert_int_equal(finish(f, &plan.finish), STORE_STALE);
	assert_nothing_finished(f);
}

static void
test_bad_reply_undoes_the_whole_turn(void **state)
{
	struct fixture *f = *state;
	struct plan plan;

	int64_t first = add_text(f, "a", "1");
	plan_turn(&plan, conversation_of(f, "a"), 1, &first);
	plan.finish.n_replies = 2;
	assert_int_equal(finish(f, &plan.finish), STORE_INVALID);
	assert_nothing_finished(f);
}

/* A turn under way in the random test: what it saw when it was begun. */
struct under_way {
	int64_t conversation_id;
	int64_t messages[16];
	size_t n;
};

static struct under_way
begin_turn(struct fixture *f, int64_t conversation_id)
{
	struct under_way turn = {.conversation_id = conversation_id};
	const struct message *list;
	struct store_reader *reader = store_read_begin(f->store, &f->err);

	long n = store_queued_messages(reader, &f->arena, conversation_id, 16,
				       &list, &f->err);
	store_read_end(reader);
	assert_true(n >= 0);
	turn.n = (size_t)n;
	for (size_t i = 0; i < turn.n; i++)
		turn.messages[i] = list[i].id;
	return turn;
}

static void
act_at_random(struct fixture *f, unsigned int *seed, struct under_way turns[4])
{
	static const char *const keys[] = {"a", "b", "c"};
	const char *key = keys[rand_r(seed) % 3];
	struct under_way *turn = &turns[rand_r(seed) % 4];
	struct plan plan;

	switch (rand_r(seed) % 4) {
	case 0:
	case 1:
		add_text(f, key, "text");
		break;
	case 2:
		*turn = begin_turn(f, conversation_of(f, key));
		break;
	case 3:
		if (!turn->n)
			break;
		plan_turn(&plan, turn->conversation_id, turn->n,
			  turn->messages);
		plan.finish.is_final = rand_r(seed) % 4 == 0;
		finish(f, &plan.finish);
	}
}

static void
test_every_message_has_one_turn_whatever_the_order(void **state)
{
	struct fixture *f = *state;
	struct under_way turns[4] = {{0}};
	struct plan plan;

	for (unsigned int round = 1; round <= 5; round++) {
		unsigned int seed = round;
		for (int i = 0; i < 300; i++)
			act_at_random(f, &seed, turns);
	}
	static const char *const keys[] = {"a", "b", "c"};
	for (int i = 0; i < 3; i++) {
		struct under_way rest;
		while ((rest = begin_turn(f, conversation_of(f, keys[i]))).n) {
			plan_turn(&plan, rest.conversation_id, rest.n,
				  rest.messages);
			plan.finish.is_final = true;
			assert_int_equal(finish(f, &plan.finish), STORE_OK);
		}
	}
	assert_int_equal(count_of(f, "SELECT count(*) FROM message"
				     " WHERE state <> 'done'"
				     " OR turn_id IS NULL"),
			 0);
	assert_int_equal(count_of(f, "SELECT count(*) FROM turn WHERE id NOT IN"
				     " (SELECT turn_id FROM message)"),
			 0);
	assert_int_equal(count_of(f, "SELECT count(*) FROM reply"),
			 count_of(f, "SELECT count(*) FROM turn"));
	assert_int_equal(count_of(f, "SELECT sum(turns) FROM conversation"),
			 count_of(f, "SELECT count(*) FROM turn"));
}

/* A turn that gives the conversation to a person. */
static enum store_status
claim(struct fixture *f, int64_t id, enum conversation_state before,
      const char *owner)
{
	struct state_change change = {before, STATE_PERSON, "claim", owner};
	struct plan plan;
	struct store_finish_turn *turn = plan_turn(&plan, id, 0, NULL);

	turn->before = before;
	turn->after.state = STATE_PERSON;
	turn->after.owner = owner;
	turn->after.lease_until_us = NOW_US + 60;
	turn->changes = &change;
	turn->n_changes = 1;
	return finish(f, turn);
}

static void
test_claim_has_one_owner(void **state)
{
	struct fixture *f = *state;

	int64_t id = conversation_of(f, "a");
	assert_int_equal(claim(f, id, STATE_BOT, "ann"), STORE_OK);
	assert_int_equal(claim(f, id, STATE_BOT, "ben"), STORE_STALE);
	assert_int_equal(claim(f, 99, STATE_BOT, "ben"), STORE_NOT_FOUND);
	const struct conversation *c = conversation(f, id);
	assert_string_equal(c->owner, "ann");
	assert_int_equal(c->lease_until_us, NOW_US + 60);
	assert_int_equal(count_of(f, "SELECT count(*) FROM transition"), 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM reply"), 1);
	assert_int_equal(claim(f, id, STATE_PERSON, "ben"), STORE_OK);
	c = conversation(f, id);
	assert_string_equal(c->owner, "ben");
	assert_int_equal(count_of(f, "SELECT count(*) FROM transition"), 2);
}

static void
test_history_is_what_was_said(void **state)
{
	struct fixture *f = *state;
	const struct entry *list;
	struct plan plan;
	bool more;

	int64_t ids[] = {add_text(f, "a", "1"), add_text(f, "a", "2")};
	int64_t conv = conversation_of(f, "a");
	plan_turn(&plan, conv, 2, ids);
	plan.replies[1] = (struct reply){
		.target = "desk", .job = "desk_card", .text = "card"};
	plan.finish.n_replies = 2;
	assert_int_equal(finish(f, &plan.finish), STORE_OK);
	struct store_add_message note = message_from("a", NULL, "psst");
	note.message.kind = "note";
	assert_int_equal(store_call(f->store, &note.write), STORE_OK);
	int64_t last = add_text(f, "a", "3");

	struct store_reader *reader = store_read_begin(f->store, &f->err);
	assert_int_equal(store_history(reader, &f->arena, conv, 0, 9, &list,
				       &more, &f->err),
			 4);
	assert_false(more);
	assert_string_equal(list[0].author, "customer");
	assert_string_equal(list[0].state, "done");
	assert_string_equal(list[2].author, "bot");
	assert_true(list[2].is_reply);
	assert_int_equal(list[2].id, plan.replies[0].id);
	assert_int_equal(list[2].n_in_reply_to, 2);
	assert_memory_equal(list[2].in_reply_to, ids, sizeof ids);
	assert_string_equal(list[2].options_json, "[]");
	assert_true(list[2].confidence == 0.75);
	assert_int_equal(list[3].id, last);
	assert_string_equal(list[3].text, "3");
	assert_int_equal(store_history(reader, &f->arena, conv, ids[0], 2,
				       &list, &more, &f->err),
			 2);
	assert_true(more);
	assert_int_equal(list[0].id, ids[1]);
	assert_int_equal(store_history(reader, &f->arena, conv, last, 2, &list,
				       &more, &f->err),
			 0);
	assert_false(more);
	store_read_end(reader);
}

static int
erase_words(struct fixture *f)
{
	struct db db;

	if (db_open(&db, f->path, DB_WRITER, &f->err) < 0)
		return -1;
	int result = db_exec(&db, "DELETE FROM message", &f->err);
	db_close(&db);
	return result;
}

static void
test_a_reply_goes_with_the_message_that_it_repeats(void **state)
{
	static const char *const derived[] = {
		"", "{\"replies\":{\"reply\":\"Noted: Cork\"}}"};
	struct fixture *f = *state;
	const struct entry *list;
	const struct reply *pending;
	struct plan plan;
	bool more;

	int64_t ids[] = {add_text(f, "a", "1"), add_text(f, "a", "Cork")};
	int64_t conv = conversation_of(f, "a");
	plan_turn(&plan, conv, 2, ids);
	plan.finish.derived = derived;
	plan.replies[0].text = "Noted: Cork";
	plan.replies[0].rest = "Noted: [...]";
	plan.replies[0].words_id = ids[1];
	assert_int_equal(finish(f, &plan.finish), STORE_OK);
	assert_int_equal(count_of(f, "SELECT text = 'Noted: [...]' FROM reply"),
			 1);
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	assert_int_equal(store_history(reader, &f->arena, conv, 0, 9, &list,
				       &more, &f->err),
			 3);
	assert_string_equal(list[2].text, "Noted: Cork");
	assert_int_equal(store_pending_replies(reader, &f->arena, 0, 9,
					       &pending, &f->err),
			 1);
	assert_string_equal(pending->text, "Noted: Cork");
	const char *kept;
	assert_int_equal(store_message_derived(reader, &f->arena, ids[1], &kept,
					       &f->err),
			 0);
	assert_string_equal(kept, derived[1]);
	store_read_end(reader);

	close_store(f);
	assert_int_equal(erase_words(f), 0);
	open_store(f);
	reader = store_read_begin(f->store, &f->err);
	assert_int_equal(store_history(reader, &f->arena, conv, 0, 9, &list,
				       &more, &f->err),
			 1);
	assert_string_equal(list[0].text, "Noted: [...]");
	assert_int_equal(store_message_derived(reader, &f->arena, ids[1], &kept,
					       &f->err),
			 0);
	assert_null(kept);
	store_read_end(reader);
}

static void
test_an_option_reads_as_it_was_offered(void **state)
{
	struct fixture *f = *state;
	const struct entry *list;
	struct plan plan;
	bool more;

	int64_t id = add_text(f, "a", "1");
	int64_t conv = conversation_of(f, "a");
	plan_turn(&plan, conv, 1, &id);
	plan.replies[0].options_json =
		"[{\"id\":\"x\",\"label\":\"The \\\"X\\\"\"},"
		"{\"id\":\"y\",\"label\":\"Why\"}]";
	assert_int_equal(finish(f, &plan.finish), STORE_OK);
	const char *const chosen[] = {"y", "x", "z"};
	for (size_t i = 0; i < 3; i++) {
		struct store_add_message add = message_from("a", NULL, "");
		add.message.kind = "option";
		add.message.option = chosen[i];
		assert_int_equal(store_call(f->store, &add.write), STORE_OK);
	}
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	assert_int_equal(store_history(reader, &f->arena, conv, 0, 9, &list,
				       &more, &f->err),
			 5);
	assert_string_equal(list[2].text, "Why");
	assert_string_equal(list[2].option, "y");
	assert_string_equal(list[3].text, "The \"X\"");
	assert_string_equal(list[4].text, "");
	store_read_end(reader);
}

static void
test_a_message_rates_its_own_conversation_once(void **state)
{
	struct fixture *f = *state;
	struct plan plan;

	int64_t id = add_text(f, "a", "1");
	int64_t conv = conversation_of(f, "a");
	assert_int_equal(finish(f, plan_turn(&plan, conv, 1, &id)), STORE_OK);
	struct store_add_feedback feedback = {
		.write.verb = &store_verb_add_feedback,
		.reply_id = plan.replies[0].id,
		.message_id = add_text(f, "b", "not mine"),
		.rating = 1,
		.actor = "customer",
		.now_us = NOW_US,
	};
	assert_int_equal(store_call(f->store, &feedback.write),
			 STORE_NOT_FOUND);
	feedback.message_id = id;
	assert_int_equal(store_call(f->store, &feedback.write), STORE_OK);
	assert_int_equal(store_call(f->store, &feedback.write),
			 STORE_DUPLICATE);
	assert_int_equal(count_of(f, "SELECT count(*) FROM feedback"), 1);
}

static void
test_opinions_show_in_the_history(void **state)
{
	struct fixture *f = *state;
	const struct entry *list;
	struct plan plan;
	bool more;

	int64_t id = add_text(f, "a", "1");
	int64_t conv = conversation_of(f, "a");
	assert_int_equal(finish(f, plan_turn(&plan, conv, 1, &id)), STORE_OK);
	struct store_add_feedback feedback = {
		.write.verb = &store_verb_add_feedback,
		.reply_id = plan.replies[0].id,
		.rating = 1,
		.actor = "customer",
		.now_us = NOW_US,
	};
	assert_int_equal(store_call(f->store, &feedback.write), STORE_OK);
	feedback.rating = -1;
	assert_int_equal(store_call(f->store, &feedback.write), STORE_OK);
	feedback.rating = 5;
	assert_int_equal(store_call(f->store, &feedback.write), STORE_INVALID);
	feedback.rating = 1;
	feedback.reply_id = 99;
	assert_int_equal(store_call(f->store, &feedback.write),
			 STORE_NOT_FOUND);
	struct store_add_review review = {
		.write.verb = &store_verb_add_review,
		.turn_id = plan.finish.turn_id,
		.verdict = "approved",
		.actor = "ann",
		.now_us = NOW_US,
	};
	assert_int_equal(store_call(f->store, &review.write), STORE_OK);
	review.verdict = "fine";
	assert_int_equal(store_call(f->store, &review.write), STORE_INVALID);
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	assert_int_equal(store_history(reader, &f->arena, conv, 0, 9, &list,
				       &more, &f->err),
			 2);
	assert_int_equal(list[1].rating, -1);
	assert_true(list[1].is_approved);
	assert_int_equal(list[0].rating, 0);
	store_read_end(reader);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(test_turn_takes_messages_and_leaves_a_reply),
		TEST(test_a_damaged_number_of_turns_stops_none),
		TEST(test_newer_message_makes_a_turn_stale),
		TEST(test_running_message_counts_as_newer_too),
		TEST(test_message_that_is_only_kept_makes_nothing_stale),
		TEST(test_message_elsewhere_makes_nothing_stale),
		TEST(test_changed_state_makes_a_turn_stale),
		TEST(test_message_is_answered_once),
		TEST(test_message_named_twice_or_of_another_conversation_is_stale),
		TEST(test_withdrawn_message_makes_its_turn_stale),
		TEST(test_bad_reply_undoes_the_whole_turn),
		TEST(test_every_message_has_one_turn_whatever_the_order),
		TEST(test_claim_has_one_owner),
		TEST(test_history_is_what_was_said),
		TEST(test_a_reply_goes_with_the_message_that_it_repeats),
		TEST(test_an_option_reads_as_it_was_offered),
		TEST(test_a_message_rates_its_own_conversation_once),
		TEST(test_opinions_show_in_the_history),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
