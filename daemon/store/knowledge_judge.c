/* Approving and retiring single versions.  Verbs on the store thread. */
#include <stdio.h>

#include "store/knowledge_rows.h"
#include "store/rows.h"

/* Versions of an entry, as far as judging needs them; number 0: none. */
struct judged {
	int64_t id;
	int number;
	bool is_draft, is_retired;
	bool is_own; /* its author is the one who judges */
};

struct choice {
	struct judged asked;   /* the one that was asked for */
	struct judged newest;  /* of all that are shown */
	struct judged leading; /* the newest that was ever approved */
	struct judged draft;   /* the newest draft above that */
};

static void
consider(struct choice *choice, int asked, const struct judged *version)
{
	bool is_first_draft = version->is_draft && !version->is_retired &&
			      !choice->draft.id && !choice->leading.id;

	if (version->number == asked)
		choice->asked = *version;
	if (!choice->newest.id)
		choice->newest = *version;
	if (is_first_draft)
		choice->draft = *version;
	if (!version->is_draft && !choice->leading.id)
		choice->leading = *version;
}

static int
look_at(struct writer *writer, const struct store_judge_version *judge,
	struct choice *choice, struct err *err)
{
	struct query q;
	int found;

	*choice = (struct choice){0};
	query_begin(&q, &writer->db,
		    "SELECT v.id, v.version, v.approved_generation IS NULL,"
		    " v.retired_generation IS NOT NULL"
		    " OR r.generation IS NOT NULL, v.author = ?2 FROM faq f"
		    " JOIN faq_version v ON v.faq_id = f.id"
		    " JOIN import i ON i.id = v.import_id"
		    " LEFT JOIN import r ON r.id = v.retired_import_id"
		    " WHERE f.name = ?1 AND i.generation IS NOT NULL"
		    " ORDER BY v.version DESC");
	query_bind_text(&q, judge->name);
	query_bind_text(&q, judge->actor);
	while ((found = query_step(&q, err)) > 0) {
		struct judged version;
		version.id = query_int(&q);
		version.number = (int)query_int(&q);
		version.is_draft = query_int(&q) != 0;
		version.is_retired = query_int(&q) != 0;
		version.is_own = query_int(&q) != 0;
		consider(choice, judge->version, &version);
	}
	return found;
}

/* Which version a judgement without a number is about. */
static struct judged
default_version(const struct choice *choice, bool is_approval)
{
	if (is_approval)
		return choice->newest;
	if (choice->leading.id && !choice->leading.is_retired)
		return choice->leading;
	return choice->draft.id ? choice->draft : choice->newest;
}

/* Words for a judgement that cannot be made; NULL: it can. */
static const char *
refusal(const struct choice *choice, const struct judged *version,
	const struct store_judge_version *judge)
{
	bool is_approval = judge->is_approval;

	if (version->is_retired)
		return "is retired: make a new version";
	if (is_approval && !version->is_draft)
		return "is approved already";
	if (is_approval && judge->four_eyes && version->is_own)
		return "was written by you: with knowledge.four_eyes somebody "
		       "else approves it";
	if (version->number >= choice->leading.number)
		return NULL;
	return is_approval ? "would not come into force: a newer version was "
			     "approved"
			   : "is not in force: a newer version was approved";
}

static int
set_judged(struct writer *writer, const struct store_judge_version *judge,
	   int64_t version_id, struct err *err)
{
	struct query q;

	if (judge->is_approval)
		query_begin(&q, &writer->db,
			    "UPDATE faq_version SET approved_generation = ?,"
			    " approved_at = ?, approver = ? WHERE id = ?");
	else
		query_begin(&q, &writer->db,
			    "UPDATE faq_version SET retired_generation = ?,"
			    " retired_at = ? WHERE id = ?");
	query_bind_int(&q, judge->generation);
	query_bind_int(&q, judge->now_us);
	if (judge->is_approval)
		query_bind_text(&q, judge->actor);
	query_bind_int(&q, version_id);
	return query_run(&q, err);
}

static int
write_judgement(struct writer *writer, struct store_judge_version *judge,
		int64_t version_id)
{
	char object[KNOWLEDGE_NAME_MAX + 20], what[sizeof object + 20];
	struct err *err = &judge->write.err;

	snprintf(object, sizeof object, "%s@%d", judge->name, judge->judged);
	snprintf(what, sizeof what, "%s of %s",
		 judge->is_approval ? "approval" : "retirement", object);
	if (row_raise_generation(writer, judge->now_us, judge->actor, what,
				 &judge->generation, err) < 0 ||
	    set_judged(writer, judge, version_id, err) < 0)
		return -1;
	return row_add_audit(writer, judge->now_us, judge->actor,
			     judge->is_approval ? "faq.approve" : "faq.retire",
			     object, "", err);
}

static enum store_status
judge_version(struct writer *writer, struct store_write *write)
{
	struct store_judge_version *judge =
		container_of(write, struct store_judge_version, write);
	struct choice choice;

	if (look_at(writer, judge, &choice, &write->err) < 0)
		return writer_failed(writer);
	struct judged version =
		judge->version ? choice.asked
			       : default_version(&choice, judge->is_approval);
	if (!version.id) {
		err_set(&write->err, "there is no such version of %s",
			judge->name);
		return STORE_NOT_FOUND;
	}
	const char *words = refusal(&choice, &version, judge);
	if (words) {
		err_set(&write->err, "%s@%d %s", judge->name, version.number,
			words);
		return STORE_INVALID;
	}
	judge->judged = version.number;
	if (write_judgement(writer, judge, version.id) < 0)
		return writer_failed(writer);
	return STORE_OK;
}

const struct store_verb store_verb_judge_version = {
	.name = "judge_version",
	.run = judge_version,
};
