/* Messages of ours that are to look otherwise.  Only how one looks in the end
 * counts: what was to be shown before, and has not left, is dropped. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "slack.h"

#define UPDATES_MAX 1000
#define TRIES 5
#define AGAIN_MS 1000

/* One message, until it looks as it should. */
struct update {
	struct slack *slack;
	struct workspace *workspace;
	struct update *next;
	json_t *body;	 /* of chat.update */
	int64_t turn_us; /* by the method's rate; 0: none yet */
	bool is_due;	 /* the body has not been sent */
	int n_failed;
	update_fn *done; /* NULL: nobody waits for it */
	void *arg;
};

static void update_go_on(void *arg);

static void
update_free(struct update *update)
{
	struct update **link = &update->slack->updates;
	while (*link != update)
		link = &(*link)->next;
	*link = update->next;
	json_decref(update->body);
	free(update);
}

static void
end(struct update *update, enum update_end how)
{
	update_fn *done = update->done;
	void *arg = update->arg;
	update_free(update);
	if (done)
		done(arg, how);
}

static void
set_timer(struct update *update, int64_t delay_ms)
{
	const struct slack *slack = update->slack;
	if (slack->is_stopping)
		return;
	if (!slack->services->watch_timer(slack->host, delay_ms, false,
					  update_go_on, update))
		end(update, UPDATE_LATER);
}

static void
try_again(struct update *update, int64_t delay_ms)
{
	update->is_due = true;
	set_timer(update, delay_ms);
}

static void
on_updated(void *arg, const struct api_answer *answer)
{
	struct update *update = arg;
	struct slack *slack = update->slack;
	bool may_help =
		answer->result == API_LATER || answer->result == API_UNKNOWN;
	/* Of the body that was sent: one that is due may be another. */
	bool is_decided =
		answer->result == API_OK || answer->result == API_WRONG;
	if (answer->result == API_HELD) {
		workspace_hold(update->workspace, SLACK_UPDATE, answer);
		try_again(update, 0);
	} else if (is_decided && update->is_due) {
		update_go_on(update);
	} else if (answer->result == API_OK) {
		end(update, UPDATE_SHOWN);
	} else if (may_help && ++update->n_failed < TRIES) {
		try_again(update, AGAIN_MS << update->n_failed);
	} else {
		slack_log(slack, TELLER_LOG_DEBUG,
			  "a message stays as it looks: %s", answer->words);
		end(update,
		    answer->result == API_GONE || answer->result == API_WRONG
			    ? UPDATE_NEVER
			    : UPDATE_LATER);
	}
}

static void
call(struct update *update)
{
	char *text = json_dumps(update->body, JSON_COMPACT);
	update->is_due = false;
	update->turn_us = 0;
	int rc = text ? api_call(update->workspace, "chat.update", text,
				 on_updated, update)
		      : -1;
	free(text);
	if (rc)
		end(update, UPDATE_LATER);
}

/* How long until its turn; 0: it is. */
static int64_t
wait_us(struct update *update)
{
	int64_t now_us = slack_now_us(update->slack);
	if (!update->turn_us ||
	    rate_is_held(update->workspace, SLACK_UPDATE, update->turn_us))
		update->turn_us = rate_take(update->workspace, SLACK_UPDATE);
	return update->turn_us > now_us ? update->turn_us - now_us : 0;
}

static void
update_go_on(void *arg)
{
	struct update *update = arg;
	const struct workspace *workspace = update->workspace;
	if (update->slack->is_stopping)
		return;
	int64_t us = wait_us(update);
	if (us > 0)
		set_timer(update, us / 1000 + 1);
	else if (workspace->state == WORKSPACE_GOOD)
		call(update);
	else if (workspace->state == WORKSPACE_UNKNOWN &&
		 ++update->n_failed < TRIES)
		set_timer(update, AGAIN_MS << update->n_failed);
	else
		end(update, UPDATE_LATER);
}

static struct update *
find(const struct workspace *workspace, const char *channel, const char *ts)
{
	struct update *update = workspace->slack->updates;
	while (update &&
	       (update->workspace != workspace ||
		strcmp(event_text(update->body, "channel"), channel) != 0 ||
		strcmp(event_text(update->body, "ts"), ts) != 0))
		update = update->next;
	return update;
}

const json_t *
update_under_way(const struct workspace *workspace, const char *channel,
		 const char *ts)
{
	const struct update *update = find(workspace, channel, ts);
	return update ? update->body : NULL;
}

static struct update *
update_new(struct workspace *workspace)
{
	struct slack *slack = workspace->slack;
	struct update **last = &slack->updates;
	size_t n = 0;
	for (; *last; last = &(*last)->next)
		n++;
	struct update *update =
		n < UPDATES_MAX ? calloc(1, sizeof(*update)) : NULL;
	if (!update)
		return NULL;
	update->slack = slack;
	update->workspace = workspace;
	*last = update;
	return update;
}

void
update_message(struct workspace *workspace, json_t *body, update_fn *done,
	       void *arg)
{
	struct update *update =
		body ? find(workspace, event_text(body, "channel"),
			    event_text(body, "ts"))
		     : NULL;
	bool is_new = !update;
	if (body && is_new)
		update = update_new(workspace);
	if (!update) {
		json_decref(body);
		if (done)
			done(arg, UPDATE_LATER);
		return;
	}
	json_decref(update->body);
	update->body = body;
	update->done = done;
	update->arg = arg;
	update->is_due = true;
	if (is_new)
		update_go_on(update);
}

void
updates_drop(struct slack *slack)
{
	while (slack->updates)
		update_free(slack->updates);
}
