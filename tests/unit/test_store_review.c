#include "store_fixture.h"

#include "store/knowledge.h"
#include "store/review.h"

#define DAY_US (INT64_C(86400) * 1000000)

static struct reply last_reply;

static const char *
rule_of(const char *kind, const char *text)
{
	if (strcmp(kind, "handover") == 0 || strcmp(text, "confirmed") == 0)
		return text;
	return strcmp(text, "None of these") ? "retrieval" : "none_of_these";
}

/* A turn of that kind for what a customer wrote. */
static int64_t
add_turn(struct fixture *f, const char *key, const char *text, const char *kind,
	 double confidence, int64_t at_us)
{
	int64_t message = add_text(f, key, text);
	struct reply reply = {.target = "web",
			      .job = "reply",
			      .kind = kind,
			      .text = "Words."};
	struct store_finish_turn finish = {
		.write.verb = &store_verb_finish_turn,
		.conversation_id = conversation_of(f, key),
		.messages = &message,
		.n_messages = 1,
		.newest_seen = message,
		.before = STATE_BOT,
		.after = {.state = STATE_BOT, .memory = "{}"},
		.replies = &reply,
		.n_replies = 1,
		.kind = kind,
		.rule = rule_of(kind, text),
		.entry = "",
		.record = "{}",
		.confidence = confidence,
		.now_us = at_us,
	};

	if (store_call(f->store, &finish.write) != STORE_OK)
		fail_msg("%s", finish.write.err.text);
	last_reply = reply;
	return finish.turn_id;
}

static enum store_status
judge(struct fixture *f, int64_t turn_id, const char *verdict,
      const char *entry)
{
	struct store_add_review add = {
		.write.verb = &store_verb_add_review,
		.turn_id = turn_id,
		.verdict = verdict,
		.entry = entry,
		.note = "a note",
		.actor = "ann",
		.now_us = NOW_US,
	};

	store_call(f->store, &add.write);
	f->err = add.write.err;
	return add.write.status;
}

static enum store_status
rate(struct fixture *f, int64_t reply_id, int rating, const char *reason)
{
	struct store_add_feedback add = {
		.write.verb = &store_verb_add_feedback,
		.reply_id = reply_id,
		.rating = rating,
		.reason = reason,
		.actor = "customer",
		.now_us = NOW_US,
	};

	return store_call(f->store, &add.write);
}

static void
add_entry(struct fixture *f, const char *name)
{
	const struct faq_version version = {
		.name = name, .question = "A question?", .answer = "It is."};
	struct store_put_version put = {
		.write.verb = &store_verb_put_version,
		.version = &version,
		.is_approved = true,
		.actor = "ann",
		.now_us = NOW_US,
	};

	assert_int_equal(store_call(f->store, &put.write), STORE_OK);
}

/* How many turns the filter finds; the ids of the first go to ids. */
static long
find(struct fixture *f, struct review_filter filter, int64_t ids[8])
{
	const struct reviewed_turn *list;
	struct store_reader *reader = store_read_begin(f->store, &f->err);

	if (!filter.below)
		filter.below = 2;
	long n = store_list_reviews(reader, &f->arena, &filter, 8, &list,
				    &f->err);
	store_read_end(reader);
	for (long i = 0; i < n; i++)
		ids[i] = list[i].turn.id;
	return n;
}

