/* Cases: with their turn or not at all, and closed once. */
#include "store_fixture.h"

#include "store/case.h"
#include "store/desk.h"

#define SLOTS                                                     \
	"[{\"slot\":\"day\",\"label\":\"Day\",\"type\":\"date\"," \
	"\"value\":\"2026-11-03\",\"verdict\":\"ok\"}]"

/* A turn that answers a message, and makes a case of that reference. */
static struct store_finish_turn
turn_with(struct fixture *f, const char *key, const int64_t *message,
	  const struct case_draft *draft)
{
	return (struct store_finish_turn){
		.write.verb = &store_verb_finish_turn,
		.conversation_id = conversation_of(f, key),
		.messages = message,
		.n_messages = 1,
		.newest_seen = *message,
		.before = STATE_BOT,
		.after = {.state = STATE_BOT, .memory = "{}"},
		.draft = draft,
		.kind = "form",
		.rule = "form:address",
		.entry = "",
		.record = "{}",
		.now_us = NOW_US,
	};
}

static enum store_status
file(struct fixture *f, const char *key, const char *reference,
     const char *form)
{
	const struct case_draft draft = {.reference = reference,
					 .form = form,
					 .title = "Change of address",
					 .slots_json = SLOTS,
					 .is_complete = true};
	int64_t message = add_text(f, key, "1");
	struct store_finish_turn turn = turn_with(f, key, &message, &draft);

	return store_call(f->store, &turn.write);
}

static const struct form_case *
get(struct fixture *f, const char *reference)
{
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	const struct form_case *c;
	int found = store_get_case(reader, &f->arena, reference, &c, &f->err);

	store_read_end(reader);
	assert_int_equal(found, c != NULL);
	return c;
}

static enum store_status
close_case(struct fixture *f, const char *reference, const char *note)
{
	struct store_close_case close = {
		.write.verb = &store_verb_close_case,
		.reference = reference,
		.actor = "ann",
		.note = note,
		.now_us = NOW_US + 5,
	};
	enum store_status status = store_call(f->store, &close.write);

	f->err = close.write.err;
	return status;
}

static void
test_a_case_comes_with_its_turn(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(file(f, "a", "AAAAA-AAAAA-A", "address"), STORE_OK);
	const struct form_case *c = get(f, "AAAAA-AAAAA-A");
	assert_non_null(c);
	assert_string_equal(c->draft.form, "address");
	assert_string_equal(c->draft.title, "Change of address");
	assert_string_equal(c->draft.slots_json, SLOTS);
	assert_true(c->draft.is_complete);
	assert_string_equal(c->channel, "web");
	assert_memory_equal(c->conversation, "cnv_", 4);
	assert_int_equal(c->created_at_us, NOW_US);
	assert_int_equal(c->closed_at_us, 0);
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	const struct form_case *same;
	assert_int_equal(store_case_of_turn(reader, &f->arena, c->turn_id,
					    &same, &f->err),
			 1);
	assert_int_equal(same->id, c->id);
	assert_int_equal(store_case_of_turn(reader, &f->arena, c->turn_id + 1,
					    &same, &f->err),
			 0);
	assert_null(same);
	store_read_end(reader);
	assert_null(get(f, "BBBBB-BBBBB-B"));
}

static void
test_a_turn_that_is_stale_leaves_no_case(void **state)
{
	struct fixture *f = *state;
	const struct case_draft draft = {"AAAAA-AAAAA-A", "address", "Address",
					 "[]", true};

	int64_t first = add_text(f, "a", "1");
	add_text(f, "a", "2");
	struct store_finish_turn turn = turn_with(f, "a", &first, &draft);
	assert_int_equal(store_call(f->store, &turn.write), STORE_STALE);
	assert_null(get(f, "AAAAA-AAAAA-A"));
	/* The one that takes its place may have the same reference. */
	turn.is_final = true;
	assert_int_equal(store_call(f->store, &turn.write), STORE_OK);
	assert_non_null(get(f, "AAAAA-AAAAA-A"));
}

static void
test_no_two_cases_have_a_reference(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(file(f, "a", "AAAAA-AAAAA-A", "address"), STORE_OK);
	assert_int_not_equal(file(f, "b", "AAAAA-AAAAA-A", "address"),
			     STORE_OK);
	assert_int_equal(count_of(f, "SELECT count(*) FROM turn"), 1);
}

