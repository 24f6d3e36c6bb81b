/* A pack's entries, as versions in the store. */
#ifndef DIALOG_PACK_IMPORT_H
#define DIALOG_PACK_IMPORT_H

#include <stdbool.h>

#include "text/template.h"

struct err;
struct faq_file;
struct pack;
struct store;

/* Bring the store up to date with the entries of the pack, unless exactly this
 * pack was imported last.  Entries that were edited by hand are left alone and
 * named in the log; others are approved, unless they are to be drafts.  Not on
 * the loop or store thread.  0, or -1 and *err. */
int pack_import(struct store *, const struct pack *, bool as_drafts,
		struct err *);
/* The pack's entries; value(arg, ...) is that of a fact.  0, or -1 and *err
 * with file and line. */
int pack_read_entries(struct faq_file *, const struct pack *,
		      template_value_fn *value, const void *arg, struct err *);
/* Are the pack's entries good?  0, or -1 and *err with file and line. */
int pack_check_entries(const struct pack *, struct err *);

#endif
