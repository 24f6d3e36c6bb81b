#include <string.h>

#include "admin/admin.h"
#include "admin/cases.h"
#include "admin/commands.h"
#include "admin/conversations_draft.h"
#include "admin/conversations_export.h"
#include "admin/conversations_why.h"
#include "admin/review_row.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "dialog/desk.h"
#include "store/conversation.h"
#include "store/turn.h"

#define LIST_DEFAULT 20
#define LIST_MAX 1000
#define PAGE 200

/* ---- list */

static json_t *
summary(const struct conversation *conversation)
{
	json_t *row = json_object();
	json_set_text(row, "id", conversation->public_id);
	json_set_text(row, "channel", conversation->channel);
	json_set_text(row, "state",
		      conversation_state_name(conversation->state));
	json_set_text(row, "lang", conversation->language);
	json_set_text(row, "owner", conversation->owner);
	json_set_int(row, "turns", conversation->turns);
	json_object_set_new(row, "created",
			    admin_time(conversation->created_at_us));
	json_object_set_new(row, "updated",
			    admin_time(conversation->updated_at_us));
	return row;
}

/* The place in the list behind which it goes on; 0: from its beginning. */
static int
find_before(struct store_reader *reader, const char *id, int64_t *before_r,
	    struct err *err)
{
	struct arena arena = {0};
	const struct conversation *conversation;
	*before_r = 0;
	if (!id)
		return 0;
	int rc =
		admin_find_conversation(reader, &arena, id, &conversation, err);
	if (!rc)
		*before_r = conversation->id;
	arena_release(&arena);
	return rc;
}

static long
read_list(struct admin_call *call, struct store_reader *reader,
	  struct arena *arena, int64_t limit,
	  const struct conversation **list_r, struct err *err)
{
	int64_t before;
	if (find_before(reader, admin_text(call, "before"), &before, err))
		return -1;
	return store_list_conversations(
		reader, arena, admin_text(call, "channel"),
		admin_text(call, "in"), before, (size_t)limit, list_r, err);
}

static int
run_list(struct admin_call *call, struct err *err)
{
	int64_t limit;
	enum conversation_state state;
	const char *name = admin_text(call, "in");
	if (admin_limit(call, LIST_DEFAULT, LIST_MAX, &limit, err))
		return -1;
	if (name && !conversation_state_by_name(name, &state))
		return err_misuse(err, "--in: bot, waiting, person or closed");
	struct store_reader *reader =
		store_read_begin(desk_store(call->desk), err);
	if (!reader)
		return -1;
	struct arena arena = {0};
	const struct conversation *list;
	/* One more than are wanted tells that there are more. */
	long n = read_list(call, reader, &arena, limit + 1, &list, err);
	store_read_end(reader);
	json_t *rows = json_array();
	for (long i = 0; i < n && i < limit; i++)
		json_array_append_new(rows, summary(&list[i]));
	arena_release(&arena);
	call->result = json_pack("{s:o, s:b}", "conversations", rows, "more",
				 n > limit);
	return n < 0 ? -1 : 0;
}

static void
print_list(const json_t *result, FILE *out)
{
	size_t i;
	json_t *row = NULL;
	json_array_foreach (json_object_get(result, "conversations"), i, row)
		fprintf(out, "%s  %-8s %-7s %4lld turns  %s\n",
			json_get_text(row, "id", ""),
			json_get_text(row, "channel", ""),
			json_get_text(row, "state", ""),
			(long long)json_get_int(row, "turns", 0),
			json_get_text(row, "updated", ""));
	if (!i)
		fprintf(out, "No conversations.\n");
	else if (json_get_bool(result, "more", false))
		fprintf(out, "There are more: --before %s goes on.\n",
			json_get_text(row, "id", ""));
}

/* ---- show */

static json_t *
entry_json(const struct entry *entry)
{
	char id[MESSAGE_ID_SIZE];
	json_t *row = json_object();
	json_set_text(row, "id", message_id_format(entry->id, id));
	json_set_text(row, "author", entry->author);
	json_set_text(row, "name", entry->name);
	json_set_text(row, "kind", entry->kind);
	json_set_text(row, "text", entry->text);
	json_set_text(row, "state", entry->state);
	json_object_set_new(row, "at", admin_time(entry->at_us));
	if (entry->is_reply) {
		json_set_real(row, "confidence", entry->confidence);
		json_object_set_new(row, "options",
				    admin_embedded(entry->options_json));
		json_object_set_new(row, "sources",
				    admin_embedded(entry->sources_json));
	}
	return row;
}

/* What the customer thinks of a reply stands with it. */
static int
add_entry(struct store_reader *reader, struct arena *arena,
	  const struct entry *entry, json_t *rows, struct err *err)
{
	json_t *row = entry_json(entry);
	json_array_append_new(rows, row);
	if (!entry->rating)
		return 0;
	return review_add_ratings(reader, arena, entry->turn_id, entry->id, row,
				  err);
}

static int
add_entries(struct store_reader *reader, int64_t conversation_id, json_t *rows,
	    struct err *err)
{
	int64_t after = 0;
	bool more = true;
	while (more) {
		struct arena arena = {0};
		const struct entry *list;
		long n = store_history(reader, &arena, conversation_id, after,
				       PAGE, &list, &more, err);
		for (long i = 0; i < n; i++) {
			after = list[i].id;
			if (add_entry(reader, &arena, &list[i], rows, err)) {
				n = -1;
				break;
			}
		}
		arena_release(&arena);
		if (n < 0)
			return -1;
	}
	return 0;
}

