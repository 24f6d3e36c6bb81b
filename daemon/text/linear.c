/* Any thread: a model is trained by one, and then only read. */
#include "text/linear.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "text/exponential.h"

/* Rows of weights are padded to this, with zeros, so that loops over labels
 * have no rest: so many scores are added up at a time, in registers. */
#define STEP_QUADS 4
#define LABELS_STEP (STEP_QUADS * QUAD)

/* What a dual variable is taken for at least where its logarithm is asked. */
#define DUAL_MIN 1e-12f
/* Newton's steps towards the best length of one step of ascent. */
#define NEWTON_STEPS 3
/* ... and so many more until one is found that does not go too far. */
#define STEPS_MAX 24

/* ---- Judging */

/* The scores of LABELS_STEP labels from `first` on. */
QUAD_UNWATCHED static void
add_up(const struct linear *model, const struct linear_row *row, uint32_t first,
       float scores[static LABELS_STEP])
{
	const float *weights = model->weights + first;
	quad a = {0}, b = {0}, c = {0}, d = {0};

	for (size_t i = 0; i < row->n; i++) {
		const float *from =
			weights + (size_t)row->features[i] * model->stride;
		float value = row->values[i];
		a += value * quad_read(from, QUAD);
		b += value * quad_read(from + QUAD, QUAD);
		c += value * quad_read(from + 2 * QUAD, QUAD);
		d += value * quad_read(from + 3 * QUAD, QUAD);
	}
	quad_write(scores, a, QUAD);
	quad_write(scores + QUAD, b, QUAD);
	quad_write(scores + 2 * QUAD, c, QUAD);
	quad_write(scores + 3 * QUAD, d, QUAD);
}

void
linear_scores(const struct linear *model, const struct linear_row *row,
	      float *scores)
{
	float sums[LABELS_STEP];

	for (uint32_t k = 0; k < model->n_labels; k += LABELS_STEP) {
		uint32_t left = model->n_labels - k;
		add_up(model, row, k, sums);
		memcpy(scores + k, sums,
		       (left < LABELS_STEP ? left : LABELS_STEP) *
			       sizeof *sums);
	}
}

QUAD_UNWATCHED static float
highest_of(const float *scores, size_t n)
{
	float highest = scores[0];

	for (size_t k = 1; k < n; k++)
		if (scores[k] > highest)
			highest = scores[k];
	return highest;
}

QUAD_UNWATCHED void
linear_softmax(float *scores, size_t n, float scale)
{
	float highest = highest_of(scores, n), sum = 0;

	for (size_t k = 0; k < n; k += QUAD) {
		quad x = quad_read(scores + k, n - k);
		x = exponentials((x - highest) * scale);
		quad_write(scores + k, x, n - k);
	}
	for (size_t k = 0; k < n; k++)
		sum += scores[k];
	for (size_t k = 0; k < n; k += QUAD) {
		quad x = quad_read(scores + k, n - k);
		quad_write(scores + k, x / sum, n - k);
	}
}

void
linear_release(struct linear *model)
{
	free(model->weights);
	*model = (struct linear){0};
}

size_t
linear_bytes(const struct linear *model)
{
	return (size_t)model->n_features * model->stride *
	       sizeof *model->weights;
}

/* ---- Training */

struct training {
	struct linear *model;
	const struct linear_row *rows;
	size_t n;
	float cost;
	float *duals;	 /* (n, stride): each row's adds up to 1 */
	float *scores;	 /* (stride) */
	float *changes;	 /* (stride) */
	uint32_t *order; /* (n) */
	uint64_t random;
};

/* xorshift64: the same order in every run. */
static uint64_t
next_random(struct training *training)
{
	uint64_t x = training->random;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return training->random = x;
}

static void
shuffle(struct training *training)
{
	for (size_t i = training->n; i > 1; i--) {
		size_t k = (size_t)(next_random(training) % i);
		uint32_t kept = training->order[i - 1];
		training->order[i - 1] = training->order[k];
		training->order[k] = kept;
	}
}

/* The slope of the dual objective at s along the changes,
 *
 *	sum of changes * (scores - ln (dual + s * change)) - s * bend
 *
 * which falls all the way from 0 to 1; how fast, to *fall_r. */
QUAD_UNWATCHED static float
slope_along(const struct training *training, const float *dual, float bend,
	    float s, float *fall_r)
{
	float slope = -s * bend, fall = bend;

	for (uint32_t k = 0; k < training->model->stride; k += QUAD) {
		quad change = quad_read(training->changes + k, QUAD);
		quad score = quad_read(training->scores + k, QUAD);
		quad q = quad_read(dual + k, QUAD) + s * change;
		q = quad_choose(q < DUAL_MIN, quad_of(DUAL_MIN), q);
		quad slopes = change * (score - logarithms(q));
		quad falls = change * change / q;
		for (int lane = 0; lane < QUAD; lane++) {
			slope += slopes[lane];
			fall += falls[lane];
		}
	}
	*fall_r = fall;
	return slope;
}

