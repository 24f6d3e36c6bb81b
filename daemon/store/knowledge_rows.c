/* Rows of knowledge.  On the store thread, within its transaction. */
#include "store/knowledge_rows.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

/* Far above what the readers of files let through. */
#define TEXT_MAX (1 << 20)

int
row_raise_generation(struct writer *writer, int64_t now_us, const char *actor,
		     const char *what, int64_t *generation_r, struct err *err)
{
	struct query q;

	query_begin(&q, &writer->db,
		    "INSERT INTO generation (at, actor, what) VALUES"
		    " (max(?, coalesce((SELECT max(at) FROM generation), 0)),"
		    " ?, ?)");
	query_bind_int(&q, now_us);
	query_bind_text(&q, actor);
	query_bind_text(&q, what);
	if (query_run(&q, err) < 0)
		return -1;
	*generation_r = sqlite3_last_insert_rowid(writer->db.handle);
	return 0;
}

int
row_find_entry(struct writer *writer, const char *name, struct entry_row *entry,
	       struct err *err)
{
	struct query q;

	*entry = (struct entry_row){0};
	query_begin(&q, &writer->db,
		    "SELECT f.id, coalesce(max(v.version), 0),"
		    " coalesce(max(i.generation), 0) FROM faq f"
		    " LEFT JOIN faq_version v ON v.faq_id = f.id"
		    " LEFT JOIN import i ON i.id = v.import_id"
		    " WHERE f.name = ? GROUP BY f.id");
	query_bind_text(&q, name);
	int found = query_step(&q, err);
	if (found <= 0)
		return found;
	entry->id = query_int(&q);
	entry->last_number = (int)query_int(&q);
	entry->changed_at = query_int(&q);
	query_end(&q);
	return 0;
}

bool
store_version_is_valid(const struct faq_version *version, int64_t at_us)
{
	return version->valid_from_us <= at_us &&
	       (!version->valid_to_us || at_us < version->valid_to_us);
}

bool
store_is_entry_name(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-._";
	size_t len = strlen(name);

	return len >= 1 && len <= KNOWLEDGE_NAME_MAX &&
	       strspn(name, allowed) == len;
}

static bool
is_text(const char *text)
{
	return text && text[0] && strlen(text) <= TEXT_MAX;
}

enum store_status
row_check_version(const struct faq_version *version, struct err *err)
{
	const char *name = version->name ? version->name : "";
	const char *words = NULL;

	if (!store_is_entry_name(name))
		words = "its name needs letters, digits, '-', '.' or '_'";
	else if (!is_text(version->question))
		words = "it has no question, or too long a one";
	else if (!is_text(version->answer))
		words = "it has no answer, or too long a one";
	else if (version->valid_to_us &&
		 version->valid_to_us <= version->valid_from_us)
		words = "its validity ends before it begins";
	for (size_t i = 0; i < version->n_variants && !words; i++)
		if (!is_text(version->variants[i]))
			words = "one of its paraphrases is empty";
	if (!words)
		return STORE_OK;
	err_set(err, "entry '%s' cannot be kept: %s", name, words);
	return STORE_INVALID;
}

static int
make_entry(struct writer *writer, const char *name, struct entry_row *entry,
	   struct err *err)
{
	struct query q;

	query_begin(&q, &writer->db, "INSERT INTO faq (name) VALUES (?)");
	query_bind_text(&q, name);
	if (query_run(&q, err) < 0)
		return -1;
	entry->id = sqlite3_last_insert_rowid(writer->db.handle);
	return 0;
}

/* A source that says nothing but the answer is not kept twice. */
static const char *
kept_source(const struct faq_version *version)
{
	if (version->source && strcmp(version->source, version->answer) != 0)
		return version->source;
	return "";
}

static int
insert_version(struct writer *writer, const struct entry_row *entry,
	       int64_t import_id, const struct faq_version *version,
	       bool is_approved, const char *actor, int64_t now_us,
	       struct err *err)
{
	struct query q;

	query_begin(&q, &writer->db,
		    "INSERT INTO faq_version (faq_id, version, import_id,"
		    " approved_generation, verbatim, valid_from, valid_to,"
		    " created_at, approved_at, author, approver, origin_hash,"
		    " language, intent, tags, question, answer, source, origin)"
		    " VALUES (?, ?, ?, iif(?4, 0, NULL), ?5, ?6, ?7, ?8,"
		    " iif(?4, ?8, 0), ?9, iif(?4, ?10, ''),"
		    " ?11, ?12, ?13, ?14, ?15, ?16, ?17,"
		    " iif(?18 = (SELECT origin FROM import WHERE id = ?3),"
		    " '', ?18))");
	query_bind_int(&q, entry->id);
	query_bind_int(&q, entry->last_number);
	query_bind_int(&q, import_id);
	query_bind_int(&q, is_approved);
	query_bind_int(&q, version->is_verbatim);
	query_bind_int(&q, version->valid_from_us);
	query_bind_int(&q, version->valid_to_us);
	query_bind_int(&q, now_us);
	query_bind_text(&q, is_text(version->author) ? version->author : actor);
	query_bind_text(&q, actor);
	query_bind_text(&q, version->origin_hash);
	query_bind_text(&q,
			is_text(version->language) ? version->language : "en");
	query_bind_text(&q, version->intent);
	query_bind_text(&q, version->tags);
	query_bind_text(&q, version->question);
	query_bind_text(&q, version->answer);
	query_bind_text(&q, kept_source(version));
	query_bind_text(&q, version->origin);
	return query_run(&q, err);
}

