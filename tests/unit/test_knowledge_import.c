/* Imports of knowledge: what they change, and when it is seen. */
#include "knowledge_fixture.h"

static void
test_import_is_seen_nowhere_until_it_is_shown(void **state)
{
	struct fixture *f = *state;
	const struct faq_version *found;
	struct faq_version version = version_of("a", "one");
	int64_t id = begin(f, "pack:test");

	add(f, id, &version, true);
	assert_int_equal(present(f), 0);
	assert_string_equal(in_force(f, 0), "");
	assert_string_equal(with_drafts(f), "");
	assert_string_equal(search_at(f, "one", 0), "");
	assert_null(get(f, "a", 0));
	assert_null(get(f, "a", 1));
	assert_int_equal(list(f, NULL, NULL, 10, &found), 0);
	assert_int_equal(judge(f, "a", 0, false), STORE_NOT_FOUND);
	assert_int_equal(show(f, id), 1);
	assert_int_equal(present(f), 1);
	assert_string_equal(in_force(f, 0), "a@1=one");
	assert_string_equal(search_at(f, "one", 0), "a@1");
	assert_non_null(get(f, "a", 1));
	assert_int_equal(list(f, NULL, NULL, 10, &found), 1);
}

static void
test_import_retires_when_it_is_shown(void **state)
{
	struct fixture *f = *state;

	put(f, "a", "one", 0, true);
	put(f, "a", "two", 1, false);
	put(f, "b", "one", 0, true);
	int64_t id = begin(f, "pack:test");
	assert_int_equal(mark(f, id, "a"), 1);
	assert_int_equal(mark(f, id, "none"), 0);
	assert_string_equal(in_force(f, 0), "a@1=one b@1=one");
	assert_string_equal(get(f, "a", 1)->state, "approved");
	assert_int_equal(show(f, id), 4);
	assert_string_equal(in_force(f, 0), "b@1=one");
	assert_string_equal(with_drafts(f), "b@1=one");
	assert_string_equal(in_force(f, 3), "a@1=one b@1=one");
	assert_string_equal(get(f, "a", 1)->state, "retired");
	assert_int_equal(get(f, "a", 1)->retired_at_us, NOW_US + 2);
	assert_int_equal(judge(f, "a", 0, false), STORE_INVALID);
	id = begin(f, "pack:test");
	assert_int_equal(mark(f, id, "a"), 0);
}

static void
test_marks_of_an_import_that_died_retire_nothing(void **state)
{
	struct fixture *f = *state;

	put(f, "a", "one", 0, true);
	mark(f, begin(f, "pack:test"), "a");
	int64_t id = begin(f, "pack:test");
	show(f, id);
	assert_string_equal(in_force(f, 0), "a@1=one");
	id = begin(f, "pack:test");
	assert_int_equal(mark(f, id, "a"), 1);
	show(f, id);
	assert_string_equal(in_force(f, 0), "");
}

static void
test_import_retires_nothing_of_another_that_is_on_its_way(void **state)
{
	struct fixture *f = *state;
	struct faq_version version = version_of("a", "two");

	put(f, "a", "one", 0, true);
	int64_t other = begin(f, "pack:other"), id = begin(f, "pack:test");
	add(f, other, &version, true);
	mark(f, id, "a");
	show(f, id);
	assert_string_equal(in_force(f, 0), "");
	show(f, other);
	assert_string_equal(in_force(f, 0), "a@2=two");
}

static void
test_overtaken_import_cannot_be_shown(void **state)
{
	struct fixture *f = *state;
	struct faq_version version = version_of("a", "one");
	const struct faq_version *one = &version;
	int64_t generation, first = begin(f, "pack:test");

	add(f, first, &version, true);
	int64_t other = begin(f, "pack:other");
	int64_t second = begin(f, "pack:test");
	struct store_add_versions slice = slice_of(first, &one, 1, true);
	assert_int_equal(store_call(f->store, &slice.write), STORE_STALE);
	assert_int_equal(try_show(f, first, NOW_US, &generation), STORE_STALE);
	assert_int_equal(try_show(f, other, NOW_US, &generation), STORE_OK);
	assert_int_equal(try_show(f, second, NOW_US, &generation), STORE_OK);
	assert_int_equal(try_show(f, second, NOW_US, &generation),
			 STORE_INVALID);
	assert_int_equal(try_show(f, 99, NOW_US, &generation), STORE_NOT_FOUND);
	assert_string_equal(in_force(f, 0), "");
}

