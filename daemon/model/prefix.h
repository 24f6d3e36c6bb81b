/* The beginnings that prompts share: blocks of keys and values, each behind
 * another, by the tokens that they were computed of.  One thread at a time.
 *
 * A block that somebody holds is not given away, nor are those before it, as
 * who holds a block holds these, too.  Of the others the one that was held
 * longest ago goes first. */
#ifndef MODEL_PREFIX_H
#define MODEL_PREFIX_H

#include <stdbool.h>

#include "model/kv.h"

struct err;

struct prefix {
	bool is_kept;
	int tokens[KV_BLOCK];
	int before; /* the block before it, PREFIX_NONE: it is a first one */
	int n_users, n_followers;
	int next;	  /* of the same bucket */
	int older, newer; /* of those that nobody holds */
};
#define PREFIX_NONE (-1)

struct prefixes {
	struct kv *kv;
	struct prefix *of_blocks; /* (kv->n_blocks) */
	int *buckets, n_buckets;  /* the first of each */
	int oldest, newest;	  /* of those that nobody holds */
	int n_kept, max_kept, n_unused, n_evicted;
};

/* Up to so many blocks of the arena, which is borrowed.  0, or -1 and *err: no
 * memory. */
int prefixes_init(struct prefixes *, struct kv *, int max_kept, struct err *);
/* Nobody holds any; all are given back.  Also of zeroed ones. */
void prefixes_release(struct prefixes *);

/* The block behind that one, of these KV_BLOCK tokens, which the caller holds
 * from now on; PREFIX_NONE: there is none. */
int prefixes_hold(struct prefixes *, int before, const int *tokens);
/* A block that the caller has computed is one of these now, and held by him.
 * There is no such block yet, and the caller holds the one before it.  false:
 * there is no room, it stays his. */
bool prefixes_keep(struct prefixes *, int before, const int *tokens, int block);
/* Hold no longer n blocks, each behind the one before. */
void prefixes_let_go(struct prefixes *, const int *blocks, int n);
/* That many blocks of the arena are free, if need be by giving back what
 * nobody holds; false: there are not so many, and nothing was done. */
bool prefixes_make_room(struct prefixes *, int n_free);

#endif
