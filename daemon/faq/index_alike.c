/* How like a query a phrase is, where words are alike that share runs of
 * characters: "verification" is nearly "verify", "cashbck" is nearly "cashback"
 * (soft TF-IDF: Cohen, Ravikumar and Fienberg, "A Comparison of String Distance
 * Metrics for Name-Matching Tasks", 2003, with the Dice coefficient of runs of
 * two and three bytes). */
#include <string.h>

#include "faq/index_parts.h"

/* Words that are less alike are not. */
#define ALIKE_MIN 0.5f
#define RUN_WORD_MAX 40 /* bytes of a word that are looked at */

static uint32_t
slot_of(uint32_t run)
{
	return run * 2654435761u >> (32 - ALIKE_SLOTS_BITS);
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
add_run(struct alike *alike, uint32_t run, size_t word)
{
	uint32_t at = slot_of(run);

	while (alike->runs[at] && alike->runs[at] != run)
		at = (at + 1) % ALIKE_SLOTS;
	if (!alike->runs[at]) {
		if (alike->n_runs == ALIKE_SLOTS / 2)
			return;
		alike->n_runs++;
		alike->runs[at] = run;
	}
	alike->words[at] |= (uint64_t)1 << word;
}

void
alike_read(struct alike *alike, const struct query *query)
{
	uint32_t runs[2 * RUN_WORD_MAX + 4];

	memset(alike, 0, sizeof *alike);
	for (size_t i = 0; i < query->n_words_read; i++) {
		uint32_t n = runs_of(query->words_read[i].text, runs);
		alike->lengths[i] = n;
		for (uint32_t k = 0; k < n; k++)
			add_run(alike, runs[k], i);
	}
}

/* How alike the word is to each of the query's; kept those that are. */
static void
compare_word(const struct alike *alike, size_t n_words, const char *word,
	     struct alike_term *out)
{
	uint32_t runs[2 * RUN_WORD_MAX + 4], n = runs_of(word, runs);
	uint8_t shared[QUERY_WORDS_MAX] = {0};

	for (uint32_t k = 0; k < n; k++) {
		uint32_t at = slot_of(runs[k]);
		while (alike->runs[at] && alike->runs[at] != runs[k])
			at = (at + 1) % ALIKE_SLOTS;
		for (uint64_t left = alike->words[at]; left; left &= left - 1)
			shared[__builtin_ctzll(left)]++;
	}
	out->n = 0;
	for (size_t i = 0; i < n_words && out->n < ALIKE_KEPT; i++) {
		float dice =
			2 * (float)shared[i] / (float)(n + alike->lengths[i]);
		if (dice < ALIKE_MIN)
			continue;
		out->words[out->n] = (uint8_t)i;
		out->parts[out->n++] = dice < 1 ? dice : 1;
	}
}

static const struct alike_term *
find_term(struct alike *alike, const struct index *index,
	  const struct query *query, uint32_t term)
{
	struct alike_term *kept = &alike->terms[term % ALIKE_TERMS];

	if (kept->term != term + 1) {
		compare_word(alike, query->n_words_read,
			     index->terms.texts[term], kept);
		kept->term = term + 1;
	}
	return kept;
}

float
alike_shared(struct alike *alike, const struct index *index,
	     const struct query *query, const struct phrase *phrase)
{
	float best[QUERY_WORDS_MAX] = {0}, sum = 0;

	for (uint32_t k = 0; k < phrase->n; k++) {
		uint32_t term =
			index->phrase_terms[phrase->first + k] & ~PHRASE_STOP;
		const struct alike_term *found =
			find_term(alike, index, query, term);
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
		sum += best[i] * query->words_read[i].weight;
	return sum;
}
