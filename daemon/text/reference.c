/* Any thread. */
#include "text/reference.h"

#include <string.h>

#define PLACES 10
#define GROUP 5
#define PLACES_MAX (PLACES + GROUP)
_Static_assert(REFERENCE_SIZE == PLACES_MAX + PLACES_MAX / GROUP + 2,
	       "each group has a mark behind it, and the check a place");
/* A prime number of characters: only so a sum with weights finds all single
 * errors. */
static const char alphabet[] = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
#define BASE (sizeof alphabet - 1)
_Static_assert(sizeof alphabet - 1 == 31, "the alphabet's size is a prime");

/* Numbers modulo 31^10 are permuted by a factor that 31 does not divide. */
#define SPACE 819628286980801u
#define FACTOR 506543210987653u
#define SUMMAND 271828182845904u
#define TURNS 65536u

/* Weights 1, 2, 3, ... all differ modulo 31, so that a swap is seen as well. */
static unsigned int
check_of(const unsigned int *digits, size_t n)
{
	unsigned int sum = 0;

	for (unsigned int i = 0; i < n; i++)
		sum += (i + 1) * digits[i];
	return sum % BASE;
}

static const char *
write_digits(const unsigned int *digits, size_t n, char out[REFERENCE_SIZE])
{
	char *at = out;

	for (size_t i = 0; i < n; i++) {
		*at++ = alphabet[digits[i]];
		if ((i + 1) % GROUP == 0)
			*at++ = '-';
	}
	*at++ = alphabet[check_of(digits, n)];
	*at = '\0';
	return out;
}

/* Write a number in n digits. */
static void
split(uint64_t number, unsigned int *digits, size_t n)
{
	for (; n-- > 0; number /= BASE)
		digits[n] = (unsigned int)(number % BASE);
}

const char *
case_reference(int64_t conversation_id, int turn, char out[REFERENCE_SIZE])
{
	unsigned int digits[PLACES_MAX], rounds = (unsigned int)turn / TURNS;
	uint64_t number =
		(uint64_t)conversation_id * TURNS + (unsigned int)turn % TURNS;

	number = (uint64_t)(((unsigned __int128)(number % SPACE) * FACTOR +
			     SUMMAND) %
			    SPACE);
	split(number, digits, PLACES);
	split(rounds, digits + PLACES, GROUP);
	return write_digits(digits, rounds ? PLACES_MAX : PLACES, out);
}

static const char *
place_of(char c)
{
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	return c ? strchr(alphabet, c) : NULL;
}

const char *
reference_read(const char *text, char out[REFERENCE_SIZE])
{
	unsigned int digits[PLACES_MAX + 1];
	size_t n = 0;

	for (; *text; text++) {
		const char *place = place_of(*text);
		if (!place && strchr(" -\t\r\n", *text))
			continue;
		if (!place || n > PLACES_MAX)
			return NULL;
		digits[n++] = (unsigned int)(place - alphabet);
	}
	if ((n != PLACES + 1 && n != PLACES_MAX + 1) ||
	    digits[n - 1] != check_of(digits, n - 1))
		return NULL;
	return write_digits(digits, n - 1, out);
}
