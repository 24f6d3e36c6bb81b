/* The plugin contract: all that a channel or a desk and tellerd know of each
 * other.  A plugin is a shared object that exports one symbol,
 *
 *	const struct teller_plugin teller_plugin;
 *
 * plain data that the host reads before it calls anything.  A plugin sees this
 * header, libc and the libraries it links itself; it never links SQLite, has
 * no constructors and starts no process.
 *
 * Threads.  Every function of a plugin and every service runs on the loop
 * thread and returns within 10 ms; only post() may be called from any thread, a
 * call of any other service is refused there.
 * Life.  open() -> start() -> send() ... -> stop() -> [stopped()] -> close().
 * After close() the plugin may be opened again, with other settings.
 *   open()   log, metric, health, now_us and the settings' services
 *   start()  from here on every service
 *   stop()   from here on no receive, open_conversation, post, work, serve,
 *            http_origins and dial: they are refused.  No job is given, and no
 *            request: they wait for new settings, or the host answers them 503.
 *            What is under way can be brought to its end
 *   close()  as open(), and what ends something
 * Watches, timers, transfers, connections, requests, streams and routes belong
 * to the host, which ends those that are left when close() has returned.
 * Memory.  What is passed to a function, either way, is borrowed for that call
 * unless its comment says otherwise.  Texts are UTF-8 and NUL-terminated.
 * Growth.  Structs that cross the border begin with their size, which who fills
 * one sets; members are only ever appended.  Who reads a member that came after
 * ABI 1.0 checks that size covers it, by TELLER_HAS().  Structs without a size,
 * which stand in arrays or within others, do not grow.  ABI_MAJOR changes when
 * this no longer suffices.
 */
#ifndef TELLERD_PLUGIN_H
#define TELLERD_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TELLER_ABI_MAJOR 1
#define TELLER_ABI_MINOR 6

/* Does the struct that was passed reach as far as this member? */
#define TELLER_HAS(ptr, member)                                         \
	((ptr)->size >=                                                 \
	 (size_t)((const char *)&(ptr)->member - (const char *)(ptr)) + \
		 sizeof((ptr)->member))

/* ---- Settings */

enum teller_option_type {
	TELLER_BOOL,	 /* true, false */
	TELLER_INT,	 /* within min .. max */
	TELLER_REAL,	 /* within min .. max, a decimal number */
	TELLER_TEXT,	 /* min .. max bytes */
	TELLER_CHOICE,	 /* one word of `choices` */
	TELLER_DURATION, /* 500 ms, 30 s, 5 min, 2 h, 7 d; kept as ms */
	TELLER_SIZE,	 /* 512, 64 KiB, 10 MiB, 1 GiB; kept as bytes */
	TELLER_SECRET,	 /* never the secret, but where it is: file:PATH, or
			  * credential:NAME (systemd's) */
	TELLER_LIST,	 /* texts, min .. max of them */
	TELLER_TABLE,	 /* named sections, min .. max of them, each with
			  * `fields`: several accounts of a channel, say */
	TELLER_DIGESTS,	 /* as TELLER_LIST, each a SHA-256: 64 hex digits */
	TELLER_ORIGINS	 /* since ABI 1.4; as TELLER_LIST, each the origin of
			  * pages as browsers send it: https://shop.example */
};

/* One setting of tellerd.yaml, under "plugins: NAME:".  A table of them ends
 * with name NULL and has at most 200.  "burst" is the host's own: how long a
 * turn waits for more of a burst of messages. */
struct teller_option {
	const char *name; /* lower case, digits, '_' */
	enum teller_option_type type;
	int64_t min, max;     /* inclusive; both 0: no bound */
	const char *fallback; /* as it would stand in the file; NULL: the
			       * setting must be given */
	const char *unit;     /* for people, may be NULL */
	const char *help;     /* one sentence */
	const char *choices;  /* TELLER_CHOICE: words parted by spaces */
	const struct teller_option *fields; /* TELLER_TABLE */
};

/* ---- What comes in */

