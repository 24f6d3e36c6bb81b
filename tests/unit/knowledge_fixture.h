/* Versions of entries, put into a store by import and by hand. */
#ifndef UNIT_KNOWLEDGE_FIXTURE_H
#define UNIT_KNOWLEDGE_FIXTURE_H

#include "store_fixture.h"

#include "base/buf.h"
#include "store/knowledge.h"

static inline struct faq_version
version_of(const char *name, const char *answer)
{
	return (struct faq_version){
		.name = name,
		.question = "What is it?",
		.answer = answer,
		.language = "en",
	};
}

static inline int64_t
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

static inline struct store_add_versions
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
static inline int
add(struct fixture *f, int64_t import_id, const struct faq_version *version,
    bool is_approved)
{
	struct store_add_versions add =
		slice_of(import_id, &version, 1, is_approved);

	if (store_call(f->store, &add.write) != STORE_OK)
		fail_msg("%s", add.write.err.text);
	return add.numbers[0];
}

static inline int
mark(struct fixture *f, int64_t import_id, const char *name)
{
	struct store_add_versions add = slice_of(import_id, NULL, 0, false);

	add.retire = &name;
	add.n_retire = 1;
	assert_int_equal(store_call(f->store, &add.write), STORE_OK);
	return add.n_retired;
}

static inline enum store_status
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

static inline int64_t
show(struct fixture *f, int64_t import_id)
{
	int64_t generation;

	assert_int_equal(try_show(f, import_id, NOW_US + 2, &generation),
			 STORE_OK);
	return generation;
}

/* An import of one version; its generation. */
static inline int64_t
import_one(struct fixture *f, const char *name, const char *answer,
	   bool is_approved)
{
	struct faq_version version = version_of(name, answer);
	int64_t id = begin(f, "pack:test");

	add(f, id, &version, is_approved);
	return show(f, id);
}

static inline enum store_status
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

static inline enum store_status
put(struct fixture *f, const char *name, const char *answer, int newest,
    bool is_approved)
{
	return put_at(f, name, answer, newest, is_approved, NOW_US + 3);
}

static inline enum store_status
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

static inline struct store_reader *
reader_of(struct fixture *f)
{
	struct store_reader *reader = store_read_begin(f->store, &f->err);

	assert_non_null(reader);
	return reader;
}

static inline int64_t
present(struct fixture *f)
{
	struct store_reader *reader = reader_of(f);
	int64_t generation = -7;

	assert_int_equal(store_generation(reader, &generation, &f->err), 0);
	store_read_end(reader);
	return generation;
}

static inline int
write_version(void *arg, const struct faq_version *version, struct err *err)
{
	struct buf *out = arg;

	(void)err;
	return buf_addf(out, "%s%s@%d=%s", out->len ? " " : "", version->name,
			version->version, version->answer);
}

/* "name@version=answer ..." of what is in force. */
static inline char *
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

static inline char *
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

static inline const struct faq_version *
get(struct fixture *f, const char *name, int version)
{
	struct store_reader *reader = reader_of(f);

	const struct faq_version *found;
	int is_there = store_get_version(reader, &f->arena, name, version,
					 &found, &f->err);

	store_read_end(reader);
	assert_int_equal(is_there, found != NULL);
	return found;
}

/* "name@version ..." of what a search finds, in its order. */
static inline char *
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

static inline long
list(struct fixture *f, const char *state, const char *after, size_t limit,
     const struct faq_version **list_r)
{
	struct store_reader *reader = reader_of(f);
	long n = store_list_versions(reader, &f->arena, state, after, limit,
				     list_r, &f->err);

	store_read_end(reader);
	return n;
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
