/* Kernels for AVX-512, alone, with its dot products of whole numbers, and with
 * the tiles of AMX.
 * Compiled for that processor; any thread: nothing is kept. */
#include "model/strip_avx512.h"

#include "model/inline.h"
#include "model/kernels_x86.h"

#include "model/strip_matmul.h"
#include "model/strip_rows.h"

#include "model/strip_attend.h"

#define VECTOR_BYTES 64
#include "model/weigh.h"

static bool
is_supported(void)
{
	return __builtin_cpu_supports("avx512f") &&
	       __builtin_cpu_supports("avx512bw") &&
	       __builtin_cpu_supports("avx512dq") &&
	       __builtin_cpu_supports("avx512vl") &&
	       kernels_avx2.is_supported();
}

static bool
is_vnni_supported(void)
{
	return is_supported() && __builtin_cpu_supports("avx512vnni");
}

static bool
has_tiles(void)
{
	return is_vnni_supported() && is_amx_supported();
}

const struct kernels kernels_avx512 = {
	.name = "avx512",
	.is_supported = is_supported,
	.matmul = {matmul_f32, matmul_bf16, matmul_int8_avx2, matmul_int4_avx2},
	.finish = {finish_plain, finish_add, finish_gelu},
	.layernorm = layernorm,
	.quantize = quantize,
	.softmax = softmax,
	.attend = {attend_f32, attend_f16, attend_int8_avx2},
	.keep = {kv_keep_f32, keep_f16, keep_int8_avx2},
	.weigh = weigh,
	.mend = mend,
};

const struct kernels kernels_vnni = {
	.name = "avx512vnni",
	.is_supported = is_vnni_supported,
	.matmul = {matmul_f32, matmul_bf16, matmul_int8_vnni, matmul_int4_vnni},
	.finish = {finish_plain, finish_add, finish_gelu},
	.layernorm = layernorm,
	.quantize = quantize,
	.softmax = softmax,
	.attend = {attend_f32, attend_f16, attend_int8_vnni},
	.keep = {kv_keep_f32, keep_f16, keep_int8_vnni},
	.weigh = weigh,
	.mend = mend,
};

const struct kernels kernels_amx = {
	.name = "amx",
	.is_supported = has_tiles,
	.matmul = {matmul_f32, matmul_bf16_amx, matmul_int8_amx,
		   matmul_int4_amx},
	.finish = {finish_plain, finish_add, finish_gelu},
	.layernorm = layernorm,
	.quantize = quantize,
	.split = split_amx,
	.softmax = softmax,
	.attend = {attend_f32, attend_f16, attend_int8_vnni},
	.keep = {kv_keep_f32, keep_f16, keep_int8_vnni},
	.weigh = weigh,
	.mend = mend,
};
