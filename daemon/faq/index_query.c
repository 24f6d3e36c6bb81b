/* Reading a query: its words become terms of the index, with cursors on their
 * postings. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "faq/index_parts.h"
#include "text/slip.h"

/* Shorter words are too near to others that mean something else. */
#define CORRECTED_BYTES_MIN 4
/* What a corrected word counts: it may have been meant otherwise. */
#define CORRECTED_WEIGHT 0.9f

/* The term that a word may have been meant as: the most frequent one, but
 * rather one that it is a slip of. */
struct guess {
	const struct index *index;
	const struct dictionary *dictionary; /* where it is looked for */
	const uint32_t *word_terms; /* NULL: the numbers are those of terms */
	const char *said;
	uint32_t term;
	bool is_slip;
};

static void
keep_better(void *arg, uint32_t number)
{
	struct guess *guess = arg;
	uint32_t term = guess->word_terms ? guess->word_terms[number] : number;
	const struct postings *postings = guess->index->postings;
	bool is_slip =
		text_is_slip(guess->said, guess->dictionary->texts[number]);
	bool is_better = guess->term == NO_TERM;

	if (!is_better && is_slip != guess->is_slip)
		is_better = is_slip;
	else if (!is_better && postings[term].n != postings[guess->term].n)
		is_better = postings[term].n > postings[guess->term].n;
	else if (!is_better)
		is_better = term < guess->term;
	if (is_better) {
		guess->term = term;
		guess->is_slip = is_slip;
	}
}

/* What a word that nobody has was meant as; NO_TERM: none is near. */
static struct guess
correct(const struct index *index, const char *word, const char *stem)
{
	struct guess guess = {
		.index = index,
		.dictionary = &index->words,
		.word_terms = index->word_terms,
		.said = word,
		.term = NO_TERM,
	};

	dictionary_each_near(&index->words, word, keep_better, &guess);
	if (guess.term != NO_TERM || strlen(stem) < CORRECTED_BYTES_MIN)
		return guess;
	guess.dictionary = &index->terms;
	guess.word_terms = NULL;
	guess.said = stem;
	dictionary_each_near(&index->terms, stem, keep_better, &guess);
	return guess;
}

/* The term of a token, and what a term counts by how it was found; *is_guess_r
 * is set if the token is no word of the index, nor the slip of one. */
static uint32_t
find_term(const struct index *index, const struct tokens *tokens, size_t i,
	  float *part_r, bool *is_guess_r)
{
	const struct token *token = &tokens->list[i];
	const char *word = token_word(tokens, i), *stem = token_term(tokens, i);
	uint32_t number = dictionary_find(&index->words, word);

	*part_r = token->is_stop ? STOP_WEIGHT : 1;
	if (number != NO_TERM)
		return index->word_terms[number];
	uint32_t term = dictionary_find(&index->terms, stem);
	if (term != NO_TERM || token->is_number || token->is_stop ||
	    token->word_len < CORRECTED_BYTES_MIN)
		return term;
	struct guess guess = correct(index, word, stem);
	*part_r *= CORRECTED_WEIGHT;
	*is_guess_r = !guess.is_slip;
	return guess.term;
}

static int
compare_terms(const void *a, const void *b)
{
	const struct cursor *x = a, *y = b;

	if (x->term != y->term)
		return x->term < y->term ? -1 : 1;
	return (x->weight < y->weight) - (x->weight > y->weight);
}

/* Weightiest first; of equals the lower term, so that all is the same always.
 */
static int
compare_weights(const void *a, const void *b)
{
	const struct cursor *x = a, *y = b;

	if (x->factor != y->factor)
		return x->factor > y->factor ? -1 : 1;
	return (x->term > y->term) - (x->term < y->term);
}

static int
compare_bounds(const void *a, const void *b)
{
	const struct cursor *x = a, *y = b;

	if (x->bound != y->bound)
		return x->bound < y->bound ? -1 : 1;
	return (x->term > y->term) - (x->term < y->term);
}

static size_t
keep_distinct(struct cursor *list, size_t n)
{
	size_t kept = 0;

	qsort(list, n, sizeof *list, compare_terms);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || list[i].term != list[kept - 1].term)
			list[kept++] = list[i];
	return kept;
}

static void
set_bounds(const struct index *index, struct query *query)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < query->n; i++) {
		struct cursor *cursor = &query->cursors[i];
		const struct postings *postings =
			&index->postings[cursor->term];
		cursor->entries = index->posted + postings->first;
		cursor->impacts = index->impacts + postings->first;
		cursor->n = postings->n;
		cursor->bound = (uint64_t)cursor->factor * postings->max_impact;
	}
	qsort(query->cursors, query->n, sizeof *query->cursors, compare_bounds);
	for (size_t i = 0; i < query->n; i++) {
		sum += query->cursors[i].bound;
		query->cursors[i].bound = sum;
	}
}

/* Keep a word of the query, if its term is not there yet. */
static void
keep_word(struct query *query, const char *text, uint32_t term, float weight)
{
	struct query_word *list = query->words_read;
	size_t n = query->n_words_read;

	for (size_t i = 0; i < n; i++)
		if (list[i].term == term &&
		    (term != NO_TERM || strcmp(list[i].text, text) == 0))
			return;
	if (n < QUERY_WORDS_MAX)
		list[query->n_words_read++] =
			(struct query_word){text, term, weight};
}

void
index_read_query(const struct index *index, struct tokens *tokens,
		 const char *text, size_t len, struct query *query)
{
	struct cursor list[4 * TERMS_MAX];
	size_t n = 0;

	*query = (struct query){0};
	if (tokens_split(tokens, text, len, index->language) < 0)
		mem_exhausted();
	query->words = index_hash_words(tokens);
	for (size_t i = 0; i < tokens->n && n < 4 * TERMS_MAX; i++) {
		float part;
		bool is_guess = false;
		uint32_t term = find_term(index, tokens, i, &part, &is_guess);
		/* A function word that no entry needs says nothing. */
		if (term == NO_TERM && tokens->list[i].is_stop)
			continue;
		if (term == NO_TERM) {
			query->weight += part * index->unknown_idf;
			keep_word(query, token_term(tokens, i), NO_TERM,
				  part * index->unknown_idf);
			continue;
		}
		float weight = part * index->postings[term].idf;
		keep_word(query, index->terms.texts[term], term, weight);
		list[n++] = (struct cursor){
			.term = term,
			.is_guess = is_guess,
			.weight = weight,
			.factor = (uint32_t)lrintf(weight * WEIGHT_ONE),
		};
	}
	n = keep_distinct(list, n);
	for (size_t i = 0; i < n; i++)
		query->weight += list[i].weight;
	qsort(list, n, sizeof *list, compare_weights);
	query->n = n < TERMS_MAX ? n : TERMS_MAX;
	memcpy(query->cursors, list, query->n * sizeof *list);
	set_bounds(index, query);
}
