/* Facts: what differs between one desk and the next (its name, telephone,
 * fees, hours), once, by name.  Approved texts refer to them as {{name}}. */
#ifndef CONF_FACTS_H
#define CONF_FACTS_H

#include <stddef.h>

#include "base/hash.h"
#include "base/mem.h"
#include "text/template.h"

struct err;
struct yaml_file;

struct facts {
	struct map values; /* name -> text; nested maps as "card.fee" */
	struct arena arena;
};

/* The most a fact's name, with its dots, and its text may have, in bytes. */
#define FACT_NAME_MAX 128
#define FACT_TEXT_MAX 2000

/* Names are of letters, digits and '_'; no text is empty or holds "{{", as
 * facts do not refer to others; line ends behind a text are taken off.  0, or
 * -1 and *err, the facts then zeroed.  The file is not needed afterwards. */
int facts_read(struct facts *, const struct yaml_file *, struct err *);
void facts_release(struct facts *);
/* A template_value_fn; arg is the struct facts. */
const char *facts_value(const void *facts, const char *name, size_t len);

#endif
