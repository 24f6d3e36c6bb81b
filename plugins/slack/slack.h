/* What the files of the Slack channel share.  Everything is on the loop's
 * thread. */
#ifndef SLACK_SLACK_H
#define SLACK_SLACK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tellerd/plugin.h>

#include "desk.h"
#include "event.h"

struct api_answer;
struct decode_self;

#define US_PER_S INT64_C(1000000)
#define SLACK_NAME_SIZE 84 /* of the bot: 80 characters at most */

/* Methods that Slack holds back each by itself. */
enum slack_method {
	SLACK_POST,
	SLACK_LOOK,
	SLACK_UPDATE,
	SLACK_STATUS,
	SLACK_NAMES,
	SLACK_STREAM, /* begin and end one */
	SLACK_APPEND,
	SLACK_OPEN,
	SLACK_METHODS
};

enum workspace_state {
	WORKSPACE_UNKNOWN, /* Slack has not said yet whose its token is */
	WORKSPACE_GOOD,
	WORKSPACE_BAD /* its token is dead, or of another one: words */
};

/* rate.c: how much of a method was taken. */
struct rate {
	int64_t full_us;       /* when it is as if nothing had been */
	int64_t held_until_us; /* "ratelimited" */
};

struct workspace {
	struct slack *slack;
	/* Of the settings, borrowed until close(). */
	const char *name, *team;
	enum workspace_state state;
	char words[200];
	struct teller_watch *ask_timer;	 /* Slack will be asked; NULL: not */
	int64_t ask_at_us;		 /* and when */
	unsigned int n_unheard;		 /* times that it did not answer */
	char user_name[SLACK_NAME_SIZE]; /* the bot's; "": not known yet */
	char user[SLACK_ID_MAX + 1];	 /* U..., of the same */
	char bot[SLACK_ID_MAX + 1];	 /* B... */
	struct rate rates[SLACK_METHODS];
	int status_way;			  /* of status.c */
	bool is_nameless;		  /* Slack does not tell us names */
	struct teller_watch *renew_timer; /* NULL: none runs */
	unsigned int n_tokens; /* that it was given: calls know theirs */
	bool is_renewing;      /* Slack has been asked, or the disk */
	int64_t renewed_at_us;
	bool is_removed; /* or so an event says */
	bool is_streamless;
};

struct slack {
	const struct teller_services *services;
	struct teller_host *host;
	/* Of the settings, borrowed until close(). */
	const char *api_base, *base_url, *ca_file;
	const char *person, *sources, *comment;
	const char *client_id, *oauth_base;
	const char *command, *hooks_base;
	bool has_home;	 /* has the bot a page of its own, and greets? */
	bool is_public;	 /* do all see what a command is answered? */
	bool is_private; /* may Slack be at a private address? */
	int64_t timeout_ms, pace_ms, thread_ms;
	struct workspace *workspaces;
	size_t n_workspaces;
	char stranger[SLACK_ID_MAX + 1]; /* the last one that was told of */
	struct socket *sockets;
	bool is_linking; /* another connection is being made, or is to: */
	struct teller_watch *link_timer;
	unsigned int n_lost;  /* connections, since one was ready */
	char link_words[200]; /* why there is none; "" if there is */
	bool is_link_down;    /* and somebody has to do something */
	struct taking *takings;
	struct call *calls;
	struct lane *lanes;
	struct direct *directs;
	struct update *updates;
	bool has_status; /* is it shown that the bot is at work? */
	struct status *statuses;
	bool has_streams; /* do long answers come by and by? */
	bool has_names;	  /* are people's names asked for? */
	struct person *people;
	uint64_t n_awaited; /* people whom somebody waited for, ever */
	int64_t started_at_us;
	/* slack.c: the clock when it was last read, and what it was set back
	 * by since the start. */
	int64_t clock_us, set_back_us;
	struct check *checks;
	struct install *installs; /* that were begun, the newest first */
	int64_t heard_at_us;	  /* the last event; 0: none since the start */
	int64_t refused_at_us;	  /* the last that was not signed; 0: none */
	struct desk *desk;	  /* NULL: it is none */
	char desk_words[200];	  /* why its channel cannot be written to */
	bool is_stopping;
};

