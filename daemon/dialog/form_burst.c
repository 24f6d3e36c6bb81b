/* Several messages in a row: each may be the answer to what follows the one
 * before. */
#include <string.h>

#include "dialog/form_parts.h"

/* Part of the turn's words, which the form looks at now. */
static void
read_part(struct deciding *d, size_t begin, size_t end)
{
	struct form_run *run = d->form;
	struct form_message *m = &run->message;
	m->len = end - begin;
	m->text = arena_strndup(d->arena, d->out->question + begin, m->len);
	m->smalltalk = pack_smalltalk(m->pack, m->text, m->len);
	form_hear(m->pack, m->text, m->len, d->arena, &run->heard);
	run->begin = begin;
}

/* What answers nothing goes on the words before it: "in Galway", "near the
 * station".  false: there are none that may. */
static bool
add_to_words(struct deciding *d)
{
	struct form_run *run = d->form;
	struct form_message both = run->message;
	struct form_answer answer;
	if (!run->n_filled || !both.len || form_is_question(d))
		return false;
	const struct form_filled *last = &run->filled[run->n_filled - 1];
	size_t begin = last->begin;
	if (last->slot->type != SLOT_TEXT || last->end + 1 != run->begin)
		return false;
	both.len += run->begin - begin;
	both.text = arena_strndup(d->arena, d->out->question + begin, both.len);
	if (!form_check_answer(&both, last->slot, NULL, &answer))
		return false;
	run->begin = begin;
	run->n_filled--;
	form_keep(d, last->slot, &answer, true);
	return true;
}

/* With the last answer there is something to agree to, which he has yet to
 * see. */
static bool
is_newly_confirming(const struct deciding *d)
{
	return d->memory.form.is_confirming && !d->before.form.is_confirming;
}

static bool
is_skip(const struct deciding *d, const struct form_slot *slot)
{
	return !slot->is_required &&
	       (d->form->heard.whole == FORM_SKIP || form_declines(d, slot));
}

/* Is it all dealt with: an answer to what is asked, or "thanks"? */
static bool
take_part(struct deciding *d)
{
	const struct form_slot *slot =
		form_slot_named(d->form->form, d->memory.form.slot);
	bool is_new = is_newly_confirming(d);
	bool is_answer =
		slot && (smalltalk_is(d->form->message.smalltalk, "yes") ||
			 smalltalk_is(d->form->message.smalltalk, "no"));
	if (slot && is_skip(d, slot)) {
		form_leave_out(d, slot, VERDICT_SKIPPED);
		form_go_on(d, false);
		return true;
	}
	if (d->form->heard.whole < FORM_BEGIN || (!slot && !is_new))
		return false;
	if (d->form->message.smalltalk && !is_answer)
		return true;
	if (slot && form_is_asked(d, slot))
		return false;
	if (!form_fill(d, slot))
		return slot && add_to_words(d);
	form_go_on(d, false);
	return true;
}

/* A button, or the number of one that the last reply shows. */
static bool
take_choice(struct deciding *d, const struct message *message, bool is_first)
{
	bool is_click = strcmp(message->kind, "option") == 0;
	const char *option =
		is_click   ? message->option
		: is_first ? option_by_number(&d->before, message->text)
			   : NULL;
	return option && form_keep_choice(d, option);
}

/* What is left of the turn's words is all that the turn has to look at. */
static void
keep_rest(struct deciding *d)
{
	const struct message *last = &d->in->messages[d->out->n_messages - 1];
	d->question = d->out->question + d->form->begin;
	d->smalltalk = d->form->message.smalltalk;
	if (strcmp(last->kind, "option") != 0)
		d->chosen = NULL;
	d->out->failed_turns = 0;
	d->form->problem = FORM_TEXTS;
	d->form->has_taken = true;
}

bool
form_take_burst(struct deciding *d)
{
	size_t begin = 0, end = 0;
	bool is_any = false, is_open = false;
	for (size_t i = 0; i < d->out->n_messages && d->memory.form.name; i++) {
		const struct message *message = &d->in->messages[i];
		size_t len = strlen(message->text);
		size_t from = end + (end && len ? 1 : 0);
		begin = is_open ? begin : from;
		end = from + len;
		read_part(d, begin, end);
		is_open = !take_choice(d, message, begin == 0) && !take_part(d);
		is_any |= !is_open;
	}
	if (!is_any)
		return false;
	keep_rest(d);
	if (is_open && d->memory.form.name &&
	    (!is_newly_confirming(d) || form_answer_between(d)))
		return d->has_replied;
	if (strcmp(d->form->event, "asked") == 0)
		d->form->event = "filled";
	form_reply(d);
	return true;
}