enum teller_message_kind {
	TELLER_MESSAGE_TEXT,   /* the customer wrote */
	TELLER_MESSAGE_OPTION, /* the customer chose `option` of a reply */
	TELLER_MESSAGE_EDIT,   /* `target` now reads `text` */
	TELLER_MESSAGE_DELETE, /* `target` was withdrawn */
	/* He wants no more of it.  Since ABI 1.6 what is not answered yet will
	 * not be, and cancel() is called for answers that are not out. */
	TELLER_MESSAGE_STOP,
	TELLER_MESSAGE_FEEDBACK, /* `rating` and `text` for reply `target` */
	TELLER_MESSAGE_HANDOVER, /* the customer asks for a person */
	TELLER_MESSAGE_CLAIM,	 /* desk: the author takes the conversation */
	TELLER_MESSAGE_AGENT,	 /* desk: `text` for the customer */
	TELLER_MESSAGE_NOTE,	 /* desk: `text` for colleagues only */
	TELLER_MESSAGE_RETURN,	 /* desk: back to the bot */
	TELLER_MESSAGE_CLOSE,	 /* desk: the conversation is over */
	TELLER_MESSAGE_DELIVERY_FAILED, /* reply `target` did not arrive */
	TELLER_MESSAGE_ACCOUNT_GONE	/* `account` was closed or revoked */
};

/* Why a customer rates a reply as he does, as a list of strings. */
#define TELLER_FEEDBACK_REASONS                                    \
	"wrong", "outdated", "unclear", "incomplete", "off_topic", \
		"wants_person", "other"

/* How sure the channel is who wrote. */
enum teller_trust {
	TELLER_TRUST_NONE,     /* a name anybody may write */
	TELLER_TRUST_CHANNEL,  /* the channel's own sign-in (a Slack user) */
	TELLER_TRUST_VERIFIED, /* proven to be the bank's customer */
	TELLER_TRUST_AGENT     /* the bank's staff: acts of a desk need it */
};

struct teller_author {
	const char *id;	  /* within the account; NULL: unknown */
	const char *name; /* for people; NULL: unknown */
	enum teller_trust trust;
};

struct teller_attachment {
	const char *name;
	const char *media_type;
	int64_t size_bytes; /* -1: unknown */
};

/* Limits, in bytes.  What exceeds one is refused (-1), but names of authors
 * and attachments, which are cut. */
#define TELLER_EXTERNAL_IDS 4
#define TELLER_EXTERNAL_ID_MAX 1000
#define TELLER_KEY_MAX 200 /* keys, accounts, ids of authors and options */
#define TELLER_NAME_MAX 200
#define TELLER_TEXT_MAX (64 * 1024)
#define TELLER_VALUE_MAX (64 * 1024)
#define TELLER_ROUTE_MAX 2048
#define TELLER_ATTACHMENTS_MAX 100
#define TELLER_STATES_MAX 64
#define TELLER_REQUEST_MAX 64

/* One message on its way in.  All texts are copied before receive() returns.
 * TELLER_MESSAGE_CLAIM to _CLOSE are for plugins that are TELLER_CAN_DESK. */
struct teller_message {
	size_t size;
	enum teller_message_kind kind;
	const char *account; /* "" where the channel has only one */
	/* The channel's own key of it, or our id of one of the channel's
	 * conversations ("cnv_..."); a desk's: any "cnv_..." id.  Empty only
	 * for TELLER_MESSAGE_DELIVERY_FAILED and _ACCOUNT_GONE. */
	const char *conversation;
	/* Ids by which the channel may bring this message again.  One that is
	 * known makes it a duplicate; none at all: never a duplicate. */
	const char *external_ids[TELLER_EXTERNAL_IDS];
	struct teller_author author;
	const char *text; /* NULL: none */
	size_t text_len;  /* bytes; may hold any bytes, repaired to UTF-8 */
	/* Id of the chosen option; of a claim: "take_over", also from a
	 * colleague who has it; of feedback: NULL, "" or one of
	 * TELLER_FEEDBACK_REASONS. */
	const char *option;
	/* What it is about: of an edit or a deletion, an external id of the
	 * message; of feedback and a failed delivery, our id of the reply. */
	const char *target;
	int rating; /* feedback: -1 or 1 */
	const struct teller_attachment *attachments;
	size_t n_attachments;
	const void *route; /* handed back with every job of the conversation */
	size_t route_len;  /* <= TELLER_ROUTE_MAX */
	const char *language; /* BCP 47, NULL: unknown */
	int64_t sent_at_us;   /* by the sender's clock; 0: unknown */
	int64_t burst_ms;     /* wait so long for more of it; -1: the default */
	/* Since ABI 1.1.  What the author wrote before it that was not brought
	 * as messages of this conversation; NULL: nothing.  Its end is looked
	 * at to see what in `text` is a secret; it is stored nowhere. */
	const char *earlier;
	size_t earlier_len; /* <= TELLER_TEXT_MAX; as text_len */
	/* Since ABI 1.5.  The id of the request that brought it, as http_id()
	 * says: the log of its turn names it.  NULL: none did. */
	const char *request;
	/* Since ABI 1.6.  Others can read along in this conversation: the
	 * channel's own key of the one that it has with the author alone, where
	 * jobs for that key reach him.  What would have him tell what concerns
	 * him, a form or a person who comes, goes on there: it is made if there
	 * is none, and has no route from then on until a message brings one.
	 * NULL: nobody else reads along. */
	const char *private_conversation;
};

