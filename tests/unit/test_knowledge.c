/* Knowledge in the store: what is in force at which generation. */
#include "store_fixture.h"

#include "base/buf.h"
#include "store/knowledge.h"

static struct faq_version
version_of(const char *name, const char *answer)
{
	return (struct faq_version){
		.name = name,
		.question = "What is it?",
		.answer = answer,
		.language = "en",
	};
}

static int64_t
begin(struct fixture *f, const char *origin)
{
	struct store_begin_import begin = {
		.write.verb = &store_verb_begin_import,
		.origin = origin,
		.actor = "ann",
		.now_us = NOW_US,
	};

	assert_int_equal(store_call(f->store, &begin.write), STORE_OK);
	return begin.import_id;
}

static struct store_add_versions
slice_of(int64_t import_id, const struct faq_version *const *versions, size_t n,
	 bool is_approved)
{
	return (struct store_add_versions){
		.write.verb = &store_verb_add_versions,
		.import_id = import_id,
		.versions = versions,
		.n_versions = n,
		.is_approved = is_approved,
		.actor = "ann",
		.now_us = NOW_US + 1,
	};
}

/* The number it got. */
static int
add(struct fixture *f, int64_t import_id, const struct faq_version *version,
    bool is_approved)
{
	struct store_add_versions add =
		slice_of(import_id, &version, 1, is_approved);

	if (store_call(f->store, &add.write) != STORE_OK)
		fail_msg("%s", add.write.err.text);
	return add.numbers[0];
}

static int
mark(struct fixture *f, int64_t import_id, const char *name)
{
	struct store_add_versions add = slice_of(import_id, NULL, 0, false);

	add.retire = &name;
	add.n_retire = 1;
	assert_int_equal(store_call(f->store, &add.write), STORE_OK);
	return add.n_retired;
}

static enum store_status
try_show(struct fixture *f, int64_t import_id, int64_t now_us,
	 int64_t *generation_r)
{
	struct store_show_import show = {
		.write.verb = &store_verb_show_import,
		.import_id = import_id,
		.actor = "ann",
		.detail = "",
		.now_us = now_us,
	};
	enum store_status status = store_call(f->store, &show.write);

	*generation_r = show.generation;
	return status;
}

static int64_t
show(struct fixture *f, int64_t import_id)
{
	int64_t generation;

	assert_int_equal(try_show(f, import_id, NOW_US + 2, &generation),
			 STORE_OK);
	return generation;
}

/* An import of one version; its generation. */
static int64_t
import_one(struct fixture *f, const char *name, const char *answer,
	   bool is_approved)
{
	struct faq_version version = version_of(name, answer);
	int64_t id = begin(f, "pack:test");

	add(f, id, &version, is_approved);
	return show(f, id);
}

static enum store_status
put_at(struct fixture *f, const char *name, const char *answer, int newest,
       bool is_approved, int64_t now_us)
{
	struct faq_version version = version_of(name, answer);
	struct store_put_version put = {
		.write.verb = &store_verb_put_version,
		.version = &version,
		.newest = newest,
		.is_approved = is_approved,
		.actor = "bob",
		.now_us = now_us,
	};
	enum store_status status = store_call(f->store, &put.write);

	f->err = put.write.err;
	return status;
}

static enum store_status
put(struct fixture *f, const char *name, const char *answer, int newest,
    bool is_approved)
{
	return put_at(f, name, answer, newest, is_approved, NOW_US + 3);
}

static enum store_status
judge(struct fixture *f, const char *name, int version, bool is_approval)
{
	struct store_judge_version judge = {
		.write.verb = &store_verb_judge_version,
		.name = name,
		.version = version,
		.is_approval = is_approval,
		.actor = "cleo",
		.now_us = NOW_US + 4,
	};
	enum store_status status = store_call(f->store, &judge.write);

	f->err = judge.write.err;
	return status;
}

static struct store_reader *
reader_of(struct fixture *f)
{
	struct store_reader *reader = store_read_begin(f->store, &f->err);

	assert_non_null(reader);
	return reader;
}

static int64_t
present(struct fixture *f)
{
	struct store_reader *reader = reader_of(f);
	int64_t generation = -7;

	assert_int_equal(store_generation(reader, &generation, &f->err), 0);
	store_read_end(reader);
	return generation;
}

static int
write_version(void *arg, const struct faq_version *version, struct err *err)
{
	struct buf *out = arg;

	(void)err;
	return buf_addf(out, "%s%s@%d=%s", out->len ? " " : "", version->name,
			version->version, version->answer);
}

/* "name@version=answer ..." of what is in force. */
static char *
in_force(struct fixture *f, int64_t generation)
{
	struct store_reader *reader = reader_of(f);
	struct buf out;

	buf_init(&out, 1 << 20);
	if (store_each_in_force(reader, generation, write_version, &out,
				&f->err) < 0)
		fail_msg("%s", f->err.text);
	store_read_end(reader);
	char *text = arena_strdup(&f->arena, buf_str(&out));
	buf_release(&out);
	return text;
}

