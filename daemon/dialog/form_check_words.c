/* Answers in words, as they stand or as one of a few choices. */
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "dialog/form_check_parts.h"
#include "nlu/pack.h"
#include "nlu/phrase.h"

/* "not been stolen": up to the end of what is denied */
#define DENIED_WORDS_MAX 3

static bool
accept_whole(const struct form_message *m, struct form_answer *answer,
	     const char *value)
{
	return form_check_accept(answer, value, 0, m->len);
}

bool
form_check_text(const struct form_message *m, const struct form_slot *slot,
		struct form_answer *answer)
{
	size_t begin = strspn(m->text, " \t\r\n"), end = m->len;
	while (end > begin && strchr(" \t\r\n", m->text[end - 1]))
		end--;
	/* "Hello" and "thanks" are said, not answered. */
	if (end == begin || m->smalltalk)
		return form_check_refuse(answer, FORM_TEXT_NOT_FOUND, NULL);
	int64_t n = (int64_t)utf8_count(m->text + begin, end - begin);
	if (n < slot->min)
		return form_check_refuse(answer, FORM_TEXT_TOO_SHORT,
					 form_check_number(m, slot->min));
	if (n > slot->max || end - begin > FORM_TEXT_BYTES_MAX)
		return form_check_refuse(answer, FORM_TEXT_TOO_LONG,
					 form_check_number(m, slot->max));
	return form_check_accept(
		answer, arena_strndup(m->arena, m->text + begin, end - begin),
		begin, end);
}

/* How long the blank or mark between words is that stands there; 0: none. */
static size_t
mark_at(const char *at)
{
	static const char *const wide[] = {"\u00a0", "\u2013", "\u2014",
					   "\u2026"};
	if (*at && strchr(" \t\r\n,.;:!-", *at))
		return 1;
	for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
		if (strncmp(at, wide[i], strlen(wide[i])) == 0)
			return strlen(wide[i]);
	return 0;
}

static const char *
behind_marks(const char *at)
{
	for (size_t len; (len = mark_at(at)) > 0;)
		at += len;
	return at;
}

size_t
form_behind_words(const char *text, size_t n)
{
	const char *at = behind_marks(text);
	for (; n > 0; n--) {
		while (*at && !mark_at(at))
			at++;
		at = behind_marks(at);
	}
	return (size_t)(at - text);
}

/* "Lost, not stolen": the choice that is said behind "not", and not before it,
 * after how many words; NULL: none is. */
static const struct form_choice *
denied_choice(const struct form_message *m, const struct form_slot *slot,
	      size_t *n_words_r)
{
	size_t n = m->heard->first[FORM_NOT], nearest = PHRASE_NONE;
	const struct form_choice *denied = NULL;
	struct form_heard rest;
	if (n == PHRASE_NONE)
		return NULL;
	size_t at = form_behind_words(m->text, n);
	form_hear(m->pack, m->text + at, m->len - at, m->arena, &rest);
	for (size_t i = 0; i < slot->n_choices; i++) {
		size_t phrases = slot->choices[i].phrases;
		if (m->heard->first[phrases] <= n ||
		    rest.first[phrases] >= nearest)
			continue;
		nearest = rest.first[phrases];
		denied = &slot->choices[i];
	}
	*n_words_r = nearest;
	return denied;
}

/* "It was not stolen", and no more of what it was: the one choice that is named
 * is denied by what stands right before it. */
static bool
is_alone_denied(const struct form_message *m, const struct form_choice *named,
		const struct form_choice *denied, size_t n_words)
{
	size_t n = m->heard->first[FORM_NOT];
	if (named != denied || n_words > DENIED_WORDS_MAX)
		return false;
	size_t begin = form_behind_words(m->text, n);
	size_t end = form_behind_words(m->text, n + n_words);
	while (end > begin && mark_at(m->text + end - 1))
		end--;
	return strcspn(m->text + begin, ",.;:!?\n") >= end - begin;
}

bool
form_check_choice(const struct form_message *m, const struct form_slot *slot,
		  struct form_answer *answer)
{
	size_t n = 0, n_words;
	const struct form_choice *denied = denied_choice(m, slot, &n_words);
	const struct form_choice *found = NULL;
	for (size_t i = 0; i < slot->n_choices; i++)
		n += form_says(m->heard, slot->choices[i].phrases);
	if (n > (denied ? 2 : 1))
		return form_check_refuse(answer, FORM_TEXT_SEVERAL, NULL);
	for (size_t i = 0; i < slot->n_choices; i++) {
		const struct form_choice *choice = &slot->choices[i];
		if (form_says(m->heard, choice->phrases) &&
		    (n == 1 || choice != denied))
			found = choice;
	}
	if (!found || (n == 1 && is_alone_denied(m, found, denied, n_words)))
		return form_check_refuse(answer, FORM_TEXT_NOT_FOUND, NULL);
	return accept_whole(m, answer, found->name);
}

bool
form_check_yes_no(const struct form_message *m, struct form_answer *answer)
{
	const size_t *first = m->heard->first;
	if (smalltalk_is(m->smalltalk, "yes") ||
	    first[FORM_YES] < first[FORM_NO])
		return accept_whole(m, answer, "yes");
	if (smalltalk_is(m->smalltalk, "no") ||
	    first[FORM_NO] < first[FORM_YES])
		return accept_whole(m, answer, "no");
	return form_check_refuse(answer, FORM_TEXT_NOT_FOUND, NULL);
}

bool
form_check_denial(const struct form_message *m, const struct form_slot *slot,
		  const char *earlier, struct form_answer *answer)
{
	size_t n_words;
	const struct form_choice *denied =
		slot->type == SLOT_CHOICE ? denied_choice(m, slot, &n_words)
					  : NULL;
	return denied && strcmp(denied->name, earlier) == 0 &&
	       form_check_choice(m, slot, answer) &&
	       strcmp(answer->value, earlier) != 0;
}
