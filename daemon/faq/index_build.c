/* Building an index: texts become terms as entries are added; postings, their
 * weights and the phrases' are made when all are there. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "faq/index_parts.h"
#include "store/knowledge.h"

#define ENTRIES_MAX 10000000
#define UNKNOWN_LANGUAGE ""

const float field_weights[N_FIELDS] = {
	[FIELD_QUESTION] = 3.0f,
	[FIELD_VARIANTS] = 2.5f,
	[FIELD_ANSWER] = 1.0f,
};

/* One term in one field of an entry, so many times. */
struct occurrence {
	uint32_t term, entry;
	uint16_t count;
	uint8_t field;
};

/* A list that grows. */
struct list {
	void *items;
	size_t n, size;
};

struct index_builder {
	struct index *index;
	struct tokens tokens;
	struct list entries;	 /* struct index_entry */
	struct list lengths;	 /* uint32_t [N_FIELDS], by entry */
	struct list occurrences; /* struct occurrence */
	struct list phrases;	 /* struct phrase */
	struct list first_phrase, phrase_terms; /* uint32_t */
	uint32_t terms[TOKENS_MAX];
};

static void *
list_add(struct list *list, size_t item_size)
{
	if (list->n == list->size) {
		list->size = list->size ? list->size * 2 : 256;
		list->items =
			mem_array_grow(list->items, list->size, item_size);
		if (!list->items)
			mem_exhausted();
	}
	return (char *)list->items + item_size * list->n++;
}

struct index_builder *
index_builder_new(const char *language)
{
	struct index_builder *builder = mem_new(sizeof(*builder));
	builder->index = mem_new(sizeof(*builder->index));
	strncpy(builder->index->language, language,
		sizeof(builder->index->language) - 1);
	tokens_init(&builder->tokens);
	return builder;
}

static void
release_lists(struct index_builder *builder)
{
	tokens_release(&builder->tokens);
	free(builder->entries.items);
	free(builder->lengths.items);
	free(builder->occurrences.items);
	free(builder->phrases.items);
	free(builder->first_phrase.items);
	free(builder->phrase_terms.items);
}

void
index_builder_free(struct index_builder *builder)
{
	if (!builder)
		return;
	release_lists(builder);
	index_free(builder->index);
	free(builder);
}

/* ---- Adding */

uint64_t
index_hash_words(const struct tokens *tokens)
{
	uint64_t hash = 14695981039346656037u;
	for (size_t i = 0; i < tokens->n; i++) {
		const char *word = token_word(tokens, i);
		do
			hash = (hash ^ (unsigned char)*word) * 1099511628211u;
		while (*word++);
	}
	return hash;
}

