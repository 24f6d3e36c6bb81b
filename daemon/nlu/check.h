/* Looking through a pack that can be read, for what would serve customers
 * badly, or is not yet this firm's own. */
#ifndef NLU_CHECK_H
#define NLU_CHECK_H

#include <stddef.h>

struct findings;
struct pack;

/* An entry of the pack, as far as intents are about it. */
struct check_entry {
	const char *name, *intent; /* "": it names none */
	const char *file;
	int line;
};

#define CHECK_EXAMPLES_MIN 8
#define CHECK_WORDS_MAX 90 /* of a text for customers, with its facts */

/* Add to the findings what the files of the pack but its entries give rise to,
 * and what these say of facts and intents. */
void pack_check(const struct pack *, const struct check_entry *, size_t n,
		struct findings *);

#endif
