/* The plugin host: loads plugins, gives them their services, owns all they
 * make, and takes it away before they are unloaded.  All on the loop thread. */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tellerd/plugin.h>

struct arena;
struct err;
struct http_server;
struct loop;
struct pool;
struct settings;
struct store;
struct store_reader;

#define HOST_KEY_NAME_SIZE 65

/* What plugins bring, for the layer above.  plugin is its name; what is passed
 * is borrowed for the call. */
struct host_events {
	void *arg;
	/* Redact, store with the states, then call on_stored(stored_arg, ...)
	 * once, later; also when the plugin is gone by then.  burst_ms is what
	 * holds for this message.  Sizes are within the limits of plugin.h, and
	 * everything but the text is UTF-8. */
	void (*receive)(void *arg, const char *plugin, int64_t burst_ms,
			const struct teller_message *message,
			const struct teller_state *states, size_t n_states,
			teller_stored_fn *on_stored, void *stored_arg);
	/* Answers to host_send(), perhaps before that returns. */
	void (*progress)(void *arg, const char *plugin, const char *job,
			 const void *state, size_t len);
	void (*sent)(void *arg, const char *plugin, const char *job,
		     const char *external_id);
	void (*failed)(void *arg, const char *plugin, const char *job,
		       enum teller_failure, int64_t not_before_us,
		       const char *words);
	/* each(each_arg, question) for every one that the pack offers, before
	 * it returns. */
	void (*starters)(void *arg, teller_text_fn *each, void *each_arg);
	/* Is that key of a program good for the scope?  Then name_r, of
	 * HOST_KEY_NAME_SIZE, gets its name. */
	bool (*key)(void *arg, const char *key, const char *scope,
		    char *name_r);
	/* fn(fn_arg, front) before it returns, unless there is no pack. */
	void (*front)(void *arg, teller_front_fn *fn, void *fn_arg);
	/* On a worker, perhaps when the host is gone: what the reply was
	 * decided upon, JSON in the arena; *json_r NULL: there is no such reply
	 * in that conversation.  0, or -1 and *err. */
	int (*explain)(struct store_reader *, struct arena *,
		       int64_t conversation_id, int64_t reply_id,
		       const char **json_r, struct err *);
	/* On a worker, perhaps when the host is gone: what the bot would answer
	 * the customer of that conversation, in the arena; *found_r NULL:
	 * nothing.  0, or -1 and *err. */
	int (*suggest)(void *arg, struct store_reader *, struct arena *,
		       int64_t conversation_id,
		       const struct teller_suggestion **found_r, struct err *);
	/* A plugin came: what waits for it can be sent.  Or it went: what it
	 * has not answered it never will. */
	void (*changed)(void *arg, const char *plugin, bool is_running);
};

struct host_config {
	struct loop *loop;
	struct store *store;
	struct http_server *http; /* NULL: serve() is refused */
	struct pool *workers;	  /* work(), and reading of the store */
	const char *plugin_dir;
	/* The desk's key, made when it is not there.  NULL: there is none, and
	 * no plugin is started; it is only looked at. */
	const char *key_path;
	int64_t stop_ms; /* from stop() to close() at most; 0: 5 s */
};

/* NULL and *err.  The strings of the config are copied. */
struct host;
struct host *host_new(const struct host_config *, const struct host_events *,
		      struct err *);

/* Load the object PLUGIN_DIR/NAME.so, unless it is loaded, and check its data,
 * without calling it: directory and file are safe, ABI and size fit, tables are
 * well formed.  0, or -1 and *err. */
int host_load(struct host *, const char *name, struct err *);
/* The options of a loaded plugin, the host's own among them (burst); borrowed
 * until it is unloaded.  NULL: not loaded. */
const struct teller_option *host_options(struct host *, const char *name);

/* Open a loaded plugin with those settings and close it again, before the loop
 * runs: does it take them?  Nothing is started, and neither store nor network
 * is touched; a secret is what the settings name, not what was kept.  0, or -1
 * and *err. */
int host_try(struct host *, const char *name, const struct settings *,
	     struct err *);

/* Open and start what is loaded and named by the settings, from the loop: the
 * same as a first host_reload() whose end nobody waits for.  One that fails is
 * logged and left out; the others run. */
void host_start(struct host *, const struct settings *);
/* With new settings: a plugin whose section changed, or that had failed, is
 * stopped, closed, opened and started again; one that is no longer named is
 * unloaded; one that was loaded since starts.  done(arg), later, when all that
 * is over; not again before.  Settings are borrowed until the done of the next
 * reload, or of host_stop(). */
void host_reload(struct host *, const struct settings *,
		 void (*done)(void *arg), void *arg);
/* Stop every plugin, 5 s at most each, then done(arg), later. */
void host_stop(struct host *, void (*done)(void *arg), void *arg);
/* No plugin is started, or all were stopped.  What they asked of workers and
 * store may still be under way: those, and the loop, end after the host. */
void host_free(struct host *);

/* Does it run, and can it do all that (bits of enum teller_capability)? */
bool host_can(struct host *, const char *plugin, unsigned int capability);
/* The name of the i-th plugin with that capability that the settings want,
 * whether it runs just now or not; NULL: there are no more. */
const char *host_plugin_with(struct host *, unsigned int capability, size_t i);
/* Give it a job, borrowed for the call.  false: it does not run, or it stops:
 * changed() tells when it may be tried again. */
bool host_send(struct host *, const char *plugin, const struct teller_job *);
void host_typing(struct host *, const char *plugin, const char *account,
		 const char *conversation, bool on);
void host_cancel(struct host *, const char *plugin, const char *job);

/* What a plugin that looks has found, borrowed; in the end, once, NULL. */
typedef void host_found_fn(void *arg, const struct teller_found *);
/* Let it look whether all works that it needs outside; post: where a message
 * is to be posted for a trial, "" nowhere.  fn may be called before this
 * returns.  false: it does not run, or has nothing to look at, and fn is not
 * called. */
bool host_check(struct host *, const char *plugin, const char *post,
		host_found_fn *, void *arg);

struct host_status {
	const char *name, *version;
	const char *state; /* loaded, running, stopping, failed */
	enum teller_health_state health;
	const char *words;
	bool is_keeping; /* what it keeps is on its way to the disk */
};
/* The i-th plugin; false behind the last. */
bool host_status_at(struct host *, size_t i, struct host_status *);

#endif