enum teller_stored_status {
	TELLER_STORED,	  /* on disk: the sender may be told so */
	TELLER_DUPLICATE, /* was on disk before: the same */
	TELLER_BUSY,	  /* not taken: queue or disk is full; try later */
	TELLER_FAILED,	  /* not taken: it is wrong, or the disk is broken */
	TELLER_NOT_FOUND  /* not taken: there is no such conversation, or, of
			   * feedback, no such reply in it; since ABI 1.6, of
			   * an edit or a deletion, no such message in it */
};

struct teller_stored {
	size_t size;
	enum teller_stored_status status;
	const char *words;	  /* why not, for a person */
	const char *conversation; /* our id of it: "cnv_..." */
	const char *message;	  /* our id of it: "msg_..."; of a duplicate,
				   * that of the first copy */
	bool same;		  /* duplicate: has it the same text, at a desk
				   * from the same author, or, from
				   * open_conversation(), the same language? */
	int retry_after_s;	  /* busy: when to try again */
};

typedef void teller_stored_fn(void *arg, const struct teller_stored *);

/* A small durable key of the plugin, written in one transaction with the
 * message it came with (or alone, by state_put()). */
struct teller_state {
	const char *key;   /* not empty, nor starting with "secret/" */
	const void *value; /* NULL: the key is removed */
	size_t value_len;
	int64_t expires_at_us; /* 0: never */
};

/* found: NULL when there is none.  Called once for state_get(); for
 * state_list() once a key in order of keys, then once with NULL. */
typedef void teller_state_fn(void *arg, const struct teller_state *found);

/* is_kept: on disk.  If not, the log says why. */
typedef void teller_kept_fn(void *arg, bool is_kept);

/* ---- What goes out */

enum teller_job_kind {
	TELLER_JOB_REPLY,      /* the bot's words for the customer */
	TELLER_JOB_NOTICE,     /* a state the customer should know of */
	TELLER_JOB_AGENT_TEXT, /* an agent's words for the customer */
	TELLER_JOB_DESK_CARD,  /* to a desk: a conversation waits */
	/* To a desk: the card's state is now this.  Behind it, on a line of its
	 * own, what an agent of that desk did and was refused, and why. */
	TELLER_JOB_CARD_UPDATE,
	TELLER_JOB_CUSTOMER_TEXT, /* to a desk: the customer's further words */
	/* Since ABI 1.2, to a plugin that is TELLER_CAN_CASES: a customer
	 * filled in a form.  text is JSON, {"type": "case.opened", "timestamp",
	 * "data": {"reference", "form", "title", "complete", "conversation",
	 * "channel", "slots"}}; conversation is our id. */
	TELLER_JOB_CASE,
	/* Since ABI 1.6, to a desk that is TELLER_CAN_RECEIPTS: what one of its
	 * agents wrote, in_reply_to, is delivered to the customer; or, if there
	 * is a text, is not, and why. */
	TELLER_JOB_RECEIPT
};

struct teller_choice {
	const char *id;
	const char *label;
};

struct teller_source {
	const char *id; /* the entry's name */
	int version;
	const char *title;
};

/* One row of the outbox that is to be delivered.  Given again, with a higher
 * attempt, until the plugin answers sent() or failed(); never two at once of
 * one conversation, but one for the customer and one for the desk. */
struct teller_job {
	size_t size;
	const char *id;	 /* "msg_...": the key for progress, sent, failed */
	const char *key; /* the idempotency key: the same at every attempt */
	enum teller_job_kind kind;
	int attempt;	 /* 1, 2, ... */
	bool maybe_sent; /* an earlier attempt may have arrived */
	const char *account;
	const char *conversation;    /* the channel's key; for a desk, our id */
	const char *conversation_id; /* "cnv_..." */
	const char *conversation_state; /* bot, waiting, person, closed */
	const char *reply_kind;		/* answer, ask, ..., "" if none */
	double confidence;		/* of the decision, 0 .. 1 */
	const char *text;		/* CommonMark */
	/* Agent's name; "" for the bot.  Since ABI 1.6, of a card's update: who
	 * has claimed the conversation, if that is what it tells. */
	const char *author;
	/* Not in text: shown below it, as buttons, or numbered from 1, so that
	 * the customer can write the number. */
	const struct teller_choice *options;
	size_t n_options;
	const struct teller_source *sources; /* not in text either */
	size_t n_sources;
	const char *const *in_reply_to; /* ids of the messages it answers */
	size_t n_in_reply_to;
	const void *route;
	size_t route_len;
	const void *progress; /* what progress() kept of an earlier attempt */
	size_t progress_len;
	int64_t created_at_us;
};