static void
test_turns_are_found_by_what_they_were(void **state)
{
	struct fixture *f = *state;
	int64_t ids[8];

	int64_t sure = add_turn(f, "a", "one", "answer", 0.9, NOW_US);
	int64_t lost =
		add_turn(f, "a", "two", "out_of_scope", 0.1, NOW_US + DAY_US);
	int64_t ask =
		add_turn(f, "b", "three", "ask", 0.4, NOW_US + 2 * DAY_US);

	assert_int_equal(find(f, (struct review_filter){0}, ids), 3);
	assert_int_equal(ids[0], ask);
	assert_int_equal(ids[2], sure);
	assert_int_equal(find(f, (struct review_filter){.kind = "ask"}, ids),
			 1);
	assert_int_equal(ids[0], ask);
	assert_int_equal(find(f, (struct review_filter){.below = 0.4}, ids), 1);
	assert_int_equal(ids[0], lost);
	assert_int_equal(
		find(f, (struct review_filter){.is_unanswered = true}, ids), 2);
	assert_int_equal(
		find(f, (struct review_filter){.since_us = NOW_US + 1}, ids),
		2);
	assert_int_equal(find(f, (struct review_filter){.before = lost}, ids),
			 1);
	assert_int_equal(ids[0], sure);
	assert_int_equal(find(f, (struct review_filter){.before = 99}, ids),
			 -1);
	assert_words(f->err.text, "no turn 99");
}

static void
test_none_of_several_is_unanswered(void **state)
{
	struct fixture *f = *state;
	int64_t ids[8];

	add_turn(f, "a", "card", "options", 0.5, NOW_US);
	assert_int_equal(
		find(f, (struct review_filter){.is_unanswered = true}, ids), 0);
	assert_int_equal(
		find(f, (struct review_filter){.gaps = GAP_NOT_CHOSEN}, ids),
		1);
	add_turn(f, "a", "None of these", "ask", 1, NOW_US);
	assert_int_equal(find(f, (struct review_filter){.gaps = GAP_NONE}, ids),
			 1);
	assert_int_equal(
		find(f, (struct review_filter){.gaps = GAP_NOT_CHOSEN}, ids),
		0);
	assert_int_equal(
		find(f, (struct review_filter){.is_unanswered = true}, ids), 1);
	assert_int_equal(find(f, (struct review_filter){.gaps = 255}, ids), 1);
}

static void
test_what_was_offered_may_be_chosen_or_not(void **state)
{
	struct fixture *f = *state;
	int64_t ids[8];

	add_turn(f, "a", "card", "options", 0.5, NOW_US);
	add_turn(f, "a", "confirmed", "answer", 1, NOW_US);
	int64_t left = add_turn(f, "b", "card", "options", 0.5, NOW_US);
	int64_t more = add_turn(f, "c", "card", "options", 0.5, NOW_US);
	add_turn(f, "c", "card lost", "answer", 0.9, NOW_US);
	assert_int_equal(
		find(f, (struct review_filter){.gaps = GAP_NOT_CHOSEN}, ids),
		2);
	assert_int_equal(ids[0], more);
	assert_int_equal(ids[1], left);
}

static void
test_a_person_comes_because_of_what_failed(void **state)
{
	struct fixture *f = *state;
	int64_t ids[8];

	add_turn(f, "a", "good", "answer", 0.9, NOW_US);
	add_turn(f, "a", "asked", "handover", 1, NOW_US);
	int64_t failed = add_turn(f, "b", "bad", "options", 0.3, NOW_US);
	add_turn(f, "b", "asked", "handover", 1, NOW_US);
	int64_t last =
		add_turn(f, "c", "not_understood", "handover", 0.1, NOW_US);
	assert_int_equal(
		find(f, (struct review_filter){.gaps = GAP_HANDED_OVER}, ids),
		2);
	assert_int_equal(ids[0], last);
	assert_int_equal(ids[1], failed);
}

