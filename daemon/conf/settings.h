/* What a struct settings is made of; options.h says what it is for. */
#ifndef CONF_SETTINGS_H
#define CONF_SETTINGS_H

#include <stddef.h>

#include "base/hash.h"
#include "base/mem.h"
#include "conf/options.h"
#include "conf/value.h"
#include "conf/yaml.h"

struct err;

struct setting {
	const struct teller_option *option;
	int line;
	struct value value;
};

/* A plugin that the file or a change names. */
struct settings_plugin {
	const char *name;
	int line;
};

/* A value that the command line gave instead of the file. */
struct settings_change {
	char *path, *value;
};

/* All values, made in one go from the file and the changes, and thrown away in
 * one go when there is a further change. */
struct settings_values {
	struct map by_path; /* -> struct setting */
	struct settings_plugin *plugins;
	size_t n_plugins;
	struct arena arena;
};

struct settings {
	struct yaml_file file;
	bool has_file;
	struct option_section *sections; /* their names in the arena */
	size_t n_sections;
	struct settings_change *changes;
	size_t n_changes;
	struct arena arena;
	struct settings_values values;
};

/* Make all values.  0, or -1 and *err with *out zeroed. */
int settings_make(struct settings_values *out, const struct settings *,
		  struct err *);
void settings_values_release(struct settings_values *);

/* The values in order of path, n of them; free(). */
struct map_entry *settings_sorted(const struct settings_values *, size_t *n_r);

/* Does path begin with prefix and a dot?  What follows, or NULL. */
const char *settings_below(const char *path, const char *prefix);

#endif
