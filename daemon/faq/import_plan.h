/* What an import has to do, found in one pass over what there is.  Private to
 * this layer. */
#ifndef FAQ_IMPORT_PLAN_H
#define FAQ_IMPORT_PLAN_H

#include "base/hash.h"
#include "faq/import.h"

/* What the store has for an entry, and whether the file has it, too. */
struct known {
	struct faq_head head;
	bool is_in_file;
};

enum decision { SAME, ADD, CHANGE, CONFLICT };

struct planned {
	const struct faq_version *version;
	enum decision decision; /* ADD or CHANGE */
	int newest;		/* number of the entry's newest version */
};

/* file, origin, how and result are set before it is made. */
struct import_plan {
	const struct faq_file *file;
	const char *origin;
	bool is_edit; /* the origin is "hand" */
	bool is_approved;
	int64_t seen;	      /* the generation of what is known */
	struct map by_name;   /* struct known */
	struct known **known; /* the same, as entries were made */
	size_t n_known, room;
	struct planned *add;
	size_t n_add;
	const char **retire;
	size_t n_retire;
	struct arena arena;
	struct import_result *result;
};

/* Find what is to be done, and count it in the result.  0, or -1 and *err; the
 * plan is released either way. */
int import_plan_make(struct import_plan *, struct store *, bool retire_missing,
		     struct err *);
void import_plan_release(struct import_plan *);
void import_plan_count_conflict(struct import_plan *, const char *name);

#endif
