#include <string.h>

#include "admin/admin.h"
#include "admin/commands.h"
#include "admin/spool.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "dialog/desk.h"
#include "store/conversation.h"
#include "store/turn.h"

#define LIST_DEFAULT 20
#define LIST_MAX 1000
#define PAGE 200
/* Of one conversation: more than anybody ever said in one. */
#define CONVERSATION_MAX 1000000

static json_t *
time_json(int64_t us)
{
	char text[TIME_TEXT_SIZE];
	return json_string(time_format(us, text));
}

static json_t *
embedded(const char *text)
{
	json_t *value = json_loads(text, 0, NULL);
	return value ? value : json_array();
}

static int
no_conversation(const char *id, const struct err *why, struct err *err)
{
	if (*why->text)
		return err_set(err, "%s", why->text);
	return err_set(err,
		       "there is no conversation %s; 'tellerctl "
		       "conversations list' shows them",
		       id);
}

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
			    time_json(conversation->created_at_us));
	json_object_set_new(row, "updated",
			    time_json(conversation->updated_at_us));
	return row;
}

static int
run_list(struct admin_call *call, struct err *err)
{
	int64_t limit = admin_number(call, "limit", LIST_DEFAULT);
	enum conversation_state state;
	const char *name = admin_text(call, "state");
	if (limit < 1 || limit > LIST_MAX)
		return err_set(err, "--limit: from 1 to %d", LIST_MAX);
	if (name && !conversation_state_by_name(name, &state))
		return err_set(err, "--state: bot, waiting, person or closed");
	struct store_reader *reader =
		store_read_begin(desk_store(call->desk), err);
	if (!reader)
		return -1;
	struct arena arena = {0};
	const struct conversation *list;
	long n = store_list_conversations(reader, &arena,
					  admin_text(call, "channel"), name, 0,
					  (size_t)limit, &list, err);
	store_read_end(reader);
	json_t *rows = json_array();
	for (long i = 0; i < n; i++)
		json_array_append_new(rows, summary(&list[i]));
	arena_release(&arena);
	call->result = json_pack("{s:o}", "conversations", rows);
	return n < 0 ? -1 : 0;
}

static void
print_list(const json_t *result, FILE *out)
{
	size_t i;
	json_t *row;
	json_array_foreach (json_object_get(result, "conversations"), i, row)
		fprintf(out, "%s  %-8s %-7s %4lld turns  %s\n",
			json_get_text(row, "id", ""),
			json_get_text(row, "channel", ""),
			json_get_text(row, "state", ""),
			(long long)json_get_int(row, "turns", 0),
			json_get_text(row, "updated", ""));
	if (!i)
		fprintf(out, "No conversations.\n");
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
	json_object_set_new(row, "at", time_json(entry->at_us));
	if (entry->is_reply) {
		json_set_real(row, "confidence", entry->confidence);
		json_object_set_new(row, "options",
				    embedded(entry->options_json));
		json_object_set_new(row, "sources",
				    embedded(entry->sources_json));
	}
	return row;
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
			json_array_append_new(rows, entry_json(&list[i]));
			after = list[i].id;
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
		json_object_set_new(row, "at", time_json(list[i].at_us));
		json_array_append_new(rows, row);
	}
	json_object_set_new(result, "transitions", rows);
	return n < 0 ? -1 : 0;
}

/* The explain cards: what each turn was decided upon. */
static int
add_why(struct store_reader *reader, struct arena *arena,
	int64_t conversation_id, json_t *result, struct err *err)
{
	json_t *rows = json_array();
	json_object_set_new(result, "turns", rows);
	int64_t after = 0;
	long n;
	do {
		const struct turn *list;
		n = store_turns(reader, arena, conversation_id, after, PAGE,
				&list, err);
		for (long i = 0; i < n; i++) {
			json_t *row = embedded(list[i].record);
			json_set_int(row, "turn", list[i].id);
			json_array_append_new(rows, row);
			after = list[i].id;
		}
	} while (n == PAGE);
	return n < 0 ? -1 : 0;
}

