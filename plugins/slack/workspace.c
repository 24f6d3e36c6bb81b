/* The workspaces that the app is installed in, each with its token. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "slack.h"

#define ASK_AGAIN_MS 1000 /* and twice as long each time */
#define ASK_AGAIN_MAX_MS (30 * 1000)
#define ASK_DEAD_AGAIN_MS (5 * 60 * 1000)
#define PATH_SIZE 128
#define JITTER_US 500000

static void workspace_ask(void *arg);

static void
get_path(const struct workspace *workspace, const char *option,
	 char path[PATH_SIZE])
{
	snprintf(path, PATH_SIZE, "workspaces.%.80s.%s", workspace->name,
		 option);
}

static int
open_one(struct slack *slack, size_t i, struct teller_words *words)
{
	struct workspace *workspace = &slack->workspaces[i];
	char path[PATH_SIZE];
	workspace->slack = slack;
	workspace->name =
		slack->services->option_item(slack->host, "workspaces", i);
	get_path(workspace, "team", path);
	workspace->team = slack->services->option_text(slack->host, path);
	const struct workspace *first = workspace_find(slack, workspace->team);
	bool is_id = event_is_id(workspace->team);
	if (is_id && first == workspace)
		return 0;
	if (is_id)
		snprintf(words->text, sizeof(words->text),
			 "%s is '%.40s', as that of workspaces.%.80s is", path,
			 workspace->team, first->name);
	else
		snprintf(words->text, sizeof(words->text),
			 "%s is '%.40s', which is no id of a workspace (T...)",
			 path, workspace->team);
	return -1;
}

int
workspaces_open(struct slack *slack, struct teller_words *words)
{
	size_t n = slack->services->option_count(slack->host, "workspaces");
	slack->workspaces = calloc(n + 1, sizeof(*slack->workspaces));
	if (!slack->workspaces) {
		snprintf(words->text, sizeof(words->text), "no memory");
		return -1;
	}
	for (size_t i = 0; i < n; i++) {
		slack->n_workspaces = i + 1;
		if (open_one(slack, i, words))
			return -1;
	}
	return 0;
}

void
workspaces_close(struct slack *slack)
{
	free(slack->workspaces);
}

struct workspace *
workspace_find(const struct slack *slack, const char *team)
{
	for (size_t i = 0; i < slack->n_workspaces; i++)
		if (strcmp(slack->workspaces[i].team, team) == 0)
			return &slack->workspaces[i];
	return NULL;
}

struct workspace *
workspace_of_event(struct slack *slack, const char *team)
{
	struct workspace *workspace = workspace_find(slack, team);
	if (!workspace && strcmp(slack->stranger, team) != 0) {
		snprintf(slack->stranger, sizeof(slack->stranger), "%s", team);
		slack_log(slack, TELLER_LOG_WARN,
			  "an event of workspace %s is let go: it is in no "
			  "section of plugins.slack.workspaces",
			  team);
	}
	return workspace;
}

/* ---- How they are */

/* The worst of them, and of how events come. */
void
workspaces_tell_health(const struct slack *slack)
{
	enum teller_health_state health = TELLER_OK;
	char words[300] = "";
	if (*slack->link_words) {
		health = slack->is_link_down ? TELLER_DOWN : TELLER_DEGRADED;
		snprintf(words, sizeof(words), "Socket Mode: %s",
			 slack->link_words);
	}
	for (size_t i = 0; i < slack->n_workspaces; i++) {
		const struct workspace *workspace = &slack->workspaces[i];
		bool is_bad = workspace->state == WORKSPACE_BAD;
		if (workspace->state == WORKSPACE_GOOD || health == TELLER_DOWN)
			continue;
		health = is_bad ? TELLER_DOWN : TELLER_DEGRADED;
		snprintf(words, sizeof(words), "workspace %.40s: %s",
			 workspace->name, workspace->words);
	}
	if (slack->desk && *slack->desk_words && health == TELLER_OK) {
		health = TELLER_DEGRADED;
		snprintf(words, sizeof(words), "the agents' channel: %s",
			 slack->desk_words);
	}
	slack->services->health(slack->host, health, words);
}

static void
set_state(struct workspace *workspace, enum workspace_state state,
	  const char *words)
{
	workspace->state = state;
	snprintf(workspace->words, sizeof(workspace->words), "%s", words);
	workspaces_tell_health(workspace->slack);
}

/* If several want it, at the earliest of their times. */
static void
ask_again(struct workspace *workspace, int64_t delay_ms)
{
	struct slack *slack = workspace->slack;
	const struct teller_services *s = slack->services;
	int64_t at_us = slack_now_us(slack) + delay_ms * 1000;
	if (slack->is_stopping ||
	    (workspace->ask_timer && workspace->ask_at_us <= at_us))
		return;
	if (workspace->ask_timer)
		s->unwatch(slack->host, workspace->ask_timer);
	workspace->ask_timer = s->watch_timer(slack->host, delay_ms, false,
					      workspace_ask, workspace);
	workspace->ask_at_us = at_us;
}

