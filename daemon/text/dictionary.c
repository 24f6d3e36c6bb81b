#include "text/dictionary.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 1024
#define NEAR_BYTES_MAX 40 /* longer words are not looked for by edits */

/* FNV-1a: the order of terms must not differ from run to run.  The texts are
 * the desk's own, so nobody can choose them to collide. */
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
	if (dictionary->n_slots == 0)
		return NO_TERM;
	return dictionary->slots[find_slot(dictionary, text)];
}

static int
grow(struct dictionary *dictionary)
{
	size_t n_slots =
		dictionary->n_slots ? dictionary->n_slots * 2 : FIRST_SLOTS;
	const char **texts = mem_array_grow(dictionary->texts, n_slots / 2,
					    sizeof *dictionary->texts);

	if (texts)
		dictionary->texts = texts;
	uint32_t *slots = mem_array(n_slots, sizeof *slots);
	if (!texts || !slots) {
		free(slots);
		return -1;
	}
	memset(slots, 0xFF, n_slots * sizeof *slots);
	free(dictionary->slots);
	dictionary->slots = slots;
	dictionary->n_slots = n_slots;
	dictionary->size = n_slots / 2;
	for (size_t i = 0; i < dictionary->n; i++)
		slots[find_slot(dictionary, dictionary->texts[i])] =
			(uint32_t)i;
	return 0;
}

uint32_t
dictionary_add(struct dictionary *dictionary, const char *text)
{
	if (dictionary->n == dictionary->size && grow(dictionary) < 0)
		return NO_TERM;
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

size_t
dictionary_bytes(const struct dictionary *dictionary)
{
	return dictionary->arena.used +
	       dictionary->n_slots * sizeof *dictionary->slots +
	       dictionary->size * sizeof *dictionary->texts;
}

/* A word being edited, and who is told what was found. */
struct edits {
	const struct dictionary *dictionary;
	void (*found)(void *arg, uint32_t number);
	void *arg;
	char text[NEAR_BYTES_MAX + 2];
};

static void
try_text(const struct edits *edits)
{
	uint32_t number = dictionary_find(edits->dictionary, edits->text);

	if (number != NO_TERM)
		edits->found(edits->arg, number);
}

/* Every letter in the place of the one at i. */
static void
try_letters(struct edits *edits, size_t i)
{
	char kept = edits->text[i];

	for (char c = 'a'; c <= 'z'; c++) {
		edits->text[i] = c;
		try_text(edits);
	}
	edits->text[i] = kept;
}

static void
exchange(char *text)
{
	char c = text[0];

	text[0] = text[1];
	text[1] = c;
}

void
dictionary_each_near(const struct dictionary *dictionary, const char *text,
		     void (*found)(void *arg, uint32_t number), void *arg)
{
	struct edits edits = {dictionary, found, arg, ""};
	size_t len = strlen(text);

	if (len > NEAR_BYTES_MAX)
		return;
	for (size_t i = 0; i < len; i++) {
		/* One letter less, another letter, two exchanged. */
		memcpy(edits.text, text, i);
		memcpy(edits.text + i, text + i + 1, len - i);
		try_text(&edits);
		memcpy(edits.text, text, len + 1);
		try_letters(&edits, i);
		if (i + 1 < len && text[i] != text[i + 1]) {
			exchange(edits.text + i);
			try_text(&edits);
		}
	}
	for (size_t i = 0; i <= len; i++) {
		/* One letter more. */
		memcpy(edits.text, text, i);
		memcpy(edits.text + i + 1, text + i, len - i + 1);
		try_letters(&edits, i);
	}
}
