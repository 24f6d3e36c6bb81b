#include "dialog/form.h"

#include <string.h>

#include "dialog/form_parts.h"

/* Questions of the customer in a row, after which the form waits for him. */
#define BETWEEN_MAX 3
/* Who writes again after so long has something else in mind. */
#define IDLE_US (INT64_C(24) * 3600 * 1000000)

const struct form_slot *
form_slot_named(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->n_slots; i++)
		if (strcmp(form->slots[i].name, name) == 0)
			return &form->slots[i];
	return NULL;
}

bool
form_applies(const struct form_state *state, const struct form_slot *slot)
{
	if (!slot->when)
		return true;
	const struct form_value *value =
		form_state_value(state, slot->when->name);
	for (size_t i = 0; value && i < slot->n_when_is; i++)
		if (strcmp(slot->when_is[i], value->value) == 0)
			return form_applies(state, slot->when);
	return false;
}

const struct form_slot *
form_next(const struct form_state *state, const struct form *form)
{
	for (size_t i = 0; i < form->n_slots; i++) {
		const struct form_slot *slot = &form->slots[i];
		if (form_applies(state, slot) &&
		    !form_state_value(state, slot->name))
			return slot;
	}
	return NULL;
}

static void
make_run(struct deciding *d, const struct form *form)
{
	const struct pack *pack = d->in->knowledge->pack;
	struct form_run *run = arena_new(d->arena, sizeof *run);
	size_t len = strlen(d->question);
	run->form = form;
	run->event = "asked";
	run->problem = FORM_TEXTS;
	if (!d->is_unread)
		form_hear(pack, d->question, len, d->arena, &run->heard);
	run->message = (struct form_message){
		.pack = pack,
		.arena = d->arena,
		.now_us = d->in->now_us,
		.text = d->question,
		.len = len,
		.heard = &run->heard,
		.smalltalk = d->smalltalk,
	};
	d->form = run;
}

enum verdict { RIGHT, WRONG, NEITHER };

/* Does what was kept fit into the pack's form of today? */
static bool
fits(const struct form_state *state, const struct form *form)
{
	if (*state->slot && !form_slot_named(form, state->slot))
		return false;
	for (size_t i = 0; i < state->n_values; i++)
		if (!form_slot_named(form, state->values[i].slot))
			return false;
	return true;
}

/* The open form as the pack has it; NULL: none is open, or not that one. */
static const struct form *
open_form(const struct deciding *d)
{
	const struct form_state *state = &d->memory.form;
	const struct form *form =
		state->name ? pack_form(d->in->knowledge->pack, state->name)
			    : NULL;
	return form && fits(state, form) ? form : NULL;
}

static const char *
rule_of(struct deciding *d, const char *name)
{
	return arena_printf(d->arena, "form:%s", name);
}

/* ---- One step on */

/* Go to what is asked next; is_right: the customer saw all, and so it is. */
static void
go_on(struct deciding *d, bool is_right)
{
	struct form_state *state = &d->memory.form;
	const struct form *form = d->form->form;
	const struct form_slot *slot = form_next(state, form);
	if (!slot || strcmp(slot->name, state->slot) != 0)
		state->reasks = 0;
	state->between = 0;
	/* A turn makes one case: where it ended another form, this one waits.
	 */
	bool is_confirmed = form->is_confirmed || d->out->form;
	state->is_confirming = !slot && is_confirmed && !is_right;
	state->slot = slot ? slot->name : "";
	if (!slot && !state->is_confirming)
		form_finish(d);
}

/* Go on with the open form, and with what the message says for it. */
static void
resume(struct deciding *d)
{
	struct form_state *state = &d->memory.form;
	state->is_paused = false;
	if (form_fill(d, NULL))
		go_on(d, false);
	state->between = 0;
	d->form->event = "resumed";
}

