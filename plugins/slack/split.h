/* Cutting a text in mrkdwn into messages that Slack takes. */
#ifndef SLACK_SPLIT_H
#define SLACK_SPLIT_H

#include <stddef.h>

/* Characters as Slack may count them: units of UTF-16, so that no way to count
 * finds more. */
size_t split_length(const char *text, size_t len);

/* How many bytes of the text have up to max of those, whole characters. */
size_t split_fit(const char *text, size_t max);

struct split_parts {
	char **texts;
	size_t n;
};

/* Parts of at most max of them (at least 100), in order: cut between
 * paragraphs, else lines, sentences, words; within a link or an entity only if
 * it is longer than a part; a fence is closed, and opened again in the next
 * part.  Of three and more each says which it is.  0, or -1 without memory. */
int split_text(const char *text, size_t max, struct split_parts *);
void split_release(struct split_parts *);

#endif
