/* The parts of lint.h.  Private to this layer. */
#ifndef FAQ_LINT_PARTS_H
#define FAQ_LINT_PARTS_H

#include "base/finding.h"
#include "faq/import.h"
#include "faq/lint.h"

struct linting {
	const struct faq_file *file; /* behind those it is held against */
	size_t first;		     /* of its own entries */
	const struct lint_desk *desk;
	struct findings *out;
};

/* Where entries lead: facts that are not there, links to nowhere. */
void lint_references(struct linting *, size_t entry);
/* Answers that say otherwise than the facts, in all entries. */
void lint_facts(struct linting *);
/* Which entries are found by their own questions, and which others are; of
 * those that the file is held against, which it takes questions from. */
int lint_reach(struct linting *, struct err *);
/* Amounts of the same thing that differ. */
void lint_amounts(struct linting *);

/* "file:line", or what stands for a file without lines. */
#define LINT_PLACE_SIZE 256
const char *lint_place(const struct faq_place *, char out[LINT_PLACE_SIZE]);

/* Is one of the tags, parted by commas, in the list, parted by blanks? */
bool lint_has_tag(const char *tags, const char *list);

#endif
