/* Small durable things: a plugin's keys, artifacts by hash, and the audit. */
#ifndef STORE_STATE_H
#define STORE_STATE_H

#include "store/store.h"

struct arena;

struct plugin_state {
	const char *key;
	const void *value; /* NULL: remove */
	size_t value_len;
	int64_t expires_at_us; /* 0: never */
};

struct store_put_state {
	struct store_write write;
	const char *plugin;
	const struct plugin_state *states;
	size_t n_states;
};
extern const struct store_verb store_verb_put_state;

/* Keys that start with prefix and have not expired, in order, at most limit
 * after the key `after`.  Returns how many, or -1 and *err. */
long store_list_state(struct store_reader *, struct arena *, const char *plugin,
		      const char *prefix, const char *after, int64_t now_us,
		      size_t limit, const struct plugin_state **list_r,
		      struct err *);
/* One key.  1: it is there; 0, and *found_r is NULL: it is not; -1 and *err. */
int store_get_state(struct store_reader *, struct arena *, const char *plugin,
		    const char *key, int64_t now_us,
		    const struct plugin_state **found_r, struct err *);

/* Remove what has expired, a slice at a time; n_removed is set. */
struct store_expire_state {
	struct store_write write;
	int64_t now_us;
	int n_removed;
};
extern const struct store_verb store_verb_expire_state;

/* Keep a pack or settings under their SHA-256 (hex); once is enough. */
struct store_put_artifact {
	struct store_write write;
	const char *hash, *kind;
	const void *content;
	size_t len;
	int64_t now_us;
};
extern const struct store_verb store_verb_put_artifact;
/* 1: it is there; 0, and *content_r is NULL: it is not; -1 and *err. */
int store_get_artifact(struct store_reader *, struct arena *, const char *hash,
		       const void **content_r, size_t *len_r, struct err *);

/* An act that changes nothing else in the store (reload, backup, export) but
 * what a plugin keeps with it. */
struct store_add_audit {
	struct store_write write;
	const char *actor, *action, *object, *detail;
	int64_t now_us;
	const char *plugin; /* whose states they are */
	const struct plugin_state *states;
	size_t n_states;
};
extern const struct store_verb store_verb_add_audit;

/* Who did what to which thing: rows of the audit, changes of a conversation's
 * state and ratings, newest first, at most limit.  How many, or -1 and *err. */
struct audit_row {
	int64_t at_us;
	const char *actor;
	const char *action; /* faq.approve, conversation.waiting, ... */
	const char *object; /* card-lost@2, cnv_..., msg_17, turn 17, store */
	const char *detail;
};
struct audit_filter {
	const char *actor;  /* NULL: anybody */
	const char *object; /* NULL: any; an entry: all its versions, too */
	int64_t since_us, until_us; /* 0: no bound */
};
long store_list_audit(struct store_reader *, struct arena *,
		      const struct audit_filter *, size_t limit,
		      const struct audit_row **list_r, struct err *);

#endif
