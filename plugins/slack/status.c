/* "Is at work": the status of a session of agents or, where the app has none,
 * of an assistant's thread.  Slack goes on showing it until it is told
 * otherwise, so that each one that may be shown is kept here until it is known
 * to be gone. */
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "slack.h"

#define STATUS_MAX 500
#define REPLY_MS 2000 /* by then the first reply of a turn is there */
#define SETTLE_MS 200 /* others come right behind it */
#define TRIES_MAX 5
#define AGAIN_MS 2000 /* times the number of tries */

/* How it is shown in a workspace: the next one where the app may not. */
enum status_way { WAY_SESSION, WAY_ASSISTANT, WAY_NONE };

struct status {
	struct slack *slack;
	struct workspace *workspace;
	struct status *next, **link;
	struct teller_watch *timer;
	bool is_wanted, is_shown; /* or may be */
	bool is_settling;	  /* the timer waits for replies */
	bool is_busy, is_setting; /* a call is under way, and for what */
	int way;		  /* of that call */
	int64_t turn_us;	  /* by the rate of that method; 0: none yet */
	int n_tries;
	char channel[SLACK_ID_MAX + 1], thread[SLACK_TS_MAX + 1];
};

static void status_go_on(struct status *);

static void
status_free(struct status *status)
{
	const struct slack *slack = status->slack;
	*status->link = status->next;
	if (status->next)
		status->next->link = status->link;
	if (status->timer)
		slack->services->unwatch(slack->host, status->timer);
	free(status);
}

void
statuses_drop(struct slack *slack)
{
	while (slack->statuses)
		status_free(slack->statuses);
}

static struct status *
status_find(const struct slack *slack, const char *team, const char *channel,
	    const char *thread, size_t *n_r)
{
	struct status *status = slack->statuses;
	for (*n_r = 0; status; status = status->next, ++*n_r)
		if (strcmp(status->channel, channel) == 0 &&
		    strcmp(status->thread, thread) == 0 &&
		    strcmp(status->workspace->team, team) == 0)
			return status;
	return NULL;
}

/* NULL: there are too many, or it cannot be shown. */
static struct status *
status_get(struct slack *slack, struct workspace *workspace,
	   const char *channel, const char *thread)
{
	size_t n;
	struct status *status =
		status_find(slack, workspace->team, channel, thread, &n);
	if (status || n >= STATUS_MAX || workspace->status_way >= WAY_NONE)
		return status;
	status = calloc(1, sizeof(*status));
	if (!status)
		return NULL;
	status->slack = slack;
	status->workspace = workspace;
	memcpy(status->channel, channel, strlen(channel) + 1);
	memcpy(status->thread, thread, strlen(thread) + 1);
	status->next = slack->statuses;
	status->link = &slack->statuses;
	if (status->next)
		status->next->link = &status->next;
	slack->statuses = status;
	return status;
}

static void
on_time(void *arg)
{
	struct status *status = arg;
	status->timer = NULL;
	status->is_settling = false;
	status_go_on(status);
}

static void
set_timer(struct status *status, int64_t delay_ms)
{
	const struct slack *slack = status->slack;
	if (!status->timer)
		status->timer = slack->services->watch_timer(
			slack->host, delay_ms, false, on_time, status);
}

static void
stop_settling(struct status *status)
{
	const struct slack *slack = status->slack;
	if (!status->is_settling)
		return;
	slack->services->unwatch(slack->host, status->timer);
	status->timer = NULL;
	status->is_settling = false;
}

/* The turn is over: what it says is awaited that long. */
static void
settle(struct status *status, int64_t ms)
{
	stop_settling(status);
	status->is_settling = !status->timer;
	set_timer(status, ms);
}

/* ---- Calls */

static char *
make_body(const struct status *status, bool on)
{
	bool is_session = status->workspace->status_way == WAY_SESSION;
	const char *text = on ? "is looking it up..." : "";
	if (is_session)
		text = on ? "processing" : "active";
	json_t *body = json_pack("{s:s, s:s}", "channel_id", status->channel,
				 "status", text);
	if (body && *status->thread)
		json_object_set_new(body, "thread_ts",
				    json_string(status->thread));
	char *out = body ? json_dumps(body, JSON_COMPACT) : NULL;
	json_decref(body);
	return out;
}

/* The app has no such thing. */
static bool
is_not_had(const char *error)
{
	static const char *const errors[] = {
		"feature_disabled",	  "not_authorized",
		"unknown_method",	  "method_deprecated",
		"deprecated_endpoint",	  "missing_scope",
		"not_allowed_token_type", "access_denied",
		"no_permission"};
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (strcmp(error, errors[i]) == 0)
			return true;
	return false;
}

