/* What changed facts change in entries, wherever these came from. */
#include "store_fixture.h"

#include "base/buf.h"
#include "faq/import.h"

static const char *phone;

static const char *
value_of(const void *facts, const char *name, size_t len)
{
	(void)facts;
	return len == 5 && memcmp(name, "phone", 5) == 0 ? phone : NULL;
}

static struct faq_file file;
static struct import_result result;
static struct err err;

static void
read_text(const char *text)
{
	faq_file_release(&file);
	if (faq_read_csv(&file, "f.csv", text, strlen(text), value_of, NULL,
			 &err) < 0)
		fail_msg("%s", err.text);
}

/* The pack with these entries; NULL: its facts alone. */
static void
import_pack(struct fixture *f, const char *text, const char *state)
{
	struct faq_pack pack = {
		.origin = "pack:p",
		.state = state,
		.actor = "pack",
		.file = text ? &file : NULL,
		.value = value_of,
	};

	if (text)
		read_text(text);
	import_result_release(&result);
	if (faq_import_pack(f->store, &pack, &result, &err) < 0)
		fail_msg("%s", err.text);
}

static void
edit(struct fixture *f, const char *name, const char *source, int newest,
     bool is_approved)
{
	struct buf answer;

	buf_init(&answer, 1000);
	assert_int_equal(template_fill(&answer, source, value_of, NULL, &err),
			 0);
	struct faq_version version = {
		.name = name,
		.question = "By hand?",
		.answer = buf_str(&answer),
		.source = source,
	};
	struct store_put_version put = {
		.write.verb = &store_verb_put_version,
		.version = &version,
		.newest = newest,
		.is_approved = is_approved,
		.actor = "bob",
		.now_us = NOW_US,
	};
	if (store_call(f->store, &put.write) != STORE_OK)
		fail_msg("%s", put.write.err.text);
	buf_release(&answer);
}

static enum store_status
judge(struct fixture *f, const char *name, bool is_approval, const char *actor)
{
	struct store_judge_version judge = {
		.write.verb = &store_verb_judge_version,
		.name = name,
		.is_approval = is_approval,
		.four_eyes = true,
		.actor = actor,
		.now_us = NOW_US,
	};

	return store_call(f->store, &judge.write);
}

static int
write_version(void *arg, const struct faq_version *v, struct err *unused)
{
	struct buf *out = arg;

	(void)unused;
	return buf_addf(out, "%s%s@%d=%s by %s of %s", out->len ? "; " : "",
			v->name, v->version, v->answer, v->author, v->origin);
}

static void
expect(struct fixture *f, const char *live, const char *drafts)
{
	struct store_reader *reader = store_read_begin(f->store, &err);
	struct buf out;

	buf_init(&out, 1 << 16);
	assert_int_equal(
		store_each_in_force(reader, 0, write_version, &out, &err), 0);
	assert_string_equal(buf_str(&out), live);
	buf_clear(&out);
	assert_int_equal(store_each_draft(reader, write_version, &out, &err),
			 0);
	assert_string_equal(buf_str(&out), drafts);
	store_read_end(reader);
	buf_release(&out);
}

#define PACK                                       \
	"id,question,answer\na,a,ring {{phone}}\n" \
	"b,b,do not ring\n"

static void
test_edited_entry_gets_new_facts(void **state)
{
	struct fixture *f = *state;

	import_pack(f, PACK, "approved");
	edit(f, "a", "please ring {{phone}}", 1, true);
	phone = "2";
	import_pack(f, PACK, "approved");
	assert_int_equal(result.refilled, 1);
	assert_int_equal(result.conflicts, 0);
	expect(f,
	       "a@3=please ring 2 by pack of hand; "
	       "b@1=do not ring by pack of pack:p",
	       "");
	/* It is edited as before, and nothing is to be done twice. */
	import_pack(f, PACK, "approved");
	import_pack(f, NULL, "approved");
	assert_int_equal(result.refilled, 0);
	import_pack(f, "id,question,answer\na,a,call {{phone}}\n", "approved");
	assert_int_equal(result.conflicts, 1);
	assert_string_equal(result.conflict_names.list[0], "a");
	expect(f, "a@3=please ring 2 by pack of hand", "");
}

static void
test_entry_with_another_fact_alone_is_no_changed_one(void **state)
{
	struct fixture *f = *state;

	import_pack(f, PACK, "approved");
	phone = "2";
	import_pack(f, PACK, "approved");
	assert_int_equal(result.changed, 0);
	assert_int_equal(result.refilled, 1);
	phone = "3";
	import_pack(f,
		    "id,question,answer\na,a,please ring {{phone}}\n"
		    "b,b,do not ring\n",
		    "approved");
	assert_int_equal(result.changed, 1);
	assert_int_equal(result.refilled, 0);
	expect(f,
	       "a@3=please ring 3 by pack of pack:p; "
	       "b@1=do not ring by pack of pack:p",
	       "");
}

