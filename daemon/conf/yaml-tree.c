/* The tree that yaml.c made, for its readers: looking up, words about a node,
 * maps against what they may hold.  Any thread. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "conf/yaml.h"

void
yaml_release(struct yaml_file *file)
{
	arena_release(&file->arena);
	*file = (struct yaml_file){0};
}

struct yaml *
yaml_get(const struct yaml *map, const char *key)
{
	if (!map || map->kind != YAML_MAP)
		return NULL;
	yaml_each (node, map)
		if (strcmp(node->key, key) == 0)
			return node;
	return NULL;
}

int
yaml_error(const struct yaml_file *file, const struct yaml *node,
	   struct err *err, const char *fmt, ...)
{
	struct err words;
	va_list args;

	va_start(args, fmt);
	vsnprintf(words.text, sizeof words.text, fmt, args);
	va_end(args);
	if (!node)
		return err_set(err, "%s: %s", file->name, words.text);
	return err_set(err, "%s:%d: %s", file->name, node->line, words.text);
}

static const char *
kind_words(enum yaml_kind kind)
{
	static const char *const words[] = {
		[YAML_TEXT] = "a text",
		[YAML_LIST] = "a list ('- entry' lines)",
		[YAML_MAP] = "a map ('key: value' lines)",
	};
	return words[kind];
}

static bool
has_kind(const struct yaml *node, enum yaml_kind kind)
{
	if (node->kind == kind)
		return true;
	return node->kind == YAML_TEXT && node->is_plain && !node->text[0];
}

/* More than any table of fields has; the rest is not offered. */
#define OFFERED_MAX 64

static int
refuse_key(const struct yaml_file *file, const struct yaml *node,
	   const struct yaml_field *fields, struct err *err)
{
	const char *names[OFFERED_MAX];
	size_t n = 0;

	for (; n < OFFERED_MAX && fields[n].key; n++)
		names[n] = fields[n].key;
	const char *near = conf_nearest(node->key, names, n);
	if (near)
		return yaml_error(file, node, err,
				  "unknown key '%.60s', did you mean '%s'?",
				  node->key, near);
	return yaml_error(file, node, err, "unknown key '%.60s'", node->key);
}

static int
check_key(const struct yaml_file *file, const struct yaml *node,
	  const struct yaml_field *fields, struct err *err)
{
	const struct yaml_field *field = fields;

	while (field->key && strcmp(field->key, node->key) != 0)
		field++;
	if (!field->key)
		return refuse_key(file, node, fields, err);
	if (!has_kind(node, field->kind))
		return yaml_error(file, node, err, "'%s' must be %s, not %s",
				  node->key, kind_words(field->kind),
				  kind_words(node->kind));
	return 0;
}

int
yaml_check(const struct yaml_file *file, const struct yaml *map,
	   const struct yaml_field *fields, struct err *err)
{
	if (map && !has_kind(map, YAML_MAP))
		return yaml_error(file, map, err, "expected %s here, not %s",
				  kind_words(YAML_MAP), kind_words(map->kind));
	if (map)
		yaml_each (node, map)
			if (check_key(file, node, fields, err) < 0)
				return -1;
	for (; fields->key; fields++)
		if (fields->is_required && !yaml_get(map, fields->key))
			return yaml_error(file, map, err, "'%s' is missing",
					  fields->key);
	return 0;
}
