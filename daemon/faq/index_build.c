/* Building an index: texts become terms as entries are added; the postings and
 * the weights are made when all are there. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "faq/index_parts.h"
#include "store/knowledge.h"

#define ENTRIES_MAX 10000000
#define COUNT_MAX UINT8_MAX

/* A list that grows. */
struct list {
	void *items;
	size_t n, size;
};

struct index_builder {
	struct index *index;
	struct tokens tokens;
	struct list entries;	 /* struct index_entry */
	struct list lengths;	 /* struct field_lengths, by entry */
	struct list occurrences; /* struct occurrence, by entry and term */
	struct list phrases;	 /* struct phrase */
	struct list first_phrase, phrase_terms, word_terms; /* uint32_t */
	/* Of the entry being added: its terms, each with its field. */
	struct list marked; /* uint64_t: term << 32 | field */
	uint32_t terms[TOKENS_MAX];
};

/* Room for n more items, the first of them; NULL: no memory. */
static void *
list_add(struct list *list, size_t item_size, size_t n)
{
	if (!list->items || list->size - list->n < n) {
		size_t size = list->size ? list->size * 2 : 256;
		if (size - list->n < n)
			size = list->n + n;
		void *items = mem_array_grow(list->items, size, item_size);
		if (!items)
			return NULL;
		list->items = items;
		list->size = size;
	}
	void *added = (char *)list->items + item_size * list->n;
	list->n += n;
	return added;
}

/* The items, which are the caller's from now on, without room to grow. */
static void *
list_take(struct list *list, size_t item_size)
{
	void *items =
		mem_array_grow(list->items, list->n ? list->n : 1, item_size);

	if (!items)
		items = list->items;
	*list = (struct list){0};
	return items;
}

struct index_builder *
index_builder_new(const char *language)
{
	struct index_builder *builder = mem_new(sizeof *builder);

	builder->index = mem_new(sizeof *builder->index);
	strncpy(builder->index->language, language,
		sizeof builder->index->language - 1);
	tokens_init(&builder->tokens);
	return builder;
}

void
index_builder_free(struct index_builder *builder)
{
	if (!builder)
		return;
	tokens_release(&builder->tokens);
	free(builder->entries.items);
	free(builder->lengths.items);
	free(builder->occurrences.items);
	free(builder->phrases.items);
	free(builder->first_phrase.items);
	free(builder->phrase_terms.items);
	free(builder->word_terms.items);
	free(builder->marked.items);
	index_free(builder->index);
	free(builder);
}

/* ---- Adding */

