/* What is expected of a turn, and what the readers of scripts have in common.
 * Any thread. */
#include <string.h>

#include "base/err.h"
#include "conf/units.h"
#include "dialog/script_parts.h"
#include "store/conversation.h"

static const char *const about_names[] = {
	[SCRIPT_KIND] = "kind",		  [SCRIPT_ENTRY] = "entry",
	[SCRIPT_NOT_ENTRY] = "not_entry", [SCRIPT_RULE] = "rule",
	[SCRIPT_STATE] = "state",	  [SCRIPT_OPTIONS] = "options",
	[SCRIPT_SAYS] = "says",		  [SCRIPT_SAYS_NOT] = "says_not",
	[SCRIPT_FORM] = "form",		  [SCRIPT_ASKS] = "asks",
	[SCRIPT_ENDS] = "ends",
};

const char *
script_about_name(enum script_about about)
{
	return about_names[about];
}

/* Keys whose values may be a text or a list are told apart by their readers:
 * a table has one kind for each, so it is not asked. */
static int
refuse_key(struct reading *r, const struct yaml *node, const char *const *keys,
	   size_t n)
{
	const char *near = conf_nearest(node->key, keys, n);
	return near ? yaml_error(r->file, node, r->err,
				 "unknown key '%s', did you mean '%s'?",
				 node->key, near)
		    : yaml_error(r->file, node, r->err, "unknown key '%s'",
				 node->key);
}

int
script_check_map(struct reading *r, const struct yaml *node,
		 const char *const *keys, size_t n)
{
	if (node->kind != YAML_MAP)
		return yaml_error(r->file, node, r->err, "expected a map here");
	yaml_each (child, node) {
		size_t i = 0;
		while (i < n && strcmp(keys[i], child->key) != 0)
			i++;
		if (i == n)
			return refuse_key(r, child, keys, n);
	}
	return 0;
}

int
script_read_texts(struct reading *r, const struct yaml *node,
		  struct script_texts *out)
{
	if (!node)
		return 0;
	if (node->kind == YAML_MAP)
		return yaml_error(r->file, node, r->err,
				  "'%s' must be a text or a list of texts",
				  node->key);
	bool is_list = node->kind == YAML_LIST;
	size_t n = is_list ? node->n : 1;
	const char **items =
		arena_array(&r->file->arena, n + 1, sizeof(*items));
	*out = (struct script_texts){.line = node->line, .items = items};
	if (!is_list) {
		items[out->n++] = node->text;
		return 0;
	}
	yaml_each (item, node) {
		if (item->kind != YAML_TEXT)
			return yaml_error(r->file, item, r->err,
					  "a text is expected here");
		items[out->n++] = item->text;
	}
	return 0;
}

int
script_read_text(struct reading *r, const struct yaml *node, const char **out)
{
	if (!node)
		return 0;
	if (node->kind != YAML_TEXT || !*node->text)
		return yaml_error(r->file, node, r->err, "'%s' must be a text",
				  node->key);
	*out = node->text;
	return 0;
}

int
script_read_flag(struct reading *r, const struct yaml *node, int *out)
{
	if (!node)
		return 0;
	bool is_true = node->kind == YAML_TEXT && node->is_plain &&
		       strcmp(node->text, "true") == 0;
	bool is_false = node->kind == YAML_TEXT && node->is_plain &&
			strcmp(node->text, "false") == 0;
	if (!is_true && !is_false)
		return yaml_error(r->file, node, r->err,
				  "'%s' must be true or false", node->key);
	*out = is_true;
	return 0;
}

int
script_check_names(struct reading *r, const struct yaml *node,
		   const struct script_texts *texts, const char *const *names,
		   size_t n)
{
	for (size_t i = 0; i < texts->n; i++) {
		size_t k = 0;
		while (k < n && strcmp(names[k], texts->items[i]) != 0)
			k++;
		if (k < n)
			continue;
		const char *near = conf_nearest(texts->items[i], names, n);
		return yaml_error(r->file, node, r->err,
				  "there is no %s '%s'%s%s%s", node->key,
				  texts->items[i],
				  near ? ", did you mean '" : "",
				  near ? near : "", near ? "'?" : "");
	}
	return 0;
}

int
script_check_values(struct reading *r, const struct yaml *node)
{
	if (!node)
		return 0;
	if (node->kind != YAML_MAP)
		return yaml_error(r->file, node, r->err,
				  "'%s' must be a map of texts", node->key);
	yaml_each (value, node)
		if (value->kind != YAML_TEXT)
			return yaml_error(r->file, value, r->err,
					  "'%s' must be a text", value->key);
	return 0;
}

static int
check_about(struct reading *r, const struct yaml *map,
	    const struct script_expect *expect)
{
	const char *names[TURN_KINDS > STATE_CLOSED ? TURN_KINDS
						    : STATE_CLOSED + 1];
	const struct script_texts *kinds = &expect->about[SCRIPT_KIND];
	const struct script_texts *states = &expect->about[SCRIPT_STATE];
	for (int i = 0; i < TURN_KINDS; i++)
		names[i] = turn_kind_name((enum turn_kind)i);
	if (kinds->line && script_check_names(r, yaml_get(map, "kind"), kinds,
					      names, TURN_KINDS))
		return -1;
	for (int i = 0; i <= STATE_CLOSED; i++)
		names[i] = conversation_state_name((enum conversation_state)i);
	return states->line
		       ? script_check_names(r, yaml_get(map, "state"), states,
					    names, STATE_CLOSED + 1)
		       : 0;
}

static int
read_count(struct reading *r, const struct yaml *node, int *out)
{
	int64_t number;
	if (!node)
		return 0;
	if (node->kind != YAML_TEXT || !units_read_int(node->text, &number) ||
	    number < 0 || number > 1000)
		return yaml_error(r->file, node, r->err,
				  "'%s' must be a number from 0 to 1000",
				  node->key);
	*out = (int)number;
	return 0;
}

int
script_read_expect(struct reading *r, const struct yaml *node,
		   struct script_expect *out)
{
	static const char *const keys[] = {
		"kind",	   "entry", "not_entry", "rule",	"state",
		"options", "says",  "says_not",	 "form",	"asks",
		"ends",	   "slots", "silent",	 "failed_turns"};
	*out = (struct script_expect){.silent = -1, .failed_turns = -1};
	if (!node)
		return 0;
	if (CHECK_MAP(r, node, keys))
		return -1;
	for (int i = 0; i < SCRIPT_ABOUTS; i++)
		if (script_read_texts(r, yaml_get(node, about_names[i]),
				      &out->about[i]))
			return -1;
	out->slots = yaml_get(node, "slots");
	if (check_about(r, node, out) || script_check_values(r, out->slots) ||
	    script_read_flag(r, yaml_get(node, "silent"), &out->silent))
		return -1;
	return read_count(r, yaml_get(node, "failed_turns"),
			  &out->failed_turns);
}
