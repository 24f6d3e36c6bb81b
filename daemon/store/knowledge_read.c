/* Reading knowledge.  On whichever thread has the reader. */
#include "store/knowledge_read.h"

#include <string.h>

#include "base/mem.h"

/* One row a version and paraphrase, in the order in which they are read. */
#define VERSION_COLUMNS                                                       \
	"v.id, x.text, f.name, v.version, v.approved_generation IS NULL,"     \
	" max(coalesce(v.approved_generation, 0), i.generation),"             \
	" coalesce(v.retired_generation, 0), coalesce(r.generation, 0),"      \
	" v.verbatim, v.valid_from, v.valid_to, v.created_at, v.approved_at," \
	" v.retired_at, coalesce(r.at, 0), v.author, v.approver,"             \
	" " VERSION_ORIGIN ","                                                \
	" iif(v.author = i.actor, i.origin, " VERSION_ORIGIN "),"             \
	" v.origin_hash, v.language, v.intent, v.tags, v.question, v.answer," \
	" v.source"
/* CROSS, so that entries stay outermost and nothing needs to be sorted. */
#define VERSION_JOINS                                       \
	" CROSS JOIN import i ON i.id = v.import_id"        \
	" LEFT JOIN import r ON r.id = v.retired_import_id" \
	" LEFT JOIN faq_variant x ON x.version_id = v.id"

/* Rows on the way to versions. */
struct version_rows {
	struct query q;
	int64_t generation;
	int64_t next_id; /* of the row that was stepped to; 0: none was */
};

int
store_generation(struct store_reader *reader, int64_t *generation_r,
		 struct err *err)
{
	struct query q;

	query_begin(&q, &reader->db,
		    "SELECT coalesce(max(id), 0) FROM generation");
	if (query_step(&q, err) < 0)
		return -1;
	*generation_r = query_int(&q);
	query_end(&q);
	return 0;
}

int
store_generation_at(struct store_reader *reader, int64_t at_us,
		    int64_t *generation_r, struct err *err)
{
	struct query q;

	query_begin(&q, &reader->db,
		    "SELECT id FROM generation WHERE at <= ?"
		    " ORDER BY at DESC, id DESC LIMIT 1");
	query_bind_int(&q, at_us);
	int found = query_step(&q, err);
	if (found < 0)
		return -1;
	*generation_r = found ? query_int(&q) : GENERATION_NONE;
	if (found)
		query_end(&q);
	return 0;
}

int
knowledge_resolve(struct store_reader *reader, int64_t *generation,
		  struct err *err)
{
	int64_t present;

	if (store_generation(reader, &present, err) < 0)
		return -1;
	if (*generation > present)
		return err_set(err,
			       "generation %lld is not known here, the newest "
			       "is %lld",
			       (long long)*generation, (long long)present);
	if (*generation == 0)
		*generation = present;
	return 0;
}

static bool
was_by(int64_t change, int64_t generation)
{
	return change > 0 && change <= generation;
}

/* Columns 3 to 15: what became of the version by the generation. */
static void
read_state(struct query *q, int64_t generation, struct faq_version *version)
{
	version->version = (int)query_int(q);
	bool is_draft = query_int(q) != 0;
	bool is_approved = was_by(query_int(q), generation) && !is_draft;
	bool is_retired = was_by(query_int(q), generation);
	bool is_retired_with = was_by(query_int(q), generation);

	version->is_verbatim = query_int(q) != 0;
	version->valid_from_us = query_int(q);
	version->valid_to_us = query_int(q);
	version->created_at_us = query_int(q);
	version->approved_at_us = query_int(q);
	int64_t retired_us = query_int(q), retired_with_us = query_int(q);
	version->state = "draft";
	if (is_approved)
		version->state = "approved";
	else
		version->approved_at_us = 0;
	if (!is_retired && !is_retired_with)
		return;
	version->state = "retired";
	version->retired_at_us = is_retired ? retired_us : retired_with_us;
}

static void
read_texts(struct query *q, struct arena *arena, struct faq_version *version)
{
	version->author = query_text(q, arena);
	version->approver = query_text(q, arena);
	version->origin = query_text(q, arena);
	version->brought_by = query_text(q, arena);
	version->origin_hash = query_text(q, arena);
	version->language = query_text(q, arena);
	version->intent = query_text(q, arena);
	version->tags = query_text(q, arena);
	version->question = query_text(q, arena);
	version->answer = query_text(q, arena);
	version->source = query_text(q, arena);
	if (!version->source[0])
		version->source = version->answer;
	if (!version->approved_at_us)
		version->approver = "";
}