void
workspace_fail(struct workspace *workspace, const char *words)
{
	bool was_good = workspace->state != WORKSPACE_BAD;
	set_state(workspace, WORKSPACE_BAD, words);
	ask_again(workspace, ASK_DEAD_AGAIN_MS);
	if (!was_good)
		return;
	slack_log(workspace->slack, TELLER_LOG_ERROR, "workspace %s: %s",
		  workspace->name, words);
}

void
workspace_hold(struct workspace *workspace, enum slack_method method,
	       const struct api_answer *answer)
{
	struct slack *slack = workspace->slack;
	int64_t now_us = slack_now_us(slack);
	/* The microseconds of a clock are as good as chance. */
	rate_hold(workspace, method,
		  now_us + answer->retry_after_s * US_PER_S +
			  now_us % JITTER_US);
	slack_count(slack, "rate_limited");
}

void
workspace_refused(struct workspace *workspace, const struct api_answer *answer)
{
	bool has_ended = strcmp(answer->error, "token_expired") == 0 ||
			 strcmp(answer->error, "invalid_auth") == 0;
	if (!has_ended || !renew_now(workspace)) {
		workspace_fail(workspace, answer->words);
		return;
	}
	set_state(workspace, WORKSPACE_UNKNOWN, "its token is being renewed");
	ask_again(workspace, ASK_DEAD_AGAIN_MS);
}

/* Slack may tell of it a day late, when the app is there again: so the token is
 * forgotten when Slack says that it is no good. */
void
workspace_removed(struct workspace *workspace)
{
	workspace->is_removed = true;
	workspace_fail(workspace,
		       "the app was removed from it, or its token revoked");
	workspace_ask_now(workspace);
}

/* ---- Whose token it is */

static void
copy_text(const json_t *body, const char *key, char *out, size_t size)
{
	const char *text = json_string_value(json_object_get(body, key));
	snprintf(out, size, "%s", text ? text : "");
}

static bool
is_its(const struct workspace *workspace, const json_t *body, const char *key)
{
	const char *id = json_string_value(json_object_get(body, key));
	return id && strcmp(id, workspace->team) == 0;
}

static void
take_identity(struct workspace *workspace, const json_t *body)
{
	char team[SLACK_ID_MAX + 1], words[200];
	bool is_of_all =
		json_is_true(json_object_get(body, "is_enterprise_install")) &&
		is_its(workspace, body, "enterprise_id");
	if (!is_its(workspace, body, "team_id") && !is_of_all) {
		copy_text(body, "team_id", team, sizeof(team));
		snprintf(words, sizeof(words),
			 "team is %s, but the token is of workspace %s",
			 workspace->team, team);
		workspace_fail(workspace, words);
		return;
	}
	workspace->is_removed = false;
	copy_text(body, "user", workspace->user_name,
		  sizeof(workspace->user_name));
	copy_text(body, "user_id", workspace->user, sizeof(workspace->user));
	copy_text(body, "bot_id", workspace->bot, sizeof(workspace->bot));
	workspace->n_unheard = 0;
	set_state(workspace, WORKSPACE_GOOD, "");
	lanes_wake(workspace->slack, workspace);
}

/* Of a moment, perhaps, and all that is to be posted waits for it. */
static void
ask_again_soon(struct workspace *workspace, const char *words,
	       int64_t at_least_ms)
{
	int64_t ms = ASK_AGAIN_MS << workspace->n_unheard;
	if (ms < ASK_AGAIN_MAX_MS)
		workspace->n_unheard++;
	else
		ms = ASK_AGAIN_MAX_MS;
	set_state(workspace, WORKSPACE_UNKNOWN, words);
	ask_again(workspace, ms > at_least_ms ? ms : at_least_ms);
}

void
workspace_hear(struct workspace *workspace, const struct api_answer *answer)
{
	switch (answer->result) {
	case API_OK:
		take_identity(workspace, answer->body);
		break;
	case API_DEAD:
		if (workspace->is_removed)
			workspace_forget(workspace);
		workspace->is_removed = false;
		workspace_refused(workspace, answer);
		break;
	case API_SETTINGS:
		workspace_fail(workspace, answer->words);
		break;
	default:
		ask_again_soon(workspace, answer->words,
			       (int64_t)answer->retry_after_s * 1000);
	}
}

static void
on_identity(void *arg, const struct api_answer *answer)
{
	workspace_hear(arg, answer);
}

void
workspace_ask_now(struct workspace *workspace)
{
	const struct slack *slack = workspace->slack;
	char words[200] = "it has no token, or none that can be read";
	if (slack->is_stopping ||
	    api_call(workspace, "auth.test", "{}", on_identity, workspace) == 0)
		return;
	if (install_is_on(slack))
		snprintf(words, sizeof(words),
			 "the app is not installed yet: %.100s" INSTALL_PATH,
			 slack->base_url);
	ask_again_soon(workspace, words, 0);
}

static void
workspace_ask(void *arg)
{
	struct workspace *workspace = arg;
	workspace->ask_timer = NULL;
	workspace_ask_now(workspace);
}

void
workspaces_start(struct slack *slack)
{
	for (size_t i = 0; i < slack->n_workspaces; i++) {
		set_state(&slack->workspaces[i], WORKSPACE_UNKNOWN,
			  "Slack has not said yet whose its token is");
		renew_start(&slack->workspaces[i]);
		workspace_ask_now(&slack->workspaces[i]);
	}
}
