/* What a customer's words are to a form that asks: an answer, a command, a
 * verdict on its summary. */
#include <string.h>

#include "dialog/form_parts.h"

enum verdict { RIGHT, WRONG, NEITHER };

void
form_give_to_person(struct deciding *d, enum form_text which)
{
	const char *rule = form_rule(d, d->memory.form.name);
	const char *reference = form_break(d);
	bool has_words = d->in->knowledge->pack->forms && reference;
	handover_begin(d, rule, "bot",
		       has_words ? form_words(d, which, reference) : NULL);
}

/* The question was asked often enough, or he will not answer it. */
static void
leave_open(struct deciding *d, const struct form_slot *slot)
{
	d->form->event = "left open";
	form_leave_out(d, slot, VERDICT_OPEN);
	if (slot->is_required && d->out->state == STATE_BOT) {
		form_give_to_person(d, FORM_TEXT_PERSON);
		return;
	}
	d->form->problem = FORM_TEXTS;
	compose_paragraph(d, form_words(d, FORM_TEXT_LEFT, NULL));
	form_go_on(d, false);
	form_reply(d);
}

/* No answer; of a summary that nobody confirms the last one is kept. */
static void
fail(struct deciding *d, const struct form_slot *slot)
{
	struct form_state *state = &d->memory.form;
	if (d->form->has_taken) {
		d->form->event = "filled";
		form_reply(d);
	} else if (state->reasks < d->form->form->max_reasks) {
		state->reasks++;
		d->form->event = "asked again";
		if (d->out->state == STATE_WAITING || answer_failed(d))
			form_reply(d);
	} else if (slot) {
		leave_open(d, slot);
	} else {
		form_go_on(d, true);
		form_reply(d);
	}
}

/* ---- What a message may be */

static void
cancel(struct deciding *d)
{
	d->form->event = "cancelled";
	compose_paragraph(d, form_words(d, FORM_TEXT_CANCELLED, NULL));
	if (d->out->state == STATE_WAITING)
		compose_paragraph(d, compose_text(d, TEXT_WAITING, NULL));
	form_state_end(&d->memory.form);
	form_reply(d);
}

/* A command that is no answer: what is open is asked once more. */
static void
ask_on(struct deciding *d, enum form_text what)
{
	d->form->event = "asked on";
	d->form->problem = what;
	form_reply(d);
}

static void
skip(struct deciding *d, const struct form_slot *slot)
{
	if (slot->is_required && d->memory.form.is_skipped) {
		leave_open(d, slot);
		return;
	}
	if (slot->is_required) {
		d->memory.form.is_skipped = true;
		d->form->problem = FORM_TEXT_NEEDED;
		fail(d, slot);
		return;
	}
	d->form->event = "skipped";
	form_leave_out(d, slot, VERDICT_SKIPPED);
	form_go_on(d, false);
	form_reply(d);
}

/* Yes and no are answers where nothing else is asked for, too. */
static bool
is_between(const struct deciding *d)
{
	return !smalltalk_is(d->smalltalk, "yes") &&
	       !smalltalk_is(d->smalltalk, "no");
}

static void
take_answer(struct deciding *d, const struct form_slot *slot)
{
	bool is_text = slot->type == SLOT_TEXT;
	bool is_asked = form_is_asked(d, slot);
	if (form_declines(d, slot) && !slot->is_required) {
		skip(d, slot);
	} else if (is_text && is_between(d) && form_answer_between(d)) {
		return;
	} else if (!is_asked && form_fill(d, slot)) {
		d->out->failed_turns = 0;
		if (strcmp(d->form->event, "asked") == 0)
			d->form->event = "filled";
		form_go_on(d, false);
		form_reply(d);
	} else if (is_between(d) &&
		   ((!is_text && form_answer_between(d)) || form_ask_back(d))) {
		return;
	} else {
		fail(d, slot);
	}
}

