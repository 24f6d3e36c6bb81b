/* Any thread. */
#include "model/half.h"

#include <string.h>

static float
float_of_bits(uint32_t bits)
{
	float number;

	memcpy(&number, &bits, sizeof number);
	return number;
}

float
half_to_float(uint16_t half)
{
	uint32_t sign = (uint32_t)(half & 0x8000) << 16;
	uint32_t exponent = half >> 10 & 0x1F, mantissa = half & 0x3FF;

	if (exponent == 0x1F) /* infinite, or no number */
		return float_of_bits(sign | 0x7F800000 | mantissa << 13);
	if (exponent != 0)
		return float_of_bits(sign | (exponent + 112) << 23 |
				     mantissa << 13);
	/* Zero, or less than the least exponent holds: mantissa * 2^-24. */
	float number = (float)mantissa * 0x1p-24F;
	return sign ? -number : number;
}

float
bfloat_to_float(uint16_t half)
{
	return float_of_bits((uint32_t)half << 16);
}
