/* What came of a turn, beside what should have. */
#include "dialog/rehearsal_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/utf8.h"
#include "dialog/deciding.h"
#include "dialog/form.h"
#include "dialog/said.h"
#include "store/knowledge.h"
#include "text/template.h"

#define LIST_MAX 4000 /* bytes of a list in words */
#define MEMORY_DEPTH 16
#define RECORD_DEPTH 16
#define TEXT_MAX ((size_t)1 << 20) /* of what is said */

void
rehearsal_fail(struct heard *heard, const char *what, const char *expected,
	       const char *got)
{
	json_t *row = json_object();
	json_set_text(row, "what", what);
	json_set_text(row, "expected", expected);
	json_set_text(row, "got", got);
	json_array_append_new(heard->failures, row);
}

bool
rehearsal_is_customers(const struct reply *reply)
{
	return strcmp(reply->job, "reply") == 0 ||
	       strcmp(reply->job, "notice") == 0 ||
	       strcmp(reply->job, "agent_text") == 0;
}

/* ---- What is expected */

static bool
has(const struct script_texts *texts, const char *text)
{
	for (size_t i = 0; i < texts->n; i++)
		if (strcmp(texts->items[i], text) == 0)
			return true;
	return false;
}

static void
fail_list(struct heard *heard, const char *what, const char *before,
	  const struct script_texts *texts, const char *between,
	  const char *got)
{
	struct buf words;
	buf_init(&words, LIST_MAX);
	buf_adds(&words, before);
	for (size_t i = 0; i < texts->n; i++)
		buf_addf(&words, "%s%s", i ? between : "", texts->items[i]);
	rehearsal_fail(heard, what, buf_str(&words), got);
	buf_release(&words);
}

/* One text that is one of those. */
static void
expect_one(struct heard *heard, const struct script_expect *expect,
	   enum script_about about, const char *got)
{
	const struct script_texts *texts = &expect->about[about];
	bool is_not = about == SCRIPT_NOT_ENTRY;
	if (texts->line && has(texts, got) == is_not)
		fail_list(heard, script_about_name(about), is_not ? "not " : "",
			  texts, " or ", *got ? got : "none");
}

/* A text with the pack's facts, as the desk would say it; NULL: it has others.
 */
static const char *
with_facts(struct playing *p, const char *text)
{
	struct buf out;
	buf_init(&out, TEXT_MAX);
	int rc = template_fill(&out, text, facts_value,
			       &p->knowledge.pack->facts, NULL);
	const char *filled = rc ? NULL : arena_strdup(&p->arena, buf_str(&out));
	buf_release(&out);
	return filled;
}

static void
expect_said(struct playing *p, struct heard *heard,
	    const struct script_expect *expect, enum script_about about)
{
	const struct script_texts *texts = &expect->about[about];
	bool is_due = about == SCRIPT_SAYS;
	for (size_t i = 0; i < texts->n; i++) {
		const char *text = with_facts(p, texts->items[i]);
		bool is_said = text && strstr(buf_str(&heard->text), text);
		if (text && is_said == is_due)
			continue;
		rehearsal_fail(heard, script_about_name(about),
			       text ? text : texts->items[i],
			       !text	? "the pack has no such fact"
			       : is_due ? "it is not said"
					: "it is said");
	}
}

/* "faq:card-order" is card-order to who writes a script. */
static const char *
option_name(const json_t *option)
{
	const char *id = json_get_text(option, "id", "");
	size_t len = strlen(OPTION_ENTRY);
	return strncmp(id, OPTION_ENTRY, len) == 0 ? id + len : id;
}

static bool
is_offered(const json_t *options, const char *name)
{
	size_t i;
	const json_t *option;
	json_array_foreach (options, i, option)
		if (strcmp(option_name(option), name) == 0)
			return true;
	return false;
}

static void
expect_options(struct heard *heard, const struct script_texts *texts)
{
	bool is_right = texts->n || !json_array_size(heard->options);
	for (size_t i = 0; i < texts->n; i++)
		is_right &= is_offered(heard->options, texts->items[i]);
	if (!texts->line || is_right)
		return;
	struct buf got;
	size_t i;
	const json_t *option;
	buf_init(&got, LIST_MAX);
	json_array_foreach (heard->options, i, option)
		buf_addf(&got, "%s%s", i ? ", " : "", option_name(option));
	fail_list(heard, script_about_name(SCRIPT_OPTIONS),
		  texts->n ? "" : "none", texts, ", ",
		  got.len ? buf_str(&got) : "none");
	buf_release(&got);
}

