/* Writing knowledge: imports, slice by slice.  Verbs on the store thread. */
#include "store/knowledge.h"

#include <stdio.h>

#include "store/knowledge_rows.h"
#include "store/rows.h"

/* Removing costs about twice what adding does. */
#define REMOVE_SLICE (KNOWLEDGE_SLICE / 2)

static int
insert_import(struct writer *writer, const char *origin, const char *actor,
	      int64_t now_us, int64_t *id_r, struct err *err)
{
	struct query q;

	query_begin(&q, &writer->db,
		    "INSERT INTO import (origin, actor, at) VALUES (?, ?, ?)");
	query_bind_text(&q, origin);
	query_bind_text(&q, actor);
	query_bind_int(&q, now_us);
	if (query_run(&q, err) < 0)
		return -1;
	*id_r = sqlite3_last_insert_rowid(writer->db.handle);
	return 0;
}

static enum store_status
begin_import(struct writer *writer, struct store_write *write)
{
	struct store_begin_import *begin =
		container_of(write, struct store_begin_import, write);

	if (!begin->origin || !begin->origin[0]) {
		err_set(&write->err, "an import needs an origin");
		return STORE_INVALID;
	}
	if (insert_import(writer, begin->origin, begin->actor, begin->now_us,
			  &begin->import_id, &write->err) < 0)
		return writer_failed(writer);
	return STORE_OK;
}

const struct store_verb store_verb_begin_import = {
	.name = "begin_import",
	.takes_in = true,
	.run = begin_import,
};

static int
list_left(struct writer *writer, int64_t import_id, int64_t ids[REMOVE_SLICE],
	  int *n_r, struct err *err)
{
	struct query q;
	int found;

	query_begin(
		&q, &writer->db,
		"SELECT v.id FROM import i"
		" JOIN faq_version v ON v.import_id = i.id"
		" WHERE i.origin = (SELECT origin FROM import WHERE id = ?1)"
		" AND i.id < ?1 AND i.generation IS NULL LIMIT ?2");
	query_bind_int(&q, import_id);
	query_bind_int(&q, REMOVE_SLICE);
	*n_r = 0;
	while ((found = query_step(&q, err)) > 0)
		ids[(*n_r)++] = query_int(&q);
	return found;
}

static enum store_status
clear_imports(struct writer *writer, struct store_write *write)
{
	struct store_clear_imports *clear =
		container_of(write, struct store_clear_imports, write);
	int64_t ids[REMOVE_SLICE];

	if (list_left(writer, clear->import_id, ids, &clear->n_removed,
		      &write->err) < 0)
		return writer_failed(writer);
	for (int i = 0; i < clear->n_removed; i++)
		if (row_remove_version(writer, ids[i], &write->err) < 0)
			return writer_failed(writer);
	return STORE_OK;
}

const struct store_verb store_verb_clear_imports = {
	.name = "clear_imports",
	.run = clear_imports,
};

/* An import that may still be added to and shown. */
static enum store_status
check_open(struct writer *writer, int64_t import_id, struct err *err)
{
	struct query q;

	query_begin(&q, &writer->db,
		    "SELECT i.generation IS NOT NULL, EXISTS (SELECT 1"
		    " FROM import l WHERE l.origin = i.origin AND l.id > i.id)"
		    " FROM import i WHERE i.id = ?");
	query_bind_int(&q, import_id);
	int found = query_step(&q, err);
	if (found < 0)
		return writer_failed(writer);
	if (!found) {
		err_set(err, "there is no such import");
		return STORE_NOT_FOUND;
	}
	bool is_shown = query_int(&q) != 0;
	bool is_overtaken = query_int(&q) != 0;
	query_end(&q);
	if (is_shown) {
		err_set(err, "the import is over: begin another");
		return STORE_INVALID;
	}
	if (is_overtaken) {
		err_set(err, "another import of the same origin was begun "
			     "meanwhile: this one ends here");
		return STORE_STALE;
	}
	return STORE_OK;
}

static bool
is_changed_since(const struct entry_row *entry, int64_t seen)
{
	return seen > 0 && entry->changed_at > seen;
}

static enum store_status
add_one(struct writer *writer, struct store_add_versions *add, size_t i)
{
	const struct faq_version *version = add->versions[i];
	struct err *err = &add->write.err;
	struct entry_row entry;

	enum store_status status = row_check_version(version, err);
	if (status != STORE_OK)
		return status;
	if (row_find_entry(writer, version->name, &entry, err) < 0)
		return writer_failed(writer);
	add->numbers[i] = 0;
	if (is_changed_since(&entry, add->seen))
		return STORE_OK;
	if (row_add_version(writer, &entry, add->import_id, version,
			    add->is_approved, add->actor, add->now_us, err) < 0)
		return writer_failed(writer);
	add->numbers[i] = entry.last_number;
	return STORE_OK;
}

/* All that is shown of an entry is to go when the import is shown; a mark
 * that an import left that never was is overwritten. */
static enum store_status
mark_retired(struct writer *writer, struct store_add_versions *add,
	     const char *name)
{
	struct err *err = &add->write.err;
	struct entry_row entry;
	struct query q;

	if (row_find_entry(writer, name, &entry, err) < 0)
		return writer_failed(writer);
	if (!entry.id || is_changed_since(&entry, add->seen))
		return STORE_OK;
	query_begin(&q, &writer->db,
		    "UPDATE faq_version SET retired_import_id = ?"
		    " WHERE faq_id = ? AND retired_generation IS NULL"
		    " AND (SELECT generation FROM import"
		    "      WHERE id = retired_import_id) IS NULL"
		    " AND (SELECT generation FROM import"
		    "      WHERE id = import_id) IS NOT NULL");
	query_bind_int(&q, add->import_id);
	query_bind_int(&q, entry.id);
	if (query_run(&q, err) < 0)
		return writer_failed(writer);
	add->n_retired += db_changes(&writer->db) > 0;
	return STORE_OK;
}