static void
begin(struct deciding *d, const struct form *form)
{
	struct form_state *state = &d->memory.form;
	make_run(d, form);
	d->form->is_new = true;
	if (open_form(d) == form) {
		resume(d);
		return;
	}
	if (state->name)
		form_break(d);
	const char *done = state->done;
	*state = (struct form_state){
		.name = form->name,
		.slot = "",
		.trigger = "",
		.last = "",
		.done = done,
	};
	d->form->event = "begun";
	form_fill(d, NULL);
	d->form->event = "begun";
	go_on(d, false);
}

static void
finish_turn(struct deciding *d)
{
	d->out->kind = TURN_FORM;
	compose_reply(d);
}

/* Only a person can go on: in his hands is what was answered so far. */
static void
give_to_person(struct deciding *d, enum form_text which)
{
	const char *rule = rule_of(d, d->memory.form.name);
	const char *reference = form_break(d);
	bool has_words = d->in->knowledge->pack->forms && reference;
	handover_begin(d, rule, "bot",
		       has_words ? form_words(d, which, reference) : NULL);
}

/* The question was asked often enough. */
static void
leave_open(struct deciding *d, const struct form_slot *slot)
{
	d->form->event = "left open";
	form_leave_out(d, slot, VERDICT_OPEN);
	if (slot->is_required && d->out->state == STATE_BOT) {
		give_to_person(d, FORM_TEXT_PERSON);
		return;
	}
	d->form->problem = FORM_TEXTS;
	compose_paragraph(d, form_words(d, FORM_TEXT_LEFT, NULL));
	go_on(d, false);
	finish_turn(d);
}

