/* Attention of one head over keys and values in whole numbers, for whatever a
 * strip is: the file that includes this has included strip_rows.h before, and
 * says what dots are:
 *
 *   INT8_ROWS                 rows of queries that pass together
 *   struct dots               sums of products of four, one for each lane
 *   quads                     four numbers for each lane
 *   load_keys, load_values    64 bytes, unsigned and signed
 *   add_keys, add_values      + the products with four of the other kind
 *   join_dots                 the sums and an offset, as floats
 *   put_values                a strip of whole numbers, each at a place of its
 *                             four
 *
 * The queries of a row have one scale, and the weights of each block of
 * positions have one for a row, so that what else is computed, and in which
 * pieces, changes no bit. */

/* By which numbers of one head (width) become -127 ... 127, and back. */
struct steps {
	strip inverse;
	float scale;
};

INLINE struct steps
find_steps(const float *in, int width)
{
	strip max = strip_set(0);

	for (int d = 0; d < width; d += STRIP_ROWS)
		max = strip_max(max, strip_abs(load_first(in + d, width - d)));
	float largest = strip_largest(max);
	/* Below, its inverse would be infinite. */
	float inverse = largest > 1e-30F ? 127 / largest : 0;
	return (struct steps){strip_set(inverse), largest / 127};
}

/* A strip of these numbers, of which n are left. */
INLINE strip
take_steps(const struct steps *steps, const float *in, int n)
{
	return strip_round(strip_mul(load_first(in, n), steps->inverse));
}

/* Queries of a row as two whole numbers each, the second of which is what the
 * first leaves, QUERY_PARTS times as fine: alone, the first would be off by as
 * much again as a key is.  The scale of their products with keys, and what the
 * zero point of keys adds to these. */
#define QUERY_PARTS 254

struct query {
	float scale;
	int offset, fine_offset;
};

/* quants: two times whole strips. */
INLINE struct query
quantize_query(int8_t *quants, const float *in, int width)
{
	struct steps steps = find_steps(in, width);
	strip sum = strip_set(0), fine_sum = strip_set(0);
	int8_t *fine = quants + round_up(width, STRIP_ROWS);

	for (int d = 0; d < width; d += STRIP_ROWS) {
		strip x =
			strip_mul(load_first(in + d, width - d), steps.inverse);
		strip whole = strip_round(x);
		strip rest = strip_round(
			strip_mul(strip_sub(x, whole), strip_set(QUERY_PARTS)));
		sum = strip_add(sum, whole);
		fine_sum = strip_add(fine_sum, rest);
		strip_store_int8(quants + d, whole);
		strip_store_int8(fine + d, rest);
	}
	/* Sums of small whole numbers are exact. */
	return (struct query){steps.scale / sqrtf((float)width),
			      -ZERO_POINT_INT8 * (int)strip_sum(sum),
			      -ZERO_POINT_INT8 * (int)strip_sum(fine_sum)};
}

/* What keys (KV_BLOCK) and a query are to each other. */
INLINE strip
join_scores(struct dots sums, struct dots fine, const struct query *query,
	    strip scales)
{
	strip whole = strip_fma(join_dots(fine, query->fine_offset),
				strip_set(1.0F / QUERY_PARTS),
				join_dots(sums, query->offset));

	return strip_mul(whole, strip_mul(scales, strip_set(query->scale)));
}

/* scores (rows, n_scores) of the positions of one block; quants (rows, 4 *
 * padded), of which the first 2 * padded bytes count. */
INLINE void
score_block_int8(float *scores, size_t n_scores, const int8_t *quants,
		 const struct query *queries, const unsigned char *keys,
		 const char *ahead, int padded, int rows)
{
	strip scales = strip_load((const float *)keys);
	const uint8_t *bytes = keys + KV_SCALES_BYTES;
	struct dots sums[INT8_ROWS], fine[INT8_ROWS];

	EACH (int r = 0; r < rows; r++)
		sums[r] = fine[r] = (struct dots){0};
	if (ahead)
		__builtin_prefetch(ahead);
	for (int d = 0; d < padded; d += 4, bytes += 4 * KV_BLOCK) {
		if (ahead)
			__builtin_prefetch(ahead + KV_SCALES_BYTES +
					   d * KV_BLOCK);
		quads key = load_keys(bytes);
		EACH (int r = 0; r < rows; r++) {
			const int8_t *row = quants + 4 * padded * r + d;
			add_keys(sums + r, key, row);
			add_keys(fine + r, key, row + padded);
		}
	}
	EACH (int r = 0; r < rows; r++)
		strip_store(scores + (size_t)r * n_scores,
			    join_scores(sums[r], fine[r], queries + r, scales));
}

/* The weights of one block of positions times the scales of their values, in
 * their place: KV_BLOCK bytes, and then the scale of these. */
INLINE void
quantize_weights(float *weights, const unsigned char *values)
{
	strip x = strip_mul(strip_load(weights),
			    strip_load((const float *)values));
	float largest = strip_largest(x);
	strip inverse = strip_set(largest > 1e-30F ? 255 / largest : 0);

	largest /= 255;
	strip_store_uint8((uint8_t *)weights,
			  strip_round(strip_mul(x, inverse)));
	memcpy((uint8_t *)weights + KV_BLOCK, &largest, sizeof largest);
}

/* One block of positions: out (rows, strips) += values * weights, from the
 * first of these strips on. */
