/* A desk: one bank's conversations, knowledge, channels and people, with all
 * the parts that serve them.  tellerd has one; tellerctl has one for as long as
 * a command runs when no daemon does. */
#ifndef DIALOG_DESK_H
#define DIALOG_DESK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tellerd/plugin.h>

#include "base/queue.h"

struct buf;
struct desk;
struct err;
struct generator;
struct host;
struct http_server;
struct keys;
struct library;
struct loop;
struct pool;
struct settings;
struct store;
struct turn_done;

struct desk_config {
	const char *config_path;      /* tellerd.yaml; NULL: fallbacks alone */
	const char *state_dir;	      /* NULL: the setting's */
	const char *const *overrides; /* "path=value", behind the file */
	size_t n_overrides;
	bool is_daemon; /* has plugins, listens, takes up what was queued */
	/* What the layers above ask of a daemon's settings; NULL: nothing.  Any
	 * thread.  0, or -1 and *err. */
	int (*check)(const struct settings *, struct err *);
	/* Called once, on some thread, when the store can no longer write. */
	void (*broken)(void *arg, const char *why);
	void *broken_arg;
	/* Called again and again while desk_open() and desk_start() go on: with
	 * the store, the pack's entries, what was left, the plugins.  what is a
	 * literal, for a person.  NULL: nobody wants to know. */
	void (*working)(void *arg, const char *what);
	void *working_arg;
};

/* Read the settings, open the store, read the pack.  Nothing is served yet.
 * *is_locked_r: another process has the store.  NULL and *err. */
struct desk *desk_open(const struct desk_config *, bool *is_locked_r,
		       struct err *);
/* Are settings and pack good, and can the plugins be opened?  Opens no store
 * and starts nothing.  *has_plugins_r: some are named.  0, or -1 and *err. */
int desk_check(const struct desk_config *, bool *has_plugins_r, struct err *);
/* The options of the plugins that the file's settings find, or of the one
 * named: give() gets its table, the host's own options first, borrowed for the
 * call, or NULL and why it cannot be loaded.  Nothing of a plugin runs.  0, or
 * -1 and *err: the settings or the directory cannot be read. */
typedef void desk_options_fn(void *arg, const char *plugin,
			     const struct teller_option *, const char *why);
int desk_list_options(const char *config_path, const char *plugin,
		      desk_options_fn *give, void *arg, struct err *);
/* Listen, take up what a former process left, start the plugins.  0, or -1
 * and *err. */
int desk_start(struct desk *, struct err *);
/* How a reload went. */
struct reload_result {
	const char *failure; /* why all stays as it was; NULL: all is well */
	/* What became of entries, if any changed, and what is not in force all
	 * the same: an entry that waits to be approved, a setting that takes
	 * effect at the next start, a plugin that does not run.  Each a line;
	 * "": nothing. */
	const char *notes;
};
/* On the loop: read settings and pack again and go on with them; then log how
 * it went, tell the service manager, and done(), later. */
void desk_reload(struct desk *,
		 void (*done)(void *arg, const struct reload_result *),
		 void *arg);
/* On the loop: take nothing new, let what is under way end (deadline_ms at
 * most), stop the plugins, then done(arg). */
void desk_stop(struct desk *, int64_t deadline_ms, void (*done)(void *arg),
	       void *arg);
/* The loop no longer runs. */
void desk_close(struct desk *);

/* Is it there to answer: started, and neither stopping nor broken? */
bool desk_is_ready(const struct desk *);
bool desk_is_stopping(const struct desk *);

struct loop *desk_loop(struct desk *);
struct store *desk_store(struct desk *);
struct library *desk_library(struct desk *);
struct host *desk_host(struct desk *);		 /* NULL: no daemon */
struct generator *desk_generator(struct desk *); /* NULL: off, or no daemon */
struct http_server *desk_http(struct desk *);	 /* NULL: no daemon */
struct keys *desk_keys(struct desk *);
/* For what tellerctl asks.  A command may wait for the loop as long as it
 * likes: nothing that the loop waits for runs there. */
struct pool *desk_commands(struct desk *);
const char *desk_state_dir(const struct desk *);
/* The settings, on the loop thread. */
const struct settings *desk_settings(const struct desk *);
/* The state directory that a desk with that file and directory would have: a
 * string that the caller frees.  NULL and *err: the file cannot be read. */
char *desk_state_dir_of(const char *config_path, const char *state_dir,
			struct err *);
/* The directory of the pack in use, by these settings; copied into out. */
void desk_pack_dir(const struct settings *, struct buf *out);

/* The directory of a pack that a command names, into out: a directory, or the
 * name of one among the packs of the settings; NULL is the pack of these.  0,
 * or -1 and *err. */
int desk_find_pack(const char *config_path, const char *pack, struct buf *out,
		   struct err *err);
/* On the loop: an agent is watching, and goes on to say so. */
void desk_watched(struct desk *);

/* Numbers for status, on the loop thread. */
struct desk_numbers {
	size_t turns_running, replies_waiting, customers_waiting;
	int64_t started_at_us;
};
void desk_numbers(struct desk *, struct desk_numbers *);

/* On the loop: a message came in; see intake_receive(). */
void desk_receive(struct desk *, const char *channel, int64_t burst_ms,
		  const struct teller_message *, const struct teller_state *,
		  size_t n_states, teller_stored_fn *, void *arg);

/* Ask as the customer of tellerctl does, and wait for the reply.  Any thread
 * but the loop's.  0, or -1 and *err. */
struct desk_answer {
	/* asked */
	const char *conversation; /* a key, or "cnv_..."; NULL: a new one */
	const char *text;
	/* Of this conversation's messages, which is named: the same again is no
	 * second one, and has no reply; NULL: none. */
	const char *id;
	/* answered; freed by desk_answer_release() */
	char *conversation_id, *message_id;
	char *reply, *reply_id, *kind, *options,
		*sources; /* the last two JSON */
	double confidence;
};
int desk_ask(struct desk *, struct desk_answer *, struct err *);
void desk_answer_release(struct desk_answer *);

/* Act as an agent who works by tellerctl, and wait for what became of it.  Any
 * thread but the loop's.  0, or -1 and *err: it could not be stored, or its
 * turn takes too long. */
struct desk_act {
	/* the act */
	enum teller_message_kind kind; /* TELLER_MESSAGE_CLAIM to _CLOSE */
	const char *conversation;      /* "cnv_..." */
	const char *agent;
	const char *text, *option; /* NULL: none */
	/* Of this conversation's acts: the same again is no second one, and
	 * something else by that id is refused; NULL: none. */
	const char *id;
	/* what became of it */
	bool is_repeated; /* it had come before; all behind is_done is unset */
	bool is_done;	  /* false: it does (did) not apply to what is: */
	const char *state;
	char *owner; /* freed by desk_act_release() */
	int64_t lease_until_us;
};
int desk_act(struct desk *, struct desk_act *, struct err *);
void desk_act_release(struct desk_act *);

#endif
