/* Slack as a channel: events come by HTTP (request.c, take.c, action.c),
 * replies leave by the Web API (post.c, look.c).  And as a desk (desk.c). */
#include "slack.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"

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

static const struct teller_option options[] = {
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
		.help = "What Slack signs requests with; while it is changed "
			"the old one and the new one, a line each.",
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
		.help = "The slash command by which a question is asked "
			"anywhere; empty: there is none.",
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

/* ---- What others need */

void
slack_log(const struct slack *slack, enum teller_level level, const char *fmt,
	  ...)
{
	char line[500];
	va_list args;
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	slack->services->log(slack->host, level, line);
}

void
slack_count(const struct slack *slack, const char *name)
{
	slack->services->metric(slack->host, name, 1);
}

void
slack_settle(struct slack *slack)
{
	if (slack->is_stopping && !slack->calls)
		slack->services->stopped(slack->host);
}

/* ---- Life */

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

static int
slack_open(const struct teller_services *services, struct teller_host *host,
	   void **self_r, struct teller_words *words)
{
	struct slack *slack = calloc(1, sizeof(*slack));
	if (!slack) {
		snprintf(words->text, sizeof(words->text), "no memory");
		return -1;
	}
	slack->services = services;
	slack->host = host;
	slack->api_base = services->option_text(host, "api_base");
	slack->base_url = services->option_text(host, "base_url");
	slack->client_id = services->option_text(host, "client_id");
	slack->oauth_base = services->option_text(host, "oauth_base");
	slack->ca_file = services->option_text(host, "ca_file");
	slack->person = services->option_text(host, "person");
	slack->sources = services->option_text(host, "sources");
	slack->comment = services->option_text(host, "comment");
	slack->command = services->option_text(host, "command");
	slack->hooks_base = services->option_text(host, "hooks_base");
	slack->has_home = services->option_bool(host, "home");
	slack->is_public = services->option_bool(host, "command_public");
	slack->is_private = services->option_bool(host, "allow_private");
	slack->timeout_ms = services->option_int(host, "timeout");
	slack->pace_ms = services->option_int(host, "pace");
	slack->has_streams = services->option_bool(host, "stream");
	slack->has_names = services->option_bool(host, "names");
	slack->has_status = services->option_bool(host, "status");
	slack->started_at_us = services->now_us(host);
	slack->thread_ms = services->option_int(host, "thread");
	*self_r = slack;
	if (!is_address(slack))
		snprintf(words->text, sizeof(words->text),
			 "base_url is '%.80s'; it is https://, a name, and "
			 "perhaps a path without a '/' at its end",
			 slack->base_url);
	else if (workspaces_open(slack, words) == 0 &&
		 desk_open(slack, words) == 0)
		return 0;
	workspaces_close(slack);
	free(slack);
	return -1;
}

static bool
has_secret(const struct slack *slack, const char *name)
{
	size_t len;
	return slack->services->secret_get(slack->host, name, &len) && len > 0;
}

static int
slack_start(void *self, struct teller_words *words)
{
	struct slack *slack = self;
	bool is_linked = has_secret(slack, "app_token");
	if (!is_linked && !has_secret(slack, "signing_secret")) {
		snprintf(words->text, sizeof(words->text),
			 "signing_secret and app_token are both empty, or "
			 "cannot be read; the app's page \"Basic Information\" "
			 "shows them");
		return -1;
	}
	if ((!is_linked && slack_serve(slack)) ||
	    (install_is_on(slack) && install_serve(slack))) {
		snprintf(words->text, sizeof(words->text),
			 "a route is taken, or there is no listener for HTTP: "
			 "see the log");
		return -1;
	}
	if (is_linked)
		link_start(slack);
	workspaces_start(slack);
	desk_start(slack);
	return 0;
}

/* What is under way is waited for; what waits to be posted is given to us again
 * at the next start. */
static void
slack_stop(void *self)
{
	struct slack *slack = self;
	slack->is_stopping = true;
	statuses_clear(slack);
	slack_settle(slack);
}

static void
slack_close(void *self)
{
	struct slack *slack = self;
	api_drop_calls(slack);
	checks_drop(slack);
	install_close(slack);
	link_close(slack);
	slack->is_stopping = true;
	lanes_drop(slack);
	updates_drop(slack);
	statuses_drop(slack);
	names_drop(slack);
	directs_drop(slack);
	takings_drop(slack);
	desk_close(slack);
	workspaces_close(slack);
	free(slack);
}

const struct teller_plugin teller_plugin = {
	.size = sizeof(struct teller_plugin),
	.abi_major = TELLER_ABI_MAJOR,
	.abi_minor = TELLER_ABI_MINOR,
	.capabilities = TELLER_CAN_CHANNEL | TELLER_CAN_BUTTONS |
			TELLER_CAN_TYPING | TELLER_CAN_DESK |
			TELLER_CAN_RECEIPTS,
	.name = "slack",
	.version = "1",
	.options = options,
	.burst_ms = 1000,
	.open = slack_open,
	.start = slack_start,
	.send = slack_send,
	.typing = slack_typing,
	.cancel = slack_cancel,
	.stop = slack_stop,
	.close = slack_close,
	.check = slack_check,
	.desk_option = "desk",
};
