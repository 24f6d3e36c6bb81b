/* Entries from files, and to them: packs' and people's YAML, and CSV. */
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

/* What a file may hold; characters, not bytes. */
#define FAQ_ENTRIES_MAX 200000
#define FAQ_QUESTION_MAX 500 /* paraphrases too */
#define FAQ_ANSWER_MAX 8000
#define FAQ_PARAPHRASES_MAX 50
#define FAQ_TAGS_MAX 20
#define FAQ_TAG_MAX 50
#define FAQ_ORIGIN_PACK "pack:" /* and the pack's name */

/* Where an entry stands, for messages: a file and lines of it. */
struct faq_place {
	const char *file;
	int line, question, answer;
	const int *variants;	  /* of each paraphrase */
	bool is_language_assumed; /* nothing says which it is */
};

/* Entries of a file, checked: names unique and well formed, question and
 * answer there, lengths, valid UTF-8, facts known.  White space is as single
 * blanks, in answers only at the ends cut off.  Borrowed until
 * faq_file_release(). */
struct faq_file {
	struct faq_version *entries; /* in the order of the file */
	struct faq_place *places;    /* where each of them stands */
	size_t n;
	struct arena arena;
};

/* All that reads returns 0, or -1 and *err, which names file and line; the
 * faq_file is zeroed then.  The facts fill {{names}} in answers; value NULL:
 * there are none.  A name without a value is an error, and so is a {{ in a
 * question or paraphrase. */

/* A YAML file: a list `faq` of maps with id, question, paraphrases (a list),
 * answer, intent, tags (a list), language, verbatim, valid_from, valid_to.
 * An entry without an id is named after its question.  `language` beside `faq`
 * is that of entries without their own; else it is en.  A valid_to that is
 * a day alone means its end. */
int faq_read_yaml(struct faq_file *, const char *name, const char *text,
		  size_t len, template_value_fn *, const void *facts,
		  struct err *err);
/* Several YAML files as one, as a pack has them: ids are unique over all. */
struct faq_text {
	const char *name, *text;
	size_t len;
};
int faq_read_pack(struct faq_file *, const struct faq_text *texts, size_t n,
		  template_value_fn *, const void *facts, struct err *err);
/* A CSV file (RFC 4180; comma, semicolon or tab; BOM allowed) whose first line
 * names columns: question and answer are needed, and those of YAML understood;
 * paraphrases are parted by " | ", tags by commas; others are refused by name.
 * In paraphrases "\|" is a '|' that parts nothing; a cell that begins with
 * ' and then = + - or @ is read without the first. */
int faq_read_csv(struct faq_file *, const char *name, const char *text,
		 size_t len, template_value_fn *, const void *facts,
		 struct err *err);
/* By the file's ending: .yaml, .yml, .csv, .tsv. */
int faq_read_file(struct faq_file *, const char *name, const char *text,
		  size_t len, template_value_fn *, const void *facts,
		  struct err *err);
void faq_file_release(struct faq_file *); /* a zeroed one is fine */

/* What an import did, or would do. */
/* Entries, each once. */
struct import_names {
	char (*list)[128]; /* the first 20 */
	size_t n;
};
struct import_result {
	long added, changed, same, retired;
	long conflicts; /* of another origin by now: left as they are */
	struct import_names conflict_names;
	char (*conflict_origins)[128]; /* of each of these */
	long refilled;		       /* of which a fact alone has changed */
	struct import_names unfilled;  /* which need a fact that is gone */
	long generation;	       /* at which it is to be seen */
};

/* Bring the store up to date with a file of that origin.
 *
 * An entry that is new becomes a version in state `state` (draft, approved);
 * so does one whose file changed since the origin's last version of it (a fact
 * that its answer uses is a part of it), and a draft that is as the file has
 * it when state is approved.  One that somebody edited, or that came from
 * another origin, is left alone, and named if it is written otherwise than in
 * the file and the file changed.  What was retired by hand comes back only when
 * the file writes it otherwise.  With retire_missing, entries that came from
 * this origin, were not edited and are no longer in the file are retired.
 *
 * Of packs a store has one: what an import of origin "pack:..." finds of
 * another pack it treats as its own.
 *
 * The origin "hand" is a person's edit: each entry becomes a new version of
 * its own, whoever made the last one, unless that says the same; what somebody
 * else changes at the same time is left alone and named.
 *
 * Not on the loop or store thread; runs in slices and shows everything by one
 * switch.  When nothing is to do, nothing is written.  After a failure, also
 * the death of the process, nothing of it is seen; the next import of that
 * origin clears up.  0, or -1 and *err. */
int faq_import(struct store *, const struct faq_file *, const char *origin,
	       const char *state, bool retire_missing, const char *actor,
	       struct import_result *, struct err *err);
/* The same of a pack's entries, those missing retired, and of its facts, which
 * are every entry's: one that uses a fact that has changed, wherever it came
 * from, becomes a new version that is written as it was, keeps its origin, and
 * is in state `state`.  So does its newest draft, which stays a draft, that of
 * its author, and above the other one.  An entry that needs a fact that is gone
 * stays as it is and is named. */
struct faq_pack {
	const char *origin, *state, *actor;
	const struct faq_file *file; /* NULL: only the facts */
	template_value_fn *value;
	const void *facts;
	/* Called again and again; NULL: nobody wants to know. */
	void (*working)(void *arg);
	void *working_arg;
};
int faq_import_pack(struct store *, const struct faq_pack *,
		    struct import_result *, struct err *err);
/* What faq_import() would do now, without writing. */
int faq_import_preview(struct store *, const struct faq_file *,
		       const char *origin, const char *state,
		       bool retire_missing, struct import_result *,
		       struct err *err);
void import_result_release(struct import_result *);

/* The other way: the versions in force (or with each entry's draft, if it has
 * a newer one) as YAML that faq_read_yaml() reads back, or as CSV, with a BOM
 * for spreadsheets.  Answers are written as their sources, with {{facts}}. */
int faq_export(struct store *, bool is_csv, bool with_drafts, struct buf *out,
	       struct err *err);

/* One entry as a file of its own: YAML, or CSV, in which values[i], unless it
 * is NULL, stands in the place of the column faq_columns[i].  out->failed tells
 * if it did not fit. */
#define FAQ_COLUMNS 10
extern const char *const faq_columns[FAQ_COLUMNS];
void faq_write_yaml(struct buf *out, const struct faq_version *);
void faq_write_csv(struct buf *out, const struct faq_version *,
		   const char *const values[FAQ_COLUMNS]);

#endif
