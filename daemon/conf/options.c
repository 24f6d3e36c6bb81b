/* Settings for those who ask.  A struct settings is read by any number of
 * threads at a time once it is made; settings_set() belongs to whoever alone
 * holds it. */
#include "conf/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "conf/maker.h"
#include "conf/settings.h"

static struct settings *
settings_new(const struct option_section *sections, size_t n)
{
	struct settings *settings = mem_new(sizeof *settings);

	settings->sections = mem_new(n * sizeof *sections);
	for (size_t i = 0; i < n; i++) {
		settings->sections[i] = sections[i];
		settings->sections[i].name =
			arena_strdup(&settings->arena, sections[i].name);
	}
	settings->n_sections = n;
	return settings;
}

/* Go on from having read the file, or failed. */
static struct settings *
finish(struct settings *settings, int ret, struct err *err)
{
	if (ret == 0)
		ret = settings_make(&settings->values, settings, err);
	if (ret == 0)
		return settings;
	settings_free(settings);
	return NULL;
}

struct settings *
settings_read(const char *path, const struct option_section *sections, size_t n,
	      struct err *err)
{
	struct settings *settings = settings_new(sections, n);
	int ret = 0;

	if (path) {
		settings->has_file = true;
		ret = yaml_read_file(&settings->file, path,
				     &yaml_limits_settings, err);
	}
	return finish(settings, ret, err);
}

struct settings *
settings_read_text(const char *name, const char *text, size_t len,
		   const struct option_section *sections, size_t n,
		   struct err *err)
{
	struct settings *settings = settings_new(sections, n);

	settings->has_file = true;
	int ret = yaml_read(&settings->file, name, text, len,
			    &yaml_limits_settings, err);
	return finish(settings, ret, err);
}

static void
release_change(struct settings_change *change)
{
	free(change->path);
	free(change->value);
}

void
settings_free(struct settings *settings)
{
	if (!settings)
		return;
	settings_values_release(&settings->values);
	yaml_release(&settings->file);
	arena_release(&settings->arena);
	for (size_t i = 0; i < settings->n_changes; i++)
		release_change(&settings->changes[i]);
	free(settings->changes);
	free(settings->sections);
	free(settings);
}

/* The change of that path, a new one if there is none. */
static struct settings_change *
put_change(struct settings *settings, const char *path)
{
	for (size_t i = 0; i < settings->n_changes; i++)
		if (strcmp(settings->changes[i].path, path) == 0)
			return &settings->changes[i];
	void *grown = mem_array_grow(settings->changes, settings->n_changes + 1,
				     sizeof *settings->changes);
	if (!grown)
		mem_exhausted();
	settings->changes = grown;
	struct settings_change *change =
		&settings->changes[settings->n_changes++];
	*change = (struct settings_change){.path = mem_strdup(path)};
	return change;
}

/* All values are made anew, so that the change means what it would in the file,
 * also for what depends on it; they take the place of the old ones only if all
 * of them are right. */
int
settings_set(struct settings *settings, const char *path, const char *value,
	     struct err *err)
{
	struct settings_change *change = put_change(settings, path);
	struct settings_values values;
	char *before = change->value;

	change->value = mem_strdup(value);
	if (settings_make(&values, settings, err) < 0) {
		free(change->value);
		change->value = before;
		/* A new one is the last. */
		if (!before)
			release_change(
				&settings->changes[--settings->n_changes]);
		return -1;
	}
	free(before);
	settings_values_release(&settings->values);
	settings->values = values;
	return 0;
}

const char *
settings_plugin_name(const struct settings *settings, size_t i)
{
	const struct settings_values *values = &settings->values;

	return i < values->n_plugins ? values->plugins[i].name : NULL;
}

int
settings_plugin_line(const struct settings *settings, size_t i)
{
	const struct settings_values *values = &settings->values;

	return i < values->n_plugins ? values->plugins[i].line : 0;
}

const struct teller_option *
settings_option(const struct settings *settings, const char *path)
{
	const struct setting *setting =
		map_get(&settings->values.by_path, path);

	return setting ? setting->option : NULL;
}

/* The setting, which is there and of one of the types (a bit each). */
static const struct setting *
get(const struct settings *settings, const char *path, unsigned int types)
{
	const struct setting *setting =
		map_get(&settings->values.by_path, path);

	if (setting && (1U << setting->option->type & types))
		return setting;
	log_error("the setting '%s' is asked for, %s", path,
		  setting ? "but has another type" : "which no table has");
	abort();
}

#define TYPE(type) (1U << TELLER_##type)

int64_t
settings_int(const struct settings *settings, const char *path)
{
	return get(settings, path, TYPE(INT) | TYPE(DURATION) | TYPE(SIZE))
		->value.number;
}

double
settings_real(const struct settings *settings, const char *path)
{
	return get(settings, path, TYPE(REAL))->value.real;
}

bool
settings_bool(const struct settings *settings, const char *path)
{
	return get(settings, path, TYPE(BOOL))->value.number != 0;
}

const char *
settings_text(const struct settings *settings, const char *path)
{
	return get(settings, path, TYPE(TEXT) | TYPE(CHOICE) | TYPE(SECRET))
		->value.text;
}

#define LISTS (TYPE(LIST) | TYPE(DIGESTS) | TYPE(ORIGINS) | TYPE(TABLE))

size_t
settings_count(const struct settings *settings, const char *path)
{
	return get(settings, path, LISTS)->value.n_items;
}

const char *
settings_item(const struct settings *settings, const char *path, size_t i)
{
	const struct value *value = &get(settings, path, LISTS)->value;

	return i < value->n_items ? value->items[i] : NULL;
}

int
settings_line(const struct settings *settings, const char *path)
{
	return get(settings, path, ~0U)->line;
}

static int
blame(const struct settings *settings, int line, const char *path,
      struct err *err)
{
	if (line)
		return err_prefix(err, "%s:%d: '%s'", settings->file.name, line,
				  path);
	return err_prefix(err, "'%s'", path);
}

int
settings_blame(const struct settings *settings, const char *path,
	       struct err *err)
{
	return blame(settings, settings_line(settings, path), path, err);
}

int
settings_blame_plugin(const struct settings *settings, size_t i,
		      struct err *err)
{
	char path[128];

	snprintf(path, sizeof path, SETTINGS_PLUGINS ".%s",
		 settings_plugin_name(settings, i));
	return blame(settings, settings_plugin_line(settings, i), path, err);
}

int
settings_write(const struct settings *settings, struct buf *out)
{
	size_t n;
	struct map_entry *all = settings_sorted(&settings->values, &n);

	for (size_t i = 0; i < n; i++) {
		const struct setting *setting = all[i].value;
		const char *shown = setting->value.shown;
		buf_addf(out, "%s:%s%s\n", all[i].key, shown[0] ? " " : "",
			 shown);
	}
	free(all);
	return out->failed ? -1 : 0;
}

/* Are all settings of that name in a also in b, with the same values? */
static bool
is_within(const struct settings *a, const struct settings *b, const char *name)
{
	map_each (e, &a->values.by_path) {
		if (strcmp(e->key, name) != 0 && !settings_below(e->key, name))
			continue;
		const struct setting *x = e->value;
		const struct setting *y = map_get(&b->values.by_path, e->key);
		if (!y || x->option->type != y->option->type ||
		    strcmp(x->value.shown, y->value.shown) != 0)
			return false;
	}
	return true;
}

bool
settings_same(const struct settings *a, const struct settings *b,
	      const char *name)
{
	return is_within(a, b, name) && is_within(b, a, name);
}
