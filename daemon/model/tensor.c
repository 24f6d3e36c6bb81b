/* Copied and converted, never cast: the data of a file begins anywhere.  Any
 * thread; what is read must not change under it, but may become shorter. */
#include "model/tensor.h"

#include <string.h>

#include "base/err.h"
#include "model/checkpoint.h"
#include "model/file.h"
#include "model/half.h"
#include "model/safetensors.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "files have numbers as they stand in memory");

#define PART 8192 /* numbers at a time */

static int
read_halves(const struct safetensors *file, uint64_t offset, int64_t n,
	    float (*convert)(uint16_t), float *out, struct err *err)
{
	uint16_t part[PART];

	for (int64_t i = 0; i < n; i += PART) {
		size_t k = n - i < PART ? (size_t)(n - i) : PART;
		if (model_file_read_at(file->fd, file->path,
				       (int64_t)offset + 2 * i, part, 2 * k,
				       err))
			return -1;
		for (size_t j = 0; j < k; j++)
			out[i + (int64_t)j] = convert(part[j]);
	}
	return 0;
}

int
tensor_read(const struct safetensors *file,
	    const struct safetensors_entry *entry, int64_t first, int64_t n,
	    float *out, struct err *err)
{
	uint64_t start = file->data_start + entry->begin;

	if (strcmp(entry->dtype, "F32") == 0)
		return model_file_read_at(file->fd, file->path,
					  (int64_t)start + 4 * first, out,
					  4 * (size_t)n, err);
	start += 2 * (uint64_t)first;
	if (strcmp(entry->dtype, "F16") == 0)
		return read_halves(file, start, n, half_to_float, out, err);
	if (strcmp(entry->dtype, "BF16") == 0)
		return read_halves(file, start, n, bfloat_to_float, out, err);
	return err_set(err,
		       "%s: tensor '%s' is of type %s; only F32, F16 and BF16 "
		       "can be read: save the model with one of these",
		       file->path, entry->name, entry->dtype);
}

int
tensor_compare(const struct tensor_place *a, const struct tensor_place *b,
	       bool *is_equal_r, struct err *err)
{
	float left[PART], right[PART];
	int64_t count = a->entry->count;

	*is_equal_r = count == b->entry->count;
	for (int64_t i = 0; *is_equal_r && i < count; i += PART) {
		int64_t n = count - i < PART ? count - i : PART;
		if (tensor_read(a->file, a->entry, i, n, left, err) ||
		    tensor_read(b->file, b->entry, i, n, right, err))
			return -1;
		*is_equal_r =
			memcmp(left, right, (size_t)n * sizeof *left) == 0;
	}
	return 0;
}

bool
tensor_is_finite(const float *numbers, int64_t n)
{
	uint32_t found = 0;

	for (int64_t i = 0; i < n; i++) {
		uint32_t bits;
		memcpy(&bits, &numbers[i], sizeof bits);
		found |= (bits & 0x7F800000) == 0x7F800000;
	}
	return !found;
}
