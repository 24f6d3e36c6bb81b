/* Bringing the store up to date with a file: carrying out a plan in slices.
 * On a worker. */
#include "faq/import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/time.h"
#include "faq/import_plan.h"

/* A slice is one write, which holds up all others: about 5 ms. */
#define SLICE_BYTES (64 << 10)
#define BUSY_WAITS 600 /* of 100 ms, while the store has too much to do */

void
import_result_release(struct import_result *result)
{
	free(result->conflict_names.list);
	free(result->conflict_origins);
	free(result->unfilled.list);
	*result = (struct import_result){0};
}

/* A write that waits until the store takes it. */
static enum store_status
call_patiently(struct store *store, struct store_write *write)
{
	const struct timespec pause = {.tv_nsec = 100000000};
	enum store_status status = store_call(store, write);

	for (int i = 0; status == STORE_BUSY && i < BUSY_WAITS; i++) {
		nanosleep(&pause, NULL);
		status = store_call(store, write);
	}
	return status;
}

static int
call(struct store *store, struct store_write *write, struct err *err)
{
	if (call_patiently(store, write) == STORE_OK)
		return 0;
	return err_set(err, "nothing was imported: %s", write->err.text);
}

static int
begin_import(struct store *store, const struct import_plan *plan,
	     const char *actor, int64_t *import_id_r, struct err *err)
{
	struct store_begin_import begin = {
		.write.verb = &store_verb_begin_import,
		.origin = plan->origin,
		.actor = actor,
		.now_us = time_now_us(),
	};

	if (call(store, &begin.write, err) < 0)
		return -1;
	*import_id_r = begin.import_id;
	struct store_clear_imports clear = {
		.write.verb = &store_verb_clear_imports,
		.import_id = begin.import_id,
	};
	do {
		if (call(store, &clear.write, err) < 0)
			return -1;
	} while (clear.n_removed > 0);
	return 0;
}

static size_t
size_of(const struct faq_version *version)
{
	size_t size = strlen(version->question) + strlen(version->answer) +
		      strlen(version->source);

	for (size_t i = 0; i < version->n_variants; i++)
		size += strlen(version->variants[i]);
	return size;
}

/* What was changed by somebody since the plan was made is a conflict now.  New
 * facts find it the next time. */
static void
count_left_out(struct import_plan *plan, const struct planned *planned)
{
	plan->result->refilled -= planned->decision == REFILL;
	if (planned->decision == REFILL || planned->decision == SAME)
		return;
	plan->result->added -= planned->decision == ADD;
	plan->result->changed -= planned->decision == CHANGE;
	import_plan_count_conflict(plan, planned->version->name, "hand");
}

static int
add_slice(struct store *store, struct import_plan *plan,
	  struct store_add_versions *add, size_t *at, struct err *err)
{
	const struct faq_version *versions[KNOWLEDGE_SLICE];
	size_t n = 0, bytes = 0;
	bool is_draft = plan->add[*at].is_draft;

	while (*at + n < plan->n_add && n < KNOWLEDGE_SLICE &&
	       bytes < SLICE_BYTES && plan->add[*at + n].is_draft == is_draft) {
		versions[n] = plan->add[*at + n].version;
		bytes += size_of(versions[n++]);
	}
	add->versions = versions;
	add->n_versions = n;
	add->is_approved = !is_draft;
	add->now_us = time_now_us();
	if (call(store, &add->write, err) < 0)
		return -1;
	import_plan_working(plan);
	for (size_t i = 0; i < n; i++)
		if (!add->numbers[i])
			count_left_out(plan, &plan->add[*at + i]);
	*at += n;
	return 0;
}

static int
retire_slice(struct store *store, struct import_plan *plan,
	     struct store_add_versions *add, size_t *at, struct err *err)
{
	size_t left = plan->n_retire - *at;

	add->n_versions = 0;
	add->retire = plan->retire + *at;
	add->n_retire = left < KNOWLEDGE_SLICE ? left : KNOWLEDGE_SLICE;
	if (call(store, &add->write, err) < 0)
		return -1;
	import_plan_working(plan);
	*at += add->n_retire;
	plan->result->retired += add->n_retired;
	return 0;
}

