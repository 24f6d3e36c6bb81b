/* Reading a query: its words become terms of the index, with cursors on their
 * postings. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faq/index_parts.h"
#include "text/question.h"
#include "text/slip.h"

/* Shorter words are too near to others that mean something else. */
#define CORRECTED_BYTES_MIN 4
#define SHORT_BYTES 3 /* but for function words */
/* What a corrected word counts: it may have been meant otherwise. */
#define CORRECTED_WEIGHT 0.9f

/* Two words of so many bytes may be one that was parted. */
#define JOINED_BYTES_MIN 3
#define JOINED_BYTES_MAX 30

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

/* The term of the function word or question word that three letters are with
 * the last two exchanged ("cna", "hwo"): these are few, so that nothing else is
 * near. NO_TERM: it is none that an entry has. */
static uint32_t
exchanged(const struct index *index, const char *word)
{
	const char meant[] = {word[0], word[2], word[1], '\0'};
	uint32_t number = dictionary_find(&index->words, meant);

	if (number == NO_TERM ||
	    (!text_is_stop_word(meant, index->language) &&
	     !text_is_question_word(meant, index->language)))
		return NO_TERM;
	return index->word_terms[number];
}

/* What is read at a place of the query. */
struct reading {
	uint32_t term; /* NO_TERM: no entry has it */
	float part;    /* of the term's weight that it counts */
	bool is_guess; /* it is no word of the index, nor the slip of one */
	bool is_stop;
};

static struct reading
read_word(const struct index *index, const struct tokens *tokens, size_t i)
{
	const struct token *token = &tokens->list[i];
	const char *word = token_word(tokens, i), *stem = token_term(tokens, i);
	uint32_t number = dictionary_find(&index->words, word);
	struct reading out = {
		.part = token->is_stop ? STOP_WEIGHT : 1,
		.is_stop = token->is_stop,
	};

	out.term = number != NO_TERM ? index->word_terms[number]
				     : dictionary_find(&index->terms, stem);
	if (out.term != NO_TERM || token->is_number || token->is_stop)
		return out;
	if (token->word_len == SHORT_BYTES) {
		out.term = exchanged(index, word);
		if (out.term != NO_TERM &&
		    text_is_stop_word(index->terms.texts[out.term],
				      index->language))
			out.part = STOP_WEIGHT;
	}
	if (token->word_len < CORRECTED_BYTES_MIN)
		return out;
	struct guess guess = correct(index, word, stem);
	out.term = guess.term;
	out.part *= CORRECTED_WEIGHT;
	out.is_guess = !guess.is_slip;
	return out;
}

/* Is the term in as many entries as a word of the query? */
static bool
is_as_common(const struct index *index, uint32_t term, const char *word)
{
	uint32_t number = dictionary_find(&index->words, word);

	return number == NO_TERM ||
	       index->postings[term].n >=
		       index->postings[index->word_terms[number]].n;
}

/* The term of a word that was written as two, from i on ("over draft"), before
 * end; NO_TERM: these are two words. */
static uint32_t
join(const struct index *index, const struct tokens *tokens, size_t i,
     size_t end)
{
	char both[2 * JOINED_BYTES_MAX + 1];

	if (i + 1 == end)
		return NO_TERM;
	const struct token *first = &tokens->list[i], *second = first + 1;
	const char *a = token_word(tokens, i), *b = token_word(tokens, i + 1);
	if (first->is_number || second->is_number ||
	    (first->is_stop && second->is_stop) ||
	    first->word_len < JOINED_BYTES_MIN ||
	    second->word_len < JOINED_BYTES_MIN ||
	    first->word_len > JOINED_BYTES_MAX ||
	    second->word_len > JOINED_BYTES_MAX)
		return NO_TERM;
	snprintf(both, sizeof both, "%s%s", a, b);
	uint32_t number = dictionary_find(&index->words, both);
	if (number == NO_TERM)
		return NO_TERM;
	uint32_t term = index->word_terms[number];
	bool is_one = (first->is_stop || is_as_common(index, term, a)) &&
		      (second->is_stop || is_as_common(index, term, b));
	return is_one ? term : NO_TERM;
}

/* Read one word, or two as one; *i becomes the last of them. */
static struct reading
read_at(const struct index *index, const struct tokens *tokens, size_t *i,
	size_t end)
{
	uint32_t term = join(index, tokens, *i, end);

	if (term == NO_TERM)
		return read_word(index, tokens, *i);
	++*i;
	return (struct reading){.term = term, .part = 1};
}

static int
compare_terms(const void *a, const void *b)
{
	const struct cursor *x = a, *y = b;

	if (x->term != y->term)
		return x->term < y->term ? -1 : 1;
	if (x->is_context != y->is_context)
		return x->is_context ? 1 : -1;
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
keep_word(struct query *query, const char *text, uint32_t term, float weight,
	  bool is_context)
{
	struct query_word *list = query->words_read;
	size_t n = query->n_words_read;

	for (size_t i = 0; i < n; i++)
		if (list[i].term == term &&
		    (term != NO_TERM || strcmp(list[i].text, text) == 0))
			return;
	if (n < QUERY_WORDS_MAX)
		list[query->n_words_read++] =
			(struct query_word){text, term, weight, is_context};
}

/* A word that was read; text: as it stands in the query. */
static void
keep_reading(const struct index *index, const struct reading *read,
	     const char *text, bool is_context, struct query *query,
	     struct cursor *list, size_t *n)
{
	/* A function word that no entry needs says nothing, and of a context
	 * only what an entry has. */
	if (is_context && (read->is_stop || read->is_guess))
		return;
	if (read->term == NO_TERM) {
		float weight = read->part * index->unknown_idf;
		if (read->is_stop || is_context)
			return;
		query->weight += weight;
		keep_word(query, text, NO_TERM, weight, false);
		return;
	}
	float weight = read->part * index->postings[read->term].idf;
	keep_word(query, index->terms.texts[read->term], read->term, weight,
		  is_context);
	list[(*n)++] = (struct cursor){
		.term = read->term,
		.is_context = is_context,
		.is_guess = read->is_guess,
		.weight = weight,
		.factor = (uint32_t)lrintf(weight * WEIGHT_ONE),
	};
}

static void
split(struct tokens *tokens, const char *text, size_t len, const char *language)
{
	if (tokens_split(tokens, text, len, language) < 0)
		mem_exhausted();
}

void
index_read_query(const struct index *index, struct tokens *tokens,
		 const char *text, size_t len, size_t len_context,
		 struct query *query)
{
	struct cursor list[4 * TERMS_MAX];
	size_t n = 0;

	*query = (struct query){0};
	split(tokens, text, len - len_context, index->language);
	query->words = index_hash_words(tokens);
	size_t n_own = tokens->n;
	if (len_context)
		split(tokens, text, len, index->language);
	for (size_t i = 0; i < tokens->n && n < 4 * TERMS_MAX; i++) {
		bool is_context = i >= n_own;
		struct reading read = read_at(index, tokens, &i,
					      is_context ? tokens->n : n_own);
		keep_reading(index, &read, token_term(tokens, i), is_context,
			     query, list, &n);
	}
	n = keep_distinct(list, n);
	for (size_t i = 0; i < n; i++)
		*(list[i].is_context ? &query->context : &query->weight) +=
			list[i].weight;
	qsort(list, n, sizeof *list, compare_weights);
	query->n = n < TERMS_MAX ? n : TERMS_MAX;
	memcpy(query->cursors, list, query->n * sizeof *list);
	set_bounds(index, query);
}
