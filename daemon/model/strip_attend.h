/* Attention of one head over keys and values in f32 and f16, for whatever a
 * strip is: the file that includes this has included strip_rows.h before.
 *
 * A few rows pass the keys and values together.  A row's own arithmetic does
 * not depend on that: its scores are one chain along the width, its sums one
 * chain along the positions, and what other rows still have to see counts as
 * zero. */

/* If ahead, the same place there is asked for. */
typedef strip kv_load_fn(const void *numbers, size_t i, const char *ahead);

INLINE strip
load_kv_f32(const void *numbers, size_t i, const char *ahead)
{
	if (ahead)
		__builtin_prefetch(ahead + sizeof(float) * i);
	return strip_load((const float *)numbers + i);
}

INLINE strip
load_kv_f16(const void *numbers, size_t i, const char *ahead)
{
	if (ahead)
		__builtin_prefetch(ahead + sizeof(uint16_t) * i);
	return strip_load_f16((const uint16_t *)numbers + i);
}

/* scores (rows, n_scores) of the positions of some blocks: of more than one,
 * so that sums do not wait for each other, where their registers are left */
INLINE void
score_blocks(float *scores, size_t n_scores, const struct attention *a,
	     const float *queries, const void *const *keys, const char *ahead,
	     kv_load_fn *load, int rows, int blocks)
{
	strip sums[ATTENTION_ROWS][SCORE_BLOCKS];
	strip scale = strip_set(1 / sqrtf((float)a->width));

	EACH (int r = 0; r < rows; r++)
		EACH (int b = 0; b < blocks; b++)
			sums[r][b] = strip_set(0);
	for (int d = 0; d < a->width; d++) {
		strip lanes[SCORE_BLOCKS];
		EACH (int b = 0; b < blocks; b++)
			lanes[b] = load(keys[b], (size_t)d * KV_BLOCK, ahead);
		EACH (int r = 0; r < rows; r++) {
			strip query =
				strip_set(queries[(size_t)r * a->query_stride +
						  (size_t)d]);
			EACH (int b = 0; b < blocks; b++)
				sums[r][b] =
					strip_fma(query, lanes[b], sums[r][b]);
		}
	}
	EACH (int r = 0; r < rows; r++)
		EACH (int b = 0; b < blocks; b++)
			strip_store(scores + (size_t)r * n_scores +
					    b * KV_BLOCK,
				    strip_mul(sums[r][b], scale));
}

/* All blocks of the keys; more rows than one find them in a cache. */
INLINE void
score_rows(const struct attention *a, const float *queries, size_t n_scores,
	   kv_load_fn *load, int rows)
{
	int n_blocks = (int)(n_scores / KV_BLOCK), b = 0;

	if (rows == 1) {
		for (; b < n_blocks; b++)
			score_blocks(a->scores + b * KV_BLOCK, n_scores, a,
				     queries, a->keys + b,
				     after_keys(a, b, n_blocks), load, rows, 1);
		return;
	}
	for (; b + SCORE_BLOCKS <= n_blocks; b += SCORE_BLOCKS)
		score_blocks(a->scores + b * KV_BLOCK, n_scores, a, queries,
			     a->keys + b, NULL, load, rows, SCORE_BLOCKS);
	for (; b < n_blocks; b++)
		score_blocks(a->scores + b * KV_BLOCK, n_scores, a, queries,
			     a->keys + b, NULL, load, rows, 1);
}

/* sums (rows, padded) of some strips of the values, weighted by scores (rows,
 * n_scores), of which the first n count */
INLINE void
sum_values(const struct attention *a, int n, size_t n_scores, size_t padded,
	   size_t first, kv_load_fn *load, int rows, int strips)
{
	strip sums[ATTENTION_ROWS][PANEL_STRIPS];
	int n_blocks = (int)(n_scores / KV_BLOCK);

	EACH (int r = 0; r < rows; r++)
		EACH (int s = 0; s < strips; s++)
			sums[r][s] = strip_set(0);
	for (int t = 0; t < n; t++) {
		int b = t / KV_BLOCK;
		const void *values = a->values[b];
		const char *ahead =
			rows == 1 ? after_values(a, b, n_blocks) : NULL;
		size_t at = (size_t)(t % KV_BLOCK) * padded + first;
		strip lanes[PANEL_STRIPS];
		EACH (int s = 0; s < strips; s++)
			lanes[s] = load(values, at + (size_t)s * STRIP_ROWS,
					ahead);
		EACH (int r = 0; r < rows; r++) {
			strip weight = strip_set(
				a->scores[(size_t)r * n_scores + (size_t)t]);
			EACH (int s = 0; s < strips; s++)
				sums[r][s] =
					strip_fma(weight, lanes[s], sums[r][s]);
		}
	}
	EACH (int r = 0; r < rows; r++)
		EACH (int s = 0; s < strips; s++)
			strip_store(a->sums + (size_t)r * padded + first +
					    (size_t)s * STRIP_ROWS,
				    sums[r][s]);
}

/* Rows row ... row + rows - 1, the last of which sees n positions. */
INLINE void
attend_rows(const struct attention *a, int row, kv_load_fn *load, int rows)
{
	int n = a->position + row + rows;
	size_t n_scores = (size_t)round_up(n, KV_BLOCK);
	size_t padded = (size_t)round_up(a->width, STRIP_ROWS), first = 0;
	const float *queries = a->queries + (size_t)row * a->query_stride;

	score_rows(a, queries, n_scores, load, rows);
	EACH (int r = 0; r < rows; r++)
		weigh_positions(a->scores + (size_t)r * n_scores,
				n - rows + r + 1, n_scores);
	size_t panel = PANEL_STRIPS * STRIP_ROWS;
	for (; first + panel <= padded; first += panel)
		sum_values(a, n, n_scores, padded, first, load, rows,
			   PANEL_STRIPS);
	for (; first < padded; first += STRIP_ROWS)
		sum_values(a, n, n_scores, padded, first, load, rows, 1);
	EACH (int r = 0; r < rows; r++)
		memcpy(a->out + (size_t)(row + r) * a->out_stride,
		       a->sums + (size_t)r * padded,
		       (size_t)a->width * sizeof(float));
}

INLINE void
attend_all(const struct attention *a, kv_load_fn *load)
{
	int row = 0;

	for (; row + ATTENTION_ROWS <= a->n; row += ATTENTION_ROWS)
		attend_rows(a, row, load, ATTENTION_ROWS);
	for (; row < a->n; row++)
		attend_rows(a, row, load, 1);
}

static void
attend_f32(const struct attention *a)
{
	attend_all(a, load_kv_f32);
}

static void
attend_f16(const struct attention *a)
{
	attend_all(a, load_kv_f16);
}

static void
keep_f16(void *keys, void *values, const float *key, const float *value,
	 int width, int position)
{
	size_t place = (size_t)position % KV_BLOCK;
	uint16_t *row = (uint16_t *)values +
			place * (size_t)round_up(width, STRIP_ROWS);

	for (int d = 0; d < width; d += STRIP_ROWS) {
		uint16_t halves[STRIP_ROWS];
		strip_store_f16(row + d, load_first(value + d, width - d));
		strip_store_f16(halves, load_first(key + d, width - d));
		for (int i = 0; i < STRIP_ROWS && d + i < width; i++)
			((uint16_t *)keys)[(size_t)(d + i) * KV_BLOCK + place] =
				halves[i];
	}
}
