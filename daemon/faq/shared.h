/* Questions of a file that other entries have as well, word for word: of such
 * a question nobody can tell whose answer is meant. */
#ifndef FAQ_SHARED_H
#define FAQ_SHARED_H

#include <stddef.h>
#include <stdint.h>

struct faq_file;
struct index;

/* Borrowed from file and index. */
struct shared_question {
	const char *question; /* or a paraphrase */
	const char *name;     /* of the entry of the file */
	const char *other;    /* the entry of the index */
};

#define SHARED_QUESTIONS_KEPT 20
struct shared_questions {
	struct shared_question list[SHARED_QUESTIONS_KEPT]; /* the first */
	size_t n, total;
};

/* In the order of the file, each with one entry of the index that is valid at
 * now_us, has another name, and does not follow in the file, too.  One pass
 * over the index.  Any thread. */
void faq_find_shared(const struct faq_file *, const struct index *,
		     int64_t now_us, struct shared_questions *);

#endif
