/* Changing one entry: its text as a file goes out, and what somebody made of it
 * comes back as a new version, which is held against what the entry says by
 * then. */
#include <string.h>

#include "admin/faq_verbs.h"
#include "admin/line_diff.h"
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

#define TEXT_MAX ((size_t)1 << 20)

struct edit {
	struct admin_call *call;
	struct arena arena;
	const struct faq_version *old; /* the newest version */
	struct buf old_text, new_text; /* as YAML */
	struct faq_file file;	       /* the new one, once it is read */
	const struct knowledge *knowledge;
};

static int
find_old(struct edit *edit, struct err *err)
{
	const char *name = admin_text(edit->call, "NAME");
	struct store_reader *reader =
		store_read_begin(desk_store(edit->call->desk), err);
	if (!reader)
		return -1;
	int found = store_get_version(reader, &edit->arena, name, 0, &edit->old,
				      err);
	store_read_end(reader);
	if (found <= 0)
		return found ? -1 : faq_no_entry(name, err);
	faq_write_yaml(&edit->old_text, edit->old);
	if (edit->old_text.failed)
		return err_set(err, "%s is too long to be edited", name);
	return 0;
}

/* The text was made of a version that must still be the newest. */
static int
check_version(struct edit *edit, struct err *err)
{
	int version;
	if (faq_read_version(edit->call, &version, err))
		return -1;
	if (!version || version == edit->old->version)
		return 0;
	return err_set(err,
		       "%s was changed meanwhile: its newest version is %d, by "
		       "%s, not %d",
		       edit->old->name, edit->old->version, edit->old->author,
		       version);
}

/* ---- Reading what is new */

static int
set_value(struct edit *edit, const char *text, const char *values[FAQ_COLUMNS],
	  struct err *err)
{
	const char *value = strchr(text, '=');
	size_t len = value ? (size_t)(value - text) : 0;
	/* The first is the name, which stays. */
	for (size_t i = 1; value && i < FAQ_COLUMNS; i++)
		if (strlen(faq_columns[i]) == len &&
		    strncmp(faq_columns[i], text, len) == 0) {
			values[i] = arena_strdup(&edit->arena, value + 1);
			return 0;
		}
	return err_misuse(err,
			  "--set %.*s: question, paraphrases, answer, tags, "
			  "intent, language, verbatim, valid_from or valid_to, "
			  "'=' and the new text",
			  (int)(len ? len : strlen(text)), text);
}

static int
read_set(struct edit *edit, struct err *err)
{
	const char *values[FAQ_COLUMNS] = {NULL}, *text;
	for (size_t i = 0; (text = admin_text_at(edit->call, "set", i)); i++)
		if (set_value(edit, text, values, err))
			return -1;
	struct buf csv;
	buf_init(&csv, 2 * TEXT_MAX);
	faq_write_csv(&csv, edit->old, values);
	int rc = csv.failed ? err_set(err, "the entry would be too long")
			    : faq_read_csv(&edit->file, edit->old->name,
					   buf_str(&csv), csv.len, facts_value,
					   &edit->knowledge->pack->facts, err);
	buf_release(&csv);
	return rc;
}

static int
read_new(struct edit *edit, struct err *err)
{
	struct admin_call *call = edit->call;
	bool has_file = admin_text(call, "file") != NULL;
	if (has_file && admin_text_at(call, "set", 0))
		return err_misuse(err, "either --file or --set");
	int rc = has_file ? faq_read_yaml(&edit->file, admin_text(call, "file"),
					  call->input, call->input_len,
					  facts_value,
					  &edit->knowledge->pack->facts, err)
			  : read_set(edit, err);
	if (rc)
		return -1;
	if (edit->file.n != 1)
		return err_set(err, "the file has %zu entries, not one",
			       edit->file.n);
	if (strcmp(edit->file.entries[0].name, edit->old->name) != 0)
		return err_set(err, "the id is %s now: an entry's stays, %s",
			       edit->file.entries[0].name, edit->old->name);
	faq_write_yaml(&edit->new_text, &edit->file.entries[0]);
	return 0;
}

/* ---- Keeping it */

const char *
faq_validity(const struct faq_version *version, int64_t now_us)
{
	if (version->valid_from_us > now_us)
		return "later";
	return version->valid_to_us && version->valid_to_us <= now_us ? "over"
								      : "now";
}

static int
put(struct edit *edit, int *version_r, struct err *err)
{
	struct store_put_version put = {
		.write.verb = &store_verb_put_version,
		.version = &edit->file.entries[0],
		.newest = edit->old->version,
		.is_approved = admin_flag(edit->call, "approve"),
		.actor = edit->call->actor,
		.now_us = time_now_us(),
	};
	if (store_call(desk_store(edit->call->desk), &put.write) != STORE_OK)
		return err_set(err, "%s", put.write.err.text);
	*version_r = put.number;
	return 0;
}

