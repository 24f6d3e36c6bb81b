#include "settings.h"

#include <stdio.h>
#include <string.h>

#include "slack.h"

static const struct teller_option workspace_options[] = {
	{
		.name = "team",
		.type = TELLER_TEXT,
		.min = 1,
		.max = SLACK_ID_MAX,
		.help = "The id of the workspace (T...), or that of the "
			"organisation (E...) that has installed the app.",
	},
	{
		.name = "token",
		.type = TELLER_SECRET,
		.fallback = "",
		.help = "The bot's token there (xoxb-...), and what renews it "
			"on the next line, if tokens are rotated; empty: the "
			"app is installed by /slack/install.",
	},
	{0},
};

static const struct teller_option desk_options[] = {
	{
		.name = "channel",
		.type = TELLER_TEXT,
		.min = 1,
		.max = SLACK_ID_MAX,
		.help = "The id of the agents' channel (C...), which the bot "
			"was invited to.",
	},
	{
		.name = "history",
		.type = TELLER_CHOICE,
		.choices = "none last all",
		.fallback = "last",
		.help = "What agents are shown of what was said before the "
			"customer's question: nothing, the last of it, or "
			"all.",
	},
	{
		.name = "agents",
		.type = TELLER_LIST,
		.max = 1000,
		.fallback = "",
		.help = "The ids (U...) of who may act; empty: the members of "
			"the channel, if it is private.",
	},
	{0},
};

const struct teller_option settings_options[] = {
	{
		.name = "app_token",
		.type = TELLER_SECRET,
		.fallback = "",
		.help = "The token of the app (xapp-...): events come by "
			"Socket Mode, and Slack needs no way in.",
	},
	{
		.name = "signing_secret",
		.type = TELLER_SECRET,
		.fallback = "",
		.help = "What Slack signs requests with, where they come by "
			"HTTPS; while it is changed the old one and the new "
			"one, a line each.",
	},
	{
		.name = "workspaces",
		.type = TELLER_TABLE,
		.fields = workspace_options,
		.min = 1,
		.max = 100,
		.help = "The workspaces that the app is installed in, by names "
			"of your own.",
	},
	{
		.name = "desk",
		.type = TELLER_TABLE,
		.fields = desk_options,
		.max = 1,
		.fallback = "",
		.help = "The desk: a channel in which agents take over, in the "
			"workspace of that name; none: this is no desk.",
	},
	{
		.name = "person",
		.type = TELLER_TEXT,
		.max = 75,
		.fallback = "Talk to a person",
		.help = "The button below what the bot says that asks for a "
			"person; empty: there is none.",
	},
	{
		.name = "sources",
		.type = TELLER_TEXT,
		.max = 75,
		.fallback = "Source",
		.help = "What stands, with a colon, before the titles of the "
			"entries that an answer is of; empty: they are not "
			"shown.",
	},
	{
		.name = "comment",
		.type = TELLER_TEXT,
		.max = 24,
		.fallback = "What is wrong with it?",
		.help = "The title of the form that who presses the thumb down "
			"is shown; empty: there is none.",
	},
	{
		.name = "command",
		.type = TELLER_TEXT,
		.max = 32,
		.fallback = "/ask",
		.help = "The slash command, one word, by which a question is "
			"asked anywhere; empty: there is none.",
	},
	{
		.name = "command_public",
		.type = TELLER_BOOL,
		.fallback = "false",
		.help = "What it is answered is shown to all in the channel, "
			"not only to who asked; never anything but an answer.",
	},
	{
		.name = "home",
		.type = TELLER_BOOL,
		.fallback = "true",
		.help = "Who opens the bot's page sees what the pack says to "
			"who has not asked anything yet, and is greeted once.",
	},
	{
		.name = "thread",
		.type = TELLER_DURATION,
		.min = 60 * 1000,
		.max = 366LL * 24 * 3600 * 1000,
		.fallback = "30 d",
		.help = "How long after the last question the bot goes on "
			"answering in a thread of a channel without being "
			"mentioned.",
	},
	{
		.name = "pace",
		.type = TELLER_DURATION,
		.max = 60 * 1000,
		.fallback = "1 s",
		.help = "The time between two messages to one channel, of "
			"which Slack takes one a second.",
	},
	{
		.name = "stream",
		.type = TELLER_BOOL,
		.fallback = "false",
		.help = "Long answers come by and by, where the app may.",
	},
	{
		.name = "names",
		.type = TELLER_BOOL,
		.fallback = "true",
		.help = "People are called by their names, to agents and in "
			"what they write of each other.",
	},
	{
		.name = "status",
		.type = TELLER_BOOL,
		.fallback = "true",
		.help = "While the bot is at work Slack says so, where the app "
			"is an agent or an assistant.",
	},
	{
		.name = "timeout",
		.type = TELLER_DURATION,
		.min = 100,
		.max = 60 * 1000,
		.fallback = "15 s",
		.help = "How long an answer of Slack's may take.",
	},
	{
		.name = "api_base",
		.type = TELLER_TEXT,
		.min = 1,
		.max = 500,
		.fallback = "https://slack.com/api",
		.help = "Where the Web API is.",
	},
	{
		.name = "base_url",
		.type = TELLER_TEXT,
		.max = 500,
		.fallback = "",
		.help = "Where Slack reaches this tellerd by HTTPS, such as "
			"https://bot.example.com: `tellerctl slack check` "
			"looks whether it does.",
	},
	{
		.name = "client_id",
		.type = TELLER_TEXT,
		.max = 100,
		.fallback = "",
		.help = "Of the app, for installing it by /slack/install and "
			"for tokens that are rotated.",
	},
	{
		.name = "client_secret",
		.type = TELLER_SECRET,
		.fallback = "",
		.help = "The secret of that client.",
	},
	{
		.name = "oauth_base",
		.type = TELLER_TEXT,
		.min = 1,
		.max = 500,
		.fallback = "https://slack.com/oauth/v2",
		.help = "Where browsers are sent to install the app.",
	},
	{
		.name = "hooks_base",
		.type = TELLER_TEXT,
		.min = 1,
		.max = 500,
		.fallback = "https://hooks.slack.com",
		.help = "Where Slack takes answers to commands; they are "
			"posted nowhere else.",
	},
	{
		.name = "ca_file",
		.type = TELLER_TEXT,
		.max = 4000,
		.fallback = "",
		.help = "Certificates to trust instead of the system's.",
	},
	{
		.name = "allow_private",
		.type = TELLER_BOOL,
		.fallback = "false",
		.help = "The Web API may be on this machine or a private "
			"network, and without TLS: for a proxy, or tests.",
	},
	{0},
};

