/* The library: one struct knowledge at a time, replaced as a whole.  Two locks,
 * never both at once but in this order: `work`, held by whoever makes a new
 * index, as long as that takes; `lock`, for the few lines that swap pointers.
 * Lessons are learnt without either. */
#include "dialog/knowledge.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/queue.h"
#include "base/time.h"
#include "conf/options.h"
#include "dialog/knowledge_parts.h"
#include "dialog/learn.h"
#include "dialog/lesson.h"
#include "dialog/pack_import.h"
#include "dialog/pack_judge.h"
#include "nlu/pack.h"
#include "store/knowledge.h"
#include "store/state.h"

#define FOUR_EYES "knowledge.four_eyes"

/* A lesson, and the pack whose examples are in it. */
struct subject {
	struct shared *pack;
	struct lesson *lesson;
};

struct library {
	struct store *store;
	pthread_mutex_t work;
	pthread_mutex_t lock;
	struct held *present;
	struct decide_settings settings;
	char settings_hash[SHA256_HEX_SIZE];
	atomic_bool four_eyes;
	struct pool *learner; /* NULL: who asks learns */
	struct job job;	      /* of the learner's */
	bool is_learning;     /* the job is under way */
	struct subject next;  /* for the learner: the newest there is */
};

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

/* The same pack and index, with that lesson. */
static struct held *
held_again(const struct held *held, struct lesson *lesson)
{
	return held_new(shared_hold(held->pack), shared_hold(held->index),
			lesson_hold(lesson), held->knowledge.generation);
}

/* ---- Learning */

static void
subject_release(struct subject *subject)
{
	shared_release(subject->pack);
	lesson_release(subject->lesson);
}

/* Put what is learnt in the place of an older lesson of the same pack. */
static void
offer(struct library *library, const struct subject *learnt)
{
	struct held *old = NULL;
	pthread_mutex_lock(&library->lock);
	const struct held *present = library->present;
	if (present->pack == learnt->pack &&
	    lesson_generation(present->knowledge.lesson) <
		    lesson_generation(learnt->lesson))
		old = replace(library, held_again(present, learnt->lesson));
	pthread_mutex_unlock(&library->lock);
	if (old)
		knowledge_put(&old->knowledge);
}

static bool
take_next(struct library *library, struct subject *subject_r)
{
	pthread_mutex_lock(&library->lock);
	*subject_r = library->next;
	library->next = (struct subject){0};
	library->is_learning = subject_r->lesson != NULL;
	pthread_mutex_unlock(&library->lock);
	return subject_r->lesson != NULL;
}

/* The same examples as those of the present lesson need not be learnt again. */
static int
learn_beside(struct library *library, struct lesson *lesson, struct err *err)
{
	struct held *present = hold_present(library);
	bool is_learnt = lesson_adopt(lesson, present->knowledge.lesson);
	knowledge_put(&present->knowledge);
	return is_learnt ? 0 : lesson_learn(lesson, err);
}

/* On the learner's thread. */
static void
learn_all(struct job *job)
{
	struct library *library = container_of(job, struct library, job);
	struct subject subject;
	while (take_next(library, &subject)) {
		struct err err = {0};
		if (learn_beside(library, subject.lesson, &err))
			log_error("knowledge: intents are guessed as they were "
				  "before the last edit: %s",
				  err.text);
		else
			offer(library, &subject);
		subject_release(&subject);
	}
}

/* What waited before is out of date. */
static void
learn_next(struct library *library, struct shared *pack, struct lesson *lesson)
{
	pthread_mutex_lock(&library->lock);
	struct subject old = library->next;
	bool is_learning = library->is_learning;
	library->next = (struct subject){
		.pack = shared_hold(pack),
		.lesson = lesson_hold(lesson),
	};
	library->is_learning = true;
	pthread_mutex_unlock(&library->lock);
	subject_release(&old);
	if (!is_learning)
		pool_push(library->learner, &library->job);
}

int
library_start(struct library *library, struct err *err)
{
	library->learner = pool_new("learn", 1, 0);
	if (!library->learner)
		return err_set(err, "the system gives no more threads");
	return 0;
}

/* Waits for the lesson that is being learnt; none is begun any more. */
static void
stop_learning(struct library *library)
{
	struct subject dropped;
	if (!library->learner)
		return;
	pthread_mutex_lock(&library->lock);
	dropped = library->next;
	library->next = (struct subject){0};
	pthread_mutex_unlock(&library->lock);
	subject_release(&dropped);
	pool_free(library->learner);
}

/* ---- The library */

