/* The sign on what an agent wrote that the customer has it, or has not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "desk_parts.h"
#include "mrkdwn.h"
#include "split.h"

#define WHY_MAX 500 /* characters */
#define SETTINGS_S 300
#define YOUNG_US (10 * 60 * US_PER_S)

/* One that cannot be put there, or is there, is not tried for ever. */
static void
on_tick(void *arg, const struct api_answer *answer)
{
	struct desk_job *job = arg;
	const struct slack *slack = job->desk->slack;
	switch (answer->result) {
	case API_HELD:
		desk_job_fail(job, TELLER_RETRY, answer->retry_after_s,
			      answer->words);
		return;
	case API_DEAD:
		desk_job_fail(job, TELLER_RETRY, SETTINGS_S, answer->words);
		return;
	case API_LATER:
	case API_UNKNOWN:
		desk_job_fail(job, TELLER_RETRY, 0, answer->words);
		return;
	case API_SETTINGS:
		slack_log(slack, TELLER_LOG_WARN,
			  "agents do not see what is delivered: %s",
			  answer->words);
		break;
	default:
		break;
	}
	if (*job->text)
		desk_job_post(job, job->text, "");
	else
		desk_job_sent(job, event_text(job->card, "said"));
}

static void
add_tick(struct desk_job *job, const char *channel, const char *ts)
{
	char *body = NULL;
	json_t *document =
		json_pack("{s:s, s:s, s:s}", "channel", channel, "timestamp",
			  ts, "name", *job->text ? "x" : "white_check_mark");
	if (document)
		body = json_dumps(document, JSON_COMPACT);
	json_decref(document);
	if (!body ||
	    api_call(job->desk->workspace, "reactions.add", body, on_tick, job))
		desk_job_fail(job, TELLER_RETRY, DESK_LATER_S,
			      "Slack cannot be asked");
	free(body);
}

/* Where they stand is kept after the words.  If a crash comes between, Slack
 * brings them again, and that is made good: within some minutes. */
static void
end_without(struct desk_job *job)
{
	const struct slack *slack = job->desk->slack;
	int64_t age_us =
		slack->services->now_us(slack->host) - job->created_at_us;
	if (age_us < YOUNG_US)
		desk_job_fail(job, TELLER_RETRY, 0,
			      "where the agent wrote it is not known yet");
	else
		desk_job_sent(job, "");
}

/* In mrkdwn, freed by the caller; NULL without memory. */
static char *
say_undelivered(const char *words)
{
	char *text = NULL, *why = strndup(words, split_fit(words, WHY_MAX));
	size_t len;
	FILE *out = why ? open_memstream(&text, &len) : NULL;
	if (out) {
		fputs(":x: Not delivered: ", out);
		mrkdwn_escape(out, why);
	}
	free(why);
	if (out && fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

void
tick_add(void *arg, const struct teller_state *found)
{
	struct desk_job *job = arg;
	if (found)
		job->card = json_loadb(found->value, found->value_len, 0, NULL);
	const char *channel = event_text(job->card, "channel");
	const char *ts = event_text(job->card, "said");
	if (!channel || !ts) {
		end_without(job);
		return;
	}
	if (*job->text) {
		char *text = say_undelivered(job->text);
		if (!text) {
			desk_job_fail(job, TELLER_RETRY, DESK_LATER_S,
				      "there is no memory");
			return;
		}
		free(job->text);
		job->text = text;
	}
	add_tick(job, channel, ts);
}
