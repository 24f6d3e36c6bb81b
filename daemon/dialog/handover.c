/* Who has the conversation: the bot, nobody yet (it waits), a person, or it is
 * closed.  Every act of an agent and every timer comes in as a message, so that
 * it is one turn like any other: it happens once, and in order with what the
 * customer writes. */
#include "dialog/deciding.h"

#include <assert.h>
#include <string.h>

#include <tellerd/plugin.h>

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
	d->memory.n_offered = 0;
	if (to != STATE_PERSON) {
		out->owner = "";
		out->lease_until_us = 0;
	}
}

/* On a card, unless that desk has the card of this episode (it may be another
 * desk, or the first one, by now).  The words are not copied into the row. */
void
handover_forward(struct deciding *d)
{
	const char *desk = d->in->desk;
	if (!*desk)
		return;
	bool has_card = strcmp(d->memory.desk, desk) == 0;
	compose_row(d, desk, has_card ? "customer_text" : "desk_card", "", "",
		    "");
	d->memory.desk = desk;
}

static void
begin_episode(struct deciding *d)
{
	d->memory.episode++;
	d->memory.since_us = d->in->now_us;
	d->memory.desk = "";
	/* Where nobody will come to claim it, he is told so at once. */
	d->memory.is_told = !*d->in->desk;
}

void
handover_begin(struct deciding *d, const char *reason, const char *actor,
	       const char *first_aid)
{
	enum pack_text text = TEXT_WAITING;
	d->out->kind = TURN_HANDOVER;
	d->out->rule = reason;
	if (first_aid)
		compose_paragraph(d, first_aid);
	if (d->out->state != STATE_WAITING) {
		handover_change(d, STATE_WAITING, reason, actor);
		begin_episode(d);
		text = d->memory.is_told ? TEXT_UNCLAIMED : TEXT_HANDOVER;
	}
	compose_paragraph(d, compose_text(d, text, NULL));
	compose_reply(d);
}

/* A notice for the customer, and the card's new state for the desk. */
static void
tell_both(struct deciding *d, const char *text)
{
	compose_row(d, "", "notice", "handover", "", text);
	if (*d->in->desk)
		compose_row(d, d->in->desk, "card_update", "", "",
			    conversation_state_name(d->out->state));
}

/* Never "", which is the bot's. */
static const char *
name_of(const struct message *message)
{
	return *message->author_name ? message->author_name
				     : message->author_id;
}

static void
act_claim(struct deciding *d, const struct message *message)
{
	/* Nobody without an id: he would be one with all the others. */
	if (d->out->state == STATE_PERSON || d->out->state == STATE_CLOSED ||
	    !*message->author_id)
		return;
	handover_change(d, STATE_PERSON, "claimed", message->author_id);
	d->out->owner = message->author_id;
	d->memory.desk = d->in->desk;
	tell_both(d, compose_text(d, TEXT_CLAIMED, name_of(message)));
}

static void
act_agent(struct deciding *d, const struct message *message)
{
	bool is_owner = d->out->state == STATE_PERSON &&
			strcmp(d->out->owner, message->author_id) == 0;
	/* Words of anybody but the one who has it stay among colleagues. */
	if (is_owner)
		compose_row(d, "", "agent_text", "", name_of(message),
			    message->text);
}

static void
act_return(struct deciding *d, const struct message *message)
{
	if (d->out->state == STATE_BOT || d->out->state == STATE_CLOSED)
		return;
	handover_change(d, STATE_BOT, "returned", message->author_id);
	tell_both(d, compose_text(d, TEXT_RETURNED, NULL));
}

static void
act_close(struct deciding *d, const struct message *message)
{
	if (d->out->state == STATE_CLOSED)
		return;
	handover_change(d, STATE_CLOSED, "closed", message->author_id);
	tell_both(d, compose_text(d, TEXT_CLOSED, NULL));
}

static void
act_note(struct deciding *d, const struct message *message)
{
	(void)d;
	(void)message; /* a note is kept where it is, in the inbox */
}

static void
act_unclaimed(struct deciding *d, const struct message *message)
{
	(void)message;
	if (d->out->state != STATE_WAITING || d->memory.is_told)
		return;
	d->memory.is_told = true;
	compose_row(d, "", "notice", "handover", "",
		    compose_text(d, TEXT_UNCLAIMED, NULL));
}

/* What acts upon a conversation besides the customer's words. */
static const struct action {
	const char *kind; /* of the message */
	int trust;	  /* the author's, at least */
	void (*act)(struct deciding *, const struct message *);
} actions[] = {
	{"claim", TELLER_TRUST_AGENT, act_claim},
	{"agent", TELLER_TRUST_AGENT, act_agent},
	{"note", TELLER_TRUST_AGENT, act_note},
	{"return", TELLER_TRUST_AGENT, act_return},
	{"close", TELLER_TRUST_AGENT, act_close},
	{"unclaimed", TELLER_TRUST_AGENT, act_unclaimed},
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

void
handover_act(struct deciding *d, const struct message *message)
{
	const struct action *action = find_action(message->kind);
	d->out->kind = TURN_HANDOVER;
	if (message->trust < action->trust) {
		d->out->rule = "refused";
		return;
	}
	d->out->rule = action->kind;
	action->act(d, message);
}
