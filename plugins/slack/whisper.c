/* What one person alone is shown, where he wrote. */
#include <stdio.h>
#include <stdlib.h>

#include "api.h"
#include "desk_parts.h"
#include "slack.h"

#define WORDS_MAX 200 /* bytes of why */

static void
on_told(void *arg, const struct api_answer *answer)
{
	(void)arg, (void)answer;
}

void
whisper(struct workspace *workspace, const char *channel, const char *user,
	const char *thread, const char *text)
{
	json_t *document = json_pack("{s:s, s:s, s:s, s:s*}", "channel",
				     channel, "user", user, "text", text,
				     "thread_ts", *thread ? thread : NULL);
	char *body = document ? json_dumps(document, JSON_COMPACT) : NULL;
	if (body)
		api_call(workspace, "chat.postEphemeral", body, on_told, NULL);
	free(body);
	json_decref(document);
}

/* Of words alone: who takes something back waits for nothing. */
static void
tell_author(const struct taking *taking, const char *text)
{
	const struct event *event = &taking->event;
	char channel[SLACK_ID_MAX + 1], thread[SLACK_TS_MAX + 1];
	if (event->act == EVENT_DELETE || event->act == EVENT_STOP)
		return;
	if (taking->act)
		desk_whisper(taking->act->desk, taking->act->user,
			     taking->act->thread, text);
	else if (event_split_key(event->key, channel, thread))
		whisper(taking->workspace, event->channel, event->user, thread,
			text);
}

static void
answer_command(struct taking *taking, const char *text)
{
	json_t *document = json_pack("{s:s}", "text", text);
	char *json = document ? json_dumps(document, JSON_COMPACT) : NULL;
	taking_answer(taking, "failed", json);
	free(json);
	json_decref(document);
}

void
taking_reject(struct taking *taking, const char *words)
{
	char text[WORDS_MAX + 60];
	snprintf(text, sizeof(text), ":warning: This was not taken: %.*s.",
		 WORDS_MAX, words);
	if (taking->is_command) {
		answer_command(taking, text);
	} else if (taking->envelope) {
		tell_author(taking, text);
		taking_pass(taking, "failed");
	} else {
		taking_refuse(taking, 500, "failed", words, 0);
	}
}
