/* The kernels of a program for x86-64. */
#include "model/kernels_x86.h"

const struct kernels *const kernels_all[] = {
	&kernels_amx,  &kernels_vnni,  &kernels_avx512,
	&kernels_avx2, &kernels_plain, NULL,
};
