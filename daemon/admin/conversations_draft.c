#include "admin/conversations_draft.h"

#include "base/json.h"
#include "dialog/draft.h"

static json_t *
entries_json(const struct draft *draft)
{
	json_t *list = json_array();
	for (size_t i = 0; i < draft->n_entries; i++) {
		const struct draft_entry *entry = &draft->entries[i];
		json_t *row = json_object();
		json_set_text(row, "id", entry->name);
		json_set_int(row, "version", entry->version);
		json_set_text(row, "title", entry->title);
		json_array_append_new(list, row);
	}
	return list;
}

int
conversations_draft_run(struct admin_call *call, struct err *err)
{
	const char *id = admin_text(call, "ID");
	struct draft draft;
	int rc = draft_make(call->desk, id, call->wish, &draft, err);
	if (!rc) {
		call->result = json_object();
		json_set_text(call->result, "conversation", id);
		json_set_text(call->result, "draft", draft.text);
		json_set_bool(call->result, "approved", false);
		json_set_bool(call->result, "cut", draft.is_cut);
		json_object_set_new(call->result, "entries",
				    entries_json(&draft));
		json_set_int(call->result, "prompt_tokens",
			     (int64_t)draft.n_prompt);
		json_set_int(call->result, "new_tokens", (int64_t)draft.n_new);
	}
	draft_release(&draft);
	return rc;
}

void
conversations_draft_print(const json_t *result, FILE *out)
{
	size_t i;
	json_t *entry;
	fprintf(out,
		"DRAFT of the generator, approved by nobody%s.  Check it "
		"against",
		json_get_bool(result, "cut", false) ? ", and cut off" : "");
	json_array_foreach (json_object_get(result, "entries"), i, entry)
		fprintf(out, "%s %s@%lld", i ? "," : "",
			json_get_text(entry, "id", ""),
			(long long)json_get_int(entry, "version", 0));
	fprintf(out, "%s.\n\n", i ? "" : " what you know: no entry is near");
	admin_print_text(json_get_text(result, "draft", ""), out);
}
