/* Every question and paraphrase is asked of an index of all entries: who else
 * comes is near, and who comes first instead is in the way.  One thread. */
#include <string.h>

#include "faq/index.h"
#include "faq/lint_parts.h"

#define FOUND_MAX 5
#define DUPLICATE 0.80f /* closeness of two that ask the same */

struct reach {
	struct linting *l;
	const struct index *index;
	const size_t *entries; /* of the file, by number in the index */
	struct index_scratch *scratch;
	size_t entry; /* whose questions are asked */
};

/* Another entry that has nearly the question; of two the later one says so. */
static void
check_near(struct reach *r, const char *text, int line,
	   const struct candidate *found, size_t n)
{
	const struct faq_file *file = r->l->file;
	char where[LINT_PLACE_SIZE];

	for (size_t i = 0; i < n; i++) {
		size_t other = r->entries[found[i].entry];
		if (other >= r->entry || r->entry < r->l->first ||
		    found[i].closeness < DUPLICATE)
			continue;
		findings_add(
			r->l->out,
			found[i].is_exact ? FINDING_ERROR : FINDING_WARNING,
			found[i].is_exact ? "same-question" : "near-duplicate",
			file->places[r->entry].file, line,
			"'%s' of '%s' is %s a question of '%s' (%s)", text,
			file->entries[r->entry].name,
			found[i].is_exact ? "word for word" : "nearly",
			file->entries[other].name,
			lint_place(&file->places[other], where));
		return;
	}
}

static void
check_first(struct reach *r, const char *text, int line, bool is_question,
	    const struct candidate *found, size_t n)
{
	const struct faq_file *file = r->l->file;
	size_t first = n > 0 ? r->entries[found[0].entry] : r->entry;
	char where[LINT_PLACE_SIZE];

	if (n > 0 && (first == r->entry || found[0].is_exact))
		return;
	if (r->entry < r->l->first && first < r->l->first)
		return;
	findings_add(r->l->out, FINDING_WARNING,
		     is_question ? "unreachable" : "superseded",
		     file->places[r->entry].file, line,
		     "'%s' does not find its own entry '%s', but %s%s%s%s",
		     text, file->entries[r->entry].name,
		     n > 0 ? file->entries[first].name : "none",
		     n > 0 ? " (" : "",
		     n > 0 ? lint_place(&file->places[first], where) : "",
		     n > 0 ? ")" : "");
}

static void
ask(struct reach *r, const char *text, int line, bool is_question)
{
	struct candidate found[FOUND_MAX];
	size_t n = index_search(r->index, r->scratch, text, strlen(text),
				r->l->desk->now_us, FOUND_MAX, found);

	check_first(r, text, line, is_question, found, n);
	check_near(r, text, line, found, n);
}

static void
ask_all(struct reach *r)
{
	const struct faq_version *entry = &r->l->file->entries[r->entry];
	const struct faq_place *place = &r->l->file->places[r->entry];

	ask(r, entry->question, place->question, true);
	for (size_t i = 0; i < entry->n_variants; i++)
		ask(r, entry->variants[i], place->variants[i], false);
}

/* Entries that customers get now, into the builder and the list of their
 * numbers. */
static int
add_valid(struct linting *l, struct index_builder *builder, size_t *entries,
	  size_t *n_r, struct err *err)
{
	for (size_t i = 0; i < l->file->n; i++) {
		if (!store_version_is_valid(&l->file->entries[i],
					    l->desk->now_us))
			continue;
		if (index_builder_add(builder, &l->file->entries[i], err) < 0)
			return -1;
		entries[(*n_r)++] = i;
	}
	return 0;
}

int
lint_reach(struct linting *l, struct err *err)
{
	const char *language = l->desk->language ? l->desk->language : "en";
	struct index_builder *builder = index_builder_new(language);
	struct arena arena = {0};
	size_t n = 0;
	size_t *entries = arena_array(&arena, l->file->n + 1, sizeof *entries);
	struct reach r = {.l = l, .entries = entries};

	if (add_valid(l, builder, entries, &n, err) < 0) {
		index_builder_free(builder);
		arena_release(&arena);
		return -1;
	}
	struct index *index = index_build(builder, err);
	r.index = index;
	r.scratch = index_scratch_new();
	for (size_t i = 0; index && i < n; i++) {
		r.entry = entries[i];
		ask_all(&r);
	}
	index_scratch_free(r.scratch);
	index_free(index);
	arena_release(&arena);
	return index ? 0 : -1;
}
