/* A linear model of several classes: multinomial logistic regression over
 * sparse features.
 *
 * Training and judging are the same sums in the same order wherever they run:
 * a build gives the same bits in every thread and every process. */
#ifndef TEXT_LINEAR_H
#define TEXT_LINEAR_H

#include <stddef.h>
#include <stdint.h>

/* The features of one text; numbers below the model's n_features, each once. */
struct linear_row {
	const uint32_t *features;
	const float *values;
	size_t n;
	uint32_t label; /* for training: below n_labels */
};

struct linear {
	uint32_t n_features, n_labels;
	uint32_t stride; /* floats from one feature to the next */
	float *weights;	 /* (n_features, stride) */
};

/* Fit the weights to the rows, so that
 *
 *	sum over rows of -ln softmax(scores)[label] + |weights|^2 / (2 * cost)
 *
 * gets small: `passes` times over all rows, by ascent of the dual, one row at a
 * time (Shalev-Shwartz and Zhang, "Accelerated Proximal Stochastic Dual
 * Coordinate Ascent", 2014; the step along its direction is the best one).
 * 0, or -1 when there is no memory: the model is empty then. */
int linear_train(struct linear *, const struct linear_row *, size_t n,
		 uint32_t n_features, uint32_t n_labels, float cost,
		 unsigned passes);
void linear_release(struct linear *);

/* scores (n_labels) of a row. */
void linear_scores(const struct linear *, const struct linear_row *,
		   float *scores);

/* Make scores (n) probabilities: the exponentials of scores times `scale`, over
 * their sum. */
void linear_softmax(float *scores, size_t n, float scale);

/* The scale by which the softmax of these scores (n, n_labels) comes nearest to
 * the labels: the one of the highest likelihood, from 0.1 to 10 (Guo et al.,
 * "On Calibration of Modern Neural Networks", 2017).  1 for no scores. */
float linear_fit_scale(const float *scores, const uint32_t *labels, size_t n,
		       size_t n_labels);

size_t linear_bytes(const struct linear *);

#endif
