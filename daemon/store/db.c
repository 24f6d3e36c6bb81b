/* Connections to the database.  On whichever thread has the connection. */
#include "store/db.h"

#include <ctype.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

#define PATH_MAX_BYTES (16 << 10)
#define WORKING_STEPS 20000 /* of SQLite's virtual machine */

struct role {
	int flags;
	int busy_ms;
	const char *parameters;
	const char *settings;
};

static const struct role roles[] = {
	[DB_WRITER] = {SQLITE_OPEN_READWRITE, DB_WRITER_BUSY_MS, "",
		       "PRAGMA synchronous = FULL;"
		       "PRAGMA secure_delete = ON;"
		       "PRAGMA temp_store = MEMORY;"
		       "PRAGMA cache_size = -16384;"},
	[DB_READER] = {SQLITE_OPEN_READONLY, 1000, "",
		       "PRAGMA query_only = ON;"
		       "PRAGMA temp_store = MEMORY;"
		       "PRAGMA cache_size = -4096;"},
	[DB_COPY] = {SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, 0, "",
		     "PRAGMA synchronous = OFF;"},
	[DB_FILE] = {SQLITE_OPEN_READONLY, 0, "?immutable=1",
		     "PRAGMA query_only = ON;"},
};

static const struct {
	int id, value;
} limits[] = {
	{SQLITE_LIMIT_LENGTH, 64 << 20},
	{SQLITE_LIMIT_SQL_LENGTH, 100000},
	{SQLITE_LIMIT_COLUMN, 100},
	{SQLITE_LIMIT_EXPR_DEPTH, 100},
	{SQLITE_LIMIT_COMPOUND_SELECT, 10},
	{SQLITE_LIMIT_FUNCTION_ARG, 16},
	{SQLITE_LIMIT_ATTACHED, 0},
	{SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100},
	{SQLITE_LIMIT_VARIABLE_NUMBER, 50},
	{SQLITE_LIMIT_TRIGGER_DEPTH, 10},
	{SQLITE_LIMIT_WORKER_THREADS, 0},
};

