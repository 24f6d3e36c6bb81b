/* What somebody does, as messages, and the turns that follow. */
#include "dialog/rehearsal_parts.h"

#include <stdlib.h>
#include <string.h>

#include <tellerd/plugin.h>

#include "base/json.h"
#include "dialog/intake.h"
#include "dialog/intake_redact.h"
#include "dialog/memory.h"
#include "dialog/waiting.h"

#define OPTIONS_DEPTH 4
#define TIMERS_MAX 1000 /* while a customer waits */
#define NUMBER_BYTES 24

/* ---- Turns */

/* What a commit would keep of it. */
static void
carry_over(struct playing *p, const struct turn_result *result)
{
	struct conversation *conversation = &p->conversation;
	conversation->state = result->state;
	conversation->failed_turns = result->failed_turns;
	conversation->memory = result->memory;
	conversation->owner = result->owner;
	conversation->lease_until_us = result->lease_until_us;
	conversation->turns++;
}

static void
listen(struct playing *p, const struct turn_result *result, struct heard *heard)
{
	for (size_t i = 0; i < result->n_replies; i++) {
		const struct reply *reply = &result->replies[i];
		if (!rehearsal_is_customers(reply))
			continue;
		if (heard->text.len)
			buf_adds(&heard->text, "\n\n");
		buf_adds(&heard->text, reply->text);
		heard->n_replies++;
		const char *options =
			reply->options_json ? reply->options_json : "[]";
		json_decref(p->options);
		p->options = json_read(options, strlen(options), OPTIONS_DEPTH,
				       NULL);
		json_decref(heard->options);
		heard->options = json_incref(p->options);
	}
}

/* The turns of these messages: one may leave some to the next. */
static void
decide(struct playing *p, const struct message *messages, size_t n,
       struct heard *heard)
{
	while (n) {
		const struct conversation before = p->conversation;
		struct turn_input input = {
			.conversation = &before,
			.messages = messages,
			.n_messages = n,
			.knowledge = &p->knowledge,
			.scratch = p->scratch,
			.desk = p->script->has_desk ? SCRIPT_DESK : "",
			.now_us = p->now_us,
		};
		turn_decide(&input, &p->arena, &heard->result);
		heard->n_turns++;
		rehearsal_watch(p, &input, &heard->result, heard);
		carry_over(p, &heard->result);
		intake_asked(p->recent, &before, &heard->result);
		listen(p, &heard->result, heard);
		messages += heard->result.n_messages;
		n -= heard->result.n_messages;
	}
}

/* ---- Messages */

static bool
take_in(struct playing *p, const struct teller_message *in, struct message *out,
	struct heard *heard)
{
	const char *alone;
	*out = (struct message){
		.id = p->next_id++,
		.conversation_id = p->conversation.id,
	};
	if (!intake_fill(out, &p->arena, p->recent, p->conversation.channel, in,
			 p->now_us, p->now_us, &alone))
		return true;
	rehearsal_fail(heard, "text", "one that can be kept", "it cannot be");
	return false;
}

static struct teller_message
message_of(const struct playing *p, enum teller_message_kind kind,
	   const char *text)
{
	return (struct teller_message){
		.size = sizeof(struct teller_message),
		.kind = kind,
		.account = "",
		.conversation = p->conversation.key,
		.author.trust = TELLER_TRUST_NONE,
		.text = text,
		.text_len = strlen(text),
	};
}

static void
take_one(struct playing *p, const struct teller_message *in,
	 struct heard *heard)
{
	struct message message;
	if (take_in(p, in, &message, heard))
		decide(p, &message, 1, heard);
}

static void
customer(struct playing *p, const struct script_turn *turn, struct heard *heard)
{
	size_t n = turn->texts.n;
	struct message *messages = arena_array(&p->arena, n, sizeof(*messages));
	for (size_t i = 0; i < n; i++) {
		struct teller_message in = message_of(p, TELLER_MESSAGE_TEXT,
						      turn->texts.items[i]);
		if (!take_in(p, &in, &messages[i], heard))
			return;
	}
	decide(p, messages, n, heard);
}