static int
show(struct admin_call *call, struct store_reader *reader, struct arena *arena,
     struct err *err)
{
	struct err why = {""};
	const char *id = admin_text(call, "ID");
	const struct conversation *conversation =
		store_get_conversation(reader, arena, id, &why);
	if (!conversation)
		return no_conversation(id, &why, err);
	json_t *result = summary(conversation);
	json_t *rows = json_array();
	json_object_set_new(result, "messages", rows);
	call->result = result;
	if (add_entries(reader, conversation->id, rows, err) ||
	    add_transitions(reader, arena, conversation->id, result, err))
		return -1;
	if (admin_flag(call, "why"))
		return add_why(reader, arena, conversation->id, result, err);
	return 0;
}

static int
run_show(struct admin_call *call, struct err *err)
{
	struct store_reader *reader =
		store_read_begin(desk_store(call->desk), err);
	if (!reader)
		return -1;
	struct arena arena = {0};
	int rc = show(call, reader, &arena, err);
	store_read_end(reader);
	arena_release(&arena);
	return rc;
}

static void
print_entry(const json_t *row, FILE *out)
{
	const char *kind = json_get_text(row, "kind", "");
	fprintf(out, "\n%s  %s%s%s  %s%s%s\n", json_get_text(row, "at", ""),
		json_get_text(row, "author", ""),
		*json_get_text(row, "name", "") ? " " : "",
		json_get_text(row, "name", ""), json_get_text(row, "id", ""),
		*kind ? "  " : "", kind);
	fprintf(out, "%s\n", json_get_text(row, "text", ""));
}

static void
print_why(const json_t *turn, FILE *out)
{
	fprintf(out, "\nturn %lld: %s by %s, confidence %.2f%s%s\n",
		(long long)json_get_int(turn, "turn", 0),
		json_get_text(turn, "kind", ""),
		json_get_text(turn, "rule", ""),
		json_number_value(json_object_get(turn, "confidence")),
		json_get_text(turn, "entry", NULL) ? ", " : "",
		json_get_text(turn, "entry", ""));
	size_t i;
	json_t *row;
	json_array_foreach (json_object_get(turn, "candidates"), i, row)
		fprintf(out,
			"    %s@%lld  score %.2f, coverage %.2f, "
			"closeness %.2f\n",
			json_get_text(row, "id", ""),
			(long long)json_get_int(row, "version", 0),
			json_number_value(json_object_get(row, "score")),
			json_number_value(json_object_get(row, "coverage")),
			json_number_value(json_object_get(row, "closeness")));
}

static void
print_show(const json_t *result, FILE *out)
{
	fprintf(out, "%s on %s, with the %s, %lld turns\n",
		json_get_text(result, "id", ""),
		json_get_text(result, "channel", ""),
		json_get_text(result, "state", ""),
		(long long)json_get_int(result, "turns", 0));
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
	const json_t *turns = json_object_get(result, "turns");
	if (json_is_array(turns))
		json_array_foreach (turns, i, row)
			print_why(row, out);
}

/* ---- export */

/* A reviewer approved the turn, or the customer rated the reply well. */
static bool
is_approved(const struct entry *entry)
{
	return entry->is_reply && (entry->is_approved || entry->rating > 0);
}

/* Is the customer's message answered by an approved reply of the list? */
static bool
is_answered_well(const struct entry *list, size_t n, int64_t message_id)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < list[i].n_in_reply_to; k++)
			if (list[i].in_reply_to[k] == message_id &&
			    is_approved(&list[i]))
				return true;
	return false;
}

static const char *
role_of(const struct entry *entry)
{
	if (strcmp(entry->author, "customer") == 0)
		return "user";
	return strcmp(entry->author, "agent") == 0 ? "agent" : "assistant";
}

static json_t *
message_json(const struct entry *entry, bool approved)
{
	json_t *row = json_object();
	json_set_text(row, "role", role_of(entry));
	json_set_text(row, "content", entry->text);
	json_object_set_new(row, "at", time_json(entry->at_us));
	json_set_bool(row, "approved", approved);
	json_object_set_new(row, "rating",
			    entry->rating ? json_integer(entry->rating)
					  : json_null());
	return row;
}

struct export
{
	struct store_reader *reader;
	struct spool *spool;
	bool only_approved;
	int64_t conversations, messages;
};

