/* A reload: one step after the other, each on the loop or on a worker.  Files
 * and names are read by workers.  What is loaded are the plugins, on the loop:
 * a plugin is opened there, and only there does the host know them.  That is a
 * few milliseconds each, once in their lives. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "conf/options.h"
#include "dialog/desk_parts.h"
#include "dialog/knowledge.h"
#include "dialog/pack_import.h"
#include "host/host.h"
#include "net/http_server.h"
#include "net/loop.h"
#include "net/notify.h"

#define NOTES_MAX (16 * 1024)

/* Reloads happen one after the other, in the order they were asked for. */
struct reload {
	struct job job;
	struct reload *next;
	struct desk *desk;
	struct arena arena;
	struct settings *first;		       /* without plugins' sections */
	const struct option_section *sections; /* of plugins */
	size_t n_sections;
	struct settings *settings;	/* the new ones, then the old ones */
	struct http_address *addresses; /* the same */
	bool has_moved;			/* it listens at the new ones */
	struct buf notes;
	struct err err;
	void (*done)(void *arg, const struct reload_result *);
	void *arg;
};

static void reload_begin(struct reload *);

/* What failed behind the change of addresses undoes that, too. */
static void
move_back(struct reload *reload)
{
	struct err err = {0};
	if (reload->has_moved && !desk_is_stopping(reload->desk) &&
	    http_server_listen_only(reload->desk->http, &reload->addresses,
				    &err))
		desk_note(&reload->notes, "%s", err.text);
}

/* The journal and the service manager, whoever asked for it. */
static void
tell_how(const struct reload_result *result)
{
	if (result->failure)
		log_error("tellerd: not reloaded, all stays as it was: %s",
			  result->failure);
	else
		log_info("tellerd: settings, pack and plugins are read again");
	notify_send("READY=1\nSTATUS=Answering");
	if (result->failure)
		notify_status("Answering; not reloaded: %s", result->failure);
}

static void
reload_end(struct reload *reload)
{
	struct desk *desk = reload->desk;
	struct reload *next = reload->next;
	bool has_failed = *reload->err.text;
	if (has_failed)
		move_back(reload);
	struct reload_result result = {
		.failure = has_failed ? reload->err.text : NULL,
		.notes = buf_str(&reload->notes),
	};
	if (!desk_is_stopping(desk))
		tell_how(&result);
	desk->reloads = next;
	/* Who is told may ask for another one, which then begins by itself if
	 * there is no next. */
	reload->done(reload->arg, &result);
	settings_free(reload->first);
	settings_free(reload->settings);
	http_addresses_free(reload->addresses);
	arena_release(&reload->arena);
	buf_release(&reload->notes);
	free(reload);
	if (next)
		reload_begin(next);
}

/* ---- From step to step */

static void
go_on_worker(struct reload *reload, void (*step)(struct job *))
{
	reload->job.run = step;
	if (pool_push(reload->desk->changes, &reload->job))
		return;
	err_set(&reload->err, "too much else is going on; try again");
	reload_end(reload);
}

static void
go_on_loop(struct reload *reload, void (*step)(struct job *))
{
	reload->job.run = step;
	loop_post(reload->desk->loop, &reload->job);
}

/* On the loop, at the beginning of a step: is this its end? */
static bool
is_over(struct reload *reload)
{
	if (desk_is_stopping(reload->desk))
		err_set(&reload->err, "tellerd is stopping");
	if (!*reload->err.text)
		return false;
	reload_end(reload);
	return true;
}

/* ---- The steps, last to first */

static void
note_failed(struct reload *reload)
{
	struct host_status status;
	for (size_t i = 0; host_status_at(reload->desk->host, i, &status); i++)
		if (strcmp(status.state, "failed") == 0)
			desk_note(&reload->notes, "plugin %s: %s", status.name,
				  status.words);
}

static void
plugins_reloaded(void *arg)
{
	struct reload *reload = arg;
	note_failed(reload);
	reload_end(reload);
}

static void
apply(struct job *job)
{
	struct reload *reload = container_of(job, struct reload, job);
	struct desk *desk = reload->desk;
	if (is_over(reload))
		return;
	struct settings *old = desk->settings;
	desk->settings = reload->settings;
	reload->settings = old;
	desk_apply_settings(desk, &reload->notes);
	desk_note_later(desk, &reload->notes);
	host_reload(desk->host, desk->settings, plugins_reloaded, reload);
}

/* On a worker. */
static void
load_pack(struct job *job)
{
	struct reload *reload = container_of(job, struct reload, job);
	struct buf dir;
	buf_init(&dir, PATH_MAX);
	desk_pack_dir(reload->settings, &dir);
	struct pack_terms terms = {
		.as_drafts =
			settings_bool(reload->settings, "knowledge.four_eyes"),
		.may_replace = true,
	};
	library_load_pack(reload->desk->library, buf_str(&dir), &terms,
			  &reload->notes, &reload->err);
	buf_release(&dir);
	go_on_loop(reload, apply);
}

/* Before the pack, which cannot be taken back: another program may have the
 * address. */
static void
listen_elsewhere(struct job *job)
{
	struct reload *reload = container_of(job, struct reload, job);
	if (is_over(reload))
		return;
	if (http_server_listen_only(reload->desk->http, &reload->addresses,
				    &reload->err)) {
		settings_blame(reload->settings, "http.listen", &reload->err);
		reload_end(reload);
		return;
	}
	reload->has_moved = true;
	go_on_worker(reload, load_pack);
}

/* On a worker. */
static void
read_all(struct job *job)
{
	struct reload *reload = container_of(job, struct reload, job);
	reload->settings =
		desk_settings_read(&reload->desk->config, reload->sections,
				   reload->n_sections, &reload->err);
	if (reload->settings)
		desk_check_settings(&reload->desk->config, reload->settings,
				    &reload->addresses, &reload->err);
	go_on_loop(reload, listen_elsewhere);
}

static void
load_plugins(struct job *job)
{
	struct reload *reload = container_of(job, struct reload, job);
	struct desk *desk = reload->desk;
	if (is_over(reload))
		return;
	desk_load_plugins(desk, reload->first, &reload->notes);
	reload->n_sections = desk_plugin_sections(
		desk, reload->first, &reload->arena, &reload->sections);
	go_on_worker(reload, read_all);
}

/* On a worker. */
static void
read_own(struct job *job)
{
	struct reload *reload = container_of(job, struct reload, job);
	reload->first = desk_settings_read(&reload->desk->config, NULL, 0,
					   &reload->err);
	go_on_loop(reload, load_plugins);
}

static void
reload_begin(struct reload *reload)
{
	if (is_over(reload))
		return;
	notify_reloading();
	go_on_worker(reload, read_own);
}

void
desk_reload(struct desk *desk,
	    void (*done)(void *, const struct reload_result *), void *arg)
{
	struct reload *reload = mem_new(sizeof(*reload));
	reload->desk = desk;
	reload->done = done;
	reload->arg = arg;
	buf_init(&reload->notes, NOTES_MAX);
	struct reload **last = &desk->reloads;
	while (*last)
		last = &(*last)->next;
	*last = reload;
	if (desk->reloads == reload)
		reload_begin(reload);
}
