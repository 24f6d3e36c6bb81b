/* A choice by chance among scores: what is left out, and which of the rest. */
#ifndef MODEL_WARP_H
#define MODEL_WARP_H

struct logits;
struct sampling;

/* A token that may come. */
struct ranked {
	double rank;   /* the lower, the better */
	double weight; /* e^(score / temperature), of the highest 1 */
	float score;
	int id;
};

/* Tokens that may come, by ascending ids. */
struct warp {
	struct ranked *kept, *other; /* room for all, borrowed */
	int n;
};

/* All tokens but those whose scores say that they are impossible. */
void warp_fill(struct warp *, const struct logits *scores);
/* The token for a chance in [0, 1), under a temperature above 0: temperature,
 * top-k, top-p, min-p, typical of the settings, in this order.  -1: there is
 * none. */
int warp_choose(struct warp *, const struct sampling *, double chance);

#endif
