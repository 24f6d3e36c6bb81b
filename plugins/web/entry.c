#include <stdio.h>
#include <string.h>
#include <time.h>

#include "web.h"

static json_t *
text_json(const char *text)
{
	json_t *value = json_string(text);
	return value ? value : json_string("");
}

/* RFC 3339, milliseconds. */
static json_t *
time_json(int64_t us)
{
	char date[32], text[48];
	time_t seconds = (time_t)(us / 1000000);
	struct tm parts;
	gmtime_r(&seconds, &parts);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(text, sizeof(text), "%s.%03dZ", date, (int)(us / 1000 % 1000));
	return json_string(text);
}

json_t *
web_sources_json(const struct teller_source *sources, size_t n)
{
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(
			list, json_pack("{s:o,s:i,s:o}", "id",
					text_json(sources[i].id), "version",
					sources[i].version, "title",
					text_json(sources[i].title)));
	return list;
}

json_t *
web_options_json(const struct teller_choice *options, size_t n)
{
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(
			list,
			json_pack("{s:o,s:o}", "id", text_json(options[i].id),
				  "label", text_json(options[i].label)));
	return list;
}

/* What only a reply has. */
static void
add_reply(json_t *object, const struct teller_entry *entry)
{
	json_t *answered = json_array();
	for (size_t i = 0; i < entry->n_in_reply_to; i++)
		json_array_append_new(answered,
				      text_json(entry->in_reply_to[i]));
	json_object_set_new(object, "confidence", json_real(entry->confidence));
	json_object_set_new(object, "sources",
			    web_sources_json(entry->sources, entry->n_sources));
	json_object_set_new(object, "options",
			    web_options_json(entry->options, entry->n_options));
	json_object_set_new(object, "in_reply_to", answered);
}

static const char *
rating_of(const struct teller_history *history, size_t i)
{
	if (!TELLER_HAS(history, ratings) || !history->ratings ||
	    !history->ratings[i])
		return NULL;
	return history->ratings[i] > 0 ? "up" : "down";
}

json_t *
web_entry_json(const struct teller_history *history, size_t i)
{
	const struct teller_entry *entry = &history->entries[i];
	const char *rating = rating_of(history, i);
	json_t *object = json_object();
	json_object_set_new(object, "id", text_json(entry->id));
	json_object_set_new(object, "author", text_json(entry->author));
	if (*entry->name)
		json_object_set_new(object, "name", text_json(entry->name));
	json_object_set_new(object, "kind", text_json(entry->kind));
	json_object_set_new(object, "text", text_json(entry->text));
	json_object_set_new(object, "at", time_json(entry->at_us));
	if (strcmp(entry->author, "customer") != 0)
		add_reply(object, entry);
	if (rating)
		json_object_set_new(object, "rating", json_string(rating));
	return object;
}