INLINE void
add_values_of_block(strip out[INT8_ROWS][PANEL_STRIPS],
		    const unsigned char *values, const char *ahead,
		    const float *weights, size_t n_scores, int padded, int rows,
		    int strips)
{
	struct dots sums[INT8_ROWS][PANEL_STRIPS];

	EACH (int r = 0; r < rows; r++)
		EACH (int s = 0; s < strips; s++)
			sums[r][s] = (struct dots){0};
	EACH (int t = 0; t < KV_BLOCK; t += 4) {
		quads lanes[PANEL_STRIPS];
		EACH (int s = 0; s < strips; s++) {
			int place = t * padded + 4 * STRIP_ROWS * s;
			if (ahead)
				__builtin_prefetch(ahead + place);
			lanes[s] = load_values(values + place);
		}
		EACH (int r = 0; r < rows; r++) {
			const uint8_t *bytes =
				(const uint8_t *)(weights +
						  (size_t)r * n_scores) +
				t;
			EACH (int s = 0; s < strips; s++)
				add_values(&sums[r][s], lanes[s], bytes);
		}
	}
	EACH (int r = 0; r < rows; r++) {
		float scale;
		memcpy(&scale,
		       (const uint8_t *)(weights + (size_t)r * n_scores) +
			       KV_BLOCK,
		       sizeof scale);
		EACH (int s = 0; s < strips; s++)
			out[r][s] = strip_fma(join_dots(sums[r][s], 0),
					      strip_set(scale), out[r][s]);
	}
}

/* sums (rows, padded), some strips of them */
INLINE void
sum_values_int8(const struct attention *a, size_t n_scores, int padded,
		int first, int rows, int strips)
{
	strip sums[INT8_ROWS][PANEL_STRIPS];

	EACH (int r = 0; r < rows; r++)
		EACH (int s = 0; s < strips; s++)
			sums[r][s] = strip_set(0);
	int n_blocks = (int)(n_scores / KV_BLOCK);
	size_t at = KV_SCALES_BYTES + (size_t)(4 * first);
	for (int b = 0; b < n_blocks; b++)
		add_values_of_block(
			sums, (const unsigned char *)a->values[b] + at,
			rows == 1 ? after_values(a, b, n_blocks) + at : NULL,
			a->scores + b * KV_BLOCK, n_scores, padded, rows,
			strips);
	EACH (int r = 0; r < rows; r++)
		EACH (int s = 0; s < strips; s++)
			strip_store(a->sums + r * padded + first +
					    s * STRIP_ROWS,
				    sums[r][s]);
}

/* Scores of rows row ... row + rows - 1; their queries are where their sums
 * will be. */
INLINE void
score_rows_int8(const struct attention *a, int row, size_t n_scores, int padded,
		int rows)
{
	struct query queries[INT8_ROWS];
	int8_t *quants = (int8_t *)a->sums;

	EACH (int r = 0; r < rows; r++)
		queries[r] = quantize_query(
			quants + 4 * padded * r,
			a->queries + (size_t)(row + r) * a->query_stride,
			a->width);
	/* More rows find them in a cache. */
	int n_blocks = (int)(n_scores / KV_BLOCK);
	for (int b = 0; b < n_blocks; b++)
		score_block_int8(a->scores + b * KV_BLOCK, n_scores, quants,
				 queries, a->keys[b],
				 rows == 1 ? after_keys(a, b, n_blocks) : NULL,
				 padded, rows);
}

INLINE void
attend_rows_int8(const struct attention *a, int row, int rows)
{
	int n = a->position + row + rows, first = 0;
	int padded = round_up(a->width, STRIP_ROWS);
	size_t n_scores = (size_t)round_up(n, KV_BLOCK);

	score_rows_int8(a, row, n_scores, padded, rows);
	EACH (int r = 0; r < rows; r++) {
		float *scores = a->scores + (size_t)r * n_scores;
		weigh_positions(scores, n - rows + r + 1, n_scores);
		for (int t = 0; t < n; t += KV_BLOCK)
			quantize_weights(scores + t, a->values[t / KV_BLOCK]);
	}
	for (; first + PANEL_ROWS <= padded; first += PANEL_ROWS)
		sum_values_int8(a, n_scores, padded, first, rows, PANEL_STRIPS);
	for (; first < padded; first += STRIP_ROWS)
		sum_values_int8(a, n_scores, padded, first, rows, 1);
	EACH (int r = 0; r < rows; r++)
		memcpy(a->out + (size_t)(row + r) * a->out_stride,
		       a->sums + r * padded, (size_t)a->width * sizeof(float));
}

static void
attend_int8(const struct attention *a)
{
	int row = 0;

	for (; row + INT8_ROWS <= a->n; row += INT8_ROWS)
		attend_rows_int8(a, row, INT8_ROWS);
	for (; row < a->n; row++)
		attend_rows_int8(a, row, 1);
}

static void
keep_int8(void *keys, void *values, const float *key, const float *value,
	  int width, int position)
{
	struct steps of_key = find_steps(key, width);
	struct steps of_value = find_steps(value, width);
	int place = position % KV_BLOCK, padded = round_up(width, STRIP_ROWS);
	uint8_t *to_key = (uint8_t *)keys + KV_SCALES_BYTES + 4 * place;
	int8_t *to_value =
		(int8_t *)values + KV_SCALES_BYTES + place / 4 * 4 * padded;

	((float *)keys)[place] = of_key.scale;
	((float *)values)[place] = of_value.scale;
	for (int d = 0; d < width; d += STRIP_ROWS) {
		uint8_t quants[STRIP_ROWS];
		strip x = take_steps(&of_key, key + d, width - d);
		strip_store_uint8(quants,
				  strip_add(x, strip_set(ZERO_POINT_INT8)));
		for (int i = 0; i < STRIP_ROWS; i += 4)
			memcpy(to_key + (d + i) * KV_BLOCK, quants + i, 4);
		put_values(to_value + 4 * d,
			   take_steps(&of_value, value + d, width - d),
			   place % 4);
	}
}