enum teller_failure {
	TELLER_RETRY,	 /* for now: try again, not before that time */
	TELLER_GONE,	 /* the conversation can no longer be reached */
	TELLER_REJECTED, /* this text will never be taken */
	TELLER_UNKNOWN	 /* it may have arrived: the next attempt is told so */
};

/* ---- Reading back */

/* One message of a conversation's history, whoever wrote it. */
struct teller_entry {
	size_t size;
	const char *id;	    /* "msg_..." */
	const char *author; /* customer, bot, agent, system */
	const char *name;   /* agent's name, or "" */
	/* Of a reply: answer, ask, ..., or "".  Of what the customer brought:
	 * text, option (its text is the label) or handover (without a text). */
	const char *kind;
	const char *text;
	double confidence; /* of a reply of the bot */
	const struct teller_choice *options;
	size_t n_options;
	const struct teller_source *sources;
	size_t n_sources;
	const char *const *in_reply_to;
	size_t n_in_reply_to;
	int64_t at_us;
};

struct teller_history {
	size_t size;
	bool found; /* is there such a conversation? */
	const char *conversation_id;
	const char *state;		    /* bot, waiting, person, closed */
	const struct teller_entry *entries; /* oldest first */
	size_t n_entries;
	bool more; /* there are later ones */
	/* Since ABI 1.3.  The customer's newest rating of each entry: -1, 1, or
	 * 0 for none. */
	const int *ratings;
};

typedef void teller_history_fn(void *arg, const struct teller_history *);

typedef void teller_text_fn(void *arg, const char *text);

/* A line of what a help page shows. */
struct teller_line {
	const char *title, *text;
};

/* Since ABI 1.4.  What the desk's pack says to who has not asked anything yet;
 * "" what it does not say. */
struct teller_front {
	size_t size;
	const char *firm;     /* its name, as customers know it */
	const char *language; /* of the pack's words */
	const char *greeting;
	const char *privacy_url;	  /* https:// or http:// */
	const struct teller_line *topics; /* text: a question */
	size_t n_topics;
	const struct teller_line *contacts; /* ways to reach people */
	size_t n_contacts;
};

typedef void teller_front_fn(void *arg, const struct teller_front *);

/* Since ABI 1.4.  What a reply was decided upon, a JSON object; NULL: there is
 * no such reply. */
typedef void teller_explained_fn(void *arg, const char *json);

/* Since ABI 1.6.  An approved answer, for an agent. */
struct teller_suggestion {
	size_t size;
	const char *entry; /* its name */
	int version;
	const char *question, *answer; /* the answer is CommonMark */
};

/* found: NULL: there is none. */
typedef void teller_suggestion_fn(void *arg,
				  const struct teller_suggestion *found);

/* ---- HTTP, in and out */

struct teller_request; /* the host's; see the http_ services */
struct teller_stream;  /* the host's: an answer without an end */

enum teller_route_flags {
	TELLER_ROUTE_LOOPBACK = 1 /* only for callers on this machine */
};

struct teller_header {
	const char *name, *value;
};

/* Answer with answer(), problem() or stream(), now or later, once. */
typedef void teller_serve_fn(void *arg, struct teller_request *);
/* The other side went away, or the stream was cut for reading too slowly or
 * for its age: the request or stream is no more. */
typedef void teller_gone_fn(void *arg);

/* A request to elsewhere.  Redirects are not followed, cookies not kept.  User,
 * password and bearer leave only by TLS, unless private addresses are allowed.
 * A mail is one transaction: body is the whole mail, every line of it ending
 * with CR LF; of several recipients all are accepted or none. */
