/* An answer that comes by and by, in the place of a post: a stream that is
 * begun without words, is given some of them at a time, and is ended with the
 * rest, the buttons and the metadata.  When it is not known how much of it is
 * there, it is ended, and its message gets the whole text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "slack.h"

#define CHUNK_BYTES 256 /* and on to the end of a word */
#define PROGRESS "stream "

enum stream_step { STREAM_BEGIN, STREAM_RUN, STREAM_CLOSE, STREAM_REPAIR };

struct stream {
	enum stream_step step;
	char *text; /* CommonMark */
	size_t n_sent, n_sending;
	char ts[SLACK_TS_MAX + 1];
	/* Who reads it, where that is not clear; "" where it is. */
	char team[SLACK_ID_MAX + 1], user[SLACK_ID_MAX + 1];
};

void
stream_free(struct stream *stream)
{
	if (stream)
		free(stream->text);
	free(stream);
}

static void
drop(struct delivery *delivery)
{
	stream_free(delivery->stream);
	delivery->stream = NULL;
}

/* Who wrote last, as his message's route has it. */
static bool
read_route(struct stream *stream, const struct teller_job *job)
{
	json_t *route =
		job->route ? json_loadb(job->route, job->route_len, 0, NULL)
			   : NULL;
	const char *team = event_text(route, "team");
	const char *user = event_text(route, "user");
	bool is_good = event_is_id(team) && event_is_id(user);
	if (is_good) {
		memcpy(stream->team, team, strlen(team) + 1);
		memcpy(stream->user, user, strlen(user) + 1);
	}
	json_decref(route);
	return is_good;
}

/* Slack reads the text by itself: what could be one of its commands in it goes
 * the way on which we escape. */
static bool
is_fit(const struct delivery *delivery, const struct teller_job *job)
{
	return job->kind == TELLER_JOB_REPLY &&
	       strcmp(job->reply_kind, "answer") == 0 &&
	       delivery->n_parts == 1 && strlen(job->text) > CHUNK_BYTES &&
	       !strpbrk(job->text, "<>&");
}

/* "stream 1764000000.000100": the one that an earlier attempt began. */
static void
go_on(struct delivery *delivery, const struct teller_job *job)
{
	char text[64];
	size_t n = strlen(PROGRESS);
	snprintf(text, sizeof(text), "%.*s", (int)job->progress_len,
		 job->progress ? (const char *)job->progress : "");
	if (strncmp(text, PROGRESS, n) != 0 || !event_is_ts(text + n))
		return;
	memcpy(delivery->stream->ts, text + n, strlen(text + n) + 1);
	delivery->stream->step = STREAM_CLOSE;
	delivery->must_look = false;
}

void
stream_new(const struct slack *slack, struct delivery *delivery,
	   const struct teller_job *job)
{
	struct stream *stream = calloc(1, sizeof(*stream));
	delivery->stream = stream;
	if (!stream)
		return;
	stream->text = strdup(job->text);
	go_on(delivery, job);
	bool is_wanted = slack->has_streams && !delivery->hook &&
			 is_fit(delivery, job) &&
			 !delivery->workspace->is_streamless &&
			 (read_route(stream, job) || delivery->must_open ||
			  event_is_direct(delivery->channel));
	if (!stream->text || (stream->step == STREAM_BEGIN && !is_wanted))
		drop(delivery);
}

bool
stream_is_begun(const struct delivery *delivery)
{
	return delivery->stream && *delivery->stream->ts;
}

/* ---- Steps */

/* How much of it is next: whole words. */
static size_t
next_chunk(const struct stream *stream)
{
	const char *text = stream->text + stream->n_sent;
	size_t len = strlen(text);
	if (len <= CHUNK_BYTES)
		return len;
	len = CHUNK_BYTES + strcspn(text + CHUNK_BYTES, " \n");
	return len + strspn(text + len, " \n");
}

