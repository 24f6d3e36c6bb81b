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

static uint32_t
bits_of_float(float number)
{
	uint32_t bits;

	memcpy(&bits, &number, sizeof bits);
	return bits;
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

uint16_t
half_of_float(float number)
{
	uint32_t bits = bits_of_float(number);
	uint16_t sign = bits >> 16 & 0x8000;

	bits &= 0x7FFFFFFF;
	if (bits > 0x7F800000)
		return sign | 0x7E00;
	if (bits >= 0x477FF000)
		return sign | 0x7C00;
	/* Below 2^-14 the last place is 2^-24, as it is from 0.5 to 1. */
	if (bits < 0x38800000)
		return (uint16_t)(sign |
				  (bits_of_float(float_of_bits(bits) + 0.5F) -
				   0x3F000000));
	bits += 0xFFF + (bits >> 13 & 1) - 0x38000000;
	return (uint16_t)(sign | bits >> 13);
}
