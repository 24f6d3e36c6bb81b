/* Floating-point numbers of 16 bits. */
#ifndef MODEL_HALF_H
#define MODEL_HALF_H

#include <stdint.h>
#include <string.h>

/* IEEE 754 binary16 to binary32, exact. */
float half_to_float(uint16_t half);
/* The nearest, ties to even; infinite beyond 65519. */
uint16_t half_of_float(float number);

/* The upper half of a binary32 ("bfloat16"), exact. */
static inline float
bfloat_to_float(uint16_t half)
{
	uint32_t bits = (uint32_t)half << 16;
	float number;

	memcpy(&number, &bits, sizeof number);
	return number;
}

/* The nearest, ties to even, of a finite number. */
static inline uint16_t
bfloat_of_float(float number)
{
	uint32_t bits;

	memcpy(&bits, &number, sizeof bits);
	return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

#endif
