/* Any thread: nothing changes. */
#include "text/card.h"

#include <stdint.h>

#define LENGTH(n) (1u << (n))
#define LENGTHS(from, to) (LENGTH((to) + 1) - LENGTH(from))

/* The ranges that the schemes publish, as prefixes of 6 digits, sorted and not
 * overlapping; of schemes that share a range, all lengths. */
static const struct range {
	uint32_t first, last;
	uint32_t lengths;
} ranges[] = {
	{122000, 122999, LENGTH(15)}, /* UATP: AirPlus */
	{192000, 192999, LENGTH(15)},
	{220000, 220499, LENGTHS(16, 19)}, /* Mir */
	{220500, 220599, LENGTH(16)},	   /* Borica */
	{222100, 272099, LENGTH(16)},	   /* Mastercard */
	{300000, 305999, LENGTHS(14, 19)}, /* Diners Club */
	{309500, 309599, LENGTHS(14, 19)},
	{340000, 349999, LENGTH(15)},	   /* American Express */
	{352800, 358999, LENGTHS(16, 19)}, /* JCB */
	{360000, 369999, LENGTHS(14, 19)}, /* Diners Club */
	{370000, 379999, LENGTH(15)},	   /* American Express */
	{380000, 399999, LENGTHS(14, 19)}, /* Diners Club */
	{400000, 499999, LENGTH(13) | LENGTH(16) | LENGTH(19)}, /* Visa */
	{500000, 509999, LENGTHS(12, 19)}, /* Maestro, RuPay, Verve, Dankort */
	{510000, 559999, LENGTH(16)},	   /* Mastercard */
	{560000, 589999, LENGTHS(12, 19)}, /* Maestro */
	{600000, 629999, LENGTHS(16, 19)}, /* Discover, UnionPay, RuPay */
	{630000, 639999, LENGTHS(12, 19)}, /* Maestro, InstaPayment */
	{640000, 669999, LENGTHS(16, 19)}, /* Discover, Troy, RuPay */
	{670000, 679999, LENGTHS(12, 19)}, /* Maestro, girocard */
	{680000, 699999, LENGTHS(16, 19)},
	{810000, 829999, LENGTHS(16, 19)}, /* UnionPay, RuPay */
	{860000, 860099, LENGTH(16)},	   /* Uzcard */
	{979200, 979299, LENGTH(16)},	   /* Troy */
	{986000, 986099, LENGTH(16)},	   /* Humo */
};

bool
card_has_issuer(const char *digits, size_t n)
{
	size_t low = 0, high = sizeof ranges / sizeof *ranges;
	uint32_t prefix = 0;

	if (n < CARD_DIGITS_MIN || n > CARD_DIGITS_MAX)
		return false;
	for (int i = 0; i < 6; i++)
		prefix = prefix * 10 + (uint32_t)(digits[i] - '0');
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (prefix > ranges[middle].last)
			low = middle + 1;
		else
			high = middle;
	}
	return low < sizeof ranges / sizeof *ranges &&
	       prefix >= ranges[low].first && ranges[low].lengths & LENGTH(n);
}

bool
card_passes_luhn(const char *digits, size_t n)
{
	unsigned int sum = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned int digit = (unsigned int)(digits[n - 1 - i] - '0');
		if (i % 2 == 1)
			digit = digit < 5 ? 2 * digit : 2 * digit - 9;
		sum += digit;
	}
	return n > 0 && sum % 10 == 0;
}
