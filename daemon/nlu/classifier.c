#include "nlu/classifier.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nlu/classifier_parts.h"

/* Shorter words are too near to others that mean something else. */
#define CORRECTED_BYTES_MIN 4

/* What stands for the word in front of a stem. */
#define STEM_MARK "\x01"

void
classifier_free(struct classifier *classifier)
{
	if (!classifier)
		return;
	dictionary_release(&classifier->intents);
	dictionary_release(&classifier->words);
	dictionary_release(&classifier->stems);
	free(classifier->known);
	idmap_release(&classifier->features);
	free(classifier->weights);
	linear_release(&classifier->model);
	free(classifier);
}

size_t
classifier_count(const struct classifier *classifier)
{
	return classifier->intents.n;
}

size_t
classifier_bytes(const struct classifier *classifier)
{
	return dictionary_bytes(&classifier->intents) +
	       dictionary_bytes(&classifier->words) +
	       dictionary_bytes(&classifier->stems) +
	       classifier->words.n * sizeof *classifier->known +
	       classifier->features.size * sizeof(struct idmap_entry) +
	       classifier->n_features * sizeof *classifier->weights +
	       linear_bytes(&classifier->model);
}

/* ---- Reading a text */

void
reading_init(struct reading *reading)
{
	*reading = (struct reading){0};
	tokens_init(&reading->tokens);
}

void
reading_release(struct reading *reading)
{
	tokens_release(&reading->tokens);
	ngrams_release(&reading->ngrams);
}

/* The most frequent of the words that one may have been meant as. */
struct meant {
	const struct classifier *classifier;
	uint32_t word;
};

static void
keep_better(void *arg, uint32_t number)
{
	struct meant *meant = arg;
	const struct known_word *known = meant->classifier->known;

	if (meant->word == NO_TERM ||
	    known[number].count > known[meant->word].count ||
	    (known[number].count == known[meant->word].count &&
	     number < meant->word))
		meant->word = number;
}

/* A word and its stem, as examples have them. */
struct spelt {
	const char *word, *stem;
};

static struct spelt
spell(const struct classifier *classifier, const struct tokens *tokens,
      size_t i)
{
	struct meant meant = {classifier, NO_TERM};
	struct spelt as_is = {token_word(tokens, i), token_term(tokens, i)};

	if (tokens->list[i].is_number ||
	    tokens->list[i].word_len < CORRECTED_BYTES_MIN ||
	    dictionary_find(&classifier->words, as_is.word) != NO_TERM)
		return as_is;
	dictionary_each_near(&classifier->words, as_is.word, keep_better,
			     &meant);
	if (meant.word == NO_TERM)
		return as_is;
	uint32_t stem = classifier->known[meant.word].stem;
	return (struct spelt){classifier->words.texts[meant.word],
			      classifier->stems.texts[stem]};
}

/* Add words and pairs, as they are written and by their stems.  The mark in
 * front keeps a stem apart from the word that it looks like; a pair whose words
 * are stems counts twice. */
static int
add_words(struct ngrams *ngrams, const struct spelt *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *word = words[i].word, *stem = words[i].stem;
		if (ngrams_add_word(ngrams, word, NULL) < 0 ||
		    ngrams_add_word(ngrams, STEM_MARK, stem) < 0)
			return -1;
		if (i + 1 < n &&
		    (ngrams_add_word(ngrams, word, words[i + 1].word) < 0 ||
		     ngrams_add_word(ngrams, stem, words[i + 1].stem) < 0))
			return -1;
	}
	return 0;
}

static int
add_features(struct reading *reading, const struct spelt *words, size_t n)
{
	struct ngrams *ngrams = &reading->ngrams;

	if (add_words(ngrams, words, n) < 0)
		return -1;
	ngrams_join(ngrams, 0);
	reading->n_words = ngrams->n;
	for (size_t i = 0; i < n; i++)
		if (ngrams_add_runs(ngrams, words[i].word) < 0)
			return -1;
	ngrams_join(ngrams, reading->n_words);
	return 0;
}

