/* Conversation tests: what a pack's desk says to its customers, tried without
 * a desk. */
#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "admin/admin.h"
#include "admin/commands.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "dialog/deciding.h"
#include "dialog/desk.h"
#include "dialog/rehearsal.h"
#include "dialog/script.h"

struct testing {
	const struct admin_call *call;
	struct rehearsal *rehearsal;
	struct arena arena;
	const char *pack; /* directory, or NULL */
	json_t *counts, *results;
	int64_t n_played;
};

/* ---- Files */

static bool
is_there(const char *path)
{
	FILE *file = fopen(path, "re");
	if (file)
		fclose(file);
	return file != NULL;
}

static int
is_script(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);
	return *entry->d_name != '.' && len > 5 &&
	       strcmp(entry->d_name + len - 5, ".yaml") == 0;
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* The directory of the scripts, and that of the pack they are for: a pack has
 * them in its folder "tests". */
static const char *
find_places(struct testing *t, const char *dir)
{
	const char *pack = admin_text(t->call, "pack");
	struct arena *arena = &t->arena;
	bool is_pack = is_there(arena_printf(arena, "%s/pack.yaml", dir));
	const char *above = is_pack ? dir : arena_printf(arena, "%s/..", dir);
	if (pack)
		t->pack = pack;
	else if (is_there(arena_printf(arena, "%s/pack.yaml", above)))
		t->pack = above;
	return is_pack ? arena_printf(arena, "%s/tests", dir) : dir;
}

/* ---- What was counted */

static void
count(struct testing *t, const char *what)
{
	json_set_int(t->counts, what, json_get_int(t->counts, what, 0) + 1);
}

/* The first thing a customer says of which anything is expected; NULL: there is
 * none. */
static const json_t *
first_question(const json_t *result)
{
	size_t i;
	const json_t *turn;
	json_array_foreach (json_object_get(result, "turns"), i, turn)
		if (strcmp(json_get_text(turn, "act", ""), "says") == 0 &&
		    json_get_bool(turn, "expected", false))
			return turn;
	return NULL;
}

static const char *
fate(const json_t *turn)
{
	const char *kind = json_get_text(turn, "kind", "");
	if (!json_array_size(json_object_get(turn, "failures")))
		return "right";
	if (strcmp(kind, "ask") == 0 || strcmp(kind, "options") == 0)
		return "asked_back";
	if (strcmp(kind, "handover") == 0)
		return "handed_over";
	return strcmp(kind, "out_of_scope") == 0 ? "not_answered" : "wrong";
}

/* Is an entry that would answer among what is offered? */
static bool
is_offered(const json_t *turn)
{
	size_t i, k;
	const json_t *entry, *option;
	json_array_foreach (json_object_get(turn, "entries"), i, entry)
		json_array_foreach (json_object_get(turn, "options"), k,
				    option) {
			const char *id = json_get_text(option, "id", "");
			if (strncmp(id, OPTION_ENTRY, strlen(OPTION_ENTRY)) ==
				    0 &&
			    strcmp(id + strlen(OPTION_ENTRY),
				   json_string_value(entry)) == 0)
				return true;
		}
	return false;
}

static void
count_question(struct testing *t, const json_t *turn)
{
	const char *became = fate(turn);
	count(t, became);
	if (strcmp(became, "asked_back") == 0 && is_offered(turn))
		count(t, "offered");
}

static bool
is_good(const json_t *result)
{
	const char *outcome = json_get_text(result, "outcome", "");
	return strcmp(outcome, "passed") == 0 || strcmp(outcome, "known") == 0;
}

/* Takes the result. */
static void
take(struct testing *t, json_t *result)
{
	const json_t *question = first_question(result);
	count(t, "conversations");
	count(t, json_get_text(result, "outcome", ""));
	if (question)
		count_question(t, question);
	if (!is_good(result) || admin_flag(t->call, "verbose"))
		json_array_append(t->results, result);
	json_decref(result);
}