static void
test_what_a_dead_import_left_is_cleared(void **state)
{
	struct fixture *f = *state;
	const char *const variants[] = {"x", "y"};
	struct faq_version a = version_of("a", "left"),
			   b = version_of("b", "left");
	struct store_clear_imports clear = {
		.write.verb = &store_verb_clear_imports,
	};

	import_one(f, "c", "shown", true);
	put(f, "a", "one", 0, true);
	int64_t dead = begin(f, "pack:test");
	b.variants = variants;
	b.n_variants = 2;
	assert_int_equal(add(f, dead, &a, true), 2);
	assert_int_equal(add(f, dead, &b, true), 1);
	/* Numbers have a gap while it is there. */
	assert_int_equal(put(f, "a", "three", 1, true), STORE_OK);
	assert_string_equal(in_force(f, 0), "c@1=shown a@3=three");
	clear.import_id = begin(f, "pack:test");
	assert_int_equal(store_call(f->store, &clear.write), STORE_OK);
	assert_int_equal(clear.n_removed, 2);
	assert_int_equal(store_call(f->store, &clear.write), STORE_OK);
	assert_int_equal(clear.n_removed, 0);
	assert_int_equal(count_of(f, "SELECT count(*) FROM faq"), 2);
	assert_int_equal(count_of(f, "SELECT count(*) FROM faq_version"), 3);
	assert_int_equal(count_of(f, "SELECT count(*) FROM faq_variant"), 0);
	assert_int_equal(count_of(f, "SELECT count(*) FROM faq_search"
				     " WHERE faq_search MATCH 'left'"),
			 0);
	assert_int_equal(put(f, "b", "new", 0, true), STORE_OK);
	assert_string_equal(in_force(f, 0), "c@1=shown a@3=three b@1=new");
}

static void
test_what_changed_since_it_was_seen_is_left_out(void **state)
{
	struct fixture *f = *state;
	struct faq_version a = version_of("a", "file"),
			   b = version_of("b", "file"),
			   c = version_of("c", "file");
	const struct faq_version *versions[] = {&a, &b, &c};
	const char *retire[] = {"d", "e"};

	put(f, "a", "one", 0, true);
	put(f, "b", "one", 0, true);
	put(f, "d", "one", 0, true);
	put(f, "e", "one", 0, true);
	int64_t seen = present(f);
	put(f, "b", "two", 1, true);
	put(f, "e", "two", 1, true);
	int64_t id = begin(f, "pack:test");
	struct store_add_versions add = slice_of(id, versions, 3, true);
	add.seen = seen;
	add.retire = retire;
	add.n_retire = 2;
	assert_int_equal(store_call(f->store, &add.write), STORE_OK);
	assert_int_equal(add.numbers[0], 2);
	assert_int_equal(add.numbers[1], 0);
	assert_int_equal(add.numbers[2], 1);
	assert_int_equal(add.n_retired, 1);
	/* An edit while the import is on its way is newer, and stays. */
	assert_int_equal(put(f, "a", "by hand", 1, true), STORE_OK);
	show(f, id);
	assert_string_equal(in_force(f, 0),
			    "a@3=by hand b@2=two e@2=two c@1=file");
}

