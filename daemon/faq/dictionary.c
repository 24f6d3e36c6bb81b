#include <stdlib.h>
#include <string.h>

#include "faq/index_parts.h"

#define FIRST_SLOTS 1024

/* FNV-1a: the order of terms must not differ from run to run. */
static uint64_t
hash_text(const char *text)
{
	uint64_t hash = 14695981039346656037u;
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 1099511628211u;
	return hash ^ (hash >> 32);
}

/* The slot that has the text, or the free one where it belongs. */
static size_t
find_slot(const struct dictionary *dictionary, const char *text)
{
	size_t mask = dictionary->n_slots - 1;
	size_t at = hash_text(text) & mask;
	while (dictionary->slots[at] != NO_TERM &&
	       strcmp(dictionary->texts[dictionary->slots[at]], text) != 0)
		at = (at + 1) & mask;
	return at;
}

uint32_t
dictionary_find(const struct dictionary *dictionary, const char *text)
{
	if (!dictionary->n_slots)
		return NO_TERM;
	return dictionary->slots[find_slot(dictionary, text)];
}

static uint32_t *
new_slots(size_t n)
{
	uint32_t *slots = mem_array(n, sizeof(*slots));
	if (!slots)
		mem_exhausted();
	memset(slots, 0xff, n * sizeof(*slots));
	return slots;
}

static void
grow(struct dictionary *dictionary)
{
	free(dictionary->slots);
	dictionary->n_slots =
		dictionary->n_slots ? dictionary->n_slots * 2 : FIRST_SLOTS;
	dictionary->slots = new_slots(dictionary->n_slots);
	dictionary->size = dictionary->n_slots / 2;
	dictionary->texts = mem_array_grow(dictionary->texts, dictionary->size,
					   sizeof(*dictionary->texts));
	if (!dictionary->texts)
		mem_exhausted();
	for (size_t i = 0; i < dictionary->n; i++)
		dictionary->slots[find_slot(dictionary, dictionary->texts[i])] =
			(uint32_t)i;
}

uint32_t
dictionary_add(struct dictionary *dictionary, const char *text)
{
	if (dictionary->n == dictionary->size)
		grow(dictionary);
	size_t at = find_slot(dictionary, text);
	if (dictionary->slots[at] == NO_TERM) {
		dictionary->slots[at] = (uint32_t)dictionary->n;
		dictionary->texts[dictionary->n++] =
			arena_strdup(&dictionary->arena, text);
	}
	return dictionary->slots[at];
}

void
dictionary_release(struct dictionary *dictionary)
{
	free(dictionary->slots);
	free(dictionary->texts);
	arena_release(&dictionary->arena);
	*dictionary = (struct dictionary){0};
}
