/* Plugins' keys, artifacts and the audit.  Verbs on the store thread, reading
 * where the reader is. */
#include "store/state.h"

#include "base/mem.h"
#include "store/reader.h"
#include "store/rows.h"

#define EXPIRE_SLICE "200"

static int
put_state(struct writer *writer, const char *plugin,
	  const struct plugin_state *state, struct err *err)
{
	struct query q;

	if (state->value) {
		query_begin(&q, &writer->db,
			    "INSERT OR REPLACE INTO plugin_state"
			    " VALUES (?, ?, ?, ?)");
	} else {
		query_begin(&q, &writer->db,
			    "DELETE FROM plugin_state"
			    " WHERE plugin = ? AND key = ?");
	}
	query_bind_text(&q, plugin);
	query_bind_text(&q, state->key);
	if (state->value) {
		query_bind_blob(&q, state->value, state->value_len);
		query_bind_int(&q, state->expires_at_us);
	}
	return query_run(&q, err);
}

int
row_put_states(struct writer *writer, const char *plugin,
	       const struct plugin_state *states, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (put_state(writer, plugin, &states[i], err) < 0)
			return -1;
	return 0;
}

static enum store_status
put_states(struct writer *writer, struct store_write *write)
{
	struct store_put_state *put =
		container_of(write, struct store_put_state, write);

	if (row_put_states(writer, put->plugin, put->states, put->n_states,
			   &write->err) < 0)
		return writer_failed(writer);
	return STORE_OK;
}

const struct store_verb store_verb_put_state = {
	.name = "put_state",
	.run = put_states,
};

static void
read_state(struct query *q, struct arena *arena, struct plugin_state *state)
{
	state->key = query_text(q, arena);
	state->value = query_blob(q, arena, &state->value_len);
	state->expires_at_us = query_int(q);
}

/* Byte 0xff is in no UTF-8 text: prefix and 0xff is above all that start with
 * the prefix. */
long
store_list_state(struct store_reader *reader, struct arena *arena,
		 const char *plugin, const char *prefix, const char *after,
		 int64_t now_us, size_t limit,
		 const struct plugin_state **list_r, struct err *err)
{
	struct plugin_state *list = NULL;
	struct query q;
	size_t n = 0;
	int found;

	query_begin(&q, &reader->db,
		    "SELECT key, value, expires_at FROM plugin_state"
		    " WHERE plugin = ? AND key >= ? AND key < ?"
		    " AND key > ? AND (expires_at = 0 OR expires_at > ?)"
		    " ORDER BY key LIMIT ?");
	query_bind_text(&q, plugin);
	query_bind_text(&q, prefix);
	query_bind_text(&q, arena_printf(arena, "%s\xff", prefix));
	query_bind_text(&q, after);
	query_bind_int(&q, now_us);
	query_bind_int(&q, (int64_t)limit);
	while ((found = query_step(&q, err)) > 0) {
		list = query_grow(arena, list, n, sizeof *list);
		read_state(&q, arena, &list[n++]);
	}
	if (found < 0)
		return -1;
	*list_r = list;
	return (long)n;
}

int
store_get_state(struct store_reader *reader, struct arena *arena,
		const char *plugin, const char *key, int64_t now_us,
		const struct plugin_state **found_r, struct err *err)
{
	struct query q;

	query_begin(&q, &reader->db,
		    "SELECT key, value, expires_at FROM plugin_state"
		    " WHERE plugin = ? AND key = ?"
		    " AND (expires_at = 0 OR expires_at > ?)");
	query_bind_text(&q, plugin);
	query_bind_text(&q, key);
	query_bind_int(&q, now_us);
	*found_r = NULL;
	int found = query_step(&q, err);
	if (found <= 0)
		return found;
	struct plugin_state *state = arena_new(arena, sizeof *state);
	read_state(&q, arena, state);
	query_end(&q);
	*found_r = state;
	return 1;
}

static enum store_status
expire_state(struct writer *writer, struct store_write *write)
{
	struct store_expire_state *expire =
		container_of(write, struct store_expire_state, write);
	struct query q;

	query_begin(&q, &writer->db,
		    "DELETE FROM plugin_state WHERE (plugin, key) IN"
		    " (SELECT plugin, key FROM plugin_state"
		    "  WHERE expires_at > 0 AND expires_at <= ?"
		    "  LIMIT " EXPIRE_SLICE ")");
	query_bind_int(&q, expire->now_us);
	if (query_run(&q, &write->err) < 0)
		return writer_failed(writer);
	expire->n_removed = db_changes(&writer->db);
	return STORE_OK;
}

const struct store_verb store_verb_expire_state = {
	.name = "expire_state",
	.run = expire_state,
};

static enum store_status
put_artifact(struct writer *writer, struct store_write *write)
{
	struct store_put_artifact *put =
		container_of(write, struct store_put_artifact, write);
	struct query q;

	query_begin(&q, &writer->db,
		    "INSERT OR IGNORE INTO artifact VALUES (?, ?, ?, ?)");
	query_bind_text(&q, put->hash);
	query_bind_text(&q, put->kind);
	query_bind_blob(&q, put->content ? put->content : "", put->len);
	query_bind_int(&q, put->now_us);
	return query_run(&q, &write->err) < 0 ? writer_failed(writer)
					      : STORE_OK;
}

const struct store_verb store_verb_put_artifact = {
	.name = "put_artifact",
	.run = put_artifact,
};

int
store_get_artifact(struct store_reader *reader, struct arena *arena,
		   const char *hash, const void **content_r, size_t *len_r,
		   struct err *err)
{
	struct query q;

	query_begin(&q, &reader->db,
		    "SELECT content FROM artifact WHERE hash = ?");
	query_bind_text(&q, hash);
	*content_r = NULL;
	int found = query_step(&q, err);
	if (found <= 0)
		return found;
	*content_r = query_blob(&q, arena, len_r);
	query_end(&q);
	return 1;
}

int
row_add_audit(struct writer *writer, int64_t now_us, const char *actor,
	      const char *action, const char *object, const char *detail,
	      struct err *err)
{
	struct query q;

	query_begin(&q, &writer->db,
		    "INSERT INTO audit (at, actor, action, object, detail)"
		    " VALUES (?, ?, ?, ?, ?)");
	query_bind_int(&q, now_us);
	query_bind_text(&q, actor);
	query_bind_text(&q, action);
	query_bind_text(&q, object);
	query_bind_text(&q, detail);
	return query_run(&q, err);
}

static enum store_status
add_audit(struct writer *writer, struct store_write *write)
{
	struct store_add_audit *add =
		container_of(write, struct store_add_audit, write);

	if (row_add_audit(writer, add->now_us, add->actor, add->action,
			  add->object, add->detail, &write->err) < 0 ||
	    row_put_states(writer, add->plugin, add->states, add->n_states,
			   &write->err) < 0)
		return writer_failed(writer);
	return STORE_OK;
}

const struct store_verb store_verb_add_audit = {
	.name = "add_audit",
	.run = add_audit,
};
