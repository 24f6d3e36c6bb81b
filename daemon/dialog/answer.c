/* What the bot says to words that it has to understand by itself: the approved
 * answer, small talk, a question back, or that it does not know. */
#include <string.h>

#include "dialog/deciding.h"
#include "text/language.h"
#include "text/tokens.h"

/* Failed turns after which every further one offers a person. */
#define OFFER_PERSON_AFTER 2

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
	if (d->out->state == STATE_WAITING)
		handover_add_waiting(d);
	compose_reply(d);
}

/* To a customer who waits, anything but an answer is that he still waits. */
static void
still_waiting(struct deciding *d, const char *rule)
{
	d->out->kind = TURN_HANDOVER;
	d->out->rule = rule;
	handover_add_waiting(d);
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

bool
answer_if_sure(struct deciding *d)
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
	if (!best || confidence < settings->threshold)
		return false;
	answer_entry(d, best, "retrieval", confidence);
	return true;
}

static void
retrieve(struct deciding *d)
{
	if (answer_if_sure(d))
		return;
	bool is_near = d->n_candidates &&
		       d->out->confidence >= d->in->knowledge->settings.floor;
	fail_search(d, is_near ? index_entry(d->in->knowledge->index,
					     d->candidates[0].entry)
			       : NULL);
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

void
answer_customer(struct deciding *d)
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
