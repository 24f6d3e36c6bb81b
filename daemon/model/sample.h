/* How the next token is chosen from logits: the processors of the reference
 * library (transformers, generation/logits_process.py), with its formulas and
 * in its order:
 *
 *   biases, repetition penalty, n-grams, bad words, least number of tokens,
 *   those allowed; then, unless it is greedy: temperature, top-k, top-p,
 *   min-p, typical, epsilon, eta, and a token by chance.
 *
 * A choice depends on the logits, the tokens before it, the settings and their
 * seed alone. */
#ifndef MODEL_SAMPLE_H
#define MODEL_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct kernels;
struct logits;
struct ranked;

/* Ids that stand one after the other. */
struct token_sequence {
	const int *ids;
	int n;
};

/* Added to the logit of the last token of the sequence, where those before it
 * are what was said last.  As in the reference, one of several tokens counts
 * only when at least as many have been said. */
struct token_bias {
	struct token_sequence sequence;
	float bias; /* -INFINITY: never */
};

/* Settings, shared by whoever likes; lists are borrowed. */
struct sampling {
	const struct token_bias *biases;
	int n_biases;
	/* Of each token said before, once: s < 0 ? s * p : s / p; 1: none.
	 * Normalized, of the logarithms of probabilities, those of the tokens
	 * that there are logits of. */
	float repetition_penalty;
	bool is_penalty_normalized;
	bool is_penalty_of_output; /* the prompt does not count */
	/* No n tokens come twice; 0: they may. */
	int no_repeat_ngram;
	bool is_ngram_of_output;
	const struct token_sequence *bad_words;
	int n_bad_words;
	/* Tokens that end a text, and how many come at least before one. */
	const int *ends;
	int n_ends, min_new_tokens;
	/* 0: the highest logit, of equal ones the lowest id.  All below is for
	 * others. */
	float temperature;
	int top_k;	 /* and those equal to the last of them; 0: all */
	float top_p;	 /* 1: all */
	float min_p;	 /* of the highest probability; 0: all */
	float typical_p; /* 1: all */
	/* Those of at least this probability, and the most probable; 0: all.
	 * Eta is lower where the entropy is high: min(e, sqrt(e) * exp(-H)). */
	float epsilon_cutoff, eta_cutoff;
	uint64_t seed;
};

/* Greedy, and nothing else. */
extern const struct sampling sampling_greedy;

/* Whether a model of that vocabulary can be sampled so.  0, or -1 and *err,
 * which says what is wrong. */
int sampling_check(const struct sampling *, int n_vocab, struct err *);
bool sampling_is_end(const struct sampling *, int id);

/* Room to choose in; one thread at a time. */
struct sampler {
	int n_vocab;
	/* The best that there are; all give the same. */
	const struct kernels *kernels;
	float *scores;		     /* (V) */
	float *maxima;		     /* of blocks of them */
	double *sums;		     /* of larger ones */
	unsigned char *seen;	     /* (V) */
	struct ranked *kept, *other; /* (V) */
};

/* 0, or -1 and *err: no memory. */
int sampler_init(struct sampler *, int n_vocab, struct err *);
void sampler_release(struct sampler *);

/* The token that comes after n tokens, of which the first n_prompt are the
 * prompt; the number of the others is the number of the draw.  Any logits will
 * do, see logits.h.  Those of a list give what all of them would give with no
 * others allowed.  Nothing is allocated.  -1: no token is possible. */
int sample_token(struct sampler *, const struct sampling *,
		 const struct logits *, const int *tokens, int n, int n_prompt);

/* A number in [0, 1) for a seed and a draw: SplitMix64 (Steele, Lea, Flood
 * 2014), begun at the mixed seed and taken at its draw + 1st number, whose
 * highest 53 bits it is. */
double sample_chance(uint64_t seed, uint64_t draw);

#endif
