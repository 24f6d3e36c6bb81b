/* Statements, prepared once a connection.  On the thread that has it. */
#include "store/query.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"

void
query_begin(struct query *q, struct db *db, const char *sql)
{
	sqlite3_stmt *statement =
		idmap_get(&db->statements, (uint64_t)(uintptr_t)sql);

	*q = (struct query){.db = db};
	if (!statement) {
		q->code = sqlite3_prepare_v3(db->handle, sql, -1,
					     SQLITE_PREPARE_PERSISTENT,
					     &statement, NULL);
		if (q->code != SQLITE_OK)
			return;
		idmap_put(&db->statements, (uint64_t)(uintptr_t)sql, statement);
	}
	assert(!sqlite3_stmt_busy(statement));
	q->statement = statement;
}

static void
keep_code(struct query *q, int code)
{
	if (q->code == SQLITE_OK)
		q->code = code;
}

void
query_bind_int(struct query *q, int64_t value)
{
	int at = ++q->n_bound;

	if (q->statement)
		keep_code(q, sqlite3_bind_int64(q->statement, at, value));
}

void
query_bind_id(struct query *q, int64_t id)
{
	if (id)
		query_bind_int(q, id);
	else
		q->n_bound++;
}

void
query_bind_real(struct query *q, double value)
{
	int at = ++q->n_bound;

	if (q->statement)
		keep_code(q, sqlite3_bind_double(q->statement, at, value));
}

void
query_bind_text(struct query *q, const char *text)
{
	int at = ++q->n_bound;

	if (q->statement)
		keep_code(q, sqlite3_bind_text64(q->statement, at,
						 text ? text : "",
						 text ? strlen(text) : 0,
						 SQLITE_STATIC, SQLITE_UTF8));
}

/* SQLite takes an empty blob without an address for NULL. */
void
query_bind_blob(struct query *q, const void *data, size_t len)
{
	int at = ++q->n_bound;

	if (q->statement && data)
		keep_code(q,
			  sqlite3_bind_blob64(q->statement, at, len ? data : "",
					      len, SQLITE_STATIC));
}

void
query_end(struct query *q)
{
	if (!q->statement)
		return;
	sqlite3_reset(q->statement);
	sqlite3_clear_bindings(q->statement);
}

int
query_step(struct query *q, struct err *err)
{
	int code = q->code;

	if (code == SQLITE_OK) {
		assert(q->n_bound ==
		       sqlite3_bind_parameter_count(q->statement));
		code = sqlite3_step(q->statement);
	}
	q->n_read = 0;
	if (code == SQLITE_ROW)
		return 1;
	if (code != SQLITE_DONE)
		db_fail(q->db, code, err);
	query_end(q);
	return code == SQLITE_DONE ? 0 : -1;
}

int
query_run(struct query *q, struct err *err)
{
	int found = query_step(q, err);

	if (found > 0)
		query_end(q);
	return found < 0 ? -1 : 0;
}

int
query_do(struct db *db, const char *sql, struct err *err)
{
	struct query q;

	query_begin(&q, db, sql);
	return query_run(&q, err);
}

int64_t
query_int(struct query *q)
{
	return sqlite3_column_int64(q->statement, q->n_read++);
}

double
query_real(struct query *q)
{
	return sqlite3_column_double(q->statement, q->n_read++);
}

const char *
query_peek_text(struct query *q)
{
	const void *text = sqlite3_column_text(q->statement, q->n_read++);

	return text ? text : "";
}

const void *
query_peek_blob(struct query *q, size_t *len_r)
{
	int column = q->n_read++;
	const void *data = sqlite3_column_blob(q->statement, column);

	*len_r = (size_t)sqlite3_column_bytes(q->statement, column);
	if (!data && sqlite3_column_type(q->statement, column) == SQLITE_BLOB)
		return "";
	return data;
}

const char *
query_text(struct query *q, struct arena *arena)
{
	return arena_strdup(arena, query_peek_text(q));
}

const void *
query_blob(struct query *q, struct arena *arena, size_t *len_r)
{
	const void *data = query_peek_blob(q, len_r);

	return data ? memcpy(arena_new(arena, *len_r + 1), data, *len_r) : NULL;
}

#define FIRST_ROOM 8

void *
query_grow(struct arena *arena, void *list, size_t n, size_t size)
{
	if (n == 0)
		return arena_array(arena, FIRST_ROOM, size);
	bool is_full = n >= FIRST_ROOM && (n & (n - 1)) == 0;
	if (!is_full)
		return list;
	return memcpy(arena_array(arena, 2 * n, size), list, n * size);
}
