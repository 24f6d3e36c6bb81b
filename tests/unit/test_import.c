/* Entries from files into the store. */
#include "import_fixture.h"

#include <pthread.h>

static int
write_version(void *arg, const struct faq_version *version, struct err *unused)
{
	struct buf *out = arg;

	(void)unused;
	return buf_addf(out, "%s%s@%d=%s", out->len ? " " : "", version->name,
			version->version, version->answer);
}

static char *
in_force(struct fixture *f)
{
	struct store_reader *reader = store_read_begin(f->store, &err);
	struct buf out;

	buf_init(&out, 1 << 20);
	assert_int_equal(
		store_each_in_force(reader, 0, write_version, &out, &err), 0);
	store_read_end(reader);
	char *text = arena_strdup(&f->arena, buf_str(&out));
	buf_release(&out);
	return text;
}

static int
put_by_hand(struct fixture *f, const char *name, const char *answer, int newest)
{
	struct faq_version version = {
		.name = name,
		.question = "By hand?",
		.answer = answer,
	};
	struct store_put_version put = {
		.write.verb = &store_verb_put_version,
		.version = &version,
		.newest = newest,
		.is_approved = true,
		.actor = "bob",
		.now_us = NOW_US,
	};

	assert_int_equal(store_call(f->store, &put.write), STORE_OK);
	return put.number;
}

static void
judge(struct fixture *f, const char *name, bool is_approval)
{
	struct store_judge_version judge = {
		.write.verb = &store_verb_judge_version,
		.name = name,
		.is_approval = is_approval,
		.actor = "bob",
		.now_us = NOW_US,
	};

	if (store_call(f->store, &judge.write) != STORE_OK)
		fail_msg("%s", judge.write.err.text);
}

static void
test_import_adds_and_changes_what_changed(void **state)
{
	struct fixture *f = *state;

	import_text(f, "id,question,answer\na,a,one\nb,b,one\n");
	expect_counts(2, 0, 0, 0, 0);
	assert_int_equal(result.generation, 1);
	import_text(f, "id,question,answer\nb,b,two\na,a,one\nc,c,one\n");
	expect_counts(1, 1, 1, 0, 0);
	assert_int_equal(result.generation, 2);
	assert_string_equal(in_force(f), "a@1=one b@2=two c@1=one");
}

static void
test_import_of_the_same_writes_nothing(void **state)
{
	struct fixture *f = *state;

	import_text(f, "id,question,answer\na,a,one\nb,b,one\n");
	import_text(f, "id,answer,question\nb,one,b\n\na,one,a\n");
	expect_counts(0, 0, 2, 0, 0);
	assert_int_equal(result.generation, 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM import"), 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit"), 1);
}

static void
test_changed_fact_makes_a_new_version(void **state)
{
	struct fixture *f = *state;
	static const char text[] = "id,question,answer\na,a,ring {{phone}}\n"
				   "b,b,do not ring\n";
	const char *before = phone;

	import_text(f, text);
	phone = "0800 2";
	import_text(f, text);
	phone = before;
	expect_counts(0, 1, 1, 0, 0);
	assert_string_equal(in_force(f), "a@2=ring 0800 2 b@1=do not ring");
	/* So does another fact of the same value: it may change alone. */
	phone = "0800 2";
	import_text(f, "id,question,answer\na,a,ring {{same}}\n"
		       "b,b,do not ring\n");
	phone = before;
	expect_counts(0, 1, 1, 0, 0);
}

static void
test_entry_that_was_edited_is_left_alone_and_named(void **state)
{
	struct fixture *f = *state;

	import_text(f, "id,question,answer\na,a,one\nb,b,one\n");
	put_by_hand(f, "a", "by hand", 1);
	/* The file is as it was when it was edited. */
	import_text(f, "id,question,answer\na,a,one\nb,b,one\n");
	expect_counts(0, 0, 2, 0, 0);
	import_text(f, "id,question,answer\na,a,two\nb,b,two\n");
	expect_counts(0, 1, 0, 0, 1);
	assert_int_equal(result.conflict_names.n, 1);
	assert_string_equal(result.conflict_names.list[0], "a");
	assert_string_equal(result.conflict_origins[0], "hand");
	assert_string_equal(in_force(f), "a@2=by hand b@2=two");
}