struct teller_fetch {
	size_t size;
	const char *method; /* NULL: GET, or POST with a body */
	const char *url;    /* https, http, smtps, smtp */
	const struct teller_header *headers;
	size_t n_headers;
	const void *body;
	size_t body_len;
	const char *user, *password; /* NULL: none */
	const char *bearer;	     /* NULL: none */
	const char *mail_from;	     /* smtp: the envelope */
	const char *const *mail_to;
	size_t n_mail_to;
	bool starttls;	     /* smtp: required */
	const char *ca_file; /* NULL: the system's */
	int64_t timeout_ms;  /* whole; 0: 30 s */
	size_t max_bytes;    /* of the answer, else there is none; 0: 1 MiB */
	bool allow_private;  /* may go to private addresses, by setting */
};

struct teller_fetched {
	size_t size;
	int status;	   /* HTTP or SMTP status; 0: there was no answer */
	const char *words; /* with status 0, why */
	bool maybe_sent;   /* the request may have been acted upon */
	const struct teller_header *headers;
	size_t n_headers;
	const void *body;
	size_t body_len;
};

typedef void teller_fetched_fn(void *arg, const struct teller_fetched *);

/* ---- A connection of the plugin's own */

struct teller_conn; /* the host's */

enum teller_conn_event {
	TELLER_CONN_READY,   /* connected; with TLS, verified */
	TELLER_CONN_DATA,    /* data, data_len */
	TELLER_CONN_DRAINED, /* what was written has left */
	TELLER_CONN_CLOSED /* by the peer, or an error: words; it is no more */
};

typedef void teller_conn_fn(void *arg, struct teller_conn *,
			    enum teller_conn_event, const void *data,
			    size_t data_len, const char *words);

enum teller_dial_flags {
	TELLER_DIAL_TLS = 1,	      /* from the first byte */
	TELLER_DIAL_ALLOW_PRIVATE = 2 /* may go to private addresses */
};

/* ---- Looking whether all is there that it needs */

/* The host's: somebody waits for what is found. */
struct teller_check;

enum teller_grade {
	TELLER_GRADE_GOOD,
	TELLER_GRADE_DOUBT, /* some of it does not work, or may not */
	TELLER_GRADE_BAD
};

/* Since ABI 1.6.  One thing that was found, in words for a person, and no
 * secret in them. */
struct teller_found {
	size_t size;
	enum teller_grade grade;
	const char *about; /* "workspace acme" */
	const char *words;
	const char *remedy; /* what to do about it; NULL: nothing */
};

/* ---- Timers, descriptors, work */

struct teller_watch; /* the host's: one timer or descriptor */

enum teller_io { TELLER_READ = 1, TELLER_WRITE = 2 };

typedef void teller_call_fn(void *arg);
typedef void teller_io_fn(void *arg, int events);

enum teller_level {
	TELLER_LOG_ERROR,
	TELLER_LOG_WARN,
	TELLER_LOG_INFO,
	TELLER_LOG_DEBUG
};

enum teller_health_state { TELLER_OK, TELLER_DEGRADED, TELLER_DOWN };

/* ---- The services */

struct teller_host; /* the plugin as the host knows it */

/* Each takes the struct teller_host that open() was given.  Functions that
 * return int return 0, or -1: refused (stopping, or a limit; the log says
 * which), as those do that return NULL; then nothing is called back.  Else a
 * call-back is called exactly once, later, never from within the service,
 * unless its service says otherwise.  close() waits for those of what was asked
 * of the store, within the deadline of stop(); none comes after it. */
struct teller_services {
	size_t size;

	/* Run. */
	void (*log)(struct teller_host *, enum teller_level, const char *line);
	/* Adds n to the counter tellerd_plugin_<name>_total{plugin=}.  name:
	 * lower case, digits, '_'; at most 64 different ones. */
	void (*metric)(struct teller_host *, const char *name, double n);
	/* How it is now, shown by `tellerctl status`. */
	void (*health)(struct teller_host *, enum teller_health_state,
		       const char *words);
	int64_t (*now_us)(struct teller_host *);
	/* Calls back whenever fd is ready for the events (enum teller_io),
	 * until unwatch(), which comes before the plugin closes fd. */
	struct teller_watch *(*watch_fd)(struct teller_host *, int fd,
					 int events, teller_io_fn *, void *arg);
	/* Calls back once after delay_ms, or, if repeat, every delay_ms. */
	struct teller_watch *(*watch_timer)(struct teller_host *,
					    int64_t delay_ms, bool repeat,
					    teller_call_fn *, void *arg);
	/* Ends a watch; a timer that was not to repeat ends by itself when it
	 * fired, and is not unwatched then. */
	void (*unwatch)(struct teller_host *, struct teller_watch *);
	/* From any thread: run fn(arg) on the loop thread, in the order of the
	 * posts.  -1 after stop(), or when 10,000 wait.  The plugin's threads
	 * have ended when close() returns. */
	int (*post)(struct teller_host *, teller_call_fn *, void *arg);
	/* Run fn(arg), which calls no service but post(), on one of the host's
	 * workers, then done(arg) here.  Both run even when the plugin is
	 * stopping; close() waits for them.  The host has two workers, and
	 * reads histories for other plugins on them: one that is at the same fn
	 * for over five minutes counts as stuck, and systemd restarts tellerd.
	 */
	int (*work)(struct teller_host *, teller_call_fn *fn,
		    teller_call_fn *done, void *arg);
	/* What stop() began is done: close() may be called. */
	void (*stopped)(struct teller_host *);

