/* Planning what changed facts change, in entries wherever they came from.  On a
 * worker. */
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "faq/entry.h"
#include "faq/import_plan.h"

#define FILLED_MAX ((size_t)1 << 20)

/* What becomes of an entry. */
struct refill {
	struct refill *next;
	const struct faq_version *live;	 /* NULL: its facts are as they were */
	const struct faq_version *draft; /* the newest; NULL: there is none */
	bool is_draft_changed;
	bool is_waiting; /* a draft says already what `live` would */
};

struct refilling {
	struct import_plan *plan;
	struct map by_name; /* struct refill */
	struct refill *first, **end;
	struct buf filled;
};

/* Fill a version's answer anew; is it another one then? */
static bool
fill(struct refilling *r, const struct faq_version *version)
{
	struct buf *filled = &r->filled;

	if (!strstr(version->source, "{{"))
		return false;
	buf_clear(filled);
	if (template_fill(filled, version->source, r->plan->value,
			  r->plan->facts, NULL) < 0 ||
	    utf8_count(buf_str(filled), filled->len) > FAQ_ANSWER_MAX) {
		import_names_add(&r->plan->result->unfilled, version->name);
		return false;
	}
	return strcmp(buf_str(filled), version->answer) != 0;
}

/* A copy with the answer that fill() made, or as it was. */
static struct faq_version *
copy(struct refilling *r, const struct faq_version *version, bool is_changed)
{
	struct arena *arena = &r->plan->arena;
	struct faq_version *entry = arena_new(arena, sizeof *entry);
	char hash[SHA256_HEX_SIZE];

	*entry = entry_copy(arena, version);
	if (is_changed)
		entry->answer = arena_strdup(arena, buf_str(&r->filled));
	entry_hash(entry, hash);
	entry->origin_hash = arena_strdup(arena, hash);
	return entry;
}

static bool
is_settled(const struct refilling *r, const char *name)
{
	const struct known *known = map_get(&r->plan->by_name, name);

	return known && known->is_settled;
}

static struct refill *
refill_of(struct refilling *r, const struct faq_version *entry)
{
	struct refill *refill = map_get(&r->by_name, entry->name);

	if (refill)
		return refill;
	refill = arena_new(&r->plan->arena, sizeof *refill);
	map_put(&r->by_name, entry->name, refill);
	*r->end = refill;
	r->end = &refill->next;
	return refill;
}

static int
look_at_live(void *arg, const struct faq_version *version, struct err *err)
{
	struct refilling *r = arg;

	(void)err;
	import_plan_working(r->plan);
	if (is_settled(r, version->name) || !fill(r, version))
		return 0;
	struct faq_version *entry = copy(r, version, true);
	entry->author = "";
	refill_of(r, entry)->live = entry;
	return 0;
}

/* Does a draft that waits bring the new facts of what is in force?  The pack's
 * own does, whatever else it says. */
static bool
brings_facts(const struct refilling *r, const struct refill *refill,
	     const struct faq_version *draft, bool is_changed)
{
	const struct faq_version *live = refill->live;

	if (!live || is_changed)
		return false;
	return strcmp(draft->origin_hash, live->origin_hash) == 0 ||
	       (strcmp(draft->origin, r->plan->origin) == 0 &&
		strcmp(live->origin, r->plan->origin) == 0);
}

/* Drafts of an entry come in order: the last one that is seen is the newest. */
static int
look_at_draft(void *arg, const struct faq_version *version, struct err *err)
{
	struct refilling *r = arg;
	struct refill *refill = map_get(&r->by_name, version->name);

	(void)err;
	if (is_settled(r, version->name))
		return 0;
	bool is_changed = fill(r, version);
	if (!refill && !is_changed)
		return 0;
	struct faq_version *entry = copy(r, version, is_changed);
	refill = refill_of(r, entry);
	refill->draft = entry;
	refill->is_draft_changed = is_changed;
	refill->is_waiting |= brings_facts(r, refill, entry, is_changed);
	return 0;
}

static bool
has_new_live(const struct refilling *r, const struct refill *refill)
{
	return refill->live && (r->plan->is_approved || !refill->is_waiting);
}

/* What goes above a new version, or has new facts itself. */
static bool
has_new_draft(const struct refilling *r, const struct refill *refill)
{
	if (!refill->draft)
		return false;
	if (!has_new_live(r, refill))
		return refill->is_draft_changed;
	return strcmp(refill->draft->origin_hash, refill->live->origin_hash) !=
	       0;
}

/* Drafts last: they must have the higher numbers. */
static int
plan_refills(struct refilling *r, struct err *err)
{
	struct import_plan *plan = r->plan;

	for (struct refill *at = r->first; at; at = at->next) {
		bool is_new = has_new_live(r, at);
		plan->result->refilled += is_new || has_new_draft(r, at);
		if (is_new &&
		    import_plan_add(plan,
				    &(struct planned){
					    .version = at->live,
					    .decision = REFILL,
					    .is_draft = !plan->is_approved,
				    },
				    err) < 0)
			return -1;
	}
	for (struct refill *at = r->first; at; at = at->next) {
		struct planned planned = {
			.version = at->draft,
			.decision = has_new_live(r, at) ? SAME : REFILL,
			.is_draft = true,
		};
		if (has_new_draft(r, at) &&
		    import_plan_add(plan, &planned, err) < 0)
			return -1;
	}
	return 0;
}

int
import_plan_facts(struct import_plan *plan, struct store_reader *reader,
		  struct err *err)
{
	struct refilling r = {.plan = plan};

	r.end = &r.first;
	buf_init(&r.filled, FILLED_MAX);
	int ret = store_each_in_force(reader, 0, look_at_live, &r, err);
	if (ret == 0)
		ret = store_each_draft(reader, look_at_draft, &r, err);
	if (ret == 0)
		ret = plan_refills(&r, err);
	buf_release(&r.filled);
	map_release(&r.by_name);
	return ret;
}
