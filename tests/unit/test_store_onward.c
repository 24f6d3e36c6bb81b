/* What a turn leaves to another conversation, in its transaction, and word of
 * what could not be delivered there. */
#include "store_fixture.h"

struct plan {
	struct store_finish_turn finish;
	struct reply reply;
	struct message onward[2];
};

static struct message
taken_along(int64_t origin, const char *kind, const char *text)
{
	return (struct message){
		.kind = kind,
		.author_id = "ann",
		.text = text,
		.option = "option",
		.origin_id = origin,
		.crashes = 3,
	};
}

/* A turn of one message that leaves it, and a wish, to "own". */
static void
plan_turn(struct plan *plan, struct fixture *f, const char *key,
	  const int64_t *message)
{
	*plan = (struct plan){
		.finish = {.write.verb = &store_verb_finish_turn,
			   .conversation_id = conversation_of(f, key),
			   .messages = message,
			   .n_messages = 1,
			   .newest_seen = *message,
			   .after = {.memory = "{}"},
			   .n_replies = 1,
			   .n_onward = 2,
			   .onward_key = "own",
			   .kind = "handover",
			   .rule = "private, asked",
			   .entry = "",
			   .record = "{}",
			   .now_us = NOW_US},
		.reply = {.target = "web", .job = "reply", .text = "There."},
		.onward = {taken_along(*message, "text", "a person"),
			   taken_along(*message, "handover", "")},
	};
	plan->finish.replies = &plan->reply;
	plan->finish.onward = plan->onward;
}

static long
queued(struct fixture *f, int64_t conversation_id,
       const struct message **list_r)
{
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	long n = store_queued_messages(reader, &f->arena, conversation_id, 9,
				       list_r, &f->err);

	store_read_end(reader);
	return n;
}

static void
test_a_turn_leaves_messages_to_another_conversation(void **state)
{
	struct fixture *f = *state;
	const struct message *list;
	struct plan plan;

	int64_t id = add_text(f, "shared", "a person");
	plan_turn(&plan, f, "shared", &id);
	assert_int_equal(store_call(f->store, &plan.finish.write), STORE_OK);
	assert_int_equal(conversation_of(f, "own"), plan.finish.onward_id);
	assert_int_equal(queued(f, plan.finish.onward_id, &list), 2);
	assert_int_equal(list[0].origin_id, id);
	assert_string_equal(list[0].text, "a person");
	assert_string_equal(list[0].author_id, "ann");
	assert_string_equal(list[0].option, "option");
	assert_string_equal(list[0].private_key, "");
	assert_int_equal(list[0].crashes, 3);
	assert_string_equal(list[1].kind, "handover");
	assert_int_equal(list[1].id, plan.finish.onward_newest);
	assert_int_equal(queued(f, plan.finish.conversation_id, &list), 0);
}

static void
test_it_goes_to_the_conversation_that_is_there(void **state)
{
	struct fixture *f = *state;
	const struct message *list;
	struct plan plan;

	int64_t there = add_text(f, "own", "hello");
	int64_t id = add_text(f, "shared", "a person");
	plan_turn(&plan, f, "shared", &id);
	assert_int_equal(store_call(f->store, &plan.finish.write), STORE_OK);
	assert_int_equal(queued(f, conversation_of(f, "own"), &list), 3);
	assert_int_equal(list[0].id, there);
}

/* By the words in which it was offered there. */
static void
test_what_was_chosen_is_told_where_it_went(void **state)
{
	struct fixture *f = *state;
	const struct entry *list;
	struct plan plan;
	bool more;

	int64_t id = add_text(f, "shared", "hello");
	plan_turn(&plan, f, "shared", &id);
	plan.finish.onward_key = NULL;
	plan.reply.options_json = "[{\"id\":\"option\",\"label\":\"Yes\"}]";
	assert_int_equal(store_call(f->store, &plan.finish.write), STORE_OK);
	id = add_text(f, "shared", "the first");
	plan_turn(&plan, f, "shared", &id);
	plan.onward[1].kind = "option";
	assert_int_equal(store_call(f->store, &plan.finish.write), STORE_OK);
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	assert_int_equal(store_history(reader, &f->arena, plan.finish.onward_id,
				       0, 9, &list, &more, &f->err),
			 2);
	store_read_end(reader);
	assert_string_equal(list[0].text, "a person");
	assert_string_equal(list[1].text, "Yes");
}

