/* intents.yaml: what customers want, with sentences as they write them. */
#ifndef NLU_INTENT_H
#define NLU_INTENT_H

#include <stddef.h>

struct err;
struct pack;
struct yaml_file;

struct pack_intent {
	const char *name, *description;
	const char *const *examples;
	size_t n_examples; /* at least 1 */
};

/* Sets pack->intents.  0, or -1 and *err with file and line. */
int intents_read(struct pack *, const struct yaml_file *, struct err *);

#endif
