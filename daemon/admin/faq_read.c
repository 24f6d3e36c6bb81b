/* Looking at entries, as they are and as they were. */
#include <string.h>

#include "admin/faq_verbs.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "dialog/desk.h"
#include "store/knowledge.h"

#define SEARCH_DEFAULT 10
#define SEARCH_MAX 200
#define PAGE 500

/* Null: no bound. */
static json_t *
bound(int64_t us)
{
	return us ? admin_time(us) : json_null();
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
		json_add_text(variants, version->variants[i]);
	json_object_set_new(row, "paraphrases", variants);
	json_set_text(row, "answer", version->answer);
	json_set_text(row, "intent", version->intent);
	json_set_text(row, "tags", version->tags);
	json_set_text(row, "language", version->language);
	json_set_bool(row, "verbatim", version->is_verbatim);
	json_object_set_new(row, "valid_from", bound(version->valid_from_us));
	json_object_set_new(row, "valid_to", bound(version->valid_to_us));
	json_set_text(row, "origin", version->origin);
	json_set_text(row, "author", version->author);
	json_set_text(row, "approver", version->approver);
	json_object_set_new(row, "created", bound(version->created_at_us));
	json_object_set_new(row, "approved", bound(version->approved_at_us));
	return row;
}

/* ---- search */

/* As of a time there may be some that were not valid then. */
static long
search(struct admin_call *call, int64_t at_us, int64_t limit, json_t *rows,
       struct err *err)
{
	struct store_reader *reader =
		store_read_begin(desk_store(call->desk), err);
	if (!reader)
		return -1;
	struct arena arena = {0};
	const struct faq_version *list;
	long n = store_search_versions(
		reader, &arena, admin_text(call, "WORDS"), at_us,
		at_us ? SEARCH_MAX : (size_t)limit, &list, err);
	store_read_end(reader);
	for (long i = 0; i < n && (int64_t)json_array_size(rows) < limit; i++)
		if (!at_us || store_version_is_valid(&list[i], at_us))
			json_array_append_new(rows, version_json(&list[i]));
	arena_release(&arena);
	return n;
}

int
faq_search(struct admin_call *call, struct err *err)
{
	int64_t at, limit;
	if (admin_limit(call, SEARCH_DEFAULT, SEARCH_MAX, &limit, err))
		return -1;
	if (admin_date(call, "at", &at, err))
		return -1;
	json_t *rows = json_array();
	call->result = json_pack("{s:o}", "entries", rows);
	return search(call, at, limit, rows, err) < 0 ? -1 : 0;
}

void
faq_print_search(const json_t *result, FILE *out)
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

const struct admin_argument faq_search_arguments[] = {
	{"WORDS", ADMIN_TEXT, true, NULL, "words of question, answer or tags"},
	{"--limit", ADMIN_NUMBER, false, "N", "at most so many (10)"},
	{"--at", ADMIN_TEXT, false, "DATE", "as it was then"},
	{0},
};

/* ---- list */

static json_t *
summary_json(const struct faq_version *version)
{
	json_t *row = json_object();
	json_set_text(row, "id", version->name);
	json_set_int(row, "version", version->version);
	json_set_text(row, "state", version->state);
	json_set_text(row, "question", version->question);
	json_set_text(row, "origin", version->origin);
	json_object_set_new(row, "valid_from", bound(version->valid_from_us));
	json_object_set_new(row, "valid_to", bound(version->valid_to_us));
	return row;
}

/* A page in a snapshot of its own. */
static long
list_page(struct admin_call *call, json_t *rows, char after[], struct err *err)
{
	struct store_reader *reader =
		store_read_begin(desk_store(call->desk), err);
	if (!reader)
		return -1;
	struct arena arena = {0};
	const struct faq_version *list;
	long n = store_list_versions(reader, &arena, admin_text(call, "in"),
				     after, PAGE, &list, err);
	store_read_end(reader);
	for (long i = 0; i < n; i++)
		json_array_append_new(rows, summary_json(&list[i]));
	if (n > 0)
		snprintf(after, KNOWLEDGE_NAME_MAX + 1, "%s", list[n - 1].name);
	arena_release(&arena);
	return n;
}

static int
list_newest(struct admin_call *call, json_t *rows, struct err *err)
{
	char after[KNOWLEDGE_NAME_MAX + 1] = "";
	long n;
	do
		n = list_page(call, rows, after, err);
	while (n == PAGE);
	return n < 0 ? -1 : 0;
}

struct listing {
	json_t *rows;
	int64_t at_us;
};

static int
add_valid(void *arg, const struct faq_version *version, struct err *err)
{
	struct listing *listing = arg;
	(void)err;
	if (store_version_is_valid(version, listing->at_us))
		json_array_append_new(listing->rows, summary_json(version));
	return 0;
}

