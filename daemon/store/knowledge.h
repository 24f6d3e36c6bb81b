/* Knowledge: entries of the FAQ, each with versions that never change but in
 * what becomes of them.
 *
 * Every write that changes what anybody sees raises the generation by one, in
 * the same transaction: that is how readers notice, and how what was in force
 * for a turn is found again.  A version is shown from the generation of its
 * import on; it is approved and retired at a generation, too.  In force at a
 * generation is, of an entry's versions that were shown and approved by then,
 * the one with the highest number, unless it was retired by then.  Validity
 * dates bound it further; who reads looks at them.
 *
 * Of an import that was begun and never shown nothing is seen anywhere: its
 * versions are as if they were not there, though they may leave gaps in the
 * numbers. */
#ifndef STORE_KNOWLEDGE_H
#define STORE_KNOWLEDGE_H

#include "store/store.h"

struct arena;

#define KNOWLEDGE_NAME_MAX 120 /* bytes of an entry's name */
#define KNOWLEDGE_SLICE 200    /* versions, or names, of one write */

/* One version of an entry. */
struct faq_version {
	int64_t version_id; /* of the row */
	const char *name;   /* of the entry: letters, digits, '-', '.', '_' */
	int version;	    /* 1, 2, ... */
	const char *state;  /* draft, approved, retired */
	const char *question;
	const char *const *variants;
	size_t n_variants;
	const char *answer; /* CommonMark, as customers get it */
	const char *source; /* as written, with {{facts}} */
	const char *language, *intent, *tags;
	bool is_verbatim;
	int64_t valid_from_us, valid_to_us; /* 0: no bound */
	const char *origin;	 /* pack:banking, file:my.csv, hand */
	const char *brought_by;	 /* origin of the import that wrote it, where a
				  * changed fact alone made it; else as origin */
	const char *origin_hash; /* of the entry as its file has it */
	const char *author, *approver;
	int64_t created_at_us, approved_at_us, retired_at_us;
};

/* Do customers get it then, by its bounds? */
bool store_version_is_valid(const struct faq_version *, int64_t at_us);

/* Letters, digits, '-', '.' and '_', at least one and not too many. */
bool store_is_entry_name(const char *name);

/* Begin an import: what is added to it is seen by nobody until it is shown.
 * An older one of the same origin that was not shown can no longer be. */
struct store_begin_import {
	struct store_write write;
	const char *origin, *actor;
	int64_t now_us;
	int64_t import_id; /* set */
};
extern const struct store_verb store_verb_begin_import;

/* Remove a slice of what imports of the same origin that were begun before
 * this one and never shown have left; n_removed is 0 when there is nothing
 * left. */
struct store_clear_imports {
	struct store_write write;
	int64_t import_id;
	int n_removed; /* set: versions */
};
extern const struct store_verb store_verb_clear_imports;

/* Add a slice to an import: versions, each of which gets the next number of
 * its entry, which is made if there is none; and entries that are retired with
 * it.  What somebody changed since the generation `seen` is left out.
 * STALE when the import can no longer be shown, INVALID when it has been, or
 * when a version is not fit to be kept. */
struct store_add_versions {
	struct store_write write;
	int64_t import_id;
	int64_t seen;	  /* 0: leave nothing out */
	bool is_approved; /* else they are drafts */
	const char *actor;
	const struct faq_version *const *versions; /* texts, flags and validity
						    * are read; source NULL: as
						    * the answer; no origin: as
						    * the import; no author:
						    * the actor */
	size_t n_versions;
	const char *const *retire; /* names */
	size_t n_retire;
	int64_t now_us;
	int numbers[KNOWLEDGE_SLICE]; /* set: of each version, 0: left out */
	int n_retired;		      /* set: entries that will be retired */
};
extern const struct store_verb store_verb_add_versions;

/* Show an import.  STALE and INVALID as above. */
struct store_show_import {
	struct store_write write;
	int64_t import_id;
	const char *actor, *detail; /* for the audit */
	int64_t now_us;
	int64_t generation; /* set */
};
extern const struct store_verb store_verb_show_import;

