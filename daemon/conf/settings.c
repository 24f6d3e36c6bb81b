/* All values: the sections one by one, the plugins that are named, and changes
 * that nobody knows. */
#include "conf/settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "conf/maker.h"

const char *
settings_below(const char *path, const char *prefix)
{
	size_t len = strlen(prefix);

	if (strncmp(path, prefix, len) != 0 || path[len] != '.')
		return NULL;
	return path + len + 1;
}

static const struct option_section *
find_section(const struct maker *m, const char *name)
{
	for (size_t i = 0; i < m->settings->n_sections; i++)
		if (strcmp(m->settings->sections[i].name, name) == 0)
			return &m->settings->sections[i];
	return NULL;
}

/* A key of the file that is no section: what was meant? */
static int
refuse_top(struct maker *m, const struct yaml *node)
{
	size_t n = 0;
	const char **names = arena_array(
		&m->out->arena, m->settings->n_sections + 1, sizeof *names);

	names[n++] = SETTINGS_PLUGINS;
	for (size_t i = 0; i < m->settings->n_sections; i++)
		if (!strchr(m->settings->sections[i].name, '.'))
			names[n++] = m->settings->sections[i].name;
	const char *near = maker_find_elsewhere(m, node->key);
	return maker_refuse_key(m, node, node->key,
				near ? near
				     : conf_nearest(node->key, names, n));
}

static int
check_top(struct maker *m, const struct yaml *root)
{
	if (!maker_is_section(root))
		return yaml_error(&m->settings->file, root, m->err,
				  "expected sections here: 'desk:', and its "
				  "settings on lines below it, indented");
	if (root)
		yaml_each (node, root) {
			bool is_known =
				strcmp(node->key, SETTINGS_PLUGINS) == 0 ||
				(!strchr(node->key, '.') &&
				 find_section(m, node->key));
			if (!is_known)
				return refuse_top(m, node);
		}
	return 0;
}

/* Add a plugin's name unless it is there.  What is no name is refused: the
 * name becomes that of a file which is loaded. */
static int
add_plugin(struct maker *m, const char *name, const struct yaml *node)
{
	if (!maker_is_name(name))
		return maker_refuse(
			m, node, maker_join(m, SETTINGS_PLUGINS, name),
			"must have a name of letters, digits, '_' and "
			"'-'");
	for (size_t i = 0; i < m->out->n_plugins; i++)
		if (strcmp(m->out->plugins[i].name, name) == 0)
			return 0;
	m->out->plugins[m->out->n_plugins++] = (struct settings_plugin){
		.name = name,
		.line = node ? node->line : 0,
	};
	return 0;
}

static int
make_plugins(struct maker *m, const struct yaml *node)
{
	const struct settings *settings = m->settings;

	if (!maker_is_section(node))
		return maker_refuse(
			m, node, SETTINGS_PLUGINS,
			"holds sections: put each plugin's name on a "
			"line below it, indented, with a ':'");
	m->out->plugins = arena_array(
		&m->out->arena, (node ? node->n : 0) + settings->n_changes,
		sizeof *m->out->plugins);
	if (node)
		yaml_each (child, node)
			if (add_plugin(m, child->key, child) < 0)
				return -1;
	for (size_t i = 0; i < settings->n_changes; i++) {
		const char *below = settings_below(settings->changes[i].path,
						   SETTINGS_PLUGINS);
		if (!below)
			continue;
		size_t len = strcspn(below, ".");
		char *name = arena_strndup(&m->out->arena, below, len);
		if (add_plugin(m, name, NULL) < 0)
			return -1;
		/* Its own table, if it is there, says what the rest is. */
		if (below[len])
			m->is_used[i] = !find_section(
				m, maker_join(m, SETTINGS_PLUGINS, name));
		else
			m->is_used[i] = !settings->changes[i].value[0];
	}
	return 0;
}

static int
refuse_change(struct maker *m, const char *path)
{
	size_t n;
	struct map_entry *all = settings_sorted(m->out, &n);
	const char **names = arena_array(&m->out->arena, n, sizeof *names);

	for (size_t i = 0; i < n; i++)
		names[i] = all[i].key;
	free(all);
	const struct setting *table = map_get(&m->out->by_path, path);
	if (table)
		return maker_refuse(m, NULL, path,
				    "holds sections: name one of them and its "
				    "setting, as in accounts.NAME.SETTING");
	const char *near = conf_nearest(path, names, n);
	if (!near)
		near = maker_find_elsewhere(m, path);
	if (near)
		return err_set(m->err,
			       "unknown setting '%.100s', did you mean '%s'?",
			       path, near);
	return err_set(m->err, "unknown setting '%.100s'", path);
}

static int
make_all(struct maker *m)
{
	const struct settings *settings = m->settings;
	const struct yaml *root = settings->file.root;
	const struct yaml *plugins = yaml_get(root, SETTINGS_PLUGINS);

	if (check_top(m, root) < 0 || make_plugins(m, plugins) < 0)
		return -1;
	for (size_t i = 0; i < settings->n_sections; i++) {
		const struct option_section *s = &settings->sections[i];
		const char *plugin = settings_below(s->name, SETTINGS_PLUGINS);
		const struct yaml *node = plugin ? yaml_get(plugins, plugin)
						 : yaml_get(root, s->name);
		if (maker_read_section(m, s->name, s->options, node) < 0)
			return -1;
	}
	for (size_t i = 0; i < settings->n_changes; i++)
		if (!m->is_used[i])
			return refuse_change(m, settings->changes[i].path);
	return 0;
}

int
settings_make(struct settings_values *out, const struct settings *settings,
	      struct err *err)
{
	struct maker m = {.settings = settings, .out = out, .err = err};

	*out = (struct settings_values){0};
	m.is_used = arena_array(&out->arena, settings->n_changes + 1,
				sizeof *m.is_used);
	if (make_all(&m) == 0)
		return 0;
	settings_values_release(out);
	return -1;
}

void
settings_values_release(struct settings_values *values)
{
	map_release(&values->by_path);
	arena_release(&values->arena);
	*values = (struct settings_values){0};
}

static int
compare_paths(const void *a, const void *b)
{
	const struct map_entry *x = a, *y = b;

	return strcmp(x->key, y->key);
}

struct map_entry *
settings_sorted(const struct settings_values *values, size_t *n_r)
{
	struct map_entry *all = mem_array(values->by_path.n + 1, sizeof *all);
	size_t n = 0;

	if (!all)
		mem_exhausted();
	map_each (e, &values->by_path)
		all[n++] = *e;
	qsort(all, n, sizeof *all, compare_paths);
	*n_r = n;
	return all;
}
