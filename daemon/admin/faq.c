#include <string.h>

#include "admin/admin.h"
#include "admin/commands.h"
#include "admin/faq_lint.h"
#include "admin/faq_verbs.h"
#include "admin/spool.h"
#include "admin/verdict.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "dialog/desk.h"
#include "dialog/knowledge.h"
#include "faq/import.h"
#include "faq/shared.h"
#include "nlu/pack.h"
#include "store/knowledge.h"

#define EXPORT_MAX (1024L * 1024 * 1024)

/* ---- import */

/* The name by which the store knows where entries came from: the last part of
 * the path, as the same file may lie elsewhere tomorrow. */
static const char *
origin_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	return arena_printf(arena, "file:%s", slash ? slash + 1 : path);
}

/* Entries whose time has not come, or is over. */
static int64_t
count_dormant(const struct faq_file *file)
{
	int64_t n = 0, now_us = time_now_us();
	for (size_t i = 0; i < file->n; i++)
		n += strcmp(faq_validity(&file->entries[i], now_us), "now") !=
		     0;
	return n;
}

static json_t *
import_json(const struct import_result *result, const struct faq_file *file,
	    bool approve)
{
	json_t *object = json_object();
	json_set_int(object, "added", result->added);
	json_set_int(object, "changed", result->changed);
	json_set_int(object, "same", result->same);
	json_set_int(object, "retired", result->retired);
	json_set_text(object, "state", approve ? "approved" : "draft");
	json_t *conflicts = json_array(), *origins = json_array();
	for (size_t i = 0; i < result->conflict_names.n; i++) {
		json_array_append_new(
			conflicts, json_string(result->conflict_names.list[i]));
		json_array_append_new(origins,
				      json_string(result->conflict_origins[i]));
	}
	json_object_set_new(object, "conflicts", conflicts);
	json_object_set_new(object, "conflict_origins", origins);
	json_set_int(object, "n_conflicts", result->conflicts);
	json_set_int(object, "dormant", count_dormant(file));
	return object;
}

/* What is live now and asks for the same as the file.  A note: whoever imports
 * it may be about to retire the other one. */
static void
tell_shared(struct admin_call *call, const struct faq_file *file)
{
	const struct knowledge *knowledge =
		library_get(desk_library(call->desk));
	struct shared_questions shared;
	faq_find_shared(file, knowledge->index, time_now_us(), &shared);
	json_t *list = json_array();
	for (size_t i = 0; i < shared.n; i++) {
		json_t *row = json_object();
		json_set_text(row, "question", shared.list[i].question);
		json_set_text(row, "name", shared.list[i].name);
		json_set_text(row, "other", shared.list[i].other);
		json_array_append_new(list, row);
	}
	json_object_set_new(call->result, "same_questions", list);
	json_set_int(call->result, "n_same_questions", (int64_t)shared.total);
	knowledge_put(knowledge);
}

/* Live when this returns, not a while later. */
static int
end_import(struct admin_call *call, const struct faq_file *file,
	   const struct knowledge *was, struct err *err)
{
	if (library_refresh_after(desk_library(call->desk), was, err))
		return -1;
	tell_shared(call, file);
	return 0;
}

static int
import_file(struct admin_call *call, const struct faq_file *file,
	    const struct knowledge *was, struct arena *arena, struct err *err)
{
	bool approve = admin_flag(call, "approve");
	struct import_result result = {0};
	if (faq_check_eyes(call, err))
		return -1;
	if (faq_import(desk_store(call->desk), file,
		       origin_of(arena, admin_text(call, "FILE")),
		       approve ? "approved" : "draft",
		       admin_flag(call, "retire-missing"), call->actor, &result,
		       err))
		return -1;
	call->result = import_json(&result, file, approve);
	import_result_release(&result);
	return end_import(call, file, was, err);
}

static int
run_import(struct admin_call *call, struct err *err)
{
	const struct knowledge *knowledge =
		library_get(desk_library(call->desk));
	struct arena arena = {0};
	struct faq_file file = {0};
	int rc = faq_read_file(&file, admin_text(call, "FILE"), call->input,
			       call->input_len, facts_value,
			       &knowledge->pack->facts, err);
	if (!rc)
		rc = import_file(call, &file, knowledge, &arena, err);
	faq_file_release(&file);
	arena_release(&arena);
	knowledge_put(knowledge);
	return rc;
}

