/* What agents and timers do to a conversation.  Each of their acts comes in as
 * a message, so that it is one turn like any other: it happens once, and in
 * order with what the customer writes. */
#include <assert.h>
#include <string.h>

#include <tellerd/plugin.h>

#include "dialog/deciding.h"
#include "dialog/delivery.h"
#include "dialog/said.h"

/* Of a claim: also from somebody else who has it. */
#define TAKE_OVER "take_over"

/* Never "", which is the bot's. */
static const char *
name_of(const struct message *message)
{
	return *message->author_name ? message->author_name
				     : message->author_id;
}

static bool
is_owner(const struct deciding *d, const struct message *message)
{
	return d->out->state == STATE_PERSON &&
	       strcmp(d->out->owner, message->author_id) == 0;
}

/* Whoever has the conversation and does something about it keeps it. */
static void
renew(struct deciding *d)
{
	const struct decide_settings *settings = &d->in->knowledge->settings;
	d->out->lease_until_us = d->in->now_us + settings->lease_ms * 1000;
}

static bool
act_claim(struct deciding *d, const struct message *message)
{
	const char *reason = "claimed";
	/* Nobody without an id: he would be one with all the others. */
	if (d->out->state == STATE_CLOSED || !*message->author_id)
		return false;
	if (is_owner(d, message)) {
		renew(d);
		return true;
	}
	if (d->out->state == STATE_PERSON) {
		if (strcmp(message->option, TAKE_OVER) != 0)
			return false;
		reason = arena_printf(d->arena, "taken over from %s",
				      d->out->owner);
	}
	handover_change(d, STATE_PERSON, reason, message->author_id);
	d->out->owner = message->author_id;
	renew(d);
	d->memory.desk = *message->target ? message->target : d->in->desk;
	handover_tell_both(d, compose_text(d, TEXT_CLAIMED, name_of(message)),
			   name_of(message));
	return true;
}

/* Words of anybody but the one who has it stay among colleagues. */
static bool
act_agent(struct deciding *d, const struct message *message)
{
	if (!is_owner(d, message))
		return false;
	renew(d);
	compose_row(d, "", JOB_AGENT_TEXT, "", name_of(message),
		    said_mark(d->arena, message->text));
	return true;
}

/* A note is kept where it is, in the inbox. */
static bool
act_note(struct deciding *d, const struct message *message)
{
	if (is_owner(d, message))
		renew(d);
	return true;
}

/* Who does not have it first has to take it over. */
static bool
end(struct deciding *d, const struct message *message,
    enum conversation_state to, const char *reason, enum pack_text text)
{
	if (d->out->state == STATE_PERSON && !is_owner(d, message))
		return false;
	handover_change(d, to, reason, message->author_id);
	handover_tell_both(d, compose_text(d, text, NULL), "");
	return true;
}

static bool
act_return(struct deciding *d, const struct message *message)
{
	if (d->out->state == STATE_BOT || d->out->state == STATE_CLOSED)
		return false;
	return end(d, message, STATE_BOT, "returned", TEXT_RETURNED);
}

static bool
act_close(struct deciding *d, const struct message *message)
{
	if (d->out->state == STATE_CLOSED)
		return false;
	return end(d, message, STATE_CLOSED, "closed", TEXT_CLOSED);
}

static bool
is_unclaimed(const struct deciding *d)
{
	return d->out->state == STATE_WAITING && !d->memory.is_told &&
	       d->in->now_us >= d->memory.since_us;
}

static bool
is_lease_over(const struct deciding *d)
{
	return d->out->state == STATE_PERSON && d->out->lease_until_us &&
	       d->in->now_us >= d->out->lease_until_us;
}

static bool
is_desk_gone(const struct deciding *d)
{
	return d->out->state == STATE_PERSON && !handover_has_person(d);
}

/* He was told out of hours when somebody answers: it is not that time yet, or
 * now it is and nobody came. */