static void
test_a_stale_turn_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct plan plan;

	int64_t id = add_text(f, "shared", "a person");
	add_text(f, "shared", "no");
	plan_turn(&plan, f, "shared", &id);
	assert_int_equal(store_call(f->store, &plan.finish.write), STORE_STALE);
	assert_int_equal(count_of(f, "SELECT count(*) FROM message"), 2);
	assert_int_equal(count_of(f, "SELECT count(*) FROM conversation"), 1);
}

static void
test_a_key_that_no_conversation_can_have_is_refused(void **state)
{
	struct fixture *f = *state;
	struct plan plan;

	int64_t id = add_text(f, "shared", "a person");
	plan_turn(&plan, f, "shared", &id);
	plan.finish.onward_key = "cnv_none";
	assert_int_equal(store_call(f->store, &plan.finish.write),
			 STORE_NOT_FOUND);
	assert_int_equal(count_of(f, "SELECT count(*) FROM turn"), 0);
}

/* A message of that thread goes on in "own". */
static void
go_on(struct fixture *f, const char *key)
{
	struct plan plan;

	int64_t id = add_text(f, key, "a person");
	plan_turn(&plan, f, key, &id);
	assert_int_equal(store_call(f->store, &plan.finish.write), STORE_OK);
}

/* That of what he asked there before is of that alone. */
static void
test_it_goes_on_without_a_route(void **state)
{
	struct fixture *f = *state;
	struct store_add_message add = message_from("own", "e1", "hello");

	add.route = "the address of a command";
	add.route_len = strlen(add.route);
	assert_int_equal(store_call(f->store, &add.write), STORE_OK);
	assert_int_equal(count_of(f, "SELECT count(route) FROM conversation"),
			 1);
	go_on(f, "shared");
	assert_int_equal(count_of(f, "SELECT count(route) FROM conversation"),
			 0);
}

/* One turn there answers all that went on; sets the ids of n replies. */
static void
answer_all(struct fixture *f, const char *job, int64_t *replies, size_t n)
{
	const struct message *list;
	struct reply said[2];
	struct plan there;
	int64_t ids[9];

	long n_queued = queued(f, conversation_of(f, "own"), &list);
	for (long i = 0; i < n_queued; i++)
		ids[i] = list[i].id;
	plan_turn(&there, f, "own", ids);
	there.finish.messages = ids;
	there.finish.n_messages = (size_t)n_queued;
	there.finish.newest_seen = ids[n_queued - 1];
	there.finish.onward_key = NULL;
	there.finish.is_final = true;
	there.reply.job = job;
	there.reply.kind = "answer";
	for (size_t i = 0; i < n; i++)
		said[i] = there.reply;
	there.finish.replies = said;
	there.finish.n_replies = n;
	assert_int_equal(store_call(f->store, &there.finish.write), STORE_OK);
	assert_int_equal(there.finish.onward_newest, 0);
	for (size_t i = 0; i < n; i++)
		replies[i] = said[i].id;
}

/* Go on there, and answer; the id of the reply. */
static int64_t
answer_there(struct fixture *f, const char *job)
{
	int64_t reply;

	go_on(f, "shared");
	answer_all(f, job, &reply, 1);
	return reply;
}

static struct store_mark_reply
fail_reply(struct fixture *f, int64_t id)
{
	struct store_mark_reply mark = {
		.write.verb = &store_verb_mark_reply,
		.id = id,
		.outcome = REPLY_FAILED,
		.error = "gone",
		.arena = &f->arena,
		.now_us = NOW_US,
	};

	assert_int_equal(store_call(f->store, &mark.write), STORE_OK);
	return mark;
}

