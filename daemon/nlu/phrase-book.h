/* A book of phrases from the inside: for phrase.c, which fills it, and
 * phrase-match.c, which reads it. */
#ifndef NLU_PHRASE_BOOK_H
#define NLU_PHRASE_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nlu/phrase.h"

#define PHRASE_PLACES_MAX 63

/* One automaton: a phrase, or a part of one that has '&'.  State i is reached
 * when the places before i are done with, so that bit n_places means found. */
struct phrase {
	uint64_t start;	   /* states before the first word */
	uint64_t optional; /* places that may be passed over */
	uint64_t any;	   /* places that take any word */
	int n_places;
	bool goes_on; /* the next one is a part of the same phrase */
	size_t owner;
};

/* A word stands at these places of a phrase. */
struct posting {
	struct posting *next;
	size_t phrase;
	uint64_t places;
};

enum border { BORDER_BEGIN, BORDER_END, BORDERS };

struct phrase_book {
	struct arena *arena;
	struct vocabulary *vocabulary;
	enum phrase_use use;
	const struct yaml *lists;
	struct phrase *phrases; /* in the arena, doubled when full */
	size_t n, size, n_owners;
	struct posting **by_word; /* by number */
	uint32_t n_words;
	struct posting *by_border[BORDERS];
};

/* States with what can be reached from them without a word. */
uint64_t phrase_pass_optional(const struct phrase *, uint64_t states);

#endif
