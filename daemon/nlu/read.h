/* What the readers of a pack's files have in common. */
#ifndef NLU_READ_H
#define NLU_READ_H

#include <stdbool.h>

#include "conf/yaml.h"

struct err;
struct pack;

#define PACK_NAME_MAX 64
#define PACK_TEXT_MAX 4000 /* of one text with its facts, in bytes */
#define PACK_LIST_MAX 1000 /* triggers, intents, ... of a file */

/* The file is a map of these fields, of which `key` is a list of maps of the
 * fields of an entry, each with a `name` of its own: small letters, digits and
 * '_'.  The list, or NULL and *err. */
const struct yaml *read_entries(const struct yaml_file *,
				const struct yaml_field *fields,
				const char *key,
				const struct yaml_field *entry_fields,
				struct err *);

/* 1 to PACK_NAME_MAX small letters, digits and '_'. */
bool read_is_name(const char *text);
/* Says so; -1. */
int read_refuse_name(const struct yaml_file *, const struct yaml *name,
		     struct err *);

/* A text with its facts filled in, without line ends behind it, from the
 * pack's arena.  {{moment}} stays as it is (NULL: no such name).  NULL and
 * *err. */
const char *read_text(struct pack *, const struct yaml_file *,
		      const struct yaml *, const char *moment, struct err *);

/* A number from least to most; 0, or -1 and *err. */
int read_number(const struct yaml_file *, const struct yaml *, long least,
		long most, long *number_r, struct err *);

#endif