static void
test_entry_of_another_origin_is_left_alone(void **state)
{
	struct fixture *f = *state;

	import_text(f, "id,question,answer\na,a,one\nb,b,one\n");
	read_text("g.csv", "id,question,answer\na,a,one\nb,b,two\n");
	import_file(f, "file:g.csv", "approved", true);
	expect_counts(0, 0, 1, 0, 1);
	assert_string_equal(result.conflict_names.list[0], "b");
	assert_string_equal(result.conflict_origins[0], "file:f.csv");
	/* Once its own file has let it go, it may have it. */
	import_text(f, "id,question,answer\na,a,one\n");
	expect_counts(0, 0, 1, 1, 0);
	read_text("g.csv", "id,question,answer\na,a,one\nb,b,two\n");
	import_file(f, "file:g.csv", "approved", true);
	expect_counts(1, 0, 1, 0, 0);
	assert_string_equal(in_force(f), "a@1=one b@2=two");
}

static void
import_pack(struct fixture *f, const char *name, const char *text)
{
	read_text("f.csv", text);
	import_file(f, arena_printf(&f->arena, "pack:%s", name), "approved",
		    true);
}

static void
test_a_pack_takes_the_place_of_another(void **state)
{
	struct fixture *f = *state;

	import_text(f, "id,question,answer\nown,own,one\n");
	import_pack(f, "p",
		    "id,question,answer\na,a,one\nb,b,one\nc,c,one\n"
		    "d,d,one\ne,e,one\n");
	put_by_hand(f, "c", "by hand", 1);
	judge(f, "d", false);
	import_pack(f, "q",
		    "id,question,answer\na,a,two\nc,c,two\nd,d,one\n"
		    "e,e,one\nf,f,two\n");
	expect_counts(1, 1, 2, 1, 1);
	assert_string_equal(result.conflict_names.list[0], "c");
	assert_string_equal(in_force(f), "own@1=one a@2=two c@2=by hand "
					 "e@1=one f@1=two");
	import_pack(f, "q",
		    "id,question,answer\na,a,two\nc,c,two\nd,d,one\n"
		    "f,f,two\n");
	/* This pack has never had c as its own. */
	expect_counts(0, 0, 3, 1, 1);
	assert_string_equal(in_force(f), "own@1=one a@2=two c@2=by hand "
					 "f@1=two");
}

static void
test_what_is_missing_is_retired_if_nobody_edited_it(void **state)
{
	struct fixture *f = *state;

	import_text(f, "id,question,answer\na,a,one\nb,b,one\nc,c,one\n");
	put_by_hand(f, "b", "by hand", 1);
	put_by_hand(f, "d", "by hand", 0);
	import_text(f, "id,question,answer\nc,c,one\n");
	expect_counts(0, 0, 1, 1, 0);
	assert_string_equal(in_force(f), "b@2=by hand c@1=one d@1=by hand");
	long generation = result.generation;
	import_text(f, "id,question,answer\nc,c,one\n");
	expect_counts(0, 0, 1, 0, 0);
	assert_int_equal(result.generation, generation);
	import_text(f, "id,question,answer\na,a,one\nc,c,one\n");
	expect_counts(1, 0, 1, 0, 0);
	assert_string_equal(in_force(f),
			    "a@2=one b@2=by hand c@1=one d@1=by hand");
	read_text("f.csv", "id,question,answer\nc,c,one\n");
	import_file(f, "file:f.csv", "approved", false);
	expect_counts(0, 0, 1, 0, 0);
}

static void
test_retired_by_hand_stays_so_until_the_file_changes(void **state)
{
	struct fixture *f = *state;

	import_text(f, "id,question,answer\na,a,one\n");
	judge(f, "a", false);
	import_text(f, "id,question,answer\na,a,one\n");
	expect_counts(0, 0, 1, 0, 0);
	assert_string_equal(in_force(f), "");
	import_text(f, "id,question,answer\nb,b,one\n");
	expect_counts(1, 0, 0, 0, 0);
	import_text(f, "id,question,answer\na,a,two\nb,b,one\n");
	expect_counts(0, 1, 1, 0, 0);
	assert_string_equal(in_force(f), "a@2=two b@1=one");
}

