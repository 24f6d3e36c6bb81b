/* Which option of the last reply the customer chose, by a button or in
 * words. */
#include <string.h>

#include "dialog/deciding.h"
#include "text/tokens.h"

/* Whoever chooses in words needs no more of them. */
#define CHOICE_WORDS_MAX 8

const struct index_entry *
entry_in_force(const struct deciding *d, const char *name)
{
	const struct index *index = d->in->knowledge->index;
	for (size_t i = 0; i < index_count(index); i++) {
		const struct index_entry *entry =
			index_entry(index, (uint32_t)i);
		if (index_entry_is_valid(entry, d->in->now_us) &&
		    strcmp(entry->name, name) == 0)
			return entry;
	}
	return NULL;
}

static bool
is_entry(const char *option)
{
	return strncmp(option, OPTION_ENTRY, strlen(OPTION_ENTRY)) == 0;
}

const struct index_entry *
entry_of_option(const struct deciding *d, const char *option)
{
	return option && is_entry(option)
		       ? entry_in_force(d, option + strlen(OPTION_ENTRY))
		       : NULL;
}

/* Which of the options "2", "(2)" or "2." is; -1: it is no such thing. */
static int
option_number(const char *text)
{
	text += strspn(text, " \t\r\n(");
	if (*text < '1' || *text > '0' + OFFERED_MAX)
		return -1;
	bool is_all = !text[1 + strspn(text + 1, " \t\r\n).")];
	return is_all ? *text - '1' : -1;
}

static const char *
offered_at(const struct memory *memory, int number)
{
	return number >= 0 && (size_t)number < memory->n_offered
		       ? memory->offered[number]
		       : NULL;
}

bool
was_offered(const struct memory *memory, const char *option)
{
	for (size_t i = 0; i < memory->n_offered; i++)
		if (strcmp(memory->offered[i], option) == 0)
			return true;
	return false;
}

static bool
is_said(const struct deciding *d, const char *smalltalk)
{
	return d->smalltalk && strcmp(d->smalltalk->name, smalltalk) == 0;
}

/* The first option that begins like that; NULL: none was offered. */
static const char *
first_offered(const struct memory *memory, const char *prefix)
{
	for (size_t i = 0; i < memory->n_offered; i++)
		if (strncmp(memory->offered[i], prefix, strlen(prefix)) == 0)
			return memory->offered[i];
	return NULL;
}

/* Yes or no to what the reply asked at its end: that is the person, where one
 * was offered, or else a form. */
static const char *
choose_by_assent(const struct deciding *d)
{
	bool has_person = was_offered(&d->before, OPTION_PERSON);
	const char *form = first_offered(&d->before, OPTION_FORM);
	const char *entry = first_offered(&d->before, OPTION_ENTRY);
	if (is_said(d, "yes"))
		return has_person ? OPTION_PERSON : form ? form : entry;
	if (!entry)
		return NULL;
	return is_said(d, "none") || (is_said(d, "no") && !has_person)
		       ? OPTION_NONE
		       : NULL;
}

/* ---- By words */

/* What says which one, and what may stand beside it. */
static const struct {
	const char *word;
	int number; /* from 1; 0: says nothing of which one; -1: the last */
} ordinals[] = {
	{"first", 1},  {"1st", 1},    {"1", 1},	     {"second", 2}, {"2nd", 2},
	{"2", 2},      {"two", 2},    {"third", 3},  {"3rd", 3},    {"3", 3},
	{"three", 3},  {"fourth", 4}, {"4th", 4},    {"4", 4},	    {"four", 4},
	{"last", -1},  {"one", 0},    {"option", 0}, {"number", 0}, {"no", 0},
	{"answer", 0}, {"yes", 0},    {"choose", 0}, {"take", 0},   {"mean", 0},
};

static const int *
find_ordinal(const char *word)
{
	for (size_t i = 0; i < sizeof(ordinals) / sizeof(*ordinals); i++)
		if (strcmp(ordinals[i].word, word) == 0)
			return &ordinals[i].number;
	return NULL;
}

