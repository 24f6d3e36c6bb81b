/* Triggers as they were read, for the files of trigger.h. */
#ifndef NLU_TRIGGER_PARTS_H
#define NLU_TRIGGER_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nlu/phrase.h"

struct rule {
	const struct trigger *trigger;
	const size_t *unless; /* numbers of sets */
	size_t n_unless;
	bool is_beside;
};

/* A rule's number is the owner of its phrases in `said`, a set's number that of
 * its phrases in `unless` and, from first_denial on, in `denials`. */
struct trigger_set {
	struct trigger *triggers;
	struct rule *rules;
	size_t n_rules;
	const char **set_names;
	size_t n_sets, first_denial;
	struct phrase_book *said, *unless, *denials;
	uint32_t *clauses; /* words that begin one */
	size_t n_clauses;
};

#endif