static void
test_drafts_are_approved_one_by_one_or_by_importing_again(void **state)
{
	struct fixture *f = *state;

	read_text("f.csv", "id,question,answer\na,a,one\nb,b,one\n");
	import_file(f, "file:f.csv", "draft", false);
	expect_counts(2, 0, 0, 0, 0);
	assert_string_equal(in_force(f), "");
	judge(f, "a", true);
	import_file(f, "file:f.csv", "draft", false);
	expect_counts(0, 0, 2, 0, 0);
	import_file(f, "file:f.csv", "approved", false);
	expect_counts(0, 1, 1, 0, 0);
	assert_string_equal(in_force(f), "a@1=one b@2=one");
	assert_int_equal(faq_import(f->store, &file, "file:f.csv", "retired",
				    false, "ann", &result, &err),
			 -1);
}

static void
edit_text(struct fixture *f, const char *text, const char *state)
{
	read_text("f.csv", text);
	import_file(f, "hand", state, false);
}

static void
test_edit_by_hand_is_a_new_version_whoever_made_the_last(void **state)
{
	struct fixture *f = *state;

	import_text(f, "id,question,answer\na,a,one\nb,b,one\n");
	edit_text(f, "id,question,answer\na,a,two\nc,c,two\n", "approved");
	expect_counts(1, 1, 0, 0, 0);
	assert_int_equal(result.generation, 3);
	assert_string_equal(in_force(f), "a@2=two b@1=one c@1=two");
	edit_text(f, "id,question,answer\na,a,two\nb,b,one\n", "approved");
	expect_counts(0, 0, 2, 0, 0);
	edit_text(f, "id,question,answer\nb,b,two\n", "draft");
	expect_counts(0, 1, 0, 0, 0);
	edit_text(f, "id,question,answer\nb,b,two\n", "approved");
	expect_counts(0, 1, 0, 0, 0);
	judge(f, "a", false);
	edit_text(f, "id,question,answer\na,a,two\n", "approved");
	expect_counts(1, 0, 0, 0, 0);
	assert_string_equal(in_force(f), "a@3=two b@3=two c@1=two");
	import_text(f, "id,question,answer\na,a,one\nb,b,one\n");
	expect_counts(0, 0, 2, 0, 0);
	assert_int_equal(faq_import(f->store, &file, "hand", "draft", true,
				    "ann", &result, &err),
			 -1);
}

static void
test_preview_says_the_same_and_writes_nothing(void **state)
{
	struct fixture *f = *state;

	import_text(f, "id,question,answer\na,a,one\nb,b,one\n");
	read_text("f.csv", "id,question,answer\na,a,two\nc,c,one\n");
	import_result_release(&result);
	assert_int_equal(faq_import_preview(f->store, &file, "file:f.csv",
					    "approved", true, &result, &err),
			 0);
	expect_counts(1, 1, 0, 1, 0);
	assert_int_equal(result.generation, 1);
	assert_string_equal(in_force(f), "a@1=one b@1=one");
}

static void
test_only_so_many_conflicts_are_named(void **state)
{
	struct fixture *f = *state;
	char *text = arena_strdup(&f->arena, "id,question,answer\n");

	for (int i = 0; i < 30; i++) {
		const char *name = arena_printf(&f->arena, "n%d", i);
		put_by_hand(f, name, "by hand", 0);
		text = arena_printf(&f->arena, "%s%s,q%d,one\n", text, name, i);
	}
	import_text(f, text);
	expect_counts(0, 0, 0, 0, 30);
	assert_int_equal(result.conflict_names.n, 20);
	assert_string_equal(result.conflict_names.list[19], "n19");
}

static void *
import_in_thread(void *f)
{
	import_file(f, "file:f.csv", "approved", true);
	return NULL;
}

static void
end_put(struct store_write *write)
{
	(void)write;
}