static void
on_failed(struct status *status, const struct api_answer *answer)
{
	bool is_on = status->is_setting;
	if (answer->result != API_UNKNOWN && answer->result != API_LATER) {
		status_free(status); /* not here */
		return;
	}
	/* It may be shown; and is not worth another try. */
	status->is_shown = true;
	if (!is_on && ++status->n_tries >= TRIES_MAX) {
		slack_log(status->slack, TELLER_LOG_WARN,
			  "a status in %s may stand there for ever: %s",
			  status->channel, answer->words);
		status_free(status);
	} else if (!is_on) {
		set_timer(status, (int64_t)AGAIN_MS * status->n_tries);
	} else {
		status_go_on(status);
	}
}

static void
on_set(void *arg, const struct api_answer *answer)
{
	struct status *status = arg;
	struct workspace *workspace = status->workspace;
	status->is_busy = false;
	if (answer->result == API_OK) {
		status->is_shown = status->is_setting;
		status_go_on(status);
	} else if (answer->result == API_HELD) {
		workspace_hold(workspace, SLACK_STATUS, answer);
		status_go_on(status);
	} else if (is_not_had(answer->error)) {
		if (workspace->status_way == status->way)
			workspace->status_way++;
		status_go_on(status);
	} else {
		on_failed(status, answer);
	}
}

static void
call(struct status *status)
{
	struct workspace *workspace = status->workspace;
	const char *method = workspace->status_way == WAY_SESSION
				     ? "agents.sessions.setStatus"
				     : "assistant.threads.setStatus";
	char *body = make_body(status, status->is_wanted);
	int rc = body ? api_call(workspace, method, body, on_set, status) : -1;
	free(body);
	status->is_setting = status->is_wanted;
	status->way = workspace->status_way;
	status->turn_us = 0;
	status->is_busy = rc == 0;
	if (rc)
		status_free(status);
}

/* Once Slack takes it.  What would be shown too late is left out. */
static void
call_in_turn(struct status *status)
{
	struct slack *slack = status->slack;
	if (status->is_wanted &&
	    rate_is_held(status->workspace, SLACK_STATUS, slack_now_us(slack)))
		return;
	if (!status->turn_us ||
	    rate_is_held(status->workspace, SLACK_STATUS, status->turn_us))
		status->turn_us = rate_take(status->workspace, SLACK_STATUS);
	int64_t wait_us = status->turn_us - slack_now_us(slack);
	if (wait_us > 0)
		set_timer(status, wait_us / 1000 + 1);
	else
		call(status);
}

static bool
cannot_be_shown(const struct status *status)
{
	int way = status->workspace->status_way;
	return way >= WAY_NONE || (way == WAY_ASSISTANT && !*status->thread);
}

/* Bring about what is wanted, if it is time. */
static void
status_go_on(struct status *status)
{
	const struct slack *slack = status->slack;
	if (status->is_busy || status->timer)
		return;
	if (status->is_wanted == status->is_shown) {
		if (!status->is_wanted)
			status_free(status);
	} else if (cannot_be_shown(status)) {
		status_free(status);
	} else if (status->is_wanted || slack->is_stopping ||
		   !lane_has(slack, status->workspace, status->channel,
			     status->thread)) {
		call_in_turn(status);
	} /* else status_delivered() */
}

/* ---- What others tell */

void
slack_typing(void *self, const char *account, const char *conversation, bool on)
{
	struct slack *slack = self;
	char channel[SLACK_ID_MAX + 1], thread[SLACK_TS_MAX + 1];
	struct workspace *workspace = workspace_find(slack, account);
	if (!slack->has_status || slack->is_stopping || !workspace ||
	    !event_split_key(conversation, channel, thread) ||
	    !direct_find(slack, account, channel))
		return;
	size_t n;
	bool is_known =
		status_find(slack, account, channel, thread, &n) != NULL;
	struct status *status = status_get(slack, workspace, channel, thread);
	if (!status)
		return;
	status->is_wanted = on;
	if (on) {
		stop_settling(status);
		status_go_on(status);
		return;
	}
	/* One that we do not know is of the process before. */
	status->is_shown |= !is_known;
	settle(status, REPLY_MS);
}

void
status_delivered(struct slack *slack, const struct delivery *delivery)
{
	struct workspace *workspace = delivery->workspace;
	size_t n;
	struct status *status =
		status_find(slack, workspace->team, delivery->channel,
			    delivery->thread, &n);
	if (!slack->has_status || slack->is_stopping)
		return;
	if (!status && delivery->created_at_us > 0 &&
	    delivery->created_at_us < slack->started_at_us) {
		status = status_get(slack, workspace, delivery->channel,
				    delivery->thread);
		if (status)
			status->is_shown = true;
	}
	if (status && status->is_settling)
		settle(status, SETTLE_MS);
	else if (status)
		status_go_on(status);
}

void
statuses_clear(struct slack *slack)
{
	struct status *next;
	for (struct status *s = slack->statuses; s; s = next) {
		next = s->next;
		s->is_wanted = false;
		if (s->timer)
			slack->services->unwatch(slack->host, s->timer);
		s->timer = NULL;
		status_go_on(s);
	}
}
