/* Packed weights, all but packing them.  Any thread: nothing is kept. */
#include "model/packed.h"

#include <string.h>

#include "model/half.h"
#include "model/tensor.h"

void
packed_init(struct packed *packed, enum packing packing, int n_rows, int depth)
{
	*packed = (struct packed){
		.packing = packing,
		.n_rows = n_rows,
		.depth = depth,
		.n_panels = (n_rows + PANEL_ROWS - 1) / PANEL_ROWS,
		.padded = round_up(depth, QUANT_BLOCK),
	};
	packed->panel_bytes = panel_bytes(packing, packed->padded);
}

size_t
packed_panels_bytes(const struct packed *packed)
{
	return (size_t)packed->n_panels * packed->panel_bytes;
}

size_t
packed_bias_bytes(const struct packed *packed)
{
	return (size_t)packed->n_panels * PANEL_ROWS * sizeof(float);
}

void
packed_fill_bias(struct packed *packed, const float *bias)
{
	memset(packed->bias, 0, packed_bias_bytes(packed));
	if (bias)
		memcpy(packed->bias, bias,
		       (size_t)packed->n_rows * sizeof *bias);
}

typedef float get_fn(const unsigned char *panel, int lane, int k);

static float
get_f32(const unsigned char *panel, int lane, int k)
{
	return ((const float *)panel)[(size_t)k * PANEL_ROWS + lane];
}

static float
get_bf16(const unsigned char *panel, int lane, int k)
{
	const uint16_t *pairs = (const uint16_t *)panel;

	return bfloat_to_float(
		pairs[(size_t)(k / 2) * 2 * PANEL_ROWS + 2 * lane + k % 2]);
}

static float
scale_of(const unsigned char *block, int lane)
{
	uint16_t half;

	memcpy(&half, block + 2 * lane, sizeof half);
	return bfloat_to_float(half);
}

static float
get_int8(const unsigned char *panel, int lane, int k)
{
	const uint8_t *block =
		panel + (size_t)(k / QUANT_BLOCK) * INT8_BLOCK_BYTES;
	int i = k % QUANT_BLOCK;
	int whole = block[2 * PANEL_ROWS + i / 4 * 4 * PANEL_ROWS + 4 * lane +
			  i % 4] -
		    ZERO_POINT_INT8;

	return scale_of(block, lane) * (float)whole;
}

static float
get_int4(const unsigned char *panel, int lane, int k)
{
	const uint8_t *block =
		panel + (size_t)(k / QUANT_BLOCK) * INT4_BLOCK_BYTES;
	int i = k % QUANT_BLOCK;
	int byte = block[2 * PANEL_ROWS + i / 8 * 4 * PANEL_ROWS + 4 * lane +
			 i % 4];
	int whole = (i % 8 < 4 ? byte & 15 : byte >> 4) - ZERO_POINT_INT4;

	return scale_of(block, lane) * (float)whole;
}

static get_fn *const gets_all[N_PACKINGS] = {get_f32, get_bf16, get_int8,
					     get_int4};

void
packed_row(const struct packed *packed, int row, float *out)
{
	const unsigned char *panel =
		packed->panels +
		(size_t)(row / PANEL_ROWS) * packed->panel_bytes;

	for (int k = 0; k < packed->depth; k++)
		out[k] = gets_all[packed->packing](panel, row % PANEL_ROWS, k);
}

/* n bfloat16, of which none may be infinite or none. */
static bool
are_halves_finite(const unsigned char *bytes, size_t n)
{
	const uint16_t *halves = (const uint16_t *)bytes;
	bool is_found = false;

	for (size_t i = 0; i < n; i++)
		is_found |= (halves[i] & 0x7F80) == 0x7F80;
	return !is_found;
}

bool
packed_is_finite(const struct packed *packed, int panel)
{
	const unsigned char *bytes =
		packed->panels + (size_t)panel * packed->panel_bytes;
	size_t n = (size_t)packed->padded * PANEL_ROWS, step;

	if (packed->packing == PACKED_F32)
		return tensor_is_finite((const float *)bytes, (int64_t)n);
	if (packed->packing == PACKED_BF16)
		return are_halves_finite(bytes, n);
	step = packed->packing == PACKED_INT8 ? INT8_BLOCK_BYTES
					      : INT4_BLOCK_BYTES;
	for (size_t at = 0; at < packed->panel_bytes; at += step)
		if (!are_halves_finite(bytes + at, PANEL_ROWS))
			return false;
	return true;
}

static const char *const names[N_PACKINGS] = {"f32", "bf16", "int8", "int4"};

int
packing_find(const char *name)
{
	for (int i = 0; i < N_PACKINGS; i++)
		if (strcmp(name, names[i]) == 0)
			return i;
	return -1;
}

const char *
packing_name(enum packing packing)
{
	return names[packing];
}
