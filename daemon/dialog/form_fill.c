/* What a message says to an open form: the answer to its question, a
 * correction of an earlier one, and whatever else it mentions. */
#include <string.h>

#include "dialog/form_parts.h"
#include "nlu/phrase.h"

/* A longer message is a story: its "change" is no command. */
#define COMMAND_BYTES_MAX 100
/* "oh no, sorry" */
#define MARKER_WORDS_MAX 4
#define MARKERS_MAX 4 /* one behind the other */

/* The message that has that byte of the turn's words. */
static int64_t
message_at(const struct deciding *d, size_t at)
{
	const struct message *messages = d->in->messages;
	size_t i = 0, end = strlen(messages[0].text);
	while (at >= end && i + 1 < d->out->n_messages) {
		const char *text = messages[++i].text;
		end += strlen(text) + (end && *text ? 1 : 0);
	}
	return messages[i].id;
}

void
form_keep(struct deciding *d, const struct form_slot *slot,
	  const struct form_answer *answer, bool is_echoed)
{
	struct form_run *run = d->form;
	form_state_set(&d->memory.form,
		       &(struct form_value){
			       .slot = slot->name,
			       .value = answer->value,
			       .verdict = VERDICT_OK,
			       .message_id = message_at(d, answer->begin),
		       });
	d->memory.form.last = slot->name;
	if (run->n_filled == FORM_SLOTS_MAX)
		return;
	run->filled[run->n_filled++] = (struct form_filled){
		.slot = slot,
		.begin = answer->begin,
		.end = answer->end,
		.is_echoed = is_echoed,
	};
}

void
form_leave_out(struct deciding *d, const struct form_slot *slot,
	       enum form_verdict verdict)
{
	form_state_set(&d->memory.form,
		       &(struct form_value){.slot = slot->name,
					    .value = "",
					    .verdict = verdict});
}

/* Was this part of the message taken for another slot? */
static bool
is_taken(const struct form_run *run, const struct form_answer *answer)
{
	for (size_t i = 0; i < run->n_filled; i++) {
		const struct form_filled *filled = &run->filled[i];
		bool is_part =
			filled->begin > 0 || filled->end < run->message.len;
		if (is_part && answer->begin < filled->end &&
		    filled->begin < answer->end)
			return true;
	}
	return false;
}

static bool
is_same_kind(const struct form_slot *a, const struct form_slot *b)
{
	return a->type == b->type && a->type != SLOT_CHOICE &&
	       a->reference == b->reference;
}

/* Is there one slot alone that a thing of its kind can belong to? */
static bool
is_only_one(const struct deciding *d, const struct form_slot *slot)
{
	const struct form *form = d->form->form;
	for (size_t i = 0; i < form->n_slots; i++) {
		const struct form_slot *other = &form->slots[i];
		if (other != slot && is_same_kind(other, slot) &&
		    form_applies(&d->memory.form, other) &&
		    !form_state_value(&d->memory.form, other->name))
			return false;
	}
	return true;
}

/* Whatever the message says of slots that were not asked for yet.  In the words
 * of a story there is no choice. */
static bool
fill_mentioned(struct deciding *d, const struct form_slot *asked)
{
	struct form_run *run = d->form;
	bool is_story = asked && asked->type == SLOT_TEXT, is_any = false;
	for (size_t i = 0; i < run->form->n_slots; i++) {
		const struct form_slot *slot = &run->form->slots[i];
		struct form_answer answer;
		if (slot == asked || !form_applies(&d->memory.form, slot) ||
		    form_state_value(&d->memory.form, slot->name) ||
		    (is_story && slot->type == SLOT_CHOICE) ||
		    !is_only_one(d, slot))
			continue;
		if (!form_check_mention(&run->message, slot, NULL, &answer) ||
		    is_taken(run, &answer))
			continue;
		form_keep(d, slot, &answer, true);
		is_any = true;
	}
	return is_any;
}

/* Where the message's words begin behind the first n. */
static size_t
behind_words(const char *text, size_t n)
{
	static const char between[] = " \t\r\n,.;:!-";
	const char *at = text;
	for (; n > 0; n--) {
		at += strspn(at, between);
		at += strcspn(at, between);
	}
	return (size_t)(at + strspn(at, between) - text);
}

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
		begin += behind_words(m->text + begin,
				      heard.first[FORM_CORRECT]);
		form_hear(m->pack, m->text + begin, m->len - begin, m->arena,
			  &heard);
	}
	return begin;
}