/* ---- Judging them */

static int
fail(struct teller_words *words, const char *fmt, const char *value)
{
	snprintf(words->text, sizeof(words->text), fmt, value);
	return -1;
}

/* What Slack is told or asks for begins with it. */
static bool
is_address(const struct slack *slack)
{
	const char *url = slack->base_url;
	size_t len = strlen(url);
	return len == 0 ||
	       ((strncmp(url, "https://", 8) == 0 ||
		 (slack->is_private && strncmp(url, "http://", 7) == 0)) &&
		url[len - 1] != '/' && strcspn(url, " \t\"<>\\?#") == len);
}

int
settings_read(struct slack *slack, struct teller_words *words)
{
	const struct teller_services *s = slack->services;
	struct teller_host *host = slack->host;
	slack->api_base = s->option_text(host, "api_base");
	slack->base_url = s->option_text(host, "base_url");
	slack->client_id = s->option_text(host, "client_id");
	slack->oauth_base = s->option_text(host, "oauth_base");
	slack->ca_file = s->option_text(host, "ca_file");
	slack->person = s->option_text(host, "person");
	slack->sources = s->option_text(host, "sources");
	slack->comment = s->option_text(host, "comment");
	slack->command = s->option_text(host, "command");
	slack->hooks_base = s->option_text(host, "hooks_base");
	slack->has_home = s->option_bool(host, "home");
	slack->is_public = s->option_bool(host, "command_public");
	slack->is_private = s->option_bool(host, "allow_private");
	slack->timeout_ms = s->option_int(host, "timeout");
	slack->pace_ms = s->option_int(host, "pace");
	slack->has_streams = s->option_bool(host, "stream");
	slack->has_names = s->option_bool(host, "names");
	slack->has_status = s->option_bool(host, "status");
	slack->thread_ms = s->option_int(host, "thread");
	if (!is_address(slack))
		return fail(words,
			    "base_url is '%.80s'; it is https://, a name, and "
			    "perhaps a path without a '/' at its end",
			    slack->base_url);
	if (strpbrk(slack->command, " \t"))
		return fail(words,
			    "command is '%.80s'; it is one word, such as /ask",
			    slack->command);
	return 0;
}

static bool
has_secret(const struct slack *slack, const char *name)
{
	size_t len;
	return slack->services->secret_get(slack->host, name, &len) && len > 0;
}

int
settings_read_way(const struct slack *slack, bool *is_linked_r,
		  struct teller_words *words)
{
	bool is_linked = has_secret(slack, "app_token");
	bool is_signed = has_secret(slack, "signing_secret");
	if (!is_linked && !is_signed)
		return fail(words, "%s",
			    "signing_secret and app_token are both empty, or "
			    "cannot be read; the app's page \"Basic "
			    "Information\" shows them");
	if (is_linked && is_signed)
		slack_log(slack, TELLER_LOG_WARN,
			  "signing_secret is not used: as app_token is set, "
			  "events come by Socket Mode, which signs nothing");
	*is_linked_r = is_linked;
	return 0;
}
