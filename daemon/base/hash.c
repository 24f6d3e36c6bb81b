/* SipHash-1-3 and maps.  hash_bytes() may run on any thread; a map belongs to
 * one at a time. */
#include "base/hash.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/mem.h"

/* SipHash (Aumasson and Bernstein, 2012) with 1 round a word and 3 at the end:
 * enough against chosen collisions of values that nobody outside sees. */
static uint64_t hash_key[2];
static pthread_once_t hash_key_once = PTHREAD_ONCE_INIT;

static void
make_hash_key(void)
{
	crypto_random(hash_key, sizeof hash_key);
}

static uint64_t
rotate(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

static void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

static void
sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
}

uint64_t
hash_bytes(const void *data, size_t len)
{
	const char *bytes = data;
	uint64_t word, last = (uint64_t)len << 56;

	pthread_once(&hash_key_once, make_hash_key);
	uint64_t v[4] = {
		hash_key[0] ^ 0x736f6d6570736575,
		hash_key[1] ^ 0x646f72616e646f6d,
		hash_key[0] ^ 0x6c7967656e657261,
		hash_key[1] ^ 0x7465646279746573,
	};
	for (; len >= 8; bytes += 8, len -= 8) {
		memcpy(&word, bytes, 8);
		sip_word(v, word);
	}
	for (size_t i = 0; i < len; i++)
		last |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
	sip_word(v, last);
	v[2] ^= 0xFF;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* Both maps: size is a power of two, at least a quarter of the places is free,
 * and every entry stands between its home (its hash modulo size) and the next
 * free place.  Removing moves entries back, so that there are no marks. */
#define SIZE_LEAST 16

static bool
is_full(size_t n, size_t size)
{
	return n + 1 > size / 4 * 3;
}

/* Whether the entry at place i with that home may stand at the hole: its home
 * does not lie after the hole on the way to i. */
static bool
may_move(size_t home, size_t hole, size_t i, size_t mask)
{
	return ((i - home) & mask) >= ((i - hole) & mask);
}

/* The place of key, or the free one where it belongs. */
static struct map_entry *
map_find(const struct map *map, const char *key, uint64_t hash)
{
	size_t mask = map->size - 1, i = hash & mask;

	while (map->entries[i].key && (map->entries[i].hash != hash ||
				       strcmp(map->entries[i].key, key) != 0))
		i = (i + 1) & mask;
	return &map->entries[i];
}

static void
map_grow(struct map *map)
{
	struct map old = *map;

	map->size = old.size ? old.size * 2 : SIZE_LEAST;
	map->entries = mem_new(map->size * sizeof *map->entries);
	map_each (e, &old)
		*map_find(map, e->key, e->hash) = *e;
	free(old.entries);
}

void
map_release(struct map *map)
{
	map_each (e, map)
		free(e->key);
	free(map->entries);
	*map = (struct map){0};
}

void *
map_get(const struct map *map, const char *key)
{
	if (map->n == 0)
		return NULL;
	return map_find(map, key, hash_bytes(key, strlen(key)))->value;
}

void *
map_put(struct map *map, const char *key, void *value)
{
	uint64_t hash = hash_bytes(key, strlen(key));

	assert(value);
	if (is_full(map->n, map->size))
		map_grow(map);
	struct map_entry *e = map_find(map, key, hash);
	void *before = e->value;
	if (!e->key) {
		e->key = mem_strdup(key);
		e->hash = hash;
		map->n++;
	}
	e->value = value;
	return before;
}

void *
map_remove(struct map *map, const char *key)
{
	if (map->n == 0)
		return NULL;
	struct map_entry *e = map_find(map, key, hash_bytes(key, strlen(key)));
	void *before = e->value;
	if (!e->key)
		return NULL;
	free(e->key);
	map->n--;
	size_t mask = map->size - 1, hole = (size_t)(e - map->entries);
	for (size_t i = (hole + 1) & mask; map->entries[i].key;
	     i = (i + 1) & mask) {
		size_t home = map->entries[i].hash & mask;
		if (may_move(home, hole, i, mask)) {
			map->entries[hole] = map->entries[i];
			hole = i;
		}
	}
	map->entries[hole] = (struct map_entry){0};
	return before;
}

struct map_entry *
map_next(const struct map *map, struct map_entry *e)
{
	size_t i = e ? (size_t)(e - map->entries) + 1 : 0;

	while (i < map->size && !map->entries[i].key)
		i++;
	return i < map->size ? &map->entries[i] : NULL;
}

static size_t
idmap_home(const struct idmap *map, uint64_t id)
{
	return hash_bytes(&id, sizeof id) & (map->size - 1);
}

static struct idmap_entry *
idmap_find(const struct idmap *map, uint64_t id)
{
	size_t mask = map->size - 1, i = idmap_home(map, id);

	while (map->entries[i].id && map->entries[i].id != id)
		i = (i + 1) & mask;
	return &map->entries[i];
}

static void
idmap_grow(struct idmap *map)
{
	struct idmap old = *map;

	map->size = old.size ? old.size * 2 : SIZE_LEAST;
	map->entries = mem_new(map->size * sizeof *map->entries);
	for (size_t i = 0; i < old.size; i++)
		if (old.entries[i].id)
			*idmap_find(map, old.entries[i].id) = old.entries[i];
	free(old.entries);
}

void
idmap_release(struct idmap *map)
{
	free(map->entries);
	*map = (struct idmap){0};
}

void *
idmap_get(const struct idmap *map, uint64_t id)
{
	if (map->n == 0 || id == 0)
		return NULL;
	return idmap_find(map, id)->value;
}

void *
idmap_put(struct idmap *map, uint64_t id, void *value)
{
	assert(id && value);
	if (is_full(map->n, map->size))
		idmap_grow(map);
	struct idmap_entry *e = idmap_find(map, id);
	void *before = e->value;
	if (!e->id)
		map->n++;
	*e = (struct idmap_entry){.id = id, .value = value};
	return before;
}

void *
idmap_remove(struct idmap *map, uint64_t id)
{
	if (map->n == 0 || id == 0)
		return NULL;
	struct idmap_entry *e = idmap_find(map, id);
	void *before = e->value;
	if (!e->id)
		return NULL;
	map->n--;
	size_t mask = map->size - 1, hole = (size_t)(e - map->entries);
	for (size_t i = (hole + 1) & mask; map->entries[i].id;
	     i = (i + 1) & mask) {
		size_t home = idmap_home(map, map->entries[i].id);
		if (may_move(home, hole, i, mask)) {
			map->entries[hole] = map->entries[i];
			hole = i;
		}
	}
	map->entries[hole] = (struct idmap_entry){0};
	return before;
}

struct idmap_entry *
idmap_next(const struct idmap *map, struct idmap_entry *e)
{
	size_t i = e ? (size_t)(e - map->entries) + 1 : 0;

	while (i < map->size && !map->entries[i].id)
		i++;
	return i < map->size ? &map->entries[i] : NULL;
}
