#include "dialog/form.h"

#include <string.h>

#include "dialog/form_parts.h"

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

const char *
form_rule(struct deciding *d, const char *name)
{
	return arena_printf(d->arena, "form:%s", name);
}

/* ---- One step on */

void
form_go_on(struct deciding *d, bool is_right)
{
	struct form_state *state = &d->memory.form;
	const struct form *form = d->form->form;
	const struct form_slot *slot = form_next(state, form);
	if (!slot || strcmp(slot->name, state->slot) != 0) {
		state->reasks = 0;
		state->is_skipped = false;
	}
	state->between = 0;
	/* A turn makes one case: where it ended another form, this one waits.
	 */
	bool is_confirmed = form->is_confirmed || d->out->form;
	state->is_confirming = !slot && is_confirmed && !is_right;
	state->slot = slot ? slot->name : "";
	if (!slot && !state->is_confirming)
		form_finish(d);
}

static bool
is_story(const struct form_slot *slot)
{
	return slot->type == SLOT_TEXT && slot->max > FORM_NAME_CHARS_MAX;
}

/* Go on with the open form, and with what the message says for it: to a form
 * that asked for a story, it is that. */
static void
resume(struct deciding *d)
{
	struct form_state *state = &d->memory.form;
	const struct form_slot *slot =
		form_slot_named(d->form->form, state->slot);
	bool is_told = slot && is_story(slot) && !state->is_paused;
	state->is_paused = false;
	if (form_fill(d, is_told ? slot : NULL))
		form_go_on(d, false);
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
		d->form->kept = form_break(d);
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
	form_go_on(d, false);
}

void
form_reply(struct deciding *d)
{
	d->out->kind = TURN_FORM;
	compose_reply(d);
}

/* ---- The hooks of a decision */

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
	d->out->rule = form_rule(d, form->name);
	d->out->confidence = 1;
	d->out->failed_turns = 0;
	form_reply(d);
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
		form_give_to_person(d, FORM_TEXT_CHANGED);
		return true;
	}
	make_run(d, form);
	if (!state->is_paused)
		return form_take_words(d);
	if (d->form->heard.whole != FORM_RESUME) {
		d->form = NULL;
		return false;
	}
	begin(d, form);
	d->out->rule = form_rule(d, form->name);
	d->out->confidence = 1;
	form_reply(d);
	return true;
}

/* Does the message answer what is asked, whatever else it says? */
static bool
is_answer(struct deciding *d, const struct form_slot *slot)
{
	enum { FIRST_WORDS = 2 };
	struct form_answer answer;
	make_run(d, open_form(d));
	struct form_run *run = d->form;
	d->form = NULL;
	const size_t *first = run->heard.first;
	/* "I didn't make that one" is no "no". */
	if (slot->type == SLOT_YES_NO && first[FORM_YES] > FIRST_WORDS &&
	    first[FORM_NO] > FIRST_WORDS)
		return false;
	return (slot->type != SLOT_TEXT || is_story(slot)) &&
	       form_check_answer(&run->message, slot, NULL, &answer);
}

/* Is a form that something graver began being asked?  Then another one has to
 * wait. */
static bool
is_graver_asked(const struct deciding *d, const struct trigger *trigger)
{
	const struct form_state *state = &d->memory.form;
	const struct trigger *first =
		pack_trigger_named(d->in->knowledge->pack, state->trigger);
	return first && open_form(d) && !state->is_paused &&
	       first->priority > trigger->priority &&
	       strcmp(trigger->form, state->name) != 0;
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
	if (is_graver_asked(d, trigger)) {
		const struct form_slot *slot =
			form_slot_named(open_form(d), state->slot);
		if (slot && is_answer(d, slot))
			return NULL;
		/* Its aid is said, and then the question again. */
		make_run(d, open_form(d));
		d->form->is_new = true;
		form_count_between(d);
		return trigger;
	}
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

bool
form_is_open(const struct deciding *d)
{
	return open_form(d) && !d->memory.form.is_paused;
}

/* Does the reply ask its question, whatever else happened in this turn? */
static bool
is_going_on(const struct deciding *d)
{
	return d->form && form_is_open(d);
}

const char *
form_settle(struct deciding *d)
{
	const char *text = NULL;
	struct form_state *state = &d->memory.form;
	enum conversation_state before = d->in->conversation->state;
	/* Who waits no longer may come to wait again for the same. */
	bool has_left = d->out->state == STATE_BOT && !is_going_on(d) &&
			(before == STATE_WAITING || before == STATE_PERSON);
	bool is_over = has_left || d->out->state == STATE_PERSON ||
		       d->out->state == STATE_CLOSED;
	if (is_over && state->name) {
		const char *reference = form_break(d);
		enum form_text which =
			reference ? FORM_TEXT_KEPT : FORM_TEXT_OVER;
		if (d->in->knowledge->pack->forms)
			text = form_words(d, which, reference);
	}
	if (d->out->state != STATE_WAITING)
		state->done = "";
	return text;
}

bool
form_asks(const struct deciding *d, enum slot_type type)
{
	const struct form *form = open_form(d);
	const struct form_slot *slot =
		form && !d->memory.form.is_paused
			? form_slot_named(form, d->memory.form.slot)
			: NULL;
	return slot && slot->type == type;
}
