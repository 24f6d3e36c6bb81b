#include "dialog/card.h"

#include <string.h>

#include "base/json.h"
#include "dialog/deciding.h"
#include "dialog/said.h"
#include "nlu/form.h"
#include "text/plain.h"

/* Room for the most slots that a form has, whatever they hold: all answers
 * together have their part of it, twice that with what keeps them from being
 * mark-up. */
#define CARD_MAX_BYTES 8000
#define VALUES_MAX_BYTES 2000
#define LABEL_MAX_BYTES 100
#define IDENTITY_MAX_BYTES 420 /* a name and an id */
#define IDENTITY_MAX_DEPTH 2

static void
add_line(struct buf *card, const char *what, const char *text)
{
	if (*text)
		buf_addf(card, "%s- %s: %s", card->len ? "\n" : "", what, text);
}

const struct index_entry *
card_suggestion(const struct knowledge *knowledge,
		struct index_scratch *scratch, const char *words,
		int64_t now_us)
{
	const struct decide_settings *settings = &knowledge->settings;
	struct candidate best[CANDIDATES_MAX];
	struct intents intents;
	size_t n = find_answers(knowledge, scratch, words, now_us,
				(size_t)settings->n_candidates, best, &intents);
	if (!n || candidates_confidence(best, n) < settings->floor)
		return NULL;
	return index_entry(knowledge->index, best[0].entry);
}

static const char *
suggestion(struct deciding *d)
{
	const struct search *search = &d->searches[0];
	const struct knowledge *knowledge = d->in->knowledge;
	if (d->is_unread)
		return "";
	/* What the turn has searched already is not searched again. */
	const struct index_entry *entry =
		search->text && strcmp(search->text,
				       question_itself(knowledge->pack,
						       d->arena,
						       d->question)) == 0
			? found_entry(d, search, knowledge->settings.floor)
			: card_suggestion(knowledge, d->in->scratch,
					  d->question, d->in->now_us);
	return entry ? arena_printf(d->arena, "%s (%s@%d)", entry->question,
				    entry->name, entry->version)
		     : "";
}

static const char *
history(struct deciding *d)
{
	int turns = d->in->conversation->turns;
	return turns ? arena_printf(d->arena, "%d turn%s", turns,
				    turns == 1 ? "" : "s")
		     : "";
}

/* His own words in a line of the card, which they cannot end. */
static void
add_value(struct buf *card, struct deciding *d, const char *label,
	  const char *value, size_t max_bytes)
{
	struct buf line;
	buf_init(&line, CARD_MAX_BYTES);
	plain_add(&line, compose_cut(d, value, max_bytes));
	add_line(card, compose_cut(d, label, LABEL_MAX_BYTES),
		 said_mark(d->arena, buf_str(&line)));
	buf_release(&line);
}

/* Who he is by his firm's sign-in, where it proved that. */
static void
add_identity(struct buf *card, struct deciding *d)
{
	const char *text = d->in->conversation->identity;
	json_t *identity = text && *text ? json_read(text, strlen(text),
						     IDENTITY_MAX_DEPTH, NULL)
					 : NULL;
	const char *id = json_get_text(identity, "id", "");
	const char *name = json_get_text(identity, "name", "");
	if (*id)
		add_value(card, d, "Signed in",
			  *name ? arena_printf(d->arena, "%s (%s)", name, id)
				: id,
			  IDENTITY_MAX_BYTES);
	json_decref(identity);
}

/* What he has answered so far, in the pack's words for it. */
static void
add_form(struct buf *card, struct deciding *d)
{
	const struct form_state *state = &d->memory.form;
	const struct form *form =
		state->name ? pack_form(d->in->knowledge->pack, state->name)
			    : NULL;
	for (size_t i = 0; form && i < form->n_slots; i++) {
		const struct form_slot *slot = &form->slots[i];
		const struct form_value *value =
			form_state_value(state, slot->name);
		if (value)
			add_value(card, d, slot->label, value->value,
				  VALUES_MAX_BYTES / state->n_values);
	}
}

const char *
card_compose(struct deciding *d)
{
	struct buf card;
	buf_init(&card, CARD_MAX_BYTES);
	add_line(&card, "Why", d->out->rule);
	add_identity(&card, d);
	add_line(&card, "Before this", history(d));
	add_line(&card, "Call back", said_mark(d->arena, d->memory.call_back));
	add_form(&card, d);
	add_line(&card, "Perhaps", suggestion(d));
	const char *text = arena_strdup(d->arena, buf_str(&card));
	buf_release(&card);
	return text;
}