/* ---- All of it */

static bool
has_tag(const struct script *script, const char *tag)
{
	for (size_t i = 0; i < script->tags.n; i++)
		if (strcmp(script->tags.items[i], tag) == 0)
			return true;
	return false;
}

static bool
is_wanted(const struct testing *t, const struct script *script)
{
	const char *filter = admin_text(t->call, "filter");
	const char *tag = admin_text_at(t->call, "tag", 0);
	bool is_tagged = !tag;
	for (size_t i = 0; (tag = admin_text_at(t->call, "tag", i)); i++)
		is_tagged |= has_tag(script, tag);
	return is_tagged && (!filter || strstr(script->name, filter));
}

static int
play_file(struct testing *t, const char *path, struct err *err)
{
	struct script_file file;
	if (script_read_file(&file, path, err))
		return -1;
	int rc = 0;
	for (size_t i = 0; !rc && i < file.n; i++) {
		if (!is_wanted(t, &file.scripts[i]))
			continue;
		json_t *result = rehearsal_play(t->rehearsal, &file,
						&file.scripts[i], t->pack, err);
		if (result)
			take(t, result);
		else
			rc = -1;
	}
	script_release(&file);
	return rc;
}

static int
play_directory(struct testing *t, const char *dir, struct err *err)
{
	struct dirent **entries;
	int n = scandir(dir, &entries, is_script, by_name), rc = 0;
	if (n < 0)
		return err_errno(err, "%s", dir);
	for (int i = 0; i < n; i++) {
		const char *path = arena_printf(&t->arena, "%s/%s", dir,
						entries[i]->d_name);
		if (!rc)
			rc = play_file(t, path, err);
		free(entries[i]);
	}
	free(entries);
	if (rc)
		return -1;
	if (!json_get_int(t->counts, "conversations", 0))
		return err_misuse(
			err,
			"%s: there is no conversation to play in it; what is "
			"played is a pack, such as intents/banking, or a "
			"directory of *.yaml such as its 'tests'",
			dir);
	return 0;
}

/* The pack or directory that the command names; of the call. */
static const char *
find_directory(struct testing *t, struct err *err)
{
	const char *dir = admin_text(t->call, "DIR"), *found = NULL;
	struct buf path;
	buf_init(&path, PATH_MAX);
	if (!desk_find_pack(t->call->config, dir, &path, err))
		found = arena_strdup(&t->arena, buf_str(&path));
	buf_release(&path);
	return found;
}

static int
run_test(struct admin_call *call, struct err *err)
{
	static const char *const counted[] = {
		"conversations", "passed", "failed",	 "known",
		"unexpected",	 "right",  "asked_back", "handed_over",
		"not_answered",	 "wrong",  "offered",
	};
	struct testing t = {
		.call = call,
		.rehearsal = rehearsal_new(),
		.counts = json_object(),
		.results = json_array(),
	};
	for (size_t i = 0; i < sizeof(counted) / sizeof(*counted); i++)
		json_set_int(t.counts, counted[i], 0);
	const char *dir = find_directory(&t, err);
	int rc = dir ? play_directory(&t, find_places(&t, dir), err) : -1;
	json_set_bool(t.counts, "ok",
		      !json_get_int(t.counts, "failed", 0) &&
			      !json_get_int(t.counts, "unexpected", 0));
	json_object_set_new(t.counts, "results", t.results);
	if (rc)
		json_decref(t.counts);
	else
		call->result = t.counts;
	rehearsal_free(t.rehearsal);
	arena_release(&t.arena);
	return rc;
}

/* ---- In words */

static void
print_failures(const json_t *turn, FILE *out)
{
	size_t i;
	const json_t *row;
	json_array_foreach (json_object_get(turn, "failures"), i, row)
		fprintf(out, "    %s: expected %s, got %s\n",
			json_get_text(row, "what", ""),
			json_get_text(row, "expected", ""),
			json_get_text(row, "got", ""));
}

