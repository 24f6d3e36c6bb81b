/* Reading versions row by row.  Private to this layer. */
#ifndef STORE_KNOWLEDGE_READ_H
#define STORE_KNOWLEDGE_READ_H

#include "store/knowledge_rows.h"
#include "store/reader.h"

/* *generation, with the present one for 0; an error if it is to come yet. */
int knowledge_resolve(struct store_reader *, int64_t *generation, struct err *);
/* The version of that row, in the arena, its state that of a generation. */
int knowledge_load(struct store_reader *, struct arena *, int64_t version_id,
		   int64_t generation, struct faq_version *, struct err *);
/* Those of the rows whose ids are the first column of q, which ends; at most
 * limit.  How many, or -1 and *err. */
long knowledge_load_all(struct store_reader *, struct arena *, struct query *q,
			int64_t generation, size_t limit,
			const struct faq_version **list_r, struct err *);
/* The first of them.  1: it is there; 0, and *found_r is NULL: it is not; -1
 * and *err. */
int knowledge_load_one(struct store_reader *, struct arena *, struct query *q,
		       int64_t generation, const struct faq_version **found_r,
		       struct err *);

#endif
