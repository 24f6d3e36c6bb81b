/* Slack's names of emoji. */
#ifndef SLACK_EMOJI_H
#define SLACK_EMOJI_H

/* Names that are known (":+1:", ":+1::skin-tone-3:") become what they stand
 * for, in place; others stay as they are. */
void emoji_decode(char *text);

#endif
