/* Grouping questions, by postings of what the first one of each group has.  Any
 * thread. */
#include "faq/group.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "text/tokens.h"

#define NEAR 0.5
#define GRAM 3		  /* bytes: what is cut through counts all the same */
#define FEATURES_MAX 2000 /* of one question */
#define KEY_SIZE 256

/* A stem or a trigram, and the groups whose first question has it. */
struct feature {
	uint32_t *groups;
	size_t n, room;
	uint32_t seen; /* the number of the last question that had it */
	bool is_gram;
};

struct group {
	uint32_t n_stems, n_grams;
	uint32_t shared_stems, shared_grams; /* with the question at hand */
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
	uint32_t n_questions;
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
	if (feature->seen == groups->n_questions ||
	    groups->n_found == FEATURES_MAX)
		return;
	feature->seen = groups->n_questions;
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
		if (token->is_stop)
			continue;
		add_feature(groups, 's', token_term(tokens, i),
			    token->term_len);
		add_grams(groups, token_word(tokens, i), token->word_len);
	}
}

/* ---- Which group is near */

static void
touch(struct groups *groups, uint32_t number, bool is_gram)
{
	struct group *group = &groups->list[number];

	if (!group->is_touched) {
		group->is_touched = true;
		group->shared_stems = group->shared_grams = 0;
		groups->touched[groups->n_touched++] = number;
	}
	group->shared_stems += !is_gram;
	group->shared_grams += is_gram;
}

static double
nearness(const struct group *group, uint32_t n_stems, uint32_t n_grams)
{
	uint32_t all = group->n_stems + n_stems - group->shared_stems;
	uint32_t grams = group->n_grams + n_grams;
	double jaccard = all ? (double)group->shared_stems / all : 0;
	double dice = grams ? 2.0 * group->shared_grams / grams : 0;

	return (jaccard + dice) / 2;
}

static long
nearest(struct groups *groups, uint32_t n_stems, uint32_t n_grams)
{
	double best = NEAR;
	long found = -1;

	groups->n_touched = 0;
	for (size_t i = 0; i < groups->n_found; i++)
		for (size_t j = 0; j < groups->found[i]->n; j++)
			touch(groups, groups->found[i]->groups[j],
			      groups->found[i]->is_gram);
	for (size_t i = 0; i < groups->n_touched; i++) {
		uint32_t number = groups->touched[i];
		struct group *group = &groups->list[number];
		double near = nearness(group, n_stems, n_grams);
		group->is_touched = false;
		if (near < best ||
		    (near == best && found >= 0 && (long)number > found))
			continue;
		best = near;
		found = (long)number;
	}
	return found;
}

static long
begin(struct groups *groups, uint32_t n_stems, uint32_t n_grams)
{
	if (groups->n == groups->room) {
		groups->room = groups->room ? 2 * groups->room : 64;
		groups->list =
			grown(groups->list, groups->room, sizeof *groups->list);
		groups->touched = grown(groups->touched, groups->room,
					sizeof *groups->touched);
	}
	groups->list[groups->n] =
		(struct group){.n_stems = n_stems, .n_grams = n_grams};
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
	uint32_t n_stems = 0;

	find_features(groups, question);
	if (!groups->n_found)
		return -1;
	for (size_t i = 0; i < groups->n_found; i++)
		n_stems += !groups->found[i]->is_gram;
	uint32_t n_grams = (uint32_t)groups->n_found - n_stems;
	long found = nearest(groups, n_stems, n_grams);
	return found >= 0 ? found : begin(groups, n_stems, n_grams);
}
