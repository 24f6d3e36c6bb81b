/* What the kernels for x86-64 take from each other. */
#ifndef MODEL_KERNELS_X86_H
#define MODEL_KERNELS_X86_H

#include "model/kernels.h"

extern const struct kernels kernels_avx2, kernels_avx512, kernels_vnni,
	kernels_amx;

matmul_fn matmul_int8_avx2, matmul_int4_avx2;
matmul_fn matmul_int8_vnni, matmul_int4_vnni;
matmul_fn matmul_bf16_amx, matmul_int8_amx, matmul_int4_amx;
void split_amx(uint16_t *halves, const float *in, int depth);
attend_fn attend_int8_avx2, attend_int8_vnni;
keep_fn keep_int8_avx2, keep_int8_vnni;

/* Has this process tiles?  It has from then on. */
bool is_amx_supported(void);

#endif
