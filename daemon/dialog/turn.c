#include "dialog/turn.h"

#include <stdio.h>
#include <string.h>

#include "dialog/deciding.h"
#include "text/language.h"
#include "text/tokens.h"

static const char *const kind_names[] = {
	[TURN_ANSWER] = "answer",
	[TURN_OPTIONS] = "options",
	[TURN_ASK] = "ask",
	[TURN_FORM] = "form",
	[TURN_SMALLTALK] = "smalltalk",
	[TURN_OUT_OF_SCOPE] = "out_of_scope",
	[TURN_HANDOVER] = "handover",
};

/* Failed turns after which every further one offers a person. */
#define OFFER_PERSON_AFTER 2

#define QUESTION_MAX_BYTES (8 * 1024 * 1024)

/* Options of a reply: an entry by name, or a person. */
#define OPTION_ENTRY "faq:"
#define OPTION_PERSON "person"

const char *
turn_kind_name(enum turn_kind kind)
{
	return kind_names[kind];
}

/* A turn answers all that the customer said in a row, or one act. */
static size_t
count_messages(const struct turn_input *in)
{
	if (handover_is_action(&in->messages[0]))
		return 1;
	size_t n = 1;
	while (n < in->n_messages && !handover_is_action(&in->messages[n]))
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

static void
answer_entry(struct deciding *d, const struct index_entry *entry,
	     const char *rule, double confidence)
{
	d->entry = entry;
	d->out->kind = TURN_ANSWER;
	d->out->rule = rule;
	d->out->confidence = confidence;
	d->out->entry =
		arena_printf(d->arena, "%s@%d", entry->name, entry->version);
	d->out->failed_turns = 0;
	json_array_append_new(d->sources,
			      json_pack("{s:s,s:i,s:s}", "id", entry->name,
					"version", entry->version, "title",
					entry->question));
	compose_paragraph(d, entry->answer);
	compose_reply(d);
}

/* To a customer who waits, anything but an answer is that he still waits. */
static void
still_waiting(struct deciding *d, const char *rule)
{
	d->out->kind = TURN_HANDOVER;
	d->out->rule = rule;
	compose_paragraph(d, compose_text(d, TEXT_WAITING, NULL));
	compose_reply(d);
}

/* What was not understood: the reply says so, and the second one in a row
 * offers a person. */
static void
fail_turn(struct deciding *d, enum turn_kind kind, const char *rule,
	  const char *text)
{
	if (d->out->state == STATE_WAITING) {
		still_waiting(d, rule);
		return;
	}
	d->out->kind = kind;
	d->out->rule = rule;
	d->out->failed_turns++;
	compose_paragraph(d, text);
	if (d->out->failed_turns >= OFFER_PERSON_AFTER) {
		const char *offer = compose_text(d, TEXT_OFFER_PERSON, NULL);
		compose_paragraph(d, offer);
		compose_option(d, OPTION_PERSON,
			       compose_text(d, TEXT_PERSON_BUTTON, NULL));
	}
	compose_reply(d);
}

static void
ask_about(struct deciding *d, const struct index_entry *entry)
{
	char *option = arena_printf(d->arena, OPTION_ENTRY "%s", entry->name);
	compose_option(d, option, entry->question);
	fail_turn(d, TURN_ASK, "retrieval",
		  compose_text(d, TEXT_ASK_ABOUT, entry->question));
}

/* No entry is near, or the language is not the desk's. */
static void
fail_search(struct deciding *d, const struct index_entry *nearest)
{
	const char *language =
		text_foreign_language(d->question, strlen(d->question),
				      d->in->knowledge->pack->language);
	if (language)
		fail_turn(
			d, TURN_OUT_OF_SCOPE,
			arena_printf(d->arena, "foreign_language:%s", language),
			compose_text(d, TEXT_FOREIGN_LANGUAGE, NULL));
	else if (nearest)
		ask_about(d, nearest);
	else
		fail_turn(d, TURN_OUT_OF_SCOPE, "retrieval",
			  compose_text(d, TEXT_OUT_OF_SCOPE, NULL));
}

static void
retrieve(struct deciding *d)
{
	const struct knowledge *knowledge = d->in->knowledge;
	const struct decide_settings *settings = &knowledge->settings;
	d->n_candidates =
		index_search(knowledge->index, d->in->scratch, d->question,
			     strlen(d->question), d->in->now_us,
			     (size_t)settings->n_candidates, d->candidates);
	double confidence =
		candidates_confidence(d->candidates, d->n_candidates);
	d->out->confidence = confidence;
	const struct index_entry *best =
		d->n_candidates
			? index_entry(knowledge->index, d->candidates[0].entry)
			: NULL;
	if (best && confidence >= settings->threshold)
		answer_entry(d, best, "retrieval", confidence);
	else
		fail_search(d, confidence >= settings->floor ? best : NULL);
}

static const struct index_entry *
entry_by_name(const struct deciding *d, const char *name)
{
	const struct index *index = d->in->knowledge->index;
	int64_t now = d->in->now_us;
	for (size_t i = 0; i < index_count(index); i++) {
		const struct index_entry *entry =
			index_entry(index, (uint32_t)i);
		bool is_valid =
			entry->valid_from_us <= now &&
			(!entry->valid_to_us || now < entry->valid_to_us);
		if (is_valid && strcmp(entry->name, name) == 0)
			return entry;
	}
	return NULL;
}

/* Which of the options "2", "(2)" or "2." is; -1: it is no such thing. */
static int
option_number(const char *text)
{
	text += strspn(text, " \t\r\n(");
	if (*text < '1' || *text > '0' + OFFERED_MAX)
		return -1;
	bool is_all = !text[1 + strspn(text + 1, " \t\r\n).")];
	return is_all ? *text - '1' : -1;
}

/* The newest choice among the messages, or what the words say of the options
 * of the last reply; NULL: none was made. */
static const char *
chosen_option(const struct deciding *d)
{
	for (size_t i = d->out->n_messages; i-- > 0;)
		if (strcmp(d->in->messages[i].kind, "option") == 0)
			return d->in->messages[i].option;
	const struct memory *memory = &d->memory;
	int number = option_number(d->question);
	if (number >= 0 && (size_t)number < memory->n_offered)
		return memory->offered[number];
	bool is_yes = d->smalltalk && strcmp(d->smalltalk->name, "yes") == 0;
	/* Of several the last is what the reply asked at its end. */
	return is_yes && memory->n_offered
		       ? memory->offered[memory->n_offered - 1]
		       : NULL;
}

static bool
asks_for_person(const struct deciding *d)
{
	for (size_t i = 0; i < d->out->n_messages; i++)
		if (strcmp(d->in->messages[i].kind, "handover") == 0)
			return true;
	return d->chosen && strcmp(d->chosen, OPTION_PERSON) == 0;
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

static const struct index_entry *
chosen_entry(const struct deciding *d)
{
	size_t prefix = strlen(OPTION_ENTRY);
	if (d->chosen && strncmp(d->chosen, OPTION_ENTRY, prefix) == 0)
		return entry_by_name(d, d->chosen + prefix);
	return NULL;
}

static void
reply_smalltalk(struct deciding *d)
{
	const char *rule =
		arena_printf(d->arena, "smalltalk:%s", d->smalltalk->name);
	d->out->confidence = 1;
	if (d->out->state == STATE_WAITING) {
		still_waiting(d, rule);
		return;
	}
	d->out->kind = TURN_SMALLTALK;
	d->out->rule = rule;
	compose_paragraph(d, d->smalltalk->answer);
	compose_reply(d);
}

/* Does the text say anything: not "?", "...", a lone picture? */
static bool
has_words(const char *text)
{
	struct tokens tokens;
	tokens_init(&tokens);
	if (tokens_split(&tokens, text, strlen(text), "") < 0)
		mem_exhausted();
	bool is_any = tokens.n > 0;
	tokens_release(&tokens);
	return is_any;
}

static void
decide_understood(struct deciding *d)
{
	const struct index_entry *entry = chosen_entry(d);
	if (entry) {
		answer_entry(d, entry, "confirmed", 1);
	} else if (d->chosen) {
		fail_turn(d, TURN_ASK, "option_gone",
			  compose_text(d, TEXT_ASK, NULL));
	} else if (!has_words(d->question)) {
		fail_turn(d, TURN_ASK, "unreadable",
			  compose_text(d, TEXT_UNREADABLE, NULL));
	} else if (d->smalltalk) {
		reply_smalltalk(d);
	} else {
		retrieve(d);
	}
}

static void
decide_words(struct deciding *d)
{
	const struct pack *pack = d->in->knowledge->pack;
	size_t len = strlen(d->question);
	d->smalltalk = pack_smalltalk(pack, d->question, len);
	d->chosen = chosen_option(d);
	d->memory.n_offered = 0;
	const struct trigger *trigger = pack_trigger(pack, d->question, len);
	if (trigger) {
		d->out->confidence = 1;
		handover_begin(
			d, arena_printf(d->arena, "trigger:%s", trigger->name),
			"bot", trigger->answer);
	} else if (asks_for_person(d)) {
		d->out->confidence = 1;
		handover_begin(d, "asked", "customer", NULL);
	} else if (d->out->state == STATE_PERSON) {
		/* Whoever has it cannot be reached any more. */
		handover_begin(d, "the desk is gone", "bot", NULL);
	} else {
		decide_understood(d);
	}
}

static void
decide_customer(struct deciding *d)
{
	if (d->out->state == STATE_CLOSED)
		handover_change(d, STATE_BOT, "wrote again", "customer");
	if (d->out->state == STATE_PERSON && *d->in->desk) {
		d->out->kind = TURN_HANDOVER;
		d->out->rule = "person";
	} else if (has_crashed(d)) {
		/* Nothing looks at the words: they may be what crashed us. */
		handover_begin(d, RULE_CRASHED, "bot",
			       compose_text(d, TEXT_CRASHED, NULL));
	} else {
		decide_words(d);
	}
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
		.failed_turns = conversation->failed_turns,
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
	d.question = turn_question(in->messages, out->n_messages, arena);
	out->question = d.question;
	if (handover_is_action(&in->messages[0]))
		handover_act(&d, &in->messages[0]);
	else
		decide_customer(&d);
	if (!conversation->turns && !d.has_replied)
		d.memory.owes_disclosure = true;
	out->memory = memory_write(&d.memory, arena);
	out->record = record_write(&d);
	json_decref(d.options);
	json_decref(d.sources);
	buf_release(&d.body);
}