	/* Settings, by path: "accounts.acme.token".  The values are checked
	 * against the option table before open(); a path that is not in it, or
	 * is of another type, is the plugin's mistake: it is logged, and the
	 * answer is 0, NULL or false. */
	/* TELLER_INT; TELLER_DURATION in ms; TELLER_SIZE in bytes. */
	int64_t (*option_int)(struct teller_host *, const char *path);
	double (*option_real)(struct teller_host *, const char *path);
	bool (*option_bool)(struct teller_host *, const char *path);
	/* TELLER_TEXT, TELLER_CHOICE; borrowed until close(). */
	const char *(*option_text)(struct teller_host *, const char *path);
	size_t (*option_count)(struct teller_host *, const char *path);
	/* The i-th text of a list, or the i-th name of a table; NULL behind
	 * the last.  Borrowed until close(). */
	const char *(*option_item)(struct teller_host *, const char *path,
				   size_t i);
	/* The secret of that name: a TELLER_SECRET's path, read now from where
	 * the settings say (a line break at its end is left out), or what
	 * secret_put() kept under the name, if it is newer.  NULL: there is
	 * none; if the settings name one, the log says what is wrong with it.
	 * A NUL stands behind the bytes.  Borrowed until the next secret_ call,
	 * and then wiped. */
	const void *(*secret_get)(struct teller_host *, const char *name,
				  size_t *len_r);
	/* Keep a secret, encrypted under the desk's key.  Under the path of a
	 * TELLER_SECRET it takes the place of the one from the settings, until
	 * somebody changes that: a token that is rotated goes on from the first
	 * one the operator wrote. */
	int (*secret_put)(struct teller_host *, const char *name,
			  const void *value, size_t len, teller_kept_fn *done,
			  void *arg);

	/* In. */
	/* Redacts the message, stores it with the n states in one transaction
	 * and then calls on_stored, only then may the sender be told. */
	int (*receive)(struct teller_host *, const struct teller_message *,
		       const struct teller_state *states, size_t n_states,
		       teller_stored_fn *on_stored, void *arg);

	/* Durable. */
	int (*state_get)(struct teller_host *, const char *key,
			 teller_state_fn *, void *arg);
	int (*state_put)(struct teller_host *, const struct teller_state *,
			 size_t n, teller_kept_fn *done, void *arg);
	int (*state_list)(struct teller_host *, const char *prefix,
			  teller_state_fn *, void *arg);
	/* Makes the conversation if there is none with that account and key;
	 * on_stored gets its id, and TELLER_DUPLICATE if there was one. */
	int (*open_conversation)(struct teller_host *, const char *account,
				 const char *key, const char *language,
				 teller_stored_fn *on_stored, void *arg);
	/* Up to limit (1 .. 200) entries after the one with that id; "" or
	 * NULL: from the beginning.  key: as in teller_message.conversation. */
	int (*history)(struct teller_host *, const char *account,
		       const char *key, const char *after, size_t limit,
		       teller_history_fn *, void *arg);

	/* Out: the plugin's answers to send(), each by the job's id. */
	/* Keep this (<= TELLER_VALUE_MAX) for a next attempt. */
	void (*progress)(struct teller_host *, const char *job,
			 const void *state, size_t len);
	void (*sent)(struct teller_host *, const char *job,
		     const char *external_id);
	void (*failed)(struct teller_host *, const char *job,
		       enum teller_failure, int64_t not_before_us,
		       const char *words);

