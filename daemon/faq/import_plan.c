/* Planning an import.  On a worker. */
#include "faq/import_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "faq/entry.h"

#define CONFLICT_NAMES 20

void
import_plan_release(struct import_plan *plan)
{
	map_release(&plan->by_name);
	free(plan->known);
	free(plan->add);
	free(plan->retire);
	arena_release(&plan->arena);
}

void
import_plan_count_conflict(struct import_plan *plan, const char *name)
{
	struct import_result *result = plan->result;

	result->conflicts++;
	if (!result->conflict_names)
		result->conflict_names = mem_new(
			CONFLICT_NAMES * sizeof *result->conflict_names);
	if (result->n_conflict_names == CONFLICT_NAMES)
		return;
	snprintf(result->conflict_names[result->n_conflict_names++],
		 sizeof *result->conflict_names, "%s", name);
}

static int
keep_known(void *arg, const struct faq_head *head, struct err *err)
{
	struct import_plan *plan = arg;

	if (plan->n_known == plan->room) {
		size_t room = plan->room ? 2 * plan->room : 64;
		void *grown =
			mem_array_grow(plan->known, room, sizeof *plan->known);
		if (!grown)
			return err_set(err, "out of memory");
		plan->known = grown;
		plan->room = room;
	}
	struct known *known = arena_new(&plan->arena, sizeof *known);
	known->head = *head;
	known->head.name = arena_strdup(&plan->arena, head->name);
	known->head.origin = arena_strdup(&plan->arena, head->origin);
	known->head.origin_hash = arena_strdup(&plan->arena, head->origin_hash);
	if (head->own_hash)
		known->head.own_hash =
			arena_strdup(&plan->arena, head->own_hash);
	plan->known[plan->n_known++] = known;
	map_put(&plan->by_name, known->head.name, known);
	return 0;
}

/* Does the newest version say what the file says, whoever wrote it? */
static int
is_content_same(struct store_reader *reader, const struct faq_version *entry,
		bool *same_r, struct err *err)
{
	struct arena arena = {0};
	char hash[SHA256_HEX_SIZE];
	struct err failure = {0};

	const struct faq_version *newest =
		store_get_version(reader, &arena, entry->name, 0, &failure);
	*same_r = false;
	if (newest) {
		entry_hash(newest, hash);
		*same_r = strcmp(hash, entry->origin_hash) == 0;
	}
	arena_release(&arena);
	if (failure.text[0])
		return err_set(err, "%s", failure.text);
	return 0;
}

/* Of an entry that is as the file has it. */
static enum decision
decide_same(const struct faq_head *head, bool is_approved)
{
	return head->is_draft && is_approved ? CHANGE : SAME;
}

static enum decision
decide_own(const struct faq_head *head, const struct faq_version *entry,
	   bool is_approved)
{
	if (strcmp(head->origin_hash, entry->origin_hash) != 0)
		return CHANGE;
	if (head->is_retired)
		return head->was_retired_by_hand ? SAME : ADD;
	return decide_same(head, is_approved);
}

/* Of an entry that came from elsewhere and differs from what the file had the
 * last time. */
static int
decide_foreign(const struct import_plan *plan, struct store_reader *reader,
	       const struct faq_head *head, const struct faq_version *entry,
	       enum decision *decision_r, struct err *err)
{
	bool is_same;

	if (is_content_same(reader, entry, &is_same, err) < 0)
		return -1;
	if (!plan->is_edit)
		*decision_r = is_same ? SAME : CONFLICT;
	else if (head->is_retired)
		*decision_r = ADD;
	else
		*decision_r =
			is_same ? decide_same(head, plan->is_approved) : CHANGE;
	return 0;
}

static int
decide(const struct import_plan *plan, struct store_reader *reader,
       const struct known *known, const struct faq_version *entry,
       enum decision *decision_r, struct err *err)
{
	const struct faq_head *head = known ? &known->head : NULL;

	*decision_r = ADD;
	if (!head)
		return 0;
	if (plan->is_edit)
		return decide_foreign(plan, reader, head, entry, decision_r,
				      err);
	if (strcmp(head->origin, plan->origin) == 0) {
		*decision_r = decide_own(head, entry, plan->is_approved);
		return 0;
	}
	if (head->is_retired && !head->was_retired_by_hand)
		return 0;
	if (head->own_hash && strcmp(head->own_hash, entry->origin_hash) == 0) {
		*decision_r = SAME;
		return 0;
	}
	return decide_foreign(plan, reader, head, entry, decision_r, err);
}

static void
count_decision(struct import_plan *plan, const struct known *known,
	       const struct faq_version *entry, enum decision decision)
{
	struct import_result *result = plan->result;

	if (decision == SAME)
		result->same++;
	else if (decision == CONFLICT)
		import_plan_count_conflict(plan, entry->name);
	else
		plan->add[plan->n_add++] = (struct planned){
			.version = entry,
			.decision = decision,
			.newest = known ? known->head.version : 0,
		};
	result->added += decision == ADD;
	result->changed += decision == CHANGE;
}

static int
plan_entries(struct import_plan *plan, struct store_reader *reader,
	     struct err *err)
{
	plan->add = mem_array(plan->file->n, sizeof *plan->add);
	if (!plan->add)
		return err_set(err, "out of memory");
	for (size_t i = 0; i < plan->file->n; i++) {
		const struct faq_version *entry = &plan->file->entries[i];
		struct known *known = map_get(&plan->by_name, entry->name);
		enum decision decision;
		if (known)
			known->is_in_file = true;
		if (decide(plan, reader, known, entry, &decision, err) < 0)
			return -1;
		count_decision(plan, known, entry, decision);
	}
	return 0;
}

static int
plan_retirements(struct import_plan *plan, struct err *err)
{
	plan->retire = mem_array(plan->n_known, sizeof *plan->retire);
	if (!plan->retire)
		return err_set(err, "out of memory");
	for (size_t i = 0; i < plan->n_known; i++) {
		const struct known *known = plan->known[i];
		if (!known->is_in_file && !known->head.is_retired &&
		    strcmp(known->head.origin, plan->origin) == 0)
			plan->retire[plan->n_retire++] = known->head.name;
	}
	plan->result->retired = (long)plan->n_retire;
	return 0;
}

int
import_plan_make(struct import_plan *plan, struct store *store,
		 bool retire_missing, struct err *err)
{
	struct store_reader *reader = store_read_begin(store, err);

	if (!reader)
		return -1;
	int ret = store_generation(reader, &plan->seen, err);
	if (ret == 0)
		ret = store_each_head(reader, plan->origin, keep_known, plan,
				      err);
	if (ret == 0)
		ret = plan_entries(plan, reader, err);
	if (ret == 0 && retire_missing)
		ret = plan_retirements(plan, err);
	store_read_end(reader);
	plan->result->generation = plan->seen;
	return ret;
}
