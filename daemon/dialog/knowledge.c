/* Holds of knowledge and of its parts, and knowledge that no library keeps. */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/queue.h"
#include "conf/options.h"
#include "dialog/knowledge_parts.h"
#include "dialog/learn.h"
#include "dialog/lesson.h"
#include "faq/index.h"
#include "nlu/pack.h"

struct shared {
	atomic_int refs;
	struct pack *pack;
	struct index *index;
};

static struct shared *
shared_new(struct pack *pack, struct index *index)
{
	struct shared *shared = mem_new(sizeof(*shared));
	shared->pack = pack;
	shared->index = index;
	atomic_init(&shared->refs, 1);
	return shared;
}

struct shared *
shared_pack(struct pack *pack)
{
	return shared_new(pack, NULL);
}

struct shared *
shared_index(struct index *index)
{
	return shared_new(NULL, index);
}

struct shared *
shared_hold(struct shared *shared)
{
	atomic_fetch_add(&shared->refs, 1);
	return shared;
}

void
shared_release(struct shared *shared)
{
	if (!shared || atomic_fetch_sub(&shared->refs, 1) != 1)
		return;
	pack_free(shared->pack);
	index_free(shared->index);
	free(shared);
}

const struct pack *
shared_get_pack(const struct shared *shared)
{
	return shared->pack;
}

struct held *
held_new(struct shared *pack, struct shared *index, struct lesson *lesson,
	 int64_t generation)
{
	struct held *held = mem_new(sizeof(*held));
	held->pack = pack;
	held->index = index;
	held->knowledge.pack = pack->pack;
	held->knowledge.index = index->index;
	held->knowledge.lesson = lesson;
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
	shared_release(held->index);
	lesson_release(held->knowledge.lesson);
	free(held);
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

/* ---- Of no library */

static struct held *
held_alone(struct pack *pack, const struct learnt *learnt, int64_t generation)
{
	return held_new(shared_pack(pack), shared_index(learnt->index),
			learnt->lesson, generation);
}

/* What was learnt with the pack; *learnt_r is to be released. */
static int
learn_as_of(struct store *store, const struct pack *pack,
	    struct generations generations, struct learnt *learnt_r,
	    struct err *err)
{
	int64_t present;
	if (learn(store, pack, generations.entries, &present, learnt_r, err))
		return -1;
	if (generations.lesson == generations.entries)
		return 0;
	lesson_release(learnt_r->lesson);
	learnt_r->lesson = learn_lesson(store, pack, generations.lesson, err);
	if (learnt_r->lesson)
		return 0;
	learnt_release(learnt_r);
	return -1;
}

const struct knowledge *
knowledge_as_of(struct store *store, struct generations generations,
		const void *content, size_t content_len,
		const struct decide_settings *settings,
		const char *settings_hash, struct err *err)
{
	struct pack *pack = pack_read_content(content, content_len, err);
	if (!pack)
		return NULL;
	struct learnt learnt;
	if (learn_as_of(store, pack, generations, &learnt, err)) {
		pack_free(pack);
		return NULL;
	}
	struct held *held = held_alone(pack, &learnt, generations.entries);
	held->knowledge.settings = *settings;
	snprintf(held->knowledge.settings_hash,
		 sizeof(held->knowledge.settings_hash), "%s", settings_hash);
	return &held->knowledge;
}

const struct knowledge *
knowledge_of_pack(const char *dir, const struct settings *settings,
		  struct err *err)
{
	struct pack *pack = pack_read(dir, err);
	struct learnt learnt;
	if (!pack || learn_pack(pack, 1, &learnt, err)) {
		pack_free(pack);
		return NULL;
	}
	struct held *held = held_alone(pack, &learnt, 1);
	decide_settings_read(settings, &held->knowledge.settings,
			     held->knowledge.settings_hash);
	return &held->knowledge;
}