static void
test_what_was_found_right_is_no_gap(void **state)
{
	struct fixture *f = *state;
	const struct review_filter gaps = {.gaps = 255, .also_reviewed = true};
	const struct review_filter down = {.is_rated_down = true};
	int64_t ids[8];

	int64_t answer = add_turn(f, "a", "one", "answer", 0.9, NOW_US);
	assert_int_equal(rate(f, last_reply.id, -1, "wrong"), STORE_OK);
	int64_t lost = add_turn(f, "a", "two", "out_of_scope", 0.1, NOW_US + 1);
	assert_int_equal(find(f, gaps, ids), 2);
	assert_int_equal(find(f, down, ids), 1);
	assert_int_equal(judge(f, answer, "approved", NULL), STORE_OK);
	assert_int_equal(find(f, down, ids), 0);
	assert_int_equal(find(f, gaps, ids), 1);
	assert_int_equal(ids[0], lost);
	assert_int_equal(judge(f, lost, "approved", NULL), STORE_OK);
	assert_int_equal(find(f, gaps, ids), 0);
	/* Who looks again may find it wrong. */
	assert_int_equal(judge(f, answer, "rejected", NULL), STORE_OK);
	assert_int_equal(find(f, gaps, ids), 1);
	assert_int_equal(ids[0], answer);
}

static void
test_a_verdict_supersedes_and_is_kept(void **state)
{
	struct fixture *f = *state;
	const struct verdict *list;
	int64_t ids[8];

	int64_t turn = add_turn(f, "a", "one", "answer", 0.9, NOW_US);
	add_entry(f, "card-lost");
	assert_int_equal(judge(f, turn, "fine", NULL), STORE_INVALID);
	assert_int_equal(judge(f, turn, "corrected", NULL), STORE_INVALID);
	assert_int_equal(judge(f, turn, "approved", "card-lost"),
			 STORE_INVALID);
	assert_int_equal(judge(f, turn, "corrected", "nothing"), STORE_INVALID);
	assert_words(f->err.text, "no entry nothing");
	assert_int_equal(judge(f, turn + 1, "approved", NULL), STORE_NOT_FOUND);
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit"
				     " WHERE action LIKE 'turn.%'"),
			 0);
	assert_int_equal(judge(f, turn, "approved", NULL), STORE_OK);
	assert_int_equal(judge(f, turn, "corrected", "card-lost"), STORE_OK);
	assert_int_equal(judge(f, turn, "corrected", ""), STORE_OK);

	struct store_reader *reader = store_read_begin(f->store, &f->err);
	assert_int_equal(
		store_verdicts(reader, &f->arena, turn, &list, &f->err), 3);
	assert_null(list[0].entry);
	assert_string_equal(list[1].entry, "card-lost");
	assert_string_equal(list[2].entry, "");
	assert_string_equal(list[2].note, "a note");
	const struct reviewed_turn *row;
	assert_int_equal(
		store_get_review(reader, &f->arena, turn, &row, &f->err), 1);
	assert_string_equal(row->verdict, "corrected");
	assert_string_equal(row->entry, "");
	assert_int_equal(row->gaps, GAP_REJECTED);
	assert_int_equal(store_get_review(reader, &f->arena, 99, &row, &f->err),
			 0);
	assert_null(row);
	store_read_end(reader);
	assert_int_equal(find(f, (struct review_filter){0}, ids), 0);
	assert_int_equal(
		find(f, (struct review_filter){.also_reviewed = true}, ids), 1);
	assert_int_equal(
		count_of(f, "SELECT count(*) FROM audit WHERE actor = 'ann'"
			    " AND action = 'turn.correct'"),
		2);
}

static void
test_a_change_of_mind_replaces(void **state)
{
	struct fixture *f = *state;
	const struct rating *list;
	int64_t ids[8];

	int64_t turn = add_turn(f, "a", "one", "answer", 0.9, NOW_US);
	int64_t reply = last_reply.id;
	assert_int_equal(rate(f, reply, -1, "wrong"), STORE_OK);
	assert_int_equal(rate(f, reply, -1, "wrong"), STORE_OK);
	assert_int_equal(count_of(f, "SELECT count(*) FROM feedback"), 1);
	assert_int_equal(
		find(f, (struct review_filter){.is_rated_down = true}, ids), 1);
	assert_int_equal(rate(f, reply, -1, "unclear"), STORE_OK);
	assert_int_equal(rate(f, reply, 1, NULL), STORE_OK);
	assert_int_equal(
		find(f, (struct review_filter){.is_rated_down = true}, ids), 0);
	assert_int_equal(rate(f, reply, -1, "wrong"), STORE_OK);
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	assert_int_equal(store_ratings(reader, &f->arena, turn, &list, &f->err),
			 4);
	assert_string_equal(list[1].reason, "unclear");
	assert_int_equal(list[2].rating, 1);
	store_read_end(reader);
	for (int i = 4; i < FEEDBACK_MAX; i++)
		assert_int_equal(rate(f, reply, i % 2 ? -1 : 1, NULL),
				 STORE_OK);
	assert_int_equal(rate(f, reply, 1, "other"), STORE_INVALID);
}

