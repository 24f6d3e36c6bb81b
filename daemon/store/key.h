/* Keys of programs that use the HTTP interface: never they, only what they hash
 * to.  Each change is written with its row of the audit. */
#ifndef STORE_KEY_H
#define STORE_KEY_H

#include "base/crypto.h"
#include "store/store.h"

struct arena;

struct api_key {
	int64_t id;
	const char *name;
	const char *hash;   /* crypto_sha256_hex() of the key */
	const char *scopes; /* words parted by a blank */
	const char *created_by;
	int64_t created_at_us;
	int64_t used_at_us;    /* 0: never */
	int64_t revoked_at_us; /* 0: it is good */
};

/* All of them, oldest first.  Returns how many, or -1 and *err. */
long store_list_keys(struct store_reader *, struct arena *,
		     const struct api_key **list_r, struct err *);

/* DUPLICATE when a key that is good has the name. */
struct store_add_key {
	struct store_write write;
	const char *name, *hash, *scopes, *actor;
	int64_t now_us;
};
extern const struct store_verb store_verb_add_key;

/* NOT_FOUND when no key that is good has the name. */
struct store_revoke_key {
	struct store_write write;
	const char *name, *actor;
	int64_t now_us;
};
extern const struct store_verb store_verb_revoke_key;

/* It was used.  That is no change that somebody made: it has no row of the
 * audit. */
struct store_use_key {
	struct store_write write;
	int64_t id, now_us;
};
extern const struct store_verb store_verb_use_key;

#endif
