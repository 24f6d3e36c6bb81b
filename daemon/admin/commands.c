#include "admin/commands.h"

#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "dialog/desk.h"
#include "store/conversation.h"
#include "store/store.h"

/* Each noun's rows end with noun NULL. */
static const struct admin_command *const nouns[] = {
	admin_ask_commands,	      admin_status_commands,
	admin_conversations_commands, admin_cases_commands,
	admin_review_commands,	      admin_desk_commands,
	admin_faq_commands,	      admin_intents_commands,
	admin_replay_commands,	      admin_audit_commands,
	admin_keys_commands,	      admin_backup_commands,
	admin_options_commands,	      admin_test_commands,
	admin_model_commands,	      admin_slack_commands,
	admin_completion_commands,
};

const struct admin_command *
admin_command(size_t i)
{
	for (size_t n = 0; n < sizeof(nouns) / sizeof(*nouns); n++)
		for (const struct admin_command *row = nouns[n]; row->noun;
		     row++)
			if (i-- == 0)
				return row;
	return NULL;
}

static bool
is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

const struct admin_command *
admin_find(const char *noun, const char *verb)
{
	const struct admin_command *command;
	for (size_t i = 0; (command = admin_command(i)); i++)
		if (is_same(command->noun, noun) &&
		    is_same(command->verb, verb))
			return command;
	return NULL;
}

/* What it is about stands by its place, so that its name is in capitals. */
static bool
is_bare(const struct admin_command *command, const json_t *arguments)
{
	const struct admin_argument *row = command->arguments;
	for (; row && row->name; row++)
		if (row->name[0] != '-' &&
		    json_object_get(arguments, row->name))
			return false;
	return true;
}

bool
admin_is_plain(const struct admin_command *command, const json_t *arguments)
{
	return command->flags & ADMIN_NO_DESK &&
	       !(command->flags & ADMIN_BARE_DESK &&
		 is_bare(command, arguments));
}

const char *
admin_text(const struct admin_call *call, const char *name)
{
	return json_get_text(call->arguments, name, NULL);
}

const char *
admin_text_at(const struct admin_call *call, const char *name, size_t i)
{
	const json_t *list = json_object_get(call->arguments, name);

	return json_string_value(json_array_get(list, i));
}

int64_t
admin_number(const struct admin_call *call, const char *name, int64_t fallback)
{
	return json_get_int(call->arguments, name, fallback);
}

bool
admin_flag(const struct admin_call *call, const char *name)
{
	return json_get_bool(call->arguments, name, false);
}

int
admin_limit(const struct admin_call *call, int64_t fallback, int64_t most,
	    int64_t *limit_r, struct err *err)
{
	*limit_r = admin_number(call, "limit", fallback);
	if (*limit_r >= 1 && *limit_r <= most)
		return 0;
	return err_misuse(err, "--limit: from 1 to %lld", (long long)most);
}

int
admin_read(struct admin_call *call, admin_read_fn *read, struct err *err)
{
	struct store_reader *reader =
		store_read_begin(desk_store(call->desk), err);
	if (!reader)
		return -1;
	struct arena arena = {0};
	int rc = read(call, reader, &arena, err);
	store_read_end(reader);
	arena_release(&arena);
	return rc;
}

int
admin_date(const struct admin_call *call, const char *name, int64_t *us_r,
	   struct err *err)
{
	const char *date = admin_text(call, name);
	*us_r = 0;
	if (!date || time_parse(date, us_r))
		return 0;
	return err_misuse(err,
			  "--%s %s: a date such as 2026-05-03, or "
			  "2026-05-03T14:00:00Z",
			  name, date);
}

json_t *
admin_time(int64_t us)
{
	char text[TIME_TEXT_SIZE];
	return json_string(time_format(us, text));
}

json_t *
admin_embedded(const char *text)
{
	json_t *value = json_loads(text, 0, NULL);
	return value ? value : json_array();
}

int
admin_find_conversation(struct store_reader *reader, struct arena *arena,
			const char *id, const struct conversation **found_r,
			struct err *err)
{
	int found = store_get_conversation(reader, arena, id, found_r, err);
	return found ? found > 0 ? 0 : -1 : admin_no_conversation(id, err);
}

int
admin_no_conversation(const char *id, struct err *err)
{
	bool is_id = strncmp(id, "cnv_", 4) == 0;
	return err_set(
		err,
		"there is no conversation %s; %s'tellerctl "
		"conversations list' shows them",
		id,
		is_id ? ""
		      : "its id is wanted, cnv_..., which 'tellerctl ask "
			"--json' says; ");
}

json_t *
admin_identity(const char *identity)
{
	json_t *value = json_loads(identity, 0, NULL);
	return value ? value : json_null();
}

void
admin_print_identity(const json_t *result, FILE *out)
{
	const json_t *identity = json_object_get(result, "identity");
	const char *id = json_get_text(identity, "id", "");
	const char *name = json_get_text(identity, "name", "");
	if (*id && *name)
		fprintf(out, "Signed in as %s (%s)\n", name, id);
	else if (*id)
		fprintf(out, "Signed in as %s\n", id);
}

void
admin_print_text(const char *text, FILE *out)
{
	for (size_t len; *text; text += len) {
		len = strcspn(text, "\n");
		fprintf(out, "    %.*s\n", (int)len, text);
		len += text[len] == '\n';
	}
}
