/* The tokens of a workspace, as a secret has them: the bot's; on a line of its
 * own, if tokens are rotated, what renews it; and, of those that Slack gave us,
 * the second since 1970 at which it ends. */
#ifndef SLACK_TOKEN_H
#define SLACK_TOKEN_H

#include "slack.h"

#define TOKEN_MAX 1000

struct token {
	char access[TOKEN_MAX + 1];
	char refresh[TOKEN_MAX + 1]; /* "": it is not rotated */
	int64_t expires_at_s;	     /* 0: never, or nobody knows */
	bool is_given;		     /* by Slack, not by the settings */
};

/* false: there is none, or it cannot be read. */
bool token_read(const struct workspace *, struct token *);
/* What oauth.v2.access answered; false: it is no token of a bot. */
bool token_of_answer(const struct slack *, const json_t *body, struct token *);
void token_wipe(struct token *);

/* Keep it in the place of the one from the settings.  0, or -1: refused, done
 * is not called. */
int token_keep(struct workspace *, const struct token *, teller_kept_fn *done,
	       void *arg);
/* One that Slack gave is good for nothing any more. */
void token_forget(struct workspace *);

#endif
