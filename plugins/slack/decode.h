/* Slack's mark-up as plain text. */
#ifndef SLACK_DECODE_H
#define SLACK_DECODE_H

#include <stdbool.h>
#include <stddef.h>

/* Who the bot is, as a workspace calls it; NULL: not known yet. */
struct decode_self {
	const char *user; /* U... */
	const char *name;
	/* What another user is called; NULL: that is not known.  May itself be
	 * NULL. */
	const char *(*find)(void *arg, const char *user);
	void *arg;
};

/* The text as its author sees it: mentions as @name, channels as #name, dates
 * as their fallback, links as "label (address)", entities as what they stand
 * for.  Freed by the caller; NULL without memory. */
char *decode_part(const char *text, const struct decode_self *);

/* Behind a mention of the bot at the beginning, and what parts it from the
 * rest. */
const char *decode_skip_address(const char *text, const struct decode_self *);

/* "<", the body, perhaps "|" and a label (NULL without one), ">". */
struct decode_span {
	const char *body, *label;
	size_t body_len, label_len;
};

/* Does one begin there, at its "<"?  *end_r is behind it. */
bool decode_read_span(const char *text, struct decode_span *,
		      const char **end_r);

/* The first user that the text mentions, *len_r bytes; NULL: nobody. */
const char *decode_first_mention(const char *text, size_t *len_r);
/* Does it mention that user? */
bool decode_mentions(const char *text, const char *user);

#endif