static void
add_variant(struct arena *arena, struct faq_version *version, const char *text)
{
	const char **variants = (const char **)version->variants;

	if (!text[0])
		return;
	variants = query_grow(arena, variants, version->n_variants,
			      sizeof *variants);
	variants[version->n_variants++] = text;
	version->variants = variants;
}

/* 1 and the next version; 0: it was the last; -1 and *err. */
static int
next_version(struct version_rows *rows, struct arena *arena,
	     struct faq_version *version, struct err *err)
{
	struct query *q = &rows->q;
	int found;

	if (!rows->next_id) {
		if ((found = query_step(q, err)) <= 0)
			return found;
		rows->next_id = query_int(q);
	}
	*version = (struct faq_version){.version_id = rows->next_id};
	const char *variant = query_text(q, arena);
	version->name = query_text(q, arena);
	read_state(q, rows->generation, version);
	read_texts(q, arena, version);
	add_variant(arena, version, variant);
	while ((found = query_step(q, err)) > 0) {
		rows->next_id = query_int(q);
		if (rows->next_id != version->version_id)
			return 1;
		add_variant(arena, version, query_text(q, arena));
	}
	rows->next_id = 0;
	return found < 0 ? -1 : 1;
}

/* query_step() begins a statement that has ended anew: a version that ended it
 * must be known as the last. */
static int
each_version(struct version_rows *rows, store_version_fn *each, void *arg,
	     struct err *err)
{
	struct faq_version version;
	int found, ret = 0;

	do {
		struct arena arena = {0};
		found = next_version(rows, &arena, &version, err);
		if (found > 0)
			ret = each(arg, &version, err);
		arena_release(&arena);
	} while (found > 0 && rows->next_id && ret == 0);
	if (rows->next_id)
		query_end(&rows->q);
	return found < 0 || ret != 0 ? -1 : 0;
}

int
store_each_in_force(struct store_reader *reader, int64_t generation,
		    store_version_fn *each, void *arg, struct err *err)
{
	struct version_rows rows = {.next_id = 0};

	if (knowledge_resolve(reader, &generation, err) < 0)
		return -1;
	rows.generation = generation;
	query_begin(&rows.q, &reader->db,
		    "SELECT " VERSION_COLUMNS " FROM faq f"
		    " CROSS JOIN faq_version v"
		    " ON v.id = " NEWEST_APPROVED("f.id", "?1") VERSION_JOINS
		    " WHERE " NOT_RETIRED("?1") " ORDER BY f.id, x.position");
	query_bind_int(&rows.q, generation);
	return each_version(&rows, each, arg, err);
}

/* A draft that was rejected does not hide what is below it. */
#define NOT_REJECTED                                                          \
	"AND (n.approved_generation IS NOT NULL"                              \
	" OR n.retired_generation IS NULL"                                    \
	" AND (SELECT generation FROM import WHERE id = n.retired_import_id)" \
	" IS NULL)"

int
store_each_with_drafts(struct store_reader *reader, store_version_fn *each,
		       void *arg, struct err *err)
{
	struct version_rows rows = {.next_id = 0};

	if (knowledge_resolve(reader, &rows.generation, err) < 0)
		return -1;
	query_begin(&rows.q, &reader->db,
		    "SELECT " VERSION_COLUMNS " FROM faq f"
		    " CROSS JOIN faq_version v ON v.id = " NEWEST_VERSION(
			    "f.id", "?1", NOT_REJECTED) VERSION_JOINS
		    " WHERE " NOT_RETIRED("?1") " ORDER BY f.id, x.position");
	query_bind_int(&rows.q, rows.generation);
	return each_version(&rows, each, arg, err);
}

/* No newer version of the entry was ever approved. */
#define ABOVE_APPROVED                                              \
	"v.version > coalesce((SELECT n.version FROM faq_version n" \
	" JOIN import ni ON ni.id = n.import_id"                    \
	" WHERE n.faq_id = f.id AND ni.generation <= ?1"            \
	" AND n.approved_generation IS NOT NULL"                    \
	" ORDER BY n.version DESC LIMIT 1), 0)"

int
store_each_draft(struct store_reader *reader, store_version_fn *each, void *arg,
		 struct err *err)
{
	struct version_rows rows = {.next_id = 0};

