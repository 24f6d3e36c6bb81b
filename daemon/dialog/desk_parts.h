/* What a desk is made of, for the files of desk.h. */
#ifndef DIALOG_DESK_PARTS_H
#define DIALOG_DESK_PARTS_H

#include <stdatomic.h>

#include "dialog/desk.h"
#include "dialog/intake.h"
#include "dialog/turn.h"
#include "store/state.h"

struct arena;
struct asks;
struct due;
struct host_events;
struct option_section;
struct outbox;
struct generator;
struct http_address;
struct keys;
struct metric;
struct reload;
struct schedule;
struct turn_done;
struct waiting;

/* Looks after a daemon's disk, for the log. */
struct disk_watch {
	struct desk *desk;
	struct timer *timer; /* NULL: it does not */
	bool is_full;	     /* and the log says so */
	bool is_held;	     /* by another program; the same */
	int64_t full_at_us;  /* seen last, monotonic */
};

struct sweep {
	struct desk *desk;
	struct timer *timer; /* NULL: it does not run */
	struct store_expire_state expire;
};

struct desk {
	struct desk_config config;
	struct settings *settings;
	/* What a daemon began with; its plugins' sections are left out. */
	struct settings *at_start;
	char *state_dir, *key_path;
	uint8_t key[32]; /* what key_path has */
	struct loop *loop;
	struct store *store;
	struct library *library;
	struct pool *turn_workers, *work, *commands;
	/* Of reloads: commands wait for them, and would take their threads. */
	struct pool *changes;
	int n_turn_workers;
	int64_t max_queued; /* turns, for those workers */
	struct http_server *http;
	struct http_address *addresses; /* to listen at, until it does */
	struct host *host;
	struct schedule *schedule;
	struct outbox *outbox;
	struct waiting *waiting;
	struct asks *asks;
	struct recent *recent;
	struct keys *keys;
	struct generator *generator; /* NULL: it is off, or no daemon */
	struct intake intake;
	struct disk_watch disk;
	struct sweep sweep;
	int64_t watched_at_us; /* by an agent at a terminal; monotonic */
	struct metric *turns[TURN_KINDS];
	struct reload *reloads; /* the first is under way */
	int64_t started_at_us;
	bool is_started;
	atomic_bool is_stopping, is_broken;
	/* stopping */
	bool is_host_stopped;
	struct timer *stop_timer;
	int64_t stop_until_us;
	void (*stopped)(void *arg);
	void *stopped_arg;
};

/* desk_events.c: what the parts tell the desk. */
const char *desk_present_agents(void *desk);
const char *desk_present_cases(void *desk);
void desk_turn_done(void *desk, const struct turn_done *);
void desk_typing(void *desk, const char *channel, const char *account,
		 const char *key, bool on);
bool desk_is_there(void *desk, const char *agents);
void desk_due(void *desk, const struct due *);
void desk_unreached(void *desk, int64_t conversation_id, int64_t message_id);
void desk_host_events(struct desk *, struct host_events *out);
/* Of turns by kind: there from the start, each 0. */
void desk_make_metrics(struct desk *);

/* desk_check.c: do the settings fit together, and what they name exist?  Of a
 * daemon's *addresses_r gets where it is to listen, for http_addresses_free().
 * Names are looked up, of hosts and groups: not on the loop while it runs.  0,
 * or -1 and *err. */
int desk_check_settings(const struct desk_config *, const struct settings *,
			struct http_address **addresses_r, struct err *);
/* Put behind *err which of the n names was probably meant, or all of them. */
void desk_add_names(struct err *, const char *word, const char *const *names,
		    long n);

/* desk_http.c: are the settings of the server what they must be?  0, or -1 and
 * *err.  And take them over. */
int desk_check_http(const struct settings *, struct err *);
void desk_apply_http(struct desk *);
/* Where it is to listen, with the certificate for that, behind what the list
 * has.  Names are looked up: any thread.  0, or -1 and *err. */
int desk_find_addresses(const struct settings *, struct http_address **list,
			struct err *);

/* desk_disk.c */
void disk_watch_begin(struct disk_watch *, struct desk *);
void disk_watch_end(struct disk_watch *);
/* A message was refused for it. */
void disk_watch_refused(void *watch);

/* desk_sweep.c */
void sweep_begin(struct sweep *, struct desk *);
void sweep_end(struct sweep *);

/* desk_settings.c */

/* Read the settings of config; the sections of plugins (n of them) are read
 * beside the daemon's own.  Any thread.  NULL and *err. */
struct settings *desk_settings_read(const struct desk_config *,
				    const struct option_section *plugins,
				    size_t n, struct err *);
/* Load the i-th plugin that the settings name, unless it is loaded.  0, or -1
 * and *err. */
int desk_load_plugin(struct desk *, const struct settings *, size_t i,
		     struct err *);
/* Load all of them: they tell what may be set of them.  One that cannot be
 * loaded is logged and noted. */
void desk_load_plugins(struct desk *, const struct settings *,
		       struct buf *notes);
/* The sections of those that are loaded, in the arena. */
size_t desk_plugin_sections(const struct desk *, const struct settings *,
			    struct arena *, const struct option_section **out);
/* All three: first was read without plugins. */
struct settings *desk_settings_with_plugins(struct desk *,
					    const struct settings *first,
					    struct err *);
/* Something of a reload that is not in force: a line in the log, and one more
 * in notes, unless that is NULL. */
void desk_note(struct buf *notes, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
char *desk_find_state_dir(const struct desk_config *, const struct settings *);
void desk_plugin_dir(const struct settings *, struct buf *out);
/* Take over what the parts need of desk->settings. */
void desk_apply_settings(struct desk *, struct buf *notes);
/* Note what of desk->settings is not in force, but will be at the next start.
 */
void desk_note_later(struct desk *, struct buf *notes);

#endif
