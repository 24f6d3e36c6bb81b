/* Making the values of a section; settings.c makes the whole of sections. */
#ifndef CONF_MAKER_H
#define CONF_MAKER_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct settings;
struct settings_values;
struct teller_option;
struct yaml;

/* The section that holds the plugins' sections. */
#define SETTINGS_PLUGINS "plugins"

struct maker {
	const struct settings *settings;
	struct settings_values *out;
	bool *is_used; /* by change: some option took it */
	struct err *err;
};

/* Add the values of a section's options to m->out, its settings under path;
 * node NULL: the file has no such section.  0, or -1 and *m->err. */
int maker_read_section(struct maker *m, const char *path,
		       const struct teller_option *options,
		       const struct yaml *node);

/* Is it a section, or nothing, which is an empty one? */
bool maker_is_section(const struct yaml *node);
/* May a section be called so?  Its name becomes a part of paths, a plugin's
 * that of a file. */
bool maker_is_name(const char *name);
/* "prefix.name", kept in m->out. */
char *maker_join(struct maker *m, const char *prefix, const char *name);

/* Words about the setting at path, -1: "file:line: 'path' words", or without
 * the file for what a change or a fallback says (node NULL). */
int maker_refuse(struct maker *m, const struct yaml *node, const char *path,
		 const char *words);
/* Words about a key that no table has; near: what was meant, or NULL. */
int maker_refuse_key(struct maker *m, const struct yaml *node, const char *path,
		     const char *near);
/* Where a setting, or a plugin, of that name is: people forget the section.
 * NULL: nowhere. */
const char *maker_find_elsewhere(struct maker *m, const char *name);

#endif
