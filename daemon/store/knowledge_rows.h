/* What the verbs and the readers of knowledge share.  Private to this layer. */
#ifndef STORE_KNOWLEDGE_ROWS_H
#define STORE_KNOWLEDGE_ROWS_H

#include "store/knowledge.h"
#include "store/writer.h"

/* SQL: the id of an entry's newest version that was shown at a generation and
 * fulfils more conditions on n, the version, and ni, its import.  The index
 * faq_version_force holds all it needs, newest first. */
#define NEWEST_VERSION(faq_id, generation, conditions)                  \
	"(SELECT n.id FROM faq_version n"                               \
	" CROSS JOIN import ni ON ni.id = n.import_id"                  \
	" WHERE n.faq_id = " faq_id " AND ni.generation <= " generation \
	" " conditions " ORDER BY n.version DESC LIMIT 1)"
/* The same, of those that were approved by then. */
#define NEWEST_APPROVED(faq_id, generation) \
	NEWEST_VERSION(faq_id, generation,  \
		       "AND n.approved_generation <= " generation)
/* SQL: v was not retired by then; r is the import that retires it, if any. */
#define NOT_RETIRED(generation)                              \
	"coalesce(v.retired_generation > " generation ", 1)" \
	" AND coalesce(r.generation > " generation ", 1)"

/* SQL: where version v of import i came from. */
#define VERSION_ORIGIN "iif(v.origin = '', i.origin, v.origin)"

/* A new generation.  0, or -1 and *err. */
int row_raise_generation(struct writer *, int64_t now_us, const char *actor,
			 const char *what, int64_t *generation_r, struct err *);

/* What there is of an entry. */
struct entry_row {
	int64_t id;	    /* 0: there is none */
	int last_number;    /* also of versions that are not shown */
	int64_t changed_at; /* the generation of the last import with it */
};
int row_find_entry(struct writer *, const char *name, struct entry_row *,
		   struct err *);

/* Words for a version that cannot be kept, STORE_INVALID; or STORE_OK. */
enum store_status row_check_version(const struct faq_version *, struct err *);
/* Add one, which was checked, to its entry, and make that if it is not there.
 * 0, or -1 and *err. */
int row_add_version(struct writer *, struct entry_row *, int64_t import_id,
		    const struct faq_version *, bool is_approved,
		    const char *actor, int64_t now_us, struct err *);
/* Remove one that was never shown, and its entry if nothing is left of it. */
int row_remove_version(struct writer *, int64_t version_id, struct err *);

#endif
