/* Knowledge in the store: what is in force at which generation. */
#include "knowledge_fixture.h"

static void
test_new_store_knows_nothing(void **state)
{
	struct fixture *f = *state;
	const struct faq_version *found;

	assert_int_equal(present(f), 0);
	assert_string_equal(in_force(f, 0), "");
	assert_string_equal(with_drafts(f), "");
	assert_string_equal(search_at(f, "anything", 0), "");
	assert_int_equal(list(f, NULL, NULL, 10, &found), 0);
	assert_null(get(f, "a", 0));
	assert_int_equal(judge(f, "a", 0, true), STORE_NOT_FOUND);
}

static void
test_version_comes_back_as_it_was_given(void **state)
{
	struct fixture *f = *state;
	const char *const variants[] = {"one", "two",	"three", "four", "five",
					"six", "seven", "eight", "nine"};
	struct faq_version version = {
		.name = "card.lost-1_b",
		.question = "What \"if\"?",
		.variants = variants,
		.n_variants = 9,
		.answer = "Call 0800.\n\n- now\n",
		.source = "Call {{phone}}.\n\n- now\n",
		.language = "de",
		.intent = "card_lost",
		.tags = "card,lost",
		.is_verbatim = true,
		.valid_from_us = 5,
		.valid_to_us = 9,
		.origin_hash = "abc",
	};
	int64_t id = begin(f, "pack:test");

	assert_int_equal(add(f, id, &version, true), 1);
	show(f, id);
	const struct faq_version *found = get(f, "card.lost-1_b", 1);
	assert_non_null(found);
	assert_string_equal(found->name, version.name);
	assert_int_equal(found->version, 1);
	assert_string_equal(found->state, "approved");
	assert_string_equal(found->question, version.question);
	assert_int_equal(found->n_variants, 9);
	for (size_t i = 0; i < 9; i++)
		assert_string_equal(found->variants[i], variants[i]);
	assert_string_equal(found->answer, version.answer);
	assert_string_equal(found->source, version.source);
	assert_string_equal(found->language, "de");
	assert_string_equal(found->intent, "card_lost");
	assert_string_equal(found->tags, "card,lost");
	assert_true(found->is_verbatim);
	assert_int_equal(found->valid_from_us, 5);
	assert_int_equal(found->valid_to_us, 9);
	assert_string_equal(found->origin, "pack:test");
	assert_string_equal(found->origin_hash, "abc");
	assert_string_equal(found->author, "ann");
	assert_string_equal(found->approver, "ann");
	assert_int_equal(found->created_at_us, NOW_US + 1);
	assert_int_equal(found->approved_at_us, NOW_US + 1);
	assert_int_equal(found->retired_at_us, 0);
}

static void
test_draft_comes_into_force_when_it_is_approved(void **state)
{
	struct fixture *f = *state;

	import_one(f, "a", "one", false);
	assert_string_equal(in_force(f, 0), "");
	assert_string_equal(with_drafts(f), "a@1=one");
	assert_string_equal(get(f, "a", 0)->state, "draft");
	assert_string_equal(get(f, "a", 0)->approver, "");
	assert_int_equal(judge(f, "a", 0, true), STORE_OK);
	assert_string_equal(in_force(f, 0), "a@1=one");
	assert_string_equal(in_force(f, 1), "");
	assert_string_equal(get(f, "a", 0)->state, "approved");
	assert_string_equal(get(f, "a", 0)->approver, "cleo");
	assert_int_equal(get(f, "a", 0)->approved_at_us, NOW_US + 4);
	assert_int_equal(judge(f, "a", 0, true), STORE_INVALID);
	assert_words(f->err.text, "a@1 is approved already");
}