	/* Net: HTTP served by the host's listener, until close().  path may
	 * hold one-segment names: "/v1/conversations/{id}/messages".  flags:
	 * enum teller_route_flags.  max_body 0: the listener's limit. */
	int (*serve)(struct teller_host *, const char *method, const char *path,
		     int flags, size_t max_body, teller_serve_fn *, void *arg);
	/* Parts of a request; NULL: not there.  Borrowed until it is answered
	 * or gone. */
	const char *(*http_param)(struct teller_request *, const char *name);
	const char *(*http_query)(struct teller_request *, const char *name);
	const char *(*http_header)(struct teller_request *, const char *name);
	const char *(*http_peer)(struct teller_request *); /* address */
	/* From this machine, to its address or "localhost", through no proxy.
	 */
	bool (*http_is_local)(struct teller_request *);
	const char *(*http_id)(struct teller_request *); /* request id */
	const void *(*http_body)(struct teller_request *, size_t *len_r);
	/* Be told when the request, or the stream that it became, is gone; it
	 * is no more then.  Who did not ask to be told ends it as ever
	 * (answer(), stream_end()), which does nothing then. */
	void (*http_on_gone)(struct teller_request *, teller_gone_fn *,
			     void *arg);
	/* Answer and be done with it.  The headers of framing and connection,
	 * Date and X-Request-Id are the host's: with one of them it is 500. */
	void (*answer)(struct teller_request *, int status,
		       const char *media_type,
		       const struct teller_header *headers, size_t n_headers,
		       const void *body, size_t len);
	/* Answer with an RFC 9457 problem of that status; 401 says
	 * WWW-Authenticate: Bearer. */
	void (*problem)(struct teller_request *, int status, const char *code,
			const char *detail, int retry_after_s);
	/* Begin an open-ended answer; the request becomes the stream.  NULL:
	 * the client left, or has too many of them and was told so; the request
	 * is no more, and nothing is called. */
	struct teller_stream *(*stream)(struct teller_request *, int status,
					const char *media_type,
					const struct teller_header *headers,
					size_t n_headers);
	/* -1: the reader is too slow, or gone; gone is called, later. */
	int (*stream_write)(struct teller_stream *, const void *, size_t len);
	void (*stream_end)(struct teller_stream *);

	/* Net: requests to elsewhere, and connections. */
	int (*fetch)(struct teller_host *, const struct teller_fetch *,
		     teller_fetched_fn *, void *arg);
	/* Connects; flags: enum teller_dial_flags.  With TLS the certificate
	 * must be good for that host; ca_file NULL: by the system's.
	 * timeout_ms, 0 for 30 s, is for all until TELLER_CONN_READY. */
	struct teller_conn *(*dial)(struct teller_host *, const char *host,
				    int port, int flags, const char *ca_file,
				    int64_t timeout_ms, teller_conn_fn *,
				    void *arg);
	/* -1: not ready, or 4 MiB wait to leave. */
	int (*conn_write)(struct teller_conn *, const void *, size_t len);
	/* STARTTLS: what was read before and not given yet is dropped, and
	 * READY comes again, within timeout_ms.  -1: not ready, or what was
	 * written has not left. */
	int (*conn_start_tls)(struct teller_conn *);
	/* Nothing is read and given, until it is taken back. */
	void (*conn_pause)(struct teller_conn *, bool on);
	/* Ends it at once, also what has not left; no further event. */
	void (*conn_close)(struct teller_conn *);

	/* Since ABI 1.3.  The questions that the desk's pack offers to who has
	 * not asked anything yet: each(arg, question) for every one of them,
	 * before it returns. */
	void (*starters)(struct teller_host *, teller_text_fn *each, void *arg);

