/* What a message says to an open form of answers that were given before. */
#include <string.h>

#include "dialog/form_parts.h"
#include "nlu/phrase.h"

/* A longer message is a story: its "change" is no command. */
#define COMMAND_BYTES_MAX 100
/* "oh no, sorry" */
#define MARKER_WORDS_MAX 4
#define MARKERS_MAX 4 /* one behind the other */
/* "please change the address": where a slot is named to be corrected */
#define NAME_WORDS_MAX 6
#define CHANGE_WORDS_MAX 2  /* "please change" */
#define SUBJECT_WORDS_MAX 3 /* "the exact amount" */

/* "sorry, I meant 12 Mill Lane": what stands behind the words that say that it
 * is another one. */
static size_t
behind_markers(struct deciding *d)
{
	const struct form_message *m = &d->form->message;
	struct form_heard heard = d->form->heard;
	size_t begin = 0;
	for (int i = 0; i < MARKERS_MAX; i++) {
		if (heard.first[FORM_CORRECT] > MARKER_WORDS_MAX)
			break;
		begin += form_behind_words(m->text + begin,
					   heard.first[FORM_CORRECT]);
		form_hear(m->pack, m->text + begin, m->len - begin, m->arena,
			  &heard);
	}
	return begin;
}

/* What stands behind "it is" or "to" there; `at` itself: nothing of the kind
 * does.  The end, where it is only said to be wrong. */
static size_t
behind_lead(struct deciding *d, size_t at)
{
	const struct form_message *m = &d->form->message;
	struct form_heard heard;
	form_hear(m->pack, m->text + at, m->len - at, m->arena, &heard);
	if (heard.first[FORM_CHANGE] <= MARKER_WORDS_MAX)
		return m->len;
	size_t n = heard.first[FORM_VALUE];
	return n > MARKER_WORDS_MAX ? at
				    : at + form_behind_words(m->text + at, n);
}

/* Keep the message from there on as an answer. */
static bool
keep_rest(struct deciding *d, const struct form_slot *slot, size_t at)
{
	struct form_message rest = d->form->message;
	const struct form_value *value =
		form_state_value(&d->memory.form, slot->name);
	struct form_heard heard;
	struct form_answer answer;
	if (at >= rest.len)
		return false;
	rest.text += at;
	rest.len -= at;
	form_hear(rest.pack, rest.text, rest.len, rest.arena, &heard);
	rest.heard = &heard;
	if (!form_check_answer(&rest, slot, value ? value->value : NULL,
			       &answer))
		return false;
	answer.begin += at;
	answer.end += at;
	form_keep(d, slot, &answer, true);
	return true;
}

static bool
correct_text(struct deciding *d, const struct form_slot *slot)
{
	size_t at = behind_markers(d);
	return at > 0 && keep_rest(d, slot, behind_lead(d, at));
}

/* "The place was Galway", "change the address to 14 Oak Road": an answer is
 * what stands behind its slot's name, and behind what says that it is that. */
static bool
keep_named(struct deciding *d, const struct form_slot *slot)
{
	const char *text = d->form->message.text;
	size_t n = d->form->heard.first[slot->phrases];
	if (n > NAME_WORDS_MAX)
		return false;
	size_t at = form_behind_words(text, n), behind = behind_lead(d, at);
	size_t name_end = at;
	while (name_end > 0 && strchr(" :", text[name_end - 1]))
		name_end--;
	bool has_colon = memchr(text + name_end, ':', at - name_end) != NULL;
	return (behind > at || has_colon) && keep_rest(d, slot, behind);
}

/* Does the message say another value of a slot that has one?  is_meant: it is
 * known to be about that slot. */
static bool
correct_slot(struct deciding *d, const struct form_slot *slot, bool is_meant)
{
	const struct form_message *m = &d->form->message;
	const struct form_value *value =
		form_state_value(&d->memory.form, slot->name);
	struct form_answer answer;
	if (!value || slot->type == SLOT_YES_NO || slot->type == SLOT_TEXT)
		return false;
	bool is_other =
		is_meant ? form_check_answer(m, slot, value->value, &answer)
			 : form_check_mention(m, slot, value->value, &answer);
	/* "I meant lost in Galway", of what was lost, is about the place. */
	if (slot->type == SLOT_CHOICE && is_other)
		is_other = strcmp(answer.value, value->value) != 0;
	if (is_other)
		form_keep(d, slot, &answer, true);
	return is_other;
}

