/* The tokens are a list, and a heap holds the pairs that can be merged, by rank
 * and place.  A pair that is gone when its turn comes is known by its rank:
 * no other pair has it.  Any thread. */
#include "model/merge_long.h"

#include <stdlib.h>

#include "base/mem.h"
#include "model/merges.h"

#define NONE UINT32_MAX

struct work {
	const struct merges *merges;
	int *ids;
	uint32_t *prev, *next; /* neighbours; NONE at the ends */
	uint32_t *ranks;       /* of the pair that begins here; NONE: none */
	uint64_t *heap;	       /* rank << 32 | place, the least first */
	size_t n_heap;
};

static void
push(struct work *work, uint64_t key)
{
	size_t i = work->n_heap++;

	for (; i > 0 && work->heap[(i - 1) / 2] > key; i = (i - 1) / 2)
		work->heap[i] = work->heap[(i - 1) / 2];
	work->heap[i] = key;
}

static uint64_t
pop(struct work *work)
{
	uint64_t least = work->heap[0], key = work->heap[--work->n_heap];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < work->n_heap) {
		if (child + 1 < work->n_heap &&
		    work->heap[child + 1] < work->heap[child])
			child++;
		if (work->heap[child] >= key)
			break;
		work->heap[i] = work->heap[child];
		i = child;
	}
	work->heap[i] = key;
	return least;
}

/* See whether the pair that begins at a place can be merged. */
static void
look(struct work *work, uint32_t place)
{
	uint32_t next = work->next[place];
	const struct merge *merge =
		next == NONE ? NULL
			     : merges_find(work->merges, work->ids[place],
					   work->ids[next]);

	work->ranks[place] = merge ? merge->rank : NONE;
	if (merge)
		push(work, (uint64_t)merge->rank << 32 | place);
}

static void
merge_at(struct work *work, uint32_t place)
{
	uint32_t gone = work->next[place], behind = work->next[gone];

	work->ids[place] =
		merges_find(work->merges, work->ids[place], work->ids[gone])
			->id;
	work->ranks[gone] = NONE;
	work->next[place] = behind;
	if (behind != NONE)
		work->prev[behind] = place;
	look(work, place);
	if (work->prev[place] != NONE)
		look(work, work->prev[place]);
}

static size_t
run(struct work *work, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		work->prev[i] = i > 0 ? (uint32_t)i - 1 : NONE;
		work->next[i] = i + 1 < n ? (uint32_t)i + 1 : NONE;
	}
	for (size_t i = 0; i < n; i++)
		look(work, (uint32_t)i);
	while (work->n_heap > 0) {
		uint64_t key = pop(work);
		uint32_t place = (uint32_t)key;
		if (work->ranks[place] == (uint32_t)(key >> 32))
			merge_at(work, place);
	}
	size_t left = 0;
	for (uint32_t i = 0; i != NONE; i = work->next[i])
		work->ids[left++] = work->ids[i];
	return left;
}

size_t
merge_long(const struct merges *merges, int *ids, size_t n)
{
	/* A merge takes one pair out and adds two at most. */
	struct work work = {
		.merges = merges,
		.ids = ids,
		.prev = mem_array(n, sizeof *work.prev),
		.next = mem_array(n, sizeof *work.next),
		.ranks = mem_array(n, sizeof *work.ranks),
		.heap = mem_array(n, 2 * sizeof *work.heap),
	};
	size_t left = 0;

	if (work.prev && work.next && work.ranks && work.heap)
		left = run(&work, n);
	free(work.prev);
	free(work.next);
	free(work.ranks);
	free(work.heap);
	return left;
}