/* slack.c */

void slack_log(const struct slack *, enum teller_level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void slack_count(const struct slack *, const char *name);
/* For all that lasts a while: it goes on evenly when the clock is set back.
 * What is signed, kept or told to others has the clock's own time. */
int64_t slack_now_us(struct slack *);
/* Tell the host that what stop() began is done, if it is. */
void slack_settle(struct slack *);

/* workspace.c */

/* -1 and words: the settings are wrong. */
int workspaces_open(struct slack *, struct teller_words *);
/* Ask Slack whose each token is. */
void workspaces_start(struct slack *);
void workspaces_close(struct slack *);
/* NULL: there is none of that team or organisation. */
struct workspace *workspace_find(const struct slack *, const char *team);
/* The same of what came from outside: a stranger is told of in the log. */
struct workspace *workspace_of_event(struct slack *, const char *team);
void workspaces_tell_health(const struct slack *);
/* It does not work any more: told by health, and asked again by and by. */
void workspace_fail(struct workspace *, const char *words);
/* Slack holds that method back for as long as its answer says. */
void workspace_hold(struct workspace *, enum slack_method,
		    const struct api_answer *);

/* When a call of that method may be made: now, or the time that is left for it
 * behind all that were given one before. */
int64_t rate_take(struct workspace *, enum slack_method);
/* The same if that is now; false: it is not, and nothing is taken. */
bool rate_take_now(struct workspace *, enum slack_method);
/* Slack takes no more of it until then. */
void rate_hold(struct workspace *, enum slack_method, int64_t until_us);
/* Is a time that was given one at which Slack takes nothing? */
bool rate_is_held(const struct workspace *, enum slack_method, int64_t at_us);

/* Slack does not take its token: it is renewed, if that can be, and fails
 * otherwise. */
void workspace_refused(struct workspace *, const struct api_answer *);
/* An event says that the app was removed, or its token revoked. */
void workspace_removed(struct workspace *);
/* Another token is there: ask Slack whose it is. */
void workspace_ask_now(struct workspace *);

/* install.c: the app is installed in a browser, and its token comes to us. */

#define INSTALL_PATH "/slack/install"

/* Do the settings have all that it needs? */
bool install_is_on(const struct slack *);
int install_serve(struct slack *);
void install_close(struct slack *);

/* forget.c: it is gone; its token, if Slack gave it, and what is remembered. */
void workspace_forget(struct workspace *);

/* renew.c: tokens that end after some hours. */

/* Renew it when it is time. */
void renew_start(struct workspace *);
/* Now.  false: it is not rotated, cannot be, or was a moment ago. */
bool renew_now(struct workspace *);

/* Slack has answered auth.test. */
void workspace_hear(struct workspace *, const struct api_answer *);

/* check.c: `tellerctl slack check`. */

void slack_check(void *self, struct teller_check *, const char *post);
void checks_drop(struct slack *);

/* The manifest of the app, as etc/slack-manifest.json has it. */
extern const char slack_manifest[];

/* request.c: the routes. */

int slack_serve(struct slack *);

/* take.c: from an event to the inbox. */

#define SLACK_ENVELOPE_MAX 80
#define NAMES_SIZE 160		 /* of ids that we make of Slack's */
#define STATE_GREETED "greeted/" /* and team/user */
#define STATE_THREAD "thread/"	 /* and the key: the bot takes part in it */

/* Who brought something, and is to be told that it is taken. */
struct origin {
	struct teller_request *request; /* NULL: */
	struct socket *socket;		/* one of Socket Mode; or it is gone */
	char envelope[SLACK_ENVELOPE_MAX + 1];
};

/* Something that waits for a message to be on disk. */
struct taking {
	struct slack *slack;
	struct origin origin;
	struct taking *next, **link;
	/* Called once it is there, or was before; NULL: nobody. */
	void (*on_kept)(const struct taking *);
	json_t *payload;    /* of what somebody pressed, else NULL */
	const char *busy;   /* JSON that who waits is answered when nothing can
			     * be taken; NULL: it is to come again */
	bool is_command;    /* its author reads the text that it is answered */
	json_t *envelope;   /* NULL: event is not set */
	struct event event; /* borrowed from the envelope */
	struct workspace *workspace;
	struct { /* home.c: of who is to be greeted */
		char key[2 * SLACK_ID_MAX + 16];
		char channel[SLACK_ID_MAX + 1];
	} greeting;
	bool is_asked;	 /* whether its thread is the bot's is being read */
	bool is_waiting; /* behind such a one of its conversation */
	struct desk_act *act; /* of an agent; freed with it */
};

/* NULL without memory: then its origin is told. */
struct taking *taking_new(struct slack *, const struct origin *);
/* Give the message to the host; on_stored() tells its origin. */
void taking_receive(struct taking *, const struct teller_message *,
		    const struct teller_state *, size_t n_states);
/* The same with what its event says. */
void taking_receive_event(struct taking *);
/* It need not come again: its origin is answered with that JSON. */
void taking_answer(struct taking *, const char *why, const char *json);
/* Who the bot and others are, to its author; borrowed from it. */
struct decode_self taking_self(const struct taking *);
/* What its event says, as its author sees it; freed by the caller, NULL without
 * memory. */
char *taking_text(const struct taking *);
/* The same of some of what it says. */
char *taking_part(const struct taking *, const char *mrkdwn);
/* The longest beginning of a text that is within the limit, whole characters.
 */
size_t taking_cut(const char *text);
/* There is nothing to be done, and it need not come again. */
void taking_pass(struct taking *, const char *why);
/* It has to come again. */
void taking_refuse(struct taking *, int status, const char *code,
		   const char *words, int retry_after_s);
void takings_drop(struct slack *);

/* whisper.c: what one person alone is shown. */

/* thread: "": in none.  Whether it arrives nobody hears. */
void whisper(struct workspace *, const char *channel, const char *user,
	     const char *thread, const char *text);
/* It can never be taken: its author is told why, and it need not come again. */
void taking_reject(struct taking *, const char *words);
void take_event(struct slack *, const struct origin *, json_t *envelope);

/* order.c */

/* Take a message behind those of its conversation that came before. */
void take_in_order(struct taking *);

/* action.c: buttons, and what else is pressed. */

void take_action(struct slack *, const struct origin *, json_t *payload);

/* command.c */

void take_command(struct slack *, const struct origin *, json_t *payload);

/* home.c: who opens the bot's page, and questions that he is shown.  false: it
 * is something else. */

bool home_take_event(struct taking *);
bool home_take_press(struct taking *);

/* link.c: Socket Mode.  There is one connection that events come by, and while
 * it is replaced two. */

void link_start(struct slack *);
/* Make another one: the present one will end.  It goes when that is ready. */
void link_renew(struct slack *);
/* It works: those before it go. */
void link_ready(struct socket *);
/* It does not, or no longer; and is freed. */
void link_lost(struct socket *, const char *words);
/* Socket Mode is switched off, or its token dead. */
void link_down(struct slack *, const char *words);
void link_close(struct slack *);

/* socket.c: one of its connections. */

struct socket;

/* Connect to an address that Slack gave (wss://...); -1: it is none, or it
 * cannot be done now. */
int socket_open(struct slack *, const char *url);
void socket_free(struct socket *);
/* Slack need not bring that envelope again; json: what it is answered, NULL:
 * nothing. */
void socket_ack(struct socket *, const char *envelope, const char *json);
/* Another one has its place: it goes in a while, or, told again, when nothing
 * that came by it is under way. */
void socket_leave(struct socket *);
/* Is it alive?  Called by and by. */
void socket_check(struct socket *);
bool socket_is_ready(const struct socket *);
/* Has another one its place? */
bool socket_is_leaving(const struct socket *);
struct socket *socket_next(const struct socket *);
struct slack *socket_slack(const struct socket *);

/* lane.c: what is to be posted, in order. */

/* One reply on its way into a channel. */
struct delivery {
	struct lane *lane;
	struct workspace *workspace;
	struct delivery *next;
	char job[64]; /* "": a greeting, which the host does not know of */
	char key[64];
	char channel[SLACK_ID_MAX + 1], thread[SLACK_TS_MAX + 1];
	char **parts; /* texts in mrkdwn */
	size_t n_parts, n_done;
	char *hook;	 /* it is posted there, for its reader alone; or NULL */
	bool is_public;	 /* for all who are there */
	bool is_private; /* what is written back concerns one person alone */
	bool must_open;	 /* channel is the user that it is for */
	json_t *buttons; /* blocks below the last part, NULL without */
	bool must_look;	 /* some of it may be there already */
	bool is_plain;	 /* Slack did not take the blocks */
	bool is_cancelled; /* nobody wants what is not there yet */
	char first_ts[SLACK_TS_MAX + 1]; /* of the first part */
	char *cursor;			 /* the page of a look-up */
	int n_pages;			 /* that were looked at */
	bool *found;			 /* parts that a look-up has seen */
	int64_t created_at_us;
	struct desk_job *desk; /* it is for the desk; freed with it */
	struct stream *stream; /* it comes by and by; NULL: it does not */
};

/* The deliveries to one channel, the first under way. */
struct lane {
	struct slack *slack;
	struct lane *next;
	struct delivery *first, **last;
	struct teller_watch *timer;
	size_t n;
	int64_t next_us; /* Slack takes a message a second */
	int64_t turn_us; /* of the first, by its method's rate; 0: none yet */
	bool is_busy;	 /* a call is under way */
	char channel[SLACK_ID_MAX + 1];
	char team[SLACK_ID_MAX + 1];
};

/* It is taken over; false: too many wait, and it is not. */
bool lane_add(struct slack *, struct delivery *);
/* Do what is next, if it is time. */
void lane_go_on(struct lane *);
/* The first is over, and freed. */
void lane_pop(struct lane *);
/* It goes from its lane, and is freed. */
void lane_remove(struct delivery *);
/* That of a job; NULL: it is over. */
struct delivery *lanes_find(const struct slack *, const char *job);
/* What waits for that workspace goes on. */
void lanes_wake(struct slack *, const struct workspace *);
/* Does something wait for that conversation? */
bool lane_has(const struct slack *, const struct workspace *,
	      const char *channel, const char *thread);
void lanes_drop(struct slack *);
void delivery_free(struct delivery *);

/* direct.c: channels with one user. */

/* That of a user of a workspace, as it was heard of. */
void direct_note(struct slack *, const char *team, const char *user,
		 const char *channel);
/* Put the channel in the place of a user; any other stays as it is.  false: it
 * was not heard of since the start. */
bool direct_find(const struct slack *, const char *team,
		 char channel[SLACK_ID_MAX + 1]);
void directs_drop(struct slack *);
/* Somebody asks in another place; what he asks is of his direct conversation.
 */
struct direct_question {
	const char *team; /* the message's */
	const char *user, *user_team, *user_name;
	const char *external_id, *text, *route;
};
void direct_receive(struct taking *, const struct direct_question *);
/* Where the channel is a user, what the job says of where he is. */
void direct_address(struct delivery *, const struct teller_job *);

/* post.c, look.c, direct.c: what is done with the first of a lane. */

void slack_send(void *self, const struct teller_job *);
void slack_cancel(void *self, const char *job);
/* One of a text in mrkdwn, cut into parts; NULL without memory. */
struct delivery *delivery_new(struct workspace *, const char *job,
			      const char *key, const char *text);
/* Where an earlier attempt was, by what progress() kept of it. */
void delivery_go_on(struct delivery *, const void *progress, size_t len);
void post_next(struct delivery *);
void look_next(struct delivery *);
void open_next(struct delivery *);

/* Nobody wants more of it, and how much is there is known. */
bool delivery_is_given_up(const struct delivery *);
/* What a call leads to: the delivery goes on, or is over and freed. */
void delivery_end_if_done(struct delivery *);
void delivery_hold(struct delivery *, enum slack_method,
		   const struct api_answer *);
void delivery_fail(struct delivery *, const struct api_answer *);

/* stream.c: an answer that comes by and by. */

/* It becomes one, if it is to. */
void stream_new(const struct slack *, struct delivery *,
		const struct teller_job *);
void stream_free(struct stream *);
bool stream_is_begun(const struct delivery *);
/* Of the next call. */
enum slack_method stream_method(const struct delivery *);
void stream_next(struct delivery *);

/* update.c: messages that are there and are to look otherwise. */

enum update_end {
	UPDATE_SHOWN,
	UPDATE_NEVER, /* Slack will not take it */
	UPDATE_LATER  /* not for now */
};

typedef void update_fn(void *arg, enum update_end);

/* Show it so, by and by: the body of a chat.update, which is taken.  What was
 * to be shown in its place and has not left is dropped, and nobody told.  done
 * (NULL: none) may be called before it returns, and is not by updates_drop().
 */
void update_message(struct workspace *, json_t *body, update_fn *done,
		    void *arg);
/* The body of the one that is under way for that message; NULL: none is. */
const json_t *update_under_way(const struct workspace *, const char *channel,
			       const char *ts);
void updates_drop(struct slack *);

/* mark.c: the sign that a button was pressed. */

void mark_pressed(const struct taking *);

/* comment.c: the form in which somebody says why an answer is no good. */

struct action;

/* Show it to who pressed the button. */
void comment_ask(struct workspace *, const struct action *,
		 const json_t *payload);
/* He has filled it in. */
void take_comment(struct taking *, const json_t *payload);

/* status.c: that the bot is at work. */

void slack_typing(void *self, const char *account, const char *conversation,
		  bool on);
/* A delivery is over, and not waited for any more. */
void status_delivered(struct slack *, const struct delivery *);
/* None is to be shown any more. */
void statuses_clear(struct slack *);
void statuses_drop(struct slack *);

/* names.c */

/* What a person is called there, until the next call; NULL: it is not known, or
 * not yet. */
const char *name_find(struct workspace *, const char *id);
/* Ask for him now, or as soon as not too many are asked for, those first who
 * were waited for first.  fn gets what Slack answers, or API_HELD while it
 * holds such questions back, perhaps before it returns, and is not called by
 * names_drop().  -1: that cannot be. */
int person_ask(struct workspace *, const char *id,
	       void (*fn)(void *arg, const struct api_answer *), void *arg);
/* As somebody wants to be called, of what users.info says of him; borrowed, "":
 * it says nothing. */
const char *name_read(const json_t *user);
void names_drop(struct slack *);

/* blocks.c: what a message of ours looks like. */

#define BLOCKS_TYPE "tellerd_reply" /* of the metadata of our messages */

/* Buttons below a reply: a list of blocks, NULL without any; of an answer with
 * thumbs, if it may have them. */
json_t *blocks_of_job(const struct slack *, const struct teller_job *,
		      bool has_thumbs);
json_t *blocks_button(const char *action, const char *value, const char *label);
/* The body of a post of its next part, freed by the caller; NULL without
 * memory. */
char *blocks_post(const struct delivery *);
/* The same for its hook. */
char *blocks_hook(const struct delivery *);
/* The same of a chat.update of the message of that time. */
char *blocks_update(const struct delivery *, const char *ts);
/* What stands below the words, and the metadata, into the end of a stream. */
void blocks_finish(const struct delivery *, json_t *body);

#endif
