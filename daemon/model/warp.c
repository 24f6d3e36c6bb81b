/* Nothing is sorted: what a rule leaves out is all behind one border, which is
 * found as in quickselect, in a time that grows with their number alone. */
#include "model/warp.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "model/logits.h"
#include "model/sample.h"

void
warp_fill(struct warp *warp, const struct logits *scores)
{
	warp->n = 0;
	for (int i = 0; i < scores->n; i++) {
		float score = logits_mend(scores->values[i]);
		if (score > -INFINITY)
			warp->kept[warp->n++] = (struct ranked){
				.score = score, .id = logits_id(scores, i)};
	}
}

/* Of equal ranks the lowest id is first. */
static bool
is_before(const struct ranked *a, const struct ranked *b)
{
	return a->rank < b->rank || (a->rank == b->rank && a->id < b->id);
}

static void
swap(struct ranked *a, struct ranked *b)
{
	struct ranked other = *a;

	*a = *b;
	*b = other;
}

/* The median of three at places that no order of scores foresees goes to the
 * last place. */
static void
place_pivot(struct ranked *items, int n, uint32_t *chance)
{
	struct ranked *low = items, *middle = items, *high = items + n - 1;

	*chance = *chance * 1664525 + 1013904223;
	low += (uint64_t)*chance * (uint32_t)n >> 32;
	*chance = *chance * 1664525 + 1013904223;
	middle += (uint64_t)*chance * (uint32_t)n >> 32;
	if (is_before(middle, low))
		swap(middle, low);
	if (is_before(high, low))
		swap(high, low);
	if (is_before(middle, high))
		swap(middle, high);
}

/* Those before the pivot, in the last place, go to the front, the pivot behind
 * them.  Their number and weight. */
static int
part(struct ranked *items, int n, double *weight_r)
{
	int n_before = 0;

	*weight_r = 0;
	for (int i = 0; i < n - 1; i++)
		if (is_before(items + i, items + n - 1)) {
			*weight_r += items[i].weight;
			swap(items + i, items + n_before++);
		}
	swap(items + n_before, items + n - 1);
	return n_before;
}

/* The last in the order of ranks before which there is less weight than limit,
 * and the first at least.  Items are put in another order. */
static struct ranked
find_border(struct ranked *items, int n, double limit)
{
	struct ranked border = items[0];
	double before = 0; /* of all that is before items */
	uint32_t chance = 1;

	for (int i = 1; i < n; i++)
		if (is_before(items + i, &border))
			border = items[i];
	while (n > 0) {
		double weight;
		place_pivot(items, n, &chance);
		int n_before = part(items, n, &weight);
		if (before + weight < limit) {
			border = items[n_before];
			before += weight + border.weight;
			items += n_before + 1;
			n -= n_before + 1;
		} else {
			n = n_before;
		}
	}
	return border;
}

static struct ranked
warp_border(struct warp *warp, double limit)
{
	memcpy(warp->other, warp->kept, (size_t)warp->n * sizeof *warp->kept);
	return find_border(warp->other, warp->n, limit);
}

/* Leave out what is behind the border; with its equals, or without. */
static void
keep_up_to(struct warp *warp, const struct ranked *border, bool has_equals)
{
	int n = 0;

	for (int i = 0; i < warp->n; i++) {
		const struct ranked *item = warp->kept + i;
		if (has_equals ? item->rank <= border->rank
			       : !is_before(border, item))
			warp->kept[n++] = *item;
	}
	warp->n = n;
}

static double
weight_of_all(const struct warp *warp)
{
	double sum = 0;

	for (int i = 0; i < warp->n; i++)
		sum += warp->kept[i].weight;
	return sum;
}

static void
keep_top_k(struct warp *warp, int k)
{
	if (k == 0 || k >= warp->n)
		return;
	for (int i = 0; i < warp->n; i++) {
		warp->kept[i].rank = -(double)warp->kept[i].score;
		warp->kept[i].weight = 1;
	}
	struct ranked border = warp_border(warp, k);
	keep_up_to(warp, &border, true);
}

static void
weigh(struct warp *warp, double temperature)
{
	float max = -INFINITY;

	for (int i = 0; i < warp->n; i++)
		max = fmaxf(max, warp->kept[i].score);
	for (int i = 0; i < warp->n; i++) {
		struct ranked *item = warp->kept + i;
		item->weight =
			exp(((double)item->score - (double)max) / temperature);
	}
}

/* The reference leaves out, from below, what adds up to 1 - p at most. */
static void
keep_top_p(struct warp *warp, double p)
{
	if (p >= 1)
		return;
	for (int i = 0; i < warp->n; i++)
		warp->kept[i].rank = -(double)warp->kept[i].score;
	struct ranked border = warp_border(warp, p * weight_of_all(warp));
	keep_up_to(warp, &border, false);
}

/* The highest weight is 1, and stays to the end. */
static void
keep_min_p(struct warp *warp, double p)
{
	int n = 0;

	for (int i = 0; i < warp->n; i++)
		if (warp->kept[i].weight >= p)
			warp->kept[n++] = warp->kept[i];
	warp->n = n;
}

/* What is about as probable as one may expect: nearest to the entropy first
 * (Meister et al. 2022). */
static void
keep_typical(struct warp *warp, double p)
{
	double entropy = 0, sum = weight_of_all(warp);

	if (p >= 1)
		return;
	for (int i = 0; i < warp->n; i++) {
		struct ranked *item = warp->kept + i;
		item->rank = -log(item->weight / sum);
		if (item->weight > 0)
			entropy += item->weight / sum * item->rank;
	}
	for (int i = 0; i < warp->n; i++)
		warp->kept[i].rank = fabs(warp->kept[i].rank - entropy);
	struct ranked border = warp_border(warp, p * sum);
	keep_up_to(warp, &border, true);
}

static int
draw(const struct warp *warp, double chance)
{
	double left = chance * weight_of_all(warp);
	int last = -1;

	for (int i = 0; i < warp->n; i++) {
		if (!(warp->kept[i].weight > 0))
			continue;
		last = warp->kept[i].id;
		left -= warp->kept[i].weight;
		if (left < 0)
			break;
	}
	return last;
}

int
warp_choose(struct warp *warp, const struct sampling *sampling, double chance)
{
	if (warp->n == 0)
		return -1;
	keep_top_k(warp, sampling->top_k);
	weigh(warp, (double)sampling->temperature);
	keep_top_p(warp, (double)sampling->top_p);
	keep_min_p(warp, (double)sampling->min_p);
	keep_typical(warp, (double)sampling->typical_p);
	return draw(warp, chance);
}
