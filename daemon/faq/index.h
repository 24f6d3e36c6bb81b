/* Retrieval: an index in memory over the entries in force, ranked by BM25 over
 * weighted fields (question, paraphrases, answer), with top-k pruning.
 *
 * An index is built once, then only read, by any number of threads at a time.
 * BM25: Robertson and Zaragoza, 2009, with the fields combined before the
 * saturation (BM25F); pruning: MaxScore, Turtle and Flood, 1995. */
#ifndef FAQ_INDEX_H
#define FAQ_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct faq_version; /* store/knowledge.h */

struct index_builder;
struct index;

/* The one language is that of most entries; others are indexed as they are. */
struct index_builder *index_builder_new(const char *language);
/* Texts are copied.  An answer is searched as it is written: what facts fill in
 * finds nothing.  0, or -1 and *err (too many, no memory). */
int index_builder_add(struct index_builder *, const struct faq_version *,
		      struct err *);
/* The index of what was added; the builder is freed either way.  NULL and
 * *err when there is no memory. */
struct index *index_build(struct index_builder *, struct err *);
void index_builder_free(struct index_builder *);
void index_free(struct index *);

size_t index_count(const struct index *);
size_t index_bytes(const struct index *); /* memory, for plans and status */

/* An entry as an index keeps it; borrowed until index_free(). */
struct index_entry {
	const char *name;
	int version;
	const char *question, *answer, *intent;
	bool is_verbatim;
	int64_t valid_from_us, valid_to_us;
};
const struct index_entry *index_entry(const struct index *, uint32_t i);
/* Do customers get it then? */
bool index_entry_is_valid(const struct index_entry *, int64_t now_us);

/* One candidate, with the plain numbers that confidence is made from.  Weight
 * is idf; function words count little, and words that no entry has count as the
 * rarest, or, if they are function words, nothing. */
struct candidate {
	uint32_t entry;	 /* for index_entry() */
	float score;	 /* BM25F, and what closeness, likeness and intent
			  * are worth */
	float coverage;	 /* part of the query's weight that the entry's
			  * question or one paraphrase holds, 0 .. 1 */
	float closeness; /* of the nearest of question and paraphrases: shared
			  * weight over all of both, 0 .. 1 (weighted
			  * Jaccard) */
	float likeness; /* the same as closeness, where words that share runs of
			 * characters are partly the same */
	float intent;	/* how probably the entry's intent is the customer's;
			 * 0 if nothing is known of either */
	float support;	/* part of the query's weight that the entry holds
			 * anywhere, the answer included, 0 .. 1 */
	float guessed;	/* part of the query's weight that the entry holds
			 * only if words were rightly read as others, 0 .. 1 */
	float context;	/* part of the context's weight that the entry's
			 * question or one paraphrase holds, 0 .. 1 */
	float match;	/* BM25F over the most a query of that weight can
			 * have, 0 .. 1 */
	float weight;	/* of the query, in words as rare as can be */
	float margin;	/* how far its score is above that of the next
			 * entry, 0 .. 1 */
	bool is_exact;	/* word for word the query is the question or a
			 * paraphrase */
	bool is_lone;	/* the query is a single word, or a word again and
			 * again */
};

/* The work space of one thread; reused from search to search. */
struct index_scratch;
struct index_scratch *index_scratch_new(void);
void index_scratch_free(struct index_scratch *);

/* An intent of entries, and how probable it is that the customer has it. */
struct index_intent {
	const char *name;
	float probability;
};

/* What is asked, and what others know of it. */
struct index_question {
	const char *text;
	size_t len;
	/* Of these, words that the question leaves out and that may be meant:
	 * what an entry has of them speaks for it, what it has not says
	 * nothing.  0: there are none. */
	size_t len_context;
	int64_t now_us;
	const struct index_intent *intents;
	size_t n_intents;
};

/* The k (<= 50) best entries that are valid at now_us for the question, best
 * first (those with its very words before all others), ties to the lower entry.
 * A word that no entry has is read as the most frequent one that is one edit
 * away, two words as the one that they make if that is as common ("over
 * draft").  Returns how many. */
size_t index_ask(const struct index *, struct index_scratch *,
		 const struct index_question *, size_t k,
		 struct candidate *out);
/* The same when nothing is known but the words. */
size_t index_search(const struct index *, struct index_scratch *,
		    const char *query, size_t len, int64_t now_us, size_t k,
		    struct candidate *out);

/* How sure we may be, 0 .. 1, that the first candidate answers the query:
 * a logistic model of its numbers and of the distance to the next one of
 * another entry; its weights come from held-out data (see doc/HACKING.md). */
double candidates_confidence(const struct candidate *, size_t n);

#endif
