/* Making a classifier.  One thread. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "nlu/classifier_parts.h"
#include "text/exponential.h"

#define EXAMPLES_MAX 50000
#define HASHED_MAX ((size_t)256 << 20) /* bytes of them */
/* Names of intents come with files of entries.  Training takes time by examples
 * times intents, and memory by features times intents: so much is some ten
 * seconds, and 256 MiB. */
#define LABELS_MAX 1000
#define WORK_MAX 4000000
#define WEIGHTS_MAX ((uint64_t)64 << 20)

/* From the middle of what is as good on the sets of tests/bench/intents.py: the
 * more examples there are, the less is each of them to be taken at its word.
 * Over the root of their number. */
#define COST 1000
#define PASSES 5

/* Probabilities are fitted to examples that were held back, a fifth at a time,
 * until there are that many of them. */
#define FOLDS 5
#define HELD_BACK_MIN 1000

struct example {
	const char *text;
	uint32_t label;
	size_t first, n; /* in builder->features and ->values */
	size_t n_words;	 /* of those: the others are of characters */
};

struct classifier_builder {
	struct classifier *classifier;
	struct arena arena;
	struct example *examples;
	size_t n, size;
	uint32_t *features;
	float *values;
	size_t n_values, values_size;
	struct reading reading;
};

struct classifier_builder *
classifier_builder_new(const char *language)
{
	struct classifier_builder *builder = mem_new(sizeof *builder);

	builder->classifier = mem_new(sizeof *builder->classifier);
	strncpy(builder->classifier->language, language,
		sizeof builder->classifier->language - 1);
	builder->classifier->scale = 1;
	reading_init(&builder->reading);
	return builder;
}

void
classifier_builder_free(struct classifier_builder *builder)
{
	if (!builder)
		return;
	classifier_free(builder->classifier);
	reading_release(&builder->reading);
	arena_release(&builder->arena);
	free(builder->examples);
	free(builder->features);
	free(builder->values);
	free(builder);
}

static int
no_memory(struct err *err)
{
	return err_set(err, "there is no memory for the classifier");
}

/* Room for one more item in *items, which has n of *size; 0, or -1. */
static int
make_room(void **items, size_t n, size_t *size, size_t item_size)
{
	if (n < *size)
		return 0;
	size_t grown = *size ? 2 * *size : 1024;
	void *more = mem_array_grow(*items, grown, item_size);
	if (!more)
		return -1;
	*items = more;
	*size = grown;
	return 0;
}

int
classifier_builder_add(struct classifier_builder *builder, const char *text,
		       const char *intent, struct err *err)
{
	struct dictionary *intents = &builder->classifier->intents;
	bool is_too_many = intents->n == LABELS_MAX &&
			   dictionary_find(intents, intent) == NO_TERM;

	if (builder->n == EXAMPLES_MAX || is_too_many)
		return 0;
	void *examples = builder->examples;
	if (make_room(&examples, builder->n, &builder->size,
		      sizeof *builder->examples) < 0)
		return no_memory(err);
	builder->examples = examples;
	uint32_t label = dictionary_add(intents, intent);
	if (label == NO_TERM)
		return no_memory(err);
	builder->examples[builder->n++] = (struct example){
		.text = arena_strdup(&builder->arena, text),
		.label = label,
	};
	return 0;
}

int
classifier_builder_hash(const struct classifier_builder *builder,
			uint8_t out[SHA256_SIZE])
{
	const struct classifier *classifier = builder->classifier;
	struct buf all;

	buf_init(&all, HASHED_MAX);
	buf_add(&all, classifier->language, sizeof classifier->language);
	for (size_t i = 0; i < builder->n; i++) {
		const struct example *example = &builder->examples[i];
		const char *intent = classifier->intents.texts[example->label];
		buf_add(&all, intent, strlen(intent) + 1);
		buf_add(&all, example->text, strlen(example->text) + 1);
	}
	int rc = all.failed ? -1 : 0;
	if (!rc)
		crypto_sha256(all.data, all.len, out);
	buf_release(&all);
	return rc;
}

/* ---- Words */

