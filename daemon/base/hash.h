/* Hash values, and maps from texts or numbers to pointers. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 64 bits of len bytes, keyed once a process at random, so that outsiders
 * cannot choose colliding keys.  Differs from run to run: never stored. */
uint64_t hash_bytes(const void *data, size_t len);

/* A map from texts (copied, any bytes without NUL) to pointers (borrowed).
 * A zeroed map is empty and may be used. */
struct map_entry {
	char *key;
	uint64_t hash;
	void *value;
};
struct map {
	struct map_entry *entries; /* open addressing, linear probing */
	size_t n, size;
};

void map_release(struct map *);
void *map_get(const struct map *, const char *key); /* NULL: not there */
/* Set key to value (not NULL); returns what it was before, or NULL. */
void *map_put(struct map *, const char *key, void *value);
void *map_remove(struct map *, const char *key); /* what it was, or NULL */
/* The entry after e (NULL: the first), in no order; NULL at the end.  The
 * map is not changed meanwhile. */
struct map_entry *map_next(const struct map *, struct map_entry *e);

#define map_each(e, map) \
	for (struct map_entry *e = map_next(map, NULL); e; e = map_next(map, e))

/* The same with numbers (not 0) as keys. */
struct idmap_entry {
	uint64_t id;
	void *value;
};
struct idmap {
	struct idmap_entry *entries;
	size_t n, size;
};

void idmap_release(struct idmap *);
void *idmap_get(const struct idmap *, uint64_t id);
void *idmap_put(struct idmap *, uint64_t id, void *value);
void *idmap_remove(struct idmap *, uint64_t id);
struct idmap_entry *idmap_next(const struct idmap *, struct idmap_entry *e);

#endif
