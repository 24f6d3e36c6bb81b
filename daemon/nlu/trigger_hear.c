/* What of a text fires.  Any thread.
 *
 * Whoever denies something says so of one clause: "no one stole my card, I lost
 * it" tells of a loss all the same.  So a sentence with a denial is heard once
 * more behind the clause of that: first with what goes before, but for the
 * words of the denial ("my card, I lost it"), then alone.  Only what ends
 * behind that clause counts, and what else was said first ("if") holds. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nlu/pack.h"
#include "nlu/trigger_parts.h"

/* Of a sentence; whatever is behind more of them is denied, too. */
#define DENIALS_MAX 4

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The length of the first sentence: up to a mark with a blank behind it, or an
 * empty line. */
static size_t
sentence_length(const char *text, size_t len)
{
	size_t i = 0;

	for (; i < len; i++) {
		bool is_last = i + 1 == len;
		if (strchr(".!?;", text[i]) && text[i] &&
		    (is_last || is_blank(text[i + 1])))
			return i + 1;
		if (text[i] == '\n' && !is_last && text[i + 1] == '\n')
			return i + 1;
	}
	return i;
}

/* Does a clause end with that byte, which is not the last one?  No number does
 * within, nor a word with a dash in it. */
static bool
ends_clause(const char *text, size_t i)
{
	if (text[i] == '-')
		return i > 0 && is_blank(text[i - 1]) && is_blank(text[i + 1]);
	return text[i] && strchr(",;:()\n", text[i]) &&
	       (text[i + 1] < '0' || text[i + 1] > '9');
}

/* Work space of one text. */
struct hearing {
	const struct pack *pack;
	const struct trigger_set *set;
	struct heard *words; /* of a sentence, PHRASE_WORDS_MAX of each */
	struct heard *rest;  /* some of them */
	bool *is_first;	     /* does a clause begin with it? */
	size_t n;
	size_t *said, *unless, *denials; /* first, by rule and by set */
	size_t *begins;			 /* `unless` of the whole sentence */
	struct trigger_fired fired;
};

/* The words of a sentence, and where its clauses begin. */
static void
hear_clauses(struct hearing *h, const char *text, size_t len)
{
	const struct trigger_set *set = h->set;

	h->n = 0;
	for (size_t begin = 0, i = 0; i < len; i++) {
		if (i + 1 < len && !ends_clause(text, i))
			continue;
		size_t n = vocabulary_hear(h->pack->vocabulary, text + begin,
					   i + 1 - begin, h->words + h->n,
					   PHRASE_WORDS_MAX - h->n);
		for (size_t j = 0; j < n; j++)
			h->is_first[h->n + j] = j == 0;
		h->n += n;
		begin = i + 1;
	}
	for (size_t i = 0; i < h->n; i++)
		for (size_t j = 0; j < set->n_clauses; j++)
			if (h->words[i].word == set->clauses[j])
				h->is_first[i] = true;
}

/* The rule was said: do the words up to there fire it?  What is heard now is
 * the sentence from its word `from` on. */
static bool
does_fire(const struct hearing *h, const struct rule *rule, size_t said,
	  size_t from)
{
	for (size_t i = 0; i < rule->n_unless; i++) {
		size_t set = rule->unless[i];
		bool is_denial = set >= h->set->first_denial;
		if (h->unless[set] < said ||
		    (!is_denial && h->begins[set] < from + said))
			return false;
	}
	return true;
}

static void
take(struct trigger_fired *fired, const struct rule *rule)
{
	const struct trigger *trigger = rule->trigger;

	if (!fired->first || trigger->priority > fired->first->priority)
		fired->first = trigger;
	if (rule->is_beside &&
	    (!fired->beside || trigger->priority > fired->beside->priority))
		fired->beside = trigger;
}

/* Hear n words, which stand from `from` on in the sentence; what ends within
 * the first `deaf` of them counts for nothing. */
