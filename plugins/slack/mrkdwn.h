/* CommonMark as Slack's mark-up, "mrkdwn". */
#ifndef SLACK_MRKDWN_H
#define SLACK_MRKDWN_H

#include <stdbool.h>
#include <stdio.h>

/* What mrkdwn has no word for is said in others: a heading is bold, an item
 * begins with a bullet or its number, HTML stands there as text.  Nothing in
 * the text can become a mention, a link or a command of Slack's.  Freed by the
 * caller; NULL without memory. */
char *mrkdwn_render(const char *commonmark);

/* Plain text, escaped as Slack wants it. */
void mrkdwn_escape(FILE *out, const char *text);

/* That text with no fence in it: blanks part its signs.  Freed by the caller;
 * NULL without memory. */
char *mrkdwn_part_fences(const char *text);

/* Is that one for customers: of the web, for mail, of a telephone? */
bool mrkdwn_is_address(const char *url);

#endif
