/* Entries from files: packs' and people's YAML, and CSV. */
#ifndef FAQ_IMPORT_H
#define FAQ_IMPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"
#include "store/knowledge.h"
#include "text/template.h"

struct err;
struct buf;
struct store;

/* Entries of a file, checked: names unique and well formed, question and
 * answer there, lengths, valid UTF-8, facts known.  Borrowed until
 * faq_file_release(). */
struct faq_file {
	struct faq_version *entries;
	size_t n;
	struct arena arena;
};

/* A YAML file: a list `faq` of maps with id, question, paraphrases, answer,
 * intent, tags, language, verbatim, valid_from, valid_to.  Errors name file
 * and line. */
int faq_read_yaml(struct faq_file *, const char *name, const char *text,
		  size_t len, template_value_fn *, const void *facts,
		  struct err *);
/* A CSV file (RFC 4180; comma, semicolon or tab; BOM allowed) whose first line
 * names columns: question and answer are needed, id, paraphrases (parted by
 * " | "), tags, intent, language are understood, others refused by name.  An
 * entry without an id is named after its question. */
int faq_read_csv(struct faq_file *, const char *name, const char *text,
		 size_t len, template_value_fn *, const void *facts,
		 struct err *);
/* By the file's ending: .yaml, .yml, .csv, .tsv. */
int faq_read_file(struct faq_file *, const char *name, const char *text,
		  size_t len, template_value_fn *, const void *facts,
		  struct err *);
void faq_file_release(struct faq_file *);

/* What an import did, or would do. */
struct import_result {
	long added, changed, same, retired;
	long conflicts; /* edited by hand since: left as they are */
	char (*conflict_names)[128]; /* the first 20 */
	size_t n_conflict_names;
	long generation;
};

/* Bring the store up to date with a file of that origin: entries that are new
 * or changed become versions in state `state` (draft, approved); one that
 * somebody edited since the origin's last version is left alone and named;
 * with retire_missing, entries that came from this origin, were not edited and
 * are no longer in the file are retired.  Not on the loop or store thread;
 * runs in slices and shows everything by one switch.  0, or -1 and *err. */
int faq_import(struct store *, const struct faq_file *, const char *origin,
	       const char *state, bool retire_missing, const char *actor,
	       struct import_result *, struct err *);
void import_result_release(struct import_result *);

/* The other way: the versions in force (or every newest one, with drafts) as
 * YAML that faq_read_yaml() reads back, or as CSV. */
int faq_export(struct store *, bool is_csv, bool with_drafts, struct buf *out,
	       struct err *);

#endif