/* A draft that is as it should be is only approved. */
static int
keep(struct edit *edit, bool is_same, struct err *err)
{
	struct admin_call *call = edit->call;
	bool approve = admin_flag(call, "approve");
	int version = edit->old->version;
	if (is_same && approve && strcmp(edit->old->state, "draft") == 0) {
		if (faq_judge(call, edit->old->name, &version, true, err))
			return -1;
	} else if (is_same) {
		return 0;
	} else if (put(edit, &version, err)) {
		return -1;
	}
	json_set_int(call->result, "version", version);
	json_set_text(call->result, "state", approve ? "approved" : "draft");
	json_set_bool(call->result, "changed", true);
	json_set_text(call->result, "validity",
		      faq_validity(&edit->file.entries[0], time_now_us()));
	return library_refresh_after(desk_library(call->desk), edit->knowledge,
				     err);
}

static int
change(struct edit *edit, struct err *err)
{
	struct admin_call *call = edit->call;
	if (read_new(edit, err))
		return -1;
	json_t *diff =
		line_diff(buf_str(&edit->old_text), buf_str(&edit->new_text));
	bool is_same = json_array_size(diff) == 0;
	json_object_set_new(call->result, "diff", diff);
	json_set_bool(call->result, "changed", false);
	return admin_flag(call, "preview") ? 0 : keep(edit, is_same, err);
}

static int
run(struct edit *edit, struct err *err)
{
	struct admin_call *call = edit->call;
	if (find_old(edit, err) || check_version(edit, err) ||
	    faq_check_eyes(call, err))
		return -1;
	call->result = json_object();
	json_set_text(call->result, "id", edit->old->name);
	json_set_int(call->result, "version", edit->old->version);
	json_set_text(call->result, "state", edit->old->state);
	if (admin_text(call, "file") || admin_text_at(call, "set", 0))
		return change(edit, err);
	json_set_text(call->result, "text", buf_str(&edit->old_text));
	return 0;
}

int
faq_edit(struct admin_call *call, struct err *err)
{
	struct edit edit = {
		.call = call,
		.knowledge = library_get(desk_library(call->desk)),
	};
	buf_init(&edit.old_text, TEXT_MAX);
	buf_init(&edit.new_text, TEXT_MAX);
	int rc = run(&edit, err);
	faq_file_release(&edit.file);
	buf_release(&edit.old_text);
	buf_release(&edit.new_text);
	arena_release(&edit.arena);
	knowledge_put(edit.knowledge);
	return rc;
}

static const char *
state_words(const json_t *result)
{
	const char *validity = json_get_text(result, "validity", "");
	if (strcmp(json_get_text(result, "state", ""), "draft") == 0)
		return "a draft: 'tellerctl faq approve' makes customers get "
		       "it";
	if (strcmp(validity, "over") == 0)
		return "approved, but no customer gets it: its valid_to is "
		       "past";
	if (strcmp(validity, "later") == 0)
		return "approved, but no customer gets it, nor what it was, "
		       "before its valid_from";
	return "approved, and live";
}

void
faq_print_edit(const json_t *result, FILE *out)
{
	const json_t *diff = json_object_get(result, "diff");
	size_t i;
	json_t *line;
	if (!diff) {
		fprintf(out, "%s", json_get_text(result, "text", ""));
		return;
	}
	json_array_foreach (diff, i, line)
		fprintf(out, "%s\n", json_string_value(line));
	if (json_get_bool(result, "changed", false))
		fprintf(out, "%s@%lld is %s.\n",
			json_get_text(result, "id", ""),
			(long long)json_get_int(result, "version", 0),
			state_words(result));
	else if (!i)
		fprintf(out, "Nothing is changed.\n");
}

const struct admin_argument faq_edit_arguments[] = {
	{"NAME", ADMIN_TEXT, true, NULL, "the entry"},
	{"--file", ADMIN_INPUT, false, "FILE",
	 "its new text, as YAML, not from an editor"},
	{"--set", ADMIN_TEXTS, false, "KEY=VALUE",
	 "change this alone: answer, question, tags, valid_to, ..."},
	{"--approve", ADMIN_FLAG, false, NULL, "approve it, too"},
	{"--preview", ADMIN_FLAG, false, NULL, "only show what would change"},
	{"--version", ADMIN_NUMBER, false, "N",
	 "fail unless this is the newest one"},
	{0},
};
