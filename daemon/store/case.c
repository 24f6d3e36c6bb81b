/* Cases.  Verbs on the store thread, reading where the reader is. */
#include "store/case.h"

#include <stdio.h>

#include "base/mem.h"
#include "store/reader.h"
#include "store/rows.h"

int
row_add_case(struct writer *writer, int64_t conversation_id, int64_t turn_id,
	     const struct case_draft *draft, int64_t now_us, struct err *err)
{
	struct query q;

	query_begin(&q, &writer->db,
		    "INSERT INTO form_case (reference, conversation_id,"
		    " turn_id, form, title, complete, slots, created_at)"
		    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
	query_bind_text(&q, draft->reference);
	query_bind_int(&q, conversation_id);
	query_bind_int(&q, turn_id);
	query_bind_text(&q, draft->form);
	query_bind_text(&q, draft->title);
	query_bind_int(&q, draft->is_complete);
	query_bind_text(&q, draft->slots_json);
	query_bind_int(&q, now_us);
	return query_run(&q, err);
}

#define COLUMNS                                                               \
	"SELECT c.id, c.turn_id, c.reference, c.form, c.title, c.complete,"   \
	" c.slots, v.public_id, v.channel, c.created_at, c.closed_at,"        \
	" c.closed_by, c.note FROM form_case AS c JOIN conversation AS v ON " \
	"v.id = c.conversation_id "

static void
read_row(struct query *q, struct arena *arena, struct form_case *c)
{
	c->id = query_int(q);
	c->turn_id = query_int(q);
	c->draft.reference = query_text(q, arena);
	c->draft.form = query_text(q, arena);
	c->draft.title = query_text(q, arena);
	c->draft.is_complete = query_int(q) != 0;
	c->draft.slots_json = query_text(q, arena);
	c->conversation = query_text(q, arena);
	c->channel = query_text(q, arena);
	c->created_at_us = query_int(q);
	c->closed_at_us = query_int(q);
	c->closed_by = query_text(q, arena);
	c->note = query_text(q, arena);
}

/* The one row of a query that is bound. */
static int
read_one(struct query *q, struct arena *arena, const struct form_case **found_r,
	 struct err *err)
{
	*found_r = NULL;
	int found = query_step(q, err);
	if (found <= 0)
		return found;
	struct form_case *c = arena_new(arena, sizeof *c);
	read_row(q, arena, c);
	query_end(q);
	*found_r = c;
	return 1;
}

int
store_get_case(struct store_reader *reader, struct arena *arena,
	       const char *reference, const struct form_case **found_r,
	       struct err *err)
{
	struct query q;

	query_begin(&q, &reader->db, COLUMNS "WHERE c.reference = ?");
	query_bind_text(&q, reference);
	return read_one(&q, arena, found_r, err);
}

int
store_case_of_turn(struct store_reader *reader, struct arena *arena,
		   int64_t turn_id, const struct form_case **found_r,
		   struct err *err)
{
	struct query q;

	query_begin(&q, &reader->db, COLUMNS "WHERE c.turn_id = ?");
	query_bind_int(&q, turn_id);
	return read_one(&q, arena, found_r, err);
}

/* All rows of a query that is bound. */
static long
read_all(struct query *q, struct arena *arena, const struct form_case **list_r,
	 struct err *err)
{
	struct form_case *list = NULL;
	size_t n = 0;
	int found;

	while ((found = query_step(q, err)) > 0) {
		list = query_grow(arena, list, n, sizeof *list);
		read_row(q, arena, &list[n++]);
	}
	if (found < 0)
		return -1;
	*list_r = list;
	return (long)n;
}

long
store_cases_of(struct store_reader *reader, struct arena *arena,
	       int64_t conversation_id, const struct form_case **list_r,
	       struct err *err)
{
	struct query q;

	query_begin(&q, &reader->db,
		    COLUMNS "WHERE c.conversation_id = ? ORDER BY c.id");
	query_bind_int(&q, conversation_id);
	return read_all(&q, arena, list_r, err);
}

#define BELOW "c.id < ? AND ?2 IN ('', c.form) ORDER BY c.id DESC LIMIT ?3"

long
store_list_cases(struct store_reader *reader, struct arena *arena,
		 enum case_choice choice, const char *form, int64_t before,
		 size_t limit, const struct form_case **list_r, struct err *err)
{
	struct query q;

	if (choice == CASES_OPEN)
		query_begin(&q, &reader->db,
			    COLUMNS "WHERE c.closed_at = 0 AND " BELOW);
	else if (choice == CASES_CLOSED)
		query_begin(&q, &reader->db,
			    COLUMNS "WHERE c.closed_at <> 0 AND " BELOW);
	else
		query_begin(&q, &reader->db, COLUMNS "WHERE " BELOW);
	query_bind_int(&q, before ? before : INT64_MAX);
	query_bind_text(&q, form);
	query_bind_int(&q, (int64_t)limit);
	return read_all(&q, arena, list_r, err);
}

long
store_new_cases(struct store_reader *reader, struct arena *arena, int64_t after,
		size_t limit, const struct form_case **list_r, struct err *err)
{
	struct query q;

	query_begin(&q, &reader->db,
		    COLUMNS "WHERE c.id > ? ORDER BY c.id LIMIT ?");
	query_bind_int(&q, after);
	query_bind_int(&q, (int64_t)limit);
	return read_all(&q, arena, list_r, err);
}

static enum store_status
why_not_closed(struct writer *writer, struct store_close_case *close)
{
	struct query q;

	query_begin(&q, &writer->db,
		    "SELECT closed_by FROM form_case WHERE reference = ?");
	query_bind_text(&q, close->reference);
	int found = query_step(&q, &close->write.err);
	if (found < 0)
		return writer_failed(writer);
	if (!found) {
		err_set(&close->write.err, "there is no case %s",
			close->reference);
		return STORE_NOT_FOUND;
	}
	err_set(&close->write.err, "the case %s was closed by %s",
		close->reference, query_peek_text(&q));
	query_end(&q);
	return STORE_STALE;
}

static enum store_status
close_case(struct writer *writer, struct store_write *write)
{
	struct store_close_case *close =
		container_of(write, struct store_close_case, write);
	struct query q;

	query_begin(&q, &writer->db,
		    "UPDATE form_case SET closed_at = ?2, closed_by = ?3,"
		    " note = ?4 WHERE reference = ?1 AND closed_at = 0");
	query_bind_text(&q, close->reference);
	query_bind_int(&q, close->now_us);
	query_bind_text(&q, close->actor);
	query_bind_text(&q, close->note);
	if (query_run(&q, &write->err) < 0)
		return writer_failed(writer);
	if (db_changes(&writer->db) != 1)
		return why_not_closed(writer, close);
	if (row_add_audit(writer, close->now_us, close->actor, "case.close",
			  close->reference, close->note ? close->note : "",
			  &write->err) < 0)
		return writer_failed(writer);
	return STORE_OK;
}

const struct store_verb store_verb_close_case = {
	.name = "close_case",
	.is_repeatable = true,
	.run = close_case,
};
