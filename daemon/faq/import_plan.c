/* Planning an import.  On a worker. */
#include "faq/import_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "faq/entry.h"

#define NAMES 20

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
import_names_add(struct import_names *names, const char *name)
{
	if (!names->list)
		names->list = mem_new(NAMES * sizeof *names->list);
	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->list[i], name) == 0)
			return;
	if (names->n < NAMES)
		snprintf(names->list[names->n++], sizeof *names->list, "%s",
			 name);
}

void
import_plan_count_conflict(struct import_plan *plan, const char *name,
			   const char *origin)
{
	struct import_result *result = plan->result;
	size_t at = result->conflict_names.n;

	result->conflicts++;
	import_names_add(&result->conflict_names, name);
	if (result->conflict_names.n == at)
		return;
	if (!result->conflict_origins)
		result->conflict_origins =
			mem_new(NAMES * sizeof *result->conflict_origins);
	snprintf(result->conflict_origins[at], sizeof *result->conflict_origins,
		 "%s", origin);
}

int
import_plan_add(struct import_plan *plan, const struct planned *planned,
		struct err *err)
{
	if (plan->n_add == plan->add_room) {
		size_t room = plan->add_room ? 2 * plan->add_room : 64;
		void *grown =
			mem_array_grow(plan->add, room, sizeof *plan->add);
		if (!grown)
			return err_set(err, "out of memory");
		plan->add = grown;
		plan->add_room = room;
	}
	plan->add[plan->n_add++] = *planned;
	return 0;
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

/* Is a version (0: the newest one) written as the file's, whoever wrote it and
 * whatever the facts were? */
static int
is_written_same(struct store_reader *reader, const struct faq_version *entry,
		int number, bool *same_r, struct err *err)
{
	struct arena arena = {0};
	char ours[SHA256_HEX_SIZE], files[SHA256_HEX_SIZE];
	const struct faq_version *version;

	int found = store_get_version(reader, &arena, entry->name, number,
				      &version, err);
	*same_r = false;
	if (found > 0) {
		entry_words_hash(version, ours);
		entry_words_hash(entry, files);
		*same_r = strcmp(ours, files) == 0;
	}
	arena_release(&arena);
	return found < 0 ? -1 : 0;
}

/* Of an entry that is as the file has it. */
static enum decision
decide_same(const struct faq_head *head, bool is_approved)
{
	return head->is_draft && is_approved ? CHANGE : SAME;
}

static int
decide_own(const struct import_plan *plan, struct store_reader *reader,
	   const struct faq_head *head, const struct faq_version *entry,
	   enum decision *decision_r, struct err *err)
{
	bool is_same = strcmp(head->origin_hash, entry->origin_hash) == 0;

	if (!is_same && head->was_retired_by_hand &&
	    is_written_same(reader, entry, 0, &is_same, err) < 0)
		return -1;
	if (!is_same)
		*decision_r = CHANGE;
	else if (head->is_retired)
		*decision_r = head->was_retired_by_hand ? SAME : ADD;
	else
		*decision_r = decide_same(head, plan->is_approved);
	return 0;
}

/* A pack's own entry in which a fact alone is another one. */
static int
decide_refill(const struct import_plan *plan, struct store_reader *reader,
	      const struct faq_head *head, const struct faq_version *entry,
	      enum decision *decision_r, struct err *err)
{
	bool is_same;

	if (!plan->value || *decision_r != CHANGE || head->is_retired ||
	    strcmp(head->origin_hash, entry->origin_hash) == 0)
		return 0;
	if (is_written_same(reader, entry, 0, &is_same, err) < 0)
		return -1;
	if (is_same)
		*decision_r = REFILL;
	return 0;
}

/* Of an entry that came from elsewhere and differs from what the file had the
 * last time. */
static int
decide_foreign(const struct import_plan *plan, struct store_reader *reader,
	       const struct faq_head *head, const struct faq_version *entry,
	       enum decision *decision_r, struct err *err)
{
	bool is_same;

	if (is_written_same(reader, entry, 0, &is_same, err) < 0)
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

/* Does what came from there stand where this import may put something else?
 * Packs take each other's place. */
static bool
is_own(const struct import_plan *plan, const char *origin)
{
	size_t len = strlen(FAQ_ORIGIN_PACK);

	return strcmp(origin, plan->origin) == 0 ||
	       (strncmp(origin, FAQ_ORIGIN_PACK, len) == 0 &&
		strncmp(plan->origin, FAQ_ORIGIN_PACK, len) == 0);
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
	if (is_own(plan, head->origin)) {
		if (decide_own(plan, reader, head, entry, decision_r, err) < 0)
			return -1;
		return decide_refill(plan, reader, head, entry, decision_r,
				     err);
	}
	if (head->is_retired && !head->was_retired_by_hand)
		return 0;
	bool is_same = head->own_hash &&
		       strcmp(head->own_hash, entry->origin_hash) == 0;
	if (!is_same && head->own_version &&
	    is_written_same(reader, entry, head->own_version, &is_same, err) <
		    0)
		return -1;
	if (is_same) {
		*decision_r = SAME;
		return 0;
	}
	return decide_foreign(plan, reader, head, entry, decision_r, err);
}

static int
carry(struct import_plan *plan, struct known *known,
      const struct faq_version *entry, enum decision decision, struct err *err)
{
	struct import_result *result = plan->result;
	struct planned planned = {
		.version = entry,
		.decision = decision,
		.newest = known ? known->head.version : 0,
		.is_draft = !plan->is_approved,
	};

	result->same += decision == SAME;
	result->added += decision == ADD;
	result->changed += decision == CHANGE;
	result->refilled += decision == REFILL;
	if (decision == CONFLICT)
		import_plan_count_conflict(plan, entry->name,
					   known->head.origin);
	if (decision == SAME || decision == CONFLICT)
		return 0;
	if (known)
		known->is_settled = true;
	return import_plan_add(plan, &planned, err);
}

static int
plan_entries(struct import_plan *plan, struct store_reader *reader,
	     struct err *err)
{
	for (size_t i = 0; i < plan->file->n; i++) {
		const struct faq_version *entry = &plan->file->entries[i];
		struct known *known = map_get(&plan->by_name, entry->name);
		enum decision decision;
		if (known)
			known->is_in_file = true;
		if (decide(plan, reader, known, entry, &decision, err) < 0 ||
		    carry(plan, known, entry, decision, err) < 0)
			return -1;
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
		struct known *known = plan->known[i];
		if (known->is_in_file || known->head.is_retired ||
		    !is_own(plan, known->head.origin))
			continue;
		known->is_settled = true;
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
	if (ret == 0 && plan->value)
		ret = import_plan_facts(plan, reader, err);
	store_read_end(reader);
	plan->result->generation = plan->seen;
	return ret;
}
