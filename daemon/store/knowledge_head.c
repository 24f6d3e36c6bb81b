/* What an import must know of entries.  On whichever thread has the reader. */
#include "store/knowledge_read.h"

/* SQL: the id of the newest version of v's entry that came from the origin
 * ?1, most often v itself. */
#define NEWEST_OWN                                              \
	"iif(" VERSION_ORIGIN " = ?1, v.id,"                    \
	" (SELECT o.id FROM faq_version o"                      \
	"  JOIN import oi ON oi.id = o.import_id"               \
	"  WHERE o.faq_id = f.id AND oi.generation IS NOT NULL" \
	"  AND iif(o.origin = '', oi.origin, o.origin) = ?1"    \
	"  ORDER BY o.version DESC LIMIT 1))"
#define NEWEST NEWEST_VERSION("f.id", "?2", "")

static void
read_head(struct query *q, struct faq_head *head)
{
	head->name = query_peek_text(q);
	head->version = (int)query_int(q);
	head->is_draft = query_int(q) != 0;
	head->was_retired_by_hand = query_int(q) != 0;
	head->is_retired = query_int(q) != 0 || head->was_retired_by_hand;
	head->origin = query_peek_text(q);
	head->origin_hash = query_peek_text(q);
	head->own_hash = query_peek_text(q);
	if (!head->own_hash[0])
		head->own_hash = NULL;
	head->own_version = (int)query_int(q);
}

int
store_each_head(struct store_reader *reader, const char *origin,
		int (*each)(void *arg, const struct faq_head *, struct err *),
		void *arg, struct err *err)
{
	struct query q;
	int found;

	query_begin(&q, &reader->db,
		    "SELECT f.name, v.version, v.approved_generation IS NULL,"
		    " v.retired_generation IS NOT NULL,"
		    " r.generation IS NOT NULL, " VERSION_ORIGIN ","
		    " v.origin_hash, w.origin_hash, coalesce(w.version, 0)"
		    " FROM faq f CROSS JOIN faq_version v ON v.id = " NEWEST
		    " CROSS JOIN import i ON i.id = v.import_id"
		    " LEFT JOIN import r ON r.id = v.retired_import_id"
		    " LEFT JOIN faq_version w ON w.id = " NEWEST_OWN
		    " ORDER BY f.id");
	query_bind_text(&q, origin);
	query_bind_int(&q, INT64_MAX);
	while ((found = query_step(&q, err)) > 0) {
		struct faq_head head;
		read_head(&q, &head);
		if (each(arg, &head, err) == 0)
			continue;
		query_end(&q);
		return -1;
	}
	return found;
}
