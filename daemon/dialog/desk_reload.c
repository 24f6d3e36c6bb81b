#include <limits.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "conf/options.h"
#include "dialog/desk_parts.h"
#include "dialog/knowledge.h"
#include "host/host.h"
#include "net/loop.h"

/* Reloads happen one after the other, in the order they were asked for. */
struct reload {
	struct job job;
	struct reload *next;
	struct desk *desk;
	struct settings *settings;
	struct buf pack_dir;
	struct err err;
	void (*done)(void *arg, const char *words);
	void *arg;
};

static void reload_begin(struct reload *);

static void
reload_end(struct reload *reload)
{
	struct desk *desk = reload->desk;
	struct reload *next = reload->next;
	desk->reloads = next;
	/* Who is told may ask for another one, which then begins by itself if
	 * there is no next. */
	reload->done(reload->arg, *reload->err.text ? reload->err.text : NULL);
	settings_free(reload->settings);
	buf_release(&reload->pack_dir);
	free(reload);
	if (next)
		reload_begin(next);
}

static void
plugins_reloaded(void *arg)
{
	reload_end(arg);
}

static void
pack_loaded(struct job *job)
{
	struct reload *reload = container_of(job, struct reload, job);
	struct desk *desk = reload->desk;
	if (desk_is_stopping(desk))
		err_set(&reload->err, "tellerd is stopping");
	if (*reload->err.text) {
		reload_end(reload);
		return;
	}
	struct settings *old = desk->settings;
	desk->settings = reload->settings;
	reload->settings = old;
	desk_apply_settings(desk);
	if (!desk->host) {
		reload_end(reload);
		return;
	}
	host_reload(desk->host, desk->settings, plugins_reloaded, reload);
}

static void
load_pack(struct job *job)
{
	struct reload *reload = container_of(job, struct reload, job);
	library_load_pack(reload->desk->library, buf_str(&reload->pack_dir),
			  &reload->err);
	job->run = pack_loaded;
	loop_post(reload->desk->loop, job);
}

static int
read_settings_again(struct reload *reload)
{
	struct desk *desk = reload->desk;
	struct settings *first = desk_settings_read(desk, &reload->err);
	if (!first)
		return -1;
	reload->settings =
		desk_settings_with_plugins(desk, first, &reload->err);
	settings_free(first);
	return reload->settings ? 0 : -1;
}

static void
reload_begin(struct reload *reload)
{
	if (desk_is_stopping(reload->desk)) {
		err_set(&reload->err, "tellerd is stopping");
		reload_end(reload);
	} else if (read_settings_again(reload)) {
		reload_end(reload);
	} else {
		desk_pack_dir(reload->settings, &reload->pack_dir);
		reload->job.run = load_pack;
		if (!pool_push(reload->desk->work, &reload->job)) {
			err_set(&reload->err,
				"too much else is going on; try again");
			reload_end(reload);
		}
	}
}

void
desk_reload(struct desk *desk, void (*done)(void *, const char *), void *arg)
{
	struct reload *reload = mem_new(sizeof(*reload));
	reload->desk = desk;
	reload->done = done;
	reload->arg = arg;
	buf_init(&reload->pack_dir, PATH_MAX);
	struct reload **last = &desk->reloads;
	while (*last)
		last = &(*last)->next;
	*last = reload;
	if (desk->reloads == reload)
		reload_begin(reload);
}
