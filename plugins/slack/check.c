/* Does Slack work as it is set?  Each workspace is asked in turn, and then the
 * way that events come by. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "check.h"
#include "token.h"

#define ABOUT_SIZE 64
#define TRIAL                                                            \
	"This is a trial by `tellerctl slack check`: the bot can write " \
	"here."

static void ask_next(struct check *check);

void
check_say(const struct check *check, enum teller_grade grade, const char *about,
	  const char *remedy, const char *fmt, ...)
{
	struct teller_found found = {
		.size = sizeof(found),
		.grade = grade,
		.about = about,
		.remedy = remedy,
	};
	char words[400];
	va_list args;
	va_start(args, fmt);
	vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	found.words = words;
	check->slack->services->check_found(check->check, &found);
}

static void
check_free(struct check *check)
{
	*check->link = check->next;
	if (check->next)
		check->next->link = check->link;
	free(check);
}

void
checks_drop(struct slack *slack)
{
	while (slack->checks)
		check_free(slack->checks);
}

void
check_end(struct check *check)
{
	check->slack->services->check_end(check->check);
	check_free(check);
}

/* ---- A workspace */

#define NEW_TOKEN                                                           \
	"OAuth & Permissions: copy the Bot User OAuth Token (xoxb-...) to " \
	"where the setting `token` says."
#define OTHER_TEAM                                                             \
	"Put the id of the token's workspace where the setting `team` is, or " \
	"the token of this one where the setting `token` says."
#define INVITE "Write /invite and the bot's name in that channel."

const char *
check_remedy(const char *error)
{
	static const struct {
		const char *error, *remedy;
	} rows[] = {
		{"invalid_auth", NEW_TOKEN},
		{"not_authed", NEW_TOKEN},
		{"not_allowed_token_type", NEW_TOKEN},
		{"token_expired", NEW_TOKEN},
		{"account_inactive",
		 "Install the app again (Install App), and then copy its new "
		 "token to where the setting `token` says."},
		{"token_revoked",
		 "Install the app again (Install App), and then copy its new "
		 "token to where the setting `token` says."},
		{"missing_scope",
		 "OAuth & Permissions, Scopes: add it; then Reinstall to "
		 "Workspace."},
		{"channel_not_found", INVITE},
		{"not_in_channel", INVITE},
		{"is_archived", "Choose another channel."},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strcmp(rows[i].error, error) == 0)
			return rows[i].remedy;
	return NULL;
}

static struct workspace *
workspace_of(const struct check *check)
{
	return &check->slack->workspaces[check->i];
}

static void
say(const struct check *check, enum teller_grade grade, const char *remedy,
    const char *words)
{
	char about[ABOUT_SIZE];
	snprintf(about, sizeof(about), "workspace %.40s",
		 workspace_of(check)->name);
	check_say(check, grade, about, remedy, "%s", words);
}

static void
say_no_token(const struct check *check)
{
	const struct slack *slack = check->slack;
	char remedy[200];
	snprintf(remedy, sizeof(remedy),
		 "Open %.150s" INSTALL_PATH " in a browser.", slack->base_url);
	if (install_is_on(slack))
		say(check, TELLER_GRADE_BAD, remedy,
		    "the app is not installed yet");
	else
		say(check, TELLER_GRADE_BAD,
		    "Is what the setting `token` names empty? If it cannot be "
		    "read, the log says why.",
		    "it has no token, or none that can be read");
}

/* Of a token that ends: will another one be there in time? */
static void
say_renewal(const struct check *check)
{
	const struct slack *slack = check->slack;
	int64_t now_s = slack->services->now_us(slack->host) / US_PER_S;
	struct token token;
	char words[200];
	bool is_rotated =
		token_read(workspace_of(check), &token) && *token.refresh;
	int64_t left_h = (token.expires_at_s - now_s) / 3600;
	token_wipe(&token);
	if (!is_rotated)
		return;
	snprintf(words, sizeof(words),
		 "its token ends in %lld h, and is renewed before",
		 (long long)left_h);
	if (!*slack->client_id)
		say(check, TELLER_GRADE_BAD,
		    "Basic Information, App Credentials: Client ID and Client "
		    "Secret to the settings client_id and client_secret.",
		    "its token ends after some hours, and cannot be renewed");
	else if (left_h >= 0)
		say(check, TELLER_GRADE_GOOD, NULL, words);
}

