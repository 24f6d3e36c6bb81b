#include "dialog/keys.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "store/key.h"

/* Of a key that is used all the time no more is written. */
#define USED_EVERY_US ((int64_t)60 * 1000000)
#define KEY_MAX 200

struct keys {
	struct store *store;
	/* Who reads them holds it all the time: an older list must not take the
	 * place of a newer one, in which a key is revoked. */
	pthread_mutex_t reading;
	pthread_mutex_t lock; /* over all that follows */
	struct arena *arena;  /* of the list; NULL: it was never read */
	struct api_key *list;
	size_t n;
};

static const char *const scopes[] = {"ask", "metrics"};

const char *
keys_scope(unsigned int i)
{
	return i < sizeof(scopes) / sizeof(*scopes) ? scopes[i] : NULL;
}

struct keys *
keys_new(struct store *store)
{
	struct keys *keys = mem_new(sizeof(*keys));
	keys->store = store;
	pthread_mutex_init(&keys->reading, NULL);
	pthread_mutex_init(&keys->lock, NULL);
	return keys;
}

static void
free_arena(struct arena *arena)
{
	if (arena)
		arena_release(arena);
	free(arena);
}

void
keys_free(struct keys *keys)
{
	if (!keys)
		return;
	free_arena(keys->arena);
	pthread_mutex_destroy(&keys->lock);
	pthread_mutex_destroy(&keys->reading);
	free(keys);
}

/* Those that are good; how many. */
static size_t
choose(const struct api_key *all, long n_all, struct api_key *good)
{
	size_t n = 0;
	for (long i = 0; i < n_all; i++)
		if (!all[i].revoked_at_us)
			good[n++] = all[i];
	return n;
}

static int
read_all(struct keys *keys, struct err *err)
{
	struct store_reader *reader = store_read_begin(keys->store, err);
	if (!reader)
		return -1;
	struct arena *arena = mem_new(sizeof(*arena));
	const struct api_key *all;
	long n_all = store_list_keys(reader, arena, &all, err);
	store_read_end(reader);
	if (n_all < 0) {
		free_arena(arena);
		return -1;
	}
	struct api_key *list =
		arena_array(arena, (size_t)n_all + 1, sizeof(*list));
	size_t n = choose(all, n_all, list);
	pthread_mutex_lock(&keys->lock);
	struct arena *before = keys->arena;
	keys->arena = arena;
	keys->list = list;
	keys->n = n;
	pthread_mutex_unlock(&keys->lock);
	free_arena(before);
	return 0;
}

int
keys_read(struct keys *keys, struct err *err)
{
	pthread_mutex_lock(&keys->reading);
	int rc = read_all(keys, err);
	pthread_mutex_unlock(&keys->reading);
	return rc;
}

/* ---- Asking */

static void
used(struct store_write *write)
{
	struct store_use_key *use =
		container_of(write, struct store_use_key, write);
	if (write->status != STORE_OK)
		log_debug("keys: that one was used is not kept: %s",
			  write->err.text);
	free(use);
}

static void
note_use(struct keys *keys, int64_t id, int64_t now_us)
{
	struct store_use_key *use = mem_new(sizeof(*use));
	use->write.verb = &store_verb_use_key;
	use->write.done = used;
	use->id = id;
	use->now_us = now_us;
	store_submit(keys->store, &use->write);
}

static bool
has_scope(const char *list, const char *scope)
{
	size_t len = strlen(scope);
	for (const char *at = list; (at = strstr(at, scope)); at += len)
		if ((at == list || at[-1] == ' ') &&
		    (!at[len] || at[len] == ' '))
			return true;
	return false;
}

/* All are compared, each in a time that does not depend on what it is. */
static struct api_key *
find(struct keys *keys, const char hash[SHA256_HEX_SIZE], const char *scope)
{
	struct api_key *found = NULL;
	for (size_t i = 0; i < keys->n; i++) {
		struct api_key *key = &keys->list[i];
		if (strlen(key->hash) == SHA256_HEX_SIZE - 1 &&
		    crypto_equal(key->hash, hash, SHA256_HEX_SIZE - 1))
			found = key;
	}
	return found && has_scope(found->scopes, scope) ? found : NULL;
}

bool
keys_check(struct keys *keys, const char *key, const char *scope,
	   char name_r[KEYS_NAME_SIZE])
{
	char hash[SHA256_HEX_SIZE];
	int64_t used_id = 0, now_us = time_now_us();
	size_t len = strlen(key);

	if (len > KEY_MAX)
		return false;
	crypto_sha256_hex(key, len, hash);
	pthread_mutex_lock(&keys->lock);
	struct api_key *found = find(keys, hash, scope);
	if (found) {
		snprintf(name_r, KEYS_NAME_SIZE, "%s", found->name);
		if (now_us - found->used_at_us >= USED_EVERY_US) {
			found->used_at_us = now_us;
			used_id = found->id;
		}
	}
	pthread_mutex_unlock(&keys->lock);
	if (used_id)
		note_use(keys, used_id, now_us);
	return found;
}
