#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "admin/admin.h"
#include "admin/commands.h"
#include "admin/faq_lint.h"
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
#include "nlu/pack.h"
#include "store/knowledge.h"

#define SEARCH_DEFAULT 10
#define SEARCH_MAX 200
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

static json_t *
import_json(const struct import_result *result, bool approve)
{
	json_t *object = json_object();
	json_set_int(object, "added", result->added);
	json_set_int(object, "changed", result->changed);
	json_set_int(object, "same", result->same);
	json_set_int(object, "retired", result->retired);
	json_set_text(object, "state", approve ? "approved" : "draft");
	json_t *conflicts = json_array();
	for (size_t i = 0; i < result->n_conflict_names; i++)
		json_array_append_new(conflicts,
				      json_string(result->conflict_names[i]));
	json_object_set_new(object, "conflicts", conflicts);
	json_set_int(object, "n_conflicts", result->conflicts);
	return object;
}

static int
import_file(struct admin_call *call, const struct faq_file *file,
	    struct arena *arena, struct err *err)
{
	bool approve = admin_flag(call, "approve");
	struct import_result result = {0};
	if (faq_import(desk_store(call->desk), file,
		       origin_of(arena, admin_text(call, "FILE")),
		       approve ? "approved" : "draft",
		       admin_flag(call, "retire-missing"), call->actor, &result,
		       err))
		return -1;
	call->result = import_json(&result, approve);
	import_result_release(&result);
	/* Live when this returns, not a while later. */
	return library_refresh(desk_library(call->desk), err);
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
		rc = import_file(call, &file, &arena, err);
	faq_file_release(&file);
	arena_release(&arena);
	knowledge_put(knowledge);
	return rc;
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
	json_array_foreach (json_object_get(result, "conflicts"), i, name)
		fprintf(out, "%s was edited here and is left as it is.\n",
			json_string_value(name));
	int64_t unnamed = json_get_int(result, "n_conflicts", 0) - (int64_t)i;
	if (unnamed > 0)
		fprintf(out, "So were %lld others.\n", (long long)unnamed);
	if (n && strcmp(state, "draft") == 0)
		fprintf(out, "They are drafts: no customer sees them before "
			     "'tellerctl faq approve NAME',\nor 'tellerctl faq "
			     "import --approve FILE' for all of the file.\n");
	else if (n)
		fprintf(out, "They are approved, and live.\n");
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

/* ---- search, show */

/* 0 without one: the newest. */
static int
read_version(struct admin_call *call, int *version_r, struct err *err)
{
	int64_t version = admin_number(call, "version", 0);
	bool is_given = json_object_get(call->arguments, "version") != NULL;
	if (is_given && (version < 1 || version > INT_MAX))
		return err_set(err, "--version: from 1 to %d", INT_MAX);
	*version_r = (int)version;
	return 0;
}

static json_t *
version_json(const struct faq_version *version)
{
	json_t *row = json_object();
	json_set_text(row, "id", version->name);
	json_set_int(row, "version", version->version);
	json_set_text(row, "state", version->state);
	json_set_text(row, "question", version->question);
	json_t *variants = json_array();
	for (size_t i = 0; i < version->n_variants; i++)
		json_array_append_new(variants,
				      json_string(version->variants[i]));
	json_object_set_new(row, "paraphrases", variants);
	json_set_text(row, "answer", version->answer);
	json_set_text(row, "intent", version->intent);
	json_set_text(row, "tags", version->tags);
	json_set_text(row, "origin", version->origin);
	json_set_text(row, "author", version->author);
	json_set_text(row, "approver", version->approver);
	return row;
}

static int
read_date(struct admin_call *call, int64_t *at_r, struct err *err)
{
	const char *date = admin_text(call, "at");
	*at_r = 0;
	if (date && !time_parse(date, at_r))
		return err_set(err,
			       "--at %s: a date such as 2026-05-03, or "
			       "2026-05-03T14:00:00Z",
			       date);
	return 0;
}

static int
run_search(struct admin_call *call, struct err *err)
{
	int64_t at, limit = admin_number(call, "limit", SEARCH_DEFAULT);
	if (limit < 1 || limit > SEARCH_MAX)
		return err_set(err, "--limit: from 1 to %d", SEARCH_MAX);
	if (read_date(call, &at, err))
		return -1;
	struct store_reader *reader =
		store_read_begin(desk_store(call->desk), err);
	if (!reader)
		return -1;
	struct arena arena = {0};
	const struct faq_version *list;
	long n =
		store_search_versions(reader, &arena, admin_text(call, "WORDS"),
				      at, (size_t)limit, &list, err);
	store_read_end(reader);
	json_t *rows = json_array();
	for (long i = 0; i < n; i++)
		json_array_append_new(rows, version_json(&list[i]));
	arena_release(&arena);
	call->result = json_pack("{s:o}", "entries", rows);
	return n < 0 ? -1 : 0;
}

static void
print_search(const json_t *result, FILE *out)
{
	size_t i;
	json_t *row;
	json_array_foreach (json_object_get(result, "entries"), i, row)
		fprintf(out, "%s@%lld (%s)  %s\n", json_get_text(row, "id", ""),
			(long long)json_get_int(row, "version", 0),
			json_get_text(row, "state", ""),
			json_get_text(row, "question", ""));
	if (!i)
		fprintf(out, "Nothing found.\n");
}

static int
run_show(struct admin_call *call, struct err *err)
{
	int number;
	if (read_version(call, &number, err))
		return -1;
	struct store_reader *reader =
		store_read_begin(desk_store(call->desk), err);
	if (!reader)
		return -1;
	struct arena arena = {0};
	struct err why = {0};
	const char *name = admin_text(call, "NAME");
	const struct faq_version *version =
		store_get_version(reader, &arena, name, number, &why);
	if (version)
		call->result = version_json(version);
	store_read_end(reader);
	arena_release(&arena);
	if (call->result)
		return 0;
	if (*why.text)
		return err_set(err, "%s", why.text);
	return err_set(err,
		       "there is no entry %s, or no such version of it; "
		       "'tellerctl faq search WORDS' finds entries",
		       name);
}

static void
print_show(const json_t *result, FILE *out)
{
	fprintf(out, "%s@%lld, %s, from %s by %s\n\n%s\n",
		json_get_text(result, "id", ""),
		(long long)json_get_int(result, "version", 0),
		json_get_text(result, "state", ""),
		json_get_text(result, "origin", ""),
		json_get_text(result, "author", ""),
		json_get_text(result, "question", ""));
	size_t i;
	json_t *variant;
	json_array_foreach (json_object_get(result, "paraphrases"), i, variant)
		fprintf(out, "  %s\n", json_string_value(variant));
	fprintf(out, "\n%s\n", json_get_text(result, "answer", ""));
}

/* ---- add */

/* One entry, checked by the same reader as a file's: written as CSV. */
static int
entry_as_csv(struct admin_call *call, struct buf *out)
{
	static const char *const columns[] = {"id", "question", "answer",
					      "tags"};
	size_t n = sizeof(columns) / sizeof(*columns);
	buf_adds(out, "id,question,answer,tags\n");
	for (size_t i = 0; i < n; i++) {
		const char *text = admin_text(call, columns[i]);
		buf_adds(out, i ? ",\"" : "\"");
		for (; text && *text; text++) {
			if (*text == '"')
				buf_addc(out, '"');
			buf_addc(out, *text);
		}
		buf_addc(out, '"');
	}
	return buf_addc(out, '\n');
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
	int rc = entry_as_csv(call, &csv)
			 ? err_set(err, "the entry is too long")
			 : faq_read_csv(&file, "entry", buf_str(&csv), csv.len,
					facts_value, &knowledge->pack->facts,
					err);
	if (!rc)
		rc = faq_import(desk_store(call->desk), &file, "hand",
				approve ? "approved" : "draft", false,
				call->actor, &result, err);
	if (!rc) {
		call->result = import_json(&result, approve);
		json_set_text(call->result, "id", file.entries[0].name);
		rc = library_refresh(desk_library(call->desk), err);
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

/* ---- approve, retire */

static int
judge(struct admin_call *call, bool is_approval, struct err *err)
{
	int number;
	if (read_version(call, &number, err))
		return -1;
	const char *name = admin_text(call, "NAME");
	struct store_judge_version judge = {
		.write.verb = &store_verb_judge_version,
		.name = name,
		.version = number,
		.is_approval = is_approval,
		.actor = call->actor,
		.now_us = time_now_us(),
	};
	enum store_status status =
		store_call(desk_store(call->desk), &judge.write);
	if (status == STORE_NOT_FOUND)
		return err_set(err,
			       "there is no entry %s, or no such version "
			       "of it; 'tellerctl faq search WORDS' finds "
			       "entries",
			       name);
	if (status != STORE_OK)
		return err_set(err, "%s", judge.write.err.text);
	if (library_refresh(desk_library(call->desk), err))
		return -1;
	call->result = json_object();
	json_set_text(call->result, "id", name);
	json_set_int(call->result, "version", judge.judged);
	json_set_text(call->result, "state",
		      is_approval ? "approved" : "retired");
	return 0;
}

static int
run_approve(struct admin_call *call, struct err *err)
{
	return judge(call, true, err);
}

static int
run_retire(struct admin_call *call, struct err *err)
{
	return judge(call, false, err);
}

static void
print_judged(const json_t *result, FILE *out)
{
	fprintf(out, "%s@%lld is %s.\n", json_get_text(result, "id", ""),
		(long long)json_get_int(result, "version", 0),
		json_get_text(result, "state", ""));
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

static const struct admin_argument search_arguments[] = {
	{"WORDS", ADMIN_TEXT, true, NULL, "words of question, answer or tags"},
	{"--limit", ADMIN_NUMBER, false, "N", "at most so many (10)"},
	{"--at", ADMIN_TEXT, false, "DATE", "as it was then"},
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

static const struct admin_argument version_arguments[] = {
	{"NAME", ADMIN_TEXT, true, NULL, "the entry"},
	{"--version", ADMIN_NUMBER, false, "N", "this one, not the newest"},
	{0},
};

const struct admin_command admin_faq_commands[] = {
	{"faq", "import", "Take in the entries of a file, as drafts.", 0,
	 import_arguments, run_import, print_import},
	{"faq", "export", "Write the approved entries to a file.", ADMIN_STORE,
	 export_arguments, run_export, print_export},
	{"faq", "search", "Find entries by words.", ADMIN_STORE,
	 search_arguments, run_search, print_search},
	{"faq", "show", "One entry, whole.", ADMIN_STORE, version_arguments,
	 run_show, print_show},
	{"faq", "add", "Add one entry, or a version of it, as a draft.", 0,
	 add_arguments, run_add, print_add},
	{"faq", "approve", "Approve a draft: customers get it from now on.", 0,
	 version_arguments, run_approve, print_judged},
	{"faq", "retire", "Retire an entry: customers get it no longer.", 0,
	 version_arguments, run_retire, print_judged},
	{"faq", "lint", "Look through entries, and say what is amiss.",
	 ADMIN_NO_DESK | ADMIN_BARE_DESK | ADMIN_STORE | ADMIN_VERDICT,
	 faq_lint_arguments, faq_run_lint, verdict_print},
	{0},
};