static void
on_posted(void *arg, const struct api_answer *answer)
{
	struct check *check = arg;
	if (answer->result == API_OK)
		say(check, TELLER_GRADE_GOOD, NULL, "a message was posted");
	else
		say(check, TELLER_GRADE_BAD, check_remedy(answer->error),
		    answer->words);
	check_desk(check);
}

/* false: nothing is to be posted, or it cannot be, which is told. */
static bool
post(struct check *check)
{
	struct workspace *workspace = workspace_of(check);
	if (workspace != check->post_in)
		return false;
	json_t *body = json_pack("{s:s, s:s}", "channel", check->channel,
				 "text", TRIAL);
	char *text = body ? json_dumps(body, 0) : NULL;
	bool is_sent = text && api_call(workspace, "chat.postMessage", text,
					on_posted, check) == 0;
	json_decref(body);
	free(text);
	if (!is_sent)
		say(check, TELLER_GRADE_BAD, NULL, "nothing could be posted");
	return is_sent;
}

static void
on_identity(void *arg, const struct api_answer *answer)
{
	struct check *check = arg;
	struct workspace *workspace = workspace_of(check);
	char about[ABOUT_SIZE], words[200];
	workspace_hear(workspace, answer);
	if (workspace->state == WORKSPACE_GOOD) {
		snprintf(words, sizeof(words),
			 "its token is good: the bot is %s in %s",
			 workspace->user_name, workspace->team);
		say(check, TELLER_GRADE_GOOD, NULL, words);
		snprintf(about, sizeof(about), "workspace %.40s",
			 workspace->name);
		check_scopes(check, about, answer->scopes);
		say_renewal(check);
		if (!post(check))
			check_desk(check);
	} else if (workspace->is_renewing) {
		say(check, TELLER_GRADE_DOUBT, "Ask again in a minute.",
		    workspace->words);
		check_next(check);
	} else {
		say(check, TELLER_GRADE_BAD,
		    answer->result == API_OK ? OTHER_TEAM
					     : check_remedy(answer->error),
		    workspace->words);
		check_next(check);
	}
}

static void
ask_next(struct check *check)
{
	struct slack *slack = check->slack;
	for (; check->i < slack->n_workspaces; check->i++) {
		if (api_call(workspace_of(check), "auth.test", "{}",
			     on_identity, check) == 0)
			return;
		say_no_token(check);
	}
	check_way(check);
}

void
check_next(struct check *check)
{
	check->i++;
	ask_next(check);
}

/* ---- Where to post */

/* A channel, behind the name of a section if there are several. */
static void
read_post(struct check *check, const char *text)
{
	const struct slack *slack = check->slack;
	const char *slash = strchr(text, '/');
	const char *channel = slash ? slash + 1 : text;
	size_t len = slash ? (size_t)(slash - text) : 0;
	for (size_t i = 0; i < slack->n_workspaces; i++) {
		const char *name = slack->workspaces[i].name;
		if (slash ? strlen(name) == len && !memcmp(name, text, len)
			  : slack->n_workspaces == 1)
			check->post_in = &slack->workspaces[i];
	}
	if (!event_is_id(channel))
		check->post_in = NULL;
	if (check->post_in)
		snprintf(check->channel, sizeof(check->channel), "%s", channel);
	else
		check_say(check, TELLER_GRADE_BAD, "the trial",
			  "A channel's id stands at the end of what it says "
			  "of itself; before it, of several workspaces, the "
			  "name of the section: acme/C0HELP001.",
			  "'%.80s' names no channel", text);
}

void
slack_check(void *self, struct teller_check *token, const char *post)
{
	struct slack *slack = self;
	struct check *check = calloc(1, sizeof(*check));
	if (!check) {
		const struct check none = {.slack = slack, .check = token};
		check_say(&none, TELLER_GRADE_BAD, "the check", NULL,
			  "no memory");
		slack->services->check_end(token);
		return;
	}
	*check = (struct check){.slack = slack,
				.check = token,
				.next = slack->checks,
				.link = &slack->checks};
	if (check->next)
		check->next->link = &check->next;
	slack->checks = check;
	if (*post)
		read_post(check, post);
	ask_next(check);
}
