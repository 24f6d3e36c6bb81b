/* The numbers of a tensor in a file, as f32. */
#ifndef MODEL_TENSOR_H
#define MODEL_TENSOR_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct safetensors;
struct safetensors_entry;

/* Numbers first .. first + n of a tensor of type F32, F16 or BF16, which are
 * all that there are for weights.  0, or -1 and *err: another type, or the
 * file cannot be read. */
int tensor_read(const struct safetensors *, const struct safetensors_entry *,
		int64_t first, int64_t n, float *out, struct err *);
/* Whether two tensors have equal numbers, of whatever types and files.  0, or
 * -1. */
struct tensor_place;
int tensor_compare(const struct tensor_place *, const struct tensor_place *,
		   bool *is_equal_r, struct err *);
/* Whether all are finite. */
bool tensor_is_finite(const float *, int64_t n);

#endif
