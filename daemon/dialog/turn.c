#include "dialog/turn.h"

#include <stdio.h>
#include <string.h>

#include "dialog/deciding.h"
#include "dialog/form.h"
#include "dialog/said.h"

static const char *const kind_names[] = {
	[TURN_ANSWER] = "answer",
	[TURN_OPTIONS] = "options",
	[TURN_ASK] = "ask",
	[TURN_FORM] = "form",
	[TURN_SMALLTALK] = "smalltalk",
	[TURN_OUT_OF_SCOPE] = "out_of_scope",
	[TURN_HANDOVER] = "handover",
};

#define QUESTION_MAX_BYTES (8 * 1024 * 1024)

const char *
turn_kind_name(enum turn_kind kind)
{
	return kind_names[kind];
}

/* A turn answers all that the customer said in a row, or one act; where others
 * read along, and may write, what one of them said. */
static size_t
count_messages(const struct turn_input *in)
{
	if (handover_is_action(&in->messages[0]))
		return 1;
	size_t n = 1;
	while (n < in->n_messages && !handover_is_action(&in->messages[n]) &&
	       private_is_same(&in->messages[0], &in->messages[n]))
		n++;
	return n;
}

const char *
turn_question(const struct message *messages, size_t n, struct arena *arena)
{
	struct buf all;
	buf_init(&all, QUESTION_MAX_BYTES);
	for (size_t i = 0; i < n; i++) {
		if (all.len && *messages[i].text)
			buf_addc(&all, '\n');
		buf_adds(&all, messages[i].text);
	}
	const char *joined = arena_strdup(arena, buf_str(&all));
	buf_release(&all);
	return joined;
}

static bool
asks_for_person(const struct deciding *d)
{
	for (size_t i = 0; i < d->out->n_messages; i++)
		if (strcmp(d->in->messages[i].kind, "handover") == 0)
			return true;
	return is_chosen(d, OPTION_PERSON);
}

static bool
has_crashed(const struct deciding *d)
{
	for (size_t i = 0; i < d->out->n_messages; i++)
		if (d->in->messages[i].crashes >=
		    d->in->knowledge->settings.max_crashes)
			return true;
	return false;
}

/* Of a number from the store, of which more than this many are one too many. */
static int
bounded(int failed_turns)
{
	enum { MOST = 1000 };
	return failed_turns < 0 ? 0 : failed_turns > MOST ? MOST : failed_turns;
}

/* The trigger that the words fire; the one beside it, if any, takes its place
 * where it is but a part of an answer. */
static const struct trigger *
hear_triggers(struct deciding *d, const struct trigger **beside_r)
{
	struct trigger_fired fired = pack_triggers(
		d->in->knowledge->pack, d->question, strlen(d->question));
	const struct trigger *trigger = form_trigger(d, fired.first);
	*beside_r = trigger ? fired.beside : NULL;
	return trigger ? trigger : form_trigger(d, fired.beside);
}

static void
begin_by_trigger(struct deciding *d, const struct trigger *trigger,
		 const struct trigger *beside)
{
	const char *rule = arena_printf(d->arena, "trigger:%s", trigger->name);
	const char *answer = trigger->answer;
	if (beside) {
		rule = arena_printf(d->arena, "%s, trigger:%s", rule,
				    beside->name);
		answer = arena_printf(d->arena, "%s\n\n%s", answer,
				      beside->answer);
	}
	d->out->confidence = 1;
	handover_begin(d, rule, "bot", answer);
}

static void
decide_words(struct deciding *d)
{
	const struct pack *pack = d->in->knowledge->pack;
	d->smalltalk = pack_smalltalk(pack, d->question, strlen(d->question));
	d->chosen = choose_option(d);
	topic_age(d);
	const struct trigger *beside, *trigger = hear_triggers(d, &beside);
	if (trigger) {
		begin_by_trigger(d, trigger, beside);
	} else if (handover_is_unwanted(d)) {
		handover_leave(d);
	} else if (asks_for_person(d)) {
		d->out->confidence = 1;
		handover_begin(d, "asked", "customer", NULL);
	} else if (d->out->state == STATE_PERSON) {
		/* Whoever has it cannot be reached any more. */
		handover_begin(d, "the desk is gone", "bot",
			       compose_text(d, TEXT_PERSON_LEFT, NULL));
	} else if (!handover_take_number(d) && !form_take(d)) {
		answer_customer(d);
	}
}

static void
decide_customer(struct deciding *d)
{
	/* He chooses from what was offered before, or it is over. */
	d->memory.n_offered = d->memory.n_shown = 0;
	if (d->out->state == STATE_CLOSED)
		handover_change(d, STATE_BOT, "wrote again", "customer");
	if (handover_has_person(d)) {
		d->out->kind = TURN_HANDOVER;
		d->out->rule = "person";
	} else if (d->is_unread) {
		handover_begin(d, RULE_CRASHED, "bot",
			       compose_text(d, TEXT_CRASHED, NULL));
	} else {
		decide_words(d);
	}
	if (private_is_due(d))
		private_go_on(d);
	if (d->out->state != STATE_BOT)
		handover_forward(d);
}

void
turn_decide(const struct turn_input *in, struct arena *arena,
	    struct turn_result *result_r)
{
	const struct conversation *conversation = in->conversation;
	struct turn_result *out = result_r;
	*out = (struct turn_result){
		.rule = "",
		.entry = "",
		.state = conversation->state,
		.failed_turns = bounded(conversation->failed_turns),
		.owner = conversation->owner,
		.lease_until_us = conversation->lease_until_us,
	};
	out->n_messages = count_messages(in);
	struct deciding d = {
		.in = in,
		.arena = arena,
		.out = out,
		.options = json_array(),
		.sources = json_array(),
	};
	buf_init(&d.body, REPLY_MAX_BYTES);
	memory_read(&d.memory, arena, conversation->memory);
	said_adopt(&d.memory, in->messages[0].id);
	d.before = d.memory;
	d.question = turn_question(in->messages, out->n_messages, arena);
	out->question = d.question;
	d.is_unread = has_crashed(&d);
	if (handover_is_action(&in->messages[0]))
		handover_act(&d, &in->messages[0]);
	else
		decide_customer(&d);
	if (!conversation->turns && !d.has_replied)
		d.memory.owes_disclosure = true;
	form_settle(&d);
	out->asks_digits = form_asks(&d, SLOT_CARD);
	out->memory = memory_write(&d.memory, arena);
	out->record = record_write(&d);
	out->derived = said_derive(&d);
	json_decref(d.options);
	json_decref(d.sources);
	buf_release(&d.body);
}
