/* Buttons: an option of "did you mean", a thumb, a person.  What a button is
 * about is its value, which came from us by way of Slack; the host takes an
 * option or a reply only if it is one of the conversation. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "action.h"
#include "hook.h"
#include "slack.h"

#define NAME_SIZE 320
#define ID_MAX 100 /* of what Slack sends beside */

static bool
is_short(const char *text, size_t max)
{
	return text && *text && strlen(text) <= max;
}

bool
action_read_user(struct action *action, const json_t *payload)
{
	const json_t *user = json_object_get(payload, "user");
	const char *installed = event_text(json_object_get(payload, "view"),
					   "app_installed_team_id");
	*action = (struct action){
		.user = event_text(user, "id"),
		.user_team = event_text(user, "team_id"),
		.user_name = event_text(user, "name"),
		.team = event_text(json_object_get(payload, "team"), "id"),
	};
	/* In an app that an organisation installed it may be null. */
	if (!action->team)
		action->team = action->user_team;
	if (!event_is_id(action->user_team))
		action->user_team = action->team;
	bool is_org =
		json_is_true(json_object_get(payload, "is_enterprise_install"));
	/* Of a form in a channel that two firms share the team is his who
	 * fills it in. */
	if (!is_org && event_is_id(installed))
		action->team = installed;
	action->workspace =
		is_org ? event_text(json_object_get(payload, "enterprise"),
				    "id")
		       : action->team;
	return event_is_id(action->team) && event_is_id(action->workspace) &&
	       event_is_id(action->user);
}

static void
read_button(struct action *action, const json_t *payload)
{
	const json_t *container = json_object_get(payload, "container");
	const json_t *first =
		json_array_get(json_object_get(payload, "actions"), 0);
	action->channel = event_text(container, "channel_id");
	action->ts = event_text(container, "message_ts");
	action->thread = event_text(container, "thread_ts");
	action->is_ephemeral =
		json_is_true(json_object_get(container, "is_ephemeral"));
	action->hook = event_text(payload, "response_url");
	action->id = event_text(first, "action_id");
	action->value = event_text(first, "value");
	action->at = event_text(first, "action_ts");
}

bool
action_read_press(struct action *action, const json_t *payload)
{
	if (!action_read_user(action, payload))
		return false;
	read_button(action, payload);
	return event_is_ts(action->at) && is_short(action->id, ID_MAX) &&
	       is_short(action->value, TELLER_KEY_MAX);
}

bool
action_read(struct action *action, const json_t *payload)
{
	if (!action_read_press(action, payload) ||
	    !event_is_id(action->channel) || !event_is_ts(action->ts) ||
	    (action->thread && !event_is_ts(action->thread)))
		return false;
	/* What he alone sees is of his direct conversation, wherever it is. */
	if (action->is_ephemeral)
		snprintf(action->key, sizeof(action->key), "%s/%s",
			 action->team, action->user);
	else
		event_make_key(action->key, action->team, action->channel,
			       action->user, action->ts, action->thread);
	return true;
}

bool
action_is_option(const char *id)
{
	return strncmp(id, ACTION_OPTION, strlen(ACTION_OPTION)) == 0;
}

/* What the button says; false: it is none of ours. */
static bool
set_kind(struct teller_message *message, const struct action *action)
{
	bool is_up = strcmp(action->id, ACTION_UP) == 0;
	if (is_up || strcmp(action->id, ACTION_DOWN) == 0) {
		message->kind = TELLER_MESSAGE_FEEDBACK;
		message->rating = is_up ? 1 : -1;
		message->target = action->value;
	} else if (strcmp(action->id, ACTION_PERSON) == 0) {
		message->kind = TELLER_MESSAGE_HANDOVER;
	} else if (action_is_option(action->id)) {
		message->kind = TELLER_MESSAGE_OPTION;
		message->option = action->value;
	} else {
		return false;
	}
	return true;
}

/* A second press on the same button is the first one again; of a thumb it may
 * be a change of mind, up, down, and up. */
static void
make_external_id(const struct action *action, enum teller_message_kind kind,
		 char out[NAME_SIZE])
{
	snprintf(out, NAME_SIZE, "action/%s/%s/%s/%s/%s%s%s", action->team,
		 action->channel, action->ts, action->id, action->user,
		 kind == TELLER_MESSAGE_FEEDBACK ? "/" : "",
		 kind == TELLER_MESSAGE_FEEDBACK ? action->at : "");
}

static void
receive_action(struct taking *taking, const struct action *action)
{
	char author[2 * SLACK_ID_MAX + 2], external_id[NAME_SIZE];
	char *route = action->is_ephemeral
			      ? hook_make_route(taking->slack, action->hook)
			      : NULL;
	struct teller_message message = {
		.size = sizeof(message),
		.account = taking->workspace->team,
		.conversation = action->key,
		.external_ids = {external_id},
		.author = {.id = author,
			   .name = action->user_name,
			   .trust = TELLER_TRUST_CHANNEL},
		.route = route ? route : HOOK_NONE,
		.burst_ms = 0,
	};
	snprintf(author, sizeof(author), "%s/%s", action->user_team,
		 action->user);
	message.route_len = strlen(message.route);
	set_kind(&message, action);
	make_external_id(action, message.kind, external_id);
	if (!action->is_ephemeral)
		direct_note(taking->slack, taking->workspace->team,
			    action->user, action->channel);
	taking->on_kept = mark_pressed;
	if (message.rating < 0)
		comment_ask(taking->workspace, action, taking->payload);
	taking_receive(taking, &message, NULL, 0);
	free(route);
}

static void
take_button(struct taking *taking, const json_t *payload)
{
	struct action action;
	if (!action_read(&action, payload)) {
		taking_pass(taking, "ignored_action");
		return;
	}
	taking->workspace = workspace_of_event(taking->slack, action.workspace);
	if (taking->workspace && desk_take_press(taking, &action))
		return;
	if (!taking->workspace)
		taking_pass(taking, "ignored_stranger");
	else if (!set_kind(&(struct teller_message){0}, &action))
		taking_pass(taking, "ignored_action");
	else
		receive_action(taking, &action);
}

void
take_action(struct slack *slack, const struct origin *origin, json_t *payload)
{
	struct taking *taking = taking_new(slack, origin);
	const char *type = event_text(payload, "type");
	if (!taking)
		return;
	taking->payload = json_incref(payload);
	if (type && strcmp(type, "block_actions") == 0 &&
	    home_take_press(taking))
		return;
	if (type && strcmp(type, "block_actions") == 0)
		take_button(taking, payload);
	else if (type && strcmp(type, "view_submission") == 0)
		take_comment(taking, payload);
	else
		taking_pass(taking, "ignored_action");
}
