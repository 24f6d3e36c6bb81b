/* Looking through entries that can be read, for what would serve customers
 * badly: what is there twice, what contradicts, what nobody would ever get. */
#ifndef FAQ_LINT_H
#define FAQ_LINT_H

#include <stddef.h>
#include <stdint.h>

#include "text/template.h"

struct err;
struct faq_file;
struct findings;
struct store;

#define LINT_WORDS_MAX 90      /* of an answer, with its facts */
#define LINT_PARAPHRASES_MIN 3 /* as customers write it */

/* The desk of the entries. */
struct lint_desk {
	const char *language; /* NULL: not known */
	template_value_fn *value;
	const void *facts;	       /* NULL: not known, and not asked for */
	const struct faq_file *pack;   /* what entries are held against if they
					* came from there; NULL: nothing */
	const struct faq_file *beside; /* which entries will be beside: two are
					* compared, but these not looked at
					* alone; NULL: none */
	int64_t now_us;
};

/* A template_value_fn for reading what is linted: as facts_value() with a
 * struct lint_desk, but a fact that is not there has a value, so that the entry
 * can be read and all such facts are found. */
const char *lint_value(const void *desk, const char *name, size_t len);

/* Add to the findings.  0, or -1 and *err: no memory. */
int faq_lint(const struct faq_file *, const struct lint_desk *,
	     struct findings *, struct err *);

/* The versions in force, as a file whose places are "name@version", without
 * lines.  Not on the loop thread.  0, or -1 and *err. */
int faq_read_live(struct faq_file *, struct store *, struct err *);

#endif