/* Does the message say what the slot, which has that value, is to have? */
typedef bool says_fn(const struct deciding *, const struct form_slot *,
		     const char *value, struct form_answer *);

/* Keep what it says of the newest answer of which it says anything. */
static bool
correct_first(struct deciding *d, says_fn *says)
{
	const struct form_state *state = &d->memory.form;
	for (size_t i = state->n_values; i-- > 0;) {
		const struct form_value *value = &state->values[i];
		const struct form_slot *slot =
			form_slot_named(d->form->form, value->slot);
		struct form_answer answer;
		if (!slot || !says(d, slot, value->value, &answer))
			continue;
		form_keep(d, slot, &answer, true);
		return true;
	}
	return false;
}

/* "no, it was 59.90": such a number is an amount, though none was noted last.
 */
static bool
says_bare_amount(const struct deciding *d, const struct form_slot *slot,
		 const char *value, struct form_answer *answer)
{
	const struct form_message *m = &d->form->message;
	if (slot->type != SLOT_AMOUNT ||
	    !form_check_answer(m, slot, value, answer))
		return false;
	size_t len = answer->end - answer->begin;
	return memchr(m->text + answer->begin, '.', len) ||
	       memchr(m->text + answer->begin, ',', len);
}

/* A choice that was noted is said again. */
static bool
says_choice(const struct deciding *d, const struct form_slot *slot,
	    const char *value, struct form_answer *answer)
{
	(void)value;
	return slot->type == SLOT_CHOICE &&
	       form_check_mention(&d->form->message, slot, NULL, answer);
}

/* "It was lost, not stolen": what was noted is named, and what is right. */
static bool
says_denied(const struct deciding *d, const struct form_slot *slot,
	    const char *value, struct form_answer *answer)
{
	return form_check_denial(&d->form->message, slot, value, answer);
}

static size_t
named_at(const struct deciding *d, size_t phrases)
{
	return phrases == PHRASE_NONE ? PHRASE_NONE
				      : d->form->heard.first[phrases];
}

bool
form_has_none(const struct deciding *d, const struct form_slot *slot)
{
	const struct form_message *m = &d->form->message;
	bool is_figure = slot->type != SLOT_TEXT && slot->type != SLOT_CHOICE &&
			 slot->type != SLOT_YES_NO;
	size_t n = d->form->heard.first[FORM_NO];
	return is_figure && n <= MARKER_WORDS_MAX &&
	       named_at(d, slot->phrases) == n + 1 &&
	       !strpbrk(m->text, "0123456789");
}

/* "no, the 3rd": the newest answer that can be nothing else; then the last one,
 * which may be bare, as "no, 45". */
static bool
correct_newest(struct deciding *d, const struct form_slot *asked)
{
	const struct form_state *state = &d->memory.form;
	const struct form *form = d->form->form;
	const struct form_slot *last = form_slot_named(form, state->last);
	if (last && correct_slot(d, last, false))
		return true;
	for (size_t i = state->n_values; i-- > 0;) {
		const struct form_slot *slot =
			form_slot_named(form, state->values[i].slot);
		if (slot && slot != last && correct_slot(d, slot, false))
			return true;
	}
	if ((last && correct_slot(d, last, true)) ||
	    correct_first(d, says_bare_amount))
		return true;
	/* Where words are asked for, these are the answer. */
	bool is_text = asked && asked->type == SLOT_TEXT;
	if (last && last->type == SLOT_TEXT && !is_text &&
	    !(asked && form_has_none(d, asked)) &&
	    form_says(&d->form->heard, FORM_CORRECT) && correct_text(d, last))
		return true;
	return !is_text && correct_first(d, says_choice);
}

bool
form_declines(const struct deciding *d, const struct form_slot *slot)
{
	bool is_no = smalltalk_is(d->form->message.smalltalk, "no");
	return form_has_none(d, slot) || (is_no && slot->type != SLOT_YES_NO);
}

/* The slot that is named first, of those that have a value or of all that are
 * not asked for now; NULL: none. */
static const struct form_slot *
named_slot(const struct deciding *d, bool has_value,
	   const struct form_slot *asked)
{
	const struct form *form = d->form->form;
	const struct form_state *state = &d->memory.form;
	const struct form_slot *found = NULL;
	size_t nearest = PHRASE_NONE;
	for (size_t i = 0; i < form->n_slots; i++) {
		const struct form_slot *slot = &form->slots[i];
		size_t at = named_at(d, slot->phrases);
		bool is_one =
			has_value ? form_state_value(state, slot->name) != NULL
				  : slot != asked && form_applies(state, slot);
		if (at < nearest && is_one) {
			nearest = at;
			found = slot;
		}
	}
	return found;
}

