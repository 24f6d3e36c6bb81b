/* What a form says to the customer. */
#include <inttypes.h>
#include <string.h>

#include "base/date.h"
#include "base/json.h"
#include "base/time.h"
#include "dialog/form_parts.h"
#include "dialog/said.h"
#include "text/plain.h"

/* All answers of a form together have so much of a reply, twice that with what
 * keeps them from being mark-up: beside the longest answers of the desk it all
 * fits into REPLY_MAX_BYTES. */
#define VALUES_MAX_BYTES 12000
#define LABEL_MAX_BYTES 200
#define NOTED_MAX_BYTES 120 /* of an answer, as soon as it is noted */
#define US_PER_DAY (INT64_C(86400) * 1000000)

const char *
form_words(struct deciding *d, enum form_text which, const char *value)
{
	const char *text = pack_form_text(d->in->knowledge->pack, which);
	return value ? compose_filled(d, text, value) : text;
}

/* "3 November 2026", where the customer's language is ours. */
static const char *
show_date(struct deciding *d, const char *iso)
{
	static const char *const months[] = {"January", "February", "March",
					     "April",	"May",	    "June",
					     "July",	"August",   "September",
					     "October", "November", "December"};
	const char *language = d->in->knowledge->pack->language;
	int64_t us;
	if (strncmp(language, "en", 2) != 0 || !time_parse(iso, &us))
		return iso;
	struct date date = date_of_days(us / US_PER_DAY);
	return arena_printf(d->arena, "%d %s %" PRId64, date.day,
			    months[date.month - 1], date.year);
}

static const char *
show_choice(const struct form_slot *slot, const char *name)
{
	for (size_t i = 0; i < slot->n_choices; i++)
		if (strcmp(slot->choices[i].name, name) == 0)
			return slot->choices[i].label;
	return name;
}

/* A value as people read it. */
static const char *
show_value(struct deciding *d, const struct form_slot *slot,
	   const struct form_value *value)
{
	switch (slot->type) {
	case SLOT_DATE:
		return show_date(d, value->value);
	case SLOT_CHOICE:
		return show_choice(slot, value->value);
	case SLOT_YES_NO:
		return form_words(d,
				  strcmp(value->value, "yes") == 0
					  ? FORM_TEXT_YES
					  : FORM_TEXT_NO,
				  NULL);
	default:
		return value->value;
	}
}

static void
add_line(struct deciding *d, struct buf *out, const struct form_slot *slot,
	 size_t max_bytes)
{
	const struct form_value *value =
		form_state_value(&d->memory.form, slot->name);
	bool is_said = value && value->verdict == VERDICT_OK;
	const char *words = is_said ? show_value(d, slot, value)
				    : form_words(d, FORM_TEXT_EMPTY, NULL);
	struct buf line;
	buf_init(&line, REPLY_MAX_BYTES);
	plain_add(&line, compose_cut(d, words, max_bytes));
	buf_addf(out, "%s- %s: %s", out->len ? "\n" : "",
		 compose_cut(d, slot->label, LABEL_MAX_BYTES),
		 is_said ? said_mark(d->arena, buf_str(&line))
			 : buf_str(&line));
	buf_release(&line);
}

static void
say_noted(struct deciding *d)
{
	struct buf lines;
	buf_init(&lines, REPLY_MAX_BYTES);
	for (size_t i = 0; i < d->form->n_filled; i++) {
		const struct form_filled *filled = &d->form->filled[i];
		if (filled->is_echoed)
			add_line(d, &lines, filled->slot, NOTED_MAX_BYTES);
	}
	if (lines.len)
		compose_paragraph(
			d, form_words(d, FORM_TEXT_NOTED, buf_str(&lines)));
	buf_release(&lines);
}

static void
say_summary(struct deciding *d)
{
	const struct form *form = d->form->form;
	struct buf lines;
	buf_init(&lines, REPLY_MAX_BYTES);
	for (size_t i = 0; i < form->n_slots; i++)
		if (form_applies(&d->memory.form, &form->slots[i]))
			add_line(d, &lines, &form->slots[i],
				 VALUES_MAX_BYTES / form->n_slots);
	compose_paragraph(d, form_words(d, FORM_TEXT_SUMMARY, buf_str(&lines)));
	buf_release(&lines);
	compose_button(d, OPTION_RIGHT, form_words(d, FORM_TEXT_YES, NULL));
	compose_button(d, OPTION_WRONG, form_words(d, FORM_TEXT_NO, NULL));
}

static void
add_choices(struct deciding *d, const struct form_slot *slot)
{
	for (size_t i = 0; i < slot->n_choices; i++) {
		const struct form_choice *choice = &slot->choices[i];
		compose_button(d,
			       arena_printf(d->arena, OPTION_SLOT "%s:%s",
					    slot->name, choice->name),
			       choice->label);
	}
}

static void
say_question(struct deciding *d)
{
	const struct form_state *state = &d->memory.form;
	const struct form_slot *slot =
		form_slot_named(d->form->form, state->slot);
	if (!slot)
		return;
	compose_paragraph(d, state->reasks ? slot->reask : slot->question);
	add_choices(d, slot);
	/* Twice not understood: he need not find the word for it. */
	bool is_twice = state->reasks > 1 || d->out->failed_turns > 1;
	if (is_twice && d->out->state == STATE_BOT)
		compose_button(d, OPTION_PERSON,
			       compose_text(d, TEXT_PERSON_BUTTON, NULL));
}

static void
say_paused(struct deciding *d)
{
	compose_paragraph(
		d, form_words(d, FORM_TEXT_PAUSED, d->form->form->title));
}

void
form_say(struct deciding *d)
{
	struct form_state *state = &d->memory.form;
	struct form_run *run = d->form;
	if (run->kept)
		compose_paragraph(d, form_words(d, FORM_TEXT_KEPT, run->kept));
	if (!state->is_begun && !run->is_pausing)
		compose_paragraph(d, run->form->intro);
	state->is_begun |= !run->is_pausing;
	if (run->problem != FORM_TEXTS)
		compose_paragraph(d, form_words(d, run->problem, run->limit));
	if (run->is_pausing) {
		say_paused(d);
		return;
	}
	if (run->problem == FORM_TEXT_WHAT)
		return; /* he has just seen the summary */
	if (state->is_confirming) {
		say_summary(d);
	} else {
		say_noted(d);
		say_question(d);
	}
}
