/* How like a query a phrase is, where words are alike that share runs of
 * characters: "verification" is nearly "verify", "cashbck" is nearly "cashback"
 * (soft TF-IDF: Cohen, Ravikumar and Fienberg, "A Comparison of String Distance
 * Metrics for Name-Matching Tasks", 2003, with the Dice coefficient of runs of
 * two and three bytes). */
#include <string.h>

#include "faq/index_parts.h"

/* Words that are less alike are not. */
#define LIKENESS_MIN 0.5f
#define RUN_WORD_MAX 40 /* bytes of a word that are looked at */

static uint32_t
slot_of(uint32_t run)
{
	return run * 2654435761u >> (32 - LIKENESS_SLOTS_BITS);
}

/* The runs of <word>, each once for each time that it is there; how many. */
static uint32_t
runs_of(const char *word, uint32_t runs[2 * RUN_WORD_MAX + 4])
{
	size_t len = strnlen(word, RUN_WORD_MAX);
	uint32_t last = '<', before = 0, n = 0;

	for (size_t i = 0; i <= len; i++) {
		uint32_t byte = i < len ? (unsigned char)word[i] : '>';
		runs[n++] = last << 8 | byte;
		if (before)
			runs[n++] = before << 16 | last << 8 | byte;
		before = last;
		last = byte;
	}
	return n;
}

static void
add_run(struct likeness *likeness, uint32_t run, size_t word)
{
	uint32_t at = slot_of(run);

	while (likeness->runs[at] && likeness->runs[at] != run)
		at = (at + 1) % LIKENESS_SLOTS;
	if (!likeness->runs[at]) {
		if (likeness->n_runs == LIKENESS_SLOTS / 2)
			return;
		likeness->n_runs++;
		likeness->runs[at] = run;
	}
	likeness->words[at] |= (uint64_t)1 << word;
}

void
likeness_read(struct likeness *likeness, const struct query *query)
{
	uint32_t runs[2 * RUN_WORD_MAX + 4];

	memset(likeness, 0, sizeof *likeness);
	for (size_t i = 0; i < query->n_words_read; i++) {
		uint32_t n = runs_of(query->words_read[i].text, runs);
		likeness->lengths[i] = n;
		for (uint32_t k = 0; k < n; k++)
			add_run(likeness, runs[k], i);
	}
}

/* How alike the word is to each of the query's; kept those that are. */
static void
compare_word(const struct likeness *likeness, size_t n_words, const char *word,
	     struct likeness_term *out)
{
	uint32_t runs[2 * RUN_WORD_MAX + 4], n = runs_of(word, runs);
	uint8_t shared[QUERY_WORDS_MAX] = {0};

	for (uint32_t k = 0; k < n; k++) {
		uint32_t at = slot_of(runs[k]);
		while (likeness->runs[at] && likeness->runs[at] != runs[k])
			at = (at + 1) % LIKENESS_SLOTS;
		for (uint64_t left = likeness->words[at]; left;
		     left &= left - 1)
			shared[__builtin_ctzll(left)]++;
	}
	out->n = 0;
	for (size_t i = 0; i < n_words && out->n < LIKENESS_KEPT; i++) {
		float dice = 2 * (float)shared[i] /
			     (float)(n + likeness->lengths[i]);
		if (dice < LIKENESS_MIN)
			continue;
		out->words[out->n] = (uint8_t)i;
		out->parts[out->n++] = dice < 1 ? dice : 1;
	}
}

static const struct likeness_term *
find_term(struct likeness *likeness, const struct index *index,
	  const struct query *query, uint32_t term)
{
	struct likeness_term *kept = &likeness->terms[term % LIKENESS_TERMS];

	if (kept->term != term + 1) {
		compare_word(likeness, query->n_words_read,
			     index->terms.texts[term], kept);
		kept->term = term + 1;
	}
	return kept;
}

float
likeness_shared(struct likeness *likeness, const struct index *index,
		const struct query *query, const struct phrase *phrase,
		float *context_r)
{
	float best[QUERY_WORDS_MAX] = {0}, sums[2] = {0};

	for (uint32_t k = 0; k < phrase->n; k++) {
		uint32_t term =
			index->phrase_terms[phrase->first + k] & ~PHRASE_STOP;
		const struct likeness_term *found =
			find_term(likeness, index, query, term);
		for (size_t i = 0; i < found->n; i++) {
			size_t word = found->words[i];
			float part =
				query->words_read[word].term == term
					? 1
					: found->parts[i] * found->parts[i];
			if (part > best[word])
				best[word] = part;
		}
	}
	for (size_t i = 0; i < query->n_words_read; i++)
		sums[query->words_read[i].is_context] +=
			best[i] * query->words_read[i].weight;
	*context_r = sums[true];
	return sums[false];
}