static int
list_in_force(struct admin_call *call, json_t *rows, int64_t at_us,
	      struct err *err)
{
	struct listing listing = {rows, at_us};
	int64_t generation;
	struct store_reader *reader =
		store_read_begin(desk_store(call->desk), err);
	if (!reader)
		return -1;
	int rc = store_generation_at(reader, at_us, &generation, err);
	if (!rc)
		rc = store_each_in_force(reader, generation, add_valid,
					 &listing, err);
	store_read_end(reader);
	return rc;
}

int
faq_list(struct admin_call *call, struct err *err)
{
	const char *state = admin_text(call, "in");
	int64_t at;
	if (admin_date(call, "at", &at, err))
		return -1;
	if (state && at)
		return err_misuse(err,
				  "--at lists what was in force: not --in");
	if (state && strcmp(state, "draft") != 0 &&
	    strcmp(state, "approved") != 0 && strcmp(state, "retired") != 0)
		return err_misuse(err, "--in: draft, approved or retired");
	json_t *rows = json_array();
	call->result = json_pack("{s:o}", "entries", rows);
	return at ? list_in_force(call, rows, at, err)
		  : list_newest(call, rows, err);
}

const struct admin_argument faq_list_arguments[] = {
	{"--in", ADMIN_TEXT, false, "STATE",
	 "only those: draft, approved, retired"},
	{"--at", ADMIN_TEXT, false, "DATE", "what customers got then"},
	{0},
};

/* ---- show */

static const struct faq_version *
find_at(struct admin_call *call, struct store_reader *reader,
	struct arena *arena, int64_t at_us, struct err *err)
{
	const char *name = admin_text(call, "NAME");
	const struct faq_version *version;
	int64_t generation;
	if (store_generation_at(reader, at_us, &generation, err) ||
	    store_get_in_force(reader, arena, name, generation, &version, err) <
		    0)
		return NULL;
	if (version && store_version_is_valid(version, at_us))
		return version;
	if (version)
		err_set(err,
			"%s@%d was approved then, but not valid: 'tellerctl "
			"faq show %s --version %d' says when it is",
			name, version->version, name, version->version);
	else
		err_set(err, "no version of %s was in force then", name);
	return NULL;
}

static const struct faq_version *
find(struct admin_call *call, struct store_reader *reader, struct arena *arena,
     struct err *err)
{
	int64_t at;
	int number;
	if (faq_read_version(call, &number, err) ||
	    admin_date(call, "at", &at, err))
		return NULL;
	if (at && number) {
		err_misuse(err, "either --version or --at");
		return NULL;
	}
	if (at)
		return find_at(call, reader, arena, at, err);
	const char *name = admin_text(call, "NAME");
	const struct faq_version *version;
	if (!store_get_version(reader, arena, name, number, &version, err))
		faq_no_entry(name, err);
	return version;
}

static int
show(struct admin_call *call, struct store_reader *reader, struct arena *arena,
     struct err *err)
{
	const struct faq_version *version = find(call, reader, arena, err);
	if (!version)
		return -1;
	call->result = version_json(version);
	return 0;
}

int
faq_show(struct admin_call *call, struct err *err)
{
	return admin_read(call, show, err);
}

static void
print_validity(const json_t *result, FILE *out)
{
	const char *from = json_get_text(result, "valid_from", NULL);
	const char *to = json_get_text(result, "valid_to", NULL);
	if (from || to)
		fprintf(out, "valid%s%s%s%s\n", from ? " from " : "",
			from ? from : "", to ? " to " : "", to ? to : "");
}

void
faq_print_show(const json_t *result, FILE *out)
{
	const char *approver = json_get_text(result, "approver", "");
	fprintf(out, "%s@%lld, %s, from %s by %s%s%s\n",
		json_get_text(result, "id", ""),
		(long long)json_get_int(result, "version", 0),
		json_get_text(result, "state", ""),
		json_get_text(result, "origin", ""),
		json_get_text(result, "author", ""),
		*approver ? ", approved by " : "", approver);
	print_validity(result, out);
	fprintf(out, "\n%s\n", json_get_text(result, "question", ""));
	size_t i;
	json_t *variant;
	json_array_foreach (json_object_get(result, "paraphrases"), i, variant)
		fprintf(out, "  %s\n", json_string_value(variant));
	fprintf(out, "\n%s\n", json_get_text(result, "answer", ""));
}

const struct admin_argument faq_show_arguments[] = {
	{"NAME", ADMIN_TEXT, true, NULL, "the entry"},
	{"--version", ADMIN_NUMBER, false, "N", "this one, not the newest"},
	{"--at", ADMIN_TEXT, false, "DATE", "the one that was in force then"},
	{0},
};
