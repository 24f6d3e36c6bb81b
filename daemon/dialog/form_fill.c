/* What a message says to an open form: the answer to its question, and whatever
 * else it mentions. */
#include <string.h>

#include "dialog/form_parts.h"
#include "nlu/pack.h"
#include "nlu/phrase.h"

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
	int64_t id = answer->message_id
			     ? answer->message_id
			     : message_at(d, run->begin + answer->begin);
	form_state_set(&d->memory.form, &(struct form_value){
						.slot = slot->name,
						.value = answer->value,
						.verdict = VERDICT_OK,
						.message_id = id,
					});
	d->memory.form.last = slot->name;
	if (run->n_filled == FORM_SLOTS_MAX)
		return;
	run->filled[run->n_filled++] = (struct form_filled){
		.slot = slot,
		.begin = run->begin + answer->begin,
		.end = run->begin + answer->end,
		.message_id = id,
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
		bool is_part = filled->begin > run->begin ||
			       filled->end < run->begin + run->message.len;
		if (is_part && run->begin + answer->begin < filled->end &&
		    filled->begin < run->begin + answer->end)
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

/* "Yes, two of them": to whatever question that was, it is no name. */
static bool
is_yes_or_no(const struct form_message *m)
{
	size_t word = strcspn(m->text, " \t\r\n,.;!");
	size_t clause = strcspn(m->text, ",;!\n");
	const struct smalltalk *said = pack_smalltalk(m->pack, m->text, word);
	if (said && strcmp(said->name, "yes") == 0)
		return true;
	said = pack_smalltalk(m->pack, m->text, clause);
	return said && strcmp(said->name, "no") == 0;
}

/* Is it a name that is asked for?  What is none is one to who says it again. */
static bool
is_name_asked(const struct deciding *d, const struct form_slot *slot)
{
	return slot->type == SLOT_TEXT && slot->max <= FORM_NAME_CHARS_MAX &&
	       !d->memory.form.reasks;
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
	bool is_name = is_name_asked(d, slot);
	if (is_name &&
	    (is_yes_or_no(&run->message) || form_is_of_other(d, slot))) {
		run->problem = FORM_TEXT_NOT_FOUND;
		return false;
	}
	bool is_right = form_check_answer(&run->message, slot, NULL, &answer);
	if (is_right && is_name && form_check_is_figure(&run->message)) {
		answer.problem = FORM_TEXT_NOT_FOUND;
		is_right = false;
	}
	if (!is_right) {
		run->problem = answer.problem;
		run->limit = answer.limit;
		return false;
	}
	if (is_taken(run, &answer))
		return false;
	form_keep(d, slot, &answer, true);
	return true;
}

bool
form_fill(struct deciding *d, const struct form_slot *asked)
{
	bool is_corrected = form_correct(d, asked);
	bool is_filled = asked && fill_asked(d, asked, is_corrected);
	bool is_more = fill_mentioned(d, is_corrected ? NULL : asked);
	is_corrected = is_corrected ||
		       (!is_filled && !is_more && form_correct_last(d, asked));
	/* With something else said, the question is simply open. */
	if (is_corrected)
		d->form->problem = FORM_TEXTS;
	return is_corrected || is_filled || is_more;
}
