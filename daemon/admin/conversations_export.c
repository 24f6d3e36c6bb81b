#include "admin/conversations_export.h"

#include <stdlib.h>
#include <string.h>

#include "admin/admin.h"
#include "admin/spool.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "dialog/desk.h"
#include "store/conversation.h"

#define PAGE 200
/* Of one conversation: more than anybody ever said in one. */
#define CONVERSATION_MAX 1000000

/* A reviewer approved the turn, or the customer rated the reply well. */
static bool
is_approved(const struct entry *entry)
{
	return entry->is_reply && (entry->is_approved || entry->rating > 0);
}

/* The ids of messages that approved replies answer, in order. */
struct answered {
	int64_t *ids;
	size_t n;
};

static int
compare_ids(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static struct answered
find_answered(struct arena *arena, const struct entry *list, size_t n)
{
	struct answered answered = {0};
	size_t max = 0;
	for (size_t i = 0; i < n; i++)
		max += list[i].n_in_reply_to;
	answered.ids = arena_array(arena, max + 1, sizeof(*answered.ids));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0;
		     is_approved(&list[i]) && k < list[i].n_in_reply_to; k++)
			answered.ids[answered.n++] = list[i].in_reply_to[k];
	qsort(answered.ids, answered.n, sizeof(*answered.ids), compare_ids);
	return answered;
}

/* Is it an approved reply, or a message that one answers? */
static bool
is_worth(const struct entry *entry, const struct answered *answered)
{
	return entry->is_reply
		       ? is_approved(entry)
		       : bsearch(&entry->id, answered->ids, answered->n,
				 sizeof(*answered->ids), compare_ids) != NULL;
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
	json_set_text(row, "state", entry->state);
	json_object_set_new(row, "at", admin_time(entry->at_us));
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
	struct answered answered =
		find_answered(&arena, list, n > 0 ? (size_t)n : 0);
	json_t *messages = json_array();
	for (long i = 0; i < n; i++) {
		bool approved = is_worth(&list[i], &answered);
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
		if (desk_is_stopping(call->desk))
			return err_set(err, "the daemon is stopping");
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

int
conversations_export_run(struct admin_call *call, struct err *err)
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

void
conversations_export_print(const json_t *result, FILE *out)
{
	fprintf(out, "%lld conversations, %lld messages\n",
		(long long)json_get_int(result, "conversations", 0),
		(long long)json_get_int(result, "messages", 0));
}
