/* One connection to the database: opening it hardened, and the words for what
 * goes wrong with it.  Private to this layer.
 *
 * A connection belongs to one thread at a time. */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <sqlite3.h>

#include "base/hash.h"
#include "store/store.h"

#define DB_APPLICATION_ID 0x54656c6c /* "Tell" */
/* How long a commit waits for a stranger who has the file locked. */
#define DB_WRITER_BUSY_MS 1000

enum db_role {
	DB_WRITER, /* the one that commits and checkpoints */
	DB_READER, /* of a database that the writer has open */
	DB_COPY,   /* a new file, written by a backup and synced afterwards */
	DB_FILE	   /* a file that lies still and is only read */
};

struct db {
	sqlite3 *handle;
	struct idmap statements; /* prepared, by the address of their text */
	bool is_sealed;
	int wal_frames; /* in the log after the newest commit */
	int failure;	/* of the newest call that failed; SQLITE_OK: none */
	void (*working)(void *arg);
	void *working_arg;
};

/* Open the file at path.  0, or -1 and *err; then nothing is left open. */
int db_open(struct db *, const char *path, enum db_role, struct err *);
/* Finishes every statement.  A zeroed db is closed. */
void db_close(struct db *);

/* From now on call working(arg) many times a second while statements run, and
 * copies are made of it; NULL: no longer. */
void db_tell_working(struct db *, void (*working)(void *arg), void *arg);
/* From now on only rows are read and written: no settings, no schema. */
void db_seal(struct db *);
/* The -wal file must not be copied back when the connection closes. */
void db_leave_log(struct db *);

/* Run statements that return nothing, for set-up and migrations. */
int db_exec(struct db *, const char *sql, struct err *);
/* The number, or the text (at most size - 1 bytes), that sql returns in its
 * first row; out is untouched when there is none. */
int db_exec_int(struct db *, const char *sql, int64_t *out, struct err *);
int db_exec_text(struct db *, const char *sql, char *out, size_t size,
		 struct err *);
/* SQLite's quick_check.  0, or -1 and *err says what it found. */
int db_quick_check(struct db *, struct err *);

/* Remember that a call returned code and put words for it in err.  -1. */
int db_fail(struct db *, int code, struct err *);
/* What a write is answered that met db->failure, STORE_OK if there is none. */
enum store_status db_status(const struct db *);
/* Does db->failure concern the whole transaction, or only one statement? */
bool db_lost_transaction(const struct db *);
/* Is db->failure the finding that the file is no sound database? */
bool db_is_damaged(const struct db *);
/* Rows that the newest statement changed. */
int db_changes(const struct db *);
/* The same of all statements since the connection was opened. */
int64_t db_total_changes(const struct db *);

#endif
