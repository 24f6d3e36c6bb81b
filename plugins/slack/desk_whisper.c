/* What one agent alone is shown. */
#include <stdio.h>
#include <stdlib.h>

#include "desk_parts.h"
#include "mrkdwn.h"
#include "split.h"

#define TEXT_MAX 3900 /* characters; Slack takes 4000 at its best */

void
desk_whisper(const struct desk *desk, const char *user, const char *thread,
	     const char *words)
{
	whisper(desk->workspace, desk->channel, user, thread, words);
}

char *
desk_suggestion(const struct teller_suggestion *found)
{
	char *text = NULL, *answer = mrkdwn_render(found->answer);
	size_t len;
	FILE *out = answer ? open_memstream(&text, &len) : NULL;
	if (out) {
		fputs("The assistant would say, to \"", out);
		mrkdwn_escape(out, found->question);
		fprintf(out, "\" (%s@%d):\n%s", found->entry, found->version,
			answer);
	}
	free(answer);
	if (out && fclose(out) == 0) {
		text[split_fit(text, TEXT_MAX)] = '\0';
		return text;
	}
	free(text);
	return NULL;
}
