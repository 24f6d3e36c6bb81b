#include "rich.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "mrkdwn.h"

#define DEPTH_MAX 8
#define ITEMS_MAX 1000 /* of one list */

static void add_element(FILE *out, const json_t *element, int depth);

static const char *
get(const json_t *object, const char *key)
{
	const char *text = event_text(object, key);
	return text ? text : "";
}

static void
add_all(FILE *out, const json_t *elements, int depth)
{
	const json_t *element;
	size_t i;
	if (depth >= DEPTH_MAX)
		return;
	json_array_foreach (elements, i, element)
		add_element(out, element, depth + 1);
}

/* Items as the author sees them: with bullets or numbers, a line each. */
static void
add_list(FILE *out, const json_t *list, int depth)
{
	const json_t *items = json_object_get(list, "elements"), *item;
	bool is_ordered = strcmp(get(list, "style"), "ordered") == 0;
	size_t i;
	json_array_foreach (items, i, item) {
		if (i >= ITEMS_MAX)
			break;
		if (i > 0)
			putc('\n', out);
		if (is_ordered)
			fprintf(out, "%zu. ", i + 1);
		else
			fputs("\xE2\x80\xA2 ", out);
		add_element(out, item, depth);
	}
}

/* Ids come back as they are; what is no id is let go. */
static void
add_reference(FILE *out, const char *sign, const json_t *element,
	      const char *key)
{
	const char *id = get(element, key);
	if (event_is_id(id))
		fprintf(out, "<%s%s>", sign, id);
}

static void
add_link(FILE *out, const json_t *element)
{
	const char *url = get(element, "url"), *text = get(element, "text");
	bool is_span = *url && !strpbrk(url, "<>|\n");
	if (!is_span) {
		mrkdwn_escape(out, *text ? text : url);
		return;
	}
	putc('<', out);
	fputs(url, out);
	if (*text) {
		putc('|', out);
		mrkdwn_escape(out, text);
	}
	putc('>', out);
}

static void
add_word(FILE *out, const json_t *element, const char *type)
{
	if (strcmp(type, "link") == 0)
		add_link(out, element);
	else if (strcmp(type, "user") == 0)
		add_reference(out, "@", element, "user_id");
	else if (strcmp(type, "channel") == 0)
		add_reference(out, "#", element, "channel_id");
	else if (strcmp(type, "usergroup") == 0)
		add_reference(out, "!subteam^", element, "usergroup_id");
	else if (strcmp(type, "emoji") == 0)
		fprintf(out, ":%s:", get(element, "name"));
	else if (strcmp(type, "broadcast") == 0)
		fprintf(out, "@%s", get(element, "range"));
	else if (strcmp(type, "date") == 0)
		mrkdwn_escape(out, get(element, "fallback"));
	else
		mrkdwn_escape(out, get(element, "text"));
}

static void
add_element(FILE *out, const json_t *element, int depth)
{
	const char *type = get(element, "type");
	const json_t *elements = json_object_get(element, "elements");
	if (strcmp(type, "rich_text_list") == 0)
		add_list(out, element, depth);
	else if (elements)
		add_all(out, elements, depth);
	else
		add_word(out, element, type);
}

/* What stands in sections, lists, quotes and code is parted by lines. */
static void
add_block(FILE *out, const json_t *block)
{
	const json_t *part;
	size_t i;
	if (strcmp(get(block, "type"), "rich_text") != 0)
		return;
	json_array_foreach (json_object_get(block, "elements"), i, part) {
		if (ftell(out) > 0)
			putc('\n', out);
		add_element(out, part, 0);
	}
}

char *
rich_text(const json_t *blocks)
{
	char *text = NULL;
	size_t len, i;
	FILE *out = open_memstream(&text, &len);
	const json_t *block;
	if (!out)
		return NULL;
	json_array_foreach (blocks, i, block)
		add_block(out, block);
	if (fclose(out) == 0 && len > 0)
		return text;
	free(text);
	return NULL;
}

void
rich_fill(json_t *message)
{
	if (*get(message, "text"))
		return;
	char *text = rich_text(json_object_get(message, "blocks"));
	if (text)
		json_object_set_new(message, "text", json_string(text));
	free(text);
}