static void
test_a_case_is_closed_once(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(file(f, "a", "AAAAA-AAAAA-A", "address"), STORE_OK);
	assert_int_equal(close_case(f, "BBBBB-BBBBB-B", NULL), STORE_NOT_FOUND);
	assert_words(f->err.text, "there is no case BBBBB-BBBBB-B");
	f->err = (struct err){0};
	assert_int_equal(close_case(f, "AAAAA-AAAAA-A", "done"), STORE_OK);
	const struct form_case *c = get(f, "AAAAA-AAAAA-A");
	assert_int_equal(c->closed_at_us, NOW_US + 5);
	assert_string_equal(c->closed_by, "ann");
	assert_string_equal(c->note, "done");
	assert_int_equal(close_case(f, "AAAAA-AAAAA-A", "again"), STORE_STALE);
	assert_words(f->err.text, "was closed by ann");
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit"
				     " WHERE action = 'case.close'"
				     " AND object = 'AAAAA-AAAAA-A'"
				     " AND actor = 'ann' AND detail = 'done'"),
			 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit"), 1);
}

/* The references of a list, a blank behind each. */
static const char *
listed(struct fixture *f, enum case_choice choice, const char *form,
       int64_t before, size_t limit)
{
	static char out[256];
	const struct form_case *list;
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	long n = store_list_cases(reader, &f->arena, choice, form, before,
				  limit, &list, &f->err);

	store_read_end(reader);
	out[0] = '\0';
	for (long i = 0; i < n; i++)
		snprintf(out + strlen(out), sizeof out - strlen(out), "%.1s ",
			 list[i].draft.reference);
	return out;
}

static void
test_cases_are_listed(void **state)
{
	struct fixture *f = *state;
	const struct form_case *list;

	file(f, "a", "AAAAA-AAAAA-A", "address");
	file(f, "b", "BBBBB-BBBBB-B", "dispute");
	file(f, "a", "CCCCC-CCCCC-C", "address");
	close_case(f, "BBBBB-BBBBB-B", "");
	assert_string_equal(listed(f, CASES_OPEN, NULL, 0, 9), "C A ");
	assert_string_equal(listed(f, CASES_CLOSED, "", 0, 9), "B ");
	assert_string_equal(listed(f, CASES_ALL, NULL, 0, 2), "C B ");
	assert_string_equal(listed(f, CASES_ALL, "address", 3, 9), "A ");
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	assert_int_equal(store_cases_of(reader, &f->arena,
					conversation_of(f, "a"), &list,
					&f->err),
			 2);
	store_read_end(reader);
	assert_string_equal(list[0].draft.reference, "AAAAA-AAAAA-A");
	assert_string_equal(list[1].draft.reference, "CCCCC-CCCCC-C");
}

static void
test_who_follows_cases_sees_each_once(void **state)
{
	struct fixture *f = *state;
	const struct form_case *list;
	struct desk_place place;

	file(f, "a", "AAAAA-AAAAA-A", "address");
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	assert_int_equal(store_desk_now(reader, &place, &f->err), 0);
	assert_int_equal(store_new_cases(reader, &f->arena, place.form_case, 9,
					 &list, &f->err),
			 0);
	store_read_end(reader);
	file(f, "b", "BBBBB-BBBBB-B", "dispute");
	file(f, "b", "CCCCC-CCCCC-C", "dispute");
	/* Who closed it meanwhile may be another. */
	close_case(f, "BBBBB-BBBBB-B", "");
	reader = store_read_begin(f->store, &f->err);
	assert_int_equal(store_new_cases(reader, &f->arena, place.form_case, 1,
					 &list, &f->err),
			 1);
	assert_string_equal(list[0].draft.reference, "BBBBB-BBBBB-B");
	assert_int_equal(store_new_cases(reader, &f->arena, list[0].id, 9,
					 &list, &f->err),
			 1);
	assert_string_equal(list[0].draft.reference, "CCCCC-CCCCC-C");
	store_read_end(reader);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_case_comes_with_its_turn,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_a_turn_that_is_stale_leaves_no_case, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			test_no_two_cases_have_a_reference, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_case_is_closed_once,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cases_are_listed, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			test_who_follows_cases_sees_each_once, set_up,
			tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
