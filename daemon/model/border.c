/* First the part of the ranks in which the border is, by one sum for each part;
 * then quickselect by weight among the few that are in it.  Any thread: nothing
 * is kept. */
#include "model/border.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

bool
ranked_is_before(const struct ranked *a, const struct ranked *b)
{
	return (a->rank < b->rank) | ((a->rank == b->rank) & (a->id < b->id));
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
	if (ranked_is_before(middle, low))
		swap(middle, low);
	if (ranked_is_before(high, low))
		swap(high, low);
	if (ranked_is_before(middle, high))
		swap(middle, high);
}

/* Those before the pivot, in the last place, go to the front, the pivot behind
 * them.  Their number and weight.  Every item is moved, as no processor
 * foresees which have to be. */
static int
part(struct ranked *items, int n, double *weight_r)
{
	const struct ranked pivot = items[n - 1];
	double weight = 0;
	int n_before = 0;

	for (int i = 0; i < n - 1; i++) {
		struct ranked item = items[i];
		bool is_first = ranked_is_before(&item, &pivot);
		items[i] = items[n_before];
		items[n_before] = item;
		weight += is_first ? item.weight : 0;
		n_before += is_first;
	}
	swap(items + n_before, items + n - 1);
	*weight_r = weight;
	return n_before;
}

/* The border among items before which there is some weight already. */
static struct ranked
select_border(struct ranked *items, int n, double before, double limit)
{
	struct ranked border = items[0];
	uint32_t chance = 1;

	for (int i = 1; i < n; i++)
		if (ranked_is_before(items + i, &border))
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

/* Ranks from the lowest on, in parts of the same width. */
#define N_PARTS 1024
struct parts {
	double lowest, per_rank;
	double weights[N_PARTS];
	int counts[N_PARTS];
};

/* Ascends with the ranks. */
static int
part_of(const struct parts *parts, double rank)
{
	return (int)((rank - parts->lowest) * parts->per_rank);
}

/* false: they are not apart, or too far. */
static bool
divide(struct parts *parts, const struct ranked *items, int n)
{
	double lowest = items[0].rank, highest = lowest;

	for (int i = 1; i < n; i++) {
		lowest = items[i].rank < lowest ? items[i].rank : lowest;
		highest = items[i].rank > highest ? items[i].rank : highest;
	}
	*parts = (struct parts){
		.lowest = lowest,
		.per_rank = (N_PARTS - 1) / (highest - lowest),
	};
	if (!isfinite(lowest) || !isfinite(highest) ||
	    !isfinite(parts->per_rank))
		return false;
	for (int i = 0; i < n; i++) {
		int part = part_of(parts, items[i].rank);
		parts->weights[part] += items[i].weight;
		parts->counts[part]++;
	}
	return true;
}

/* The last part that has any, before which there is less weight. */
static int
find_part(const struct parts *parts, double limit, double *before_r)
{
	double before = 0;
	int found = -1;

	for (int part = 0; part < N_PARTS; part++) {
		if (parts->counts[part] == 0)
			continue;
		if (found >= 0 && !(before < limit))
			break;
		found = part;
		*before_r = before;
		before += parts->weights[part];
	}
	return found;
}

/* Fewer than this are selected from at once. */
#define FEW 256

struct ranked
border_find(const struct ranked *items, int n, double limit,
	    struct ranked *room)
{
	struct parts parts;
	double before = 0;
	int n_room = 0;

	if (n < FEW || !divide(&parts, items, n)) {
		memcpy(room, items, (size_t)n * sizeof *items);
		return select_border(room, n, 0, limit);
	}
	int part = find_part(&parts, limit, &before);
	for (int i = 0; i < n; i++) {
		room[n_room] = items[i];
		n_room += part_of(&parts, items[i].rank) == part;
	}
	return select_border(room, n_room, before, limit);
}
