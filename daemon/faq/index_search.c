/* Searching: the best by BM25F are measured against their own questions, and
 * put in order anew. */
#include <stdlib.h>
#include <string.h>

#include "faq/index_parts.h"

/* So many are measured, however few are wanted: an entry may have the very
 * question and still be a little behind by its words alone. */
#define MEASURED 50

/* The idf of a word that none of 75 entries has. */
#define RARE_IDF 5.0f

/* What likeness, and an intent that is certain, are worth beside BM25F, in
 * parts of the query's weight.  More for the intent makes what is found by
 * words alone worse. */
#define LIKENESS_WEIGHT 2.0f
#define INTENT_WEIGHT 0.3f

struct index_scratch {
	struct tokens tokens;
	struct query query;
	struct likeness likeness;
	struct hit hits[MEASURED];
	struct candidate candidates[MEASURED];
};

struct index_scratch *
index_scratch_new(void)
{
	struct index_scratch *scratch = mem_new(sizeof *scratch);

	tokens_init(&scratch->tokens);
	return scratch;
}

void
index_scratch_free(struct index_scratch *scratch)
{
	if (!scratch)
		return;
	tokens_release(&scratch->tokens);
	free(scratch);
}

/* What of the query's weight a phrase shares; what of the context's to
 * *context_r. */
static float
shared_weight(const struct index *index, const struct query *query,
	      const struct phrase *phrase, float *context_r)
{
	const uint32_t *terms = index->phrase_terms + phrase->first;
	float weights[2] = {0};

	for (size_t i = 0; i < query->n; i++) {
		uint32_t low = 0, high = phrase->n;
		while (low < high) {
			uint32_t middle = (low + high) / 2;
			uint32_t term = terms[middle] & ~PHRASE_STOP;
			if (term < query->cursors[i].term)
				low = middle + 1;
			else
				high = middle;
		}
		if (low < phrase->n &&
		    (terms[low] & ~PHRASE_STOP) == query->cursors[i].term)
			weights[query->cursors[i].is_context] +=
				query->cursors[i].weight;
	}
	*context_r = weights[true];
	return weights[false];
}

/* What of the query's weight an entry has in any of its texts; what of the
 * context's to *context_r, and how much of both by words that were read as
 * others, to *guessed_r. */
static float
supported_weight(const struct query *query, uint32_t entry, float *context_r,
		 float *guessed_r)
{
	float weights[2] = {0};

	*guessed_r = 0;
	for (size_t i = 0; i < query->n; i++) {
		const struct cursor *cursor = &query->cursors[i];
		uint32_t low = 0, high = cursor->n;
		while (low < high) {
			uint32_t middle = low + (high - low) / 2;
			if (cursor->entries[middle] < entry)
				low = middle + 1;
			else
				high = middle;
		}
		if (low == cursor->n || cursor->entries[low] != entry)
			continue;
		weights[cursor->is_context] += cursor->weight;
		if (cursor->is_guess)
			*guessed_r += cursor->weight;
	}
	*context_r = weights[true];
	return weights[false];
}

/* The weight of a word as rare as can be.  A few entries do not tell what is
 * rare. */
static float
rarest(const struct index *index)
{
	return index->unknown_idf > RARE_IDF ? index->unknown_idf : RARE_IDF;
}

void
index_measure(const struct index *index, const struct query *query,
	      struct likeness *likeness, const struct hit *hit,
	      struct candidate *out)
{
	uint32_t end = index->first_phrase[hit->entry + 1];
	float score = (float)((double)hit->score / IMPACT_ONE / WEIGHT_ONE);
	float guessed, context;
	float support = supported_weight(query, hit->entry, &context, &guessed);
	float whole = query->weight + context;

	whole = whole > 0 ? whole : 1;

	*out = (struct candidate){
		.entry = hit->entry,
		.weight = whole / rarest(index),
		.support = (support + context) / whole,
		.guessed = guessed / whole,
		.is_lone = query->n_words_read == 1,
	};
	for (uint32_t i = index->first_phrase[hit->entry]; i < end; i++) {
		const struct phrase *phrase = &index->phrases[i];
		float shared = shared_weight(index, query, phrase, &context);
		float both = query->weight + phrase->weight - shared;
		shared += context;
		if (context > out->context * query->context)
			out->context = context / query->context;
		float like = likeness_shared(likeness, index, query, phrase,
					     &context);
		float like_both = query->weight + phrase->weight - like;
		like += context;
		if (like > out->likeness * like_both)
			out->likeness = like / like_both;
		if (shared > out->closeness * both)
			out->closeness = shared / both;
		if (shared > out->coverage * whole)
			out->coverage = shared / whole;
		out->is_exact |= phrase->words == query->words;
	}
	out->match = score / whole;
	out->score = (BM25_K1 + 1) * score +
		     LIKENESS_WEIGHT * (query->weight + query->context) *
			     out->likeness;
}

static int
compare_candidates(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->is_exact != y->is_exact)
		return x->is_exact ? -1 : 1;
	if (x->score < y->score || x->score > y->score)
		return x->score > y->score ? -1 : 1;
	return (x->entry > y->entry) - (x->entry < y->entry);
}

/* How far each one is before the next. */
static void
set_margins(struct candidate *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		float next = i + 1 < n ? list[i + 1].score : 0;
		if (list[i].score > next)
			list[i].margin = 1 - next / list[i].score;
	}
}

/* Raise what serves the intents that the customer may have. */
static void
add_intents(const struct index *index, const struct index_question *question,
	    const struct query *query, struct candidate *candidate)
{
	const char *intent = index->entries[candidate->entry].intent;

	if (!*intent)
		return;
	for (size_t i = 0; i < question->n_intents; i++)
		if (strcmp(question->intents[i].name, intent) == 0)
			candidate->intent = question->intents[i].probability;
	candidate->score += INTENT_WEIGHT * (query->weight + query->context) *
			    candidate->intent;
}

size_t
index_ask(const struct index *index, struct index_scratch *scratch,
	  const struct index_question *question, size_t k,
	  struct candidate *out)
{
	struct candidate *list = scratch->candidates;
	struct query *query = &scratch->query;

	index_read_query(index, &scratch->tokens, question->text, question->len,
			 question->len_context, query);
	size_t n = index_find_best(index, query, question->now_us, MEASURED,
				   scratch->hits);
	likeness_read(&scratch->likeness, query);
	for (size_t i = 0; i < n; i++) {
		index_measure(index, query, &scratch->likeness,
			      &scratch->hits[i], &list[i]);
		add_intents(index, question, query, &list[i]);
	}
	qsort(list, n, sizeof *list, compare_candidates);
	set_margins(list, n);
	if (k > n)
		k = n;
	for (size_t i = 0; i < k; i++)
		out[i] = list[i];
	return k;
}

size_t
index_search(const struct index *index, struct index_scratch *scratch,
	     const char *query, size_t len, int64_t now_us, size_t k,
	     struct candidate *out)
{
	const struct index_question question = {
		.text = query,
		.len = len,
		.now_us = now_us,
	};

	return index_ask(index, scratch, &question, k, out);
}
