/* The library: one struct knowledge at a time, replaced as a whole.  Two locks,
 * never both at once but in this order: `work`, held by whoever makes a new
 * one, as long as that takes; `lock`, for the few lines that swap pointers. */
#include "dialog/knowledge.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/queue.h"
#include "base/time.h"
#include "conf/options.h"
#include "dialog/learn.h"
#include "dialog/pack_import.h"
#include "nlu/pack.h"
#include "store/knowledge.h"
#include "store/state.h"

#define FOUR_EYES "knowledge.four_eyes"

/* A part that several generations of knowledge share. */
struct shared {
	atomic_int refs;
	struct pack *pack;
	struct learnt learnt;
};

struct held {
	struct knowledge knowledge; /* what others see */
	atomic_int refs;
	struct shared *pack, *learnt;
};

struct library {
	struct store *store;
	pthread_mutex_t work;
	pthread_mutex_t lock;
	struct held *present;
	struct decide_settings settings;
	char settings_hash[SHA256_HEX_SIZE];
	atomic_bool four_eyes;
};

static struct shared *
shared_new(struct pack *pack, struct learnt learnt)
{
	struct shared *shared = mem_new(sizeof(*shared));
	shared->pack = pack;
	shared->learnt = learnt;
	atomic_init(&shared->refs, 1);
	return shared;
}

static struct shared *
shared_hold(struct shared *shared)
{
	atomic_fetch_add(&shared->refs, 1);
	return shared;
}

static void
shared_release(struct shared *shared)
{
	if (!shared || atomic_fetch_sub(&shared->refs, 1) != 1)
		return;
	pack_free(shared->pack);
	learnt_release(&shared->learnt);
	free(shared);
}

/* Takes one hold of each. */
static struct held *
held_new(struct shared *pack, struct shared *learnt, int64_t generation)
{
	struct held *held = mem_new(sizeof(*held));
	held->pack = pack;
	held->learnt = learnt;
	held->knowledge.pack = pack->pack;
	held->knowledge.index = learnt->learnt.index;
	held->knowledge.classifier = learnt->learnt.classifier;
	held->knowledge.generation = generation;
	atomic_init(&held->refs, 1);
	return held;
}

void
knowledge_put(const struct knowledge *knowledge)
{
	if (!knowledge)
		return;
	struct held *held = container_of(knowledge, struct held, knowledge);
	if (atomic_fetch_sub(&held->refs, 1) != 1)
		return;
	shared_release(held->pack);
	shared_release(held->learnt);
	free(held);
}

static struct held *
hold_present(struct library *library)
{
	pthread_mutex_lock(&library->lock);
	struct held *held = library->present;
	if (held)
		atomic_fetch_add(&held->refs, 1);
	pthread_mutex_unlock(&library->lock);
	return held;
}

const struct knowledge *
library_get(struct library *library)
{
	struct held *held = hold_present(library);
	return held ? &held->knowledge : NULL;
}

/* With library->lock held: make it the present one, taking its hold; the old
 * one is for the caller to let go of, without the lock. */
static struct held *
replace(struct library *library, struct held *held)
{
	struct held *old = library->present;
	held->knowledge.settings = library->settings;
	memcpy(held->knowledge.settings_hash, library->settings_hash,
	       sizeof(library->settings_hash));
	library->present = held;
	return old;
}

static void
publish(struct library *library, struct held *held)
{
	pthread_mutex_lock(&library->lock);
	struct held *old = replace(library, held);
	pthread_mutex_unlock(&library->lock);
	if (old)
		knowledge_put(&old->knowledge);
}

void
decide_settings_read(const struct settings *settings,
		     struct decide_settings *out, char hash[SHA256_HEX_SIZE])
{
	*out = (struct decide_settings){
		.threshold = settings_real(settings, "retrieval.threshold"),
		.floor = settings_real(settings, "retrieval.floor"),
		.n_candidates =
			(int)settings_int(settings, "retrieval.candidates"),
		.max_crashes = (int)settings_int(settings, "turn.crashes"),
		.lease_ms = settings_int(settings, "desk.lease"),
		.keeps_hours = settings_bool(settings, "desk.keep_hours"),
	};
	struct buf text;
	buf_init(&text, 1024 * 1024);
	settings_write(settings, &text);
	crypto_sha256_hex(text.data, text.len, hash);
	buf_release(&text);
}

struct library *
library_new(struct store *store, const struct settings *settings)
{
	struct library *library = mem_new(sizeof(*library));
	library->store = store;
	pthread_mutex_init(&library->work, NULL);
	pthread_mutex_init(&library->lock, NULL);
	decide_settings_read(settings, &library->settings,
			     library->settings_hash);
	atomic_init(&library->four_eyes, settings_bool(settings, FOUR_EYES));
	return library;
}

