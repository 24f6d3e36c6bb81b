/* Any thread: a list belongs to its caller. */
#include "text/ngram.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* FNV-1a.  Two features that share a number of 64 bits are one to a model,
 * which costs it next to nothing, so that nothing is compared. */
#define HASH_START 14695981039346656037u
#define HASH_FACTOR 1099511628211u

void
ngrams_release(struct ngrams *ngrams)
{
	free(ngrams->list);
	*ngrams = (struct ngrams){0};
}

void
ngrams_clear(struct ngrams *ngrams)
{
	ngrams->n = 0;
}

static uint64_t
hash_on(uint64_t hash, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * HASH_FACTOR;
	return hash;
}

static int
add(struct ngrams *ngrams, uint64_t hash)
{
	if (ngrams->n == ngrams->size) {
		size_t size = ngrams->size ? 2 * ngrams->size : 256;
		struct ngram *list = mem_array_grow(ngrams->list, size,
						    sizeof *ngrams->list);
		if (!list)
			return -1;
		ngrams->list = list;
		ngrams->size = size;
	}
	hash ^= hash >> 32;
	ngrams->list[ngrams->n++] = (struct ngram){hash ? hash : 1, 1};
	return 0;
}

/* The byte in front tells the kinds of features apart. */
int
ngrams_add_word(struct ngrams *ngrams, const char *word, const char *next)
{
	uint64_t hash = hash_on(HASH_START, next ? "2" : "1", 1);

	hash = hash_on(hash, word, strlen(word) + 1);
	if (next)
		hash = hash_on(hash, next, strlen(next));
	return add(ngrams, hash);
}

int
ngrams_add_runs(struct ngrams *ngrams, const char *word)
{
	char text[NGRAM_WORD_MAX + 2];
	size_t len = strnlen(word, NGRAM_WORD_MAX);

	text[0] = '<';
	memcpy(text + 1, word, len);
	text[len + 1] = '>';
	len += 2;
	for (size_t i = 0; i < len; i++) {
		uint64_t hash = hash_on(HASH_START, "c", 1);
		for (size_t n = 1; n <= NGRAM_BYTES_MAX && i + n <= len; n++) {
			hash = hash_on(hash, text + i + n - 1, 1);
			if (n >= NGRAM_BYTES_MIN && add(ngrams, hash) < 0)
				return -1;
		}
	}
	return 0;
}

static int
compare_keys(const void *a, const void *b)
{
	const struct ngram *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

void
ngrams_join(struct ngrams *ngrams, size_t first)
{
	struct ngram *list = ngrams->list + first;
	size_t n = ngrams->n - first, kept = 0;

	if (n == 0)
		return;
	qsort(list, n, sizeof *list, compare_keys);
	for (size_t i = 1; i < n; i++) {
		if (list[i].key == list[kept].key)
			list[kept].count += list[i].count;
		else
			list[++kept] = list[i];
	}
	ngrams->n = first + kept + 1;
}
