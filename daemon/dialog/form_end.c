/* How forms end, and what is kept of them for a person. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "dialog/form_parts.h"
#include "text/reference.h"

static json_t *
row_of(const char *slot, const char *label, const char *type, const char *value,
       enum form_verdict verdict)
{
	json_t *row = json_object();
	json_set_text(row, "slot", slot);
	json_set_text(row, "label", label);
	json_set_text(row, "type", type);
	json_set_text(row, "value", value);
	json_set_text(row, "verdict", form_verdict_name(verdict));
	return row;
}

/* A number of the pack's by its own name. */
static const char *
type_of(const struct form_slot *slot)
{
	return slot->reference ? slot->reference : slot_type_name(slot->type);
}

/* In the order of the pack; what no longer applies was answered in vain. */
static json_t *
rows_of_form(const struct form_state *state, const struct form *form)
{
	json_t *rows = json_array();
	for (size_t i = 0; i < form->n_slots; i++) {
		const struct form_slot *slot = &form->slots[i];
		const struct form_value *value =
			form_state_value(state, slot->name);
		if (!form_applies(state, slot))
			continue;
		json_array_append_new(
			rows, row_of(slot->name, slot->label, type_of(slot),
				     value ? value->value : "",
				     value ? value->verdict : VERDICT_OPEN));
	}
	return rows;
}

/* Of a form that the pack has no more: by the names that were kept. */
static json_t *
rows_of_state(const struct form_state *state)
{
	json_t *rows = json_array();
	for (size_t i = 0; i < state->n_values; i++) {
		const struct form_value *value = &state->values[i];
		json_array_append_new(rows,
				      row_of(value->slot, value->slot,
					     slot_type_name(SLOT_TEXT),
					     value->value, value->verdict));
	}
	return rows;
}

static const char *
keep_rows(struct deciding *d, json_t *rows)
{
	char *text = json_text(rows);
	const char *kept = arena_strdup(d->arena, text);
	free(text);
	json_decref(rows);
	return kept;
}

static bool
has_answer(const struct form_state *state)
{
	for (size_t i = 0; i < state->n_values; i++)
		if (state->values[i].verdict == VERDICT_OK)
			return true;
	return false;
}

static bool
is_complete(const struct form_state *state, const struct form *form)
{
	for (size_t i = 0; i < form->n_slots; i++) {
		const struct form_slot *slot = &form->slots[i];
		const struct form_value *value =
			form_state_value(state, slot->name);
		if (slot->is_required && form_applies(state, slot) &&
		    (!value || value->verdict != VERDICT_OK))
			return false;
	}
	return true;
}

static const char *
keep_result(struct deciding *d)
{
	const struct form_state *state = &d->memory.form;
	const struct form *form =
		pack_form(d->in->knowledge->pack, state->name);
	char reference[REFERENCE_SIZE];
	struct form_result *result = arena_new(d->arena, sizeof *result);
	*result = (struct form_result){
		.form = state->name,
		.title = form ? form->title : state->name,
		.reference = arena_strdup(
			d->arena,
			case_reference(d->in->conversation->id,
				       d->in->conversation->turns, reference)),
		.is_complete = form && is_complete(state, form),
		.slots = keep_rows(d, form ? rows_of_form(state, form)
					   : rows_of_state(state)),
	};
	d->out->form = result;
	return result->reference;
}

void
form_finish(struct deciding *d)
{
	const struct form *form = d->form->form;
	d->form->event = "finished";
	compose_paragraph(d, compose_filled(d, form->closing, keep_result(d)));
	if (d->out->state == STATE_WAITING)
		compose_paragraph(d, compose_text(d, TEXT_WAITING, NULL));
	form_state_end(&d->memory.form);
}

const char *
form_break(struct deciding *d)
{
	const char *reference =
		has_answer(&d->memory.form) ? keep_result(d) : NULL;
	form_state_end(&d->memory.form);
	return reference;
}

static json_t *
filled_row(const struct form_filled *filled)
{
	json_t *row = json_object();
	json_set_text(row, "slot", filled->slot->name);
	json_set_text(row, "type", type_of(filled->slot));
	json_object_set_new(row, "span",
			    json_pack("[I,I]", (json_int_t)filled->begin,
				      (json_int_t)filled->end));
	json_set_int(row, "message", filled->message_id);
	return row;
}

json_t *
form_record(const struct deciding *d)
{
	const struct form_run *run = d->form;
	const struct form_state *state = &d->memory.form;
	json_t *object = json_object();
	json_set_text(object, "name", run->form->name);
	json_set_text(object, "event", run->event);
	if (run->problem != FORM_TEXTS)
		json_set_text(object, "problem", form_text_name(run->problem));
	json_t *filled = json_array();
	for (size_t i = 0; i < run->n_filled; i++)
		json_array_append_new(filled, filled_row(&run->filled[i]));
	json_object_set_new(object, "filled", filled);
	if (state->name && *state->slot)
		json_set_text(object, "asks", state->slot);
	if (d->out->form)
		json_set_text(object, "reference", d->out->form->reference);
	return object;
}
