/* A line of Slack's mark-up as one of CommonMark. */
#ifndef SLACK_COMMONMARK_LINE_H
#define SLACK_COMMONMARK_LINE_H

#include <stdbool.h>
#include <stdio.h>

struct decode_self;

struct commonmark {
	FILE *out;
	const struct decode_self *self;
	bool has_failed; /* there is no memory */
};

/* What stands there without any mark-up, freed by the caller; NULL: it has
 * failed. */
char *commonmark_say(struct commonmark *, const char *text, const char *end);
/* Write what stands there, behind what begins the line. */
void commonmark_add_line(struct commonmark *, const char *text,
			 const char *end);

#endif
