/* What a desk's knowledge has to a question: the intents that it may be of, and
 * with those the entries that may answer it. */
#ifndef DIALOG_FIND_H
#define DIALOG_FIND_H

#include <stddef.h>
#include <stdint.h>

#include "nlu/classifier.h"

struct arena;
struct candidate;
struct index_scratch;
struct knowledge;
struct pack;

#define INTENTS_MAX 3 /* that a search is told of */

struct intents {
	struct guess list[INTENTS_MAX]; /* best first */
	size_t n;
};

/* The best k (<= 50) entries for the text, best first; how many.  The last
 * len_context bytes of it are what a question leaves out (faq/index.h).  The
 * intents are borrowed from the knowledge. */
size_t find_entries(const struct knowledge *, struct index_scratch *,
		    const char *text, size_t len_context, int64_t now_us,
		    size_t k, struct candidate *out, struct intents *intents_r);

/* The same for all that somebody said: by the question in it, alone. */
size_t find_answers(const struct knowledge *, struct index_scratch *,
		    const char *said, int64_t now_us, size_t k,
		    struct candidate *out, struct intents *intents_r);

/* The question of a text, without what is no part of it: "Good morning! Could
 * you tell me" or "stupid bot, just tell me" before it, "Many thanks, bye"
 * behind it.  The end of text, or a copy in the arena. */
const char *question_itself(const struct pack *, struct arena *,
			    const char *text);

#endif
