/* From a job to the messages of it: by chat.postMessage, one part after the
 * other.  Slack has no key by which a message that comes twice is known, so
 * each carries the job's in its metadata, and whatever may be there already is
 * looked for first (look.c). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "hook.h"
#include "mrkdwn.h"
#include "slack.h"
#include "split.h"

#define PART_MAX 3000 /* characters of a section */
#define AGAIN_US (5 * 60 * US_PER_S)

/* ---- A delivery */

/* An agent's words under his name. */
static char *
render(const struct teller_job *job)
{
	char *text = NULL, *body = mrkdwn_render(job->text);
	size_t len;
	FILE *out = body ? open_memstream(&text, &len) : NULL;
	if (out && job->kind == TELLER_JOB_AGENT_TEXT && *job->author) {
		putc('*', out);
		mrkdwn_escape(out, job->author);
		fputs("*\n", out);
	}
	if (out)
		fputs(body, out);
	free(body);
	if (out && fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* "2 1764000000.000100": so many parts are there, the first of that time. */
void
delivery_go_on(struct delivery *delivery, const void *progress, size_t len)
{
	char text[64];
	snprintf(text, sizeof(text), "%.*s", (int)len,
		 progress ? (const char *)progress : "");
	char *end;
	unsigned long n = strtoul(text, &end, 10);
	if (*end != ' ' || n == 0 || n > delivery->n_parts ||
	    !event_is_ts(end + 1))
		return;
	delivery->n_done = n;
	snprintf(delivery->first_ts, sizeof(delivery->first_ts), "%s", end + 1);
}

struct delivery *
delivery_new(struct workspace *workspace, const char *job, const char *key,
	     const char *text)
{
	struct split_parts parts = {NULL, 0};
	struct delivery *delivery = calloc(1, sizeof(*delivery));
	if (!delivery)
		return NULL;
	if (split_text(text, PART_MAX, &parts) == 0) {
		delivery->parts = parts.texts;
		delivery->n_parts = parts.n;
		delivery->found = calloc(parts.n, sizeof(*delivery->found));
	}
	if (!delivery->found) {
		delivery_free(delivery);
		return NULL;
	}
	delivery->workspace = workspace;
	snprintf(delivery->job, sizeof(delivery->job), "%s", job);
	snprintf(delivery->key, sizeof(delivery->key), "%s", key);
	return delivery;
}

/* NULL without memory. */
static struct delivery *
delivery_of_job(const struct slack *slack, struct workspace *workspace,
		const struct teller_job *job)
{
	char *text = render(job);
	struct delivery *delivery =
		text ? delivery_new(workspace, job->id, job->key, text) : NULL;
	free(text);
	if (!delivery)
		return NULL;
	delivery->must_look = job->maybe_sent;
	delivery->created_at_us = job->created_at_us;
	delivery_go_on(delivery, job->progress, job->progress_len);
	delivery->hook = hook_of_job(slack, job);
	delivery->is_public =
		slack->is_public && strcmp(job->reply_kind, "answer") == 0;
	/* Shown to all it stands in a channel, and is a reply of the asker's
	 * direct conversation: a thumb there would find none. */
	delivery->buttons = blocks_of_job(
		slack, job, !delivery->hook || !delivery->is_public);
	delivery->is_private = !delivery->is_public &&
			       (strcmp(job->reply_kind, "form") == 0 ||
				strcmp(job->conversation_state, "bot") != 0);
	return delivery;
}

void
slack_send(void *self, const struct teller_job *job)
{
	struct slack *slack = self;
	const struct teller_services *s = slack->services;
	char channel[SLACK_ID_MAX + 1], thread[SLACK_TS_MAX + 1];
	if (desk_send(slack, job))
		return;
	struct workspace *workspace = workspace_find(slack, job->account);
	if (!workspace ||
	    !event_split_key(job->conversation, channel, thread)) {
		s->failed(slack->host, job->id, TELLER_GONE, 0,
			  "its workspace is not in the settings any more");
		return;
	}
	struct delivery *delivery = delivery_of_job(slack, workspace, job);
	if (delivery) {
		memcpy(delivery->channel, channel, sizeof(channel));
		memcpy(delivery->thread, thread, sizeof(thread));
		direct_address(delivery, job);
		stream_new(slack, delivery, job);
	}
	if (delivery && lane_add(slack, delivery))
		return;
	if (delivery)
		delivery_free(delivery);
	s->failed(slack->host, job->id, TELLER_RETRY, 0,
		  "there is not enough memory, or too much waits for that "
		  "channel");
}

/* ---- Posting it */

static void
end(struct delivery *delivery)
{
	struct lane *lane = delivery->lane;
	lane_pop(lane);
	lane_go_on(lane);
}

static void
fail(struct delivery *delivery, enum teller_failure failure,
     int64_t not_before_us, const char *words)
{
	const struct slack *slack = delivery->lane->slack;
	if (*delivery->job)
		slack->services->failed(slack->host, delivery->job, failure,
					not_before_us, words);
	else
		slack_log(slack, TELLER_LOG_WARN, "somebody is not greeted: %s",
			  words);
	slack_count(slack, "failures");
	end(delivery);
}

/* What is there stays there. */
static void
end_cancelled(struct delivery *delivery)
{
	const struct slack *slack = delivery->lane->slack;
	if (delivery->n_done > 0)
		slack->services->sent(slack->host, delivery->job,
				      delivery->first_ts);
	else
		slack->services->failed(slack->host, delivery->job,
					TELLER_REJECTED, 0, "it was withdrawn");
	slack_count(slack, "cancelled");
}

/* Some of it may be there: then it is looked for, and ends as that. */
bool
delivery_is_given_up(const struct delivery *delivery)
{
	return delivery->is_cancelled && !delivery->must_look &&
	       !stream_is_begun(delivery);
}

void
slack_cancel(void *self, const char *job)
{
	struct delivery *delivery = lanes_find(self, job);
	if (!delivery)
		return;
	struct lane *lane = delivery->lane;
	delivery->is_cancelled = true;
	if (!delivery_is_given_up(delivery) ||
	    (lane->first == delivery && lane->is_busy))
		return;
	end_cancelled(delivery);
	lane_remove(delivery);
	lane_go_on(lane);
}

void
delivery_end_if_done(struct delivery *delivery)
{
	const struct slack *slack = delivery->lane->slack;
	if (delivery->is_cancelled) {
		end_cancelled(delivery);
		end(delivery);
		return;
	}
	if (delivery->n_done < delivery->n_parts) {
		lane_go_on(delivery->lane);
		return;
	}
	if (delivery->desk)
		desk_posted(delivery);
	else if (*delivery->job)
		slack->services->sent(slack->host, delivery->job,
				      delivery->first_ts);
	end(delivery);
}

static void
on_part_there(struct delivery *delivery, const char *ts)
{
	const struct slack *slack = delivery->lane->slack;
	char progress[64];
	if (delivery->n_done++ == 0)
		snprintf(delivery->first_ts, sizeof(delivery->first_ts), "%s",
			 event_is_ts(ts) ? ts : "0.0");
	snprintf(progress, sizeof(progress), "%zu %s", delivery->n_done,
		 delivery->first_ts);
	if (delivery->n_done < delivery->n_parts)
		slack->services->progress(slack->host, delivery->job, progress,
					  strlen(progress));
	slack_count(slack, "posts");
	delivery_end_if_done(delivery);
}

void
delivery_hold(struct delivery *delivery, enum slack_method method,
	      const struct api_answer *answer)
{
	workspace_hold(delivery->workspace, method, answer);
	lane_go_on(delivery->lane);
}

/* Slack does not take it: without blocks, perhaps. */
static void
on_wrong(struct delivery *delivery, const struct api_answer *answer)
{
	if (delivery->is_plain) {
		fail(delivery, TELLER_REJECTED, 0, answer->words);
		return;
	}
	if (delivery->is_cancelled) {
		delivery_end_if_done(delivery);
		return;
	}
	slack_log(delivery->lane->slack, TELLER_LOG_WARN,
		  "reply %s goes without blocks: %s", delivery->key,
		  answer->words);
	delivery->is_plain = true;
	lane_go_on(delivery->lane);
}

/* Customers wait behind it: it must be mended, and is tried until then. */
static void
fail_desk(struct delivery *delivery, const struct api_answer *answer)
{
	struct slack *slack = delivery->lane->slack;
	desk_is_unreachable(slack, answer->words);
	fail(delivery, TELLER_RETRY,
	     slack->services->now_us(slack->host) + AGAIN_US, answer->words);
}

/* Nobody gives it to us again once it was withdrawn: whether it is there has to
 * be found out now, or not at all. */
static bool
may_look(const struct delivery *delivery)
{
	return delivery->is_cancelled && !delivery->must_look &&
	       !delivery->stream && !delivery->hook && !delivery->desk;
}

void
delivery_fail(struct delivery *delivery, const struct api_answer *answer)
{
	const struct slack *slack = delivery->lane->slack;
	int64_t later_us = slack->services->now_us(slack->host) + AGAIN_US;
	switch (answer->result) {
	case API_SETTINGS:
		fail(delivery, TELLER_RETRY, later_us, answer->words);
		break;
	case API_DEAD:
		/* It stays the first of its lane, which waits. */
		workspace_refused(delivery->workspace, answer);
		break;
	case API_GONE:
		if (delivery->desk)
			fail_desk(delivery, answer);
		else
			fail(delivery, TELLER_GONE, 0, answer->words);
		break;
	case API_UNKNOWN:
		if (may_look(delivery)) {
			delivery->must_look = true;
			lane_go_on(delivery->lane);
			break;
		}
		fail(delivery, TELLER_UNKNOWN, 0, answer->words);
		break;
	default:
		fail(delivery, TELLER_RETRY, 0, answer->words);
	}
}

static void
on_posted(void *arg, const struct api_answer *answer)
{
	struct delivery *delivery = arg;
	struct lane *lane = delivery->lane;
	struct slack *slack = lane->slack;
	lane->is_busy = false;
	lane->next_us = slack_now_us(slack) + slack->pace_ms * 1000;
	/* Then it stands in the direct channel. */
	if (delivery->hook && answer->result == API_GONE) {
		free(delivery->hook);
		delivery->hook = NULL;
		lane_go_on(lane);
		return;
	}
	switch (answer->result) {
	case API_OK:
		on_part_there(delivery, json_string_value(json_object_get(
						answer->body, "ts")));
		break;
	case API_HELD:
		delivery_hold(delivery, SLACK_POST, answer);
		break;
	case API_WRONG:
		on_wrong(delivery, answer);
		break;
	default:
		delivery_fail(delivery, answer);
	}
}

void
post_next(struct delivery *delivery)
{
	const char *hook = delivery->hook;
	char *body = hook ? blocks_hook(delivery) : blocks_post(delivery);
	int rc = -1;
	if (body && hook)
		rc = hook_post(delivery->lane->slack, hook, body, on_posted,
			       delivery);
	else if (body)
		rc = api_call(delivery->workspace, "chat.postMessage", body,
			      on_posted, delivery);
	free(body);
	if (rc == 0)
		return;
	delivery->lane->is_busy = false;
	fail(delivery, TELLER_RETRY, 0, "it cannot be posted now");
}