/* How far to go from the duals: nearly to where the objective is highest, but
 * not beyond, so that each step is one upwards. */
static float
best_step(const struct training *training, const float *dual, float bend)
{
	float low = 0, high = 1, s = 1 / (1 + bend), fall;

	for (int step = 0; step < STEPS_MAX; step++) {
		float slope = slope_along(training, dual, bend, s, &fall);
		if (slope > 0)
			low = s;
		else
			high = s;
		if (step >= NEWTON_STEPS && low > 0)
			break;
		float next = s + slope / fall;
		s = next > low && next < high ? next : (low + high) / 2;
	}
	return low;
}

QUAD_UNWATCHED static void
add_to_weights(struct training *training, const struct linear_row *row,
	       float factor)
{
	size_t stride = training->model->stride;
	const float *changes = training->changes;

	for (size_t i = 0; i < row->n; i++) {
		float *weights =
			training->model->weights + row->features[i] * stride;
		float by = factor * row->values[i];
		for (size_t k = 0; k < stride; k += QUAD) {
			quad x = quad_read(weights + k, QUAD) +
				 by * quad_read(changes + k, QUAD);
			quad_write(weights + k, x, QUAD);
		}
	}
}

/* Move the duals of one row towards the probabilities that the model gives
 * it. */
QUAD_UNWATCHED static void
visit(struct training *training, size_t i)
{
	const struct linear_row *row = &training->rows[i];
	uint32_t n = training->model->n_labels;
	float *dual = training->duals + i * training->model->stride;
	float *changes = training->changes;
	float length = 0, moved = 0;

	linear_scores(training->model, row, training->scores);
	memcpy(changes, training->scores, n * sizeof *changes);
	linear_softmax(changes, n, 1);
	for (uint32_t k = 0; k < n; k++) {
		changes[k] -= dual[k];
		moved += changes[k] * changes[k];
	}
	for (size_t k = 0; k < row->n; k++)
		length += row->values[k] * row->values[k];
	float step = best_step(training, dual, training->cost * length * moved);
	for (uint32_t k = 0; k < n; k++)
		dual[k] += step * changes[k];
	add_to_weights(training, row, -step * training->cost);
}

static void
run(struct training *training, unsigned passes)
{
	for (size_t i = 0; i < training->n; i++) {
		training->order[i] = (uint32_t)i;
		training->duals[i * training->model->stride +
				training->rows[i].label] = 1;
	}
	for (unsigned pass = 0; pass < passes; pass++) {
		shuffle(training);
		for (size_t i = 0; i < training->n; i++)
			visit(training, training->order[i]);
	}
}

int
linear_train(struct linear *model, const struct linear_row *rows, size_t n,
	     uint32_t n_features, uint32_t n_labels, float cost,
	     unsigned passes)
{
	uint32_t stride =
		(n_labels + LABELS_STEP - 1) / LABELS_STEP * LABELS_STEP;
	struct training training = {
		.model = model,
		.rows = rows,
		.n = n,
		.cost = cost,
		.duals = mem_array(n, stride * sizeof(float)),
		.scores = mem_array(stride, sizeof(float)),
		.changes = mem_array(stride, sizeof(float)),
		.order = mem_array(n, sizeof(uint32_t)),
		.random = 88172645463325252u,
	};

	*model = (struct linear){
		.n_features = n_features,
		.n_labels = n_labels,
		.stride = stride,
		.weights = mem_array(n_features, stride * sizeof(float)),
	};
	int result = -1;
	if (training.duals && training.scores && training.changes &&
	    training.order && model->weights) {
		run(&training, passes);
		result = 0;
	} else {
		linear_release(model);
	}
	free(training.duals);
	free(training.scores);
	free(training.changes);
	free(training.order);
	return result;
}

/* ---- Calibration */

/* The slope of the likelihood along the logarithm of the scale. */
static double
slope_at(const float *scores, const uint32_t *labels, size_t n, size_t n_labels,
	 float scale, float *room)
{
	double slope = 0;

	for (size_t i = 0; i < n; i++) {
		const float *row = scores + i * n_labels;
		double expected = 0;
		memcpy(room, row, n_labels * sizeof *room);
		linear_softmax(room, n_labels, scale);
		for (size_t k = 0; k < n_labels; k++)
			expected += (double)room[k] * (double)row[k];
		slope += (double)row[labels[i]] - expected;
	}
	return slope;
}

float
linear_fit_scale(const float *scores, const uint32_t *labels, size_t n,
		 size_t n_labels)
{
	float low = 0.1f, high = 10;
	float *room = mem_array(n_labels, sizeof *room);

	if (n == 0 || !room) {
		free(room);
		return 1;
	}
	/* The likelihood has one summit, its slope falls: halve. */
	for (int i = 0; i < 20; i++) {
		float middle = sqrtf(low * high);
		if (slope_at(scores, labels, n, n_labels, middle, room) > 0)
			low = middle;
		else
			high = middle;
	}
	free(room);
	return sqrtf(low * high);
}
