/* A choice by chance among scores. */
#ifndef MODEL_WARP_H
#define MODEL_WARP_H

#include "model/border.h"
#include "model/kernels.h"
#include "model/logits.h"

struct sampling;

/* What is summed up at once: few enough to stay in the first cache. */
#define MASS_BLOCK (8 * SCORE_BLOCK)

struct warp {
	const struct kernels *kernels;
	struct logits scores; /* mended */
	const float *maxima;  /* the highest of each SCORE_BLOCK of them */
	float highest;	      /* of all */
	double inverse;	      /* of the temperature */
	/* Tokens that may come, by ascending ids. */
	struct ranked *kept, *other; /* room for all, borrowed */
	int n;
	double *sums;	  /* room for one of each MASS_BLOCK, borrowed */
	struct mass mass; /* of what may come, also where it is not kept */
};

/* The token for a chance in [0, 1), under a temperature above 0: temperature,
 * top-k, top-p, min-p, typical, epsilon, eta of the settings, in this order.
 * All but kernels, scores, maxima, and room is found here.  -1: there is
 * none. */
int warp_choose(struct warp *, const struct sampling *, double chance);

#endif
