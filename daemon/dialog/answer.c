/* What the bot says to words that it has to understand by itself: the approved
 * answer, small talk, a question back, or that it does not know. */
#include <string.h>

#include "dialog/deciding.h"
#include "text/language.h"
#include "text/tokens.h"

/* Failed turns in a row: the second offers a person, and in place of a third
 * one he comes, so that nobody has more than two. */
#define OFFER_PERSON_WITH 2
#define HAND_OVER_INSTEAD_OF 3

void
answer_add(struct deciding *d, const struct index_entry *entry)
{
	d->answers[d->n_answers++] = entry;
	json_array_append_new(d->sources,
			      json_pack("{s:s,s:i,s:s}", "id", entry->name,
					"version", entry->version, "title",
					entry->question));
	compose_paragraph(d, entry->answer);
}

void
answer_end(struct deciding *d, const char *rule, double confidence)
{
	const struct index_entry *first = d->answers[0];
	d->out->kind = TURN_ANSWER;
	d->out->rule = rule;
	d->out->confidence = confidence;
	d->out->entry =
		arena_printf(d->arena, "%s@%d", first->name, first->version);
	d->out->failed_turns = 0;
	d->memory.topic = topic_of(d, d->answers[d->n_answers - 1]);
	if (d->out->state == STATE_WAITING)
		handover_add_waiting(d);
	compose_reply(d);
}

static void
answer_entry(struct deciding *d, const struct index_entry *entry,
	     const char *rule, double confidence)
{
	answer_add(d, entry);
	answer_end(d, rule, confidence);
}

/* To a customer who waits, anything but an answer is that he still waits. */
static void
still_waiting(struct deciding *d, const char *rule)
{
	d->out->kind = TURN_HANDOVER;
	d->out->rule = rule;
	compose_no_options(d);
	handover_add_waiting(d);
	compose_reply(d);
}

bool
answer_failed(struct deciding *d)
{
	if (d->out->failed_turns + 1 >= HAND_OVER_INSTEAD_OF) {
		handover_begin(d, RULE_NOT_UNDERSTOOD, "bot", NULL);
		return false;
	}
	d->out->failed_turns++;
	return true;
}

/* Is the turn, if it fails, one that offers a person? */
static bool
is_offering(const struct deciding *d)
{
	return d->out->failed_turns + 1 >= OFFER_PERSON_WITH;
}

/* What was not understood: the reply says so, the second one in a row offers a
 * person with the words `offer` (NULL: by the button alone), and instead of a
 * third one a person comes. */
static void
fail_with(struct deciding *d, enum turn_kind kind, const char *rule,
	  const char *text, const char *offer)
{
	bool is_person_offered = is_offering(d);
	if (d->out->state == STATE_WAITING) {
		still_waiting(d, rule);
		return;
	}
	if (!answer_failed(d))
		return;
	d->out->kind = kind;
	d->out->rule = rule;
	compose_paragraph(d, text);
	if (is_person_offered) {
		if (offer)
			compose_paragraph(d, offer);
		compose_option(d, OPTION_PERSON,
			       compose_text(d, TEXT_PERSON_BUTTON, NULL));
	}
	if (kind == TURN_OPTIONS)
		compose_option(d, OPTION_NONE,
			       compose_text(d, TEXT_NONE_BUTTON, NULL));
	compose_reply(d);
}

static void
fail_turn(struct deciding *d, enum turn_kind kind, const char *rule,
	  const char *text)
{
	fail_with(d, kind, rule, text,
		  compose_text(d, TEXT_OFFER_PERSON, NULL));
}

/* Whoever says once that it is none of these is asked for other words or, where
 * it is time, offered a person: both at once would contradict each other. */
static void
take_none(struct deciding *d)
{
	enum pack_text text = is_offering(d) ? TEXT_OFFER_PERSON : TEXT_ASK;
	fail_with(d, TURN_ASK, "none_of_these", compose_text(d, text, NULL),
		  NULL);
}

static void
offer_entry(struct deciding *d, const struct index_entry *entry)
{
	compose_option(d,
		       arena_printf(d->arena, OPTION_ENTRY "%s", entry->name),
		       entry->question);
}