void
library_free(struct library *library)
{
	if (!library)
		return;
	if (library->present)
		knowledge_put(&library->present->knowledge);
	pthread_mutex_destroy(&library->work);
	pthread_mutex_destroy(&library->lock);
	free(library);
}

void
library_set_settings(struct library *library, const struct settings *settings)
{
	struct decide_settings values;
	char hash[SHA256_HEX_SIZE];
	decide_settings_read(settings, &values, hash);
	atomic_store(&library->four_eyes, settings_bool(settings, FOUR_EYES));
	struct held *old = NULL;
	pthread_mutex_lock(&library->lock);
	library->settings = values;
	memcpy(library->settings_hash, hash, sizeof(hash));
	if (library->present) {
		const struct held *present = library->present;
		old = replace(library, held_new(shared_hold(present->pack),
						shared_hold(present->learnt),
						present->knowledge.generation));
	}
	pthread_mutex_unlock(&library->lock);
	if (old)
		knowledge_put(&old->knowledge);
}

bool
library_four_eyes(struct library *library)
{
	return atomic_load(&library->four_eyes);
}

/* ---- What a generation teaches */

static int
present_generation(struct store *store, int64_t *generation_r, struct err *err)
{
	struct store_reader *reader = store_read_begin(store, err);
	if (!reader)
		return -1;
	int rc = store_generation(reader, generation_r, err);
	store_read_end(reader);
	return rc;
}

/* With library->work held: learn what is in force beside this pack; takes the
 * hold of pack. */
static int
learn_and_publish(struct library *library, struct shared *pack, struct err *err)
{
	int64_t generation;
	struct learnt learnt;
	if (learn(library->store, pack->pack, 0, &generation, &learnt, err)) {
		shared_release(pack);
		return -1;
	}
	publish(library, held_new(pack, shared_new(NULL, learnt), generation));
	return 0;
}

int
library_refresh(struct library *library, struct err *err)
{
	int64_t generation;
	pthread_mutex_lock(&library->work);
	struct held *present = hold_present(library);
	int rc = present_generation(library->store, &generation, err);
	if (!rc && present && generation != present->knowledge.generation)
		rc = learn_and_publish(library, shared_hold(present->pack),
				       err);
	pthread_mutex_unlock(&library->work);
	if (present)
		knowledge_put(&present->knowledge);
	return rc;
}

/* ---- Packs ----------------------------------------------------------------
 */

/* So that a turn can be replayed after the files have changed. */
static int
keep_pack(struct store *store, const struct pack *pack, struct err *err)
{
	struct store_put_artifact put = {
		.write.verb = &store_verb_put_artifact,
		.hash = pack->hash,
		.kind = "pack",
		.content = pack->content,
		.len = pack->content_len,
		.now_us = time_now_us(),
	};
	if (store_call(store, &put.write) == STORE_OK)
		return 0;
	return err_set(err, "%s", put.write.err.text);
}

int
library_load_pack(struct library *library, const char *dir, bool four_eyes,
		  struct err *err)
{
	struct pack *pack = pack_read(dir, err);
	if (!pack)
		return -1;
	if (keep_pack(library->store, pack, err) ||
	    pack_import(library->store, pack, four_eyes, err)) {
		pack_free(pack);
		return -1;
	}
	pthread_mutex_lock(&library->work);
	int rc = learn_and_publish(library,
				   shared_new(pack, (struct learnt){0}), err);
	pthread_mutex_unlock(&library->work);
	return rc;
}

const struct knowledge *
knowledge_as_of(struct store *store, int64_t generation, const void *content,
		size_t content_len, const struct decide_settings *settings,
		const char *settings_hash, struct err *err)
{
	struct pack *pack = pack_read_content(content, content_len, err);
	if (!pack)
		return NULL;
	int64_t present;
	struct learnt learnt;
	if (learn(store, pack, generation, &present, &learnt, err)) {
		pack_free(pack);
		return NULL;
	}
	struct held *held = held_new(shared_new(pack, (struct learnt){0}),
				     shared_new(NULL, learnt), generation);
	held->knowledge.settings = *settings;
	snprintf(held->knowledge.settings_hash,
		 sizeof(held->knowledge.settings_hash), "%s", settings_hash);
	return &held->knowledge;
}

/* ---- Without a store */

const struct knowledge *
knowledge_of_pack(const char *dir, const struct settings *settings,
		  struct err *err)
{
	struct pack *pack = pack_read(dir, err);
	struct learnt learnt;
	if (!pack || learn_pack(pack, &learnt, err)) {
		pack_free(pack);
		return NULL;
	}
	struct held *held = held_new(shared_new(pack, (struct learnt){0}),
				     shared_new(NULL, learnt), 1);
	decide_settings_read(settings, &held->knowledge.settings,
			     held->knowledge.settings_hash);
	return &held->knowledge;
}
