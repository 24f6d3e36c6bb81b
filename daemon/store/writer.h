/* What a verb is: the private side of store_write.  Verbs run on the store
 * thread, within its transaction, in which each is kept or undone for itself.
 */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include "store/query.h"

struct writer {
	struct db db;
	int64_t last_id; /* of messages and replies, which share a counter */
	bool was_clean;	 /* the last process to have the store closed it */
};

struct store_verb {
	const char *name;
	bool takes_in; /* refused when the disk is nearly full */
	/* run() may be undone and run again: it reads nothing from its write
	 * that it has put there.  Then it needs no savepoint. */
	bool is_repeatable;
	/* Sets what the write returns, and err unless it returns STORE_OK.
	 * What it has written stays only with STORE_OK.  When a query failed
	 * it returns writer_failed(). */
	enum store_status (*run)(struct writer *, struct store_write *);
};

static inline enum store_status
writer_failed(const struct writer *writer)
{
	return db_status(&writer->db);
}

static inline int64_t
writer_next_id(struct writer *writer)
{
	return ++writer->last_id;
}

#endif