/* Did the last reply offer just these? */
static bool
was_just_asked(const struct deciding *d, const struct index_entry *const *list,
	       size_t n)
{
	const struct index_entry *before[OFFERED_MAX];
	size_t n_before = entries_offered(d, before);
	for (size_t i = 0; i < n; i++)
		if (!was_offered(&d->before,
				 arena_printf(d->arena, OPTION_ENTRY "%s",
					      list[i]->name)))
			return false;
	return n == n_before;
}

/* Which of them does he mean? */
static void
ask_which(struct deciding *d, const char *rule,
	  const struct index_entry *const *list, size_t n)
{
	enum turn_kind kind = n > 1 ? TURN_OPTIONS : TURN_ASK;
	const char *text =
		n > 1 ? compose_text(d, TEXT_OPTIONS, NULL)
		      : compose_text(d, TEXT_ASK_ABOUT, list[0]->question);
	if (n > 1 && was_just_asked(d, list, n)) {
		kind = TURN_ASK;
		text = compose_text(d, TEXT_ASK, NULL);
	} else {
		for (size_t i = 0; i < n; i++)
			offer_entry(d, list[i]);
	}
	fail_turn(d, kind, rule, text);
}

/* "Yes" to several says too little, but nothing that the offer of a person
 * could answer: they are shown once more. */
static void
ask_again_which(struct deciding *d)
{
	const struct index_entry *list[OFFERED_MAX];
	size_t n = entries_offered(d, list);
	for (size_t i = 0; i < n; i++)
		offer_entry(d, list[i]);
	fail_with(d, TURN_OPTIONS, "which_one",
		  compose_text(d, TEXT_WHICH, NULL), NULL);
}

/* No entry is near, or the language is not the desk's. */
static void
fail_search(struct deciding *d)
{
	const struct index_entry *list[NEAR_MAX];
	size_t n;
	const char *language =
		text_foreign_language(d->question, strlen(d->question),
				      d->in->knowledge->pack->language);
	if (language)
		fail_turn(
			d, TURN_OUT_OF_SCOPE,
			arena_printf(d->arena, "foreign_language:%s", language),
			compose_text(d, TEXT_FOREIGN_LANGUAGE, NULL));
	else if ((n = two_entries(d, list)))
		ask_which(d, "two_questions", list, n);
	else if (found_entry(d, &d->searches[0],
			     d->in->knowledge->settings.floor))
		ask_which(d, "retrieval", list,
			  near_entries(d, &d->searches[0], list));
	else if ((n = topic_entries(d, list)))
		ask_which(d, "topic", list, n);
	else
		fail_turn(d, TURN_OUT_OF_SCOPE, "retrieval",
			  compose_text(d, TEXT_OUT_OF_SCOPE, NULL));
}

bool
answer_if_sure(struct deciding *d)
{
	struct search *search = &d->searches[0];
	if (answer_two(d))
		return true;
	look_up(d, d->question, &d->memory.topic, search);
	d->out->confidence = search->confidence;
	const struct index_entry *best =
		found_entry(d, search, d->in->knowledge->settings.threshold);
	if (!best)
		return false;
	answer_entry(d, best, search->with ? "follow_up" : "retrieval",
		     search->confidence);
	return true;
}

static void
retrieve(struct deciding *d)
{
	if (!answer_if_sure(d))
		fail_search(d);
}

/* Who declines a person was understood: what follows is a new beginning. */
static bool
declines_person(const struct deciding *d)
{
	static const char *const words[] = {"bye", "no", "none", "thanks"};
	if (!was_offered(&d->before, OPTION_PERSON))
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (smalltalk_is(d->smalltalk, words[i]))
			return true;
	return false;
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
	if (declines_person(d))
		d->out->failed_turns = 0;
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

static bool
agrees_to_several(const struct deciding *d)
{
	return is_chosen(d, OPTION_WHICH) && d->before.n_offered > 1;
}

void
answer_customer(struct deciding *d)
{
	const struct index_entry *entry = entry_of_option(d, d->chosen);
	if (entry) {
		answer_entry(d, entry, "confirmed", 1);
	} else if (is_chosen(d, OPTION_NONE)) {
		take_none(d);
	} else if (agrees_to_several(d)) {
		ask_again_which(d);
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