static const struct {
	int id, value;
} switches[] = {
	{SQLITE_DBCONFIG_DEFENSIVE, 1},
	{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
	{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
	{SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
	{SQLITE_DBCONFIG_ENABLE_FKEY, 1},
	{SQLITE_DBCONFIG_DQS_DML, 0},
	{SQLITE_DBCONFIG_DQS_DDL, 0},
};

/* FTS5 reads data_version to learn that another connection wrote. */
static int
authorize(void *arg, int action, const char *first, const char *second,
	  const char *database, const char *trigger)
{
	const struct db *db = arg;

	(void)database;
	(void)trigger;
	switch (action) {
	case SQLITE_ATTACH:
	case SQLITE_DETACH:
		return SQLITE_DENY;
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_INSERT:
	case SQLITE_UPDATE:
	case SQLITE_DELETE:
	case SQLITE_TRANSACTION:
	case SQLITE_SAVEPOINT:
	case SQLITE_FUNCTION:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_PRAGMA:
		if (!second && !sqlite3_stricmp(first, "data_version"))
			return SQLITE_OK;
	}
	return db->is_sealed ? SQLITE_DENY : SQLITE_OK;
}

static int
count_frames(void *arg, sqlite3 *handle, const char *name, int n_frames)
{
	struct db *db = arg;

	(void)handle;
	(void)name;
	db->wal_frames = n_frames;
	return SQLITE_OK;
}

/* A path as a URI, so that none is mistaken for a URI with parameters. */
static int
add_uri(struct buf *uri, const char *path, const char *parameters)
{
	buf_adds(uri, path[0] == '/' ? "file://" : "file:");
	for (const char *c = path; *c; c++) {
		if (isalnum((unsigned char)*c) || strchr("/._-", *c))
			buf_addc(uri, *c);
		else
			buf_addf(uri, "%%%02X", (unsigned char)*c);
	}
	return buf_adds(uri, parameters);
}

static int
set_up(struct db *db, const struct role *role, struct err *err)
{
	sqlite3_extended_result_codes(db->handle, 1);
	sqlite3_busy_timeout(db->handle, role->busy_ms);
	for (size_t i = 0; i < sizeof switches / sizeof *switches; i++)
		sqlite3_db_config(db->handle, switches[i].id, switches[i].value,
				  NULL);
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		sqlite3_limit(db->handle, limits[i].id, limits[i].value);
	sqlite3_set_authorizer(db->handle, authorize, db);
	if (db_exec(db,
		    "PRAGMA mmap_size = 0;"
		    "PRAGMA cell_size_check = ON;",
		    err) < 0 ||
	    db_exec(db, role->settings, err) < 0)
		return -1;
	/* In the place of the hook that makes checkpoints by itself. */
	sqlite3_wal_hook(db->handle, count_frames, db);
	return 0;
}

/* SQLite counts its memory under a lock of the process, twice an allocation,
 * and nobody reads the count.  Where something has opened a database before us
 * it is too late, and goes on counting. */
static void
set_up_process(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

int
db_open(struct db *db, const char *path, enum db_role id, struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const struct role *role = &roles[id];
	int flags = role->flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI;
	struct buf uri;

	*db = (struct db){0};
	pthread_once(&once, set_up_process);
	buf_init(&uri, PATH_MAX_BYTES);
	if (add_uri(&uri, path, role->parameters) < 0) {
		buf_release(&uri);
		return err_set(err, "the path of the database is too long");
	}
	int code = sqlite3_open_v2(uri.data, &db->handle, flags, NULL);
	buf_release(&uri);
	if (code != SQLITE_OK)
		db_fail(db, code, err);
	else if (set_up(db, role, err) == 0) {
		if (id == DB_READER)
			db_leave_log(db);
		return 0;
	}
	int failure = db->failure;
	db_close(db);
	db->failure = failure;
	return err_prefix(err, "cannot open %s", path);
}

void
db_close(struct db *db)
{
	struct idmap_entry *e = NULL;

	while ((e = idmap_next(&db->statements, e)))
		sqlite3_finalize(e->value);
	idmap_release(&db->statements);
	sqlite3_close(db->handle);
	*db = (struct db){0};
}

void
db_seal(struct db *db)
{
	db->is_sealed = true;
}

void
db_leave_log(struct db *db)
{
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
			  NULL);
}

int
db_exec(struct db *db, const char *sql, struct err *err)
{
	int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? 0 : db_fail(db, code, err);
}

static int
first_row(struct db *db, const char *sql, sqlite3_stmt **statement,
	  struct err *err)
{
	int code = sqlite3_prepare_v2(db->handle, sql, -1, statement, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(*statement);
	if (code == SQLITE_ROW)
		return 1;
	return code == SQLITE_DONE ? 0 : db_fail(db, code, err);
}

int
db_exec_int(struct db *db, const char *sql, int64_t *out, struct err *err)
{
	sqlite3_stmt *statement = NULL;
	int found = first_row(db, sql, &statement, err);

	if (found > 0)
		*out = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return found < 0 ? -1 : 0;
}

int
db_exec_text(struct db *db, const char *sql, char *out, size_t size,
	     struct err *err)
{
	sqlite3_stmt *statement = NULL;
	int found = first_row(db, sql, &statement, err);

	if (found > 0) {
		const void *text = sqlite3_column_text(statement, 0);
		snprintf(out, size, "%s", text ? (const char *)text : "");
	}
	sqlite3_finalize(statement);
	return found < 0 ? -1 : 0;
}

static int
tell_working(void *arg)
{
	struct db *db = arg;

	db->working(db->working_arg);
	return 0;
}

void
db_tell_working(struct db *db, void (*working)(void *arg), void *arg)
{
	db->working = working;
	db->working_arg = arg;
	sqlite3_progress_handler(db->handle, WORKING_STEPS,
				 working ? tell_working : NULL, db);
}

int
db_quick_check(struct db *db, struct err *err)
{
	char found[200] = "";

	if (db_exec_text(db, "PRAGMA quick_check(1)", found, sizeof found,
			 err) < 0)
		return -1;
	if (strcmp(found, "ok") == 0)
		return 0;
	db->failure = SQLITE_CORRUPT;
	return err_set(err, "the database is damaged: %s", found);
}

/* SQLite says SQLITE_FULL of the database and the log, but not of a quota, nor
 * of its shared memory, which is a file too. */
static bool
is_out_of_space(int code, int system)
{
	return (code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_SHMSIZE) &&
	       (system == ENOSPC || system == EDQUOT);
}

int
db_fail(struct db *db, int code, struct err *err)
{
	bool is_newest =
		db->handle && sqlite3_extended_errcode(db->handle) == code;
	const char *words =
		is_newest ? sqlite3_errmsg(db->handle) : sqlite3_errstr(code);
	int system = db->handle ? sqlite3_system_errno(db->handle) : 0;

	db->failure = is_out_of_space(code, system) ? SQLITE_FULL : code;
	if (db_is_damaged(db))
		return err_set(err, "the database is damaged: %s", words);
	if ((db->failure & 0xff) == SQLITE_FULL)
		return err_set(err, "the disk of the store is full");
	if ((code & 0xff) == SQLITE_IOERR && system)
		return err_set(err, "%s (%d): %s", words, code,
			       strerror(system));
	return err_set(err, "%s (%d)", words, code);
}

enum store_status
db_status(const struct db *db)
{
	if (db->failure == SQLITE_IOERR_NOMEM)
		return STORE_BUSY;
	switch (db->failure & 0xff) {
	case SQLITE_OK:
		return STORE_OK;
	case SQLITE_FULL:
		return STORE_FULL;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_NOMEM:
	case SQLITE_PROTOCOL:
		return STORE_BUSY;
	case SQLITE_ERROR:
	case SQLITE_CONSTRAINT:
	case SQLITE_TOOBIG:
	case SQLITE_MISMATCH:
	case SQLITE_RANGE:
	case SQLITE_AUTH:
		return STORE_INVALID;
	default:
		return STORE_BROKEN;
	}
}

bool
db_lost_transaction(const struct db *db)
{
	enum store_status status = db_status(db);

	return status != STORE_OK && status != STORE_INVALID;
}

bool
db_is_damaged(const struct db *db)
{
	int primary = db->failure & 0xff;

	return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB;
}

int
db_changes(const struct db *db)
{
	return sqlite3_changes(db->handle);
}

int64_t
db_total_changes(const struct db *db)
{
	return sqlite3_total_changes64(db->handle);
}
