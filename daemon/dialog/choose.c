/* Which option of the last reply the customer chose, by a button or in
 * words. */
#include <string.h>

#include "dialog/deciding.h"
#include "nlu/form.h"
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

const char *
option_by_number(const struct memory *memory, const char *text)
{
	text += strspn(text, " \t\r\n(");
	size_t number = 0, n_digits = strspn(text, "0123456789");
	if (*text == '0' || n_digits > 2 ||
	    text[n_digits + strspn(text + n_digits, " \t\r\n).")])
		return NULL;
	for (size_t i = 0; i < n_digits; i++)
		number = number * 10 + (size_t)(text[i] - '0');
	return number >= 1 && number <= memory->n_shown
		       ? memory->shown[number - 1]
		       : NULL;
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

size_t
entries_offered(const struct deciding *d,
		const struct index_entry *list[OFFERED_MAX])
{
	size_t n = 0;
	for (size_t i = 0; i < d->before.n_offered; i++) {
		const struct index_entry *entry =
			entry_of_option(d, d->before.offered[i]);
		if (entry)
			list[n++] = entry;
	}
	return n;
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

/* "Yes please change it", "ok do it": to the offer of a form. */
static bool
begins_form(const struct deciding *d)
{
	const struct pack *pack = d->in->knowledge->pack;
	struct form_heard heard;
	/* The pack that offered it may be another one. */
	if (!pack->forms)
		return false;
	form_hear(pack, d->question, strlen(d->question), d->arena, &heard);
	return heard.whole == FORM_BEGIN || heard.whole == FORM_RESUME;
}

/* Yes to entries: to the one, or to more than that. */
static const char *
agree_to_entry(const struct deciding *d)
{
	const struct index_entry *list[OFFERED_MAX];
	size_t n = entries_offered(d, list);
	return n > 1 ? OPTION_WHICH
	       : n   ? arena_printf(d->arena, OPTION_ENTRY "%s", list[0]->name)
		     : first_offered(&d->before, OPTION_ENTRY);
}

/* Yes or no to what the reply asked at its end: that is the person, where one
 * was offered, or else a form. */
static const char *
choose_by_assent(const struct deciding *d)
{
	bool has_person = was_offered(&d->before, OPTION_PERSON);
	const char *form = first_offered(&d->before, OPTION_FORM);
	const char *entry = first_offered(&d->before, OPTION_ENTRY);
	if (smalltalk_is(d->smalltalk, "yes") ||
	    (form && !has_person && begins_form(d)))
		return has_person ? OPTION_PERSON
		       : form	  ? form
				  : agree_to_entry(d);
	if (!entry)
		return NULL;
	return smalltalk_is(d->smalltalk, "none") ||
			       (smalltalk_is(d->smalltalk, "no") && !has_person)
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

/* How many of the words the label has; -1: not all that mean anything. */
static int
count_in_label(const struct tokens *words, const struct tokens *label)
{
	int n = 0;
	for (size_t i = 0; i < words->n; i++) {
		const int *ordinal = find_ordinal(token_word(words, i));
		if (words->list[i].is_stop || (ordinal && !*ordinal))
			continue;
		if (!tokens_have_term(label, token_term(words, i)))
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
	const char *chosen = option_by_number(&d->before, d->question);
	if (!chosen)
		chosen = choose_by_assent(d);
	return chosen ? chosen : choose_by_words(d);
}

bool
is_chosen(const struct deciding *d, const char *option)
{
	return d->chosen && strcmp(d->chosen, option) == 0;
}
