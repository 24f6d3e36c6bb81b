/* Grouping questions, by postings of what the first one of each group has.  Any
 * thread. */
#include "faq/group.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "text/tokens.h"

#define NEAR 0.45
#define GRAM 3		  /* bytes: what is cut through counts all the same */
#define FEATURES_MAX 2000 /* of one question */
#define KEY_SIZE 256

/* A stem or a trigram, and the groups whose first question has it. */
struct feature {
	uint32_t *groups;
	size_t n, room;
	uint32_t last;	 /* the number of the last question that had it */
	uint32_t n_seen; /* how many had it before the first was added */
	bool is_gram;
};

/* Weights, in 1/256: sums of them are the same in whatever order. */
struct weight {
	uint64_t stems, grams;
};

struct group {
	struct weight all;
	struct weight shared; /* with the question at hand */
	bool is_touched;
};

struct groups {
	const char *language;
	struct arena arena;
	struct tokens tokens;
	struct map features; /* by "s" and a stem, "g" and a trigram */
	struct group *list;
	size_t n, room;
	struct feature **found; /* of the question at hand */
	size_t n_found;
	uint32_t n_questions; /* seen or added */
	uint32_t n_seen;
	uint32_t *touched;
	size_t n_touched;
};

struct groups *
groups_new(const char *language)
{
	struct groups *groups = mem_new(sizeof *groups);

	groups->language = arena_strdup(&groups->arena, language);
	groups->found = arena_array(&groups->arena, FEATURES_MAX,
				    sizeof(struct feature *));
	tokens_init(&groups->tokens);
	return groups;
}

void
groups_free(struct groups *groups)
{
	if (!groups)
		return;
	map_each (entry, &groups->features)
		free(((struct feature *)entry->value)->groups);
	map_release(&groups->features);
	tokens_release(&groups->tokens);
	free(groups->list);
	free(groups->touched);
	arena_release(&groups->arena);
	free(groups);
}

size_t
groups_count(const struct groups *groups)
{
	return groups->n;
}

static void *
grown(void *array, size_t n, size_t size)
{
	void *list = mem_array_grow(array, n, size);

	if (!list)
		mem_exhausted();
	return list;
}

/* ---- What a question has */

static void
add_feature(struct groups *groups, char kind, const char *text, size_t len)
{
	char key[KEY_SIZE];

	if (len > KEY_SIZE - 2)
		len = KEY_SIZE - 2;
	key[0] = kind;
	memcpy(key + 1, text, len);
	key[len + 1] = '\0';
	struct feature *feature = map_get(&groups->features, key);
	if (!feature) {
		feature = arena_new(&groups->arena, sizeof *feature);
		feature->is_gram = kind == 'g';
		map_put(&groups->features, key, feature);
	}
	if (feature->last == groups->n_questions ||
	    groups->n_found == FEATURES_MAX)
		return;
	feature->last = groups->n_questions;
	groups->found[groups->n_found++] = feature;
}

/* A word with a blank at either end. */
static void
add_grams(struct groups *groups, const char *word, size_t len)
{
	char padded[KEY_SIZE];

	if (len > KEY_SIZE - 2)
		len = KEY_SIZE - 2;
	padded[0] = ' ';
	memcpy(padded + 1, word, len);
	padded[len + 1] = ' ';
	for (size_t i = 0; i + GRAM <= len + 2; i++)
		add_feature(groups, 'g', padded + i, GRAM);
}

/* What picks from a list or fills in a sum says nothing of what is asked. */
static bool
is_figure(const char *word, size_t len)
{
	return strspn(word, "0123456789.,") >= len;
}

static void
find_features(struct groups *groups, const char *question)
{
	struct tokens *tokens = &groups->tokens;

	groups->n_found = 0;
	groups->n_questions++;
	if (tokens_split(tokens, question, strlen(question), groups->language) <
	    0)
		mem_exhausted();
	for (size_t i = 0; i < tokens->n; i++) {
		const struct token *token = &tokens->list[i];
		if (token->is_stop ||
		    is_figure(token_word(tokens, i), token->word_len))
			continue;
		add_feature(groups, 's', token_term(tokens, i),
			    token->term_len);
		add_grams(groups, token_word(tokens, i), token->word_len);
	}
}

void
groups_see(struct groups *groups, const char *question)
{
	find_features(groups, question);
	groups->n_seen++;
	for (size_t i = 0; i < groups->n_found; i++)
		groups->found[i]->n_seen++;
}

/* ---- Which group is near */

/* The less the more questions have it; 1 for what all have. */
static uint64_t
weight_of(const struct groups *groups, const struct feature *feature)
{
	double n = groups->n_seen + 1, had = feature->n_seen + 1;

	return (uint64_t)(256 * (1 + log2(n / had)));
}

static void
add_weight(struct weight *sum, const struct feature *feature, uint64_t weight)
{
	if (feature->is_gram)
		sum->grams += weight;
	else
		sum->stems += weight;
}

static void
share(struct groups *groups, const struct feature *feature, uint64_t weight)
{
	for (size_t i = 0; i < feature->n; i++) {
		uint32_t number = feature->groups[i];
		struct group *group = &groups->list[number];
		if (!group->is_touched) {
			group->is_touched = true;
			group->shared = (struct weight){0};
			groups->touched[groups->n_touched++] = number;
		}
		add_weight(&group->shared, feature, weight);
	}
}

static double
nearness(const struct group *group, const struct weight *own)
{
	uint64_t stems = group->all.stems + own->stems - group->shared.stems;
	uint64_t grams = group->all.grams + own->grams;
	double jaccard =
		stems ? (double)group->shared.stems / (double)stems : 0;
	double dice =
		grams ? 2 * (double)group->shared.grams / (double)grams : 0;

	return (jaccard + dice) / 2;
}

/* Of several that are as near the oldest; -1: none is near enough. */
static long
nearest(struct groups *groups, const struct weight *own)
{
	double best = NEAR;
	long found = -1;

	for (size_t i = 0; i < groups->n_touched; i++) {
		struct group *group = &groups->list[groups->touched[i]];
		long number = (long)groups->touched[i];
		double near = nearness(group, own);
		group->is_touched = false;
		if (near > best ||
		    (near == best && (found < 0 || number < found))) {
			best = near;
			found = number;
		}
	}
	return found;
}

static long
begin(struct groups *groups, const struct weight *own)
{
	if (groups->n == groups->room) {
		groups->room = groups->room ? 2 * groups->room : 64;
		groups->list =
			grown(groups->list, groups->room, sizeof *groups->list);
		groups->touched = grown(groups->touched, groups->room,
					sizeof *groups->touched);
	}
	groups->list[groups->n] = (struct group){.all = *own};
	for (size_t i = 0; i < groups->n_found; i++) {
		struct feature *feature = groups->found[i];
		if (feature->n == feature->room) {
			feature->room = feature->room ? 2 * feature->room : 4;
			feature->groups = grown(feature->groups, feature->room,
						sizeof *feature->groups);
		}
		feature->groups[feature->n++] = (uint32_t)groups->n;
	}
	return (long)groups->n++;
}

long
groups_add(struct groups *groups, const char *question)
{
	struct weight own = {0};

	find_features(groups, question);
	if (!groups->n_found)
		return -1;
	groups->n_touched = 0;
	for (size_t i = 0; i < groups->n_found; i++) {
		uint64_t weight = weight_of(groups, groups->found[i]);
		add_weight(&own, groups->found[i], weight);
		share(groups, groups->found[i], weight);
	}
	long found = nearest(groups, &own);
	return found >= 0 ? found : begin(groups, &own);
}
