#include "dialog/form_state.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"

static const char *const verdict_names[] = {
	[VERDICT_OK] = "ok",
	[VERDICT_SKIPPED] = "skipped",
	[VERDICT_OPEN] = "open",
};
#define VERDICTS (sizeof verdict_names / sizeof *verdict_names)

const char *
form_verdict_name(enum form_verdict verdict)
{
	return verdict_names[verdict];
}

static const char *
member(const json_t *array, size_t i)
{
	const char *text = json_string_value(json_array_get(array, i));
	return text ? text : "";
}

static enum form_verdict
verdict_of(const char *name)
{
	for (size_t i = 0; i < VERDICTS; i++)
		if (strcmp(verdict_names[i], name) == 0)
			return (enum form_verdict)i;
	return VERDICT_OPEN;
}

static void
read_values(struct form_state *state, struct arena *arena, const json_t *list)
{
	size_t i;
	json_t *row;
	json_array_foreach (list, i, row) {
		if (state->n_values == FORM_SLOTS_MAX)
			break;
		form_state_set(
			state,
			&(struct form_value){
				.slot = arena_strdup(arena, member(row, 0)),
				.value = arena_strdup(arena, member(row, 1)),
				.verdict = verdict_of(member(row, 2)),
				.message_id = json_integer_value(
					json_array_get(row, 3)),
			});
	}
}

void
form_state_read(struct form_state *state, struct arena *arena,
		const json_t *object)
{
	*state = (struct form_state){.name = NULL};
	const char *name = json_get_text(object, "name", NULL);
	state->name = name ? arena_strdup(arena, name) : NULL;
	state->slot = arena_strdup(arena, json_get_text(object, "slot", ""));
	state->trigger =
		arena_strdup(arena, json_get_text(object, "trigger", ""));
	state->last = arena_strdup(arena, json_get_text(object, "last", ""));
	state->done = arena_strdup(arena, json_get_text(object, "done", ""));
	state->is_begun = json_get_bool(object, "begun", false);
	state->is_paused = json_get_bool(object, "paused", false);
	state->is_confirming = json_get_bool(object, "confirming", false);
	state->is_skipped = json_get_bool(object, "skipped", false);
	state->reasks = json_get_count(object, "reasks");
	state->between = json_get_count(object, "between");
	state->at_us = json_get_time(object, "at");
	read_values(state, arena, json_object_get(object, "values"));
}

static void
set_text(json_t *object, const char *key, const char *text)
{
	if (*text)
		json_set_text(object, key, text);
}

static void
set_flag(json_t *object, const char *key, bool value)
{
	if (value)
		json_set_bool(object, key, true);
}

static void
set_number(json_t *object, const char *key, int64_t number)
{
	if (number)
		json_set_int(object, key, number);
}

static json_t *
write_values(const struct form_state *state)
{
	json_t *list = json_array();
	for (size_t i = 0; i < state->n_values; i++) {
		const struct form_value *value = &state->values[i];
		json_t *row = json_array();
		json_add_text(row, value->slot);
		json_add_text(row, value->value);
		json_add_text(row, verdict_names[value->verdict]);
		if (value->message_id)
			json_array_append_new(row,
					      json_integer(value->message_id));
		json_array_append_new(list, row);
	}
	return list;
}

json_t *
form_state_write(const struct form_state *state)
{
	if (!state->name && !*state->done)
		return NULL;
	json_t *object = json_object();
	set_text(object, "done", state->done);
	if (!state->name)
		return object;
	json_set_text(object, "name", state->name);
	set_text(object, "slot", state->slot);
	set_text(object, "trigger", state->trigger);
	set_text(object, "last", state->last);
	set_flag(object, "begun", state->is_begun);
	set_flag(object, "paused", state->is_paused);
	set_flag(object, "confirming", state->is_confirming);
	set_flag(object, "skipped", state->is_skipped);
	set_number(object, "reasks", state->reasks);
	set_number(object, "between", state->between);
	set_number(object, "at", state->at_us);
	json_object_set_new(object, "values", write_values(state));
	return object;
}

static size_t
place_of(const struct form_state *state, const char *slot)
{
	size_t i = 0;
	while (i < state->n_values && strcmp(state->values[i].slot, slot) != 0)
		i++;
	return i;
}

const struct form_value *
form_state_value(const struct form_state *state, const char *slot)
{
	size_t i = place_of(state, slot);
	return i < state->n_values ? &state->values[i] : NULL;
}

void
form_state_set(struct form_state *state, const struct form_value *value)
{
	size_t i = place_of(state, value->slot);
	if (i == FORM_SLOTS_MAX)
		return;
	if (i == state->n_values)
		state->n_values++;
	state->values[i] = *value;
}

void
form_state_unset(struct form_state *state, const char *slot)
{
	size_t i = place_of(state, slot);
	if (i == state->n_values)
		return;
	state->n_values--;
	memmove(&state->values[i], &state->values[i + 1],
		(state->n_values - i) * sizeof *state->values);
}

void
form_state_end(struct form_state *state)
{
	const char *done = state->name ? state->name : state->done;
	*state = (struct form_state){
		.slot = "", .trigger = "", .last = "", .done = done};
}