static const char *
or_none(const char *name)
{
	return name && *name ? name : SCRIPT_NONE;
}

/* What the form has for a slot, or had when it ended; "": nothing. */
static const char *
slot_value(struct playing *p, const struct form_state *state,
	   const struct form_result *ended, const char *name)
{
	const struct form_value *value =
		state->name ? form_state_value(state, name) : NULL;
	if (value || !ended)
		return value ? value->value : "";
	json_t *slots = json_read(ended->slots, strlen(ended->slots),
				  MEMORY_DEPTH, NULL);
	const char *text = "";
	size_t i;
	const json_t *slot;
	json_array_foreach (slots, i, slot)
		if (strcmp(json_get_text(slot, "slot", ""), name) == 0)
			text = arena_strdup(&p->arena,
					    json_get_text(slot, "value", ""));
	json_decref(slots);
	return text;
}

static void
expect_form(struct playing *p, struct heard *heard,
	    const struct script_expect *expect)
{
	const struct form_result *ended =
		heard->n_turns ? heard->result.form : NULL;
	struct memory memory;
	memory_read(&memory, &p->arena, p->conversation.memory);
	const struct form_state *state = &memory.form;
	expect_one(heard, expect, SCRIPT_FORM, or_none(state->name));
	expect_one(heard, expect, SCRIPT_ASKS,
		   or_none(state->name ? state->slot : NULL));
	expect_one(heard, expect, SCRIPT_ENDS,
		   or_none(ended ? ended->form : NULL));
	if (!expect->slots)
		return;
	yaml_each (slot, expect->slots) {
		const char *got = slot_value(p, state, ended, slot->key);
		if (strcmp(got, slot->text) != 0)
			rehearsal_fail(
				heard,
				arena_printf(&p->arena, "slot %s", slot->key),
				slot->text, *got ? got : "nothing");
	}
}

static void
expect_numbers(struct heard *heard, const struct script_expect *expect)
{
	char due[16], got[16];
	if (expect->silent >= 0 && expect->silent != !heard->n_replies)
		rehearsal_fail(heard, "silent",
			       expect->silent ? "true" : "false",
			       expect->silent ? "false" : "true");
	if (expect->failed_turns < 0 ||
	    expect->failed_turns == heard->result.failed_turns)
		return;
	snprintf(due, sizeof(due), "%d", expect->failed_turns);
	snprintf(got, sizeof(got), "%d", heard->result.failed_turns);
	rehearsal_fail(heard, "failed_turns", due, got);
}

/* Another kind than an answer will do as well, and is what came. */
static bool
is_served_otherwise(const struct heard *heard,
		    const struct script_expect *expect)
{
	return heard->n_turns && heard->result.kind != TURN_ANSWER &&
	       has(&expect->about[SCRIPT_KIND],
		   turn_kind_name(heard->result.kind));
}

void
rehearsal_expect(struct playing *p, struct heard *heard,
		 const struct script_expect *expect)
{
	const struct turn_result *result = &heard->result;
	char entry[KNOWLEDGE_NAME_MAX + 1] = "";
	if (heard->n_turns) {
		size_t len = strcspn(result->entry, "@");
		snprintf(entry, sizeof(entry), "%.*s", (int)len, result->entry);
	}
	expect_one(heard, expect, SCRIPT_KIND,
		   heard->n_turns ? turn_kind_name(result->kind) : "");
	if (*entry || !is_served_otherwise(heard, expect))
		expect_one(heard, expect, SCRIPT_ENTRY, entry);
	expect_one(heard, expect, SCRIPT_NOT_ENTRY, entry);
	expect_one(heard, expect, SCRIPT_RULE,
		   heard->n_turns ? result->rule : "");
	expect_one(heard, expect, SCRIPT_STATE,
		   conversation_state_name(result->state));
	expect_options(heard, &expect->about[SCRIPT_OPTIONS]);
	expect_said(p, heard, expect, SCRIPT_SAYS);
	expect_said(p, heard, expect, SCRIPT_SAYS_NOT);
	expect_form(p, heard, expect);
	expect_numbers(heard, expect);
}