static void
test_highest_approved_number_is_in_force_and_none_below_it(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(put(f, "a", "one", 0, true), STORE_OK);
	assert_int_equal(put(f, "a", "two", 1, true), STORE_OK);
	assert_int_equal(put(f, "a", "three", 2, false), STORE_OK);
	assert_string_equal(in_force(f, 0), "a@2=two");
	assert_string_equal(with_drafts(f), "a@3=three");
	assert_int_equal(judge(f, "a", 0, false), STORE_OK);
	assert_string_equal(in_force(f, 0), "");
	assert_string_equal(get(f, "a", 2)->state, "retired");
	assert_int_equal(get(f, "a", 2)->retired_at_us, NOW_US + 4);
	assert_string_equal(get(f, "a", 3)->state, "draft");
	assert_string_equal(with_drafts(f), "a@3=three");
	assert_int_equal(judge(f, "a", 3, true), STORE_OK);
	assert_string_equal(in_force(f, 0), "a@3=three");
	assert_string_equal(in_force(f, 2), "a@2=two");
}

static void
test_four_eyes_see_a_version(void **state)
{
	struct fixture *f = *state;
	struct store_judge_version approve = {
		.write.verb = &store_verb_judge_version,
		.name = "a",
		.is_approval = true,
		.four_eyes = true,
		.actor = "bob",
		.now_us = NOW_US,
	};

	assert_int_equal(put(f, "a", "one", 0, false), STORE_OK);
	assert_int_equal(store_call(f->store, &approve.write), STORE_INVALID);
	assert_words(approve.write.err.text, "a@1 was written by you");
	approve.actor = "cleo";
	assert_int_equal(store_call(f->store, &approve.write), STORE_OK);
	/* Who wrote it may retire it. */
	approve.actor = "bob";
	approve.is_approval = false;
	assert_int_equal(store_call(f->store, &approve.write), STORE_OK);
}

static const struct faq_version *
get_in_force(struct fixture *f, const char *name, int64_t generation)
{
	struct store_reader *reader = reader_of(f);
	const struct faq_version *found;
	int is_there = store_get_in_force(reader, &f->arena, name, generation,
					  &found, &f->err);

	store_read_end(reader);
	assert_int_equal(is_there, found != NULL);
	return found;
}

static void
test_an_entry_is_found_as_it_was(void **state)
{
	struct fixture *f = *state;

	int64_t one = import_one(f, "a", "one", true);
	int64_t two = import_one(f, "a", "two", true);
	assert_int_equal(put(f, "a", "three", 2, false), STORE_OK);
	assert_string_equal(get_in_force(f, "a", one)->answer, "one");
	assert_string_equal(get_in_force(f, "a", two)->answer, "two");
	assert_string_equal(get_in_force(f, "a", 0)->answer, "two");
	assert_null(get_in_force(f, "b", 0));
	assert_null(get_in_force(f, "a", GENERATION_NONE));
}

static void
test_judgement_that_changes_nothing_is_refused(void **state)
{
	struct fixture *f = *state;

	put(f, "a", "one", 0, false);
	put(f, "a", "two", 1, true);
	assert_int_equal(judge(f, "a", 1, true), STORE_INVALID);
	assert_words(f->err.text, "would not come into force");
	assert_int_equal(judge(f, "a", 1, false), STORE_INVALID);
	assert_words(f->err.text, "is not in force");
	assert_int_equal(judge(f, "a", 3, true), STORE_NOT_FOUND);
	assert_int_equal(judge(f, "a", 2, false), STORE_OK);
	assert_int_equal(judge(f, "a", 2, false), STORE_INVALID);
	assert_words(f->err.text, "a@2 is retired");
	assert_int_equal(judge(f, "a", 0, false), STORE_INVALID);
	assert_int_equal(present(f), 3);
}