static void
print_shared(const json_t *result, FILE *out)
{
	size_t i;
	json_t *row;
	json_array_foreach (json_object_get(result, "same_questions"), i, row)
		fprintf(out, "'%s' of %s is a question of %s, too.\n",
			json_get_text(row, "question", ""),
			json_get_text(row, "name", ""),
			json_get_text(row, "other", ""));
	int64_t n = json_get_int(result, "n_same_questions", 0);
	if (n > (int64_t)i)
		fprintf(out, "So are %lld other questions.\n",
			(long long)(n - (int64_t)i));
	if (n > 0)
		fprintf(out, "While two entries have a question, customers who "
			     "ask it may get neither.\n");
}

static void
print_conflict(const char *name, const char *origin, FILE *out)
{
	if (strcmp(origin, "hand") == 0)
		fprintf(out, "%s was edited here and is left as it is.\n",
			name);
	else
		fprintf(out, "%s came from %s and is left as it is.\n", name,
			origin);
}

static void
print_import(const json_t *result, FILE *out)
{
	const char *state = json_get_text(result, "state", "");
	int64_t n = json_get_int(result, "added", 0) +
		    json_get_int(result, "changed", 0);
	fprintf(out,
		"%lld entries added, %lld changed, %lld as they were, %lld "
		"retired.\n",
		(long long)json_get_int(result, "added", 0),
		(long long)json_get_int(result, "changed", 0),
		(long long)json_get_int(result, "same", 0),
		(long long)json_get_int(result, "retired", 0));
	size_t i;
	json_t *name;
	json_t *origins = json_object_get(result, "conflict_origins");
	json_array_foreach (json_object_get(result, "conflicts"), i, name)
		print_conflict(json_string_value(name),
			       json_string_value(json_array_get(origins, i)),
			       out);
	int64_t unnamed = json_get_int(result, "n_conflicts", 0) - (int64_t)i;
	if (unnamed > 0)
		fprintf(out, "So were %lld others.\n", (long long)unnamed);
	if (n && strcmp(state, "draft") == 0)
		fprintf(out, "They are drafts: no customer sees them before "
			     "'tellerctl faq approve NAME',\nor 'tellerctl faq "
			     "import --approve FILE' for all of the file.\n");
	int64_t n_dormant = json_get_int(result, "dormant", 0);
	if (n && strcmp(state, "draft") != 0)
		fprintf(out, "They are approved%s.\n",
			n_dormant > 0 ? "" : ", and live");
	if (n_dormant > 0)
		fprintf(out,
			"Entries of the file that no customer gets today, "
			"for their valid_from or valid_to: %lld.\n",
			(long long)n_dormant);
	print_shared(result, out);
}

/* ---- export */

static int
run_export(struct admin_call *call, struct err *err)
{
	struct buf text;
	struct spool spool = {0};
	buf_init(&text, EXPORT_MAX);
	int rc = faq_export(desk_store(call->desk), admin_flag(call, "csv"),
			    admin_flag(call, "drafts"), &text, err);
	if (!rc)
		rc = spool_open(&spool, desk_state_dir(call->desk), err);
	if (!rc)
		rc = spool_bytes(&spool, buf_str(&text), text.len, err);
	if (!rc)
		rc = spool_finish(&spool, &call->output, &call->output_len,
				  err);
	spool_release(&spool);
	buf_release(&text);
	if (rc)
		return -1;
	call->result = json_object();
	json_set_int(call->result, "bytes", call->output_len);
	return 0;
}

static void
print_export(const json_t *result, FILE *out)
{
	fprintf(out, "%lld bytes\n",
		(long long)json_get_int(result, "bytes", 0));
}

/* ---- add */

/* One entry, checked by the same reader as a file's: written as CSV. */
static int
entry_as_csv(struct admin_call *call, struct buf *out)
{
	static const struct faq_version empty = {
		.name = "",
		.question = "",
		.source = "",
		.tags = "",
		.intent = "",
		.language = "en",
	};
	const char *values[FAQ_COLUMNS];
	for (size_t i = 0; i < FAQ_COLUMNS; i++)
		values[i] = admin_text(call, faq_columns[i]);
	faq_write_csv(out, &empty, values);
	return out->failed ? -1 : 0;
}