static char *
with_drafts(struct fixture *f)
{
	struct store_reader *reader = reader_of(f);
	struct buf out;

	buf_init(&out, 1 << 20);
	assert_int_equal(
		store_each_with_drafts(reader, write_version, &out, &f->err),
		0);
	store_read_end(reader);
	char *text = arena_strdup(&f->arena, buf_str(&out));
	buf_release(&out);
	return text;
}

static const struct faq_version *
get(struct fixture *f, const char *name, int version)
{
	struct store_reader *reader = reader_of(f);

	f->err.text[0] = '\0';
	const struct faq_version *found =
		store_get_version(reader, &f->arena, name, version, &f->err);

	store_read_end(reader);
	assert_string_equal(f->err.text, "");
	return found;
}

/* "name@version ..." of what a search finds, in its order. */
static char *
search_at(struct fixture *f, const char *words, int64_t at_us)
{
	struct store_reader *reader = reader_of(f);
	const struct faq_version *list;
	char *text = arena_strdup(&f->arena, "");

	long n = store_search_versions(reader, &f->arena, words, at_us, 10,
				       &list, &f->err);
	if (n < 0)
		fail_msg("%s: %s", words, f->err.text);
	for (long i = 0; i < n; i++)
		text = arena_printf(&f->arena, "%s%s%s@%d", text, i ? " " : "",
				    list[i].name, list[i].version);
	store_read_end(reader);
	return text;
}

static long
list(struct fixture *f, const char *state, const char *after, size_t limit,
     const struct faq_version **list_r)
{
	struct store_reader *reader = reader_of(f);
	long n = store_list_versions(reader, &f->arena, state, after, limit,
				     list_r, &f->err);

	store_read_end(reader);
	return n;
}

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

