/* How much Slack takes of each method in a workspace, a minute: a bucket that
 * is full at first and fills up evenly.  Who is to call gets a time of his own
 * (the generic cell rate algorithm, ITU-T I.371), so that whoever came first is
 * first, and nobody has to be woken but for his turn. */
#include "slack.h"

#define MINUTE_US (60 * US_PER_S)

/* Of Slack's documentation: several hundred posts, and tiers 2, 3 and 4, which
 * are 20, 50 and 100.  Methods that are not here do not wait: who has pressed
 * or opened something does, or they are few. */
static const struct {
	int per_minute, burst;
} limits[SLACK_METHODS] = {
	[SLACK_POST] = {300, 60},   [SLACK_LOOK] = {50, 10},
	[SLACK_UPDATE] = {50, 10},  [SLACK_STATUS] = {50, 10},
	[SLACK_NAMES] = {100, 20},  [SLACK_STREAM] = {20, 6},
	[SLACK_APPEND] = {100, 20}, [SLACK_OPEN] = {50, 10},
};

/* The setting says how long a second of Slack's is; 0: its answers alone say
 * what it takes. */
static int64_t
interval_us(const struct workspace *workspace, enum slack_method method)
{
	return MINUTE_US / limits[method].per_minute *
	       workspace->slack->pace_ms / 1000;
}

int64_t
rate_take(struct workspace *workspace, enum slack_method method)
{
	struct rate *rate = &workspace->rates[method];
	int64_t now_us = slack_now_us(workspace->slack);
	int64_t interval = interval_us(workspace, method);
	int64_t ahead = interval * (limits[method].burst - 1);
	if (rate->full_us < now_us)
		rate->full_us = now_us;
	int64_t at_us = rate->full_us - ahead;
	if (at_us < rate->held_until_us)
		at_us = rate->held_until_us;
	rate->full_us += interval;
	return at_us > now_us ? at_us : now_us;
}

bool
rate_take_now(struct workspace *workspace, enum slack_method method)
{
	const struct rate *rate = &workspace->rates[method];
	int64_t now_us = slack_now_us(workspace->slack);
	int64_t ahead =
		interval_us(workspace, method) * (limits[method].burst - 1);
	if (rate->held_until_us > now_us || rate->full_us - ahead > now_us)
		return false;
	rate_take(workspace, method);
	return true;
}

/* What was emptied fills up from then on, and times that were given stay so. */
void
rate_hold(struct workspace *workspace, enum slack_method method,
	  int64_t until_us)
{
	struct rate *rate = &workspace->rates[method];
	int64_t ahead =
		interval_us(workspace, method) * (limits[method].burst - 1);
	if (until_us <= rate->held_until_us)
		return;
	rate->held_until_us = until_us;
	if (rate->full_us < until_us + ahead)
		rate->full_us = until_us + ahead;
}

bool
rate_is_held(const struct workspace *workspace, enum slack_method method,
	     int64_t at_us)
{
	return at_us < workspace->rates[method].held_until_us;
}
