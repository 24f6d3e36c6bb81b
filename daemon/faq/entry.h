/* Entries on their way from a file into a struct faq_file: what all kinds of
 * files have in common.  Private to this layer. */
#ifndef FAQ_ENTRY_H
#define FAQ_ENTRY_H

#include "base/buf.h"
#include "base/crypto.h"
#include "base/hash.h"
#include "faq/import.h"

enum entry_field {
	ENTRY_ID,
	ENTRY_QUESTION,
	ENTRY_ANSWER,
	ENTRY_INTENT,
	ENTRY_LANGUAGE,
	ENTRY_VERBATIM,
	ENTRY_VALID_FROM,
	ENTRY_VALID_TO,
	ENTRY_FIELDS
};

/* A text and where it stands. */
struct entry_text {
	const char *text; /* NULL: it is not there */
	int line;
};

/* An entry as its file has it, nothing of it checked. */
struct entry_draft {
	const char *file;
	int line;
	struct entry_text fields[ENTRY_FIELDS];
	const struct entry_text *paraphrases, *tags;
	size_t n_paraphrases, n_tags;
};

struct entry_reader {
	struct faq_file *file;
	template_value_fn *value;
	const void *facts;
	size_t room;	   /* of file->entries */
	struct map places; /* of names that were read: struct place */
	struct map files;  /* their names, kept once each */
	struct buf scratch;
};

/* The file is empty; value NULL: there are no facts. */
void entry_reader_init(struct entry_reader *, struct faq_file *,
		       template_value_fn *value, const void *facts);
/* Check an entry and add it to the file; its texts are copied.  0, or -1 and
 * *err that begins with "file:line: ". */
int entry_reader_add(struct entry_reader *, const struct entry_draft *,
		     struct err *);
/* After a failure the file is released; result is what is returned. */
int entry_reader_end(struct entry_reader *, int result);

/* Room for one more entry in a file that has room for *room.  0, or -1: there
 * is no memory. */
int faq_file_grow(struct faq_file *, size_t *room);

/* The draft's texts, checked and copied, as an entry; its hash is not set. */
int entry_check(struct entry_reader *, const struct entry_draft *,
		struct faq_version *, struct err *);

/* Over all that a customer or the dialog gets to see of an entry, and how it
 * is written: a fact that changes changes it. */
void entry_hash(const struct faq_version *, char out[SHA256_HEX_SIZE]);
/* The same as it is written: whatever its facts are. */
void entry_words_hash(const struct faq_version *, char out[SHA256_HEX_SIZE]);
/* What is written in an entry, from where and by whom, with texts in the
 * arena. */
struct faq_version entry_copy(struct arena *, const struct faq_version *);
/* A name made of a question, the same for the same question. */
void entry_name(const char *question, char out[KNOWLEDGE_NAME_MAX + 1]);

#endif
