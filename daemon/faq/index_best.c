/* The k best entries by MaxScore.  The lists of a query's terms are ordered by
 * the most that each can add; those whose sum cannot reach more than the k-th
 * best score so far are only looked up for entries that another list brought
 * (Turtle and Flood, "Query evaluation: strategies and optimizations", 1995).
 * Entries come in their order: a later one with the k-th best score loses. */
#include "faq/index_parts.h"

/* A heap, the worst on top. */
struct heap {
	struct hit *hits;
	size_t n, k;
};

static bool
is_worse(const struct hit *a, const struct hit *b)
{
	return a->score != b->score ? a->score < b->score : a->entry > b->entry;
}

static void
swap(struct hit *a, struct hit *b)
{
	struct hit kept = *a;

	*a = *b;
	*b = kept;
}

static void
sift_up(struct hit *hits, size_t at)
{
	for (; at > 0 && is_worse(&hits[at], &hits[(at - 1) / 2]);
	     at = (at - 1) / 2)
		swap(&hits[at], &hits[(at - 1) / 2]);
}

static void
sift_down(struct hit *hits, size_t n)
{
	for (size_t at = 0, worst = 0;; at = worst) {
		for (size_t child = 2 * at + 1;
		     child < n && child <= 2 * at + 2; child++)
			if (is_worse(&hits[child], &hits[worst]))
				worst = child;
		if (worst == at)
			return;
		swap(&hits[at], &hits[worst]);
	}
}

static void
offer(struct heap *heap, struct hit hit)
{
	if (heap->n < heap->k) {
		heap->hits[heap->n] = hit;
		sift_up(heap->hits, heap->n++);
	} else {
		heap->hits[0] = hit;
		sift_down(heap->hits, heap->n);
	}
}

/* What a score must be above to matter. */
static uint64_t
needed(const struct heap *heap)
{
	return heap->n < heap->k ? 0 : heap->hits[0].score;
}

/* The first place from `at` on with an entry >= wanted, by galloping. */
static uint32_t
advance(const struct cursor *cursor, uint32_t wanted)
{
	uint32_t low = cursor->at, step = 1;

	while (low + step < cursor->n && cursor->entries[low + step] < wanted) {
		low += step;
		step *= 2;
	}
	uint32_t high = low + step < cursor->n ? low + step : cursor->n;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (cursor->entries[middle] < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* What the list adds to the entry, past which it then stands. */
static uint64_t
take(struct cursor *cursor, uint32_t entry)
{
	if (cursor->at >= cursor->n)
		return 0;
	if (cursor->entries[cursor->at] < entry)
		cursor->at = advance(cursor, entry);
	if (cursor->at >= cursor->n || cursor->entries[cursor->at] != entry)
		return 0;
	return (uint64_t)cursor->factor * cursor->impacts[cursor->at++];
}

/* The lowest entry that an essential list stands at; NO_TERM: none is left. */
static uint32_t
next_entry(const struct query *query, size_t essential)
{
	uint32_t lowest = NO_TERM;

	for (size_t i = essential; i < query->n; i++) {
		const struct cursor *cursor = &query->cursors[i];
		if (cursor->at < cursor->n &&
		    cursor->entries[cursor->at] < lowest)
			lowest = cursor->entries[cursor->at];
	}
	return lowest;
}

/* The whole score, or 0 for one that is not above the limit. */
static uint64_t
score_entry(struct query *query, size_t essential, uint32_t entry,
	    uint64_t limit)
{
	uint64_t score = 0;

	for (size_t i = query->n; i-- > 0;) {
		if (i < essential && score + query->cursors[i].bound <= limit)
			return 0;
		score += take(&query->cursors[i], entry);
	}
	return score > limit ? score : 0;
}

size_t
index_find_best(const struct index *index, struct query *query, int64_t now_us,
		size_t k, struct hit *out)
{
	struct heap heap = {out, 0, k};
	size_t essential = 0;
	uint32_t entry;

	while (k > 0 && (entry = next_entry(query, essential)) != NO_TERM) {
		uint64_t score =
			score_entry(query, essential, entry, needed(&heap));
		if (score == 0 ||
		    !index_entry_is_valid(&index->entries[entry], now_us))
			continue;
		offer(&heap, (struct hit){entry, score});
		while (essential < query->n &&
		       query->cursors[essential].bound <= needed(&heap))
			essential++;
	}
	/* Taking the worst away again and again leaves the best in front. */
	for (size_t n = heap.n; n > 1; n--) {
		swap(&out[0], &out[n - 1]);
		sift_down(out, n - 1);
	}
	return heap.n;
}
