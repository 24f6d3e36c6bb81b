/* Slack's mark-up, "mrkdwn", as CommonMark. */
#ifndef SLACK_COMMONMARK_H
#define SLACK_COMMONMARK_H

struct decode_self;

/* The text as its author sees it, in CommonMark: bold, slanted, code, quotes,
 * lists, links and line breaks stay what they are.  What CommonMark would take
 * for more than its author meant is escaped, any other byte stays as it is, but
 * for blanks that a line begins with.  CommonMark has no word for what is
 * struck out: its signs stay.  Mentions and entities are read as by
 * decode_part().  Freed by the caller; NULL without memory. */
char *commonmark_of_mrkdwn(const char *mrkdwn, const struct decode_self *);

#endif