static int
learn_word(struct classifier *classifier, const struct tokens *tokens, size_t i,
	   size_t *size)
{
	size_t n = classifier->words.n;
	void *known = classifier->known;
	uint32_t word =
		dictionary_add(&classifier->words, token_word(tokens, i));
	uint32_t stem =
		dictionary_add(&classifier->stems, token_term(tokens, i));

	if (word == NO_TERM || stem == NO_TERM ||
	    make_room(&known, n, size, sizeof *classifier->known) < 0)
		return -1;
	classifier->known = known;
	if (word == n)
		classifier->known[word] = (struct known_word){0, stem};
	classifier->known[word].count++;
	return 0;
}

static int
learn_words(struct classifier_builder *builder, const char *text, size_t *size)
{
	struct classifier *classifier = builder->classifier;
	struct tokens *tokens = &builder->reading.tokens;

	if (tokens_split(tokens, text, strlen(text), classifier->language) < 0)
		return -1;
	for (size_t i = 0; i < tokens->n && i < CLASSIFIED_WORDS_MAX; i++)
		if (learn_word(classifier, tokens, i, size) < 0)
			return -1;
	return 0;
}

/* ---- Features */

/* The number of a feature, a new one if no text before has it; counted in the
 * weights.  NO_FEATURE: no memory. */
static uint32_t
count_feature(struct classifier *classifier, uint64_t key, size_t *size)
{
	size_t number =
		(size_t)(uintptr_t)idmap_get(&classifier->features, key);
	void *weights = classifier->weights;

	if (make_room(&weights, classifier->n_features, size,
		      sizeof *classifier->weights) < 0)
		return NO_FEATURE;
	classifier->weights = weights;
	if (number == 0) {
		classifier->weights[classifier->n_features++] = 0;
		number = classifier->n_features;
		idmap_put(&classifier->features, key,
			  (void *)(uintptr_t)number);
	}
	classifier->weights[number - 1]++;
	return (uint32_t)number - 1;
}

static int
make_values_room(struct classifier_builder *builder, size_t n)
{
	if (builder->values_size - builder->n_values >= n)
		return 0;
	size_t size = 2 * builder->values_size + n;
	uint32_t *features = mem_array_grow(builder->features, size,
					    sizeof *builder->features);
	if (features)
		builder->features = features;
	float *values =
		mem_array_grow(builder->values, size, sizeof *builder->values);
	if (values)
		builder->values = values;
	if (!features || !values)
		return -1;
	builder->values_size = size;
	return 0;
}

/* Keep the features of an example that was read, and how often it has them. */
static int
keep_features(struct classifier_builder *builder, struct example *example,
	      size_t *size)
{
	const struct ngrams *ngrams = &builder->reading.ngrams;

	if (make_values_room(builder, ngrams->n) < 0)
		return -1;
	example->first = builder->n_values;
	example->n = ngrams->n;
	example->n_words = builder->reading.n_words;
	for (size_t i = 0; i < ngrams->n; i++) {
		uint32_t feature = count_feature(builder->classifier,
						 ngrams->list[i].key, size);
		if (feature == NO_FEATURE)
			return -1;
		builder->features[builder->n_values] = feature;
		builder->values[builder->n_values++] = ngrams->list[i].count;
	}
	return 0;
}

/* The weight of a feature that `count` of n texts have. */
static float
idf_of(size_t n, float count)
{
	return logarithm((1 + (float)n) / (1 + count)) + 1;
}

/* Every feature of an example is known: none is left out. */
static void
weigh_example(struct classifier_builder *builder, const struct example *example)
{
	const struct classifier *classifier = builder->classifier;
	uint32_t *features = builder->features + example->first;
	float *values = builder->values + example->first;
	size_t n_words = example->n_words;

	classifier_weigh(classifier, features, values, n_words);
	classifier_weigh(classifier, features + n_words, values + n_words,
			 example->n - n_words);
}

/* A text is read as soon as its words are known, as it is written: what other
 * examples have makes no difference. */
static int
make_features(struct classifier_builder *builder)
{
	struct classifier *classifier = builder->classifier;
	size_t words_size = 0, features_size = 0;

	for (size_t i = 0; i < builder->n; i++)
		if (learn_words(builder, builder->examples[i].text,
				&words_size) < 0 ||
		    reading_spell(&builder->reading, classifier) < 0 ||
		    keep_features(builder, &builder->examples[i],
				  &features_size) < 0)
			return -1;
	for (uint32_t i = 0; i < classifier->n_features; i++)
		classifier->weights[i] =
			idf_of(builder->n, classifier->weights[i]);
	classifier->unknown_weight = idf_of(builder->n, 0);
	for (size_t i = 0; i < builder->n; i++)
		weigh_example(builder, &builder->examples[i]);
	return 0;
}

