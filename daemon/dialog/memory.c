#include "dialog/memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"

/* Twice what a form can hold whose every answer has as many bytes as may be. */
#define MEMORY_BYTES_MAX (1024 * 1024)
#define MEMORY_DEPTH 4

static size_t
read_options(const char **options, size_t max, struct arena *arena,
	     const json_t *list)
{
	size_t i, n = 0;
	json_t *option;
	json_array_foreach (list, i, option) {
		if (n < max && json_is_string(option))
			options[n++] =
				arena_strdup(arena, json_string_value(option));
	}
	return n;
}

/* Where nothing else is shown, only what is offered is written. */
static void
read_offered(struct memory *memory, struct arena *arena, const json_t *object)
{
	const json_t *offered = json_object_get(object, "offered");
	const json_t *shown = json_object_get(object, "shown");
	memory->n_offered =
		read_options(memory->offered, OFFERED_MAX, arena, offered);
	memory->n_shown = read_options(memory->shown, SHOWN_MAX, arena,
				       shown ? shown : offered);
}

static const char *
read_text(struct arena *arena, const json_t *object, const char *key)
{
	return arena_strdup(arena, json_get_text(object, key, ""));
}

static void
read_topic(struct topic *topic, struct arena *arena, const json_t *object)
{
	topic->entry = read_text(arena, object, "topic");
	topic->intent = read_text(arena, object, "topic_intent");
	topic->words = read_text(arena, object, "topic_words");
	topic->age = json_get_count(object, "topic_age");
	topic->at_us = json_get_time(object, "topic_at");
}

void
memory_read(struct memory *memory, struct arena *arena, const char *text)
{
	*memory = (struct memory){.episode = 0};
	size_t len = strlen(text);
	json_t *object = len > MEMORY_BYTES_MAX
				 ? NULL
				 : json_read(text, len, MEMORY_DEPTH, NULL);
	memory->episode = json_get_count(object, "episode");
	memory->is_told = json_get_bool(object, "told", false);
	memory->since_us = json_get_time(object, "since");
	memory->asked_us = json_get_time(object, "asked");
	memory->desk = read_text(arena, object, "desk");
	memory->call_back = read_text(arena, object, "call_back");
	memory->call_back_id = json_get_int(object, "call_back_id", 0);
	read_offered(memory, arena, object);
	read_topic(&memory->topic, arena, object);
	memory->owes_disclosure = json_get_bool(object, "owes", false);
	form_state_read(&memory->form, arena, json_object_get(object, "form"));
	json_decref(object);
}

static void
write_topic(const struct topic *topic, json_t *object)
{
	if (!*topic->entry)
		return;
	json_set_text(object, "topic", topic->entry);
	json_set_text(object, "topic_intent", topic->intent);
	json_set_text(object, "topic_words", topic->words);
	json_set_int(object, "topic_age", topic->age);
	json_set_int(object, "topic_at", topic->at_us);
}

static void
write_options(json_t *object, const char *key, const char *const *options,
	      size_t n)
{
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++)
		json_add_text(list, options[i]);
	json_object_set_new(object, key, list);
}

const char *
memory_write(const struct memory *memory, struct arena *arena)
{
	json_t *object = json_object();
	json_set_int(object, "episode", memory->episode);
	if (memory->is_told)
		json_set_bool(object, "told", true);
	if (memory->since_us)
		json_set_int(object, "since", memory->since_us);
	if (memory->asked_us)
		json_set_int(object, "asked", memory->asked_us);
	if (*memory->call_back)
		json_set_text(object, "call_back", memory->call_back);
	if (memory->call_back_id)
		json_set_int(object, "call_back_id", memory->call_back_id);
	if (*memory->desk)
		json_set_text(object, "desk", memory->desk);
	if (memory->n_offered)
		write_options(object, "offered", memory->offered,
			      memory->n_offered);
	if (memory->n_shown != memory->n_offered)
		write_options(object, "shown", memory->shown, memory->n_shown);
	if (memory->owes_disclosure)
		json_set_bool(object, "owes", true);
	json_t *form = form_state_write(&memory->form);
	if (form)
		json_object_set_new(object, "form", form);
	write_topic(&memory->topic, object);
	char *text = json_text(object);
	json_decref(object);
	const char *kept = arena_strdup(arena, text);
	free(text);
	return kept;
}