/* Does "is" stand behind the first n words, as in "the house number is"? */
static bool
is_lead_behind(struct deciding *d, size_t n)
{
	size_t at = form_behind_words(d->form->message.text, n);
	return behind_lead(d, at) > at;
}

bool
form_is_of_other(struct deciding *d, const struct form_slot *asked)
{
	const struct form *form = d->form->form;
	for (size_t i = 0; i < form->n_slots; i++) {
		size_t n = named_at(d, form->slots[i].phrases);
		if (&form->slots[i] != asked && n <= SUBJECT_WORDS_MAX &&
		    is_lead_behind(d, n))
			return true;
	}
	return false;
}

/* "Change the street (to 14 Main Street)": what is noted has more than that,
 * and is asked whole again. */
static bool
change_part(struct deciding *d)
{
	const struct form *form = d->form->form;
	for (size_t i = 0; i < form->n_slots; i++) {
		const struct form_slot *slot = &form->slots[i];
		size_t n = named_at(d, slot->parts);
		if (n > NAME_WORDS_MAX || n >= named_at(d, slot->phrases) ||
		    !form_state_value(&d->memory.form, slot->name))
			continue;
		if (!form_says(&d->form->heard, FORM_CHANGE) &&
		    !is_lead_behind(d, n) && !is_lead_behind(d, n + 1))
			continue;
		form_state_unset(&d->memory.form, slot->name);
		return true;
	}
	return false;
}

/* "change the date (to the 3rd)": with no new value it is asked again. */
static bool
change_named(struct deciding *d)
{
	const struct form_slot *slot = named_slot(d, true, NULL);
	d->form->event = "changed";
	if (change_part(d))
		return true;
	if (slot && slot->type == SLOT_TEXT && keep_named(d, slot))
		return true;
	if (!slot || d->form->message.len > COMMAND_BYTES_MAX)
		return false;
	bool is_words = slot->type == SLOT_TEXT || slot->type == SLOT_CHOICE;
	if (is_words || !correct_slot(d, slot, true))
		form_state_unset(&d->memory.form, slot->name);
	return true;
}

/* "The date is 3 November", whatever else is asked; but where words are asked
 * for, other words are the answer. */
static bool
tell_named(struct deciding *d, const struct form_slot *asked)
{
	const struct form_slot *slot = named_slot(d, false, asked);
	bool is_words =
		slot && (slot->type == SLOT_TEXT || slot->type == SLOT_CHOICE);
	return slot && slot->type != SLOT_YES_NO &&
	       !(is_words && asked && asked->type == SLOT_TEXT) &&
	       keep_named(d, slot);
}

/* What it says to be otherwise. */
static bool
correct_said(struct deciding *d, const struct form_slot *asked)
{
	const struct form_slot *named = named_slot(d, true, NULL);
	if (!d->memory.form.is_confirming &&
	    !form_says(&d->form->heard, FORM_CORRECT))
		return false;
	return (named && named->type == SLOT_TEXT && keep_named(d, named)) ||
	       correct_newest(d, asked);
}

bool
form_correct(struct deciding *d, const struct form_slot *asked)
{
	const struct form_heard *heard = &d->form->heard;
	const char *event = d->form->event;
	/* In a story something may be wrong without being a command. */
	bool is_story = asked && asked->type == SLOT_TEXT &&
			asked->max > FORM_NAME_CHARS_MAX;
	bool is_change = is_story
				 ? heard->first[FORM_CHANGE] <= CHANGE_WORDS_MAX
				 : form_says(heard, FORM_CHANGE);
	if ((d->memory.form.is_confirming || is_change) && change_named(d))
		return true;
	d->form->event = event;
	/* What begins a form corrects nothing. */
	bool is_asking = asked || d->memory.form.is_confirming;
	bool is_told = is_asking && !is_story &&
		       (tell_named(d, asked) || correct_first(d, says_denied));
	if (!is_told && !correct_said(d, asked))
		return false;
	d->form->event = "corrected";
	return true;
}

bool
form_correct_last(struct deciding *d, const struct form_slot *asked)
{
	const struct form_slot *last =
		form_slot_named(d->form->form, d->memory.form.last);
	if (!asked || !last || last->type == SLOT_CHOICE ||
	    !correct_slot(d, last, false))
		return false;
	d->form->event = "corrected";
	return true;
}
