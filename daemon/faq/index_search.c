/* Searching: the k best entries by MaxScore.  The lists of a query's terms are
 * ordered by the most that each can add; those whose sum cannot reach the k-th
 * best score so far are only looked up for entries that another list brought
 * (Turtle and Flood, "Query evaluation: strategies and optimizations", 1995).
 */
#include <stdlib.h>
#include <string.h>

#include "faq/index_parts.h"

#define TERMS_MAX 64 /* of a query: the rarest ones */
/* Sums in another order differ in their last bits: a bound must not be low. */
#define BOUND_SLACK 1.0001f

/* One list of the query, and how far it has been read. */
struct cursor {
	const struct postings *postings;
	uint32_t at;
	float bound; /* the most that this list and those before it can add */
};

struct index_scratch {
	struct tokens tokens;
	uint32_t terms[TOKENS_MAX];
	size_t n_terms, n_unknown;
	float weight; /* of the query, words that nobody has included */
	uint64_t words;
	struct cursor cursors[TERMS_MAX];
	size_t n_cursors;
	struct candidate *best; /* a heap, the worst on top */
	size_t n_best, k;
};

struct index_scratch *
index_scratch_new(void)
{
	struct index_scratch *scratch = mem_new(sizeof(*scratch));
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

/* ---- The k best */

/* Is a worse than b?  Of equals the later entry is. */
static bool
is_worse(const struct candidate *a, const struct candidate *b)
{
	if (a->score < b->score || a->score > b->score)
		return a->score < b->score;
	return a->entry > b->entry;
}

static void
swap(struct candidate *a, struct candidate *b)
{
	struct candidate kept = *a;
	*a = *b;
	*b = kept;
}

static void
sift_up(struct candidate *heap, size_t at)
{
	for (; at && is_worse(&heap[at], &heap[(at - 1) / 2]);
	     at = (at - 1) / 2)
		swap(&heap[at], &heap[(at - 1) / 2]);
}

static void
sift_down(struct candidate *heap, size_t n)
{
	for (size_t at = 0, worst = 0;; at = worst) {
		for (size_t child = 2 * at + 1;
		     child < n && child <= 2 * at + 2; child++)
			if (is_worse(&heap[child], &heap[worst]))
				worst = child;
		if (worst == at)
			return;
		swap(&heap[at], &heap[worst]);
	}
}

static void
offer(struct index_scratch *scratch, uint32_t entry, float score)
{
	struct candidate candidate = {.entry = entry, .score = score};
	if (scratch->n_best < scratch->k) {
		scratch->best[scratch->n_best] = candidate;
		sift_up(scratch->best, scratch->n_best++);
	} else if (is_worse(&scratch->best[0], &candidate)) {
		scratch->best[0] = candidate;
		sift_down(scratch->best, scratch->n_best);
	}
}

/* ---- The query */

static int
compare_cursors(const void *a, const void *b)
{
	const struct postings *x = ((const struct cursor *)a)->postings;
	const struct postings *y = ((const struct cursor *)b)->postings;
	if (x->max_impact < y->max_impact || x->max_impact > y->max_impact)
		return x->max_impact < y->max_impact ? -1 : 1;
	return (x > y) - (x < y);
}

static int
compare_rarity(const void *a, const void *b)
{
	return -compare_cursors(a, b);
}

static void
make_cursors(const struct index *index, struct index_scratch *scratch)
{
	struct cursor all[TOKENS_MAX];
	size_t n = scratch->n_terms;
	float bound = 0;
	for (size_t i = 0; i < n; i++)
		all[i] = (struct cursor){
			.postings = &index->postings[scratch->terms[i]]};
	if (n > TERMS_MAX) {
		qsort(all, n, sizeof(*all), compare_rarity);
		n = TERMS_MAX;
	}
	qsort(all, n, sizeof(*all), compare_cursors);
	for (size_t i = 0; i < n; i++) {
		bound += all[i].postings->max_impact;
		all[i].bound = bound * BOUND_SLACK;
	}
	memcpy(scratch->cursors, all, n * sizeof(*all));
	scratch->n_cursors = n;
}

static void
read_query(const struct index *index, struct index_scratch *scratch,
	   const char *query, size_t len)
{
	if (tokens_split(&scratch->tokens, query, len, index->language))
		mem_exhausted();
	scratch->words = index_hash_words(&scratch->tokens);
	scratch->n_terms =
		index_distinct_terms(&index->dictionary, &scratch->tokens,
				     scratch->terms, &scratch->n_unknown);
	scratch->weight = (float)scratch->n_unknown * index->unknown_idf;
	for (size_t i = 0; i < scratch->n_terms; i++)
		scratch->weight += index->postings[scratch->terms[i]].idf;
	make_cursors(index, scratch);
}

/* ---- Scoring */

/* The first place at or behind `at` with an entry >= wanted, by galloping. */
static uint32_t
advance(const struct postings *postings, uint32_t at, uint32_t wanted)
{
	uint32_t step = 1, low = at;
	while (low + step < postings->n &&
	       postings->entries[low + step] < wanted) {
		low += step;
		step *= 2;
	}
	uint32_t high = low + step < postings->n ? low + step : postings->n;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (postings->entries[middle] < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The lowest entry that an essential list stands at; NO_TERM: none is left. */
static uint32_t
next_entry(const struct index_scratch *scratch, size_t essential)
{
	uint32_t lowest = NO_TERM;
	for (size_t i = essential; i < scratch->n_cursors; i++) {
		const struct cursor *cursor = &scratch->cursors[i];
		if (cursor->at < cursor->postings->n &&
		    cursor->postings->entries[cursor->at] < lowest)
			lowest = cursor->postings->entries[cursor->at];
	}
	return lowest;
}

/* The impact of the list for the entry, past which it then stands. */
static float
take(struct cursor *cursor, uint32_t entry)
{
	const struct postings *postings = cursor->postings;
	if (cursor->at >= postings->n)
		return 0;
	cursor->at = advance(postings, cursor->at, entry);
	if (cursor->at >= postings->n || postings->entries[cursor->at] != entry)
		return 0;
	return postings->impacts[cursor->at++];
}

/* The whole score, or one that is too low to matter.  The impacts are added in
 * one order whatever is pruned, so that a score has the same bits always. */
static float
score_entry(struct index_scratch *scratch, size_t essential, uint32_t entry,
	    float needed)
{
	float score = 0;
	for (size_t i = scratch->n_cursors; i-- > 0;) {
		if (i < essential && score + scratch->cursors[i].bound < needed)
			return -1;
		score += take(&scratch->cursors[i], entry);
	}
	return score;
}

static bool
is_valid(const struct index_entry *entry, int64_t now_us)
{
	return entry->valid_from_us <= now_us &&
	       (!entry->valid_to_us || now_us < entry->valid_to_us);
}

static float
needed_score(const struct index_scratch *scratch)
{
	return scratch->n_best < scratch->k ? 0 : scratch->best[0].score;
}

static void
find_best(const struct index *index, struct index_scratch *scratch,
	  int64_t now_us)
{
	size_t essential = 0;
	uint32_t entry;
	while ((entry = next_entry(scratch, essential)) != NO_TERM) {
		float needed = needed_score(scratch);
		float score = score_entry(scratch, essential, entry, needed);
		if (score > 0 && score >= needed &&
		    is_valid(&index->entries[entry], now_us))
			offer(scratch, entry, score);
		needed = needed_score(scratch);
		while (essential < scratch->n_cursors &&
		       scratch->cursors[essential].bound < needed)
			essential++;
	}
}

/* ---- The candidates' numbers */

/* The idf weight of the terms that query and phrase share. */
static float
shared_weight(const struct index *index, const struct index_scratch *scratch,
	      const struct phrase *phrase)
{
	const uint32_t *terms = index->phrase_terms + phrase->first;
	float weight = 0;
	size_t i = 0, k = 0;
	while (i < scratch->n_terms && k < phrase->n) {
		if (scratch->terms[i] == terms[k]) {
			weight += index->postings[terms[k]].idf;
			i++;
			k++;
		} else if (scratch->terms[i] < terms[k]) {
			i++;
		} else {
			k++;
		}
	}
	return weight;
}

static void
measure(const struct index *index, const struct index_scratch *scratch,
	struct candidate *candidate)
{
	uint32_t end = index->first_phrase[candidate->entry + 1];
	for (uint32_t i = index->first_phrase[candidate->entry]; i < end; i++) {
		const struct phrase *phrase = &index->phrases[i];
		float shared = shared_weight(index, scratch, phrase);
		float both = scratch->weight + phrase->weight - shared;
		float closeness = both > 0 ? shared / both : 0;
		float coverage =
			scratch->weight > 0 ? shared / scratch->weight : 0;
		if (closeness > candidate->closeness)
			candidate->closeness = closeness;
		if (coverage > candidate->coverage)
			candidate->coverage = coverage;
		candidate->is_exact |= phrase->words == scratch->words &&
				       scratch->tokens.n > 0;
	}
}

static int
compare_candidates(const void *a, const void *b)
{
	return is_worse(a, b) ? 1 : -1;
}

size_t
index_search(const struct index *index, struct index_scratch *scratch,
	     const char *query, size_t len, int64_t now_us, size_t k,
	     struct candidate *out)
{
	read_query(index, scratch, query, len);
	scratch->best = out;
	scratch->n_best = 0;
	scratch->k = k;
	if (k)
		find_best(index, scratch, now_us);
	qsort(out, scratch->n_best, sizeof(*out), compare_candidates);
	for (size_t i = 0; i < scratch->n_best; i++)
		measure(index, scratch, &out[i]);
	return scratch->n_best;
}
