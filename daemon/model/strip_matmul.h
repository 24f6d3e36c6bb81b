/* Products with weights in f32 and bf16, for whatever a strip is: the file
 * that includes this has included a strip_*.h before. */

/* How far ahead of their use weights are asked for, in bytes. */
#define AHEAD 4096

INLINE void
fetch_ahead(const void *weights, int strips)
{
	EACH (int s = 0; s < strips; s++)
		__builtin_prefetch((const char *)weights + AHEAD + 64 * s);
}

/* A tile of sums, rows times strips, is added to those before it. */
INLINE void
tile_store(float *out, strip sums[TILE_ROWS][PANEL_STRIPS], int rows,
	   int strips, bool is_first)
{
	EACH (int r = 0; r < rows; r++)
		EACH (int s = 0; s < strips; s++) {
			float *to = out + r * PANEL_ROWS + s * STRIP_ROWS;
			strip_store(to, is_first ? sums[r][s]
						 : strip_add(strip_load(to),
							     sums[r][s]));
		}
}

/* What a tile is made of: x (rows, depth) from the first of n places of the
 * depth on, weights of these places, out (rows, PANEL_ROWS). */
struct tile {
	float *out;
	const void *weights;
	const float *x;
	int depth, n;
	bool is_first; /* place of the depth: out has nothing yet */
	bool is_ahead; /* weights are fetched ahead */
};

INLINE void
tile_f32(const struct tile *tile, int rows, int strips)
{
	strip sums[TILE_ROWS][PANEL_STRIPS];
	const float *weights = tile->weights;

	EACH (int r = 0; r < rows; r++)
		EACH (int s = 0; s < strips; s++)
			sums[r][s] = strip_set(0);
	for (int k = 0; k < tile->n; k++, weights += PANEL_ROWS) {
		strip lanes[PANEL_STRIPS];
		if (tile->is_ahead)
			fetch_ahead(weights, strips);
		EACH (int s = 0; s < strips; s++)
			lanes[s] = strip_load(weights + s * STRIP_ROWS);
		EACH (int r = 0; r < rows; r++) {
			strip value = strip_set(tile->x[r * tile->depth + k]);
			EACH (int s = 0; s < strips; s++)
				sums[r][s] =
					strip_fma(value, lanes[s], sums[r][s]);
		}
	}
	tile_store(tile->out, sums, rows, strips, tile->is_first);
}

INLINE void
tile_bf16(const struct tile *tile, int rows, int strips)
{
	strip sums[TILE_ROWS][PANEL_STRIPS];
	const uint16_t *weights = tile->weights;

	EACH (int r = 0; r < rows; r++)
		EACH (int s = 0; s < strips; s++)
			sums[r][s] = strip_set(0);
	for (int k = 0; k < tile->n; k += 2, weights += 2 * PANEL_ROWS) {
		strip even[PANEL_STRIPS], odd[PANEL_STRIPS];
		if (tile->is_ahead)
			fetch_ahead(weights, strips);
		EACH (int s = 0; s < strips; s++)
			strip_load_pairs(even + s, odd + s,
					 weights + 2 * s * STRIP_ROWS);
		EACH (int r = 0; r < rows; r++) {
			const float *x = tile->x + r * tile->depth + k;
			strip first = strip_set(x[0]), second = strip_set(x[1]);
			EACH (int s = 0; s < strips; s++)
				sums[r][s] = strip_fma(
					second, odd[s],
					strip_fma(first, even[s], sums[r][s]));
		}
	}
	tile_store(tile->out, sums, rows, strips, tile->is_first);
}

typedef void tile_fn(const struct tile *, int rows, int strips);

/* Rows and strips are constants in each call, so that sums are registers. */
INLINE void
tile_rows(tile_fn *run, const struct tile *tile, int rows, int strips)
{
	switch (rows) {
	case 1:
		run(tile, 1, strips);
		break;
	case 2:
		run(tile, 2, strips);
		break;
	case 3:
		run(tile, 3, strips);
		break;
	case 4:
		run(tile, 4, strips);
		break;
	case 5:
		run(tile, 5, strips);
		break;
	default:
		run(tile, 6, strips);
		break;
	}
}

/* One block of the depth for n rows.  The weights of a block stay in the first
 * cache while all rows pass. */
INLINE void
block_rows(tile_fn *run, struct tile tile, int n, int strips)
{
	for (int i = 0; i < n; i += TILE_ROWS) {
		tile.is_ahead = i == 0;
		tile_rows(run, &tile, n - i < TILE_ROWS ? n - i : TILE_ROWS,
			  strips);
		tile.out += TILE_ROWS * PANEL_ROWS;
		tile.x += TILE_ROWS * tile.depth;
	}
}

/* weight_bytes: of one output at one place of the depth; lane_bytes: from one
 * output to the next. */
INLINE void
matmul_strips(tile_fn *run, size_t weight_bytes, size_t lane_bytes, float *out,
	      const void *panel, int first_strip, int strips,
	      const struct activations *x, int first, int n)
{
	const char *weights =
		(const char *)panel + first_strip * STRIP_ROWS * lane_bytes;

	for (int k = 0; k < x->depth; k += SUM_BLOCK) {
		int left = x->depth - k;
		struct tile tile = {
			.out = out + first_strip * STRIP_ROWS,
			.weights = weights + k * PANEL_ROWS * weight_bytes,
			.x = x->values + (size_t)first * x->depth + k,
			.depth = x->depth,
			.n = left < SUM_BLOCK ? left : SUM_BLOCK,
			.is_first = k == 0,
		};
		block_rows(run, tile, n, strips);
	}
}

/* All strips at once, if sums of that many are registers; one row always
 * passes a panel in one stream. */
INLINE void
matmul_values(tile_fn *run, size_t weight_bytes, size_t lane_bytes, float *out,
	      const void *panel, int first_strip, int n_strips,
	      const struct activations *x, int first, int n)
{
	if (n_strips == PANEL_STRIPS && n == 1) {
		matmul_strips(run, weight_bytes, lane_bytes, out, panel, 0,
			      PANEL_STRIPS, x, first, 1);
		return;
	}
	int step = n_strips < TILE_STRIPS ? 1 : TILE_STRIPS;
	for (int s = first_strip; s < first_strip + n_strips; s += step)
		if (step == 1)
			matmul_strips(run, weight_bytes, lane_bytes, out, panel,
				      s, 1, x, first, n);
		else
			matmul_strips(run, weight_bytes, lane_bytes, out, panel,
				      s, TILE_STRIPS, x, first, n);
}

static void
matmul_f32(float *out, const void *panel, int first_strip, int n_strips,
	   const struct activations *x, int first, int n)
{
	matmul_values(tile_f32, sizeof(float), sizeof(float), out, panel,
		      first_strip, n_strips, x, first, n);
}

static void
matmul_bf16(float *out, const void *panel, int first_strip, int n_strips,
	    const struct activations *x, int first, int n)
{
	matmul_values(tile_bf16, sizeof(uint16_t), 2 * sizeof(uint16_t), out,
		      panel, first_strip, n_strips, x, first, n);
}