static void
test_edit_while_an_import_is_on_its_way_stays(void **state)
{
	struct fixture *f = *state;
	struct faq_version version = {
		.name = "a",
		.question = "By hand?",
		.answer = "by hand",
	};
	struct store_put_version put = {
		.write = {.verb = &store_verb_put_version, .done = end_put},
		.version = &version,
		.newest = 1,
		.is_approved = true,
		.actor = "bob",
	};
	struct store_health health = {.queue_length = 0};
	pthread_t thread;
	struct hold hold;

	import_text(f, "id,question,answer\na,a,one\nb,b,one\n");
	read_text("f.csv", "id,question,answer\na,a,two\nb,b,two\n");
	hold_begin(f, &hold);
	store_health(f->store, &health);
	size_t before = health.queue_length;
	pthread_create(&thread, NULL, import_in_thread, f);
	/* The import knows what there is once its first write waits. */
	while (health.queue_length <= before) {
		usleep(1000);
		store_health(f->store, &health);
	}
	store_submit(f->store, &put.write);
	hold_end(&hold);
	pthread_join(thread, NULL);
	assert_int_equal(put.write.status, STORE_OK);
	expect_counts(0, 1, 0, 0, 1);
	assert_string_equal(result.conflict_names.list[0], "a");
	assert_string_equal(in_force(f), "a@2=by hand b@2=two");
}

/* More entries than a slice has, of which many are long. */
static char *
long_text(struct fixture *f, int n, const char *answer)
{
	struct buf out;

	buf_init(&out, 8 << 20);
	buf_adds(&out, "id,question,answer\n");
	for (int i = 0; i < n; i++) {
		buf_addf(&out, "n%d,q%d,%s", i, i, answer);
		for (int j = 0; j < i % 500; j++)
			buf_adds(&out, " word");
		buf_addc(&out, '\n');
	}
	char *text = arena_strdup(&f->arena, buf_str(&out));
	buf_release(&out);
	return text;
}

static void
test_slices_become_visible_at_once(void **state)
{
	struct fixture *f = *state;

	import_text(f, long_text(f, 1500, "one"));
	expect_counts(1500, 0, 0, 0, 0);
	assert_int_equal(result.generation, 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM faq_version"), 1500);
	import_text(f, "id,question,answer\nn7,q7,one word word word word word "
		       "word word\n");
	expect_counts(0, 0, 1, 1499, 0);
	assert_int_equal(result.generation, 2);
	assert_string_equal(in_force(f), "n7@1=one word word word word word "
					 "word word");
}

static void
test_import_after_one_that_died_finds_a_clean_store(void **state)
{
	struct fixture *f = *state;
	struct store_begin_import begin = {
		.write.verb = &store_verb_begin_import,
		.origin = "file:f.csv",
		.actor = "ann",
		.now_us = NOW_US,
	};

	read_text("f.csv", long_text(f, 350, "one"));
	assert_int_equal(store_call(f->store, &begin.write), STORE_OK);
	for (size_t i = 0; i < file.n; i++) {
		const struct faq_version *one = &file.entries[i];
		struct store_add_versions add = {
			.write.verb = &store_verb_add_versions,
			.import_id = begin.import_id,
			.versions = &one,
			.n_versions = 1,
			.is_approved = true,
			.actor = "ann",
			.now_us = NOW_US,
		};
		assert_int_equal(store_call(f->store, &add.write), STORE_OK);
	}
	close_store(f);
	open_store(f);
	assert_string_equal(in_force(f), "");
	import_text(f, "id,question,answer\nn1,q1,new\n");
	expect_counts(1, 0, 0, 0, 0);
	assert_string_equal(in_force(f), "n1@1=new");
	assert_int_equal(count_of(f, "SELECT count(*) FROM faq_version"), 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM faq"), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(test_import_adds_and_changes_what_changed),
		test(test_import_of_the_same_writes_nothing),
		test(test_changed_fact_makes_a_new_version),
		test(test_entry_that_was_edited_is_left_alone_and_named),
		test(test_entry_of_another_origin_is_left_alone),
		test(test_a_pack_takes_the_place_of_another),
		test(test_what_is_missing_is_retired_if_nobody_edited_it),
		test(test_retired_by_hand_stays_so_until_the_file_changes),
		test(test_drafts_are_approved_one_by_one_or_by_importing_again),
		test(test_edit_by_hand_is_a_new_version_whoever_made_the_last),
		test(test_preview_says_the_same_and_writes_nothing),
		test(test_only_so_many_conflicts_are_named),
		test(test_edit_while_an_import_is_on_its_way_stays),
		test(test_slices_become_visible_at_once),
		test(test_import_after_one_that_died_finds_a_clean_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