static void
test_where_it_came_from_hears_that_it_failed(void **state)
{
	struct fixture *f = *state;
	const struct message *list;

	int64_t id = answer_there(f, "reply");
	struct store_mark_reply mark = fail_reply(f, id);
	int64_t shared = conversation_of(f, "shared");
	assert_int_equal(mark.n_unreached, 1);
	assert_int_equal(mark.unreached->conversation_id, shared);
	assert_int_equal(queued(f, shared, &list), 1);
	assert_int_equal(list->id, mark.unreached->message_id);
	assert_string_equal(list->kind, MESSAGE_UNREACHED);
	assert_int_equal(list->trust, MESSAGE_TRUST_OWN);
	assert_int_equal(store_call(f->store, &mark.write), STORE_STALE);
	assert_int_equal(queued(f, shared, &list), 1);
}

static void
test_nobody_hears_of_what_else_fails(void **state)
{
	struct fixture *f = *state;
	struct plan plan;

	struct store_mark_reply mark =
		fail_reply(f, answer_there(f, "desk_card"));
	assert_int_equal(mark.n_unreached, 0);
	int64_t id = add_text(f, "a", "hello");
	plan_turn(&plan, f, "a", &id);
	plan.finish.onward_key = NULL;
	assert_int_equal(store_call(f->store, &plan.finish.write), STORE_OK);
	mark = fail_reply(f, plan.reply.id);
	assert_int_equal(mark.n_unreached, 0);
}

/* He wrote in two threads, twice in one, and has one answer, in two parts. */
static void
test_each_thread_hears_once_that_it_failed(void **state)
{
	static const char *const threads[] = {"shared", "other"};
	struct fixture *f = *state;
	const struct message *list;
	int64_t replies[2];

	go_on(f, "shared");
	go_on(f, "other");
	go_on(f, "shared");
	answer_all(f, "reply", replies, 2);
	struct store_mark_reply mark = fail_reply(f, replies[0]);
	assert_int_equal(mark.n_unreached, 2);
	for (int i = 0; i < 2; i++) {
		int64_t id = conversation_of(f, threads[i]);
		assert_int_equal(queued(f, id, &list), 1);
		assert_string_equal(list->kind, MESSAGE_UNREACHED);
		assert_int_equal(mark.unreached[i].conversation_id, id);
		assert_int_equal(mark.unreached[i].message_id, list->id);
	}
	mark = fail_reply(f, replies[1]);
	assert_int_equal(mark.n_unreached, 0);
}

static void
test_who_wants_no_more_of_it_was_reached(void **state)
{
	struct fixture *f = *state;
	const struct message *list;
	struct store_add_message stop = message_from("own", NULL, "");

	answer_there(f, "reply"); /* which says who answers */
	int64_t id = answer_there(f, "reply");
	stop.is_queued = false;
	stop.withdraws_all = true;
	stop.arena = &f->arena;
	assert_int_equal(store_call(f->store, &stop.write), STORE_OK);
	assert_int_equal(stop.n_withdrawn, 1);
	assert_int_equal(fail_reply(f, id).n_unreached, 0);
	assert_int_equal(queued(f, conversation_of(f, "shared"), &list), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_turn_leaves_messages_to_another_conversation),
		TEST(test_it_goes_to_the_conversation_that_is_there),
		TEST(test_what_was_chosen_is_told_where_it_went),
		TEST(test_a_stale_turn_leaves_nothing),
		TEST(test_a_key_that_no_conversation_can_have_is_refused),
		TEST(test_it_goes_on_without_a_route),
		TEST(test_where_it_came_from_hears_that_it_failed),
		TEST(test_nobody_hears_of_what_else_fails),
		TEST(test_each_thread_hears_once_that_it_failed),
		TEST(test_who_wants_no_more_of_it_was_reached),
	};
	return cmocka_run_group_tests_name("store_onward", tests, NULL, NULL);
}