static bool
act_unclaimed(struct deciding *d, const struct message *message)
{
	(void)message;
	const char *text = handover_absence(d);
	if (!text) {
		d->memory.is_told = true;
		text = compose_text(d, TEXT_UNCLAIMED, NULL);
	}
	compose_row(d, "", "notice", "handover", "", text);
	return true;
}

static bool
act_lease_ended(struct deciding *d, const struct message *message)
{
	(void)message;
	handover_lose_person(d, "lease ended");
	return true;
}

static bool
act_desk_gone(struct deciding *d, const struct message *message)
{
	(void)message;
	handover_lose_person(d, "the desk is gone");
	return true;
}

/* What he was told where others read along does not hold. */
static bool
act_unreached(struct deciding *d, const struct message *message)
{
	(void)message;
	compose_row(d, "", "notice", "handover", "",
		    compose_text(d, TEXT_UNREACHED, NULL));
	return true;
}

static const char *
why_not(const struct deciding *d)
{
	switch (d->out->state) {
	case STATE_PERSON:
		return arena_printf(d->arena, "%s has the conversation",
				    d->out->owner);
	case STATE_WAITING:
		return "nobody has the conversation, claim it first";
	case STATE_BOT:
		return "the assistant has the conversation, claim it first";
	default:
		return "the conversation is closed";
	}
}

/* To whom an agent's claim, words or end did not count, as his lease was over
 * or a colleague was before him: else he takes it for done.  Who works by
 * tellerctl waits for the outcome, and is told. */
static void
tell_refused(struct deciding *d, const struct message *message,
	     const char *undone)
{
	if (!*message->target || strcmp(message->target, CHANNEL_TERMINAL) == 0)
		return;
	compose_row(d, message->target, "card_update", "", "",
		    arena_printf(d->arena, "%s\n%s: %s (%s)",
				 conversation_state_name(d->out->state), undone,
				 why_not(d), name_of(message)));
}

/* What acts upon a conversation besides the customer's words. */
static const struct action {
	const char *kind; /* of the message */
	/* false: it does not apply to what the conversation is by now, if it
	 * is due. */
	bool (*act)(struct deciding *, const struct message *);
	const char *undone; /* what an agent has to know then; NULL: nothing */
	/* Of a timer, which brings it up until it is settled: does it apply
	 * still?  NULL: it is an agent's. */
	bool (*is_due)(const struct deciding *);
} actions[] = {
	{"claim", act_claim, "not claimed", NULL},
	{"agent", act_agent, "not sent to the customer", NULL},
	{"note", act_note, NULL, NULL},
	{"return", act_return, "not given back", NULL},
	{"close", act_close, "not closed", NULL},
	{"unclaimed", act_unclaimed, NULL, is_unclaimed},
	{"lease_ended", act_lease_ended, NULL, is_lease_over},
	{"desk_gone", act_desk_gone, NULL, is_desk_gone},
	{MESSAGE_UNREACHED, act_unreached, NULL, NULL},
};

static const struct action *
find_action(const char *kind)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		if (strcmp(actions[i].kind, kind) == 0)
			return &actions[i];
	return NULL;
}

bool
handover_is_action(const struct message *message)
{
	return find_action(message->kind) != NULL;
}

static_assert(MESSAGE_TRUST_OWN == TELLER_TRUST_AGENT, "who may act");

void
handover_act(struct deciding *d, const struct message *message)
{
	const struct action *action = find_action(message->kind);
	d->out->kind = TURN_HANDOVER;
	bool is_agent = message->trust >= TELLER_TRUST_AGENT;
	bool is_due = is_agent && (!action->is_due || action->is_due(d));
	/* One that crashes us is not tried for ever, as his words are not. */
	bool is_done = is_due && !d->is_unread && action->act(d, message);
	if (is_due && d->is_unread && action->is_due)
		handover_give_up(d, action->kind);
	if (is_agent && !is_done && action->undone)
		tell_refused(d, message, action->undone);
	d->out->rule = is_done ? action->kind : RULE_REFUSED;
}