static int
insert_variant(struct writer *writer, int64_t version_id, size_t position,
	       const char *text, struct err *err)
{
	struct query q;

	query_begin(&q, &writer->db,
		    "INSERT INTO faq_variant VALUES (?, ?, ?)");
	query_bind_int(&q, version_id);
	query_bind_int(&q, (int64_t)position);
	query_bind_text(&q, text);
	return query_run(&q, err);
}

/* Make a version found by search; the index itself keeps no texts, so that
 * they must be told again to have it forgotten. */
static int
index_version(struct writer *writer, int64_t version_id,
	      const struct faq_version *version, bool is_removal,
	      struct err *err)
{
	struct buf variants;
	struct query q;

	buf_init(&variants, (size_t)16 * TEXT_MAX);
	for (size_t i = 0; i < version->n_variants; i++)
		buf_addf(&variants, "%s\n", version->variants[i]);
	if (is_removal)
		query_begin(&q, &writer->db,
			    "INSERT INTO faq_search (faq_search, rowid,"
			    " question, variants, answer, tags)"
			    " VALUES ('delete', ?, ?, ?, ?, ?)");
	else
		query_begin(&q, &writer->db,
			    "INSERT INTO faq_search"
			    " (rowid, question, variants, answer, tags)"
			    " VALUES (?, ?, ?, ?, ?)");
	query_bind_int(&q, version_id);
	query_bind_text(&q, version->question);
	query_bind_text(&q, buf_str(&variants));
	query_bind_text(&q, version->answer);
	query_bind_text(&q, version->tags);
	int ret = query_run(&q, err);
	buf_release(&variants);
	return ret;
}

int
row_add_version(struct writer *writer, struct entry_row *entry,
		int64_t import_id, const struct faq_version *version,
		bool is_approved, const char *actor, int64_t now_us,
		struct err *err)
{
	if (!entry->id && make_entry(writer, version->name, entry, err) < 0)
		return -1;
	entry->last_number++;
	if (insert_version(writer, entry, import_id, version, is_approved,
			   actor, now_us, err) < 0)
		return -1;
	int64_t id = sqlite3_last_insert_rowid(writer->db.handle);
	for (size_t i = 0; i < version->n_variants; i++)
		if (insert_variant(writer, id, i, version->variants[i], err) <
		    0)
			return -1;
	return index_version(writer, id, version, false, err);
}

/* What the index knows of a version, and its entry. */
static int
read_indexed(struct writer *writer, int64_t version_id,
	     struct faq_version *version, int64_t *faq_id_r,
	     struct arena *arena, struct err *err)
{
	const char **variants = NULL;
	struct query q;

	query_begin(&q, &writer->db,
		    "SELECT v.faq_id, v.question, v.answer, v.tags, x.text"
		    " FROM faq_version v"
		    " LEFT JOIN faq_variant x ON x.version_id = v.id"
		    " WHERE v.id = ? ORDER BY x.position");
	query_bind_int(&q, version_id);
	*version = (struct faq_version){0};
	int found;
	while ((found = query_step(&q, err)) > 0) {
		*faq_id_r = query_int(&q);
		version->question = query_text(&q, arena);
		version->answer = query_text(&q, arena);
		version->tags = query_text(&q, arena);
		const char *text = query_text(&q, arena);
		if (!text[0])
			continue;
		variants = query_grow(arena, variants, version->n_variants,
				      sizeof *variants);
		variants[version->n_variants++] = text;
	}
	version->variants = variants;
	return found;
}

static int
delete_rows(struct writer *writer, int64_t version_id, int64_t faq_id,
	    struct err *err)
{
	struct query q;

	query_begin(&q, &writer->db,
		    "DELETE FROM faq_variant WHERE version_id = ?");
	query_bind_int(&q, version_id);
	if (query_run(&q, err) < 0)
		return -1;
	query_begin(&q, &writer->db, "DELETE FROM faq_version WHERE id = ?");
	query_bind_int(&q, version_id);
	if (query_run(&q, err) < 0)
		return -1;
	query_begin(&q, &writer->db,
		    "DELETE FROM faq WHERE id = ?1 AND NOT EXISTS"
		    " (SELECT 1 FROM faq_version WHERE faq_id = ?1)");
	query_bind_int(&q, faq_id);
	return query_run(&q, err);
}

int
row_remove_version(struct writer *writer, int64_t version_id, struct err *err)
{
	struct arena arena = {0};
	struct faq_version version;
	int64_t faq_id = 0;

	int ret = read_indexed(writer, version_id, &version, &faq_id, &arena,
			       err);
	if (ret == 0)
		ret = index_version(writer, version_id, &version, true, err);
	if (ret == 0)
		ret = delete_rows(writer, version_id, faq_id, err);
	arena_release(&arena);
	return ret;
}