static enum store_status
add_versions(struct writer *writer, struct store_write *write)
{
	struct store_add_versions *add =
		container_of(write, struct store_add_versions, write);

	if (add->n_versions > KNOWLEDGE_SLICE ||
	    add->n_retire > KNOWLEDGE_SLICE) {
		err_set(&write->err, "more than %d versions in one slice",
			KNOWLEDGE_SLICE);
		return STORE_INVALID;
	}
	enum store_status status =
		check_open(writer, add->import_id, &write->err);
	for (size_t i = 0; i < add->n_versions && status == STORE_OK; i++)
		status = add_one(writer, add, i);
	add->n_retired = 0;
	for (size_t i = 0; i < add->n_retire && status == STORE_OK; i++)
		status = mark_retired(writer, add, add->retire[i]);
	return status;
}

const struct store_verb store_verb_add_versions = {
	.name = "add_versions",
	.takes_in = true,
	.run = add_versions,
};

static int
read_origin(struct writer *writer, int64_t import_id, char origin[256],
	    struct err *err)
{
	struct query q;

	query_begin(&q, &writer->db, "SELECT origin FROM import WHERE id = ?");
	query_bind_int(&q, import_id);
	int found = query_step(&q, err);
	if (found > 0) {
		snprintf(origin, 256, "%s", query_peek_text(&q));
		query_end(&q);
	}
	return found < 0 ? -1 : 0;
}

static int
set_shown(struct writer *writer, int64_t import_id, int64_t generation,
	  int64_t now_us, struct err *err)
{
	struct query q;

	query_begin(&q, &writer->db,
		    "UPDATE import SET generation = ?, at = ? WHERE id = ?");
	query_bind_int(&q, generation);
	query_bind_int(&q, now_us);
	query_bind_int(&q, import_id);
	return query_run(&q, err);
}

static enum store_status
show_import(struct writer *writer, struct store_write *write)
{
	struct store_show_import *show =
		container_of(write, struct store_show_import, write);
	struct err *err = &write->err;
	char origin[256] = "", what[300];

	enum store_status status = check_open(writer, show->import_id, err);
	if (status != STORE_OK)
		return status;
	if (read_origin(writer, show->import_id, origin, err) < 0)
		return writer_failed(writer);
	snprintf(what, sizeof what, "import of %s", origin);
	if (row_raise_generation(writer, show->now_us, show->actor, what,
				 &show->generation, err) < 0 ||
	    set_shown(writer, show->import_id, show->generation, show->now_us,
		      err) < 0 ||
	    row_add_audit(writer, show->now_us, show->actor, "faq.import",
			  origin, show->detail, err) < 0)
		return writer_failed(writer);
	return STORE_OK;
}

const struct store_verb store_verb_show_import = {
	.name = "show_import",
	.run = show_import,
};

/* An edit is an import of one version, begun and shown at once. */
static int
add_shown(struct writer *writer, struct store_put_version *put,
	  struct entry_row *entry)
{
	struct err *err = &put->write.err;
	char object[KNOWLEDGE_NAME_MAX + 20], what[sizeof object + 20];
	int64_t import_id;

	if (insert_import(writer, "hand", put->actor, put->now_us, &import_id,
			  err) < 0 ||
	    row_add_version(writer, entry, import_id, put->version,
			    put->is_approved, put->actor, put->now_us, err) < 0)
		return -1;
	put->number = entry->last_number;
	snprintf(object, sizeof object, "%s@%d", put->version->name,
		 put->number);
	snprintf(what, sizeof what, "edit of %s", object);
	if (row_raise_generation(writer, put->now_us, put->actor, what,
				 &put->generation, err) < 0 ||
	    set_shown(writer, import_id, put->generation, put->now_us, err) < 0)
		return -1;
	return row_add_audit(writer, put->now_us, put->actor, "faq.edit",
			     object, put->is_approved ? "approved" : "draft",
			     err);
}

static int
newest_shown(struct writer *writer, int64_t faq_id, int *number_r,
	     struct err *err)
{
	struct query q;

	query_begin(&q, &writer->db,
		    "SELECT coalesce(max(v.version), 0) FROM faq_version v"
		    " JOIN import i ON i.id = v.import_id"
		    " WHERE v.faq_id = ? AND i.generation IS NOT NULL");
	query_bind_int(&q, faq_id);
	int found = query_step(&q, err);
	if (found > 0) {
		*number_r = (int)query_int(&q);
		query_end(&q);
	}
	return found < 0 ? -1 : 0;
}

static enum store_status
put_version(struct writer *writer, struct store_write *write)
{
	struct store_put_version *put =
		container_of(write, struct store_put_version, write);
	struct err *err = &write->err;
	struct entry_row entry;
	int newest = 0;

	enum store_status status = row_check_version(put->version, err);
	if (status != STORE_OK)
		return status;
	if (row_find_entry(writer, put->version->name, &entry, err) < 0 ||
	    newest_shown(writer, entry.id, &newest, err) < 0)
		return writer_failed(writer);
	if (newest != put->newest) {
		err_set(err,
			"%s was changed meanwhile, its newest version is %d: "
			"look at that first",
			put->version->name, newest);
		return STORE_STALE;
	}
	if (add_shown(writer, put, &entry) < 0)
		return writer_failed(writer);
	return STORE_OK;
}

const struct store_verb store_verb_put_version = {
	.name = "put_version",
	.takes_in = true,
	.run = put_version,
};
