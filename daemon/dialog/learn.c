#include "dialog/learn.h"

#include "dialog/lesson.h"
#include "dialog/pack_import.h"
#include "faq/import.h"
#include "faq/index.h"
#include "nlu/classifier.h"
#include "nlu/intent.h"
#include "nlu/pack.h"
#include "store/knowledge.h"
#include "store/state.h"

struct learning {
	struct index_builder *entries; /* NULL: intents alone */
	struct classifier_builder *examples;
};

void
learnt_release(struct learnt *learnt)
{
	index_free(learnt->index);
	lesson_release(learnt->lesson);
	*learnt = (struct learnt){0};
}

static int
learn_intents(struct classifier_builder *examples, const struct pack *pack,
	      struct err *err)
{
	for (size_t i = 0; i < pack->n_intents; i++) {
		const struct pack_intent *intent = &pack->intents[i];
		for (size_t k = 0; k < intent->n_examples; k++)
			if (classifier_builder_add(examples,
						   intent->examples[k],
						   intent->name, err))
				return -1;
	}
	return 0;
}

/* The questions of an entry are examples of its intent. */
static int
learn_entry(void *arg, const struct faq_version *version, struct err *err)
{
	const struct learning *learning = arg;
	const char *intent = version->intent;
	if (learning->entries &&
	    index_builder_add(learning->entries, version, err))
		return -1;
	if (!intent || !*intent)
		return 0;
	if (classifier_builder_add(learning->examples, version->question,
				   intent, err))
		return -1;
	for (size_t i = 0; i < version->n_variants; i++)
		if (classifier_builder_add(learning->examples,
					   version->variants[i], intent, err))
			return -1;
	return 0;
}

static int
learn_entries(struct store *store, int64_t generation, int64_t *generation_r,
	      struct learning *learning, struct err *err)
{
	struct store_reader *reader = store_read_begin(store, err);
	if (!reader)
		return -1;
	int rc = store_generation(reader, generation_r, err);
	if (!rc)
		rc = store_each_in_force(reader, generation, learn_entry,
					 learning, err);
	store_read_end(reader);
	return rc;
}

static int
learn_pack_entries(const struct pack *pack, struct learning *learning,
		   struct err *err)
{
	struct faq_file file = {0};
	int rc = pack_read_entries(&file, pack, facts_value, &pack->facts, err);
	for (size_t i = 0; !rc && i < file.n; i++) {
		struct faq_version version = file.entries[i];
		version.version = 1;
		rc = learn_entry(learning, &version, err);
	}
	faq_file_release(&file);
	return rc;
}

static int
begin(struct learning *learning, const struct pack *pack, struct err *err)
{
	*learning = (struct learning){
		.entries = index_builder_new(pack->language),
		.examples = classifier_builder_new(pack->language),
	};
	return learn_intents(learning->examples, pack, err);
}

/* What was learnt, if rc is 0; the builders are freed or used either way. */
static int
end(struct learning *learning, int rc, int64_t generation,
    struct learnt *learnt_r, struct err *err)
{
	if (rc) {
		index_builder_free(learning->entries);
		classifier_builder_free(learning->examples);
		return -1;
	}
	struct learnt learnt = {
		.index = index_build(learning->entries, err),
		.lesson = lesson_new(learning->examples, generation),
	};
	if (!learnt.index) {
		learnt_release(&learnt);
		return -1;
	}
	*learnt_r = learnt;
	return 0;
}

int
learn(struct store *store, const struct pack *pack, int64_t generation,
      int64_t *generation_r, struct learnt *learnt_r, struct err *err)
{
	struct learning learning;
	int rc = begin(&learning, pack, err);
	if (!rc)
		rc = learn_entries(store, generation, generation_r, &learning,
				   err);
	return end(&learning, rc, generation ? generation : *generation_r,
		   learnt_r, err);
}

struct lesson *
learn_lesson(struct store *store, const struct pack *pack, int64_t generation,
	     struct err *err)
{
	struct learning learning = {
		.examples = classifier_builder_new(pack->language),
	};
	int64_t present;
	if (!learn_intents(learning.examples, pack, err) &&
	    !learn_entries(store, generation, &present, &learning, err))
		return lesson_new(learning.examples,
				  generation ? generation : present);
	classifier_builder_free(learning.examples);
	return NULL;
}

int
learn_pack(const struct pack *pack, int64_t generation, struct learnt *learnt_r,
	   struct err *err)
{
	struct learning learning;
	int rc = begin(&learning, pack, err);
	if (!rc)
		rc = learn_pack_entries(pack, &learning, err);
	return end(&learning, rc, generation, learnt_r, err);
}
