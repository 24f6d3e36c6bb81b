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
	bool is_settled; /* the plan adds a version, or retires it */
};

enum decision { SAME, ADD, CHANGE, CONFLICT, REFILL };

struct planned {
	const struct faq_version *version;
	enum decision decision; /* as it is counted: SAME not at all */
	int newest;		/* number of the entry's newest version */
	bool is_draft;
};

/* file, origin, how, facts and result are set before it is made. */
struct import_plan {
	const struct faq_file *file;
	const char *origin;
	template_value_fn *value; /* NULL: facts are not looked at */
	const void *facts;
	bool is_edit; /* the origin is "hand" */
	bool is_approved;
	int64_t seen;	      /* the generation of what is known */
	struct map by_name;   /* struct known */
	struct known **known; /* the same, as entries were made */
	size_t n_known, room;
	struct planned *add;
	size_t n_add, add_room;
	const char **retire;
	size_t n_retire;
	struct arena arena;
	struct import_result *result;
	void (*working)(void *arg); /* NULL: nobody wants to know */
	void *working_arg;
};

/* It goes on. */
static inline void
import_plan_working(const struct import_plan *plan)
{
	if (plan->working)
		plan->working(plan->working_arg);
}

/* Find what is to be done, and count it in the result.  0, or -1 and *err; the
 * plan is released either way. */
int import_plan_make(struct import_plan *, struct store *, bool retire_missing,
		     struct err *);
void import_plan_release(struct import_plan *);
void import_plan_count_conflict(struct import_plan *, const char *name,
				const char *origin);
/* A name more, if there is room for it. */
void import_names_add(struct import_names *, const char *name);
/* 0, or -1 and *err: no memory. */
int import_plan_add(struct import_plan *, const struct planned *, struct err *);
/* Add what changed facts change in entries that are not settled.  0, or -1 and
 * *err. */
int import_plan_facts(struct import_plan *, struct store_reader *,
		      struct err *);

#endif