static bool
is_last(const struct delivery *delivery)
{
	const struct stream *stream = delivery->stream;
	return delivery->is_cancelled ||
	       !stream->text[stream->n_sent + next_chunk(stream)];
}

enum slack_method
stream_method(const struct delivery *delivery)
{
	switch (delivery->stream->step) {
	case STREAM_BEGIN:
		return SLACK_POST;
	case STREAM_REPAIR:
		return SLACK_UPDATE;
	case STREAM_RUN:
		return is_last(delivery) ? SLACK_STREAM : SLACK_APPEND;
	default:
		return SLACK_STREAM;
	}
}

/* All of it that there will be is there. */
static void
finish(struct delivery *delivery)
{
	memcpy(delivery->first_ts, delivery->stream->ts,
	       sizeof(delivery->first_ts));
	delivery->n_done = delivery->n_parts;
	drop(delivery);
	slack_count(delivery->lane->slack, "streams");
	delivery_end_if_done(delivery);
}

static struct lane *
call_over(struct delivery *delivery)
{
	struct lane *lane = delivery->lane;
	struct slack *slack = lane->slack;
	lane->is_busy = false;
	lane->next_us = slack_now_us(slack) + slack->pace_ms * 1000;
	return lane;
}

/* What ends each call alike; false: it is not that. */
static bool
is_handled(struct delivery *delivery, const struct api_answer *answer)
{
	if (answer->result == API_HELD)
		delivery_hold(delivery, stream_method(delivery), answer);
	else if (answer->result == API_DEAD)
		delivery_fail(delivery, answer);
	else if (strcmp(answer->error, "stopped_by_user") == 0)
		finish(delivery);
	else
		return false;
	return true;
}

/* A stream that perhaps began has no words: nothing is said twice. */
static void
on_begun(void *arg, const struct api_answer *answer)
{
	struct delivery *delivery = arg;
	struct lane *lane = call_over(delivery);
	const struct slack *slack = lane->slack;
	const char *ts = event_text(answer->body, "ts");
	char progress[64];
	if (answer->result == API_OK && event_is_ts(ts)) {
		snprintf(delivery->stream->ts, sizeof(delivery->stream->ts),
			 "%s", ts);
		delivery->stream->step = STREAM_RUN;
		snprintf(progress, sizeof(progress), PROGRESS "%s", ts);
		slack->services->progress(slack->host, delivery->job, progress,
					  strlen(progress));
		lane_go_on(lane);
		return;
	}
	if (answer->result == API_DEAD) {
		delivery_fail(delivery, answer);
		return;
	}
	if (answer->result == API_HELD)
		workspace_hold(delivery->workspace, SLACK_STREAM, answer);
	else if (answer->result == API_SETTINGS || answer->result == API_WRONG)
		delivery->workspace->is_streamless = true;
	drop(delivery);
	lane_go_on(lane);
}

static void
on_appended(void *arg, const struct api_answer *answer)
{
	struct delivery *delivery = arg;
	struct lane *lane = call_over(delivery);
	if (answer->result != API_OK && is_handled(delivery, answer))
		return;
	if (answer->result == API_OK)
		delivery->stream->n_sent += delivery->stream->n_sending;
	else
		delivery->stream->step = STREAM_CLOSE;
	lane_go_on(lane);
}

static void
on_ended(void *arg, const struct api_answer *answer)
{
	struct delivery *delivery = arg;
	struct lane *lane = call_over(delivery);
	if (answer->result == API_OK || delivery->is_cancelled) {
		finish(delivery);
	} else if (!is_handled(delivery, answer)) {
		delivery->stream->step = STREAM_CLOSE;
		lane_go_on(lane);
	}
}