static void
hear_words(struct hearing *h, const struct heard *words, size_t n, size_t from,
	   size_t deaf)
{
	const struct trigger_set *set = h->set;

	phrase_book_match(set->said, words, n, h->said);
	phrase_book_match(set->unless, words, n, h->unless);
	for (size_t i = 0; i < set->n_rules; i++) {
		size_t said = h->said[i];
		if (said != PHRASE_NONE && said > deaf &&
		    does_fire(h, &set->rules[i], said, from))
			take(&h->fired, &set->rules[i]);
	}
}

/* Where the first denial begins and ends in the words from `from` on, of which
 * h->unless tells.  false: there is none. */
static bool
find_denial(struct hearing *h, size_t from, size_t *begin_r, size_t *end_r)
{
	const struct trigger_set *set = h->set;
	size_t first = PHRASE_NONE, number = 0;

	for (size_t i = set->first_denial; i < set->n_sets; i++)
		if (h->unless[i] < first) {
			first = h->unless[i];
			number = i;
		}
	if (first == PHRASE_NONE)
		return false;
	phrase_book_match(set->denials, h->words + from, h->n - from,
			  h->denials);
	*begin_r = from + first;
	*end_r = from + h->denials[number];
	return *end_r > *begin_r;
}

/* Hear what stands behind the clause of a denial; where the next clause
 * begins. */
static size_t
hear_behind(struct hearing *h, size_t from, size_t begin, size_t end)
{
	size_t next = end, n_before = begin - from;

	while (next < h->n && !h->is_first[next])
		next++;
	if (next == h->n)
		return next;
	memcpy(h->rest, h->words + from, n_before * sizeof *h->rest);
	memcpy(h->rest + n_before, h->words + end,
	       (h->n - end) * sizeof *h->rest);
	hear_words(h, h->rest, n_before + h->n - end, from,
		   n_before + next - end);
	hear_words(h, h->words + next, h->n - next, next, 0);
	return next;
}

static void
hear_sentence(struct hearing *h, const char *text, size_t len)
{
	const struct trigger_set *set = h->set;
	size_t begin, end, from = 0;

	hear_clauses(h, text, len);
	if (h->n == 0)
		return;
	for (size_t i = 0; i < set->n_sets; i++)
		h->begins[i] = PHRASE_NONE;
	hear_words(h, h->words, h->n, 0, 0);
	memcpy(h->begins, h->unless, set->n_sets * sizeof *h->begins);
	for (int i = 0; i < DENIALS_MAX && from < h->n &&
			find_denial(h, from, &begin, &end);
	     i++)
		from = hear_behind(h, from, begin, end);
}

static void
hear_text(struct hearing *h, const char *text, size_t len)
{
	while (len > 0) {
		size_t n = sentence_length(text, len);
		hear_sentence(h, text, n);
		text += n;
		len -= n;
	}
}

struct trigger_fired
pack_triggers(const struct pack *pack, const char *text, size_t len)
{
	const struct trigger_set *set = pack->triggers;

	if (!set)
		return (struct trigger_fired){0};
	size_t n_sets = set->n_sets + 1;
	size_t *numbers =
		mem_new((set->n_rules + 1 + 3 * n_sets) * sizeof *numbers);
	struct heard *words = mem_new(2 * PHRASE_WORDS_MAX * sizeof *words);
	struct hearing h = {
		.pack = pack,
		.set = set,
		.words = words,
		.rest = words + PHRASE_WORDS_MAX,
		.is_first = mem_new(PHRASE_WORDS_MAX * sizeof *h.is_first),
		.unless = numbers,
		.denials = numbers + n_sets,
		.begins = numbers + 2 * n_sets,
		.said = numbers + 3 * n_sets,
	};
	hear_text(&h, text, len);
	free(numbers);
	free(words);
	free(h.is_first);
	if (h.fired.beside == h.fired.first)
		h.fired.beside = NULL;
	return h.fired;
}

const struct trigger *
pack_trigger(const struct pack *pack, const char *text, size_t len)
{
	return pack_triggers(pack, text, len).first;
}

const struct trigger *
pack_trigger_named(const struct pack *pack, const char *name)
{
	for (size_t i = 0; i < pack->n_triggers; i++)
		if (strcmp(pack->triggers->triggers[i].name, name) == 0)
			return &pack->triggers->triggers[i];
	return NULL;
}