struct library *
library_new(struct store *store, const struct settings *settings)
{
	struct library *library = mem_new(sizeof(*library));
	library->store = store;
	library->job.run = learn_all;
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
	stop_learning(library);
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
		old = replace(library,
			      held_again(present, present->knowledge.lesson));
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

/* With library->lock held: the lesson to go on with beside an index of that
 * pack, NULL if there is none. */
static struct lesson *
last_lesson(const struct library *library, const struct shared *pack)
{
	const struct held *present = library->present;
	if (!library->learner || !present || present->pack != pack)
		return NULL;
	return present->knowledge.lesson;
}

/* Make that index the present one, with `ready`, or with the last lesson, until
 * the new one is learnt, unless its examples are still the same.  Takes the
 * holds of pack and learnt. */
static void
publish(struct library *library, struct shared *pack, struct learnt learnt,
	int64_t generation, struct lesson *ready)
{
	struct shared *index = shared_index(learnt.index);
	pthread_mutex_lock(&library->lock);
	struct lesson *last = ready ? ready : last_lesson(library, pack);
	if (last && lesson_adopt(learnt.lesson, last))
		last = NULL;
	struct lesson *lesson = lesson_hold(last ? last : learnt.lesson);
	struct held *held =
		held_new(shared_hold(pack), index, lesson, generation);
	struct held *old = replace(library, held);
	pthread_mutex_unlock(&library->lock);
	if (old)
		knowledge_put(&old->knowledge);
	if (library->learner && !lesson_is_learnt(learnt.lesson))
		learn_next(library, pack, learnt.lesson);
	shared_release(pack);
	lesson_release(learnt.lesson);
}

/* With library->work held: learn what is in force beside this pack; takes the
 * hold of pack. */
static int
learn_and_publish(struct library *library, struct shared *pack,
		  struct lesson *ready, struct err *err)
{
	int64_t generation;
	struct learnt learnt;
	if (learn(library->store, shared_get_pack(pack), 0, &generation,
		  &learnt, err)) {
		shared_release(pack);
		return -1;
	}
	publish(library, pack, learnt, generation, ready);
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
				       NULL, err);
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

/* A pack that changes what the desk has must be without errors; with the one
 * that it has, or has at its start, it serves. */
static int
judge_change(struct library *library, const struct pack *pack, struct err *err)
{
	struct held *present = hold_present(library);
	if (!present)
		return 0;
	bool is_change = strcmp(present->knowledge.pack->hash, pack->hash) != 0;
	knowledge_put(&present->knowledge);
	return is_change ? pack_judge(pack, err) : 0;
}

static struct pack *
take_in_pack(struct library *library, const char *dir,
	     const struct pack_terms *terms, struct buf *notes, struct err *err)
{
	struct pack *pack = pack_read(dir, err);
	if (!pack)
		return NULL;
	if (!judge_change(library, pack, err) &&
	    !keep_pack(library->store, pack, err) &&
	    !pack_import(library->store, pack, terms, notes, err))
		return pack;
	pack_free(pack);
	return NULL;
}

/* A pack that takes the place of another needs its own lesson first, and edits
 * do not wait for that.  NULL in *ready_r where there is no other pack yet. */
static int
learn_ahead(struct library *library, const struct pack *pack,
	    struct lesson **ready_r, struct err *err)
{
	struct held *present = hold_present(library);
	*ready_r = NULL;
	if (!present)
		return 0;
	knowledge_put(&present->knowledge);
	if (!library->learner)
		return 0;
	*ready_r = learn_lesson(library->store, pack, 0, err);
	if (*ready_r && !learn_beside(library, *ready_r, err))
		return 0;
	lesson_release(*ready_r);
	return -1;
}

/* What was stored meanwhile may have the facts of the pack before it. */
static int
follow_facts(struct library *library, const struct pack *pack, bool four_eyes,
	     struct buf *notes, struct err *err)
{
	if (pack_follow(library->store, pack, four_eyes, notes, err))
		return -1;
	return library_refresh(library, err);
}

int
library_refresh_after(struct library *library, const struct knowledge *was,
		      struct err *err)
{
	if (library_refresh(library, err))
		return -1;
	const struct knowledge *present = library_get(library);
	int rc = 0;
	if (present->pack != was->pack)
		rc = follow_facts(library, present->pack,
				  library_four_eyes(library), NULL, err);
	knowledge_put(present);
	return rc;
}

/* After a lesson that took its time. */
static void
follow_edits(struct library *library, bool four_eyes, struct buf *notes)
{
	const struct knowledge *knowledge = library_get(library);
	struct err err = {0};
	if (follow_facts(library, knowledge->pack, four_eyes, notes, &err))
		log_error("knowledge: what was edited during the reload may "
			  "have facts of before it: %s",
			  err.text);
	knowledge_put(knowledge);
}

int
library_load_pack(struct library *library, const char *dir,
		  const struct pack_terms *terms, struct buf *notes,
		  struct err *err)
{
	struct pack *pack = take_in_pack(library, dir, terms, notes, err);
	struct lesson *ready;
	if (!pack)
		return -1;
	if (learn_ahead(library, pack, &ready, err)) {
		pack_free(pack);
		return -1;
	}
	pthread_mutex_lock(&library->work);
	int rc = learn_and_publish(library, shared_pack(pack), ready, err);
	pthread_mutex_unlock(&library->work);
	if (!rc && ready)
		follow_edits(library, terms->as_drafts, notes);
	lesson_release(ready);
	return rc;
}