static int
compare_terms(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

static size_t
sort_distinct(uint32_t *terms, size_t n)
{
	size_t kept = 0;
	qsort(terms, n, sizeof(*terms), compare_terms);
	for (size_t i = 0; i < n; i++)
		if (!i || terms[i] != terms[i - 1])
			terms[kept++] = terms[i];
	return kept;
}

size_t
index_distinct_terms(const struct dictionary *dictionary,
		     const struct tokens *tokens, uint32_t *out,
		     size_t *n_unknown_r)
{
	size_t n = 0;
	*n_unknown_r = 0;
	for (size_t i = 0; i < tokens->n; i++) {
		uint32_t term =
			dictionary_find(dictionary, token_term(tokens, i));
		if (term == NO_TERM)
			++*n_unknown_r;
		else
			out[n++] = term;
	}
	return sort_distinct(out, n);
}

/* Runs of equal terms in what was sorted become occurrences. */
static void
add_occurrences(struct index_builder *builder, uint32_t entry, uint8_t field,
		size_t n)
{
	uint32_t *terms = builder->terms;
	qsort(terms, n, sizeof(*terms), compare_terms);
	for (size_t i = 0; i < n;) {
		size_t end = i + 1;
		while (end < n && terms[end] == terms[i])
			end++;
		struct occurrence *occurrence = list_add(
			&builder->occurrences, sizeof(struct occurrence));
		*occurrence = (struct occurrence){
			.term = terms[i],
			.entry = entry,
			.count = (uint16_t)(end - i),
			.field = field,
		};
		i = end;
	}
}

/* The terms of the text are in builder->terms; returns how many.  Function
 * words count in questions, which customers word alike, and not in answers. */
static size_t
take_terms(struct index_builder *builder, const char *text, bool with_stops)
{
	size_t n = 0;
	if (tokens_split(&builder->tokens, text, strlen(text),
			 builder->index->language))
		mem_exhausted();
	for (size_t i = 0; i < builder->tokens.n; i++)
		if (with_stops || !builder->tokens.list[i].is_stop)
			builder->terms[n++] =
				dictionary_add(&builder->index->dictionary,
					       token_term(&builder->tokens, i));
	return n;
}

static void
add_phrase(struct index_builder *builder, const char *text, uint32_t entry,
	   enum field field, uint32_t *length)
{
	size_t n = take_terms(builder, text, true);
	uint64_t words = index_hash_words(&builder->tokens);
	*length += (uint32_t)n;
	add_occurrences(builder, entry, field, n);
	n = sort_distinct(builder->terms, n);
	struct phrase *phrase =
		list_add(&builder->phrases, sizeof(struct phrase));
	*phrase = (struct phrase){
		.first = (uint32_t)builder->phrase_terms.n,
		.n = (uint32_t)n,
		.words = words,
	};
	for (size_t i = 0; i < n; i++)
		*(uint32_t *)list_add(&builder->phrase_terms,
				      sizeof(uint32_t)) = builder->terms[i];
}

int
index_builder_add(struct index_builder *builder,
		  const struct faq_version *version, struct err *err)
{
	struct arena *arena = &builder->index->arena;
	uint32_t entry = (uint32_t)builder->entries.n;
	if (entry == ENTRIES_MAX)
		return err_set(err, "there are more than %d entries",
			       ENTRIES_MAX);
	*(struct index_entry *)list_add(&builder->entries,
					sizeof(struct index_entry)) =
		(struct index_entry){
			.name = arena_strdup(arena, version->name),
			.version = version->version,
			.question = arena_strdup(arena, version->question),
			.answer = arena_strdup(arena, version->answer),
			.intent = arena_strdup(arena, version->intent),
			.is_verbatim = version->is_verbatim,
			.valid_from_us = version->valid_from_us,
			.valid_to_us = version->valid_to_us,
		};
	*(uint32_t *)list_add(&builder->first_phrase, sizeof(uint32_t)) =
		(uint32_t)builder->phrases.n;
	uint32_t lengths[N_FIELDS] = {0};
	add_phrase(builder, version->question, entry, FIELD_QUESTION,
		   &lengths[FIELD_QUESTION]);
	for (size_t i = 0; i < version->n_variants; i++)
		add_phrase(builder, version->variants[i], entry, FIELD_VARIANTS,
			   &lengths[FIELD_VARIANTS]);
	size_t n = take_terms(builder, version->answer, false);
	lengths[FIELD_ANSWER] = (uint32_t)n;
	add_occurrences(builder, entry, FIELD_ANSWER, n);
	memcpy(list_add(&builder->lengths, sizeof(lengths)), lengths,
	       sizeof(lengths));
	return 0;
}

/* ---- Building */

static void *
keep(struct index *index, const struct list *list, size_t item_size)
{
	void *kept = arena_array(&index->arena, list->n + 1, item_size);
	if (list->n)
		memcpy(kept, list->items, list->n * item_size);
	return kept;
}

/* Occurrences by term, then entry, by counting: both orders are there already
 * but for the terms. */
static struct occurrence *
sort_by_term(const struct index_builder *builder, size_t n_terms)
{
	size_t n = builder->occurrences.n;
	const struct occurrence *list = builder->occurrences.items;
	struct occurrence *sorted = mem_array(n + 1, sizeof(*sorted));
	size_t *next = mem_array(n_terms + 1, sizeof(*next));
	if (!sorted || !next)
		mem_exhausted();
	for (size_t i = 0; i < n; i++)
		next[list[i].term + 1]++;
	for (size_t term = 0; term < n_terms; term++)
		next[term + 1] += next[term];
	for (size_t i = 0; i < n; i++)
		sorted[next[list[i].term]++] = list[i];
	free(next);
	return sorted;
}

struct weighing {
	struct index *index;
	const uint32_t (*lengths)[N_FIELDS];
	float average[N_FIELDS];
};

/* What one occurrence adds to the weighted frequency of its term. */
static float
weigh(const struct weighing *weighing, const struct occurrence *occurrence)
{
	int field = occurrence->field;
	float length = (float)weighing->lengths[occurrence->entry][field];
	float norm = 1.0f - BM25_B + BM25_B * length / weighing->average[field];
	return field_weights[field] * (float)occurrence->count / norm;
}

static float
idf_of(size_t n_entries, size_t n_with)
{
	return logf(1.0f + ((float)n_entries - (float)n_with + 0.5f) /
				   ((float)n_with + 0.5f));
}

static size_t
count_entries(const struct occurrence *list, size_t n)
{
	size_t count = 0;
	for (size_t i = 0; i < n; i++)
		count += !i || list[i].entry != list[i - 1].entry;
	return count;
}

/* The postings of one term, from its occurrences. */
static void
make_postings(const struct weighing *weighing, const struct occurrence *list,
	      size_t n, struct postings *out)
{
	struct index *index = weighing->index;
	size_t n_with = count_entries(list, n), at = 0;
	uint32_t *entries =
		arena_array(&index->arena, n_with, sizeof(*entries));
	float *impacts = arena_array(&index->arena, n_with, sizeof(*impacts));
	out->idf = idf_of(index->n_entries, n_with);
	for (size_t i = 0; i < n;) {
		float frequency = 0;
		uint32_t entry = list[i].entry;
		for (; i < n && list[i].entry == entry; i++)
			frequency += weigh(weighing, &list[i]);
		entries[at] = entry;
		impacts[at] = out->idf * frequency / (BM25_K1 + frequency);
		if (impacts[at] > out->max_impact)
			out->max_impact = impacts[at];
		at++;
	}
	out->entries = entries;
	out->impacts = impacts;
	out->n = (uint32_t)n_with;
}

static void
average_lengths(struct weighing *weighing, size_t n)
{
	for (int field = 0; field < N_FIELDS; field++) {
		double sum = 0;
		for (size_t i = 0; i < n; i++)
			sum += weighing->lengths[i][field];
		weighing->average[field] =
			sum > 0 ? (float)(sum / (double)n) : 1.0f;
	}
}

static void
make_all_postings(struct index *index, const struct index_builder *builder)
{
	struct weighing weighing = {
		.index = index,
		.lengths = builder->lengths.items,
	};
	size_t n_terms = index->dictionary.n, n = builder->occurrences.n;
	struct occurrence *sorted = sort_by_term(builder, n_terms);
	average_lengths(&weighing, index->n_entries);
	index->postings = arena_array(&index->arena, n_terms + 1,
				      sizeof(*index->postings));
	for (size_t begin = 0; begin < n;) {
		size_t end = begin + 1;
		while (end < n && sorted[end].term == sorted[begin].term)
			end++;
		make_postings(&weighing, sorted + begin, end - begin,
			      &index->postings[sorted[begin].term]);
		begin = end;
	}
	free(sorted);
	index->unknown_idf = idf_of(index->n_entries, 0);
}

static void
weigh_phrases(struct index *index, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct phrase *phrase = &index->phrases[i];
		for (uint32_t k = 0; k < phrase->n; k++) {
			uint32_t term = index->phrase_terms[phrase->first + k];
			phrase->weight += index->postings[term].idf;
		}
	}
}

struct index *
index_build(struct index_builder *builder, struct err *err)
{
	(void)err;
	struct index *index = builder->index;
	index->n_entries = (uint32_t)builder->entries.n;
	*(uint32_t *)list_add(&builder->first_phrase, sizeof(uint32_t)) =
		(uint32_t)builder->phrases.n;
	index->entries =
		keep(index, &builder->entries, sizeof(struct index_entry));
	index->first_phrase =
		keep(index, &builder->first_phrase, sizeof(uint32_t));
	index->phrases = keep(index, &builder->phrases, sizeof(struct phrase));
	index->phrase_terms =
		keep(index, &builder->phrase_terms, sizeof(uint32_t));
	make_all_postings(index, builder);
	weigh_phrases(index, builder->phrases.n);
	index->bytes = index->arena.used + index->dictionary.arena.used +
		       index->dictionary.n_slots * sizeof(uint32_t) +
		       index->dictionary.size * sizeof(char *);
	release_lists(builder);
	free(builder);
	return index;
}
