/* Direct channels.  A conversation with one user is named by the user, as the
 * bot may begin it; Slack has a channel for it with an id of its own, which
 * comes with what he writes there, or when Slack is asked to open it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "slack.h"

#define DIRECTS 2048 /* a newer one takes the place of one with its hash */

struct direct {
	char team[SLACK_ID_MAX + 1], user[SLACK_ID_MAX + 1],
		channel[SLACK_ID_MAX + 1];
};

/* FNV-1a. */
static size_t
slot_of(const char *user)
{
	uint32_t hash = 2166136261;
	for (; *user; user++)
		hash = (hash ^ (unsigned char)*user) * 16777619;
	return hash % DIRECTS;
}

void
direct_note(struct slack *slack, const char *team, const char *user,
	    const char *channel)
{
	if (!slack->directs)
		slack->directs = calloc(DIRECTS, sizeof(*slack->directs));
	if (!slack->directs || !event_is_direct(channel))
		return;
	struct direct *direct = &slack->directs[slot_of(user)];
	snprintf(direct->team, sizeof(direct->team), "%s", team);
	snprintf(direct->user, sizeof(direct->user), "%s", user);
	snprintf(direct->channel, sizeof(direct->channel), "%s", channel);
}

void
directs_drop(struct slack *slack)
{
	free(slack->directs);
	slack->directs = NULL;
}

bool
direct_find(const struct slack *slack, const char *team,
	    char channel[SLACK_ID_MAX + 1])
{
	if (!event_is_user(channel))
		return true;
	if (!slack->directs)
		return false;
	const struct direct *direct = &slack->directs[slot_of(channel)];
	if (strcmp(direct->user, channel) != 0 ||
	    strcmp(direct->team, team) != 0)
		return false;
	memcpy(channel, direct->channel, sizeof(direct->channel));
	return true;
}

void
direct_address(struct delivery *delivery, const struct teller_job *job)
{
	const struct workspace *workspace = delivery->workspace;
	json_t *route =
		job->route ? json_loadb(job->route, job->route_len, 0, NULL)
			   : NULL;
	const char *channel = event_text(route, "channel");
	if (event_is_user(delivery->channel) && event_is_id(channel) &&
	    event_is_direct(channel))
		memcpy(delivery->channel, channel, strlen(channel) + 1);
	json_decref(route);
	delivery->must_open = !direct_find(workspace->slack, workspace->team,
					   delivery->channel);
}

/* ---- Opening one */

/* Whom the app cannot write to, or may not, the host's other words reach. */
static void
on_refused(struct delivery *delivery, const struct api_answer *answer)
{
	struct api_answer said = *answer;
	if (said.result == API_WRONG || said.result == API_SETTINGS)
		said.result = API_GONE;
	else if (said.result == API_UNKNOWN)
		said.result = API_LATER; /* twice is harmless */
	delivery_fail(delivery, &said);
}

static void
on_opened(void *arg, const struct api_answer *answer)
{
	struct delivery *delivery = arg;
	const struct workspace *workspace = delivery->workspace;
	const char *id =
		event_text(json_object_get(answer->body, "channel"), "id");
	delivery->lane->is_busy = false;
	if (answer->result == API_OK && event_is_id(id) &&
	    event_is_direct(id)) {
		direct_note(workspace->slack, workspace->team,
			    delivery->channel, id);
		snprintf(delivery->channel, sizeof(delivery->channel), "%s",
			 id);
		delivery->must_open = false;
		delivery_end_if_done(delivery);
	} else if (answer->result == API_OK) {
		on_refused(delivery, &(struct api_answer){
					     .result = API_LATER,
					     .words = "Slack opens a direct "
						      "channel without an id"});
	} else if (answer->result == API_HELD) {
		delivery_hold(delivery, SLACK_OPEN, answer);
	} else {
		on_refused(delivery, answer);
	}
}

void
open_next(struct delivery *delivery)
{
	char body[SLACK_ID_MAX + 32];
	snprintf(body, sizeof(body), "{\"users\":\"%s\"}", delivery->channel);
	if (api_call(delivery->workspace, "conversations.open", body, on_opened,
		     delivery) == 0)
		return;
	delivery->lane->is_busy = false;
	on_refused(delivery, &(struct api_answer){.result = API_LATER,
						  .words = "Slack cannot be "
							   "asked now"});
}

void
direct_receive(struct taking *taking, const struct direct_question *question)
{
	char key[SLACK_KEY_SIZE], author[2 * SLACK_ID_MAX + 2];
	const struct teller_message message = {
		.size = sizeof(message),
		.kind = TELLER_MESSAGE_TEXT,
		.account = taking->workspace->team,
		.conversation = key,
		.external_ids = {question->external_id},
		.author = {.id = author,
			   .name = question->user_name,
			   .trust = TELLER_TRUST_CHANNEL},
		.text = question->text,
		.text_len = taking_cut(question->text),
		.route = question->route,
		.route_len = strlen(question->route),
	};
	snprintf(key, sizeof(key), "%s/%s", question->team, question->user);
	snprintf(author, sizeof(author), "%s/%s", question->user_team,
		 question->user);
	taking_receive(taking, &message, NULL, 0);
}
