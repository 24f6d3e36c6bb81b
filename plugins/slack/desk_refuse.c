/* What an agent did that was refused, and why: who pressed a button sees it
 * alone, what was written is told of in the thread.  A colleague is called by
 * his name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "desk_parts.h"
#include "mrkdwn.h"

/* "person", a line's end, and then why. */
static const char *
words_of(const struct desk_job *job)
{
	return strchr(job->text, '\n') + 1;
}

/* Where the words name somebody as TEAM/USER; NULL: nowhere. */
static const char *
find_colleague(const struct desk_job *job, char id[SLACK_ID_MAX + 1])
{
	char team[SLACK_ID_MAX + 2];
	snprintf(team, sizeof(team), "%s/", job->desk->workspace->team);
	const char *found = strstr(words_of(job), team);
	if (!found)
		return NULL;
	const char *user = found + strlen(team);
	size_t len = strcspn(user, " )");
	if (len > SLACK_ID_MAX)
		return NULL;
	snprintf(id, SLACK_ID_MAX + 1, "%.*s", (int)len, user);
	return event_is_id(id) ? found : NULL;
}

/* In mrkdwn.  name: NULL: it is not known. */
static char *
make_text(const struct desk_job *job, const char *name)
{
	char id[SLACK_ID_MAX + 1], *text = NULL;
	const char *words = words_of(job);
	const char *at = name ? find_colleague(job, id) : NULL;
	char *head = strndup(words, at ? (size_t)(at - words) : 0);
	size_t len;
	FILE *out = head ? open_memstream(&text, &len) : NULL;
	if (out) {
		fputs(":warning: ", out);
		mrkdwn_escape(out, head);
		mrkdwn_escape(out, at ? name : "");
		mrkdwn_escape(out,
			      at ? strchr(at, '/') + 1 + strlen(id) : words);
	}
	free(head);
	if (out && fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static void
tell(struct desk_job *job, const char *name)
{
	const char *ts = event_text(job->card, "ts");
	char *text = make_text(job, name);
	if (!text) {
		desk_job_fail(job, TELLER_RETRY, DESK_LATER_S,
			      "there is no memory");
	} else if (*job->presser) {
		desk_whisper(job->desk, job->presser, ts, text);
		desk_job_sent(job, ts);
	} else {
		desk_job_post(job, text, "");
	}
	free(text);
}

static void
on_colleague(void *arg, const struct api_answer *answer)
{
	const char *name =
		answer->result == API_OK
			? name_read(json_object_get(answer->body, "user"))
			: "";
	tell(arg, *name ? name : NULL);
}

static void
on_presser(void *arg, const struct teller_state *found)
{
	struct desk_job *job = arg;
	struct workspace *workspace = job->desk->workspace;
	char id[SLACK_ID_MAX + 1];
	if (found)
		snprintf(job->presser, sizeof(job->presser), "%.*s",
			 (int)found->value_len, (const char *)found->value);
	bool has_colleague = find_colleague(job, id);
	const char *name = has_colleague ? name_find(workspace, id) : NULL;
	if (name || !has_colleague || !workspace->slack->has_names ||
	    person_ask(workspace, id, on_colleague, job))
		tell(job, name);
}

void
desk_refuse(struct desk_job *job)
{
	const struct slack *slack = job->desk->slack;
	char key[DESK_KEY_SIZE];
	snprintf(key, sizeof(key), "pressed/%s", job->message);
	if (slack->services->state_get(slack->host, key, on_presser, job))
		desk_job_fail(job, TELLER_RETRY, DESK_LATER_S,
			      "it cannot be read now");
}