static void
test_unfit_versions_are_refused(void **state)
{
	struct fixture *f = *state;
	const char *const variants[] = {""};
	struct faq_version bad[] = {
		version_of("", "a"),	 version_of("a b", "a"),
		version_of("a@1", "a"),	 version_of("\xC3\xA4", "a"),
		version_of("a", ""),	 version_of("a", NULL),
		version_of("a", "once"), version_of("a", "blank"),
		version_of("a", "mute"), version_of(NULL, "a"),
	};
	char name[KNOWLEDGE_NAME_MAX + 2];

	bad[6].valid_from_us = 5;
	bad[6].valid_to_us = 5;
	bad[7].variants = variants;
	bad[7].n_variants = 1;
	bad[8].question = "";
	int64_t id = begin(f, "pack:test");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		const struct faq_version *one = &bad[i];
		struct store_add_versions add = slice_of(id, &one, 1, true);
		assert_int_equal(store_call(f->store, &add.write),
				 STORE_INVALID);
		assert_words(add.write.err.text, "cannot be kept");
	}
	memset(name, 'n', sizeof name);
	name[KNOWLEDGE_NAME_MAX + 1] = '\0';
	assert_int_equal(put(f, name, "a", 0, true), STORE_INVALID);
	name[KNOWLEDGE_NAME_MAX] = '\0';
	assert_int_equal(put(f, name, "a", 0, true), STORE_OK);
}

static void
test_slice_with_an_unfit_version_adds_nothing(void **state)
{
	struct fixture *f = *state;
	struct faq_version good = version_of("a", "one"),
			   bad = version_of("", "one");
	const struct faq_version *versions[] = {&good, &bad};
	int64_t id = begin(f, "pack:test");
	struct store_add_versions add = slice_of(id, versions, 2, true);

	assert_int_equal(store_call(f->store, &add.write), STORE_INVALID);
	show(f, id);
	assert_string_equal(in_force(f, 0), "");
	add.n_versions = KNOWLEDGE_SLICE + 1;
	assert_int_equal(store_call(f->store, &add.write), STORE_INVALID);
}

struct heads {
	struct faq_head list[8];
	size_t n;
	struct arena *arena;
};

static int
keep_head(void *arg, const struct faq_head *head, struct err *err)
{
	struct heads *heads = arg;
	struct faq_head *kept = &heads->list[heads->n++];

	(void)err;
	*kept = *head;
	kept->name = arena_strdup(heads->arena, head->name);
	kept->origin = arena_strdup(heads->arena, head->origin);
	kept->origin_hash = arena_strdup(heads->arena, head->origin_hash);
	kept->own_hash = head->own_hash
				 ? arena_strdup(heads->arena, head->own_hash)
				 : NULL;
	return 0;
}

static void
test_heads_tell_an_import_what_there_is(void **state)
{
	struct fixture *f = *state;
	struct heads heads = {.arena = &f->arena};
	struct faq_version version = version_of("a", "one");

	version.origin_hash = "h1";
	int64_t id = begin(f, "pack:test");
	add(f, id, &version, true);
	version.name = "b";
	add(f, id, &version, false);
	show(f, id);
	put(f, "a", "by hand", 1, true);
	put(f, "c", "by hand", 0, true);
	judge(f, "c", 0, false);
	add(f, begin(f, "pack:test"), &version, true);

	struct store_reader *reader = reader_of(f);
	assert_int_equal(store_each_head(reader, "pack:test", keep_head, &heads,
					 &f->err),
			 0);
	store_read_end(reader);
	assert_int_equal(heads.n, 3);
	assert_string_equal(heads.list[0].name, "a");
	assert_int_equal(heads.list[0].version, 2);
	assert_string_equal(heads.list[0].origin, "hand");
	assert_string_equal(heads.list[0].own_hash, "h1");
	assert_string_equal(heads.list[1].origin, "pack:test");
	assert_int_equal(heads.list[1].version, 1);
	assert_true(heads.list[1].is_draft);
	assert_false(heads.list[1].is_retired);
	assert_null(heads.list[2].own_hash);
	assert_true(heads.list[2].is_retired);
	assert_true(heads.list[2].was_retired_by_hand);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(test_import_is_seen_nowhere_until_it_is_shown),
		test(test_import_retires_when_it_is_shown),
		test(test_marks_of_an_import_that_died_retire_nothing),
		test(test_import_retires_nothing_of_another_that_is_on_its_way),
		test(test_overtaken_import_cannot_be_shown),
		test(test_what_a_dead_import_left_is_cleared),
		test(test_what_changed_since_it_was_seen_is_left_out),
		test(test_unfit_versions_are_refused),
		test(test_slice_with_an_unfit_version_adds_nothing),
		test(test_heads_tell_an_import_what_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
