/* Four numbers that are worked on together: a vector of the compiler's, that
 * every processor has.  Each of them comes out as if it were alone. */
#ifndef TEXT_QUAD_H
#define TEXT_QUAD_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define QUAD 4

typedef float quad __attribute__((vector_size(QUAD * sizeof(float))));
typedef int32_t whole_quad __attribute__((vector_size(QUAD * sizeof(int32_t))));

#define QUAD_INLINE inline __attribute__((always_inline))
/* Of functions that do sums over what one thread has: ThreadSanitizer has
 * nothing to find there, and makes them ten times as slow. */
#define QUAD_UNWATCHED __attribute__((no_sanitize("thread")))

static QUAD_INLINE quad
quad_of(float x)
{
	return (quad){x, x, x, x};
}

/* The first n of them, if it is fewer than four, and zeros. */
static QUAD_INLINE quad
quad_read(const float *from, size_t n)
{
	quad x = {0};

	if (n < QUAD)
		memcpy(&x, from, n * sizeof *from);
	else
		memcpy(&x, from, sizeof x);
	return x;
}

static QUAD_INLINE void
quad_write(float *to, quad x, size_t n)
{
	if (n < QUAD)
		memcpy(to, &x, n * sizeof *to);
	else
		memcpy(to, &x, sizeof x);
}

/* In each place a where the mask is set, else b. */
static QUAD_INLINE quad
quad_choose(whole_quad mask, quad a, quad b)
{
	return (quad)(((whole_quad)a & mask) | ((whole_quad)b & ~mask));
}

#endif