/* ---- What always holds */

static void
watch_changes(const struct turn_input *input, const struct turn_result *result,
	      struct heard *heard)
{
	enum conversation_state state = input->conversation->state;
	for (size_t i = 0; i < result->n_changes; i++) {
		if (result->changes[i].from != state)
			rehearsal_fail(heard, "changes", "one from the next",
				       "a change from another state");
		state = result->changes[i].to;
	}
	if (state != result->state)
		rehearsal_fail(heard, "changes", "all of them",
			       "a state without a change");
}

/* A customer hears something, or whoever has the conversation does. */
static void
watch_replies(const struct turn_input *input, const struct turn_result *result,
	      struct heard *heard)
{
	bool is_customer = !handover_is_action(&input->messages[0]);
	size_t n = 0;
	for (size_t i = 0; i < result->n_replies; i++) {
		const struct reply *reply = &result->replies[i];
		if (!rehearsal_is_customers(reply))
			continue;
		n++;
		if (!*reply->text ||
		    !utf8_is_valid(reply->text, strlen(reply->text)))
			rehearsal_fail(heard, "reply", "a text",
				       "none, or broken");
	}
	if (is_customer && !n &&
	    !(result->state == STATE_PERSON && result->n_replies))
		rehearsal_fail(heard, "reply", "one", "nobody hears of it");
}

static bool
is_same_reply(const struct reply *a, const struct reply *b)
{
	const char *options = a->options_json ? a->options_json : "[]";
	return strcmp(a->text, b->text) == 0 && strcmp(a->job, b->job) == 0 &&
	       strcmp(a->target, b->target) == 0 &&
	       strcmp(options, b->options_json ? b->options_json : "[]") == 0;
}

static const char *
find_derived(void *arg, int64_t message_id)
{
	struct playing *p = arg;
	return idmap_get(&p->derived, (uint64_t)message_id);
}

/* What the memory was before the turn, from its record and what stands with
 * the messages. */
static const char *
remember(struct playing *p, const struct turn_input *input,
	 const struct turn_result *result, struct arena *arena,
	 struct heard *heard)
{
	const char *memory = "";
	json_t *record = json_read(result->record, strlen(result->record),
				   RECORD_DEPTH, NULL);
	const json_t *before = json_object_get(record, "before");
	if (said_remember(arena, json_get_text(before, "memory", ""),
			  input->messages[0].id, find_derived, p, &memory))
		rehearsal_fail(heard, "again", input->conversation->memory,
			       memory);
	json_decref(record);
	return memory;
}

/* Deciding again, from what is kept of it, gives the same bytes. */
static void
watch_again(struct playing *p, const struct turn_input *input,
	    const struct turn_result *result, struct heard *heard)
{
	struct arena arena = {0};
	struct turn_result again;
	struct conversation conversation = *input->conversation;
	struct turn_input kept = *input;
	for (size_t i = 0; i < result->n_messages; i++)
		idmap_put(&p->derived, (uint64_t)input->messages[i].id,
			  (void *)result->derived[i]);
	conversation.memory = remember(p, input, result, &arena, heard);
	kept.conversation = &conversation;
	turn_decide(&kept, &arena, &again);
	bool is_same = strcmp(again.record, result->record) == 0 &&
		       strcmp(again.memory, result->memory) == 0 &&
		       again.n_replies == result->n_replies &&
		       again.state == result->state;
	for (size_t i = 0; is_same && i < again.n_replies; i++)
		is_same = is_same_reply(&again.replies[i], &result->replies[i]);
	if (!is_same)
		rehearsal_fail(heard, "again", result->record, again.record);
	arena_release(&arena);
}

void
rehearsal_watch(struct playing *p, const struct turn_input *input,
		const struct turn_result *result, struct heard *heard)
{
	json_t *memory = json_read(result->memory, strlen(result->memory),
				   MEMORY_DEPTH, NULL);
	if (!json_is_object(memory))
		rehearsal_fail(heard, "memory", "a JSON object",
			       result->memory);
	json_decref(memory);
	watch_changes(input, result, heard);
	watch_replies(input, result, heard);
	watch_again(p, input, result, heard);
}
