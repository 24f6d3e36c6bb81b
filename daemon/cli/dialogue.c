#include "cli/dialogue.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/arguments.h"
#include "admin/client.h"
#include "base/err.h"
#include "base/json.h"
#include "cli/patience.h"
#include "cli/screen.h"
#include "cli/typing.h"

struct dialogue {
	struct patience patience;
	struct arguments *arguments; /* its values name the conversation, and
				      * the place up to which all is shown */
	struct typing typing;
	bool is_expecting; /* something he wrote has had no turn yet */
	bool has_news;	   /* something was shown by the last look */
};

static int
show(struct dialogue *dialogue, const json_t *result,
     const struct admin_command *command, struct err *err)
{
	enum screen_form form =
		dialogue->arguments->is_json ? SCREEN_JSON_LINE : SCREEN_TALK;
	typing_hide(&dialogue->typing);
	return screen_show(result, form, command->print, stdout, err);
}

/* Each a document of its own. */
static int
show_replies(struct dialogue *dialogue, const json_t *replies, struct err *err)
{
	size_t i;
	json_t *reply;
	json_array_foreach (replies, i, reply)
		if (show(dialogue, reply, dialogue->arguments->command, err))
			return -1;
	dialogue->has_news = i > 0;
	return 0;
}

/* What has been said to the customer since he looked last, by whomever.  What
 * was said to what he wrote comes this way, too, so that all of it comes once
 * and in order. */
static int
look(struct dialogue *dialogue, struct err *err)
{
	struct client_call call = {
		.command = dialogue->arguments->command,
		.arguments = dialogue->arguments->values,
	};
	int rc = patience_call(&dialogue->patience, &call, err);
	if (rc)
		return rc < 0 ? -1 : 0;
	json_set_text(call.arguments, "after",
		      json_get_text(call.result, "after", ""));
	dialogue->is_expecting = json_get_bool(call.result, "pending", false);
	rc = show_replies(dialogue, json_object_get(call.result, "replies"),
			  err);
	json_decref(call.result);
	return rc;
}

static json_t *
ask_arguments(const struct dialogue *dialogue, const char *line)
{
	char id[PATIENCE_ID_SIZE];
	json_t *arguments = json_object();
	patience_make_id(id);
	json_set_text(arguments, "id", id);
	json_set_text(arguments, "TEXT", line);
	json_object_set(
		arguments, "conversation",
		json_object_get(dialogue->arguments->values, "conversation"));
	return arguments;
}

/* That there was no reply is told when nobody else said anything. */
static int
answered(struct dialogue *dialogue, const struct client_call *call,
	 struct err *err)
{
	json_set_text(dialogue->arguments->values, "conversation",
		      json_get_text(call->result, "conversation", ""));
	if (look(dialogue, err))
		return -1;
	while (dialogue->is_expecting) {
		usleep(PATIENCE_MS * 1000);
		if (look(dialogue, err))
			return -1;
	}
	const char *kind = json_get_text(call->result, "kind", "");
	if (dialogue->has_news || !*kind ||
	    *json_get_text(call->result, "reply", ""))
		return 0;
	return show(dialogue, call->result, call->command, err);
}

/* One line of a conversation, and what is said to it. */
static int
say(struct dialogue *dialogue, const char *line, struct err *err)
{
	struct client_call call = {
		.command = admin_find("ask", NULL),
		.arguments = ask_arguments(dialogue, line),
	};
	int rc = patience_insist(&dialogue->patience, &call, err);
	if (!rc)
		rc = answered(dialogue, &call, err);
	json_decref(call.arguments);
	json_decref(call.result);
	return rc;
}

/* To a person at a terminal what failed is told, and he may write it
 * otherwise. */
static int
say_lines(struct dialogue *dialogue, struct err *err)
{
	char *line;
	int rc = 0;
	while (!rc && (line = typing_next(&dialogue->typing))) {
		if (line[strspn(line, " \t")])
			rc = say(dialogue, line, err);
		if (rc && dialogue->typing.is_terminal) {
			screen_fail(err->text, EXIT_FAILED, false, stderr);
			rc = 0;
		}
		free(line);
	}
	return rc;
}

int
dialogue_run(struct client *client, struct arguments *arguments,
	     struct err *err)
{
	char id[PATIENCE_ID_SIZE];
	struct dialogue dialogue = {.arguments = arguments};
	dialogue.patience =
		(struct patience){.client = client, .typing = &dialogue.typing};
	patience_make_id(id);
	if (!json_get_text(arguments->values, "conversation", NULL))
		json_set_text(arguments->values, "conversation", id);
	typing_begin(&dialogue.typing, "> ");
	int rc = look(&dialogue, err);
	if (!rc && dialogue.typing.is_terminal)
		fputs("You write as a customer does.  Ctrl-D ends the chat.\n",
		      stderr);
	while (!rc && !dialogue.typing.is_over) {
		rc = typing_wait(&dialogue.typing, PATIENCE_MS, err);
		if (!rc)
			rc = say_lines(&dialogue, err);
		if (!rc)
			rc = look(&dialogue, err);
	}
	typing_end(&dialogue.typing);
	return rc;
}