	if (knowledge_resolve(reader, &rows.generation, err) < 0)
		return -1;
	query_begin(&rows.q, &reader->db,
		    "SELECT " VERSION_COLUMNS " FROM faq f"
		    " CROSS JOIN faq_version v ON v.faq_id = f.id"
		    " AND v.approved_generation IS NULL" VERSION_JOINS
		    " WHERE " ABOVE_APPROVED " AND i.generation <= ?1"
		    " AND " NOT_RETIRED(
			    "?1") " ORDER BY f.id, v.version, x.position");
	query_bind_int(&rows.q, rows.generation);
	return each_version(&rows, each, arg, err);
}

int
knowledge_load(struct store_reader *reader, struct arena *arena,
	       int64_t version_id, int64_t generation,
	       struct faq_version *version, struct err *err)
{
	struct version_rows rows = {.generation = generation};

	query_begin(&rows.q, &reader->db,
		    "SELECT " VERSION_COLUMNS " FROM faq_version v"
		    " CROSS JOIN faq f ON f.id = v.faq_id" VERSION_JOINS
		    " WHERE v.id = ? ORDER BY x.position");
	query_bind_int(&rows.q, version_id);
	return next_version(&rows, arena, version, err);
}

long
knowledge_load_all(struct store_reader *reader, struct arena *arena,
		   struct query *q, int64_t generation, size_t limit,
		   const struct faq_version **list_r, struct err *err)
{
	struct faq_version *list = NULL;
	int64_t *ids = NULL;
	size_t n = 0;
	int found = 0;

	while (n < limit && (found = query_step(q, err)) > 0) {
		ids = query_grow(arena, ids, n, sizeof *ids);
		ids[n++] = query_int(q);
	}
	query_end(q);
	if (found < 0)
		return -1;
	list = arena_array(arena, n, sizeof *list);
	for (size_t i = 0; i < n; i++)
		if (knowledge_load(reader, arena, ids[i], generation, &list[i],
				   err) < 0)
			return -1;
	*list_r = list;
	return (long)n;
}

int
knowledge_load_one(struct store_reader *reader, struct arena *arena,
		   struct query *q, int64_t generation,
		   const struct faq_version **found_r, struct err *err)
{
	const struct faq_version *list;
	long n =
		knowledge_load_all(reader, arena, q, generation, 1, &list, err);

	*found_r = n > 0 ? list : NULL;
	return (int)n;
}

int
store_get_version(struct store_reader *reader, struct arena *arena,
		  const char *name, int version,
		  const struct faq_version **found_r, struct err *err)
{
	int64_t generation = 0;
	struct query q;

	*found_r = NULL;
	if (knowledge_resolve(reader, &generation, err) < 0)
		return -1;
	query_begin(&q, &reader->db,
		    "SELECT v.id FROM faq f"
		    " JOIN faq_version v ON v.faq_id = f.id"
		    " JOIN import i ON i.id = v.import_id"
		    " WHERE f.name = ?1 AND ?2 IN (0, v.version)"
		    " AND i.generation IS NOT NULL"
		    " ORDER BY v.version DESC LIMIT 1");
	query_bind_text(&q, name);
	query_bind_int(&q, version);
	return knowledge_load_one(reader, arena, &q, generation, found_r, err);
}

long
store_list_versions(struct store_reader *reader, struct arena *arena,
		    const char *state, const char *after, size_t limit,
		    const struct faq_version **list_r, struct err *err)
{
	int64_t generation = 0;
	struct query q;

	if (knowledge_resolve(reader, &generation, err) < 0)
		return -1;
	query_begin(
		&q, &reader->db,
		"SELECT v.id FROM faq f CROSS JOIN faq_version v"
		" ON v.id = " NEWEST_VERSION(
			"f.id", "?1",
			"") " LEFT JOIN import r ON r.id = v.retired_import_id"
			    " WHERE f.name > ?2 AND ?3 IN ('', "
			    "iif(" NOT_RETIRED(
				    "?1") ","
					  " iif(v.approved_generation IS NULL, "
					  "'draft', 'approved'),"
					  " 'retired')) ORDER BY f.name");
	query_bind_int(&q, generation);
	query_bind_text(&q, after);
	query_bind_text(&q, state);
	return knowledge_load_all(reader, arena, &q, generation, limit, list_r,
				  err);
}