static void
test_an_entry_is_found_as_it_was(void **state)
{
	struct fixture *f = *state;

	int64_t one = import_one(f, "a", "one", true);
	int64_t two = import_one(f, "a", "two", true);
	assert_int_equal(put(f, "a", "three", 2, false), STORE_OK);
	struct store_reader *reader = reader_of(f);
	const struct faq_version *version =
		store_get_in_force(reader, &f->arena, "a", one, &f->err);
	assert_string_equal(version->answer, "one");
	version = store_get_in_force(reader, &f->arena, "a", two, &f->err);
	assert_string_equal(version->answer, "two");
	version = store_get_in_force(reader, &f->arena, "a", 0, &f->err);
	assert_string_equal(version->answer, "two");
	assert_null(store_get_in_force(reader, &f->arena, "b", 0, &f->err));
	assert_null(store_get_in_force(reader, &f->arena, "a", GENERATION_NONE,
				       &f->err));
	assert_string_equal(f->err.text, "");
	store_read_end(reader);
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

static void
test_list_is_by_name_in_pages_and_by_state(void **state)
{
	struct fixture *f = *state;
	const struct faq_version *found;

	put(f, "c", "one", 0, true);
	put(f, "a", "one", 0, true);
	put(f, "b", "one", 0, false);
	put(f, "d", "one", 0, true);
	put(f, "a", "two", 1, false);
	judge(f, "d", 0, false);
	assert_int_equal(list(f, NULL, NULL, 3, &found), 3);
	assert_string_equal(found[0].name, "a");
	assert_int_equal(found[0].version, 2);
	assert_string_equal(found[0].state, "draft");
	assert_string_equal(found[1].name, "b");
	assert_string_equal(found[2].name, "c");
	assert_int_equal(list(f, NULL, "c", 3, &found), 1);
	assert_string_equal(found[0].name, "d");
	assert_int_equal(list(f, "draft", NULL, 9, &found), 2);
	assert_int_equal(list(f, "approved", NULL, 9, &found), 1);
	assert_string_equal(found[0].name, "c");
	assert_int_equal(list(f, "retired", NULL, 9, &found), 1);
	assert_int_equal(list(f, NULL, NULL, 0, &found), 0);
}

static void
put_question(struct fixture *f, const char *name, const char *question,
	     const char *answer)
{
	struct faq_version version = version_of(name, answer);
	struct store_put_version put = {
		.write.verb = &store_verb_put_version,
		.version = &version,
		.is_approved = true,
		.actor = "bob",
		.now_us = NOW_US,
	};

	version.question = question;
	assert_int_equal(store_call(f->store, &put.write), STORE_OK);
}

static void
test_search_finds_words_prefixes_and_else_any_word(void **state)
{
	struct fixture *f = *state;

	put_question(f, "block", "How do I block my card?", "Call us.");
	put_question(f, "pin", "How do I change the PIN of a card?",
		     "At an ATM.");
	put_question(f, "koeln",
		     "Wo ist die Stra\xC3\x9F"
		     "e nach K\xC3\xB6ln?",
		     "Dort.");
	assert_string_equal(search_at(f, "card blo", 0), "block@1");
	assert_string_equal(search_at(f, "CARDS", 0), "block@1 pin@1");
	assert_string_equal(search_at(f, "koln", 0), "koeln@1");
	assert_string_equal(search_at(f, "pin elephants", 0), "pin@1");
	assert_string_equal(search_at(f, "elephants", 0), "");
	assert_string_equal(search_at(f, "", 0), "");
	assert_string_equal(search_at(f, " \t\n", 0), "");
}

static void
test_nothing_in_a_search_is_syntax(void **state)
{
	static const char *const nasty[] = {
		"\"",
		"\"\"",
		"a\"b",
		"*",
		"card*",
		"^card",
		"question:card",
		"-card",
		"NOT",
		"AND",
		"OR",
		"NEAR(a b)",
		"(",
		")",
		"{a b}:c",
		"a + b",
		"'",
		"card AND",
		"--",
		";",
		"\xE2\x80\x94",
		"card \"",
		"\xFF\xFE",
		"col:\"x\" OR *",
		"a\\",
		"%",
	};
	struct fixture *f = *state;
	char longest[9000];

	put_question(f, "block", "How do I block my card?", "Call us.");
	for (size_t i = 0; i < sizeof nasty / sizeof *nasty; i++)
		search_at(f, nasty[i], 0);
	assert_string_equal(search_at(f, "card*", 0), "block@1");
	assert_string_equal(search_at(f, "\"card\"", 0), "block@1");
	memset(longest, 'x', sizeof longest);
	longest[sizeof longest - 1] = '\0';
	assert_string_equal(search_at(f, longest, 0), "");
	for (size_t i = 0; i + 6 < sizeof longest; i += 5)
		memcpy(longest + i, "card ", 5);
	assert_string_equal(search_at(f, longest, 0), "block@1");
}

static void
test_search_looks_at_the_newest_or_at_what_was_in_force(void **state)
{
	struct fixture *f = *state;

	put_at(f, "a", "tulips", 0, true, NOW_US + 1);
	put_at(f, "a", "roses", 1, true, NOW_US + 2);
	put_at(f, "a", "lilies", 2, false, NOW_US + 3);
	assert_string_equal(search_at(f, "tulips", 0), "");
	assert_string_equal(search_at(f, "roses", 0), "");
	assert_string_equal(search_at(f, "lilies", 0), "a@3");
	assert_string_equal(search_at(f, "tulips", NOW_US), "");
	assert_string_equal(search_at(f, "tulips", NOW_US + 1), "a@1");
	assert_string_equal(search_at(f, "roses", NOW_US + 1), "");
	assert_string_equal(search_at(f, "roses", NOW_US + 3), "a@2");
	judge(f, "a", 2, false);
	assert_string_equal(search_at(f, "roses", NOW_US + 4), "");
	assert_string_equal(search_at(f, "roses", NOW_US + 3), "a@2");
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

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(test_new_store_knows_nothing),
		test(test_version_comes_back_as_it_was_given),
		test(test_import_is_seen_nowhere_until_it_is_shown),
		test(test_draft_comes_into_force_when_it_is_approved),
		test(test_highest_approved_number_is_in_force_and_none_below_it),
		test(test_four_eyes_see_a_version),
		test(test_an_entry_is_found_as_it_was),
		test(test_judgement_that_changes_nothing_is_refused),
		test(test_draft_can_be_rejected),
		test(test_edit_of_what_changed_meanwhile_is_stale),
		test(test_import_retires_when_it_is_shown),
		test(test_marks_of_an_import_that_died_retire_nothing),
		test(test_import_retires_nothing_of_another_that_is_on_its_way),
		test(test_overtaken_import_cannot_be_shown),
		test(test_what_a_dead_import_left_is_cleared),
		test(test_what_changed_since_it_was_seen_is_left_out),
		test(test_unfit_versions_are_refused),
		test(test_slice_with_an_unfit_version_adds_nothing),
		test(test_every_change_is_audited_and_logged),
		test(test_date_maps_to_the_generation_of_then),
		test(test_generation_before_all_knows_nothing_and_one_to_come_is_an_error),
		test(test_reading_stops_when_it_is_told_to),
		test(test_list_is_by_name_in_pages_and_by_state),
		test(test_search_finds_words_prefixes_and_else_any_word),
		test(test_nothing_in_a_search_is_syntax),
		test(test_search_looks_at_the_newest_or_at_what_was_in_force),
		test(test_heads_tell_an_import_what_there_is),
		test(test_generations_stay_as_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
