#include "dialog/said.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "dialog/deciding.h"

/* Bytes that no text in UTF-8 has. */
#define BEGIN '\xfe'
#define END '\xff'
#define LEFT_OUT "[...]"

#define DERIVED_DEPTH 8

/* ---- In texts */

const char *
said_mark(struct arena *arena, const char *text)
{
	return *text ? arena_printf(arena, "%c%s%c", BEGIN, text, END) : "";
}

static const char *
without_marks(struct arena *arena, const char *text, const char *instead)
{
	struct buf out;
	bool is_said = false;
	buf_init(&out, strlen(text) * sizeof(LEFT_OUT) + 1);
	for (; *text; text++) {
		if (*text == BEGIN && instead)
			buf_adds(&out, instead);
		if (*text == BEGIN || *text == END)
			is_said = *text == BEGIN && instead;
		else if (!is_said)
			buf_addc(&out, *text);
	}
	const char *kept = arena_strdup(arena, buf_str(&out));
	buf_release(&out);
	return kept;
}

const char *
said_whole(struct arena *arena, const char *text)
{
	return without_marks(arena, text, NULL);
}

const char *
said_rest(struct arena *arena, const char *text)
{
	return strchr(text, BEGIN) ? without_marks(arena, text, LEFT_OUT)
				   : NULL;
}

/* ---- In the memory */

static bool
is_said(const struct form_value *value)
{
	return value->verdict == VERDICT_OK;
}

void
said_adopt(struct memory *memory, int64_t message_id)
{
	struct form_state *form = &memory->form;
	for (size_t i = 0; i < form->n_values; i++)
		if (is_said(&form->values[i]) && !form->values[i].message_id)
			form->values[i].message_id = message_id;
	if (!*memory->call_back)
		memory->call_back_id = 0;
	else if (!memory->call_back_id)
		memory->call_back_id = message_id;
}

const char *
said_memory(const struct memory *memory, struct arena *arena)
{
	struct memory rest = *memory;
	for (size_t i = 0; i < rest.form.n_values; i++)
		rest.form.values[i].value = "";
	rest.call_back = "";
	return memory_write(&rest, arena);
}

/* What a memory has from that message; NULL: nothing. */
static json_t *
parts_of(const struct memory *memory, int64_t message_id)
{
	const struct form_state *form = &memory->form;
	json_t *parts = json_object(), *values = json_object();
	for (size_t i = 0; i < form->n_values; i++) {
		const struct form_value *value = &form->values[i];
		if (value->message_id == message_id && is_said(value))
			json_set_text(values, value->slot, value->value);
	}
	if (json_object_size(values))
		json_object_set(parts, "values", values);
	json_decref(values);
	if (memory->call_back_id == message_id && *memory->call_back)
		json_set_text(parts, "call_back", memory->call_back);
	if (json_object_size(parts))
		return parts;
	json_decref(parts);
	return NULL;
}

static json_t *
replies_of(const struct turn_result *out, int64_t message_id)
{
	json_t *replies = NULL;
	for (size_t i = 0; i < out->n_replies; i++) {
		const struct reply *reply = &out->replies[i];
		if (!reply->rest || reply->words_id != message_id)
			continue;
		if (!replies)
			replies = json_object();
		json_set_text(replies, reply->job, reply->text);
	}
	return replies;
}

static const char *
derive(const struct deciding *d, int64_t message_id)
{
	json_t *derived = parts_of(&d->memory, message_id);
	json_t *before = parts_of(&d->before, message_id);
	json_t *replies = replies_of(d->out, message_id);
	if (!derived && !before && !replies)
		return "";
	if (!derived)
		derived = json_object();
	if (before)
		json_object_set_new(derived, "before", before);
	if (replies)
		json_object_set_new(derived, "replies", replies);
	char *text = json_text(derived);
	const char *kept = arena_strdup(d->arena, text);
	free(text);
	json_decref(derived);
	return kept;
}

const char *const *
said_derive(const struct deciding *d)
{
	size_t n = d->out->n_messages;
	const char **list = arena_array(d->arena, n, sizeof(*list));
	for (size_t i = 0; i < n; i++)
		list[i] = derive(d, d->in->messages[i].id);
	return list;
}

/* ---- Again */

struct remembering {
	struct arena *arena;
	int64_t first; /* message of the turn: it has what was before that */
	said_find_fn *find;
	void *arg;
	int64_t gone; /* a message, or 0 */
};

/* What a message has under that key, and for a value under its slot. */
static const char *
recall(struct remembering *r, int64_t message_id, const char *key,
       const char *slot)
{
	const char *text = r->find(r->arg, message_id), *found = NULL;
	json_t *derived =
		text ? json_read(text, strlen(text), DERIVED_DEPTH, NULL)
		     : NULL;
	const json_t *parts = message_id < r->first
				      ? derived
				      : json_object_get(derived, "before");
	if (slot)
		found = json_get_text(json_object_get(parts, key), slot, NULL);
	else
		found = json_get_text(parts, key, NULL);
	found = found ? arena_strdup(r->arena, found) : NULL;
	json_decref(derived);
	if (!found)
		r->gone = message_id;
	return found ? found : "";
}

int64_t
said_remember(struct arena *arena, const char *recorded, int64_t first,
	      said_find_fn *find, void *arg, const char **memory_r)
{
	struct remembering r = {
		.arena = arena, .first = first, .find = find, .arg = arg};
	struct memory memory;
	memory_read(&memory, arena, recorded);
	for (size_t i = 0; i < memory.form.n_values; i++) {
		struct form_value *value = &memory.form.values[i];
		if (is_said(value))
			value->value = recall(&r, value->message_id, "values",
					      value->slot);
	}
	if (memory.call_back_id)
		memory.call_back =
			recall(&r, memory.call_back_id, "call_back", NULL);
	*memory_r = memory_write(&memory, arena);
	return r.gone;
}
