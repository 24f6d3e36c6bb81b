#include <string.h>

#include "admin/admin.h"
#include "admin/commands.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "dialog/delivery.h"
#include "dialog/desk.h"
#include "store/conversation.h"
#include "store/turn.h"

#define PAGE 200

static int
run_ask(struct admin_call *call, struct err *err)
{
	struct desk_answer answer = {
		.conversation = admin_text(call, "conversation"),
		.text = admin_text(call, "TEXT"),
		.id = admin_text(call, "id"),
	};
	if (desk_ask(call->desk, &answer, err))
		return -1;
	call->result = json_object();
	json_set_text(call->result, "conversation", answer.conversation_id);
	json_set_text(call->result, "message", answer.message_id);
	json_set_text(call->result, "reply", answer.reply);
	json_set_text(call->result, "kind", answer.kind);
	json_object_set_new(call->result, "sources",
			    admin_embedded(answer.sources));
	json_set_real(call->result, "confidence", answer.confidence);
	json_object_set_new(call->result, "options",
			    admin_embedded(answer.options));
	desk_answer_release(&answer);
	return 0;
}

static void
print_options(const json_t *options, FILE *out)
{
	size_t i;
	json_t *option;
	json_array_foreach (options, i, option)
		fprintf(out, "  (%zu) %s\n", i + 1,
			json_get_text(option, "label", ""));
}

static void
print_sources(const json_t *sources, FILE *out)
{
	size_t i;
	json_t *source;
	json_array_foreach (sources, i, source)
		fprintf(out, "%s%s@%lld", i ? ", " : "\n[",
			json_get_text(source, "id", ""),
			(long long)json_get_int(source, "version", 0));
	if (i)
		fprintf(out, "]\n");
}

static void
print_ask(const json_t *result, FILE *out)
{
	const char *reply = json_get_text(result, "reply", "");
	const char *name = json_get_text(result, "name", "");
	bool has_kind = *json_get_text(result, "kind", "") != '\0';
	fprintf(out, "%s%s%s\n", name, *name ? ": " : "",
		*reply	   ? reply
		: has_kind ? "(A person has this conversation.)"
			   : "(This had come before.)");
	print_options(json_object_get(result, "options"), out);
	print_sources(json_object_get(result, "sources"), out);
}

/* ---- chat: what is said to a customer, again and again */

struct news {
	json_t *replies;
	int64_t after;	    /* behind it everything is yet to be shown */
	int64_t asked_turn; /* of the customer's last message */
	bool is_from_asked; /* only what came after that, by itself */
	bool is_pending;    /* a message of his has had no turn yet */
	const char *public_id;
};

static json_t *
news_row(const struct news *news, const struct entry *entry)
{
	char id[MESSAGE_ID_SIZE];
	json_t *row = json_object();
	int64_t message = entry->n_in_reply_to
				  ? entry->in_reply_to[entry->n_in_reply_to - 1]
				  : 0;
	json_set_text(row, "conversation", news->public_id);
	json_set_text(row, "id", message_id_format(entry->id, id));
	json_set_text(row, "message",
		      message ? message_id_format(message, id) : "");
	json_set_text(row, "author", entry->author);
	json_set_text(row, "name", entry->name);
	json_set_text(row, "reply", entry->text);
	json_set_text(row, "kind", entry->kind);
	json_object_set_new(row, "sources",
			    admin_embedded(entry->sources_json));
	json_set_real(row, "confidence", entry->confidence);
	json_object_set_new(row, "options",
			    admin_embedded(entry->options_json));
	json_object_set_new(row, "at", admin_time(entry->at_us));
	return row;
}

/* Who goes on with a conversation saw what was said to his last words. */
static void
add_entry(struct news *news, const struct entry *entry)
{
	if (!entry->is_reply) {
		news->asked_turn = entry->turn_id;
		news->is_pending |= entry->turn_id == 0;
		if (news->is_from_asked)
			json_array_clear(news->replies);
		return;
	}
	news->after = entry->id;
	if (!news->is_from_asked || entry->turn_id != news->asked_turn)
		json_array_append_new(news->replies, news_row(news, entry));
}

static int
read_news(struct store_reader *reader, struct arena *arena, int64_t id,
	  struct news *news, struct err *err)
{
	const struct entry *list;
	int64_t after = news->after;
	bool has_more = true;
	while (has_more) {
		long n = store_history(reader, arena, id, after, PAGE, &list,
				       &has_more, err);
		if (n < 0)
			return -1;
		for (long i = 0; i < n; i++) {
			add_entry(news, &list[i]);
			after = list[i].id;
		}
	}
	return 0;
}

/* A name under which nothing was said yet begins a conversation. */
static int
find_own(struct store_reader *reader, struct arena *arena, const char *name,
	 const struct conversation **found_r, struct err *err)
{
	int found = store_find_conversation(reader, arena, CHANNEL_TERMINAL, "",
					    name, found_r, err);
	bool is_id = strncmp(name, "cnv_", 4) == 0;
	if (!found && is_id)
		return admin_no_conversation(name, err);
	return found < 0 ? -1 : 0;
}

static int
look(struct admin_call *call, struct store_reader *reader, struct arena *arena,
     struct err *err)
{
	const struct conversation *found = NULL;
	const char *name = admin_text(call, "conversation");
	const char *after = admin_text(call, "after");
	char id[MESSAGE_ID_SIZE];
	struct news news = {
		.after = after && *after ? message_id_parse(after) : 0,
	};
	if (news.after < 0 || (after && *after && !news.after))
		return err_misuse(err, "--after %s: a message, msg_...", after);
	if (name && find_own(reader, arena, name, &found, err))
		return -1;
	news.is_from_asked = !news.after && !after;
	news.public_id = found ? found->public_id : "";
	news.replies = json_array();
	if (found && read_news(reader, arena, found->id, &news, err)) {
		json_decref(news.replies);
		return -1;
	}
	call->result = json_object();
	json_object_set_new(call->result, "replies", news.replies);
	json_set_text(call->result, "after",
		      news.after ? message_id_format(news.after, id) : "");
	json_set_bool(call->result, "pending", news.is_pending);
	return 0;
}

static int
run_chat(struct admin_call *call, struct err *err)
{
	return admin_read(call, look, err);
}

static const struct admin_argument ask_arguments[] = {
	{"TEXT", ADMIN_TEXT, true, NULL, "what a customer would write"},
	{"--conversation", ADMIN_TEXT, false, "ID",
	 "go on with this conversation, cnv_..."},
	{"--id", ADMIN_TEXT, false, "ID",
	 "the message's own: the same again is no second one"},
	{0},
};

static const struct admin_argument chat_arguments[] = {
	{"--conversation", ADMIN_TEXT, false, "ID",
	 "go on with this conversation, cnv_..."},
	{"--after", ADMIN_TEXT, false, "ID",
	 "begin with what was said behind this reply, msg_..."},
	{0},
};

const struct admin_command admin_ask_commands[] = {
	{"ask", NULL, "Ask as a customer, and show the reply.", ADMIN_STORE,
	 ask_arguments, run_ask, print_ask},
	{"chat", NULL, "Talk as a customer, line by line.",
	 ADMIN_STORE | ADMIN_DIALOGUE, chat_arguments, run_chat, print_ask},
	{0},
};
