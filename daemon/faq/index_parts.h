/* What an index is made of, for the files of index.h. */
#ifndef FAQ_INDEX_PARTS_H
#define FAQ_INDEX_PARTS_H

#include <stdint.h>

#include "base/mem.h"
#include "faq/index.h"
#include "text/tokens.h"

/* BM25F: Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009,
 * section 3.5; k1 and b as usual there. */
#define BM25_K1 1.2f
#define BM25_B 0.75f

enum field { FIELD_QUESTION, FIELD_VARIANTS, FIELD_ANSWER, N_FIELDS };

/* What a term in that field counts, next to one in the answer. */
extern const float field_weights[N_FIELDS];

#define NO_TERM UINT32_MAX

/* Terms by text: open addressing, slots hold a term's number or NO_TERM. */
struct dictionary {
	uint32_t *slots;
	size_t n_slots;
	const char **texts; /* by number */
	size_t n, size;
	struct arena arena; /* the texts */
};

/* The number of a term, NO_TERM if there is none; add makes one. */
uint32_t dictionary_find(const struct dictionary *, const char *text);
uint32_t dictionary_add(struct dictionary *, const char *text);
void dictionary_release(struct dictionary *);

/* A term's entries, in order, and what each adds to a score. */
struct postings {
	const uint32_t *entries; /* (n) */
	const float *impacts;	 /* (n) */
	uint32_t n;
	float idf;
	float max_impact;
};

/* A question or paraphrase: its terms, and what tells it word for word. */
struct phrase {
	uint32_t first, n; /* in index->phrase_terms: distinct, ascending */
	float weight;	   /* the sum of their idf */
	uint64_t words;	   /* a hash of its words in order */
};

struct index {
	char language[16];
	struct arena arena; /* entries' texts and all arrays */
	struct dictionary dictionary;
	struct index_entry *entries;
	uint32_t n_entries;
	struct postings *postings; /* by term */
	struct phrase *phrases;
	uint32_t *first_phrase; /* (n_entries + 1): an entry's phrases */
	uint32_t *phrase_terms;
	float unknown_idf; /* of a word that no entry has */
	size_t bytes;
};

/* FNV-1a over the words, each with a NUL behind it: the same in every run. */
uint64_t index_hash_words(const struct tokens *);
/* The distinct terms of what was split, ascending, in out (n of it, at most
 * tokens->n); known alone or, with is_adding, new ones as well.  *n_unknown_r,
 * if not NULL: words whose terms are not known. */
size_t index_distinct_terms(const struct dictionary *, const struct tokens *,
			    uint32_t *out, size_t *n_unknown_r);

#endif