int
reading_spell(struct reading *reading, const struct classifier *classifier)
{
	struct spelt words[CLASSIFIED_WORDS_MAX];
	const struct tokens *tokens = &reading->tokens;

	ngrams_clear(&reading->ngrams);
	reading->n_words = 0;
	size_t n = tokens->n < CLASSIFIED_WORDS_MAX ? tokens->n
						    : CLASSIFIED_WORDS_MAX;
	for (size_t i = 0; i < n; i++)
		words[i] = spell(classifier, tokens, i);
	return add_features(reading, words, n);
}

int
reading_read(struct reading *reading, const struct classifier *classifier,
	     const char *text, size_t len)
{
	if (tokens_split(&reading->tokens, text, len, classifier->language) < 0)
		return -1;
	return reading_spell(reading, classifier);
}

/* The part of a count that matters: a word said twice is not two. */
static float
dampen(float count)
{
	return sqrtf(count);
}

size_t
classifier_weigh(const struct classifier *classifier, uint32_t *features,
		 float *values, size_t n)
{
	size_t kept = 0;
	float sum = 0;

	for (size_t i = 0; i < n; i++) {
		bool is_known = features[i] != NO_FEATURE;
		float weight = is_known ? classifier->weights[features[i]]
					: classifier->unknown_weight;
		float value = dampen(values[i]) * weight;
		sum += value * value;
		if (!is_known)
			continue;
		features[kept] = features[i];
		values[kept++] = value;
	}
	for (size_t i = 0; i < kept; i++)
		values[i] /= sqrtf(sum);
	return kept;
}

/* What was read from place first to end. */
static size_t
weigh_kind(const struct reading *reading, const struct classifier *classifier,
	   size_t first, size_t end, uint32_t *features, float *values)
{
	const struct ngram *list = reading->ngrams.list;

	for (size_t i = first; i < end; i++) {
		size_t number = (size_t)(uintptr_t)idmap_get(
			&classifier->features, list[i].key);
		features[i - first] =
			number ? (uint32_t)number - 1 : NO_FEATURE;
		values[i - first] = list[i].count;
	}
	return classifier_weigh(classifier, features, values, end - first);
}

/* Of both kinds, words and characters, in arrays with room for all. */
static size_t
weigh(const struct reading *reading, const struct classifier *classifier,
      uint32_t *features, float *values)
{
	size_t n = weigh_kind(reading, classifier, 0, reading->n_words,
			      features, values);

	return n + weigh_kind(reading, classifier, reading->n_words,
			      reading->ngrams.n, features + n, values + n);
}

/* ---- Judging */

/* Take the best k of the scores, in order. */
static size_t
take_best(const struct classifier *classifier, float *scores, struct guess *out,
	  size_t k)
{
	size_t n = classifier->intents.n, taken = 0;

	for (; taken < k && taken < n; taken++) {
		size_t best = 0;
		for (size_t i = 1; i < n; i++)
			if (scores[i] > scores[best])
				best = i;
		out[taken].intent = classifier->intents.texts[best];
		out[taken].probability = scores[best];
		scores[best] = -1;
	}
	return taken;
}

static size_t
judge(const struct classifier *classifier, const struct reading *reading,
      struct guess *out, size_t k)
{
	size_t n = reading->ngrams.n, n_intents = classifier->intents.n;
	uint32_t *features = mem_array(n + 1, sizeof *features);
	float *values = mem_array(n + 1, sizeof *values);
	float *scores = mem_array(n_intents, sizeof *scores);

	if (!features || !values || !scores)
		mem_exhausted();
	struct linear_row row = {
		.features = features,
		.values = values,
		.n = weigh(reading, classifier, features, values),
	};
	if (row.n > 0) {
		linear_scores(&classifier->model, &row, scores);
		linear_softmax(scores, n_intents, classifier->scale);
	}
	size_t taken = row.n > 0 ? take_best(classifier, scores, out, k) : 0;
	free(features);
	free(values);
	free(scores);
	return taken;
}

size_t
classifier_guess(const struct classifier *classifier, const char *text,
		 size_t len, struct guess *out, size_t k)
{
	struct reading reading;
	size_t n = 0;

	if (!classifier->model.n_labels)
		return 0;
	reading_init(&reading);
	if (reading_read(&reading, classifier, text, len) < 0)
		mem_exhausted();
	n = judge(classifier, &reading, out, k);
	reading_release(&reading);
	return n;
}
