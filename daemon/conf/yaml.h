/* The one reader of YAML: a tree with line numbers, within limits.
 *
 * Refused, with file and line: anchors and aliases, tags, more than one
 * document, duplicate keys, keys that are no texts, invalid UTF-8, NUL and
 * other control characters (also written as escapes), nesting over 16 levels,
 * more than max_nodes nodes, files over max_bytes. */
#ifndef CONF_YAML_H
#define CONF_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

struct err;

#define YAML_MAX_DEPTH 16

enum yaml_kind { YAML_TEXT, YAML_LIST, YAML_MAP };

struct yaml {
	enum yaml_kind kind;
	int line;	  /* from 1; in a map: of the key */
	const char *key;  /* in a map: the key of this value */
	const char *text; /* YAML_TEXT: the value, "" for an empty one */
	bool is_plain;	  /* YAML_TEXT: not quoted, so `true` means true */
	size_t n;	  /* YAML_LIST, YAML_MAP: how many */
	struct yaml *first, *next; /* children; siblings */
};

#define yaml_each(node, parent) \
	for (struct yaml *node = (parent)->first; node; node = node->next)

struct yaml_file {
	const char *name;  /* as in messages */
	struct yaml *root; /* NULL: the file is empty */
	struct arena arena;
};

struct yaml_limits {
	size_t max_bytes, max_nodes;
};
extern const struct yaml_limits yaml_limits_settings; /* 1 MiB, 10,000 */
extern const struct yaml_limits yaml_limits_pack;     /* 16 MiB, 1,000,000 */

/* Read a file, or text that is in memory (the name is copied, the text may
 * go).  0, or -1 and *err that begins with "name:line: ", or "name: " when
 * the file as a whole is at fault; the yaml_file is zeroed then.  Everything
 * is borrowed until yaml_release(). */
int yaml_read_file(struct yaml_file *, const char *path,
		   const struct yaml_limits *, struct err *);
int yaml_read(struct yaml_file *, const char *name, const char *text,
	      size_t len, const struct yaml_limits *, struct err *);
void yaml_release(struct yaml_file *); /* a zeroed one is fine */

/* The value of a key of a map; NULL when there is none. */
struct yaml *yaml_get(const struct yaml *map, const char *key);

/* "file:line: words", -1: for errors about what a node says.  Without a node
 * (NULL) it is about the whole file: "file: words". */
int yaml_error(const struct yaml_file *, const struct yaml *, struct err *,
	       const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* What a map may hold, for readers of packs: one row a key. */
struct yaml_field {
	const char *key;
	enum yaml_kind kind;
	bool is_required;
};
/* Every key of the map is a row of fields (ends with key NULL) and of that
 * kind, every required one is there; an unknown key names the nearest known.
 * A key with nothing behind it counts as an empty list or map: yaml_each()
 * finds nothing in it.  So does a map that is NULL, the root of an empty file.
 * 0, or -1 and *err. */
int yaml_check(const struct yaml_file *, const struct yaml *map,
	       const struct yaml_field *fields, struct err *);

/* The nearest of n names within an edit distance of a third of the word's
 * length, the first of several; NULL if none is near. */
const char *conf_nearest(const char *word, const char *const *names, size_t n);

#endif
