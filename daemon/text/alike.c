/* One thread. */
#include "text/alike.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "text/tokens.h"

#define STOP_WEIGHT 0.3

struct term {
	uint32_t number;
	uint32_t n_texts; /* that have it */
	bool is_stop;
	double weight;
};

/* The terms of a text, distinct, by number. */
struct bag {
	struct term **terms;
	size_t n;
};

struct alike {
	char *language;
	struct tokens tokens;
	struct map terms; /* by stem */
	struct bag *bags;
	size_t n, room;
	struct arena arena;
};

struct alike *
alike_new(const char *language)
{
	struct alike *alike = mem_new(sizeof *alike);

	alike->language = mem_strdup(language);
	tokens_init(&alike->tokens);
	return alike;
}

void
alike_free(struct alike *alike)
{
	if (!alike)
		return;
	free(alike->language);
	free(alike->bags);
	tokens_release(&alike->tokens);
	map_release(&alike->terms);
	arena_release(&alike->arena);
	free(alike);
}

static struct term *
term_of(struct alike *alike, size_t token)
{
	const char *stem = token_term(&alike->tokens, token);
	struct term *term = map_get(&alike->terms, stem);

	if (!term) {
		term = arena_new(&alike->arena, sizeof *term);
		term->number = (uint32_t)alike->terms.n;
		term->is_stop = alike->tokens.list[token].is_stop;
		map_put(&alike->terms, stem, term);
	}
	return term;
}

static int
compare_terms(const void *a, const void *b)
{
	const struct term *x = *(struct term *const *)a;
	const struct term *y = *(struct term *const *)b;

	return (x->number > y->number) - (x->number < y->number);
}

static void
fill_bag(struct alike *alike, struct bag *bag)
{
	size_t n = 0;

	bag->terms = arena_array(&alike->arena, alike->tokens.n + 1,
				 sizeof *bag->terms);
	for (size_t i = 0; i < alike->tokens.n; i++)
		bag->terms[i] = term_of(alike, i);
	qsort(bag->terms, alike->tokens.n, sizeof *bag->terms, compare_terms);
	for (size_t i = 0; i < alike->tokens.n; i++)
		if (n == 0 || bag->terms[i] != bag->terms[n - 1]) {
			bag->terms[n++] = bag->terms[i];
			bag->terms[n - 1]->n_texts++;
		}
	bag->n = n;
}

size_t
alike_add(struct alike *alike, const char *text)
{
	if (alike->n == alike->room) {
		size_t room = alike->room ? 2 * alike->room : 256;
		void *grown =
			mem_array_grow(alike->bags, room, sizeof *alike->bags);
		if (!grown)
			mem_exhausted();
		alike->bags = grown;
		alike->room = room;
	}
	if (tokens_split(&alike->tokens, text, strlen(text), alike->language) <
	    0)
		mem_exhausted();
	fill_bag(alike, &alike->bags[alike->n]);
	return alike->n++;
}

void
alike_weigh(struct alike *alike)
{
	map_each (entry, &alike->terms) {
		struct term *term = entry->value;
		term->weight = log(1 + (double)alike->n / term->n_texts);
		if (term->is_stop)
			term->weight *= STOP_WEIGHT;
	}
}

double
alike_measure(const struct alike *alike, size_t a, size_t b)
{
	const struct bag *x = &alike->bags[a], *y = &alike->bags[b];
	double shared = 0, all = 0;
	size_t i = 0, j = 0;

	while (i < x->n || j < y->n) {
		bool is_x = j == y->n ||
			    (i < x->n &&
			     x->terms[i]->number <= y->terms[j]->number);
		bool is_y = i == x->n ||
			    (j < y->n &&
			     y->terms[j]->number <= x->terms[i]->number);
		double weight =
			is_x ? x->terms[i]->weight : y->terms[j]->weight;
		all += weight;
		shared += is_x && is_y ? weight : 0;
		i += is_x;
		j += is_y;
	}
	return all > 0 ? shared / all : 0;
}
