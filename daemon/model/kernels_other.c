/* The kernels of a program for processors that have no others. */
#include "model/kernels.h"

const struct kernels *const kernels_all[] = {&kernels_plain, NULL};
