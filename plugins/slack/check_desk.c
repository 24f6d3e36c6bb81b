/* Can agents work in their channel? */
#include <stdio.h>

#include "api.h"
#include "check.h"
#include "desk_parts.h"

#define ABOUT "the agents' channel"

static bool
has_agents(const struct desk *desk)
{
	const struct slack *slack = desk->slack;
	char path[DESK_KEY_SIZE];
	snprintf(path, sizeof(path), "%s.agents", desk->path);
	return slack->services->option_item(slack->host, path, 0) != NULL;
}

static void
say_of_channel(const struct check *check, const json_t *channel)
{
	const struct desk *desk = check->slack->desk;
	if (json_is_true(json_object_get(channel, "is_archived")))
		check_say(check, TELLER_GRADE_BAD, ABOUT,
			  "Choose another channel.", "%s is archived",
			  desk->channel);
	else if (!json_is_true(json_object_get(channel, "is_member")))
		check_say(check, TELLER_GRADE_BAD, ABOUT,
			  "Write /invite and the bot's name in that channel.",
			  "the bot is not in %s", desk->channel);
	else if (json_is_true(json_object_get(channel, "is_ext_shared")) &&
		 !has_agents(desk))
		check_say(check, TELLER_GRADE_BAD, ABOUT,
			  "Name the agents in the settings, "
			  "plugins.slack.desk.NAME.agents.",
			  "people of other firms are in %s, so that nobody is "
			  "an agent",
			  desk->channel);
	else if (!json_is_true(json_object_get(channel, "is_private")) &&
		 !has_agents(desk))
		check_say(check, TELLER_GRADE_BAD, ABOUT,
			  "Make the channel private, or name the agents in the "
			  "settings, plugins.slack.desk.NAME.agents.",
			  "anybody can join %s, so that nobody is an agent",
			  desk->channel);
	else
		check_say(check, TELLER_GRADE_GOOD, ABOUT, NULL,
			  "agents can work in %s", desk->channel);
}

static void
on_channel(void *arg, const struct api_answer *answer)
{
	struct check *check = arg;
	if (answer->result == API_OK)
		say_of_channel(check, json_object_get(answer->body, "channel"));
	else
		check_say(check, TELLER_GRADE_BAD, ABOUT,
			  check_remedy(answer->error), "%s", answer->words);
	check_next(check);
}

void
check_desk(struct check *check)
{
	const struct slack *slack = check->slack;
	struct workspace *workspace = &slack->workspaces[check->i];
	char url[128];
	if (!slack->desk || slack->desk->workspace != workspace) {
		check_next(check);
		return;
	}
	snprintf(url, sizeof(url), "conversations.info?channel=%s",
		 slack->desk->channel);
	if (api_call(workspace, url, NULL, on_channel, check) == 0)
		return;
	check_say(check, TELLER_GRADE_BAD, ABOUT, NULL,
		  "it could not be asked for");
	check_next(check);
}
