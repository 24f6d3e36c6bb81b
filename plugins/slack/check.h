/* What the files of a check share. */
#ifndef SLACK_CHECK_H
#define SLACK_CHECK_H

#include "slack.h"

#define CHECK_CHALLENGE_SIZE 33

struct check {
	struct slack *slack;
	struct teller_check *check;
	struct check *next, **link;
	size_t i; /* the workspace that is being asked */
	/* Where to post for a trial; NULL: nowhere. */
	const struct workspace *post_in;
	char channel[SLACK_ID_MAX + 1];
	char challenge[CHECK_CHALLENGE_SIZE]; /* to our own address */
};

/* Tell of something; remedy: NULL without one. */
void check_say(const struct check *, enum teller_grade, const char *about,
	       const char *remedy, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* What to do about an error of Slack's; NULL: nothing is known. */
const char *check_remedy(const char *error);
/* The next workspace, or the end. */
void check_next(struct check *);
/* It is over, and freed. */
void check_end(struct check *);

/* check_scopes.c: tell of each scope that is wanted and not among these, which
 * are parted by commas; NULL: they are not known. */
void check_scopes(const struct check *, const char *about, const char *scopes);

/* check_desk.c: tell whether agents can work, if it is in that workspace, and
 * go on. */
void check_desk(struct check *);

/* check_way.c: tell whether events come, and end the check, by and by. */
void check_way(struct check *);

#endif