/* One version by hand, shown at once; its origin is "hand".  STALE when the
 * entry's newest version is not number `newest` (0: there is none). */
struct store_put_version {
	struct store_write write;
	const struct faq_version *version;
	int newest;
	bool is_approved; /* else it is a draft */
	const char *actor;
	int64_t now_us;
	int number;	    /* set */
	int64_t generation; /* set */
};
extern const struct store_verb store_verb_put_version;

/* Approve a draft, or retire a version.  version 0 is the newest one to
 * approve, and to retire the one in force, or, if there is none, the newest
 * draft.  NOT_FOUND, or INVALID when its state does not allow it, or when it
 * would change nothing because a newer one was approved. */
struct store_judge_version {
	struct store_write write;
	const char *name;
	int version;
	bool is_approval; /* else: retire */
	bool four_eyes;	  /* INVALID when who approves is the author */
	const char *actor;
	int64_t now_us;
	int judged;	    /* set: the version */
	int64_t generation; /* set */
};
extern const struct store_verb store_verb_judge_version;

/* The present generation; 0: nothing was ever shown. */
int store_generation(struct store_reader *, int64_t *generation_r,
		     struct err *);
/* The generation at a time; GENERATION_NONE before the first, at which nothing
 * is in force. */
#define GENERATION_NONE INT64_C(-1)
int store_generation_at(struct store_reader *, int64_t at_us,
			int64_t *generation_r, struct err *);

/* Where a generation is a parameter, 0 is the present one; one that this
 * store has not reached is an error.  The state of a version is that of then.
 */

typedef int store_version_fn(void *arg, const struct faq_version *,
			     struct err *);

/* Call each() with every version that was in force at a generation, in the
 * order in which entries were made; the version is borrowed for the call.
 * each() returns 0 to go on.  Returns 0, or -1 and *err (also what each() put
 * there). */
int store_each_in_force(struct store_reader *, int64_t generation,
			store_version_fn *each, void *arg, struct err *);
/* The same with each entry's newest draft, if that is newer than what is in
 * force now. */
int store_each_with_drafts(struct store_reader *, store_version_fn *each,
			   void *arg, struct err *);

/* Every draft that can be approved: above what is in force and not rejected,
 * those of one entry by number. */
int store_each_draft(struct store_reader *, store_version_fn *each, void *arg,
		     struct err *);

/* What an import must know of an entry: its newest version whatever its
 * state, and what the import's origin last had for it. */
struct faq_head {
	const char *name;
	int version;
	bool is_draft, is_retired;
	bool was_retired_by_hand;
	const char *origin, *origin_hash;
	const char *own_hash; /* of the origin's newest version; NULL: none */
	int own_version;      /* its number */
};
int store_each_head(struct store_reader *, const char *origin,
		    int (*each)(void *arg, const struct faq_head *,
				struct err *),
		    void *arg, struct err *);

/* The newest version of an entry whatever its state (version 0), or that
 * version.  1: it is there; 0, and *found_r is NULL: it is not; -1 and *err. */
int store_get_version(struct store_reader *, struct arena *, const char *name,
		      int version, const struct faq_version **found_r,
		      struct err *);
/* The version of an entry that was in force at a generation, as above. */
int store_get_in_force(struct store_reader *, struct arena *, const char *name,
		       int64_t generation, const struct faq_version **found_r,
		       struct err *);
/* The newest version of every entry, by name; those after `after`, at most
 * limit.  state NULL: any. */
long store_list_versions(struct store_reader *, struct arena *,
			 const char *state, const char *after, size_t limit,
			 const struct faq_version **list_r, struct err *);
/* Search by hand, best first: entries in which every word stands, the last
 * one perhaps unfinished, or if there is none, any word.  With at_us 0 the
 * newest version of each entry is searched, whatever its state; else what was
 * in force at that time. */
long store_search_versions(struct store_reader *, struct arena *,
			   const char *words, int64_t at_us, size_t limit,
			   const struct faq_version **list_r, struct err *);

#endif
