/* Where others read along, nobody is asked for what concerns him alone.  A turn
 * is decided there like any other; one that would have a form or a person come
 * is taken back, and what the customer wrote goes on, as it is or as it was
 * understood, in the conversation with him alone.  It is decided anew there, so
 * that one turn is of one conversation. */
#include <string.h>

#include "dialog/deciding.h"

static bool
is_shared(const struct message *message)
{
	return message->private_key && *message->private_key;
}

bool
private_is_same(const struct message *a, const struct message *b)
{
	return is_shared(a) == is_shared(b) &&
	       (!is_shared(a) || strcmp(a->private_key, b->private_key) == 0);
}

/* What was begun before the channel said that others read along goes on where
 * it is. */
static bool
was_begun(const struct deciding *d)
{
	enum conversation_state state = d->in->conversation->state;
	return state == STATE_WAITING || state == STATE_PERSON ||
	       d->before.form.name;
}

bool
private_is_due(const struct deciding *d)
{
	const struct message *message = &d->in->messages[0];
	return is_shared(message) &&
	       strcmp(message->private_key, d->in->conversation->key) != 0 &&
	       !was_begun(d) &&
	       (d->out->state != STATE_BOT || d->memory.form.name ||
		d->out->form);
}

static void
take_back(struct deciding *d)
{
	const struct conversation *conversation = d->in->conversation;
	struct turn_result *out = d->out;
	*out = (struct turn_result){
		.n_messages = out->n_messages,
		.question = out->question,
		.kind = TURN_HANDOVER,
		.rule = arena_printf(d->arena, "private, %s", out->rule),
		.entry = "",
		.confidence = out->confidence,
		.state = conversation->state,
		.owner = conversation->owner,
		.lease_until_us = conversation->lease_until_us,
	};
	d->memory = d->before;
	d->form = NULL;
	d->n_answers = 0;
	d->has_replied = d->may_leave = false;
	buf_clear(&d->body);
	json_array_clear(d->sources);
	compose_no_options(d);
	if (out->state == STATE_CLOSED)
		handover_change(d, STATE_BOT, "wrote again", "customer");
}

/* Is what he chose said by a message of its own? */
static bool
has_choice(const struct deciding *d)
{
	for (size_t i = 0; i < d->out->n_messages; i++)
		if (strcmp(d->in->messages[i].kind, "option") == 0)
			return true;
	return false;
}

/* What the words alone do not say there: that they chose what was offered here,
 * or were the last of too many that were not understood. */
static const char *
kind_beside(const struct deciding *d, const char *rule)
{
	if (strcmp(rule, RULE_NOT_UNDERSTOOD) == 0)
		return "handover";
	return d->chosen && !has_choice(d) ? "option" : NULL;
}

static struct message
take_along(const struct message *message)
{
	struct message own = *message;
	own.origin_id = message->id;
	own.id = own.conversation_id = 0;
	own.private_key = "";
	return own;
}

static void
leave_onward(struct deciding *d, const char *rule)
{
	struct turn_result *out = d->out;
	size_t n = out->n_messages;
	struct message *list = arena_array(d->arena, n + 1, sizeof(*list));
	for (size_t i = 0; i < n; i++)
		list[i] = take_along(&d->in->messages[i]);
	const char *beside = kind_beside(d, rule);
	if (beside) {
		list[n] = list[n - 1];
		list[n].kind = beside;
		list[n].text = list[n].redacted = list[n].attachments = "";
		list[n].option = strcmp(beside, "option") == 0 ? d->chosen : "";
		n++;
	}
	out->onward_key = d->in->messages[0].private_key;
	out->onward = list;
	out->n_onward = n;
}

void
private_go_on(struct deciding *d)
{
	const char *rule = d->out->rule;
	take_back(d);
	leave_onward(d, rule);
	compose_paragraph(d, compose_text(d, TEXT_PRIVATE, NULL));
	compose_reply(d);
}
