/* Facts: from a tree of YAML to names with dots.  Reading belongs to one
 * thread; facts_value() may run on any. */
#include "conf/facts.h"

#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "conf/yaml.h"

struct reader {
	struct facts *facts;
	const struct yaml_file *file;
	struct err *err;
};

static bool
is_name(const char *key)
{
	return key[strspn(key, "abcdefghijklmnopqrstuvwxyz"
			       "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")] == 0;
}

/* The name of a fact with those of the maps around it; NULL and *err. */
static char *
full_name(struct reader *r, const struct yaml *node, const char *prefix)
{
	if (!is_name(node->key)) {
		yaml_error(r->file, node, r->err,
			   "the name '%.60s' may hold only letters, digits and "
			   "'_'",
			   node->key);
		return NULL;
	}
	char *name = arena_printf(&r->facts->arena, "%s%s%s", prefix,
				  prefix[0] ? "." : "", node->key);
	if (strlen(name) <= FACT_NAME_MAX)
		return name;
	yaml_error(r->file, node, r->err,
		   "the name '%.60s' is longer than %d bytes", node->key,
		   FACT_NAME_MAX);
	return NULL;
}

static int
add_fact(struct reader *r, const struct yaml *node, const char *name)
{
	size_t len = strlen(node->text);

	while (len > 0 && node->text[len - 1] == '\n')
		len--;
	if (len == 0)
		return yaml_error(r->file, node, r->err,
				  "the fact '%s' is empty: give it a text, or "
				  "take it out",
				  name);
	if (len > FACT_TEXT_MAX)
		return yaml_error(r->file, node, r->err,
				  "the fact '%s' is longer than %d bytes", name,
				  FACT_TEXT_MAX);
	if (strstr(node->text, "{{"))
		return yaml_error(r->file, node, r->err,
				  "the fact '%s' holds '{{': facts cannot "
				  "refer to others",
				  name);
	map_put(&r->facts->values, name,
		arena_strndup(&r->facts->arena, node->text, len));
	return 0;
}

/* Calls itself for maps in maps; the reader of YAML limits how deep. */
static int
add_map(struct reader *r, const struct yaml *map, const char *prefix)
{
	yaml_each (node, map) {
		char *name = full_name(r, node, prefix);
		int ret = -1;
		if (!name)
			return -1;
		if (node->kind == YAML_TEXT)
			ret = add_fact(r, node, name);
		else if (node->kind == YAML_MAP)
			ret = add_map(r, node, name);
		else
			yaml_error(r->file, node, r->err,
				   "the fact '%s' must be a text, not a list",
				   name);
		if (ret < 0)
			return -1;
	}
	return 0;
}

int
facts_read(struct facts *facts, const struct yaml_file *file, struct err *err)
{
	struct reader r = {.facts = facts, .file = file, .err = err};

	*facts = (struct facts){0};
	if (!file->root)
		return 0;
	if (file->root->kind != YAML_MAP)
		return yaml_error(file, file->root, err,
				  "expected 'name: text' lines");
	if (add_map(&r, file->root, "") < 0) {
		facts_release(facts);
		return -1;
	}
	return 0;
}

void
facts_release(struct facts *facts)
{
	map_release(&facts->values);
	arena_release(&facts->arena);
}

const char *
facts_value(const void *arg, const char *name, size_t len)
{
	const struct facts *facts = arg;
	char key[FACT_NAME_MAX + 1];

	if (len > FACT_NAME_MAX)
		return NULL;
	memcpy(key, name, len);
	key[len] = '\0';
	return map_get(&facts->values, key);
}
