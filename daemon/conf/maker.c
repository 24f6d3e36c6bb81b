/* Values of one section: what the file says, what the command line says
 * instead, and the fallback of the rest. */
#include "conf/maker.h"

#include <string.h>

#include "base/err.h"
#include "base/hash.h"
#include "conf/settings.h"

#define NAME_MAX_LEN 64

char *
maker_join(struct maker *m, const char *prefix, const char *name)
{
	return arena_printf(&m->out->arena, "%s.%s", prefix, name);
}

int
maker_refuse(struct maker *m, const struct yaml *node, const char *path,
	     const char *words)
{
	if (node)
		return yaml_error(&m->settings->file, node, m->err, "'%s' %s",
				  path, words);
	return err_set(m->err, "'%s' %s", path, words);
}

int
maker_refuse_key(struct maker *m, const struct yaml *node, const char *path,
		 const char *near)
{
	if (near)
		return yaml_error(&m->settings->file, node, m->err,
				  "unknown key '%.100s', did you mean '%s'?",
				  path, near);
	/* As --set and the manual name a setting. */
	if (strchr(node->key, '.'))
		return yaml_error(&m->settings->file, node, m->err,
				  "unknown key '%.100s': write a map in a map, "
				  "such as 'http: {listen: ...}', for each '.'",
				  path);
	return yaml_error(&m->settings->file, node, m->err,
			  "unknown key '%.100s'", path);
}

bool
maker_is_section(const struct yaml *node)
{
	return !node || node->kind == YAML_MAP ||
	       (node->kind == YAML_TEXT && node->is_plain && !node->text[0]);
}

bool
maker_is_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= NAME_MAX_LEN &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == len;
}

static const char *
find_change(struct maker *m, const char *path)
{
	for (size_t i = 0; i < m->settings->n_changes; i++) {
		if (strcmp(m->settings->changes[i].path, path) != 0)
			continue;
		m->is_used[i] = true;
		return m->settings->changes[i].value;
	}
	return NULL;
}

static struct setting *
add_setting(struct maker *m, const char *path,
	    const struct teller_option *option, const struct yaml *node)
{
	struct setting *setting = arena_new(&m->out->arena, sizeof *setting);

	*setting = (struct setting){
		.option = option,
		.line = node ? node->line : 0,
	};
	map_put(&m->out->by_path, path, setting);
	return setting;
}

/* The texts of a list. */
static int
make_list(struct maker *m, const char *path, const struct teller_option *option,
	  const struct yaml *node)
{
	struct arena *arena = &m->out->arena;
	const char **items = arena_array(arena, node->n, sizeof *items);
	struct err words;
	size_t n = 0;

	yaml_each (item, node) {
		if (item->kind != YAML_TEXT)
			return maker_refuse(m, item, path,
					    "may hold only texts, one a '-'");
		items[n++] = item->text;
	}
	struct setting *setting = add_setting(m, path, option, node);
	if (value_read_items(&setting->value, option, items, n, arena, &words) <
	    0)
		return maker_refuse(m, node, path, words.text);
	return 0;
}

/* The names of a table's sections: those of the file, in its order, and those
 * that only changes name. */
static const char **
table_names(struct maker *m, const char *path, const struct yaml *node,
	    size_t *n_r)
{
	struct arena *arena = &m->out->arena;
	size_t n = 0, most = (node ? node->n : 0) + m->settings->n_changes;
	const char **names = arena_array(arena, most, sizeof *names);
	struct map seen = {0};

	if (node)
		yaml_each (child, node) {
			names[n++] = child->key;
			map_put(&seen, child->key, arena);
		}
	for (size_t i = 0; i < m->settings->n_changes; i++) {
		const char *below =
			settings_below(m->settings->changes[i].path, path);
		if (!below)
			continue;
		char *name = arena_strndup(arena, below, strcspn(below, "."));
		if (!map_put(&seen, name, arena))
			names[n++] = name;
	}
	map_release(&seen);
	*n_r = n;
	return names;
}

