/* The tiles of AMX, as both its kernels have them: 0 to 3 of sums, as one takes
 * long to be done, 4 and 5 of rows, 6 and 7 of weights.  Compiled for that
 * processor. */
#ifndef MODEL_TILES_H
#define MODEL_TILES_H

#include <immintrin.h>
#include <stdalign.h>
#include <stdint.h>

#define TILE_ROWS 16

struct tile_config {
	uint8_t palette, start_row, reserved[14];
	uint16_t row_bytes[16];
	uint8_t rows[16];
};

/* For n rows, up to TILE_ROWS, of which a tile has depth_bytes each; of weights
 * it has a row for each four of these.  This thread's, until
 * _tile_release(). */
static inline void
configure_tiles(int n, int depth_bytes)
{
	uint8_t rows = (uint8_t)n, weight_rows = (uint8_t)(depth_bytes / 4);
	uint16_t depth = (uint16_t)depth_bytes;
	alignas(64) const struct tile_config config = {
		.palette = 1,
		.row_bytes = {64, 64, 64, 64, depth, depth, 64, 64},
		.rows = {rows, rows, rows, rows, rows, rows, weight_rows,
			 weight_rows},
	};

	/* gcc takes the instruction to read no more than a pointer. */
	__asm__ volatile("" : : "m"(config));
	_tile_loadconfig(&config);
}

#endif