	/* Since ABI 1.4.  Pages of the origins in that setting (of type
	 * TELLER_ORIGINS) may call the plugin's routes from a browser: the host
	 * answers preflights and adds what CORS wants.  Those of the same
	 * origin may without it; all others are refused, and the log names the
	 * setting.  Until it is called no other origin may. */
	int (*http_origins)(struct teller_host *, const char *option);
	/* Since ABI 1.4.  The name of that key of a program, which `tellerctl
	 * keys` has made, if it is good for the scope ("ask"); else NULL.
	 * Borrowed until the next call. */
	const char *(*key_name)(struct teller_host *, const char *key,
				const char *scope);
	/* Since ABI 1.4.  What else it says then: fn(arg, front) before it
	 * returns; it is not called while there is no pack. */
	void (*front)(struct teller_host *, teller_front_fn *, void *arg);
	/* Since ABI 1.4.  What the bot's reply of that id was decided upon, if
	 * it is one of the channel's conversation of that account and key.  It
	 * names entries, scores and settings: not for customers, but where all
	 * is on show. */
	int (*explain)(struct teller_host *, const char *account,
		       const char *key, const char *reply,
		       teller_explained_fn *, void *arg);
	/* Since ABI 1.4.  open_conversation() for a customer of whom the
	 * channel has proof, who has an id, and trust TELLER_TRUST_VERIFIED:
	 * agents are shown who it is.  TELLER_DUPLICATE is the same only with
	 * the same id and name. */
	int (*open_conversation_as)(struct teller_host *, const char *account,
				    const char *key, const char *language,
				    const struct teller_author *,
				    teller_stored_fn *on_stored, void *arg);
	/* Since ABI 1.6.  What a check() finds, one thing after the other. */
	void (*check_found)(struct teller_check *, const struct teller_found *);
	/* Since ABI 1.6.  It has looked at everything: the check is no more. */
	void (*check_end)(struct teller_check *);
	/* Since ABI 1.6.  For a desk: what the bot would answer to what the
	 * customer wrote last in the conversation of that id, "cnv_...". */
	int (*suggest)(struct teller_host *, const char *conversation,
		       teller_suggestion_fn *, void *arg);
};

/* ---- The plugin */

enum teller_capability {
	TELLER_CAN_CHANNEL = 1, /* brings customers' messages */
	TELLER_CAN_DESK = 2,	/* is the agents' side */
	TELLER_CAN_TYPING = 4,
	TELLER_CAN_EDIT = 8,	 /* can change a text it has sent */
	TELLER_CAN_BUTTONS = 16, /* shows options as buttons */
	TELLER_CAN_DEDUPE = 32,	 /* sending twice by one key is harmless */
	TELLER_KEEP_LOADED = 64, /* links a library that cannot be unloaded */
	TELLER_CAN_CASES = 128,	 /* since ABI 1.2: is told of cases */
	/* since ABI 1.6: a desk that is told what became of agents' words */
	TELLER_CAN_RECEIPTS = 256
};

/* Words for why open() or start() failed; at most 511 bytes and a NUL. */
struct teller_words {
	char text[512];
};

struct teller_plugin {
	size_t size;		       /* sizeof(struct teller_plugin) */
	uint16_t abi_major, abi_minor; /* TELLER_ABI_MAJOR, TELLER_ABI_MINOR */
	uint32_t capabilities;
	const char *name; /* as in tellerd.yaml and the file's name: lower
			   * case, digits, '_', at most 32 */
	const char *version;
	const struct teller_option *options; /* NULL: none */
	int64_t burst_ms; /* the default of the option "burst" */

	/* Make the plugin's own state; settings can be read, nothing else is
	 * done: `tellerd --check-config` calls it, and close() behind it.  0
	 * and *self_r, or -1 and words. */
	int (*open)(const struct teller_services *, struct teller_host *,
		    void **self_r, struct teller_words *);
	/* Begin: routes, connections.  0, or -1 and words. */
	int (*start)(void *self, struct teller_words *);
	/* Deliver; answered by sent() or failed(), now or later. */
	void (*send)(void *self, const struct teller_job *);
	/* May be NULL: a person or the bot is writing, or no longer; then
	 * replies may be on their way yet.  Called since ABI 1.6, as cancel()
	 * is. */
	void (*typing)(void *self, const char *account,
		       const char *conversation, bool on);
	/* May be NULL: the job is no longer wanted, if it is not out yet.  It
	 * is answered like every other, by sent() or failed(). */
	void (*cancel)(void *self, const char *job);
	/* Begin to end: call stopped() when done.  After the deadline (5 s)
	 * close() comes all the same. */
	void (*stop)(void *self);
	/* Free self.  Not called when open() failed, which leaves nothing; it
	 * is when start() did. */
	void (*close)(void *self);
	/* Since ABI 1.6.  The name of a TELLER_TABLE of the options: it is
	 * TELLER_CAN_DESK only if the settings have a section there.  NULL:
	 * always. */
	const char *desk_option;
	/* Since ABI 1.6, may be NULL.  `tellerctl` asks whether all works that
	 * it needs outside.  What is found is told by check_found(), and
	 * check_end() follows, now or later; after two minutes, and when the
	 * plugin is closed, the host ends it.  post: where a message is to be
	 * posted for a trial, in the channel's own words; "": nowhere. */
	void (*check)(void *self, struct teller_check *, const char *post);
};

/* What the object exports, and nothing else. */
extern const struct teller_plugin teller_plugin
	__attribute__((visibility("default")));

#ifdef __cplusplus
}
#endif

#endif
