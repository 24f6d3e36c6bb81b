/* Which pairs of tokens become one, and in which order. */
#ifndef MODEL_MERGES_H
#define MODEL_MERGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct merge {
	uint64_t pair;
	uint32_t rank; /* the lowest is merged first */
	int id;	       /* what becomes of the pair; -1: no merge */
};

/* Read-only once it is filled; then any number of threads may look. */
struct merges {
	struct merge *table; /* open addressing; a power of two */
	size_t size;
	unsigned int shift;
	uint64_t multiplier;
};

/* For at most n merges.  0, or -1 without memory. */
int merges_init(struct merges *, size_t n);
void merges_release(struct merges *);
/* false: the pair is there already. */
bool merges_add(struct merges *, int left, int right, uint32_t rank, int id);
/* NULL: the pair is not merged. */
const struct merge *merges_find(const struct merges *, int left, int right);

#endif
