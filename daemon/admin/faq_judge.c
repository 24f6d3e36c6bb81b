/* Approving and retiring entries. */
#include <limits.h>
#include <string.h>

#include "admin/faq_verbs.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "dialog/desk.h"
#include "dialog/knowledge.h"
#include "store/knowledge.h"

int
faq_no_entry(const char *name, struct err *err)
{
	return err_set(err,
		       "there is no entry %s, or no such version of it; "
		       "'tellerctl faq search WORDS' finds entries",
		       name);
}

int
faq_read_version(struct admin_call *call, int *version_r, struct err *err)
{
	int64_t version = admin_number(call, "version", 0);
	bool is_given = json_object_get(call->arguments, "version") != NULL;
	if (is_given && (version < 1 || version > INT_MAX))
		return err_misuse(err, "--version: from 1 to %d", INT_MAX);
	*version_r = (int)version;
	return 0;
}

int
faq_check_eyes(struct admin_call *call, struct err *err)
{
	if (!admin_flag(call, "approve") ||
	    !library_four_eyes(desk_library(call->desk)))
		return 0;
	return err_set(err, "--approve: with knowledge.four_eyes, who writes "
			    "does not approve; leave it out, and let somebody "
			    "else say 'tellerctl faq approve'");
}

int
faq_judge(struct admin_call *call, const char *name, int *version,
	  bool is_approval, struct err *err)
{
	struct store_judge_version judge = {
		.write.verb = &store_verb_judge_version,
		.name = name,
		.version = *version,
		.is_approval = is_approval,
		.four_eyes = library_four_eyes(desk_library(call->desk)),
		.actor = call->actor,
		.now_us = time_now_us(),
	};
	enum store_status status =
		store_call(desk_store(call->desk), &judge.write);
	if (status == STORE_NOT_FOUND)
		return faq_no_entry(name, err);
	if (status != STORE_OK)
		return err_set(err, "%s", judge.write.err.text);
	*version = judge.judged;
	return 0;
}

static int
judge_one(struct admin_call *call, const char *name, bool is_approval,
	  struct err *err)
{
	int version;
	if (faq_read_version(call, &version, err) ||
	    faq_judge(call, name, &version, is_approval, err) ||
	    library_refresh(desk_library(call->desk), err))
		return -1;
	call->result = json_object();
	json_set_text(call->result, "id", name);
	json_set_int(call->result, "version", version);
	json_set_text(call->result, "state",
		      is_approval ? "approved" : "retired");
	return 0;
}

/* ---- All that came from one place */

struct drafts {
	struct arena arena;
	const char *origin;
	const struct faq_version **list;
	size_t n, room;
};

static int
keep_draft(void *arg, const struct faq_version *version, struct err *err)
{
	struct drafts *drafts = arg;
	(void)err;
	if (strcmp(version->origin, drafts->origin) != 0 &&
	    strcmp(version->brought_by, drafts->origin) != 0)
		return 0;
	/* Those of an entry come one after the other: the last one counts. */
	if (drafts->n &&
	    strcmp(drafts->list[drafts->n - 1]->name, version->name) == 0)
		drafts->n--;
	if (drafts->n == drafts->room) {
		size_t room = drafts->room ? 2 * drafts->room : 64;
		const struct faq_version **grown = arena_array(
			&drafts->arena, room, sizeof(*drafts->list));
		if (drafts->n)
			memcpy(grown, drafts->list,
			       drafts->n * sizeof(*drafts->list));
		drafts->list = grown;
		drafts->room = room;
	}
	struct faq_version *kept = arena_new(&drafts->arena, sizeof(*kept));
	kept->name = arena_strdup(&drafts->arena, version->name);
	kept->version = version->version;
	drafts->list[drafts->n++] = kept;
	return 0;
}

static int
find_drafts(struct admin_call *call, struct drafts *drafts, struct err *err)
{
	struct store_reader *reader =
		store_read_begin(desk_store(call->desk), err);
	if (!reader)
		return -1;
	int rc = store_each_draft(reader, keep_draft, drafts, err);
	store_read_end(reader);
	return rc;
}

/* What cannot be approved is left, and named with the reason. */
static int
approve_all(struct admin_call *call, const char *origin, struct err *err)
{
	struct drafts drafts = {.origin = origin};
	int rc = find_drafts(call, &drafts, err);
	int64_t n_approved = 0;
	json_t *refused = json_array();
	for (size_t i = 0; !rc && i < drafts.n; i++) {
		struct err why = {0};
		int version = drafts.list[i]->version;
		if (faq_judge(call, drafts.list[i]->name, &version, true, &why))
			json_add_text(refused, why.text);
		else
			n_approved++;
	}
	arena_release(&drafts.arena);
	if (!rc)
		rc = library_refresh(desk_library(call->desk), err);
	call->result = json_object();
	json_set_int(call->result, "approved", n_approved);
	json_object_set_new(call->result, "refused", refused);
	return rc;
}

int
faq_approve(struct admin_call *call, struct err *err)
{
	const char *name = admin_text(call, "NAME");
	const char *origin = admin_text(call, "from");
	if (!name == !origin)
		return err_misuse(err, "which: NAME, or all of --from ORIGIN?");
	if (origin && json_object_get(call->arguments, "version"))
		return err_misuse(err, "--version is that of one entry");
	return origin ? approve_all(call, origin, err)
		      : judge_one(call, name, true, err);
}

int
faq_retire(struct admin_call *call, struct err *err)
{
	return judge_one(call, admin_text(call, "NAME"), false, err);
}

void
faq_print_judged(const json_t *result, FILE *out)
{
	fprintf(out, "%s@%lld is %s.\n", json_get_text(result, "id", ""),
		(long long)json_get_int(result, "version", 0),
		json_get_text(result, "state", ""));
}

void
faq_print_approve(const json_t *result, FILE *out)
{
	const json_t *refused = json_object_get(result, "refused");
	size_t i;
	json_t *words;
	if (!refused) {
		faq_print_judged(result, out);
		return;
	}
	json_array_foreach (refused, i, words)
		fprintf(out, "%s\n", json_string_value(words));
	fprintf(out, "Drafts approved: %lld.\n",
		(long long)json_get_int(result, "approved", 0));
}

const struct admin_argument faq_approve_arguments[] = {
	{"NAME", ADMIN_TEXT, false, NULL, "the entry"},
	{"--version", ADMIN_NUMBER, false, "N", "this one, not the newest"},
	{"--from", ADMIN_TEXT, false, "ORIGIN",
	 "all drafts from there: pack:banking, file:my.csv, hand"},
	{0},
};

const struct admin_argument faq_retire_arguments[] = {
	{"NAME", ADMIN_TEXT, true, NULL, "the entry"},
	{"--version", ADMIN_NUMBER, false, "N", "this one, not the newest"},
	{0},
};
