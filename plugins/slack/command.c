/* A slash command: a question that is asked anywhere, and answered there for
 * who asked alone.  It belongs to his direct conversation with the bot, where
 * it goes on: what an agent writes stands there, and he can answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hook.h"
#include "mrkdwn.h"
#include "slack.h"

#define TRIGGER_MAX 200

/* Texts are borrowed from the payload. */
struct command {
	const char *team, *workspace, *user, *user_name;
	const char *text, *trigger, *hook;
};

static const char *
without_slash(const char *name)
{
	return name + (*name == '/');
}

static bool
is_ours(const struct slack *slack, const json_t *payload)
{
	const char *name = event_text(payload, "command");
	return *slack->command && name &&
	       strcmp(without_slash(name), without_slash(slack->command)) == 0;
}

/* In a form everything is a text. */
static bool
is_true(const json_t *payload, const char *key)
{
	const char *text = event_text(payload, key);
	return (text && strcmp(text, "true") == 0) ||
	       json_is_true(json_object_get(payload, key));
}

static bool
read_command(struct command *command, const struct slack *slack,
	     const json_t *payload)
{
	bool is_org = is_true(payload, "is_enterprise_install");
	*command = (struct command){
		.team = event_text(payload, "team_id"),
		.workspace = event_text(payload,
					is_org ? "enterprise_id" : "team_id"),
		.user = event_text(payload, "user_id"),
		.user_name = event_text(payload, "user_name"),
		.text = event_text(payload, "text"),
		.trigger = event_text(payload, "trigger_id"),
		.hook = event_text(payload, "response_url"),
	};
	return event_is_id(command->team) && event_is_id(command->workspace) &&
	       event_is_id(command->user) && command->trigger &&
	       *command->trigger && strlen(command->trigger) <= TRIGGER_MAX &&
	       hook_is_good(slack, command->hook);
}

static void
receive_command(struct taking *taking, const struct command *command,
		const char *text, const char *route)
{
	char external_id[TRIGGER_MAX + SLACK_ID_MAX + 20];
	snprintf(external_id, sizeof(external_id), "command/%s/%s",
		 command->team, command->trigger);
	direct_receive(taking, &(struct direct_question){
				       .team = command->team,
				       .user = command->user,
				       .user_team = command->team,
				       .user_name = command->user_name,
				       .external_id = external_id,
				       .text = text,
				       .route = route,
			       });
}

static void
receive(struct taking *taking, const struct command *command)
{
	char *text = taking_part(taking, command->text);
	char *route = hook_make_route(taking->slack, command->hook);
	if (text && route)
		receive_command(taking, command, text, route);
	else
		taking_refuse(taking, 503, "no_memory", "Try again.", 5);
	free(route);
	free(text);
}

/* ---- Without a question */

static void
on_starter(void *arg, const char *question)
{
	const char **first = arg;
	if (!*first)
		*first = question;
}

static void
say_how(struct taking *taking)
{
	const struct slack *slack = taking->slack;
	const char *example = NULL;
	char *words = NULL;
	size_t len;
	FILE *out = open_memstream(&words, &len);
	slack->services->starters(slack->host, on_starter, &example);
	if (out) {
		fprintf(out, "Write your question behind it: /%s ",
			without_slash(slack->command));
		mrkdwn_escape(out, example ? example : "...");
	}
	json_t *help = out && fclose(out) == 0
			       ? json_pack("{s:s}", "text", words)
			       : NULL;
	char *text = json_dumps(help, JSON_COMPACT);
	taking_answer(taking, "asked_how", text);
	free(text);
	free(words);
	json_decref(help);
}

void
take_command(struct slack *slack, const struct origin *origin, json_t *payload)
{
	struct taking *taking = taking_new(slack, origin);
	struct command command;
	if (!taking)
		return;
	taking->payload = json_incref(payload);
	taking->is_command = true;
	taking->busy = "{\"text\":\"I cannot take that now. Please ask again "
		       "in a minute.\"}";
	if (!is_ours(slack, payload) ||
	    !read_command(&command, slack, payload)) {
		taking_pass(taking, "ignored_command");
		return;
	}
	taking->workspace = workspace_of_event(slack, command.workspace);
	if (!taking->workspace)
		taking_pass(taking, "ignored_stranger");
	else if (!command.text ||
		 strspn(command.text, " ") == strlen(command.text))
		say_how(taking);
	else
		receive(taking, &command);
}