/* "The second one", "option 2": one such word, and nothing else that has a
 * meaning; its number to *number_r.  A digit alone is for option_number(). */
static bool
is_ordinal(const struct tokens *words, int *number_r)
{
	int n = 0;
	if (words->n == 1 && words->list[0].word_len == 1)
		return false;
	for (size_t i = 0; i < words->n; i++) {
		const int *number = find_ordinal(token_word(words, i));
		if (number && *number) {
			*number_r = *number;
			n++;
		} else if (!number && !words->list[i].is_stop) {
			return false;
		}
	}
	return n == 1;
}

static const char *
choose_by_ordinal(const struct deciding *d, const struct tokens *words)
{
	int number;
	if (!is_ordinal(words, &number))
		return NULL;
	if (number > 0)
		return offered_at(&d->before, number - 1);
	int last = -1;
	for (size_t i = 0; i < d->before.n_offered; i++)
		if (entry_of_option(d, d->before.offered[i]))
			last = (int)i;
	return offered_at(&d->before, last);
}

static bool
has_term(const struct tokens *tokens, const char *term)
{
	for (size_t i = 0; i < tokens->n; i++)
		if (strcmp(token_term(tokens, i), term) == 0)
			return true;
	return false;
}

/* How many of the words the label has; -1: not all that mean anything. */
static int
count_in_label(const struct tokens *words, const struct tokens *label)
{
	int n = 0;
	for (size_t i = 0; i < words->n; i++) {
		const int *ordinal = find_ordinal(token_word(words, i));
		if (words->list[i].is_stop || (ordinal && !*ordinal))
			continue;
		if (!has_term(label, token_term(words, i)))
			return -1;
		n++;
	}
	return n;
}

/* "The lost one": all the words are those of one option, and of no other. */
static const char *
choose_by_label(const struct deciding *d, const struct tokens *words)
{
	const char *chosen = NULL;
	struct tokens label;
	tokens_init(&label);
	for (size_t i = 0; i < d->before.n_offered; i++) {
		const char *option = d->before.offered[i];
		const struct index_entry *entry = entry_of_option(d, option);
		if (!entry)
			continue;
		if (tokens_split(&label, entry->question,
				 strlen(entry->question),
				 d->in->knowledge->pack->language) < 0)
			mem_exhausted();
		if (count_in_label(words, &label) <= 0)
			continue;
		if (chosen) {
			chosen = NULL;
			break;
		}
		chosen = option;
	}
	tokens_release(&label);
	return chosen;
}

static const char *
choose_by_words(const struct deciding *d)
{
	const char *chosen = NULL;
	struct tokens words;
	if (!d->before.n_offered)
		return NULL;
	tokens_init(&words);
	if (tokens_split(&words, d->question, strlen(d->question),
			 d->in->knowledge->pack->language) < 0)
		mem_exhausted();
	if (words.n <= CHOICE_WORDS_MAX)
		chosen = choose_by_ordinal(d, &words);
	if (words.n <= CHOICE_WORDS_MAX && !chosen)
		chosen = choose_by_label(d, &words);
	tokens_release(&words);
	return chosen;
}

const char *
choose_option(const struct deciding *d)
{
	for (size_t i = d->out->n_messages; i-- > 0;)
		if (strcmp(d->in->messages[i].kind, "option") == 0)
			return d->in->messages[i].option;
	const struct form_state *form = &d->memory.form;
	const char *chosen = offered_at(&d->before, option_number(d->question));
	if (!chosen)
		chosen = choose_by_assent(d);
	if (!chosen)
		chosen = choose_by_words(d);
	/* "1" may be the answer to what a form asks. */
	bool is_answer = chosen && strcmp(chosen, OPTION_BOT) == 0 &&
			 form->name && !form->is_paused;
	return is_answer ? NULL : chosen;
}
