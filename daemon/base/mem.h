/* Memory: allocation for small fixed things, and arenas. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>
#include <stdint.h>

/* For small things of a size fixed by our own code: never NULL, the process
 * ends if there is no memory.  Free with free(). */
void *mem_new(size_t size); /* zeroed */
char *mem_strdup(const char *text);
char *mem_strndup(const char *text, size_t len);
/* Say so and end the process, for others who cannot go on. */
void mem_exhausted(void) __attribute__((noreturn));

/* n * size bytes, zeroed, for sizes that come from outside: NULL when the
 * product overflows, or there is no memory. */
void *mem_array(size_t n, size_t size);
/* Grow an array to hold n elements; NULL as above, the old one stays.
 * What is new is not zeroed. */
void *mem_array_grow(void *array, size_t n, size_t size);

/* Many small allocations that end together.  Memory from an arena is zeroed,
 * aligned for any type, and borrowed until arena_release().  A zeroed arena
 * is empty and may be used; the first block is allocated on demand. */
struct arena_block;
struct arena {
	struct arena_block *blocks;
	size_t used; /* bytes handed out, for memory plans */
};

void *arena_new(struct arena *, size_t size);
/* n * size bytes, the product checked: a wrap ends the process, as no
 * memory does; callers bound what comes from outside first. */
void *arena_array(struct arena *, size_t n, size_t size);
char *arena_strdup(struct arena *, const char *text);
char *arena_strndup(struct arena *, const char *text, size_t len);
char *arena_printf(struct arena *, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void arena_release(struct arena *);

#endif