static int
make_table(struct maker *m, const char *path,
	   const struct teller_option *option, const struct yaml *node)
{
	static const struct teller_option none = {0};
	struct err words;
	size_t n;

	if (!maker_is_section(node))
		return maker_refuse(
			m, node, path,
			"holds sections: put each name on a line below "
			"it, indented, its settings below the name");
	const char **names = table_names(m, path, node, &n);
	struct setting *setting = add_setting(m, path, option, node);
	if (value_read_items(&setting->value, option, names, n, &m->out->arena,
			     &words) < 0)
		return maker_refuse(m, node, path, words.text);
	for (size_t i = 0; i < n; i++) {
		const struct yaml *child = yaml_get(node, names[i]);
		if (!maker_is_name(names[i]))
			return maker_refuse(
				m, child, maker_join(m, path, names[i]),
				"must have a name of letters, digits, "
				"'_' and '-'");
		if (maker_read_section(m, maker_join(m, path, names[i]),
				       option->fields ? option->fields : &none,
				       child) < 0)
			return -1;
	}
	return 0;
}

/* A value from the file (node), a change or the fallback. */
static int
make_value(struct maker *m, const char *path,
	   const struct teller_option *option, const struct yaml *node)
{
	const char *text = find_change(m, path);
	struct err words;

	if (text)
		node = NULL;
	else if (node && node->kind != YAML_TEXT)
		return maker_refuse(
			m, node, path,
			node->kind == YAML_LIST
				? "must be one value, not a list"
				: "must be one value, not a section");
	else
		text = node ? node->text : option->fallback;
	struct setting *setting = add_setting(m, path, option, node);
	if (value_read(&setting->value, option, text, &m->out->arena, &words) <
	    0)
		return maker_refuse(m, node, path, words.text);
	return 0;
}

/* section: the node around, NULL if the file has none. */
static int
refuse_missing(struct maker *m, const char *path,
	       const struct teller_option *option, const struct yaml *section)
{
	const char *help = option->help ? option->help : "there is no default";

	if (m->settings->has_file)
		return yaml_error(&m->settings->file, section, m->err,
				  "'%s' must be given: %s", path, help);
	return err_set(m->err, "'%s' must be given: %s", path, help);
}

static int
make_option(struct maker *m, const char *path,
	    const struct teller_option *option, const struct yaml *section)
{
	const struct yaml *node = yaml_get(section, option->name);

	if (option->type == TELLER_TABLE)
		return make_table(m, path, option, node);
	bool is_list = option->type == TELLER_LIST ||
		       option->type == TELLER_DIGESTS ||
		       option->type == TELLER_ORIGINS;
	if (is_list && node && node->kind == YAML_LIST && !find_change(m, path))
		return make_list(m, path, option, node);
	if (!node && !option->fallback && !find_change(m, path))
		return refuse_missing(m, path, option, section);
	return make_value(m, path, option, node);
}

const char *
maker_find_elsewhere(struct maker *m, const char *name)
{
	for (size_t i = 0; i < m->settings->n_sections; i++) {
		const struct option_section *s = &m->settings->sections[i];
		const char *plugin = settings_below(s->name, SETTINGS_PLUGINS);
		if (plugin && strcmp(plugin, name) == 0)
			return s->name;
		for (const struct teller_option *o = s->options; o->name; o++)
			if (strcmp(o->name, name) == 0)
				return maker_join(m, s->name, name);
	}
	return NULL;
}

static int
refuse_in_section(struct maker *m, const char *path,
		  const struct teller_option *options, const struct yaml *node)
{
	size_t n = 0;

	while (options[n].name)
		n++;
	const char **names = arena_array(&m->out->arena, n, sizeof *names);
	for (size_t i = 0; i < n; i++)
		names[i] = options[i].name;
	const char *near = conf_nearest(node->key, names, n);
	near = near ? maker_join(m, path, near)
		    : maker_find_elsewhere(m, node->key);
	return maker_refuse_key(m, node, maker_join(m, path, node->key), near);
}

int
maker_read_section(struct maker *m, const char *path,
		   const struct teller_option *options, const struct yaml *node)
{
	if (!maker_is_section(node))
		return maker_refuse(
			m, node, path,
			"is a section: put its settings on lines below "
			"it, indented");
	if (node)
		yaml_each (child, node) {
			const struct teller_option *option = options;
			while (option->name &&
			       strcmp(option->name, child->key) != 0)
				option++;
			if (!option->name)
				return refuse_in_section(m, path, options,
							 child);
		}
	for (; options->name; options++)
		if (make_option(m, maker_join(m, path, options->name), options,
				node) < 0)
			return -1;
	return 0;
}
