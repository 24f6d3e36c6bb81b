/* Tokens that end after some hours, and are renewed before.  What renews one is
 * good once, or a moment longer: the new pair is kept as one secret, and one
 * renewal of a workspace is under way at a time. */
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "token.h"

#define EARLY_S (2 * 3600)
#define AGAIN_MS (60 * 1000)
#define DEAD_AGAIN_MS (10 * 60 * 1000)
#define AT_LEAST_US (5 * 60 * US_PER_S) /* between two of one workspace */
#define TIMER_MAX_MS (24 * 3600 * 1000)

static void
on_time(void *arg)
{
	struct workspace *workspace = arg;
	workspace->renew_timer = NULL;
	if (!workspace->slack->is_stopping)
		renew_start(workspace);
}

static void
renew_after(struct workspace *workspace, int64_t delay_ms)
{
	struct slack *slack = workspace->slack;
	if (workspace->renew_timer)
		slack->services->unwatch(slack->host, workspace->renew_timer);
	workspace->renew_timer = slack->services->watch_timer(
		slack->host, delay_ms < TIMER_MAX_MS ? delay_ms : TIMER_MAX_MS,
		false, on_time, workspace);
}

/* ---- On disk */

static void keep(struct workspace *workspace);

static void
keep_again(void *arg)
{
	keep(arg);
}

static void
on_kept(void *arg, bool is_kept)
{
	struct workspace *workspace = arg;
	struct slack *slack = workspace->slack;
	workspace->is_renewing = !is_kept;
	if (is_kept) {
		slack_count(slack, "renewed");
		renew_start(workspace);
		workspace_ask_now(workspace);
		return;
	}
	slack_log(slack, TELLER_LOG_ERROR,
		  "workspace %s: its new token is not on disk; after a crash "
		  "the app would have to be installed again",
		  workspace->name);
	slack->services->watch_timer(slack->host, AGAIN_MS, false, keep_again,
				     workspace);
}

/* Once more what the host has in its memory. */
static void
keep(struct workspace *workspace)
{
	struct token token;
	if (!token_read(workspace, &token) ||
	    token_keep(workspace, &token, on_kept, workspace))
		workspace->is_renewing = false;
	token_wipe(&token);
}

/* ---- By Slack */

static void
on_new(struct workspace *workspace, const json_t *body)
{
	struct slack *slack = workspace->slack;
	struct token token;
	workspace->renewed_at_us = slack_now_us(slack);
	if (!token_of_answer(slack, body, &token) ||
	    token_keep(workspace, &token, on_kept, workspace)) {
		workspace->is_renewing = false;
		workspace_fail(workspace, "its new token cannot be kept");
	}
	token_wipe(&token);
}

static void
on_answer(void *arg, const struct api_answer *answer)
{
	struct workspace *workspace = arg;
	char words[200];
	if (answer->result == API_OK) {
		on_new(workspace, answer->body);
		return;
	}
	workspace->is_renewing = false;
	snprintf(words, sizeof(words), "its token cannot be renewed: %.120s",
		 answer->words);
	slack_log(workspace->slack, TELLER_LOG_WARN, "workspace %s: %s",
		  workspace->name, words);
	if (answer->result == API_DEAD || answer->result == API_SETTINGS) {
		workspace_fail(workspace, words);
		renew_after(workspace, DEAD_AGAIN_MS);
	} else {
		renew_after(workspace, answer->result == API_HELD
					       ? answer->retry_after_s * 1000
					       : AGAIN_MS);
	}
}

static int
ask(struct workspace *workspace, const struct token *token)
{
	static const char head[] = "grant_type=refresh_token&refresh_token=";
	char form[sizeof(head) + 3 * TOKEN_MAX + 4];
	snprintf(form, sizeof(form), "%s", head);
	api_add_escaped(form, sizeof(form), token->refresh);
	int rc = api_call_oauth(workspace->slack, form, on_answer, workspace);
	OPENSSL_cleanse(form, sizeof(form));
	return rc;
}

static bool
is_too_soon(const struct workspace *workspace)
{
	return workspace->renewed_at_us &&
	       slack_now_us(workspace->slack) <
		       workspace->renewed_at_us + AT_LEAST_US;
}

bool
renew_now(struct workspace *workspace)
{
	struct token token;
	if (workspace->is_renewing)
		return true;
	if (!workspace->slack->is_stopping && !is_too_soon(workspace) &&
	    token_read(workspace, &token)) {
		workspace->is_renewing =
			*token.refresh && ask(workspace, &token) == 0;
		token_wipe(&token);
	}
	return workspace->is_renewing;
}

/* One that the settings have may end at any time. */
void
renew_start(struct workspace *workspace)
{
	const struct slack *slack = workspace->slack;
	struct token token;
	bool is_rotated = token_read(workspace, &token) && *token.refresh;
	int64_t now_s = slack->services->now_us(slack->host) / US_PER_S;
	int64_t left_s = token.expires_at_s - EARLY_S - now_s;
	token_wipe(&token);
	if (!is_rotated)
		return;
	if (left_s > 0)
		renew_after(workspace, left_s * 1000);
	else if (!renew_now(workspace))
		renew_after(workspace, AT_LEAST_US / 1000);
}
