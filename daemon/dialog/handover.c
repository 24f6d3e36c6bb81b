/* Who has the conversation: the bot, nobody yet (it waits), a person, or it is
 * closed. */
#include "dialog/deciding.h"

#include <assert.h>
#include <string.h>

#include "dialog/delivery.h"
#include "dialog/form.h"
#include "nlu/hours.h"

#define WHEN_MAX_BYTES 200
/* Small talk of these names ends the waiting: of the second, unless it is the
 * form that he does not want. */
#define STOP_WAITING "stop_waiting"
#define NEVER_MIND "never_mind"

void
handover_change(struct deciding *d, enum conversation_state to,
		const char *reason, const char *actor)
{
	struct turn_result *out = d->out;
	assert(out->n_changes < TURN_CHANGES_MAX);
	out->changes[out->n_changes++] = (struct state_change){
		.from = out->state,
		.to = to,
		.reason = arena_strdup(d->arena, reason),
		.actor = arena_strdup(d->arena, actor),
	};
	out->state = to;
	out->failed_turns = 0;
	compose_no_options(d);
	topic_drop(&d->memory.topic);
	if (to != STATE_PERSON) {
		out->owner = "";
		out->lease_until_us = 0;
	}
	if (to == STATE_BOT || to == STATE_CLOSED) {
		d->memory.asked_us = 0;
		d->memory.call_back = "";
		d->memory.call_back_id = 0;
	}
}

/* The plugin that is the agents' side; "": there is none. */
static const char *
desk_plugin(const struct deciding *d)
{
	const char *desk = d->in->desk;
	return strcmp(desk, CHANNEL_TERMINAL) == 0 ? "" : desk;
}

/* Agents who work by tellerctl are always there, as long as their lease. */
bool
handover_has_person(const struct deciding *d)
{
	return d->out->state == STATE_PERSON &&
	       (*desk_plugin(d) ||
		strcmp(d->memory.desk, CHANNEL_TERMINAL) == 0);
}

/* On a card, unless that desk has the card of this episode (it may be another
 * desk, or the first one, by now).  The words are not copied into the row.
 * Agents at a terminal read them where they are kept. */
void
handover_forward(struct deciding *d)
{
	const char *desk = desk_plugin(d);
	if (!*desk)
		return;
	bool has_person = d->out->state == STATE_PERSON;
	bool has_card =
		strcmp(d->memory.desk, desk) == 0 ||
		(has_person && strcmp(d->memory.desk, CHANNEL_TERMINAL) == 0);
	compose_row(d, desk, has_card ? "customer_text" : "desk_card", "", "",
		    has_card ? "" : card_compose(d));
	if (!has_card)
		d->memory.desk = desk;
}

static void
begin_episode(struct deciding *d)
{
	d->memory.episode++;
	d->memory.since_us = d->in->now_us;
	if (!d->memory.asked_us)
		d->memory.asked_us = d->in->now_us;
	d->memory.desk = "";
	d->memory.is_told = false;
}

static const char *
next_opening(struct deciding *d, const struct hours *hours, int64_t at_us)
{
	struct buf when;
	buf_init(&when, WHEN_MAX_BYTES);
	hours_write_day(hours, d->in->now_us, at_us, &when);
	const char *text = compose_text(d, TEXT_OUT_OF_HOURS, buf_str(&when));
	buf_release(&when);
	return text;
}

const char *
handover_absence(struct deciding *d)
{
	const struct hours *hours = d->in->knowledge->pack->hours;
	int64_t now_us = d->in->now_us, next_us = 0;
	bool is_closed = hours && d->in->knowledge->settings.keeps_hours &&
			 !hours_are_open(hours, now_us);
	if (*d->in->desk && !is_closed)
		return NULL;
	if (*d->in->desk)
		next_us = hours_next(hours, now_us);
	if (next_us) {
		d->memory.since_us = next_us;
		return next_opening(d, hours, next_us);
	}
	d->memory.is_told = true;
	return compose_text(d, TEXT_UNCLAIMED, NULL);
}