static int
compare_terms(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static int
compare_marked(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The term of the token, made if it is new, and its word with it. */
static uint32_t
term_of(struct index_builder *builder, size_t token)
{
	struct index *index = builder->index;
	const char *word = token_word(&builder->tokens, token);
	uint32_t number = dictionary_find(&index->words, word);
	const uint32_t *word_terms = builder->word_terms.items;

	if (number != NO_TERM)
		return word_terms[number];
	uint32_t term = dictionary_add(&index->terms,
				       token_term(&builder->tokens, token));
	uint32_t *added = list_add(&builder->word_terms, sizeof(uint32_t), 1);
	if (term == NO_TERM || !added ||
	    dictionary_add(&index->words, word) == NO_TERM)
		return NO_TERM;
	return *added = term;
}

/* Addresses of pages say nothing: out gets the text without them. */
static void
leave_out_links(struct buf *out, const char *text)
{
	const char *link;

	while ((link = strstr(text, "://")) != NULL) {
		const char *start = link;
		while (start > text && start[-1] >= 'a' && start[-1] <= 'z')
			start--;
		buf_add(out, text, (size_t)(start - text));
		buf_addc(out, ' ');
		text = link + strcspn(link, " \t\r\n)>]");
	}
	buf_adds(out, text);
}

/* Mark the terms of the text as of that field; those of a phrase stand in
 * builder->terms too, with PHRASE_STOP.  How many to *n_r; 0, or -1. */
static int
take_terms(struct index_builder *builder, const char *text, enum field field,
	   uint32_t *n_r)
{
	bool is_phrase = field != FIELD_ANSWER;
	uint32_t n = 0;

	if (tokens_split(&builder->tokens, text, strlen(text),
			 builder->index->language) < 0)
		return -1;
	uint64_t *marked =
		list_add(&builder->marked, sizeof *marked, builder->tokens.n);
	if (!marked)
		return -1;
	for (size_t i = 0; i < builder->tokens.n; i++) {
		bool is_stop = builder->tokens.list[i].is_stop;
		if (is_stop && !is_phrase)
			continue;
		uint32_t term = term_of(builder, i);
		if (term >= PHRASE_STOP)
			return -1;
		builder->terms[n] = term | (is_stop ? PHRASE_STOP : 0);
		marked[n++] = (uint64_t)term << 32 | (uint64_t)field;
	}
	builder->marked.n -= builder->tokens.n - n;
	*n_r = n;
	return 0;
}

/* Keep each term once, ascending; one that is a function word here and none
 * there is none. */
static uint32_t
sort_distinct(uint32_t *terms, uint32_t n)
{
	uint32_t kept = 0;

	/* By term, and what is no function word first. */
	for (uint32_t i = 0; i < n; i++)
		terms[i] = terms[i] << 1 | terms[i] >> 31;
	qsort(terms, n, sizeof *terms, compare_terms);
	for (uint32_t i = 0; i < n; i++)
		if (kept == 0 || terms[i] >> 1 != terms[kept - 1] >> 1)
			terms[kept++] = terms[i];
	for (uint32_t i = 0; i < kept; i++)
		terms[i] = terms[i] << 31 | terms[i] >> 1;
	return kept;
}

static int
add_phrase(struct index_builder *builder, const char *text, enum field field,
	   struct field_lengths *lengths)
{
	uint32_t n;

	if (take_terms(builder, text, field, &n) < 0)
		return -1;
	lengths->words[field] += n;
	n = sort_distinct(builder->terms, n);
	size_t first = builder->phrase_terms.n;
	uint32_t *terms = list_add(&builder->phrase_terms, sizeof *terms, n);
	struct phrase *phrase = list_add(&builder->phrases, sizeof *phrase, 1);
	if (!terms || !phrase || first > UINT32_MAX - TOKENS_MAX)
		return -1;
	if (n > 0)
		memcpy(terms, builder->terms, n * sizeof *terms);
	*phrase = (struct phrase){
		.first = (uint32_t)first,
		.n = n,
		.words = index_hash_words(&builder->tokens),
	};
	return 0;
}

/* An answer as it is written, without what facts fill in: how a firm is called
 * and what it charges is no reason to find an entry, and a desk that changes
 * its facts finds what it found before. */
static void
leave_out_facts(struct buf *out, const char *source)
{
	const char *open, *close;

	while ((open = strstr(source, "{{")) && (close = strstr(open, "}}"))) {
		buf_add(out, source, (size_t)(open - source));
		buf_addc(out, ' ');
		source = close + 2;
	}
	buf_adds(out, source);
}

static int
add_answer(struct index_builder *builder, const char *source,
	   struct field_lengths *lengths)
{
	struct buf text, plain;

	buf_init(&text, strlen(source) + 1);
	buf_init(&plain, 2 * strlen(source) + 1);
	leave_out_facts(&text, source);
	leave_out_links(&plain, buf_str(&text));
	buf_release(&text);
	int result = take_terms(builder, buf_str(&plain), FIELD_ANSWER,
				&lengths->words[FIELD_ANSWER]);
	buf_release(&plain);
	return result;
}

/* What was marked becomes occurrences. */
static int
add_occurrences(struct index_builder *builder, uint32_t entry)
{
	uint64_t *marked = builder->marked.items;
	size_t n = builder->marked.n, n_added = 0;
	struct occurrence *added =
		list_add(&builder->occurrences, sizeof *added, n);

	if (!added)
		return -1;
	if (n > 0)
		qsort(marked, n, sizeof *marked, compare_marked);
	for (size_t i = 0; i < n; i++) {
		uint32_t term = (uint32_t)(marked[i] >> 32);
		if (i == 0 || added[n_added - 1].term != term)
			added[n_added++] = (struct occurrence){.term = term,
							       .entry = entry};
		uint8_t *count = &added[n_added - 1].counts[marked[i] & 3];
		*count += *count < COUNT_MAX;
	}
	builder->occurrences.n -= n - n_added;
	return 0;
}

static int
add_texts(struct index_builder *builder, const struct faq_version *version,
	  uint32_t entry, struct field_lengths *lengths)
{
	builder->marked.n = 0;
	if (add_phrase(builder, version->question, FIELD_QUESTION, lengths) < 0)
		return -1;
	for (size_t i = 0; i < version->n_variants; i++)
		if (add_phrase(builder, version->variants[i], FIELD_VARIANTS,
			       lengths) < 0)
			return -1;
	const char *answer =
		version->source ? version->source : version->answer;
	if (add_answer(builder, answer, lengths) < 0)
		return -1;
	return add_occurrences(builder, entry);
}

int
index_builder_add(struct index_builder *builder,
		  const struct faq_version *version, struct err *err)
{
	struct arena *arena = &builder->index->arena;
	size_t entry = builder->entries.n;

	if (entry == ENTRIES_MAX)
		return err_set(err, "there are more than %d entries",
			       ENTRIES_MAX);
	struct index_entry *added =
		list_add(&builder->entries, sizeof *added, 1);
	struct field_lengths *lengths =
		list_add(&builder->lengths, sizeof *lengths, 1);
	uint32_t *first_phrase =
		list_add(&builder->first_phrase, sizeof *first_phrase, 1);
	if (!added || !lengths || !first_phrase)
		return err_set(err, "there is no memory for the index");
	*added = (struct index_entry){
		.name = arena_strdup(arena, version->name),
		.version = version->version,
		.question = arena_strdup(arena, version->question),
		.answer = arena_strdup(arena, version->answer),
		.intent = arena_strdup(arena, version->intent),
		.is_verbatim = version->is_verbatim,
		.valid_from_us = version->valid_from_us,
		.valid_to_us = version->valid_to_us,
	};
	*lengths = (struct field_lengths){0};
	*first_phrase = (uint32_t)builder->phrases.n;
	if (add_texts(builder, version, (uint32_t)entry, lengths) < 0)
		return err_set(err, "there is no memory for the index");
	return 0;
}

/* ---- Building */

static void
count_bytes(struct index *index, size_t n_occurrences, size_t n_phrases,
	    size_t n_phrase_terms)
{
	index->bytes =
		index->arena.used + dictionary_bytes(&index->terms) +
		dictionary_bytes(&index->words) +
		index->words.n * sizeof *index->word_terms +
		index->n_entries *
			(sizeof *index->entries + sizeof *index->first_phrase) +
		index->terms.n * sizeof *index->postings +
		n_occurrences *
			(sizeof *index->posted + sizeof *index->impacts) +
		n_phrases * sizeof *index->phrases +
		n_phrase_terms * sizeof *index->phrase_terms;
}

struct index *
index_build(struct index_builder *builder, struct err *err)
{
	struct index *index = builder->index;
	size_t n_phrases = builder->phrases.n;
	size_t n_phrase_terms = builder->phrase_terms.n;
	uint32_t *last = list_add(&builder->first_phrase, sizeof *last, 1);

	if (last)
		*last = (uint32_t)n_phrases;
	index->n_entries = (uint32_t)builder->entries.n;
	index->entries = list_take(&builder->entries, sizeof *index->entries);
	index->first_phrase =
		list_take(&builder->first_phrase, sizeof *index->first_phrase);
	index->phrases = list_take(&builder->phrases, sizeof *index->phrases);
	index->phrase_terms =
		list_take(&builder->phrase_terms, sizeof *index->phrase_terms);
	index->word_terms =
		list_take(&builder->word_terms, sizeof *index->word_terms);
	if (!last || index_weigh(index, builder->occurrences.items,
				 builder->occurrences.n, builder->lengths.items,
				 n_phrases) < 0) {
		err_set(err, "there is no memory for the index");
		index_builder_free(builder);
		return NULL;
	}
	count_bytes(index, builder->occurrences.n, n_phrases, n_phrase_terms);
	builder->index = NULL;
	index_builder_free(builder);
	return index;
}
