/* The parts of check.h.  Private to this layer. */
#ifndef NLU_CHECK_PARTS_H
#define NLU_CHECK_PARTS_H

#include <stdbool.h>

#include "base/finding.h"
#include "nlu/check.h"
#include "nlu/pack.h"

/* A fact and where it stands. */
struct check_fact {
	const char *name, *value;
	int line;
	bool is_used;
	bool is_telling;   /* nobody would write it by chance */
	bool is_fictional; /* by a mark, or a reserved name or number */
};

struct checking {
	const struct pack *pack;
	const struct check_entry *entries;
	size_t n_entries;
	struct findings *out;
	const char *facts_path;
	struct check_fact *facts;
	size_t n_facts;
	struct arena arena;
};

/* The path of a file of the pack, as in messages and for pack_file(). */
const char *check_path(struct checking *c, const char *name);

/* Read facts.yaml, add what is fictional in it, and fill c->facts. */
void check_read_facts(struct checking *c);
/* Add the lines of another file than facts.yaml that are marked. */
void check_marks_in(struct checking *c, const char *path, const char *text,
		    size_t len);
/* A text of the pack: which facts it uses, and which it holds word for word.
 * One that cannot have {{facts}}, as questions and examples cannot, should not
 * hold those of the firm that the pack came from. */
void check_facts_in(struct checking *c, const char *path, int line,
		    const char *text, bool can_have_facts);
/* Add the facts that no text uses. */
void check_unused_facts(struct checking *c);

/* Does it hold a domain or telephone number that is set aside for examples
 * and fiction?  What is said of it, or NULL. */
const char *check_find_reserved(const char *text);

void check_intents(struct checking *c);
void check_forms(struct checking *c);
/* Does a fact say other hours in words than hours.yaml has? */
void check_hours(struct checking *c);

#endif
