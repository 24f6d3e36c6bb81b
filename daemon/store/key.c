/* Keys of programs.  Verbs on the store thread, reading where the reader is. */
#include "store/key.h"

#include "base/mem.h"
#include "store/internal.h"
#include "store/rows.h"
#include "store/writer.h"

long
store_list_keys(struct store_reader *reader, struct arena *arena,
		const struct api_key **list_r, struct err *err)
{
	struct api_key *list = NULL;
	struct query q;
	size_t n = 0;
	int found;

	query_begin(&q, &reader->db,
		    "SELECT id, name, hash, scopes, created_by, created_at,"
		    " used_at, revoked_at FROM api_key ORDER BY id");
	while ((found = query_step(&q, err)) > 0) {
		list = query_grow(arena, list, n, sizeof *list);
		struct api_key *key = &list[n++];
		key->id = query_int(&q);
		key->name = query_text(&q, arena);
		key->hash = query_text(&q, arena);
		key->scopes = query_text(&q, arena);
		key->created_by = query_text(&q, arena);
		key->created_at_us = query_int(&q);
		key->used_at_us = query_int(&q);
		key->revoked_at_us = query_int(&q);
	}
	*list_r = list;
	return found < 0 ? -1 : (long)n;
}

/* Has a key that is good the name?  -1 and *err. */
static int
is_there(struct writer *writer, const char *name, struct err *err)
{
	struct query q;

	query_begin(&q, &writer->db,
		    "SELECT 1 FROM api_key WHERE name = ? AND revoked_at = 0");
	query_bind_text(&q, name);
	int found = query_step(&q, err);
	if (found > 0)
		query_end(&q);
	return found;
}

static enum store_status
add_key(struct writer *writer, struct store_write *write)
{
	struct store_add_key *add =
		container_of(write, struct store_add_key, write);
	struct query q;

	int found = is_there(writer, add->name, &write->err);
	if (found < 0)
		return writer_failed(writer);
	if (found) {
		err_set(&write->err,
			"there is a key '%s' already; revoke it, or give the "
			"new one another name",
			add->name);
		return STORE_DUPLICATE;
	}
	query_begin(&q, &writer->db,
		    "INSERT INTO api_key (name, hash, scopes, created_at,"
		    " created_by) VALUES (?, ?, ?, ?, ?)");
	query_bind_text(&q, add->name);
	query_bind_text(&q, add->hash);
	query_bind_text(&q, add->scopes);
	query_bind_int(&q, add->now_us);
	query_bind_text(&q, add->actor);
	if (query_run(&q, &write->err) < 0 ||
	    row_add_audit(writer, add->now_us, add->actor, "keys.add",
			  add->name, add->scopes, &write->err) < 0)
		return writer_failed(writer);
	return STORE_OK;
}

const struct store_verb store_verb_add_key = {
	.name = "add_key",
	.run = add_key,
};

static enum store_status
revoke_key(struct writer *writer, struct store_write *write)
{
	struct store_revoke_key *revoke =
		container_of(write, struct store_revoke_key, write);
	struct query q;

	query_begin(&q, &writer->db,
		    "UPDATE api_key SET revoked_at = ?2"
		    " WHERE name = ?1 AND revoked_at = 0");
	query_bind_text(&q, revoke->name);
	query_bind_int(&q, revoke->now_us);
	if (query_run(&q, &write->err) < 0)
		return writer_failed(writer);
	if (db_changes(&writer->db) != 1) {
		err_set(&write->err,
			"no key that is good has the name '%s'; 'tellerctl "
			"keys list' shows them",
			revoke->name);
		return STORE_NOT_FOUND;
	}
	if (row_add_audit(writer, revoke->now_us, revoke->actor, "keys.revoke",
			  revoke->name, "", &write->err) < 0)
		return writer_failed(writer);
	return STORE_OK;
}

const struct store_verb store_verb_revoke_key = {
	.name = "revoke_key",
	.run = revoke_key,
};

static enum store_status
use_key(struct writer *writer, struct store_write *write)
{
	struct store_use_key *use =
		container_of(write, struct store_use_key, write);
	struct query q;

	query_begin(&q, &writer->db,
		    "UPDATE api_key SET used_at = ?2 WHERE id = ?1");
	query_bind_int(&q, use->id);
	query_bind_int(&q, use->now_us);
	return query_run(&q, &write->err) < 0 ? writer_failed(writer)
					      : STORE_OK;
}

const struct store_verb store_verb_use_key = {
	.name = "use_key",
	.is_repeatable = true,
	.run = use_key,
};
