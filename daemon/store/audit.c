/* Who did what, from all the tables that say so: what is told in a row of its
 * own is not told once more in the audit.  Where the reader is; state.h has
 * the contract. */
#include "base/mem.h"
#include "store/reader.h"
#include "store/state.h"

/* Each part is read by its index of times, newest first, and they are
 * merged. */
#define OF_AUDIT                                                  \
	"SELECT at, 1 AS part, id, actor, action, object, detail" \
	" FROM audit WHERE at >= ?1 AND at <= ?2"
#define OF_TRANSITIONS                                          \
	"SELECT x.at, 2, x.id, x.actor,"                        \
	" 'conversation.' || x.state_to, c.public_id, x.reason" \
	" FROM transition x JOIN conversation c"                \
	" ON c.id = x.conversation_id WHERE x.at >= ?1 AND x.at <= ?2"
#define OF_RATINGS                                                \
	"SELECT f.at, 3, f.id, f.actor,"                          \
	" iif(f.rating > 0, 'reply.rate_up', 'reply.rate_down')," \
	" 'msg_' || f.reply_id, f.reason"                         \
	" FROM feedback f WHERE f.at >= ?1 AND f.at <= ?2"

long
store_list_audit(struct store_reader *reader, struct arena *arena,
		 const struct audit_filter *filter, size_t limit,
		 const struct audit_row **list_r, struct err *err)
{
	struct audit_row *list = NULL;
	struct query q;
	size_t n = 0;
	int found;

	query_begin(&q, &reader->db,
		    "SELECT at, actor, action, object, detail FROM (" OF_AUDIT
		    " UNION ALL " OF_TRANSITIONS " UNION ALL " OF_RATINGS ")"
		    " WHERE (?3 = '' OR actor = ?3)"
		    " AND (?4 = '' OR object = ?4"
		    "  OR substr(object, 1, length(?4) + 1) = ?4 || '@')"
		    " ORDER BY at DESC, part, id DESC LIMIT ?5");
	query_bind_int(&q, filter->since_us);
	query_bind_int(&q, filter->until_us ? filter->until_us : INT64_MAX);
	query_bind_text(&q, filter->actor);
	query_bind_text(&q, filter->object);
	query_bind_int(&q, (int64_t)limit);
	while ((found = query_step(&q, err)) > 0) {
		list = query_grow(arena, list, n, sizeof *list);
		struct audit_row *row = &list[n++];
		row->at_us = query_int(&q);
		row->actor = query_text(&q, arena);
		row->action = query_text(&q, arena);
		row->object = query_text(&q, arena);
		row->detail = query_text(&q, arena);
	}
	*list_r = list;
	return found < 0 ? -1 : (long)n;
}