static int
write_slices(struct store *store, struct import_plan *plan, int64_t import_id,
	     const char *actor, struct err *err)
{
	struct store_add_versions add = {
		.write.verb = &store_verb_add_versions,
		.import_id = import_id,
		.seen = plan->seen,
		.actor = actor,
	};

	for (size_t at = 0; at < plan->n_add;)
		if (add_slice(store, plan, &add, &at, err) < 0)
			return -1;
	plan->result->retired = 0;
	for (size_t at = 0; at < plan->n_retire;)
		if (retire_slice(store, plan, &add, &at, err) < 0)
			return -1;
	return 0;
}

static int
show(struct store *store, struct import_plan *plan, int64_t import_id,
     const char *actor, struct err *err)
{
	struct import_result *result = plan->result;
	char detail[200];
	struct store_show_import show = {
		.write.verb = &store_verb_show_import,
		.import_id = import_id,
		.actor = actor,
		.detail = detail,
		.now_us = time_now_us(),
	};

	snprintf(detail, sizeof detail,
		 "%ld added, %ld changed, %ld same, %ld retired, %ld "
		 "conflicts, %ld with other facts",
		 result->added, result->changed, result->same, result->retired,
		 result->conflicts, result->refilled);
	if (call(store, &show.write, err) < 0)
		return -1;
	result->generation = (long)show.generation;
	return 0;
}

static int
write_edits(struct store *store, struct import_plan *plan, const char *actor,
	    struct err *err)
{
	for (size_t i = 0; i < plan->n_add; i++) {
		struct store_put_version put = {
			.write.verb = &store_verb_put_version,
			.version = plan->add[i].version,
			.newest = plan->add[i].newest,
			.is_approved = plan->is_approved,
			.actor = actor,
			.now_us = time_now_us(),
		};
		enum store_status status = call_patiently(store, &put.write);
		if (status == STORE_OK)
			plan->result->generation = (long)put.generation;
		else if (status == STORE_STALE)
			count_left_out(plan, &plan->add[i]);
		else
			return err_set(err, "%s was not changed: %s",
				       put.version->name, put.write.err.text);
	}
	return 0;
}

static int
carry_out(struct store *store, struct import_plan *plan, const char *actor,
	  struct err *err)
{
	int64_t import_id;

	if (plan->is_edit)
		return write_edits(store, plan, actor, err);
	if (plan->n_add == 0 && plan->n_retire == 0)
		return 0;
	if (begin_import(store, plan, actor, &import_id, err) < 0 ||
	    write_slices(store, plan, import_id, actor, err) < 0)
		return -1;
	return show(store, plan, import_id, actor, err);
}

/* actor NULL: only look. */
static int
run(struct store *store, struct import_plan *plan, const char *state,
    bool retire_missing, const char *actor, struct err *err)
{
	plan->is_edit = strcmp(plan->origin, "hand") == 0;
	plan->is_approved = strcmp(state, "approved") == 0;
	*plan->result = (struct import_result){0};
	if (!plan->is_approved && strcmp(state, "draft") != 0)
		return err_set(err,
			       "entries are imported as draft or approved, not "
			       "as '%s'",
			       state);
	if (plan->is_edit && retire_missing)
		return err_set(err, "an edit by hand retires nothing");
	int ret = import_plan_make(plan, store, retire_missing, err);
	if (ret == 0 && actor)
		ret = carry_out(store, plan, actor, err);
	import_plan_release(plan);
	if (ret < 0)
		import_result_release(plan->result);
	return ret;
}

int
faq_import(struct store *store, const struct faq_file *file, const char *origin,
	   const char *state, bool retire_missing, const char *actor,
	   struct import_result *result, struct err *err)
{
	struct import_plan plan = {
		.file = file,
		.origin = origin,
		.result = result,
	};

	return run(store, &plan, state, retire_missing, actor, err);
}

int
faq_import_pack(struct store *store, const struct faq_pack *pack,
		struct import_result *result, struct err *err)
{
	static const struct faq_file none;
	struct import_plan plan = {
		.file = pack->file ? pack->file : &none,
		.origin = pack->origin,
		.value = pack->value,
		.facts = pack->facts,
		.result = result,
		.working = pack->working,
		.working_arg = pack->working_arg,
	};

	return run(store, &plan, pack->state, pack->file != NULL, pack->actor,
		   err);
}

int
faq_import_preview(struct store *store, const struct faq_file *file,
		   const char *origin, const char *state, bool retire_missing,
		   struct import_result *result, struct err *err)
{
	return faq_import(store, file, origin, state, retire_missing, NULL,
			  result, err);
}