static int
add_transitions(struct store_reader *reader, struct arena *arena,
		int64_t conversation_id, json_t *result, struct err *err)
{
	const struct transition *list;
	long n = store_transitions(reader, arena, conversation_id, &list, err);
	json_t *rows = json_array();
	for (long i = 0; i < n; i++) {
		json_t *row = json_object();
		json_set_text(row, "from", list[i].from);
		json_set_text(row, "to", list[i].to);
		json_set_text(row, "reason", list[i].reason);
		json_set_text(row, "actor", list[i].actor);
		json_object_set_new(row, "at", admin_time(list[i].at_us));
		json_array_append_new(rows, row);
	}
	json_object_set_new(result, "transitions", rows);
	return n < 0 ? -1 : 0;
}

static int
show(struct admin_call *call, struct store_reader *reader, struct arena *arena,
     struct err *err)
{
	const char *id = admin_text(call, "ID");
	const struct conversation *conversation;
	if (admin_find_conversation(reader, arena, id, &conversation, err))
		return -1;
	json_t *result = summary(conversation);
	json_t *rows = json_array();
	json_object_set_new(result, "identity",
			    admin_identity(conversation->identity));
	json_object_set_new(result, "messages", rows);
	call->result = result;
	if (add_entries(reader, conversation->id, rows, err) ||
	    add_transitions(reader, arena, conversation->id, result, err) ||
	    cases_add(reader, arena, conversation->id, result, err))
		return -1;
	if (admin_flag(call, "why"))
		return conversations_why_add(reader, arena, conversation->id,
					     result, err);
	return 0;
}

static int
run_show(struct admin_call *call, struct err *err)
{
	return admin_read(call, show, err);
}

static void
print_entry(const json_t *row, FILE *out)
{
	const char *kind = json_get_text(row, "kind", "");
	const char *state = json_get_text(row, "state", "");
	bool is_withdrawn = strcmp(state, "withdrawn") == 0;
	fprintf(out, "\n%s  %s%s%s  %s%s%s%s\n", json_get_text(row, "at", ""),
		json_get_text(row, "author", ""),
		*json_get_text(row, "name", "") ? " " : "",
		json_get_text(row, "name", ""), json_get_text(row, "id", ""),
		*kind ? "  " : "", kind,
		is_withdrawn ? "  (taken back before it was out)" : "");
	admin_print_text(json_get_text(row, "text", ""), out);
	size_t i;
	json_t *option;
	json_array_foreach (json_object_get(row, "options"), i, option) {
		fprintf(out, "[%zu]", i + 1);
		admin_print_text(json_get_text(option, "label", ""), out);
	}
	review_print_ratings(row, out);
}

static void
print_show(const json_t *result, FILE *out)
{
	fprintf(out, "%s on %s: %s, turns: %lld\n",
		json_get_text(result, "id", ""),
		json_get_text(result, "channel", ""),
		json_get_text(result, "state", ""),
		(long long)json_get_int(result, "turns", 0));
	admin_print_identity(result, out);
	size_t i;
	json_t *row;
	json_array_foreach (json_object_get(result, "messages"), i, row)
		print_entry(row, out);
	json_array_foreach (json_object_get(result, "transitions"), i, row)
		fprintf(out, "\n%s  %s -> %s: %s (%s)\n",
			json_get_text(row, "at", ""),
			json_get_text(row, "from", ""),
			json_get_text(row, "to", ""),
			json_get_text(row, "reason", ""),
			json_get_text(row, "actor", ""));
	cases_print(result, out);
	conversations_why_print(result, out);
}

static const struct admin_argument list_arguments[] = {
	{"--in", ADMIN_TEXT, false, "STATE",
	 "only those: bot, waiting, person, closed"},
	{"--channel", ADMIN_TEXT, false, "NAME", "only those of a channel"},
	{"--limit", ADMIN_NUMBER, false, "N", "at most so many (20)"},
	{"--before", ADMIN_TEXT, false, "ID", "only those behind this one"},
	{0},
};

static const struct admin_argument show_arguments[] = {
	{"ID", ADMIN_TEXT, true, NULL, "cnv_..."},
	{"--why", ADMIN_FLAG, false, NULL,
	 "also what each turn was decided upon"},
	{0},
};

static const struct admin_argument draft_arguments[] = {
	{"ID", ADMIN_TEXT, true, NULL, "cnv_..."},
	{0},
};

static const struct admin_argument export_arguments[] = {
	{"FILE", ADMIN_OUTPUT, false, NULL, "where to; else to stdout"},
	{"--approved", ADMIN_FLAG, false, NULL,
	 "only turns that were approved or rated well"},
	{0},
};

const struct admin_command admin_conversations_commands[] = {
	{"conversations", "list", "The conversations, newest first.",
	 ADMIN_STORE, list_arguments, run_list, print_list},
	{"conversations", "show", "What was said in a conversation.",
	 ADMIN_STORE, show_arguments, run_show, print_show},
	{"conversations", "draft",
	 "What the generator would answer: a draft, approved by nobody.",
	 ADMIN_NEEDS_DAEMON | ADMIN_GENERATES, draft_arguments,
	 conversations_draft_run, conversations_draft_print},
	{"conversations", "export",
	 "All conversations, one JSON object a line, redacted as they are.",
	 ADMIN_STORE, export_arguments, conversations_export_run,
	 conversations_export_print},
	{0},
};