/* ---- Training */

static void
set_row(const struct classifier_builder *builder, size_t i,
	struct linear_row *row)
{
	const struct example *example = &builder->examples[i];

	*row = (struct linear_row){
		.features = builder->features + example->first,
		.values = builder->values + example->first,
		.n = example->n,
		.label = example->label,
	};
}

static float
cost_of(const struct classifier_builder *builder)
{
	return COST / sqrtf((float)builder->n);
}

/* Judge each FOLDS-th example by a model of the others; how many, or -1. */
static long
hold_back(const struct classifier_builder *builder, size_t fold,
	  struct linear_row *rows, float *scores, uint32_t *labels)
{
	uint32_t n_labels = (uint32_t)builder->classifier->intents.n;
	struct linear model;
	size_t n = 0, n_held = 0;

	for (size_t i = 0; i < builder->n; i++)
		if (i % FOLDS != fold)
			set_row(builder, i, &rows[n++]);
	if (linear_train(&model, rows, n, builder->classifier->n_features,
			 n_labels, cost_of(builder), PASSES) < 0)
		return -1;
	for (size_t i = fold; i < builder->n; i += FOLDS) {
		set_row(builder, i, &rows[0]);
		linear_scores(&model, &rows[0], scores + n_held * n_labels);
		labels[n_held++] = rows[0].label;
	}
	linear_release(&model);
	return (long)n_held;
}

static int
calibrate(struct classifier_builder *builder, struct linear_row *rows)
{
	size_t n_labels = builder->classifier->intents.n, n = 0;
	size_t most = HELD_BACK_MIN + builder->n / FOLDS + 1;
	float *scores = mem_array(most * n_labels, sizeof *scores);
	uint32_t *labels = mem_array(most, sizeof *labels);
	long held = scores && labels ? 0 : -1;

	for (size_t fold = 0; held >= 0 && fold < FOLDS && n < HELD_BACK_MIN;
	     fold++) {
		held = hold_back(builder, fold, rows, scores + n * n_labels,
				 labels + n);
		n += held > 0 ? (size_t)held : 0;
	}
	if (held >= 0)
		builder->classifier->scale =
			linear_fit_scale(scores, labels, n, n_labels);
	free(scores);
	free(labels);
	return held < 0 ? -1 : 0;
}

static int
train_rows(struct classifier_builder *builder)
{
	struct classifier *classifier = builder->classifier;
	struct linear_row *rows = mem_array(builder->n, sizeof *rows);
	int result = -1;

	if (rows && calibrate(builder, rows) == 0) {
		for (size_t i = 0; i < builder->n; i++)
			set_row(builder, i, &rows[i]);
		result = linear_train(&classifier->model, rows, builder->n,
				      classifier->n_features,
				      (uint32_t)classifier->intents.n,
				      cost_of(builder), PASSES);
	}
	free(rows);
	return result;
}

/* Of more examples than that keep so many, in even steps: those of one intent
 * stand together. */
static void
thin_out(struct classifier_builder *builder, size_t most)
{
	size_t n = builder->n, kept = 0;

	if (n <= most)
		return;
	for (size_t i = 0; i < n; i++)
		if (i * most / n != (i + 1) * most / n)
			builder->examples[kept++] = builder->examples[i];
	builder->n = kept;
}

static int
train(struct classifier_builder *builder)
{
	const struct classifier *classifier = builder->classifier;
	size_t n_intents = classifier->intents.n;

	if (n_intents < 2)
		return 0;
	thin_out(builder, WORK_MAX / n_intents);
	if (make_features(builder) < 0)
		return -1;
	if ((uint64_t)classifier->n_features * n_intents > WEIGHTS_MAX)
		return 0;
	return train_rows(builder);
}

struct classifier *
classifier_train(struct classifier_builder *builder, struct err *err)
{
	struct classifier *classifier = builder->classifier;

	if (train(builder) < 0) {
		no_memory(err);
		classifier = NULL;
	}
	if (classifier)
		builder->classifier = NULL;
	classifier_builder_free(builder);
	return classifier;
}
