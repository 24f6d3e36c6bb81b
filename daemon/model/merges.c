#include "model/merges.h"

#include <stdlib.h>

#include "base/crypto.h"
#include "base/mem.h"

int
merges_init(struct merges *merges, size_t n)
{
	*merges = (struct merges){.size = 2, .shift = 63};
	while (merges->size < 2 * n) {
		merges->size *= 2;
		merges->shift--;
	}
	/* Odd, and known to nobody who writes files of merges. */
	crypto_random(&merges->multiplier, sizeof merges->multiplier);
	merges->multiplier |= 1;
	merges->table = mem_array(merges->size, sizeof *merges->table);
	for (size_t i = 0; merges->table && i < merges->size; i++)
		merges->table[i].id = -1;
	return merges->table ? 0 : -1;
}

void
merges_release(struct merges *merges)
{
	free(merges->table);
	*merges = (struct merges){0};
}

static uint64_t
pair_of(int left, int right)
{
	return (uint64_t)(uint32_t)left << 32 | (uint32_t)right;
}

/* The place of a pair, or the free one where it belongs. */
static struct merge *
find_place(const struct merges *merges, uint64_t pair)
{
	size_t i = (size_t)(pair * merges->multiplier >> merges->shift);

	while (merges->table[i].id >= 0 && merges->table[i].pair != pair)
		i = (i + 1) & (merges->size - 1);
	return &merges->table[i];
}

bool
merges_add(struct merges *merges, int left, int right, uint32_t rank, int id)
{
	struct merge *place = find_place(merges, pair_of(left, right));

	if (place->id >= 0)
		return false;
	*place = (struct merge){pair_of(left, right), rank, id};
	return true;
}

const struct merge *
merges_find(const struct merges *merges, int left, int right)
{
	const struct merge *place = find_place(merges, pair_of(left, right));

	return place->id >= 0 ? place : NULL;
}
