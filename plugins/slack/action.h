/* What Slack says of a button that somebody pressed. */
#ifndef SLACK_ACTION_H
#define SLACK_ACTION_H

#include "event.h"

#define ACTION_OPTION "option_" /* and its number */
#define ACTION_UP "up"
#define ACTION_DOWN "down"
#define ACTION_PERSON "person"
#define ACTION_TOPIC "topic_" /* and its number */

/* Who pressed what.  Texts are borrowed from the payload. */
struct action {
	const char *team;      /* T..., the message's */
	const char *workspace; /* T..., or E... of an organisation */
	const char *user, *user_team, *user_name;
	/* Of the message below which it is: */
	const char *channel, *ts, *thread;
	const char *id, *value, *at;
	bool is_ephemeral;	  /* he alone sees the message */
	const char *hook;	  /* of what is answered then */
	char key[SLACK_KEY_SIZE]; /* of its conversation */
};

/* Who, and where the app is installed; false: it does not say. */
bool action_read_user(struct action *, const json_t *payload);
/* And which button, wherever it is. */
bool action_read_press(struct action *, const json_t *payload);
/* All of it, of a message's button; false: it is none. */
bool action_read(struct action *, const json_t *payload);
bool action_is_option(const char *id);

#endif
