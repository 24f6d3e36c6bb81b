#include "admin/admin.h"
#include "admin/commands.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "dialog/desk.h"
#include "store/state.h"

#define LIST_DEFAULT 50
#define LIST_MAX 10000

static json_t *
rows_json(const struct audit_row *list, long n)
{
	json_t *rows = json_array();
	for (long i = 0; i < n; i++) {
		json_t *row = json_object();
		json_object_set_new(row, "at", admin_time(list[i].at_us));
		json_set_text(row, "actor", list[i].actor);
		json_set_text(row, "action", list[i].action);
		json_set_text(row, "object", list[i].object);
		json_set_text(row, "detail", list[i].detail);
		json_array_append_new(rows, row);
	}
	return rows;
}

static int
run_list(struct admin_call *call, struct err *err)
{
	int64_t limit;
	struct audit_filter filter = {
		.actor = admin_text(call, "actor"),
		.object = admin_text(call, "object"),
	};
	if (admin_limit(call, LIST_DEFAULT, LIST_MAX, &limit, err))
		return -1;
	if (admin_date(call, "since", &filter.since_us, err) ||
	    admin_date(call, "until", &filter.until_us, err))
		return -1;
	struct store_reader *reader =
		store_read_begin(desk_store(call->desk), err);
	if (!reader)
		return -1;
	struct arena arena = {0};
	const struct audit_row *list;
	/* One more than are wanted tells that there are more. */
	long n = store_list_audit(reader, &arena, &filter, (size_t)limit + 1,
				  &list, err);
	store_read_end(reader);
	call->result = json_pack("{s:o, s:b}", "audit",
				 rows_json(list, n > limit ? limit : n), "more",
				 n > limit);
	arena_release(&arena);
	return n < 0 ? -1 : 0;
}

static void
print_list(const json_t *result, FILE *out)
{
	size_t i;
	json_t *row;
	json_array_foreach (json_object_get(result, "audit"), i, row) {
		const char *detail = json_get_text(row, "detail", "");
		fprintf(out, "%s  %-10s %-22s %s%s%s\n",
			json_get_text(row, "at", ""),
			json_get_text(row, "actor", ""),
			json_get_text(row, "action", ""),
			json_get_text(row, "object", ""), *detail ? "  " : "",
			detail);
	}
	if (!i)
		fprintf(out, "Nothing.\n");
	else if (json_get_bool(result, "more", false))
		fprintf(out, "There is more: --until goes on.\n");
}

static const struct admin_argument list_arguments[] = {
	{"--since", ADMIN_TEXT, false, "DATE", "only what was from then on"},
	{"--until", ADMIN_TEXT, false, "DATE", "only what was up to then"},
	{"--actor", ADMIN_TEXT, false, "NAME", "only what he did"},
	{"--object", ADMIN_TEXT, false, "NAME",
	 "only what befell it: an entry, cnv_..., msg_..., 'turn N'"},
	{"--limit", ADMIN_NUMBER, false, "N", "at most so many (50)"},
	{0},
};

const struct admin_command admin_audit_commands[] = {
	{"audit", "list", "Who did what, newest first.", ADMIN_STORE,
	 list_arguments, run_list, print_list},
	{0},
};