/* What he says to the summary: the answers are right, wrong, or neither. */
static enum verdict
verdict_of(const struct deciding *d)
{
	const size_t *first = d->form->heard.first;
	if (is_chosen(d, OPTION_RIGHT) || smalltalk_is(d->smalltalk, "yes"))
		return RIGHT;
	if (is_chosen(d, OPTION_WRONG) || smalltalk_is(d->smalltalk, "no"))
		return WRONG;
	if (first[FORM_YES] != first[FORM_NO])
		return first[FORM_YES] < first[FORM_NO] ? RIGHT : WRONG;
	bool is_agreed = d->form->heard.whole == FORM_BEGIN &&
			 !form_says(&d->form->heard, FORM_CHANGE);
	return is_agreed ? RIGHT : NEITHER;
}

/* The customer saw all that was noted. */
static void
take_verdict(struct deciding *d)
{
	bool is_said = !d->chosen && !smalltalk_is(d->smalltalk, "yes") &&
		       !smalltalk_is(d->smalltalk, "no");
	if (is_said && form_fill(d, NULL)) {
		d->out->failed_turns = 0;
		d->memory.form.reasks = 0;
		form_go_on(d, false);
		form_reply(d);
		return;
	}
	enum verdict verdict = verdict_of(d);
	if (verdict == RIGHT) {
		form_go_on(d, true);
		form_reply(d);
	} else if (verdict == WRONG ||
		   (!form_answer_between(d) && !form_ask_back(d))) {
		d->form->problem = FORM_TEXT_WHAT;
		fail(d, NULL);
	}
}

/* The message that is a click on it; 0: its number was written. */
static int64_t
find_click(const struct deciding *d, const char *option)
{
	for (size_t i = d->out->n_messages; i-- > 0;)
		if (strcmp(d->in->messages[i].kind, "option") == 0 &&
		    strcmp(d->in->messages[i].option, option) == 0)
			return d->in->messages[i].id;
	return 0;
}

bool
form_keep_choice(struct deciding *d, const char *option)
{
	const struct form *form = d->form->form;
	size_t prefix = strlen(OPTION_SLOT);
	if (strncmp(option, OPTION_SLOT, prefix) != 0)
		return false;
	const char *at = option + prefix, *colon = strchr(at, ':');
	if (!colon)
		return false;
	const struct form_slot *slot = form_slot_named(
		form, arena_strndup(d->arena, at, (size_t)(colon - at)));
	for (size_t i = 0; slot && i < slot->n_choices; i++) {
		const struct form_choice *choice = &slot->choices[i];
		if (strcmp(choice->name, colon + 1) != 0)
			continue;
		bool is_late = strcmp(slot->name, d->memory.form.slot) != 0;
		struct form_answer answer = {
			.value = choice->name,
			.message_id = find_click(d, option),
		};
		if (!answer.message_id)
			answer.end = d->form->message.len;
		form_keep(d, slot, &answer, is_late || !answer.message_id);
		form_go_on(d, false);
		return true;
	}
	return false;
}

static bool
take_button(struct deciding *d)
{
	if (!form_keep_choice(d, d->chosen))
		return false;
	d->out->failed_turns = 0;
	d->form->event = "filled";
	form_reply(d);
	return true;
}

bool
form_take_words(struct deciding *d)
{
	const struct form_state *state = &d->memory.form;
	d->out->rule = form_rule(d, state->name);
	d->out->confidence = 1;
	if (d->out->n_messages > 1 && *state->slot && form_take_burst(d))
		return true;
	const struct form_slot *slot =
		form_slot_named(d->form->form, state->slot);
	bool is_verdict = state->is_confirming && (is_chosen(d, OPTION_RIGHT) ||
						   is_chosen(d, OPTION_WRONG));
	if (d->chosen && !is_verdict)
		return take_button(d);
	enum form_command whole = d->form->heard.whole;
	if (whole == FORM_CANCEL)
		cancel(d);
	else if (whole == FORM_RESUME && !form_says(&d->form->heard, FORM_YES))
		ask_on(d, FORM_TEXTS);
	else if (whole == FORM_HELP)
		ask_on(d, FORM_TEXT_HELP);
	else if (!slot)
		take_verdict(d);
	else if (whole == FORM_SKIP)
		skip(d, slot);
	else
		take_answer(d, slot);
	return true;
}
