/* Merging of a long piece of text. */
#ifndef MODEL_MERGE_LONG_H
#define MODEL_MERGE_LONG_H

#include <stddef.h>

struct merges;

/* Merge ids in place, of all pairs of neighbours always the leftmost of those
 * of lowest rank.  O(n log n); takes 28 bytes a token.  The number of tokens
 * that are left, or 0 without memory. */
size_t merge_long(const struct merges *, int *ids, size_t n);

#endif
