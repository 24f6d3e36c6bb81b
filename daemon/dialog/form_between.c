/* What a customer says to a form that asks, which is no answer: a question of
 * his own, or small talk. */
#include <string.h>

#include "dialog/form_parts.h"
#include "text/question.h"

/* Of these in a row, after which the form waits for him. */
#define BETWEEN_MAX 3
#define PARTS_MAX 8
#define BLANKS " \t\r\n"
#define LIST_MAX_BYTES 4096

/* How long the message is without the blanks, and marks of those, at its end.
 */
static size_t
length_without(const struct deciding *d, const char *marks)
{
	const struct form_message *m = &d->form->message;
	size_t len = m->len;
	while (len > 0 && strchr(marks, m->text[len - 1]))
		len--;
	return len;
}

/* Is the last thing that so much of the message says a question? */
static bool
ends_in_question(const struct deciding *d, size_t len)
{
	const struct form_message *m = &d->form->message;
	struct text_part parts[PARTS_MAX];
	size_t n = text_split_questions(m->text, len, m->pack->language, parts,
					PARTS_MAX);
	return n > 0 && parts[n - 1].is_question;
}

/* Is it nothing but questions?  A story that ends with one is a story. */
static bool
is_all_questions(const struct deciding *d)
{
	const struct form_message *m = &d->form->message;
	struct text_part parts[PARTS_MAX];
	size_t n = text_split_questions(m->text, m->len, m->pack->language,
					parts, PARTS_MAX);
	for (size_t i = 0; i < n; i++)
		if (!parts[i].is_question)
			return false;
	return n > 0;
}

static bool
ends_with_mark(const struct deciding *d)
{
	size_t len = length_without(d, BLANKS);
	return len > 0 && d->form->message.text[len - 1] == '?';
}

static bool
begins_as_question(const struct deciding *d)
{
	return form_says(&d->form->heard, FORM_QUESTION);
}

bool
form_is_question(const struct deciding *d)
{
	return ends_with_mark(d) || begins_as_question(d) ||
	       ends_in_question(d, d->form->message.len);
}

bool
form_is_asked(const struct deciding *d, const struct form_slot *slot)
{
	if (slot->type != SLOT_TEXT || !is_all_questions(d))
		return false;
	/* "At the station?" answers, "where is that?" does not. */
	if (ends_with_mark(d))
		return begins_as_question(d) ||
		       ends_in_question(d, length_without(d, BLANKS "?"));
	/* Where a name is asked for, nor does "why do you ask", said once. */
	return slot->max <= FORM_NAME_CHARS_MAX && begins_as_question(d) &&
	       !d->memory.form.between;
}

void
form_count_between(struct deciding *d)
{
	struct form_state *state = &d->memory.form;
	d->form->event = "between";
	d->form->problem = FORM_TEXTS;
	if (++state->between < BETWEEN_MAX)
		return;
	state->between = 0;
	state->is_paused = d->form->is_pausing = true;
}

bool
form_answer_between(struct deciding *d)
{
	bool is_asking = ends_with_mark(d) || begins_as_question(d);
	if (d->smalltalk) {
		form_count_between(d);
		if (is_asking)
			compose_paragraph(d, d->smalltalk->answer);
		form_reply(d);
		return true;
	}
	if (!form_is_question(d))
		return false;
	struct form_state state = d->memory.form;
	struct form_run run = *d->form;
	form_count_between(d);
	if (answer_if_sure(d))
		return true;
	d->memory.form = state;
	*d->form = run;
	return false;
}

/* The entries that he may be asking for, a line each, and their buttons; NULL:
 * there are none. */
static const char *
name_entries(struct deciding *d)
{
	const struct index_entry *list[NEAR_MAX];
	const struct search *search = &d->searches[0];
	if (!found_entry(d, search, d->in->knowledge->settings.floor))
		return NULL;
	struct buf lines;
	buf_init(&lines, LIST_MAX_BYTES);
	size_t n = near_entries(d, search, list);
	for (size_t i = 0; i < n; i++) {
		buf_addf(&lines, "%s- %s", i ? "\n" : "", list[i]->question);
		compose_button(d,
			       arena_printf(d->arena, OPTION_ENTRY "%s",
					    list[i]->name),
			       list[i]->question);
	}
	const char *text = arena_strdup(d->arena, buf_str(&lines));
	buf_release(&lines);
	return text;
}

bool
form_ask_back(struct deciding *d)
{
	if (!ends_in_question(d, d->form->message.len) &&
	    !begins_as_question(d))
		return false;
	form_count_between(d);
	if (d->out->state != STATE_WAITING && !answer_failed(d))
		return true;
	d->form->limit = name_entries(d);
	d->form->problem =
		d->form->limit ? FORM_TEXT_PERHAPS : FORM_TEXT_NO_ANSWER;
	form_reply(d);
	return true;
}