static int
run_add(struct admin_call *call, struct err *err)
{
	const struct knowledge *knowledge =
		library_get(desk_library(call->desk));
	struct arena arena = {0};
	struct faq_file file = {0};
	struct import_result result = {0};
	struct buf csv;
	buf_init(&csv, 256 * 1024);
	bool approve = admin_flag(call, "approve");
	int rc = faq_check_eyes(call, err);
	if (!rc)
		rc = entry_as_csv(call, &csv)
			     ? err_set(err, "the entry is too long")
			     : faq_read_csv(&file, "entry", buf_str(&csv),
					    csv.len, facts_value,
					    &knowledge->pack->facts, err);
	if (!rc)
		rc = faq_import(desk_store(call->desk), &file, "hand",
				approve ? "approved" : "draft", false,
				call->actor, &result, err);
	if (!rc) {
		call->result = import_json(&result, &file, approve);
		json_set_text(call->result, "id", file.entries[0].name);
		rc = end_import(call, &file, knowledge, err);
	}
	import_result_release(&result);
	faq_file_release(&file);
	buf_release(&csv);
	arena_release(&arena);
	knowledge_put(knowledge);
	return rc;
}

static void
print_add(const json_t *result, FILE *out)
{
	fprintf(out, "%s\n", json_get_text(result, "id", ""));
	print_import(result, out);
}

static const struct admin_argument import_arguments[] = {
	{"FILE", ADMIN_INPUT, true, NULL,
	 "YAML (.yaml) or CSV (.csv, .tsv) with columns question and answer"},
	{"--approve", ADMIN_FLAG, false, NULL,
	 "approve the entries, not only keep them as drafts"},
	{"--retire-missing", ADMIN_FLAG, false, NULL,
	 "retire what an earlier import of this file brought and it no longer "
	 "has"},
	{0},
};

static const struct admin_argument export_arguments[] = {
	{"FILE", ADMIN_OUTPUT, false, NULL, "where to; else to stdout"},
	{"--csv", ADMIN_FLAG, false, NULL, "as CSV, not YAML"},
	{"--drafts", ADMIN_FLAG, false, NULL, "drafts as well"},
	{0},
};

static const struct admin_argument add_arguments[] = {
	{"--question", ADMIN_TEXT, true, "TEXT", "the question"},
	{"--answer", ADMIN_TEXT, true, "TEXT", "the answer, CommonMark"},
	{"--id", ADMIN_TEXT, false, "NAME", "else made of the question"},
	{"--tags", ADMIN_TEXT, false, "A,B", "tags"},
	{"--approve", ADMIN_FLAG, false, NULL, "approve it, too"},
	{0},
};

const struct admin_command admin_faq_commands[] = {
	{"faq", "import", "Take in the entries of a file, as drafts.", 0,
	 import_arguments, run_import, print_import},
	{"faq", "export", "Write the approved entries to a file.", ADMIN_STORE,
	 export_arguments, run_export, print_export},
	{"faq", "search", "Find entries by words.", ADMIN_STORE,
	 faq_search_arguments, faq_search, faq_print_search},
	{"faq", "list", "Every entry, by name.", ADMIN_STORE,
	 faq_list_arguments, faq_list, faq_print_search},
	{"faq", "show", "One entry, whole.", ADMIN_STORE, faq_show_arguments,
	 faq_show, faq_print_show},
	{"faq", "add", "Add one entry, or a version of it, as a draft.", 0,
	 add_arguments, run_add, print_add},
	{"faq", "edit", "Change an entry in an editor: a new version, a draft.",
	 ADMIN_STORE | ADMIN_EDITS, faq_edit_arguments, faq_edit,
	 faq_print_edit},
	{"faq", "approve", "Approve a draft: customers get it from now on.",
	 ADMIN_STORE, faq_approve_arguments, faq_approve, faq_print_approve},
	{"faq", "retire", "Retire an entry: customers get it no longer.",
	 ADMIN_STORE, faq_retire_arguments, faq_retire, faq_print_judged},
	{"faq", "lint", "Look through entries, and say what is amiss.",
	 ADMIN_NO_DESK | ADMIN_BARE_DESK | ADMIN_STORE | ADMIN_VERDICT,
	 faq_lint_arguments, faq_run_lint, verdict_print},
	{"faq", "gaps", "Questions that were not answered, like with like.",
	 ADMIN_STORE, faq_gaps_arguments, faq_gaps, faq_print_gaps},
	{0},
};