static long
read_all(struct export *export, struct arena *arena, int64_t conversation_id,
	 const struct entry **list_r, struct err *err)
{
	bool more;
	return store_history(export->reader, arena, conversation_id, 0,
			     CONVERSATION_MAX, list_r, &more, err);
}

static int
export_one(struct export *export, const struct conversation *conversation,
	   struct err *err)
{
	struct arena arena = {0};
	const struct entry *list;
	long n = read_all(export, &arena, conversation->id, &list, err);
	json_t *messages = json_array();
	for (long i = 0; i < n; i++) {
		bool approved =
			list[i].is_reply
				? is_approved(&list[i])
				: is_answered_well(list, (size_t)n, list[i].id);
		if (*list[i].text && (approved || !export->only_approved))
			json_array_append_new(messages,
					      message_json(&list[i], approved));
	}
	arena_release(&arena);
	size_t n_messages = json_array_size(messages);
	json_t *line = json_object();
	json_set_text(line, "id", conversation->public_id);
	json_set_text(line, "channel", conversation->channel);
	json_set_text(line, "lang", conversation->language);
	json_object_set_new(line, "messages", messages);
	int rc = n < 0 ? -1 : 0;
	if (!rc && n_messages) {
		export->conversations++;
		export->messages += (int64_t)n_messages;
		rc = spool_json_line(export->spool, line, err);
	}
	json_decref(line);
	return rc;
}

/* Newest first, a page at a time, each page in a snapshot of its own. */
static int
export_all(struct admin_call *call, struct export *export, struct err *err)
{
	int64_t before = 0;
	long n;
	do {
		struct arena arena = {0};
		const struct conversation *list;
		export->reader = store_read_begin(desk_store(call->desk), err);
		if (!export->reader)
			return -1;
		n = store_list_conversations(export->reader, &arena, NULL, NULL,
					     before, PAGE, &list, err);
		for (long i = 0; i < n; i++) {
			before = list[i].id;
			if (export_one(export, &list[i], err)) {
				n = -1;
				break;
			}
		}
		store_read_end(export->reader);
		arena_release(&arena);
	} while (n == PAGE);
	return n < 0 ? -1 : 0;
}

static int
run_export(struct admin_call *call, struct err *err)
{
	struct spool spool;
	if (spool_open(&spool, desk_state_dir(call->desk), err))
		return -1;
	struct export export = {
		.spool = &spool,
		.only_approved = admin_flag(call, "approved"),
	};
	if (export_all(call, &export, err) ||
	    spool_finish(&spool, &call->output, &call->output_len, err)) {
		spool_release(&spool);
		return -1;
	}
	call->result = json_object();
	json_set_int(call->result, "conversations", export.conversations);
	json_set_int(call->result, "messages", export.messages);
	return 0;
}

static void
print_export(const json_t *result, FILE *out)
{
	fprintf(out, "%lld conversations, %lld messages\n",
		(long long)json_get_int(result, "conversations", 0),
		(long long)json_get_int(result, "messages", 0));
}

static const struct admin_argument list_arguments[] = {
	{"--state", ADMIN_TEXT, false, "STATE",
	 "only those: bot, waiting, person, closed"},
	{"--channel", ADMIN_TEXT, false, "NAME", "only those of a channel"},
	{"--limit", ADMIN_NUMBER, false, "N", "at most so many (20)"},
	{0},
};

static const struct admin_argument show_arguments[] = {
	{"ID", ADMIN_TEXT, true, NULL, "cnv_..."},
	{"--why", ADMIN_FLAG, false, NULL,
	 "also what each turn was decided upon"},
	{0},
};

static const struct admin_argument export_arguments[] = {
	{"FILE", ADMIN_OUTPUT, false, NULL, "where to; else to stdout"},
	{"--approved", ADMIN_FLAG, false, NULL,
	 "only turns that were approved or rated well"},
	{0},
};

const struct admin_command admin_conversations_commands[] = {
	{"conversations", "list", "The conversations, newest first.", 0,
	 list_arguments, run_list, print_list},
	{"conversations", "show", "What was said in a conversation.", 0,
	 show_arguments, run_show, print_show},
	{"conversations", "export",
	 "All conversations, one JSON object a line, redacted as they are.", 0,
	 export_arguments, run_export, print_export},
	{0},
};
