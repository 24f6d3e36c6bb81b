/* What a desk is made of, for the files of desk.h. */
#ifndef DIALOG_DESK_PARTS_H
#define DIALOG_DESK_PARTS_H

#include <stdatomic.h>

#include "dialog/desk.h"
#include "dialog/intake.h"

struct asks;
struct host_events;
struct outbox;
struct reload;
struct schedule;
struct turn_done;
struct waiting;

struct desk {
	struct desk_config config;
	struct settings *settings;
	char *state_dir, *key_path;
	struct loop *loop;
	struct store *store;
	struct library *library;
	struct pool *turn_workers, *work;
	struct http_server *http;
	struct host *host;
	struct schedule *schedule;
	struct outbox *outbox;
	struct waiting *waiting;
	struct asks *asks;
	struct intake intake;
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
void desk_turn_done(void *desk, const struct turn_done *);
void desk_overdue(void *desk, const char *channel, const char *conversation,
		  int episode);
void desk_host_events(struct desk *, struct host_events *out);

/* desk_settings.c */

/* The settings of config, with the sections of the plugins of the desk that
 * are loaded.  NULL and *err. */
struct settings *desk_settings_read(const struct desk *, struct err *);
/* Load the plugins that `first` names, then read the settings with theirs. */
struct settings *desk_settings_with_plugins(struct desk *,
					    const struct settings *first,
					    struct err *);
char *desk_find_state_dir(const struct desk_config *, const struct settings *);
void desk_plugin_dir(const struct settings *, struct buf *out);
/* Take over what the parts need of desk->settings. */
void desk_apply_settings(struct desk *);

#endif
