/* The desk's settings and life. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk_parts.h"

static int
fail_open(struct slack *slack, struct teller_words *words, const char *what)
{
	snprintf(words->text, sizeof(words->text), "%.100s %s",
		 slack->desk->path, what);
	free(slack->desk);
	slack->desk = NULL;
	return -1;
}

static struct workspace *
workspace_named(const struct slack *slack, const char *name)
{
	for (size_t i = 0; i < slack->n_workspaces; i++)
		if (strcmp(slack->workspaces[i].name, name) == 0)
			return &slack->workspaces[i];
	return NULL;
}

static const char *
option_text(const struct desk *desk, const char *name)
{
	char path[DESK_KEY_SIZE];
	snprintf(path, sizeof(path), "%s.%s", desk->path, name);
	return desk->slack->services->option_text(desk->slack->host, path);
}

static enum desk_history
read_history(const struct desk *desk)
{
	const char *word = option_text(desk, "history");
	if (strcmp(word, "none") == 0)
		return DESK_HISTORY_NONE;
	return strcmp(word, "all") == 0 ? DESK_HISTORY_ALL : DESK_HISTORY_LAST;
}

/* One that nobody has would be an agent who is told that he is none. */
static bool
has_good_agents(const struct desk *desk)
{
	const struct slack *slack = desk->slack;
	char path[DESK_KEY_SIZE];
	const char *id;
	snprintf(path, sizeof(path), "%s.agents", desk->path);
	for (size_t i = 0;
	     (id = slack->services->option_item(slack->host, path, i)); i++)
		if (!event_is_id(id) || !event_is_user(id))
			return false;
	return true;
}

int
desk_open(struct slack *slack, struct teller_words *words)
{
	const char *name = slack->services->option_item(slack->host, "desk", 0);
	if (!name)
		return 0;
	struct desk *desk = calloc(1, sizeof(*desk));
	if (!desk) {
		snprintf(words->text, sizeof(words->text), "no memory");
		return -1;
	}
	slack->desk = desk;
	desk->slack = slack;
	snprintf(desk->path, sizeof(desk->path), "desk.%.80s", name);
	desk->workspace = workspace_named(slack, name);
	desk->channel = option_text(desk, "channel");
	desk->history = read_history(desk);
	if (!desk->workspace)
		return fail_open(slack, words,
				 "has the name of no section of workspaces");
	if (!event_is_id(desk->channel))
		return fail_open(slack, words,
				 "has a channel that is no id (C...)");
	if (!has_good_agents(desk))
		return fail_open(slack, words,
				 "has an agent that is no id (U...)");
	return 0;
}

void
desk_start(struct slack *slack)
{
	if (slack->desk)
		updates_start(slack->desk);
}

void
desk_close(struct slack *slack)
{
	struct desk *desk = slack->desk;
	if (!desk)
		return;
	while (desk->jobs)
		desk_job_free(desk->jobs);
	agents_close(desk);
	looks_close(desk);
	updates_close(desk);
	free(desk);
	slack->desk = NULL;
}

void
desk_is_unreachable(struct slack *slack, const char *words)
{
	struct desk *desk = slack->desk;
	if (*words && strcmp(slack->desk_words, words) != 0)
		slack_log(slack, TELLER_LOG_ERROR,
			  "the agents' channel %s cannot be written to: %s; "
			  "is the bot in it (/invite)?",
			  desk->channel, words);
	snprintf(slack->desk_words, sizeof(slack->desk_words), "%s", words);
	workspaces_tell_health(slack);
}

struct teller_state
desk_state(const struct desk *desk, const char *key, const char *value)
{
	const struct slack *slack = desk->slack;
	return (struct teller_state){
		.key = key,
		.value = value,
		.value_len = value ? strlen(value) : 0,
		.expires_at_us =
			slack->services->now_us(slack->host) + DESK_KEPT_US,
	};
}