/* It may have been ended before. */
static void
on_closed(void *arg, const struct api_answer *answer)
{
	struct delivery *delivery = arg;
	struct lane *lane = call_over(delivery);
	if (answer->result == API_HELD || answer->result == API_DEAD) {
		is_handled(delivery, answer);
		return;
	}
	delivery->stream->step = STREAM_REPAIR;
	if (delivery->is_cancelled)
		finish(delivery);
	else
		lane_go_on(lane);
}

static void
on_repaired(void *arg, const struct api_answer *answer)
{
	struct delivery *delivery = arg;
	struct lane *lane = call_over(delivery);
	bool is_gone = strcmp(answer->error, "message_not_found") == 0;
	if (answer->result == API_OK) {
		finish(delivery);
	} else if (is_gone) {
		/* An earlier attempt may have posted the text then. */
		delivery->must_look = true;
		drop(delivery);
		lane_go_on(lane);
	} else if (answer->result == API_WRONG && !delivery->is_plain) {
		delivery->is_plain = true;
		lane_go_on(lane);
	} else if (!is_handled(delivery, answer)) {
		delivery_fail(delivery, answer);
	}
}

/* ---- Calls */

static void
set_text(json_t *body, const char *key, const char *text, size_t len)
{
	if (body && len > 0)
		json_object_set_new(body, key, json_stringn(text, len));
}

static json_t *
begin_body(const struct delivery *delivery)
{
	const struct stream *stream = delivery->stream;
	json_t *body = json_pack("{s:s}", "channel", delivery->channel);
	set_text(body, "thread_ts", delivery->thread, strlen(delivery->thread));
	if (delivery->channel[0] == 'D')
		return body;
	set_text(body, "recipient_team_id", stream->team, strlen(stream->team));
	set_text(body, "recipient_user_id", stream->user, strlen(stream->user));
	return body;
}

static json_t *
run_body(struct delivery *delivery)
{
	struct stream *stream = delivery->stream;
	json_t *body = json_pack("{s:s, s:s}", "channel", delivery->channel,
				 "ts", stream->ts);
	if (stream->step != STREAM_RUN || delivery->is_cancelled)
		return body;
	stream->n_sending = next_chunk(stream);
	set_text(body, "markdown_text", stream->text + stream->n_sent,
		 stream->n_sending);
	if (is_last(delivery))
		blocks_finish(delivery, body);
	return body;
}

static const struct call_of {
	const char *method;
	api_fn *fn;
} calls[] = {
	[STREAM_BEGIN] = {"chat.startStream", on_begun},
	[STREAM_RUN] = {"chat.appendStream", on_appended},
	[STREAM_CLOSE] = {"chat.stopStream", on_closed},
	[STREAM_REPAIR] = {"chat.update", on_repaired},
};

static char *
make_body(struct delivery *delivery)
{
	const struct stream *stream = delivery->stream;
	if (stream->step == STREAM_REPAIR)
		return blocks_update(delivery, stream->ts);
	json_t *body = stream->step == STREAM_BEGIN ? begin_body(delivery)
						    : run_body(delivery);
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	json_decref(body);
	return text;
}

void
stream_next(struct delivery *delivery)
{
	struct workspace *workspace = delivery->workspace;
	struct call_of next = calls[delivery->stream->step];
	bool is_end = delivery->stream->step == STREAM_RUN && is_last(delivery);
	/* There are few of them a minute; a reply does not wait for one. */
	if (delivery->stream->step == STREAM_BEGIN &&
	    !rate_take_now(workspace, SLACK_STREAM)) {
		drop(delivery);
		post_next(delivery);
		return;
	}
	if (is_end)
		next = (struct call_of){"chat.stopStream", on_ended};
	char *body = make_body(delivery);
	int rc =
		body ? api_call(workspace, next.method, body, next.fn, delivery)
		     : -1;
	free(body);
	if (rc == 0)
		return;
	delivery->lane->is_busy = false;
	delivery_fail(delivery,
		      &(struct api_answer){.result = API_LATER,
					   .words = "it cannot be streamed "
						    "now"});
}
