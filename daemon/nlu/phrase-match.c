/* Phrases as automata whose states are bits, all of which take one word at a
 * time (Navarro and Raffinot, "Flexible Pattern Matching in Strings", 2002,
 * section 4.2).  Any thread. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "nlu/phrase-book.h"

/* How far the phrases have come, and where they have the word that comes. */
struct matching {
	uint64_t *states, *places;
};

uint64_t
phrase_pass_optional(const struct phrase *phrase, uint64_t states)
{
	for (;;) {
		uint64_t more = states | (states & phrase->optional) << 1;
		if (more == states)
			return states;
		states = more;
	}
}

static void
matching_init(const struct phrase_book *book, struct matching *m)
{
	m->states = mem_new(2 * book->n * sizeof *m->states);
	m->places = m->states + book->n;
}

static bool
is_found(const struct phrase_book *book, const struct matching *m, size_t i)
{
	return m->states[i] >> book->phrases[i].n_places & 1;
}

static void
mark_places(uint64_t *places, const struct posting *posting)
{
	for (; posting; posting = posting->next)
		places[posting->phrase] |= posting->places;
}

static void
mark_word(const struct phrase_book *book, uint64_t *places, uint32_t number)
{
	if (number > 0 && number < book->n_words)
		mark_places(places, book->by_word[number]);
}

/* Let all phrases take what is marked; a border is no word, so that gaps do
 * not take it.  is_anywhere: a phrase may begin here. */
static void
step(const struct phrase_book *book, struct matching *m, bool is_word,
     bool is_anywhere)
{
	for (size_t i = 0; i < book->n; i++) {
		const struct phrase *phrase = &book->phrases[i];
		uint64_t states = m->states[i];
		if (is_anywhere)
			states |= phrase->start;
		if (is_word)
			m->places[i] |= phrase->any;
		/* Few phrases take the word. */
		states &= m->places[i];
		m->states[i] =
			states ? phrase_pass_optional(phrase, states << 1) : 0;
	}
}

static void
hear(const struct phrase_book *book, struct matching *m,
     const struct heard *word, bool is_anywhere)
{
	memset(m->places, 0, book->n * sizeof *m->places);
	mark_word(book, m->places, word->stem);
	mark_word(book, m->places, word->word);
	step(book, m, true, is_anywhere);
}

static void
hear_border(const struct phrase_book *book, struct matching *m,
	    enum border border)
{
	memset(m->places, 0, book->n * sizeof *m->places);
	mark_places(m->places, book->by_border[border]);
	step(book, m, false, true);
}

/* Lower where a phrase was found first to `at`, if it is found now. */
static void
note_found(const struct phrase_book *book, const struct matching *m, size_t at,
	   size_t *found)
{
	for (size_t i = 0; i < book->n; i++)
		if (is_found(book, m, i) && at < found[i])
			found[i] = at;
}

/* Where each automaton is found first, to found. */
static void
find_all(const struct phrase_book *book, const struct heard *words, size_t n,
	 size_t *found)
{
	bool is_forward = book->use != PHRASE_BACKWARD;
	struct matching m;

	for (size_t i = 0; i < book->n; i++)
		found[i] = PHRASE_NONE;
	matching_init(book, &m);
	hear_border(book, &m, is_forward ? BORDER_BEGIN : BORDER_END);
	for (size_t i = 0; i < n; i++) {
		size_t at = is_forward ? i : n - 1 - i;
		hear(book, &m, &words[at], true);
		note_found(book, &m, is_forward ? at + 1 : at, found);
	}
	hear_border(book, &m, is_forward ? BORDER_END : BORDER_BEGIN);
	note_found(book, &m, is_forward ? n : 0, found);
	free(m.states);
}

/* Where the phrase of parts from *i on is found; *i moves to its last part. */
static size_t
join_parts(const struct phrase_book *book, const size_t *found, size_t *i)
{
	size_t least = found[*i], most = found[*i];

	while (book->phrases[*i].goes_on) {
		size_t at = found[++*i];
		least = at < least ? at : least;
		most = at > most ? at : most;
	}
	/* PHRASE_NONE is the most there is: of all parts, or of none. */
	if (most == PHRASE_NONE)
		return PHRASE_NONE;
	return book->use == PHRASE_BACKWARD ? least : most;
}

void
phrase_book_match(const struct phrase_book *book, const struct heard *words,
		  size_t n, size_t *first)
{
	size_t *found = mem_new(book->n * sizeof *found);

	for (size_t i = 0; i < book->n_owners; i++)
		first[i] = PHRASE_NONE;
	find_all(book, words, n, found);
	for (size_t i = 0; i < book->n; i++) {
		size_t *owner = &first[book->phrases[i].owner];
		size_t at = join_parts(book, found, &i);
		if (at < *owner)
			*owner = at;
	}
	free(found);
}

/* Lower reach[j] for each j up to which a phrase goes that begins at i. */
static void
reach_from(const struct phrase_book *book, struct matching *m,
	   const struct heard *words, size_t n, size_t i, size_t *reach)
{
	for (size_t k = 0; k < book->n; k++)
		m->states[k] = book->phrases[k].start;
	for (size_t j = i; j < n; j++) {
		hear(book, m, &words[j], false);
		for (size_t k = 0; k < book->n; k++) {
			size_t owner = book->phrases[k].owner;
			size_t lowest = owner < reach[i] ? owner : reach[i];
			if (is_found(book, m, k) && lowest < reach[j + 1])
				reach[j + 1] = lowest;
		}
	}
}

size_t
phrase_book_whole(const struct phrase_book *book, const struct heard *words,
		  size_t n)
{
	size_t reach[PHRASE_WHOLE_MAX + 1];
	struct matching m;

	assert(book->use == PHRASE_WHOLE);
	if (n == 0 || n > PHRASE_WHOLE_MAX)
		return PHRASE_NONE;
	for (size_t i = 0; i <= n; i++)
		reach[i] = PHRASE_NONE;
	matching_init(book, &m);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || reach[i] != PHRASE_NONE)
			reach_from(book, &m, words, n, i, reach);
	free(m.states);
	return reach[n];
}