static bool
correct_text(struct deciding *d, const struct form_slot *slot)
{
	struct form_message rest = d->form->message;
	size_t skipped = behind_markers(d);
	struct form_answer answer;
	if (skipped == 0 || skipped >= rest.len)
		return false;
	rest.text += skipped;
	rest.len -= skipped;
	if (!form_check_answer(&rest, slot, NULL, &answer))
		return false;
	answer.begin += skipped;
	answer.end += skipped;
	form_keep(d, slot, &answer, true);
	return true;
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
	if (is_other)
		form_keep(d, slot, &answer, true);
	return is_other;
}

/* "no, the 3rd": the newest answer that it fits. */
static bool
correct_newest(struct deciding *d, const struct form_slot *asked)
{
	const struct form_state *state = &d->memory.form;
	const struct form *form = d->form->form;
	const struct form_slot *last = form_slot_named(form, state->last);
	if (last && correct_slot(d, last, true))
		return true;
	for (size_t i = state->n_values; i-- > 0;) {
		const struct form_slot *slot =
			form_slot_named(form, state->values[i].slot);
		if (slot && slot != last && correct_slot(d, slot, false))
			return true;
	}
	/* Where words are asked for, these are the answer. */
	return last && last->type == SLOT_TEXT &&
	       (!asked || asked->type != SLOT_TEXT) &&
	       form_says(&d->form->heard, FORM_CORRECT) &&
	       correct_text(d, last);
}

/* The slot that has a value and is named; NULL: none. */
static const struct form_slot *
named_slot(const struct deciding *d)
{
	const struct form *form = d->form->form;
	for (size_t i = 0; i < form->n_slots; i++) {
		const struct form_slot *slot = &form->slots[i];
		if (slot->phrases != PHRASE_NONE &&
		    form_says(&d->form->heard, slot->phrases) &&
		    form_state_value(&d->memory.form, slot->name))
			return slot;
	}
	return NULL;
}

/* "change the date (to the 3rd)": with no new value it is asked again. */
static bool
change_named(struct deciding *d)
{
	const struct form_slot *slot = named_slot(d);
	if (!slot || d->form->message.len > COMMAND_BYTES_MAX)
		return false;
	bool is_words = slot->type == SLOT_TEXT || slot->type == SLOT_CHOICE;
	if (is_words || !correct_slot(d, slot, true))
		form_state_unset(&d->memory.form, slot->name);
	d->form->event = "changed";
	return true;
}

static bool
correct(struct deciding *d, const struct form_slot *asked)
{
	const struct form_heard *heard = &d->form->heard;
	bool is_summary = d->memory.form.is_confirming;
	if ((is_summary || form_says(heard, FORM_CHANGE)) && change_named(d))
		return true;
	if (!is_summary && !form_says(heard, FORM_CORRECT))
		return false;
	if (!correct_newest(d, asked))
		return false;
	d->form->event = "corrected";
	return true;
}

/* The answer to the question, unless its words were a correction. */
static bool
fill_asked(struct deciding *d, const struct form_slot *slot, bool is_corrected)
{
	struct form_run *run = d->form;
	struct form_answer answer;
	bool is_plain = slot->type == SLOT_TEXT || slot->type == SLOT_CHOICE ||
			slot->type == SLOT_YES_NO;
	if (is_corrected && is_plain && slot->type != SLOT_CHOICE)
		return false;
	if (!form_check_answer(&run->message, slot, NULL, &answer)) {
		run->problem = answer.problem;
		run->limit = answer.limit;
		return false;
	}
	if (is_taken(run, &answer))
		return false;
	form_keep(d, slot, &answer, !is_plain);
	return true;
}

/* "from 1 December" to another question: it can only be the answer before. */
static bool
correct_last(struct deciding *d, const struct form_slot *asked)
{
	const struct form_slot *last =
		form_slot_named(d->form->form, d->memory.form.last);
	if (!asked || !last || last->type == SLOT_CHOICE ||
	    !correct_slot(d, last, false))
		return false;
	d->form->event = "corrected";
	return true;
}

bool
form_fill(struct deciding *d, const struct form_slot *asked)
{
	bool is_corrected = correct(d, asked);
	bool is_filled = asked && fill_asked(d, asked, is_corrected);
	bool is_more = fill_mentioned(d, is_corrected ? NULL : asked);
	is_corrected = is_corrected ||
		       (!is_filled && !is_more && correct_last(d, asked));
	/* With something else said, the question is simply open. */
	if (is_corrected)
		d->form->problem = FORM_TEXTS;
	return is_corrected || is_filled || is_more;
}
