/* Floating-point numbers of 16 bits. */
#ifndef MODEL_HALF_H
#define MODEL_HALF_H

#include <stdint.h>

/* IEEE 754 binary16 to binary32, exact. */
float half_to_float(uint16_t half);
/* The upper half of a binary32 ("bfloat16"), exact. */
float bfloat_to_float(uint16_t half);

#endif
