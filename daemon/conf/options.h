/* Settings: a table of options, a file, and the typed values of both.
 *
 * A setting is named by its path, "desk.claim"; those of the plugin web are
 * read under "plugins.web": "plugins.slack.accounts.acme.token".
 *
 * The daemon reads its file twice: first with its own sections alone, which
 * tells where plugins are and which the file names; then, with the tables of
 * these plugins, once more with their sections too. */
#ifndef CONF_OPTIONS_H
#define CONF_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tellerd/plugin.h>

struct err;
struct buf;
struct settings;

/* One part of tellerd.yaml: the section's name and its options. */
struct option_section {
	const char *name; /* "desk"; "plugins.web" */
	const char *help; /* one sentence */
	const struct teller_option *options;
};

/* The daemon's own sections, ending with name NULL. */
extern const struct option_section conf_daemon_sections[];

/* Read a file's settings against the sections (n of them, copied; the tables of
 * options they name are borrowed until settings_free()).  Everything not in the
 * file has its fallback.  path NULL: fallbacks alone.  An unknown key or a
 * value of the wrong type is an error with file, line, key and the nearest
 * known key.  Under "plugins", sections whose plugin is not among those given
 * are kept aside unread, their names in settings_plugin_name().  NULL and
 * *err. */
struct settings *settings_read(const char *path,
			       const struct option_section *sections, size_t n,
			       struct err *);
/* The same of a file that is in memory; name as in messages. */
struct settings *settings_read_text(const char *name, const char *text,
				    size_t len,
				    const struct option_section *sections,
				    size_t n, struct err *err);
void settings_free(struct settings *);

/* Set one value as if the file said so (command line); a list's entries are
 * parted by commas.  A path below "plugins.NAME" whose table is not among the
 * sections names the plugin and is otherwise kept aside, too; "plugins.NAME"
 * with the value "" only names it.  Texts that settings_ functions returned
 * before are gone.  0, or -1 and *err with nothing changed. */
int settings_set(struct settings *, const char *path, const char *value,
		 struct err *);

/* Plugins the file names, in its order, i from 0; NULL behind the last. */
const char *settings_plugin_name(const struct settings *, size_t i);
/* The line where it does; 0: the command line does. */
int settings_plugin_line(const struct settings *, size_t i);

/* Does the table have such a setting, and of what type?  NULL: no. */
const struct teller_option *settings_option(const struct settings *,
					    const char *path);
/* Values by path.  The path is one of the table: anything else is our own
 * mistake and ends the process. */
int64_t settings_int(const struct settings *, const char *path);
double settings_real(const struct settings *, const char *path);
bool settings_bool(const struct settings *, const char *path);
const char *settings_text(const struct settings *, const char *path);
size_t settings_count(const struct settings *, const char *path);
/* NULL behind the last. */
const char *settings_item(const struct settings *, const char *path, size_t i);
/* The line of the file that gave the value; 0: a fallback or the command
 * line. */
int settings_line(const struct settings *, const char *path);
/* What *err says is the fault of that setting, or of naming the i-th plugin:
 * put "file:line: 'path'" before it, without the file for what is not of the
 * file.  -1. */
int settings_blame(const struct settings *, const char *path, struct err *);
int settings_blame_plugin(const struct settings *, size_t i, struct err *);

/* All settings, one "path: value" a line in order of path: what a turn's hash
 * covers.  TELLER_SECRET shows where it is, never what.  0, or -1 when out has
 * no room. */
int settings_write(const struct settings *, struct buf *out);

/* Does the section, or the one setting, of that name say the same in both? */
bool settings_same(const struct settings *, const struct settings *,
		   const char *name);

#endif