static void
test_entries_of_files_keep_their_file(void **state)
{
	static const char text[] = "id,question,answer\nx,x,from {{phone}}\n";
	struct fixture *f = *state;

	read_text(text);
	assert_int_equal(faq_import(f->store, &file, "file:f.csv", "approved",
				    true, "ann", &result, &err),
			 0);
	phone = "2";
	import_pack(f, NULL, "approved");
	expect(f, "x@2=from 2 by pack of file:f.csv", "");
	read_text(text);
	assert_int_equal(faq_import(f->store, &file, "file:f.csv", "approved",
				    true, "ann", &result, &err),
			 0);
	assert_int_equal(result.same, 1);
	read_text("id,question,answer\ny,y,other\n");
	assert_int_equal(faq_import(f->store, &file, "file:f.csv", "approved",
				    true, "ann", &result, &err),
			 0);
	assert_int_equal(result.retired, 1);
	expect(f, "y@1=other by ann of file:f.csv", "");
}

static void
test_draft_stays_one_above_what_is_in_force(void **state)
{
	struct fixture *f = *state;

	import_pack(f, PACK, "approved");
	edit(f, "a", "mine", 1, false);
	edit(f, "c", "new {{phone}}", 0, false);
	phone = "2";
	import_pack(f, PACK, "approved");
	assert_int_equal(result.refilled, 2);
	expect(f,
	       "a@3=ring 2 by pack of pack:p; "
	       "b@1=do not ring by pack of pack:p",
	       "a@4=mine by bob of hand; c@1=new 1 by bob of hand; "
	       "c@2=new 2 by bob of hand");
	/* Nobody approves his own words by way of a fact. */
	assert_int_equal(judge(f, "a", true, "bob"), STORE_INVALID);
	assert_int_equal(judge(f, "a", true, "eve"), STORE_OK);
	expect(f, "a@4=mine by bob of hand; b@1=do not ring by pack of pack:p",
	       "c@1=new 1 by bob of hand; c@2=new 2 by bob of hand");
}

static void
test_new_facts_wait_where_they_must_be_approved(void **state)
{
	struct fixture *f = *state;

	import_pack(f, PACK, "approved");
	edit(f, "a", "please ring {{phone}}", 1, true);
	edit(f, "a", "mine", 2, false);
	phone = "2";
	import_pack(f, NULL, "draft");
	assert_int_equal(result.refilled, 1);
	static const char live[] = "a@2=please ring 1 by bob of hand; "
				   "b@1=do not ring by pack of pack:p";
	static const char drafts[] = "a@3=mine by bob of hand; "
				     "a@4=please ring 2 by pack of hand; "
				     "a@5=mine by bob of hand";
	expect(f, live, drafts);
	import_pack(f, NULL, "draft");
	assert_int_equal(result.refilled, 0);
	expect(f, live, drafts);
	import_pack(f, NULL, "approved");
	expect(f,
	       "a@6=please ring 2 by pack of hand; "
	       "b@1=do not ring by pack of pack:p",
	       "a@7=mine by bob of hand");
}

static void
test_retired_entry_does_not_come_back_with_a_fact(void **state)
{
	struct fixture *f = *state;

	import_pack(f, PACK, "approved");
	edit(f, "b", "call {{phone}}", 1, true);
	assert_int_equal(judge(f, "a", false, "bob"), STORE_OK);
	assert_int_equal(judge(f, "b", false, "bob"), STORE_OK);
	phone = "2";
	import_pack(f, PACK, "approved");
	assert_int_equal(result.changed + result.refilled, 0);
	expect(f, "", "");
}

static void
test_fact_that_is_gone_leaves_the_entry_and_names_it(void **state)
{
	struct fixture *f = *state;

	import_pack(f, PACK, "approved");
	edit(f, "b", "call {{phone}}", 1, true);
	phone = NULL;
	import_pack(f, NULL, "approved");
	assert_int_equal(result.refilled, 0);
	assert_int_equal(result.unfilled.n, 2);
	assert_string_equal(result.unfilled.list[1], "b");
	expect(f,
	       "a@1=ring 1 by pack of pack:p; "
	       "b@2=call 1 by bob of hand",
	       "");
}

static int
begin(void **state)
{
	phone = "1";
	return set_up(state);
}

static int
release_all(void **state)
{
	faq_file_release(&file);
	import_result_release(&result);
	return tear_down(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, release_all)
		TEST(test_edited_entry_gets_new_facts),
		TEST(test_entry_with_another_fact_alone_is_no_changed_one),
		TEST(test_entries_of_files_keep_their_file),
		TEST(test_draft_stays_one_above_what_is_in_force),
		TEST(test_new_facts_wait_where_they_must_be_approved),
		TEST(test_retired_entry_does_not_come_back_with_a_fact),
		TEST(test_fact_that_is_gone_leaves_the_entry_and_names_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
