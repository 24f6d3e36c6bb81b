#include "dialog/lesson.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/witness.h"
#include "nlu/classifier.h"

/* A large desk is learnt in seconds on a processor of our own, of which others
 * may leave us little; what takes longer is stuck. */
#define LEARN_MAX_US ((int64_t)10 * 60 * 1000000)

struct lesson {
	atomic_int refs;
	int64_t generation;
	uint8_t hash[SHA256_SIZE]; /* of the examples */
	struct lesson *source;	   /* whose classifier it is; NULL: its own */
	pthread_mutex_t lock; /* held by who learns, as long as that takes */
	struct classifier_builder *examples; /* NULL once they are used */
	_Atomic(struct classifier *) classifier;
};

struct lesson *
lesson_new(struct classifier_builder *examples, int64_t generation)
{
	struct lesson *lesson = mem_new(sizeof(*lesson));
	atomic_init(&lesson->refs, 1);
	lesson->generation = generation;
	if (classifier_builder_hash(examples, lesson->hash))
		crypto_random(lesson->hash, sizeof(lesson->hash));
	pthread_mutex_init(&lesson->lock, NULL);
	lesson->examples = examples;
	atomic_init(&lesson->classifier, NULL);
	return lesson;
}

struct lesson *
lesson_hold(struct lesson *lesson)
{
	atomic_fetch_add(&lesson->refs, 1);
	return lesson;
}

void
lesson_release(struct lesson *lesson)
{
	if (!lesson || atomic_fetch_sub(&lesson->refs, 1) != 1)
		return;
	classifier_builder_free(lesson->examples);
	if (lesson->source)
		lesson_release(lesson->source);
	else
		classifier_free(atomic_load(&lesson->classifier));
	pthread_mutex_destroy(&lesson->lock);
	free(lesson);
}

int64_t
lesson_generation(const struct lesson *lesson)
{
	return lesson->generation;
}

bool
lesson_is_learnt(const struct lesson *lesson)
{
	return atomic_load(&lesson->classifier) != NULL;
}

/* With the lock held. */
static void
take_classifier(struct lesson *lesson, struct lesson *other)
{
	lesson->source = lesson_hold(other->source ? other->source : other);
	classifier_builder_free(lesson->examples);
	lesson->examples = NULL;
	atomic_store(&lesson->classifier, atomic_load(&other->classifier));
}

bool
lesson_adopt(struct lesson *lesson, struct lesson *other)
{
	pthread_mutex_lock(&lesson->lock);
	if (!lesson_is_learnt(lesson) && lesson_is_learnt(other) &&
	    memcmp(lesson->hash, other->hash, sizeof(lesson->hash)) == 0)
		take_classifier(lesson, other);
	pthread_mutex_unlock(&lesson->lock);
	return lesson_is_learnt(lesson);
}

/* With the lock held. */
static int
learn_examples(struct lesson *lesson, struct err *err)
{
	if (!lesson->examples)
		return err_set(err, "there was no memory for the classifier");
	struct classifier *classifier = classifier_train(lesson->examples, err);
	lesson->examples = NULL;
	atomic_store(&lesson->classifier, classifier);
	return classifier ? 0 : -1;
}

int
lesson_learn(struct lesson *lesson, struct err *err)
{
	if (lesson_is_learnt(lesson))
		return 0;
	/* A turn that waits for this is well. */
	witness_allow(LEARN_MAX_US);
	pthread_mutex_lock(&lesson->lock);
	int rc = lesson_is_learnt(lesson) ? 0 : learn_examples(lesson, err);
	pthread_mutex_unlock(&lesson->lock);
	witness_allow(0);
	return rc;
}

size_t
lesson_guess(struct lesson *lesson, const char *text, size_t len,
	     struct guess *out, size_t k)
{
	if (lesson_learn(lesson, NULL))
		mem_exhausted();
	return classifier_guess(atomic_load(&lesson->classifier), text, len,
				out, k);
}
