/* What the files of the desk share.
 *
 * What is kept, as states, is where the card of a conversation is and what it
 * shows, and never what a customer wrote: that is read again when a card
 * changes.
 *
 *	card/CONVERSATION	the newest card, JSON: channel, ts,
 *				conversation, job, state, owner, and after and
 *				n, which say where the question stands in the
 *				history
 *	desk/CHANNEL/TS		the conversation of a card
 *	stale/CHANNEL/TS	a card that does not show yet what is here, the
 *				same JSON
 *	claimant/CONVERSATION/TEAM/USER	has claimed it once: what he writes is
 *				meant for the customer
 *	said/MESSAGE	where an agent wrote it, JSON: channel, said, and ts of
 *				the card
 *	pressed/MESSAGE	who pressed Claim */
#ifndef SLACK_DESK_PARTS_H
#define SLACK_DESK_PARTS_H

#include "slack.h"

#define DESK_KEY_SIZE 200	  /* of a state */
#define DESK_CONVERSATION_SIZE 64 /* of our id of one */
#define DESK_MOVED "moved"	  /* of a card: there is a newer one */
#define DESK_KEPT_US (90 * 24 * 3600 * US_PER_S)

enum desk_history { DESK_HISTORY_NONE, DESK_HISTORY_LAST, DESK_HISTORY_ALL };

/* What is known of a user for a while. */
struct agent {
	char user[SLACK_ID_MAX + 1];
	char name[TELLER_NAME_MAX];
	bool is_good;
	const char *why; /* not, for him */
	int64_t at_us;
};

#define DESK_AGENTS_MAX 200

struct desk {
	struct slack *slack;
	struct workspace *workspace;
	const char *channel; /* of the settings */
	char path[100];	     /* of its section */
	enum desk_history history;
	struct desk_job *jobs;
	struct agent agents[DESK_AGENTS_MAX];
	size_t n_agents; /* ever, the oldest goes first */
	struct asking *askings;
	bool is_asking; /* those that wait are being begun */
	struct look *looks;
	struct showing *updates;
	bool is_updating;
	bool is_listing; /* what the last process left is being read */
	struct teller_watch *update_timer;
};

/* A job that is under way. */
struct desk_job {
	struct desk *desk;
	struct desk_job *next, **link;
	enum teller_job_kind kind;
	char id[64], key[64], progress[64];
	char conversation[DESK_CONVERSATION_SIZE];
	char message[64];		/* that it is about */
	char state[16];			/* of the conversation */
	char presser[SLACK_ID_MAX + 1]; /* whom alone it is for; "": all */
	char *text, *author;
	bool maybe_sent;
	int64_t created_at_us;
	json_t *card;	  /* as it is kept */
	bool is_root;	  /* the card itself is being posted */
	char *details;	  /* that follow it */
	json_t *old_card; /* that it comes after; NULL: none */
};

/* What a button means. */
struct desk_press {
	const char *name;
	enum teller_message_kind kind;
	const char *option;
};

/* What an agent did. */
struct desk_act {
	struct desk *desk;
	const struct desk_press *press; /* NULL: words */
	char user[SLACK_ID_MAX + 1];
	char name[TELLER_NAME_MAX];
	char ts[SLACK_TS_MAX + 1], thread[SLACK_TS_MAX + 1];
	char at[SLACK_TS_MAX + 1]; /* when a button was pressed */
	char conversation[DESK_CONVERSATION_SIZE];
	bool is_waiting;   /* behind another one of its thread */
	bool is_through;   /* given to the host, and no claim: others go on */
	char *text, *note; /* for the customer, for colleagues; NULL: none */
	bool is_noting;	   /* it is on disk, and is being noted where it was */
};

/* desk_act.c */

/* What waits in that thread goes on, the oldest first, unless one is still
 * being looked at. */
void act_go_on(const struct slack *, const char *thread);

/* desk_receive.c: whose it is, is known. */

void act_receive_press(struct taking *);
void act_receive_words(struct taking *);

/* desk_job.c */

#define DESK_LATER_S 30

/* Each is the end of the job. */
void desk_job_sent(struct desk_job *, const char *ts);
void desk_job_fail(struct desk_job *, enum teller_failure, int64_t after_s,
		   const char *words);
/* Post that text into the thread of its card; then it is sent.  part: behind
 * the job's key, of what it posts besides. */
void desk_job_post(struct desk_job *, const char *text, const char *part);

/* desk_whisper.c: what one agent alone is shown, if it can be. */

void desk_whisper(const struct desk *, const char *user, const char *thread,
		  const char *words);
/* In mrkdwn, freed by the caller; NULL without memory. */
char *desk_suggestion(const struct teller_suggestion *);

/* desk_refuse.c */

/* Tell who did it of what was refused; the end of the job. */
void desk_refuse(struct desk_job *);

/* desk_tick.c */

/* Of a receipt: with the state that says where the agent's words are. */
void tick_add(void *job, const struct teller_state *found);

/* desk.c */

/* A state of the desk's, kept for so long as such are. */
struct teller_state desk_state(const struct desk *, const char *key,
			       const char *value);

/* desk_look.c: what was said in a conversation. */

struct said {
	char *id, *author, *name, *kind, *text;
};

struct said_list {
	struct said *list;
	size_t n;
	bool is_cut; /* there was more before it */
};

/* list: NULL: the conversation is not there any more. */
typedef void look_fn(void *arg, const struct said_list *list);

/* n 0: all of it, the newest.  Else so many entries, those behind that id.  -1:
 * it cannot be read now. */
int desk_look(struct desk *, const char *conversation, const char *after,
	      size_t n, look_fn *, void *arg);
/* Nobody is told any more. */
void looks_close(struct desk *);

/* desk_card.c: what a card looks like. */

/* Where the customer's last words are: sets after and n of the card. */
void card_find_question(json_t *card, const struct said_list *);
/* What it shows, in mrkdwn: with those entries, of which the customer's are the
 * question.  NULL without memory; freed by the caller. */
char *card_text(const json_t *card, const struct said_list *);
/* The buttons below it, a list of blocks; NULL: there are none. */
json_t *card_buttons(const json_t *card);
/* What stands in its thread from the beginning: what the job has beside the
 * customer's words, and what was said before, as the settings want it.  NULL
 * without memory. */
char *card_details(const struct desk_job *, const struct said_list *);
/* What the customer wrote, all of it, in mrkdwn: under his title, each line
 * marked as his.  NULL without memory; freed by the caller. */
char *card_customer(const char *text);

/* desk_update.c */

/* The card is to show that; it is kept as stale. */
void update_card(struct desk *, const json_t *card);
void update_key(const json_t *card, char key[DESK_KEY_SIZE]);
void updates_start(struct desk *);
void updates_close(struct desk *);

/* desk_agent.c: who may act. */

/* agent: NULL: it cannot be told now. */
typedef void agent_fn(void *arg, const struct agent *);

void agent_ask(struct desk *, const char *user, agent_fn *, void *arg);
void agents_close(struct desk *);

#endif