static void
test_draft_can_be_rejected(void **state)
{
	struct fixture *f = *state;

	put(f, "a", "one", 0, true);
	put(f, "a", "two", 1, false);
	assert_int_equal(judge(f, "a", 2, false), STORE_OK);
	assert_string_equal(in_force(f, 0), "a@1=one");
	assert_string_equal(with_drafts(f), "a@1=one");
	assert_string_equal(get(f, "a", 0)->state, "retired");
	assert_int_equal(judge(f, "a", 2, true), STORE_INVALID);
	put(f, "b", "one", 0, false);
	assert_int_equal(judge(f, "b", 0, false), STORE_OK);
	assert_string_equal(get(f, "b", 0)->state, "retired");
}

static void
test_edit_of_what_changed_meanwhile_is_stale(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(put(f, "a", "one", 1, true), STORE_STALE);
	assert_int_equal(put(f, "a", "one", 0, true), STORE_OK);
	assert_int_equal(put(f, "a", "two", 0, true), STORE_STALE);
	assert_words(f->err.text, "its newest version is 1");
	assert_int_equal(put(f, "a", "two", 1, true), STORE_OK);
	assert_string_equal(in_force(f, 0), "a@2=two");
	assert_string_equal(get(f, "a", 0)->origin, "hand");
	assert_string_equal(get(f, "a", 0)->author, "bob");
}

static void
test_every_change_is_audited_and_logged(void **state)
{
	struct fixture *f = *state;

	import_one(f, "a", "one", false);
	judge(f, "a", 1, true);
	put(f, "a", "two", 1, true);
	judge(f, "a", 0, false);
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit WHERE"
				     " (actor, action, object) IN (VALUES"
				     " ('ann', 'faq.import', 'pack:test'),"
				     " ('cleo', 'faq.approve', 'a@1'),"
				     " ('bob', 'faq.edit', 'a@2'),"
				     " ('cleo', 'faq.retire', 'a@2'))"),
			 4);
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit"), 4);
	assert_int_equal(count_of(f, "SELECT count(*) FROM generation WHERE"
				     " (id, actor, what) IN (VALUES"
				     " (1, 'ann', 'import of pack:test'),"
				     " (2, 'cleo', 'approval of a@1'),"
				     " (3, 'bob', 'edit of a@2'),"
				     " (4, 'cleo', 'retirement of a@2'))"),
			 4);
}

static int64_t
generation_at(struct fixture *f, int64_t at_us)
{
	struct store_reader *reader = reader_of(f);
	int64_t generation = -7;

	assert_int_equal(
		store_generation_at(reader, at_us, &generation, &f->err), 0);
	store_read_end(reader);
	return generation;
}

static void
test_date_maps_to_the_generation_of_then(void **state)
{
	struct fixture *f = *state;
	int64_t generation;

	assert_int_equal(generation_at(f, NOW_US), GENERATION_NONE);
	try_show(f, begin(f, "x"), NOW_US + 10, &generation);
	try_show(f, begin(f, "x"), NOW_US + 20, &generation);
	/* A clock that was set back does not bring generations in disorder. */
	try_show(f, begin(f, "x"), NOW_US + 5, &generation);
	try_show(f, begin(f, "x"), NOW_US + 30, &generation);
	assert_int_equal(generation_at(f, NOW_US + 9), GENERATION_NONE);
	assert_int_equal(generation_at(f, NOW_US + 10), 1);
	assert_int_equal(generation_at(f, NOW_US + 19), 1);
	assert_int_equal(generation_at(f, NOW_US + 20), 3);
	assert_int_equal(generation_at(f, NOW_US + 29), 3);
	assert_int_equal(generation_at(f, NOW_US + 99), 4);
}

static void
test_generation_before_all_knows_nothing_and_one_to_come_is_an_error(
	void **state)
{
	struct fixture *f = *state;
	struct buf out;

	import_one(f, "a", "one", true);
	assert_string_equal(in_force(f, GENERATION_NONE), "");
	assert_string_equal(search_at(f, "one", NOW_US), "");
	struct store_reader *reader = reader_of(f);
	buf_init(&out, 100);
	assert_int_equal(
		store_each_in_force(reader, 2, write_version, &out, &f->err),
		-1);
	assert_words(f->err.text, "generation 2 is not known here");
	store_read_end(reader);
	buf_release(&out);
}

