/* Knowledge: entries of the FAQ, each with versions that never change but in
 * their state.  The version in force at a time t is the approved one with the
 * highest number among those approved by then; an entry whose version in force
 * is retired has none.  Validity dates bound it further.
 *
 * Every write that changes what is in force raises the generation by one, in
 * the same transaction: that is how readers notice. */
#ifndef STORE_KNOWLEDGE_H
#define STORE_KNOWLEDGE_H

#include "store/store.h"

struct arena;

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
	const char *origin_hash; /* of the entry as its file has it */
	const char *author, *approver;
	int64_t created_at_us, approved_at_us, retired_at_us;
};

/* Begin an import: what is added to it is seen by nobody until it is shown. */
struct store_begin_import {
	struct store_write write;
	const char *origin, *actor;
	int64_t now_us;
	int64_t import_id; /* set */
};
extern const struct store_verb store_verb_begin_import;

/* Add versions to an import, a slice at a time (<= 200): each gets the next
 * number of its entry, which is made if there is none, and the state of
 * `state` (draft, approved). */
struct store_add_versions {
	struct store_write write;
	int64_t import_id;
	const char *state, *actor;
	const struct faq_version *versions; /* version and ids are not read */
	size_t n_versions;
	int *numbers; /* set, if not NULL: the number each got */
	int64_t now_us;
};
extern const struct store_verb store_verb_add_versions;

/* Show an import, and retire these entries with it, at once. */
struct store_show_import {
	struct store_write write;
	int64_t import_id;
	const char *const *retire; /* names */
	size_t n_retire;
	const char *actor, *detail; /* for the audit */
	int64_t now_us;
	int64_t generation; /* set */
};
extern const struct store_verb store_verb_show_import;

/* Approve a draft, or retire an entry.  version 0: the newest.  NOT_FOUND,
 * or INVALID when its state does not allow it. */
struct store_judge_version {
	struct store_write write;
	const char *name;
	int version;
	bool is_approval; /* else: retire */
	const char *actor;
	int64_t now_us;
	int judged;	    /* set: the version */
	int64_t generation; /* set */
};
extern const struct store_verb store_verb_judge_version;

int store_generation(struct store_reader *, int64_t *generation_r,
		     struct err *);

/* Call each() with every version that is in force at at_us (0: now, whatever
 * its validity dates), in the order of entries; the version is borrowed for
 * the call.  each() returns 0 to go on.  Returns 0, or -1 and *err (also what
 * each() put there). */
int store_each_in_force(struct store_reader *, int64_t at_us,
			int (*each)(void *arg, const struct faq_version *,
				    struct err *),
			void *arg, struct err *);
/* The newest version of an entry whatever its state, or that version; NULL if
 * there is none. */
const struct faq_version *store_get_version(struct store_reader *,
					    struct arena *, const char *name,
					    int version, struct err *);
/* The newest version of every entry, by name; those after `after`, at most
 * limit.  state NULL: any. */
long store_list_versions(struct store_reader *, struct arena *,
			 const char *state, const char *after, size_t limit,
			 const struct faq_version **list_r, struct err *);
/* Search by hand over shown versions (full text, newest version of each entry
 * that matches, best first), as of at_us if that is not 0. */
long store_search_versions(struct store_reader *, struct arena *,
			   const char *words, int64_t at_us, size_t limit,
			   const struct faq_version **list_r, struct err *);

#endif
