/* The blocks of a generation: its own, and those that it shares. */
#include <string.h>

#include "model/generation.h"
#include "model/kv.h"
#include "model/prefix.h"

static const int *
block_tokens(const struct generation *generation, int block)
{
	return generation->tokens + (size_t)block * KV_BLOCK;
}

/* What stands before the next block that may be shared. */
static int
last_held(const struct generation *generation)
{
	return generation->n_held ? generation->blocks[generation->n_held - 1]
				  : PREFIX_NONE;
}

static int
hold_next(const struct generation *generation)
{
	return prefixes_hold(generation->prefixes, last_held(generation),
			     block_tokens(generation, generation->n_held));
}

static void
hold_what_is_there(struct generation *generation)
{
	int block;

	while (generation->n_held < generation->n_shared &&
	       (block = hold_next(generation)) != PREFIX_NONE)
		generation->blocks[generation->n_held++] = block;
}

static bool
take_others(struct generation *generation)
{
	struct kv *kv = generation->kv;
	int n = generation->n_blocks - generation->n_held;

	if (generation->prefixes ? !prefixes_make_room(generation->prefixes, n)
				 : kv->n_free < n)
		return false;
	for (int i = generation->n_held; i < generation->n_blocks; i++)
		generation->blocks[i] = kv_take(kv);
	return true;
}

/* The last token of the prompt is always computed: the first that is generated
 * comes of it. */
bool
generation_start(struct generation *generation, struct kv *kv,
		 struct prefixes *prefixes, int n_shared_prompt)
{
	int n_tokens = generation->request.n_prompt - 1;

	if (n_shared_prompt < n_tokens)
		n_tokens = n_shared_prompt;
	generation->kv = kv;
	generation->prefixes = prefixes;
	generation->n_shared = prefixes ? n_tokens / KV_BLOCK : 0;
	hold_what_is_there(generation);
	if (!take_others(generation)) {
		prefixes_let_go(prefixes, generation->blocks,
				generation->n_held);
		generation->n_held = 0;
		generation->kv = NULL;
		return false;
	}
	generation->n_kept = generation->n_held * KV_BLOCK;
	generation->counts.prompt_shared = generation->n_shared * KV_BLOCK;
	generation->counts.prompt_kept = generation->n_kept;
	return true;
}

void
generation_give_blocks(struct generation *generation)
{
	if (!generation->kv)
		return;
	for (int i = generation->n_held; i < generation->n_blocks; i++)
		kv_give(generation->kv, generation->blocks[i]);
	if (generation->n_held > 0)
		prefixes_let_go(generation->prefixes, generation->blocks,
				generation->n_held);
	generation->n_held = generation->n_shared = 0;
	generation->kv = NULL;
}

/* Others have computed the next block: its own one goes back. */
static void
take_over(struct generation *generation, int block)
{
	int *own = generation->blocks + generation->n_held++;
	int end = generation->n_held * KV_BLOCK;

	kv_give(generation->kv, *own);
	*own = block;
	if (generation->n_kept >= end)
		return;
	generation->counts.prompt_kept += end - generation->n_kept;
	generation->n_kept = end;
}

static bool
share_next(struct generation *generation)
{
	int i = generation->n_held;
	int block = hold_next(generation);

	if (block != PREFIX_NONE) {
		take_over(generation, block);
		return true;
	}
	if (generation->n_kept < (i + 1) * KV_BLOCK ||
	    !prefixes_keep(generation->prefixes, last_held(generation),
			   block_tokens(generation, i), generation->blocks[i]))
		return false;
	generation->n_held++;
	return true;
}

void
generation_share(struct generation *generation)
{
	while (generation->n_held < generation->n_shared &&
	       share_next(generation))
		;
}

/* What has been computed and is not there found no room. */
bool
generation_can_await(const struct generation *generation,
		     const struct generation *other)
{
	int i = generation->n_held, end = (i + 1) * KV_BLOCK;

	return i < generation->n_shared && i < other->n_shared &&
	       i == other->n_held && generation->n_kept < end &&
	       other->n_kept < end &&
	       last_held(generation) == last_held(other) &&
	       memcmp(block_tokens(generation, i), block_tokens(other, i),
		      KV_BLOCK * sizeof(int)) == 0;
}
