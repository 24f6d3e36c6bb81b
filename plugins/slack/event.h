/* What Slack tells of, and which of it is for the bot to answer. */
#ifndef SLACK_EVENT_H
#define SLACK_EVENT_H

#include <jansson.h>
#include <stdbool.h>
#include <tellerd/plugin.h>

#define SLACK_ID_MAX 32 /* of C..., U..., T...: theirs have about 11 */
#define SLACK_TS_MAX 32 /* "1764000000.000100" */
/* TEAM/CHANNEL, TEAM/CHANNEL/THREAD */
#define SLACK_KEY_SIZE (2 * SLACK_ID_MAX + SLACK_TS_MAX + 3)

enum event_act {
	EVENT_IGNORE,
	EVENT_TAKE,	  /* a question to the bot */
	EVENT_TAKE_KNOWN, /* one, if the bot takes part in that thread */
	EVENT_EDIT,	  /* what was written at that time now reads so */
	EVENT_DELETE,	  /* it was taken back */
	EVENT_STOP,	  /* the bot is to let it be */
	EVENT_GONE	  /* the workspace has removed the app */
};

/* Texts are borrowed from the envelope. */
struct event {
	enum event_act act;
	const char *why;       /* of what is ignored: a name for a metric */
	const char *workspace; /* T..., or E... where a whole
				* organisation has installed the app */
	const char *id;	       /* "Ev...", NULL: without a good one */
	const char *team, *channel, *ts, *user, *user_team;
	const char *self; /* the bot's user, U..., if the event says so */
	const char *text; /* in Slack's mark-up */
	const json_t *files;
	const char *changed_at; /* of an edit or a deletion: when that was */
	/* Of one of a message that we do not know: it may be on its way; it is
	 * a question to the bot only as it is now. */
	bool may_come, is_new;
	char key[SLACK_KEY_SIZE]; /* of its conversation */
};

/* Texts that stand only in blocks are put into their places. */
void event_fill(json_t *envelope);
/* Read an "event_callback".  Members that the act needs are there; others may
 * be NULL. */
void event_read(struct event *, const json_t *envelope);
/* A member of what Slack sends, borrowed; NULL: it is not there, or no text. */
const char *event_text(const json_t *object, const char *key);
/* Is it that text?  text: NULL: no. */
bool event_says(const json_t *object, const char *key, const char *text);

/* Is it an id of Slack's (capitals and digits), a time stamp of a message? */
bool event_is_id(const char *text);
bool event_is_ts(const char *text);

/* Of ids: is it a direct channel, a user? */
bool event_is_direct(const char *channel);
bool event_is_user(const char *id);

/* The key of the conversation in which a message is said.  A message of a
 * channel is in the thread that it begins; one of a direct channel in none but
 * that in which it is a reply, and its key names the user in the place of the
 * channel.  thread: NULL without one. */
void event_make_key(char key[SLACK_KEY_SIZE], const char *team,
		    const char *channel, const char *user, const char *ts,
		    const char *thread);
/* That of the conversation with the author ("TEAM/USER") alone, of what he says
 * in one that others read; false: nobody else reads that. */
bool event_make_private_key(char key[SLACK_KEY_SIZE], const char *conversation,
			    const char *author);
/* The parts of a key; thread is empty without one.  false: it is none.
 * channel may be a user: direct_find(). */
bool event_split_key(const char *key, char channel[SLACK_ID_MAX + 1],
		     char thread[SLACK_TS_MAX + 1]);

#endif