static void
print_decision(const json_t *turn, FILE *out)
{
	const char *entry = json_get_text(turn, "entry", "");
	const char *kind = json_get_text(turn, "kind", NULL);
	if (!kind)
		return;
	fprintf(out, "    %s by %s%s%s, confidence %.2f, then %s\n", kind,
		json_get_text(turn, "rule", ""), *entry ? ", " : "", entry,
		json_number_value(json_object_get(turn, "confidence")),
		json_get_text(turn, "state", ""));
	admin_print_text(json_get_text(turn, "reply", ""), out);
}

static void
print_turn(const json_t *result, const json_t *turn, size_t n, FILE *out)
{
	size_t i;
	const json_t *text;
	fprintf(out, "  %s:%lld: turn %zu, %s",
		json_get_text(result, "file", ""),
		(long long)json_get_int(turn, "line", 0), n,
		json_get_text(turn, "act", ""));
	json_array_foreach (json_object_get(turn, "says"), i, text)
		fprintf(out, "%s\"%s\"", i ? ", " : " ",
			json_string_value(text));
	fputc('\n', out);
	print_failures(turn, out);
	print_decision(turn, out);
}

/* Of a conversation that failed, the turns that did; of others, all. */
static void
print_conversation(const json_t *result, FILE *out)
{
	const char *outcome = json_get_text(result, "outcome", "");
	const char *known = json_get_text(result, "known", NULL);
	bool has_failed = strcmp(outcome, "failed") == 0;
	size_t i;
	const json_t *turn;
	fprintf(out, "%s: %s\n", outcome, json_get_text(result, "name", ""));
	if (known)
		fprintf(out, "  known to fail: %s\n", known);
	json_array_foreach (json_object_get(result, "turns"), i, turn)
		if (!has_failed ||
		    json_array_size(json_object_get(turn, "failures")))
			print_turn(result, turn, i + 1, out);
}

static void
print_test(const json_t *result, FILE *out)
{
	size_t i;
	const json_t *row;
	json_array_foreach (json_object_get(result, "results"), i, row)
		print_conversation(row, out);
	fprintf(out,
		"%lld conversations: %lld passed, %lld failed, %lld known to "
		"fail, %lld passed unexpectedly\n",
		(long long)json_get_int(result, "conversations", 0),
		(long long)json_get_int(result, "passed", 0),
		(long long)json_get_int(result, "failed", 0),
		(long long)json_get_int(result, "known", 0),
		(long long)json_get_int(result, "unexpected", 0));
	fprintf(out,
		"first questions: %lld right, %lld asked back (%lld of them "
		"with the right one), %lld handed over, %lld not answered, "
		"%lld wrong\n",
		(long long)json_get_int(result, "right", 0),
		(long long)json_get_int(result, "asked_back", 0),
		(long long)json_get_int(result, "offered", 0),
		(long long)json_get_int(result, "handed_over", 0),
		(long long)json_get_int(result, "not_answered", 0),
		(long long)json_get_int(result, "wrong", 0));
}

static const struct admin_argument test_arguments[] = {
	{"DIR", ADMIN_TEXT, true, NULL,
	 "a pack, or a directory with conversations"},
	{"--pack", ADMIN_TEXT, false, "DIR",
	 "the pack to try; else the one that DIR is, or is in"},
	{"--filter", ADMIN_TEXT, false, "TEXT",
	 "only conversations with this in their name"},
	{"--tag", ADMIN_TEXTS, false, "TAG",
	 "only those with this tag, or one of several"},
	{"--verbose", ADMIN_FLAG, false, NULL,
	 "show every turn of every conversation"},
	{0},
};

const struct admin_command admin_test_commands[] = {
	{"test", NULL,
	 "Play a pack's conversations, and compare what it says with what it "
	 "should.",
	 ADMIN_NO_DESK | ADMIN_VERDICT, test_arguments, run_test, print_test},
	{0},
};
