#include "model/prefix.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"

int
prefixes_init(struct prefixes *prefixes, struct kv *kv, int max_kept,
	      struct err *err)
{
	int n_buckets = 1;

	while (n_buckets < kv->n_blocks)
		n_buckets *= 2;
	*prefixes = (struct prefixes){
		.kv = kv,
		.of_blocks = mem_array((size_t)kv->n_blocks,
				       sizeof *prefixes->of_blocks),
		.buckets =
			mem_array((size_t)n_buckets, sizeof *prefixes->buckets),
		.n_buckets = n_buckets,
		.oldest = PREFIX_NONE,
		.newest = PREFIX_NONE,
		.max_kept = max_kept,
	};
	if (!prefixes->of_blocks || !prefixes->buckets) {
		prefixes_release(prefixes);
		return err_set(err, "no memory for shared prefixes");
	}
	for (int i = 0; i < n_buckets; i++)
		prefixes->buckets[i] = PREFIX_NONE;
	return 0;
}

/* --- Those that nobody holds */

static void
add_unused(struct prefixes *prefixes, int block)
{
	struct prefix *prefix = prefixes->of_blocks + block;

	prefix->newer = PREFIX_NONE;
	prefix->older = prefixes->newest;
	if (prefixes->newest >= 0)
		prefixes->of_blocks[prefixes->newest].newer = block;
	else
		prefixes->oldest = block;
	prefixes->newest = block;
	prefixes->n_unused++;
}

static void
remove_unused(struct prefixes *prefixes, int block)
{
	const struct prefix *prefix = prefixes->of_blocks + block;

	if (prefix->newer >= 0)
		prefixes->of_blocks[prefix->newer].older = prefix->older;
	else
		prefixes->newest = prefix->older;
	if (prefix->older >= 0)
		prefixes->of_blocks[prefix->older].newer = prefix->newer;
	else
		prefixes->oldest = prefix->newer;
	prefixes->n_unused--;
}

/* --- By their tokens */

static int *
find_bucket(const struct prefixes *prefixes, int before, const int *tokens)
{
	int key[1 + KV_BLOCK];

	key[0] = before;
	memcpy(key + 1, tokens, KV_BLOCK * sizeof *tokens);
	return prefixes->buckets + (hash_bytes(key, sizeof key) &
				    (uint64_t)(prefixes->n_buckets - 1));
}

/* Equal hash values are no proof: the tokens themselves are compared. */
static int
find(const struct prefixes *prefixes, int before, const int *tokens)
{
	int block = *find_bucket(prefixes, before, tokens);

	for (; block >= 0; block = prefixes->of_blocks[block].next) {
		const struct prefix *prefix = prefixes->of_blocks + block;
		if (prefix->before == before &&
		    memcmp(prefix->tokens, tokens, sizeof prefix->tokens) == 0)
			break;
	}
	return block;
}

/* Who holds a block holds those before it, and lets go of it first: so the
 * oldest has nobody behind it. */
static void
evict_oldest(struct prefixes *prefixes)
{
	int block = prefixes->oldest;
	struct prefix *prefix = prefixes->of_blocks + block;
	int *at = find_bucket(prefixes, prefix->before, prefix->tokens);

	assert(prefix->is_kept && prefix->n_users == 0 &&
	       prefix->n_followers == 0);
	while (*at != block)
		at = &prefixes->of_blocks[*at].next;
	*at = prefix->next;
	remove_unused(prefixes, block);
	if (prefix->before >= 0)
		prefixes->of_blocks[prefix->before].n_followers--;
	*prefix = (struct prefix){0};
	prefixes->n_kept--;
	kv_give(prefixes->kv, block);
}

void
prefixes_release(struct prefixes *prefixes)
{
	while (prefixes->n_unused > 0)
		evict_oldest(prefixes);
	assert(prefixes->n_kept == 0);
	free(prefixes->of_blocks);
	free(prefixes->buckets);
	*prefixes = (struct prefixes){0};
}

int
prefixes_hold(struct prefixes *prefixes, int before, const int *tokens)
{
	int block = find(prefixes, before, tokens);

	if (block >= 0 && prefixes->of_blocks[block].n_users++ == 0)
		remove_unused(prefixes, block);
	return block;
}

bool
prefixes_keep(struct prefixes *prefixes, int before, const int *tokens,
	      int block)
{
	struct prefix *prefix = prefixes->of_blocks + block;

	if (prefixes->n_kept >= prefixes->max_kept) {
		if (prefixes->n_unused == 0)
			return false;
		evict_oldest(prefixes);
		prefixes->n_evicted++;
	}
	int *bucket = find_bucket(prefixes, before, tokens);
	assert(!prefix->is_kept);
	*prefix = (struct prefix){
		.is_kept = true,
		.before = before,
		.n_users = 1,
		.next = *bucket,
	};
	memcpy(prefix->tokens, tokens, sizeof prefix->tokens);
	*bucket = block;
	if (before >= 0)
		prefixes->of_blocks[before].n_followers++;
	prefixes->n_kept++;
	return true;
}

void
prefixes_let_go(struct prefixes *prefixes, const int *blocks, int n)
{
	while (n > 0) {
		struct prefix *prefix = prefixes->of_blocks + blocks[--n];
		assert(prefix->is_kept && prefix->n_users > 0);
		if (--prefix->n_users == 0)
			add_unused(prefixes, blocks[n]);
	}
}

bool
prefixes_make_room(struct prefixes *prefixes, int n_free)
{
	if (n_free > prefixes->kv->n_free + prefixes->n_unused)
		return false;
	while (prefixes->kv->n_free < n_free) {
		evict_oldest(prefixes);
		prefixes->n_evicted++;
	}
	return true;
}