static int
stop_at_second(void *arg, const struct faq_version *version, struct err *err)
{
	int *n = arg;

	(void)version;
	return ++*n == 2 ? err_set(err, "enough") : 0;
}

static void
test_reading_stops_when_it_is_told_to(void **state)
{
	struct fixture *f = *state;
	int n = 0;

	put(f, "a", "one", 0, true);
	put(f, "b", "one", 0, true);
	put(f, "c", "one", 0, true);
	struct store_reader *reader = reader_of(f);
	assert_int_equal(
		store_each_in_force(reader, 0, stop_at_second, &n, &f->err),
		-1);
	assert_int_equal(n, 2);
	assert_string_equal(f->err.text, "enough");
	/* The statement can be used again. */
	n = 2;
	assert_int_equal(
		store_each_in_force(reader, 0, stop_at_second, &n, &f->err), 0);
	assert_int_equal(n, 5);
	store_read_end(reader);
}

/* Whatever is done in whatever order, each generation stays as it was when it
 * was the present. */
#define STEPS 300

static void
do_something(struct fixture *f, unsigned int *seed, int64_t open[2])
{
	static const char *const names[] = {"a", "b", "c", "d", "e"};
	static const char *const origins[] = {"pack:x", "pack:y"};
	const char *name = names[rand_r(seed) % 5];
	int which = rand_r(seed) % 2, kind = rand_r(seed) % 8;
	const char *answer = arena_printf(&f->arena, "%d", rand_r(seed));
	struct faq_version version = version_of(name, answer);
	const struct faq_version *newest = get(f, name, 0);
	int number = newest ? newest->version : 0;

	if (kind < 2)
		put(f, name, answer, number, kind == 0);
	else if (kind == 2)
		judge(f, name, rand_r(seed) % (number + 1), true);
	else if (kind == 3)
		judge(f, name, 0, false);
	else if (kind == 4 || !open[which])
		open[which] = begin(f, origins[which]);
	else if (kind == 5)
		add(f, open[which], &version, rand_r(seed) % 3 > 0);
	else if (kind == 6)
		mark(f, open[which], name);
	else {
		show(f, open[which]);
		open[which] = 0;
	}
}

static void
test_generations_stay_as_they_were(void **state)
{
	struct fixture *f = *state;
	char *were[STEPS + 1] = {""};
	int64_t open[2] = {0};
	int64_t generation = 0;
	unsigned int seed = 20260503;

	for (int i = 0; i < STEPS; i++) {
		do_something(f, &seed, open);
		int64_t now = present(f);
		char *is = in_force(f, 0);
		if (now == generation) {
			assert_string_equal(is, were[now]);
			continue;
		}
		assert_int_equal(now, generation + 1);
		generation = now;
		were[now] = is;
	}
	assert_true(generation > STEPS / 4);
	for (int64_t i = 1; i <= generation; i++)
		assert_string_equal(in_force(f, i), were[i]);
	close_store(f);
	open_store(f);
	for (int64_t i = 1; i <= generation; i++)
		assert_string_equal(in_force(f, i), were[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(test_new_store_knows_nothing),
		test(test_version_comes_back_as_it_was_given),
		test(test_draft_comes_into_force_when_it_is_approved),
		test(test_highest_approved_number_is_in_force_and_none_below_it),
		test(test_four_eyes_see_a_version),
		test(test_an_entry_is_found_as_it_was),
		test(test_judgement_that_changes_nothing_is_refused),
		test(test_draft_can_be_rejected),
		test(test_edit_of_what_changed_meanwhile_is_stale),
		test(test_every_change_is_audited_and_logged),
		test(test_date_maps_to_the_generation_of_then),
		test(test_generation_before_all_knows_nothing_and_one_to_come_is_an_error),
		test(test_reading_stops_when_it_is_told_to),
		test(test_generations_stay_as_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