static void
add_waiting(struct deciding *d, const char *text)
{
	compose_paragraph(d, text);
	d->may_leave = true;
}

void
handover_add_waiting(struct deciding *d)
{
	add_waiting(d, compose_text(d, TEXT_WAITING, NULL));
}

void
handover_begin(struct deciding *d, const char *reason, const char *actor,
	       const char *first_aid)
{
	const char *text = compose_text(d, TEXT_WAITING, NULL);
	d->out->kind = TURN_HANDOVER;
	d->out->rule = reason;
	if (first_aid)
		compose_paragraph(d, first_aid);
	if (d->out->state != STATE_WAITING) {
		handover_change(d, STATE_WAITING, reason, actor);
		begin_episode(d);
		text = handover_absence(d);
		if (!text)
			text = compose_text(d, TEXT_HANDOVER, NULL);
	}
	/* Whoever tells of a fraud names other people's numbers. */
	call_back_take(d, false);
	add_waiting(d, text);
	compose_reply(d);
}

void
handover_tell_both(struct deciding *d, const char *text, const char *person)
{
	const char *desk = desk_plugin(d);
	const char *ended = form_settle(d);
	if (ended)
		text = arena_printf(d->arena, "%s\n\n%s", text, ended);
	compose_row(d, "", "notice", "handover", "", text);
	if (*desk)
		compose_row(d, desk, "card_update", "", person,
			    conversation_state_name(d->out->state));
}

void
handover_lose_person(struct deciding *d, const char *reason)
{
	handover_change(d, STATE_WAITING, reason, "timer");
	begin_episode(d);
	compose_paragraph(d, compose_text(d, TEXT_PERSON_LEFT, NULL));
	const char *absence = handover_absence(d);
	if (absence)
		compose_paragraph(d, absence);
	compose_row(d, "", "notice", "handover", "", buf_str(&d->body));
	handover_forward(d);
}

void
handover_give_up(struct deciding *d, const char *reason)
{
	if (d->out->state == STATE_PERSON) {
		handover_change(d, STATE_WAITING, reason, "timer");
		begin_episode(d);
		compose_row(d, "", "notice", "handover", "",
			    compose_text(d, TEXT_PERSON_LEFT, NULL));
	}
	d->memory.is_told = true;
}

bool
handover_is_unwanted(const struct deciding *d)
{
	if (is_chosen(d, OPTION_BOT))
		return true;
	if (d->out->state != STATE_WAITING || d->chosen)
		return false;
	return smalltalk_is(d->smalltalk, STOP_WAITING) ||
	       (!d->memory.form.name && smalltalk_is(d->smalltalk, NEVER_MIND));
}

void
handover_leave(struct deciding *d)
{
	const char *desk = desk_plugin(d);
	bool is_late = d->out->state == STATE_BOT; /* an old button */
	/* A form that is being asked goes on behind it. */
	d->out->kind = form_is_open(d) ? TURN_FORM : TURN_HANDOVER;
	d->out->rule = "left the queue";
	d->out->confidence = 1;
	if (!is_late) {
		handover_change(d, STATE_BOT, d->out->rule, "customer");
		/* The reply names no form that ends with it. */
		const char *ended = form_is_open(d) ? NULL : form_settle(d);
		if (ended)
			compose_paragraph(d, ended);
	}
	compose_paragraph(d, compose_text(d, TEXT_RETURNED, NULL));
	compose_reply(d);
	if (!is_late && *desk)
		compose_row(d, desk, "card_update", "", "",
			    conversation_state_name(d->out->state));
}

bool
handover_take_number(struct deciding *d)
{
	bool is_asked = form_is_open(d);
	/* What is said to a form is its answer first. */
	bool is_all = !is_asked || call_back_is_all(d);
	if (d->out->state != STATE_WAITING || !call_back_take(d, is_all) ||
	    !is_all)
		return false;
	/* A form that is being asked goes on behind it. */
	d->out->kind = is_asked ? TURN_FORM : TURN_HANDOVER;
	d->out->rule = "call_back";
	d->out->confidence = 1;
	handover_add_waiting(d);
	compose_reply(d);
	return true;
}
