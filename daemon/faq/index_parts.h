/* What an index is made of, for the files of index.h. */
#ifndef FAQ_INDEX_PARTS_H
#define FAQ_INDEX_PARTS_H

#include <stdint.h>

#include "base/mem.h"
#include "faq/index.h"
#include "text/dictionary.h"
#include "text/tokens.h"

/* BM25F: Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009,
 * section 3.5.  k1, b and the weights of the fields are the best of a grid over
 * the sets of tests/bench/calibrate.py. */
#define BM25_K1 2.5f
#define BM25_B 0.85f

/* Function words are indexed in questions, which customers word alike, and not
 * in answers; they count so much of their idf. */
#define STOP_WEIGHT 0.3f

enum field { FIELD_QUESTION, FIELD_VARIANTS, FIELD_ANSWER, N_FIELDS };

/* What a term in that field counts, next to one in the answer. */
extern const float field_weights[N_FIELDS];

/* A term's entries, in order, and what each adds to a score: of the term's
 * weight so many parts of IMPACT_ONE.  Whole numbers: sums are the same in
 * every order. */
#define IMPACT_ONE 65535

struct postings {
	size_t first; /* in index->posted */
	uint32_t n;
	uint16_t max_impact;
	float idf;
};

/* A question or paraphrase: its terms, and what tells it word for word. */
struct phrase {
	uint32_t first, n; /* in index->phrase_terms: distinct, ascending */
	float weight;	   /* the sum of their weights */
	uint64_t words;	   /* a hash of its words in order */
};

/* In index->phrase_terms: the term is a function word there. */
#define PHRASE_STOP ((uint32_t)1 << 31)

struct index {
	char language[16];
	struct arena arena;	 /* entries' texts */
	struct dictionary terms; /* stems */
	struct dictionary words; /* as they stand in the texts, folded */
	uint32_t *word_terms;	 /* by word: its term */
	struct index_entry *entries;
	uint32_t n_entries;
	struct postings *postings; /* by term */
	uint32_t *posted;	   /* entries, for all postings */
	uint16_t *impacts;	   /* beside them */
	struct phrase *phrases;
	uint32_t *first_phrase; /* (n_entries + 1): an entry's phrases */
	uint32_t *phrase_terms;
	float unknown_idf; /* of a word that no entry has */
	size_t bytes;
};

/* FNV-1a over the words, each with a NUL behind it: the same in every run. */
uint64_t index_hash_words(const struct tokens *);

/* One term in one entry: so often in each field. */
struct occurrence {
	uint32_t term, entry;
	uint8_t counts[N_FIELDS]; /* at most 255 */
};
/* How many words each field of an entry has. */
struct field_lengths {
	uint32_t words[N_FIELDS];
};

/* Make the postings and weigh the phrases of an index whose entries, phrases
 * and dictionaries are there; n_phrases as there are.  0, or -1: no memory. */
int index_weigh(struct index *, const struct occurrence *, size_t n,
		const struct field_lengths *, size_t n_phrases);

/* A term of a query and how far its postings have been read. */
struct cursor {
	const uint32_t *entries;
	const uint16_t *impacts;
	uint32_t n, at;
	uint32_t term;
	bool is_context; /* the question itself has it not */
	bool is_guess;	 /* a word was read as this one, which is near */
	float weight;	 /* its idf, or the part of it that counts */
	uint32_t factor; /* the same as a whole number: impacts' unit */
	uint64_t bound;	 /* the most that it and those before it can add */
};
#define WEIGHT_ONE 65536 /* factor of a weight of 1 */

#define TERMS_MAX 64 /* of a query: the weightiest */

/* A word of the query, in order and each term once, also one that nobody has.
 */
#define QUERY_WORDS_MAX 64
struct query_word {
	const char *text; /* its stem; borrowed from index or tokens */
	uint32_t term;	  /* NO_TERM: nobody has it */
	float weight;
	bool is_context;
};

struct query {
	struct cursor cursors[TERMS_MAX]; /* by bound, ascending */
	size_t n;
	struct query_word words_read[QUERY_WORDS_MAX];
	size_t n_words_read;
	float weight;  /* of all words, those that nobody has included */
	float context; /* of the words of the context besides */
	uint64_t words;
};

/* Split the query into terms; a word that no entry has is taken for the most
 * frequent one that is one edit away, and two for the one that they make. */
void index_read_query(const struct index *, struct tokens *, const char *text,
		      size_t len, size_t len_context, struct query *);

/* An entry that was found, with a score as a whole number. */
struct hit {
	uint32_t entry;
	uint64_t score;
};

/* The k best of the entries valid at now_us, best first, ties to the lower
 * entry; the cursors are read on.  Returns how many. */
size_t index_find_best(const struct index *, struct query *, int64_t now_us,
		       size_t k, struct hit *out);

/* Which of a query's words a word is like: by runs of characters. */
#define LIKENESS_SLOTS_BITS 12
#define LIKENESS_SLOTS (1 << LIKENESS_SLOTS_BITS)
#define LIKENESS_TERMS 1024
#define LIKENESS_KEPT 6 /* words of the query that one word may be like */

struct likeness_term {
	uint32_t term; /* + 1; 0: free */
	uint8_t n, words[LIKENESS_KEPT];
	float parts[LIKENESS_KEPT]; /* 0 .. 1: how alike */
};

struct likeness {
	uint32_t runs[LIKENESS_SLOTS];	/* of the query; 0: free */
	uint64_t words[LIKENESS_SLOTS]; /* beside them: whose, a bit each */
	size_t n_runs;
	uint32_t lengths[QUERY_WORDS_MAX];	    /* runs of each word */
	struct likeness_term terms[LIKENESS_TERMS]; /* found so far, by term */
};

void likeness_read(struct likeness *, const struct query *);
/* What of the query's weight the phrase shares, in words that are alike; what
 * of the context's to *context_r. */
float likeness_shared(struct likeness *, const struct index *,
		      const struct query *, const struct phrase *,
		      float *context_r);

/* The numbers of a candidate, but for its margin. */
void index_measure(const struct index *, const struct query *,
		   struct likeness *, const struct hit *,
		   struct candidate *out);

#endif
