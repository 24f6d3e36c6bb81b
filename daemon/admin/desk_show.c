/* One conversation, for the agent who takes it. */
#include "admin/cases.h"
#include "admin/desk_verbs.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "dialog/desk.h"
#include "dialog/knowledge.h"
#include "dialog/memory.h"
#include "dialog/suggest.h"
#include "faq/index.h"
#include "store/conversation.h"
#include "store/desk.h"

static void
add_words(void *rows, const struct desk_words *words)
{
	json_t *row = json_object();
	json_set_text(row, "author", words->author);
	json_set_text(row, "name", words->name);
	json_set_text(row, "text", words->text);
	json_object_set_new(row, "at", admin_time(words->at_us));
	json_array_append_new(rows, row);
}

static int
add_changes(struct store_reader *reader, struct arena *arena, int64_t id,
	    json_t *result, struct err *err)
{
	const struct transition *list;
	long n = store_transitions(reader, arena, id, &list, err);
	json_t *rows = json_array();
	json_object_set_new(result, "transitions", rows);
	for (long i = 0; i < n; i++) {
		json_t *row = json_object();
		json_set_text(row, "from", list[i].from);
		json_set_text(row, "to", list[i].to);
		json_set_text(row, "reason", list[i].reason);
		json_set_text(row, "actor", list[i].actor);
		json_object_set_new(row, "at", admin_time(list[i].at_us));
		json_array_append_new(rows, row);
	}
	return n < 0 ? -1 : 0;
}

/* What the bot would say to the customer's last words. */
static void
add_suggestion(struct admin_call *call, const struct desk_words *last,
	       json_t *result)
{
	const struct knowledge *knowledge =
		library_get(desk_library(call->desk));
	struct index_scratch *scratch = index_scratch_new();
	const struct index_entry *entry =
		knowledge
			? suggest_entry(knowledge, scratch, last, time_now_us())
			: NULL;
	json_t *row = NULL;
	if (entry) {
		row = json_object();
		json_set_text(row, "id", entry->name);
		json_set_int(row, "version", entry->version);
		json_set_text(row, "question", entry->question);
		json_set_text(row, "answer", entry->answer);
	}
	json_object_set_new(result, "suggestion", row ? row : json_null());
	index_scratch_free(scratch);
	knowledge_put(knowledge);
}

/* What he has answered of a form that is open. */
static json_t *
form_json(const struct form_state *form)
{
	if (!form->name)
		return json_null();
	json_t *answers = json_object();
	for (size_t i = 0; i < form->n_values; i++)
		json_set_text(answers, form->values[i].slot,
			      form->values[i].value);
	return json_pack("{s:s, s:o}", "name", form->name, "answers", answers);
}

static json_t *
head(const struct conversation *conversation, const struct memory *memory)
{
	json_t *result = json_object();
	json_set_text(result, "id", conversation->public_id);
	json_set_text(result, "channel", conversation->channel);
	json_set_text(result, "lang", conversation->language);
	json_object_set_new(result, "identity",
			    admin_identity(conversation->identity));
	json_set_text(result, "state",
		      conversation_state_name(conversation->state));
	json_set_text(result, "owner", conversation->owner);
	json_object_set_new(result, "lease_until",
			    conversation->lease_until_us
				    ? admin_time(conversation->lease_until_us)
				    : json_null());
	json_object_set_new(result, "since",
			    memory->asked_us ? admin_time(memory->asked_us)
					     : json_null());
	json_set_text(result, "call_back", memory->call_back);
	json_object_set_new(result, "form", form_json(&memory->form));
	return result;
}

static int
show(struct admin_call *call, struct store_reader *reader, struct arena *arena,
     struct err *err)
{
	struct memory memory;
	const struct desk_words *last;
	const char *id = admin_text(call, "ID");
	const struct conversation *conversation;
	if (admin_find_conversation(reader, arena, id, &conversation, err))
		return -1;
	memory_read(&memory, arena, conversation->memory);
	json_t *rows = json_array();
	call->result = head(conversation, &memory);
	json_object_set_new(call->result, "messages", rows);
	if (suggest_words(reader, arena, conversation->id, add_words, rows,
			  &last, err) ||
	    add_changes(reader, arena, conversation->id, call->result, err) ||
	    cases_add(reader, arena, conversation->id, call->result, err))
		return -1;
	add_suggestion(call, last, call->result);
	return 0;
}

int
desk_run_show(struct admin_call *call, struct err *err)
{
	return admin_read(call, show, err);
}

static void
print_suggestion(const json_t *suggestion, FILE *out)
{
	if (!json_is_object(suggestion))
		return;
	fprintf(out, "\nThe assistant would say (%s@%lld, %s):\n",
		json_get_text(suggestion, "id", ""),
		(long long)json_get_int(suggestion, "version", 0),
		json_get_text(suggestion, "question", ""));
	admin_print_text(json_get_text(suggestion, "answer", ""), out);
}

static void
print_form(const json_t *form, FILE *out)
{
	const char *slot;
	json_t *value;
	if (!json_is_object(form))
		return;
	fprintf(out, "Is being asked for %s:\n",
		json_get_text(form, "name", ""));
	json_object_foreach (json_object_get(form, "answers"), slot, value) {
		fprintf(out, "  %s\n", slot);
		admin_print_text(json_string_value(value), out);
	}
}

static void
print_head(const json_t *result, FILE *out)
{
	const char *owner = json_get_text(result, "owner", "");
	const char *since = json_get_text(result, "since", "");
	const char *call_back = json_get_text(result, "call_back", "");
	fprintf(out, "%s on %s: %s", json_get_text(result, "id", ""),
		json_get_text(result, "channel", ""),
		json_get_text(result, "state", ""));
	if (*owner)
		fprintf(out, ", with %s until %s", owner,
			json_get_text(result, "lease_until", ""));
	if (*since)
		fprintf(out, ", asked for a person at %s", since);
	fprintf(out, "\n");
	admin_print_identity(result, out);
	if (*call_back)
		fprintf(out, "Call back: %s\n", call_back);
	print_form(json_object_get(result, "form"), out);
}

void
desk_print_show(const json_t *result, FILE *out)
{
	size_t i;
	json_t *row;
	print_head(result, out);
	json_array_foreach (json_object_get(result, "messages"), i, row) {
		const char *name = json_get_text(row, "name", "");
		fprintf(out, "\n%s  %s%s%s\n", json_get_text(row, "at", ""),
			json_get_text(row, "author", ""), *name ? " " : "",
			name);
		admin_print_text(json_get_text(row, "text", ""), out);
	}
	json_array_foreach (json_object_get(result, "transitions"), i, row)
		fprintf(out, "\n%s  %s -> %s: %s (%s)\n",
			json_get_text(row, "at", ""),
			json_get_text(row, "from", ""),
			json_get_text(row, "to", ""),
			json_get_text(row, "reason", ""),
			json_get_text(row, "actor", ""));
	cases_print(result, out);
	print_suggestion(json_object_get(result, "suggestion"), out);
}

const struct admin_argument desk_show_arguments[] = {
	{"ID", ADMIN_TEXT, true, NULL, "cnv_..."},
	{0},
};