static void
test_what_was_taken_back_is_told(void **state)
{
	struct fixture *f = *state;
	int64_t turns[2];

	for (int i = 0; i < 2; i++)
		turns[i] = add_turn(f, "a", "one", "answer", 0.9, NOW_US);
	struct store_add_message stop = message_from("a", NULL, "");
	stop.is_queued = false;
	stop.withdraws_all = true;
	stop.arena = &f->arena;
	assert_int_equal(store_call(f->store, &stop.write), STORE_OK);
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	for (int i = 0; i < 2; i++) {
		const struct reviewed_turn *row;
		assert_int_equal(store_get_review(reader, &f->arena, turns[i],
						  &row, &f->err),
				 1);
		assert_string_equal(row->reply, "Words.");
		assert_int_equal(row->is_withdrawn, i == 1);
	}
	store_read_end(reader);
}

static void
test_a_card_of_a_desk_is_not_rated(void **state)
{
	struct fixture *f = *state;

	add_turn(f, "a", "one", "answer", 0.9, NOW_US);
	struct db db;
	struct err err = {0};
	close_store(f);
	assert_int_equal(db_open(&db, f->path, DB_WRITER, &err), 0);
	assert_int_equal(
		db_exec(&db, "UPDATE reply SET job = 'desk_card'", &err), 0);
	db_close(&db);
	open_store(f);
	assert_int_equal(rate(f, last_reply.id, 1, NULL), STORE_NOT_FOUND);
}

static void
test_the_audit_tells_all_that_was_done(void **state)
{
	struct fixture *f = *state;
	const struct audit_row *list;

	int64_t turn = add_turn(f, "a", "one", "answer", 0.9, NOW_US);
	add_entry(f, "card-lost");
	judge(f, turn, "corrected", "card-lost");
	rate(f, last_reply.id, -1, "wrong");
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	assert_int_equal(store_list_audit(reader, &f->arena,
					  &(struct audit_filter){0}, 9, &list,
					  &f->err),
			 3);
	assert_string_equal(list[0].action, "turn.correct");
	assert_string_equal(list[0].detail, "card-lost");
	assert_string_equal(list[1].object, "card-lost@1");
	assert_string_equal(list[2].action, "reply.rate_down");
	assert_string_equal(list[2].actor, "customer");
	assert_string_equal(list[2].detail, "wrong");
	assert_int_equal(
		store_list_audit(reader, &f->arena,
				 &(struct audit_filter){.actor = "ann",
							.object = "card-lost"},
				 9, &list, &f->err),
		1);
	assert_int_equal(
		store_list_audit(reader, &f->arena,
				 &(struct audit_filter){.since_us = NOW_US + 1},
				 9, &list, &f->err),
		0);
	store_read_end(reader);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_turns_are_found_by_what_they_were),
		TEST(test_none_of_several_is_unanswered),
		TEST(test_what_was_offered_may_be_chosen_or_not),
		TEST(test_a_person_comes_because_of_what_failed),
		TEST(test_what_was_found_right_is_no_gap),
		TEST(test_a_verdict_supersedes_and_is_kept),
		TEST(test_a_change_of_mind_replaces),
		TEST(test_what_was_taken_back_is_told),
		TEST(test_a_card_of_a_desk_is_not_rated),
		TEST(test_the_audit_tells_all_that_was_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