/* No answer; of a summary that nobody confirms the last one is kept. */
static void
fail(struct deciding *d, const struct form_slot *slot)
{
	struct form_state *state = &d->memory.form;
	if (state->reasks < d->form->form->max_reasks) {
		state->reasks++;
		d->form->event = "asked again";
		if (d->out->state == STATE_WAITING || answer_failed(d))
			finish_turn(d);
	} else if (slot) {
		leave_open(d, slot);
	} else {
		go_on(d, true);
		finish_turn(d);
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
	finish_turn(d);
}

static void
skip(struct deciding *d, const struct form_slot *slot)
{
	if (slot->is_required) {
		d->form->problem = FORM_TEXT_NEEDED;
		fail(d, slot);
		return;
	}
	d->form->event = "skipped";
	form_leave_out(d, slot, VERDICT_SKIPPED);
	go_on(d, false);
	finish_turn(d);
}

static bool
ends_as_question(const struct deciding *d)
{
	const struct form_message *message = &d->form->message;
	size_t len = message->len;
	while (len > 0 && strchr(" \t\r\n", message->text[len - 1]))
		len--;
	return len > 0 && message->text[len - 1] == '?';
}

static bool
begins_as_question(const struct deciding *d)
{
	return form_says(&d->form->heard, FORM_QUESTION);
}

/* One more turn in a row that is not about the form. */
static void
count_between(struct deciding *d)
{
	struct form_state *state = &d->memory.form;
	d->form->event = "between";
	d->form->problem = FORM_TEXTS;
	if (++state->between < BETWEEN_MAX)
		return;
	state->between = 0;
	state->is_paused = d->form->is_pausing = true;
}

/* Answer what the customer asks instead, and ask on.  false: it is no question,
 * or nobody knows an answer. */
static bool
answer_between(struct deciding *d)
{
	bool is_asking = ends_as_question(d) || begins_as_question(d);
	if (d->smalltalk) {
		count_between(d);
		if (is_asking)
			compose_paragraph(d, d->smalltalk->answer);
		finish_turn(d);
		return true;
	}
	if (!is_asking)
		return false;
	struct form_state state = d->memory.form;
	struct form_run run = *d->form;
	count_between(d);
	if (answer_if_sure(d))
		return true;
	d->memory.form = state;
	*d->form = run;
	return false;
}

static bool
says(const struct deciding *d, const char *smalltalk)
{
	return d->smalltalk && strcmp(d->smalltalk->name, smalltalk) == 0;
}

/* Yes and no are answers where nothing else is asked for, too. */
static bool
is_between(const struct deciding *d)
{
	return !says(d, "yes") && !says(d, "no");
}

static void
take_answer(struct deciding *d, const struct form_slot *slot)
{
	bool is_text = slot->type == SLOT_TEXT;
	/* "At the station?" answers, "where is that?" does not. */
	bool is_asking =
		is_text && ends_as_question(d) && begins_as_question(d);
	if (says(d, "no") && slot->type != SLOT_YES_NO && !slot->is_required) {
		skip(d, slot);
	} else if (is_text && is_between(d) && answer_between(d)) {
		return;
	} else if (!is_asking && form_fill(d, slot)) {
		d->out->failed_turns = 0;
		if (strcmp(d->form->event, "asked") == 0)
			d->form->event = "filled";
		go_on(d, false);
		finish_turn(d);
	} else if (is_text || !is_between(d) || !answer_between(d)) {
		if (is_asking)
			d->form->problem = FORM_TEXT_NOT_FOUND;
		fail(d, slot);
	}
}

static bool
is_chosen(const struct deciding *d, const char *option)
{
	return d->chosen && strcmp(d->chosen, option) == 0;
}

/* What he says to the summary: the answers are right, wrong, or neither. */
static enum verdict
verdict_of(const struct deciding *d)
{
	const size_t *first = d->form->heard.first;
	if (is_chosen(d, OPTION_RIGHT) || says(d, "yes"))
		return RIGHT;
	if (is_chosen(d, OPTION_WRONG) || says(d, "no"))
		return WRONG;
	if (first[FORM_YES] < first[FORM_NO])
		return RIGHT;
	return first[FORM_NO] < first[FORM_YES] ? WRONG : NEITHER;
}

/* The customer saw all that was noted. */
static void
take_verdict(struct deciding *d)
{
	bool is_said = !d->chosen && !says(d, "yes") && !says(d, "no");
	if (is_said && form_fill(d, NULL)) {
		d->out->failed_turns = 0;
		d->memory.form.reasks = 0;
		go_on(d, false);
		finish_turn(d);
		return;
	}
	enum verdict verdict = verdict_of(d);
	if (verdict == RIGHT) {
		go_on(d, true);
		finish_turn(d);
	} else if (verdict == WRONG || !answer_between(d)) {
		d->form->problem = FORM_TEXT_WHAT;
		fail(d, NULL);
	}
}

/* A button of a choice, perhaps of an earlier one.  false: it is none of the
 * open form's. */
static bool
take_button(struct deciding *d)
{
	const struct form *form = d->form->form;
	size_t prefix = strlen(OPTION_SLOT);
	if (strncmp(d->chosen, OPTION_SLOT, prefix) != 0)
		return false;
	const char *at = d->chosen + prefix, *colon = strchr(at, ':');
	if (!colon)
		return false;
	const struct form_slot *slot = form_slot_named(
		form, arena_strndup(d->arena, at, (size_t)(colon - at)));
	for (size_t i = 0; slot && i < slot->n_choices; i++) {
		const struct form_choice *choice = &slot->choices[i];
		if (strcmp(choice->name, colon + 1) != 0)
			continue;
		bool is_late = strcmp(slot->name, d->memory.form.slot) != 0;
		form_keep(d, slot, &(struct form_answer){.value = choice->name},
			  is_late);
		d->out->failed_turns = 0;
		d->form->event = "filled";
		go_on(d, false);
		finish_turn(d);
		return true;
	}
	return false;
}

/* ---- The hooks of a decision */

/* To a customer's words while a form is open and not paused. */
static bool
take_words(struct deciding *d)
{
	const struct form_state *state = &d->memory.form;
	const struct form_slot *slot =
		form_slot_named(d->form->form, state->slot);
	bool is_verdict = state->is_confirming && (is_chosen(d, OPTION_RIGHT) ||
						   is_chosen(d, OPTION_WRONG));
	d->out->rule = rule_of(d, state->name);
	d->out->confidence = 1;
	if (d->chosen && !is_verdict)
		return take_button(d);
	if (d->form->heard.whole == FORM_CANCEL)
		cancel(d);
	else if (!slot)
		take_verdict(d);
	else if (d->form->heard.whole == FORM_SKIP)
		skip(d, slot);
	else
		take_answer(d, slot);
	return true;
}

/* The button that begins a form, or goes on with it. */
static bool
take_offer(struct deciding *d)
{
	size_t prefix = strlen(OPTION_FORM);
	if (!d->chosen || strncmp(d->chosen, OPTION_FORM, prefix) != 0)
		return false;
	const struct form *form =
		pack_form(d->in->knowledge->pack, d->chosen + prefix);
	if (!form)
		return false;
	begin(d, form);
	d->out->rule = rule_of(d, form->name);
	d->out->confidence = 1;
	d->out->failed_turns = 0;
	finish_turn(d);
	return true;
}

static void
pause_if_idle(struct deciding *d)
{
	struct form_state *state = &d->memory.form;
	if (state->name && d->in->now_us - state->at_us > IDLE_US)
		state->is_paused = true;
}

bool
form_take(struct deciding *d)
{
	struct form_state *state = &d->memory.form;
	if (take_offer(d))
		return true;
	if (!state->name)
		return false;
	const struct form *form = open_form(d);
	if (!form) {
		give_to_person(d, FORM_TEXT_CHANGED);
		return true;
	}
	make_run(d, form);
	if (!state->is_paused)
		return take_words(d);
	if (d->form->heard.whole != FORM_RESUME) {
		d->form = NULL;
		return false;
	}
	begin(d, form);
	d->out->rule = rule_of(d, form->name);
	d->out->confidence = 1;
	finish_turn(d);
	return true;
}

const struct trigger *
form_trigger(struct deciding *d, const struct trigger *trigger)
{
	struct form_state *state = &d->memory.form;
	pause_if_idle(d);
	if (!trigger || !trigger->form)
		return trigger;
	const struct form *form =
		pack_form(d->in->knowledge->pack, trigger->form);
	bool is_open = open_form(d) == form;
	bool was_done = d->out->state == STATE_WAITING &&
			strcmp(state->done, form->name) == 0;
	/* What is told as the answer to a question was already acted upon. */
	if (is_open && !state->is_paused &&
	    strcmp(state->trigger, trigger->name) == 0)
		return NULL;
	if (!is_open && was_done)
		return trigger;
	begin(d, form);
	state->trigger = trigger->name;
	return trigger;
}

static void
offer(struct deciding *d)
{
	if (!d->n_answers || d->out->kind != TURN_ANSWER)
		return;
	const struct form *form = pack_form_offered(
		d->in->knowledge->pack, d->answers[d->n_answers - 1]->name);
	if (!form)
		return;
	compose_paragraph(d, form->offer);
	compose_option(d, arena_printf(d->arena, OPTION_FORM "%s", form->name),
		       form->title);
}

void
form_follow(struct deciding *d)
{
	struct form_state *state = &d->memory.form;
	const struct form *form = open_form(d);
	if (!state->name) {
		offer(d);
		return;
	}
	bool is_pausing = d->form && d->form->is_pausing;
	if (!form || (state->is_paused && !is_pausing))
		return;
	if (!d->form)
		make_run(d, form);
	/* A person is on the way for another reason, such as words that nothing
	 * may look at: first things first. */
	if (d->out->kind == TURN_HANDOVER && !d->form->is_new)
		state->is_paused = d->form->is_pausing = true;
	state->at_us = d->in->now_us;
	form_say(d);
}

void
form_settle(struct deciding *d)
{
	struct form_state *state = &d->memory.form;
	enum conversation_state before = d->in->conversation->state;
	/* Who waits no longer may come to wait again for the same. */
	bool has_left = d->out->state == STATE_BOT &&
			(before == STATE_WAITING || before == STATE_PERSON);
	bool is_over = has_left || d->out->state == STATE_PERSON ||
		       d->out->state == STATE_CLOSED;
	if (is_over && state->name)
		form_break(d);
	if (d->out->state != STATE_WAITING)
		state->done = "";
}
