/* What is to be posted, a queue for each channel: Slack takes a message a
 * second there, and holds back a method for as long as it says.  Whatever has
 * to wait waits here, so that the order of a channel stays. */
#include <stdlib.h>
#include <string.h>

#include "slack.h"

#define LANE_MAX 1000 /* what is more than that waits with the host */

void
delivery_free(struct delivery *delivery)
{
	for (size_t i = 0; i < delivery->n_parts; i++)
		free(delivery->parts[i]);
	free(delivery->parts);
	free(delivery->cursor);
	free(delivery->hook);
	free(delivery->found);
	json_decref(delivery->buttons);
	stream_free(delivery->stream);
	desk_job_free(delivery->desk);
	free(delivery);
}

static struct lane *
lane_get(struct slack *slack, const char *team, const char *channel)
{
	struct lane *lane = slack->lanes;
	while (lane && (strcmp(lane->channel, channel) != 0 ||
			strcmp(lane->team, team) != 0))
		lane = lane->next;
	if (lane)
		return lane;
	lane = calloc(1, sizeof(*lane));
	if (!lane)
		return NULL;
	lane->slack = slack;
	lane->last = &lane->first;
	memcpy(lane->channel, channel, strlen(channel) + 1);
	memcpy(lane->team, team, strlen(team) + 1);
	lane->next = slack->lanes;
	slack->lanes = lane;
	return lane;
}

bool
lane_add(struct slack *slack, struct delivery *delivery)
{
	struct lane *lane =
		lane_get(slack, delivery->workspace->team, delivery->channel);
	if (!lane || lane->n >= LANE_MAX)
		return false;
	delivery->lane = lane;
	*lane->last = delivery;
	lane->last = &delivery->next;
	lane->n++;
	lane_go_on(lane);
	return true;
}

void
lane_remove(struct delivery *delivery)
{
	struct lane *lane = delivery->lane;
	struct delivery **link = &lane->first;
	while (*link != delivery)
		link = &(*link)->next;
	if (delivery == lane->first)
		lane->turn_us = 0;
	*link = delivery->next;
	if (lane->last == &delivery->next)
		lane->last = link;
	lane->n--;
	status_delivered(lane->slack, delivery);
	delivery_free(delivery);
}

void
lane_pop(struct lane *lane)
{
	lane_remove(lane->first);
}

struct delivery *
lanes_find(const struct slack *slack, const char *job)
{
	for (const struct lane *lane = slack->lanes; lane; lane = lane->next)
		for (struct delivery *d = lane->first; d; d = d->next)
			if (strcmp(d->job, job) == 0)
				return d;
	return NULL;
}

/* Only here is one freed: who calls lane_go_on() may go on with it. */
static void
lane_free(struct lane *lane)
{
	struct lane **link = &lane->slack->lanes;
	while (*link != lane)
		link = &(*link)->next;
	*link = lane->next;
	free(lane);
}

static void
on_time(void *arg)
{
	struct lane *lane = arg;
	lane->timer = NULL;
	if (lane->first || lane->is_busy)
		lane_go_on(lane);
	else
		lane_free(lane);
}

static void
set_timer(struct lane *lane, int64_t wait_us)
{
	const struct slack *slack = lane->slack;
	if (!lane->timer)
		lane->timer = slack->services->watch_timer(
			slack->host, wait_us > 0 ? wait_us / 1000 + 1 : 0,
			false, on_time, lane);
}

/* Who is answered by an address of his own needs no channel. */
static bool
must_open(const struct delivery *delivery)
{
	return delivery->must_open && !delivery->hook;
}

static enum slack_method
method_of(const struct delivery *delivery)
{
	if (must_open(delivery))
		return SLACK_OPEN;
	if (delivery->must_look)
		return SLACK_LOOK;
	return delivery->stream ? stream_method(delivery) : SLACK_POST;
}

/* When the first may go on. */
static int64_t
due_us(struct lane *lane)
{
	const struct delivery *first = lane->first;
	enum slack_method method = method_of(first);
	if (!lane->turn_us ||
	    rate_is_held(first->workspace, method, lane->turn_us))
		lane->turn_us = rate_take(first->workspace, method);
	return method != SLACK_POST || lane->turn_us > lane->next_us
		       ? lane->turn_us
		       : lane->next_us;
}

void
lane_go_on(struct lane *lane)
{
	struct slack *slack = lane->slack;
	int64_t now_us = slack_now_us(slack);
	if (lane->is_busy || slack->is_stopping)
		return;
	if (!lane->first) {
		set_timer(lane, lane->next_us - now_us);
		return;
	}
	if (delivery_is_given_up(lane->first)) {
		delivery_end_if_done(lane->first);
		return;
	}
	/* However long it takes until somebody has mended its token. */
	if (lane->first->workspace->state != WORKSPACE_GOOD)
		return; /* lanes_wake() */
	int64_t at_us = due_us(lane);
	if (at_us > now_us) {
		set_timer(lane, at_us - now_us);
		return;
	}
	lane->turn_us = 0;
	lane->is_busy = true;
	if (must_open(lane->first))
		open_next(lane->first);
	else if (lane->first->must_look)
		look_next(lane->first);
	else if (lane->first->stream)
		stream_next(lane->first);
	else
		post_next(lane->first);
}

void
lanes_wake(struct slack *slack, const struct workspace *workspace)
{
	for (struct lane *lane = slack->lanes; lane; lane = lane->next)
		if (lane->first && lane->first->workspace == workspace)
			lane_go_on(lane);
}

bool
lane_has(const struct slack *slack, const struct workspace *workspace,
	 const char *channel, const char *thread)
{
	for (const struct lane *lane = slack->lanes; lane; lane = lane->next)
		for (const struct delivery *d = lane->first; d; d = d->next)
			if (d->workspace == workspace &&
			    strcmp(d->channel, channel) == 0 &&
			    strcmp(d->thread, thread) == 0)
				return true;
	return false;
}

void
lanes_drop(struct slack *slack)
{
	while (slack->lanes) {
		struct lane *lane = slack->lanes;
		while (lane->first)
			lane_pop(lane);
		slack->lanes = lane->next;
		free(lane);
	}
}
