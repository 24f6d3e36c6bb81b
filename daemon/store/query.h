/* Running one statement: parameters are bound in order, columns are read in
 * order.  Private to this layer.
 *
 *	struct query q;
 *	query_begin(&q, db, "SELECT text FROM message WHERE id = ?");
 *	query_bind_int(&q, id);
 *	while ((found = query_step(&q, err)) > 0)
 *		... query_text(&q, arena) ...
 */
#ifndef STORE_QUERY_H
#define STORE_QUERY_H

#include "store/db.h"

struct arena;

struct query {
	struct db *db;
	sqlite3_stmt *statement;
	int code; /* of what failed before the first step */
	int n_bound, n_read;
};

/* sql is a string literal: the statement is prepared once for its address.
 * What fails here or in binding is told by the first step. */
void query_begin(struct query *, struct db *, const char *sql);
/* Texts and blobs are borrowed until the query has ended. */
void query_bind_int(struct query *, int64_t);
void query_bind_id(struct query *, int64_t);	    /* 0 is bound as NULL */
void query_bind_text(struct query *, const char *); /* NULL as "" */
void query_bind_blob(struct query *, const void *, size_t); /* NULL as NULL */
void query_bind_real(struct query *, double);
/* 1: there is a row; 0: it was the last; -1 and *err.  The query has ended
 * when this is not 1. */
int query_step(struct query *, struct err *);
/* End before the last row. */
void query_end(struct query *);
/* For statements without rows: step and end.  0, or -1 and *err. */
int query_run(struct query *, struct err *);
/* The same for sql without parameters. */
int query_do(struct db *, const char *sql, struct err *);

/* The next column of the row. */
int64_t query_int(struct query *);
double query_real(struct query *);
const char *query_text(struct query *, struct arena *); /* NULL as "" */
/* A copy of it, NULL when it is NULL. */
const void *query_blob(struct query *, struct arena *, size_t *len_r);
/* The same, borrowed until the next step. */
const char *query_peek_text(struct query *);
const void *query_peek_blob(struct query *, size_t *len_r);

/* A list with room for element n, for lists whose length shows at their end:
 * it doubles in the arena.  n counts up from 0, list is NULL then. */
void *query_grow(struct arena *, void *list, size_t n, size_t size);

#endif