/* The option of that number, from 1, or with that label; NULL: none. */
static const char *
find_option(const json_t *options, const char *choice)
{
	size_t i;
	const json_t *option;
	json_array_foreach (options, i, option) {
		char number[NUMBER_BYTES];
		snprintf(number, sizeof(number), "%zu", i + 1);
		if (strcmp(choice, number) == 0 ||
		    strcmp(choice, json_get_text(option, "label", "")) == 0)
			return json_get_text(option, "id", NULL);
	}
	return NULL;
}

static void
choice(struct playing *p, const struct script_turn *turn, struct heard *heard)
{
	const char *id = find_option(p->options, turn->choice);
	if (!id) {
		rehearsal_fail(heard, "chooses", turn->choice,
			       "no such option was offered");
		return;
	}
	struct teller_message in = message_of(p, TELLER_MESSAGE_OPTION, "");
	in.option = id;
	take_one(p, &in, heard);
}

static enum teller_message_kind
agent_kind(const char *name)
{
	static const struct {
		const char *name;
		enum teller_message_kind kind;
	} kinds[] = {
		{"claim", TELLER_MESSAGE_CLAIM},
		{"agent", TELLER_MESSAGE_AGENT},
		{"note", TELLER_MESSAGE_NOTE},
		{"return", TELLER_MESSAGE_RETURN},
		{"close", TELLER_MESSAGE_CLOSE},
	};
	size_t i = 0;
	while (strcmp(kinds[i].name, name) != 0)
		i++;
	return kinds[i].kind;
}

static void
agent(struct playing *p, const struct script_turn *turn, struct heard *heard)
{
	struct teller_message in =
		message_of(p, agent_kind(turn->kind), turn->text);
	in.author = (struct teller_author){
		.id = turn->who,
		.name = turn->who,
		.trust = TELLER_TRUST_AGENT,
	};
	take_one(p, &in, heard);
}

/* ---- Time */

/* When the next timer of the conversation is due, and the message that it comes
 * in as; false: none runs. */
static bool
next_timer(struct playing *p, int64_t *at_r, enum teller_message_kind *kind_r)
{
	struct memory memory;
	enum due_kind kind;
	memory_read(&memory, &p->arena, p->conversation.memory);
	*at_r = waiting_until(&p->conversation, &memory, p->claim_ms, &kind);
	*kind_r = kind == DUE_LEASE ? MESSAGE_LEASE_ENDED : MESSAGE_UNCLAIMED;
	return *at_r != 0;
}

static void
wait_for(struct playing *p, const struct script_turn *turn, struct heard *heard)
{
	int64_t end_us = p->now_us + turn->wait_us, at_us;
	enum teller_message_kind kind;
	int n = 0;
	while (next_timer(p, &at_us, &kind) && at_us <= end_us) {
		if (n++ == TIMERS_MAX) {
			rehearsal_fail(heard, "wait", "an end of timers",
				       "one that fires without end");
			break;
		}
		struct teller_message in = message_of(p, kind, "");
		in.author.trust = TELLER_TRUST_AGENT;
		if (at_us > p->now_us)
			p->now_us = at_us;
		take_one(p, &in, heard);
	}
	p->now_us = end_us;
}

void
rehearsal_act(struct playing *p, const struct script_turn *turn,
	      struct heard *heard)
{
	static void (*const acts[])(struct playing *,
				    const struct script_turn *,
				    struct heard *) = {
		[SCRIPT_CUSTOMER] = customer,
		[SCRIPT_CHOICE] = choice,
		[SCRIPT_AGENT] = agent,
		[SCRIPT_WAIT] = wait_for,
	};
	acts[turn->act](p, turn, heard);
}
