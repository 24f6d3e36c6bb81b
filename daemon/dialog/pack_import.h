/* A pack's entries, as versions in the store. */
#ifndef DIALOG_PACK_IMPORT_H
#define DIALOG_PACK_IMPORT_H

#include <stdbool.h>

#include "text/template.h"

struct buf;
struct err;
struct faq_file;
struct pack;
struct store;

struct pack_terms {
	bool as_drafts;	  /* what is written otherwise awaits approval */
	bool may_replace; /* another pack's entries give way to this one's */
	/* Called again and again while entries are looked at and written; NULL:
	 * nobody wants to know. */
	void (*working)(void *arg);
	void *working_arg;
};

/* Bring the store up to date with the entries of the pack, unless exactly this
 * pack was imported last, and all entries with its facts, edited ones too.
 * What is written otherwise and was edited by hand is left alone; the rest is
 * approved, unless it is to be drafts.  Where the store has the entries of
 * another pack, those that were not edited are replaced or retired, or, if this
 * one may not replace it, nothing is done.  What came of it goes to the log,
 * and to notes (NULL: there are none), a line each.  Not on the loop or store
 * thread.  0, or -1 and *err. */
int pack_import(struct store *, const struct pack *, const struct pack_terms *,
		struct buf *notes, struct err *);
/* Bring what was edited while pack_import() and what came behind it went on up
 * to date with the facts of that pack, too. */
int pack_follow(struct store *, const struct pack *, bool as_drafts,
		struct buf *notes, struct err *);
/* The pack's entries; value(arg, ...) is that of a fact.  0, or -1 and *err
 * with file and line. */
int pack_read_entries(struct faq_file *, const struct pack *,
		      template_value_fn *value, const void *arg, struct err *);
/* Are the pack's entries good?  0, or -1 and *err with file and line. */
int pack_check_entries(const struct pack *, struct err *);

#endif
