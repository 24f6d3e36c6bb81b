/* Allocation and arenas.  Any thread; an arena belongs to one at a time. */
#include "base/mem.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

void
mem_exhausted(void)
{
	log_error("out of memory");
	abort();
}

void *
mem_new(size_t size)
{
	void *memory = calloc(1, size ? size : 1);

	if (!memory)
		mem_exhausted();
	return memory;
}

char *
mem_strdup(const char *text)
{
	return mem_strndup(text, strlen(text));
}

char *
mem_strndup(const char *text, size_t len)
{
	len = strnlen(text, len);
	char *copy = mem_new(len + 1);
	memcpy(copy, text, len);
	return copy;
}

/* n * size, at least 1, to *bytes_r; 0, or -1 if that is more than an object
 * can have. */
static int
multiply(size_t n, size_t size, size_t *bytes_r)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes) || bytes > PTRDIFF_MAX)
		return -1;
	*bytes_r = bytes ? bytes : 1;
	return 0;
}

void *
mem_array(size_t n, size_t size)
{
	size_t bytes;

	return multiply(n, size, &bytes) < 0 ? NULL : calloc(1, bytes);
}

void *
mem_array_grow(void *array, size_t n, size_t size)
{
	size_t bytes;

	return multiply(n, size, &bytes) < 0 ? NULL : realloc(array, bytes);
}

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	alignas(max_align_t) char data[];
};

#define BLOCK_MIN ((size_t)2 * 1024)
#define BLOCK_MAX ((size_t)16 * 1024)
#define IS_LARGE(size) ((size) > BLOCK_MAX / 4)

/* Blocks begin small, as to zero a large one would take longer than all else
 * that is done for the many arenas that hold one short message. */
static size_t
room_of_block(const struct arena_block *first, size_t size)
{
	size_t room = first ? 2 * first->size : BLOCK_MIN;

	if (IS_LARGE(size))
		return size;
	while (room < size)
		room *= 2;
	return room < BLOCK_MAX ? room : BLOCK_MAX;
}

/* A block of its own for what is large goes behind the first, whose rest stays
 * in use. */
static struct arena_block *
add_block(struct arena *arena, size_t size)
{
	struct arena_block *first = arena->blocks;
	size_t room = room_of_block(first, size);
	struct arena_block *block = mem_new(sizeof *block + room);

	block->size = room;
	if (first && IS_LARGE(size)) {
		block->next = first->next;
		first->next = block;
	} else {
		block->next = first;
		arena->blocks = block;
	}
	return block;
}

void *
arena_new(struct arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);

	if (size > PTRDIFF_MAX - BLOCK_MAX)
		mem_exhausted();
	size = (size ? size + align - 1 : align) / align * align;
	struct arena_block *block = arena->blocks;
	if (!block || size > block->size - block->used)
		block = add_block(arena, size);
	void *memory = block->data + block->used;
	block->used += size;
	arena->used += size;
	return memory;
}

void *
arena_array(struct arena *arena, size_t n, size_t size)
{
	size_t bytes;

	if (multiply(n, size, &bytes) < 0)
		mem_exhausted();
	return arena_new(arena, bytes);
}

char *
arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

char *
arena_strndup(struct arena *arena, const char *text, size_t len)
{
	len = strnlen(text, len);
	char *copy = arena_new(arena, len + 1);
	memcpy(copy, text, len);
	return copy;
}

char *
arena_printf(struct arena *arena, const char *fmt, ...)
{
	char *formatted;
	va_list args;

	va_start(args, fmt);
	int n = vasprintf(&formatted, fmt, args);
	va_end(args);
	if (n < 0)
		mem_exhausted();
	char *text = arena_strndup(arena, formatted, (size_t)n);
	free(formatted);
	return text;
}

void
arena_release(struct arena *arena)
{
	while (arena->blocks) {
		struct arena_block *block = arena->blocks;
		arena->blocks = block->next;
		free(block);
	}
	arena->used = 0;
}
