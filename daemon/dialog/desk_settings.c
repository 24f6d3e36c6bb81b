/* The settings of a desk.  They are read before the loop runs, and on the
 * thread of changes; put to use on the loop. */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "conf/options.h"
#include "dialog/desk_parts.h"
#include "dialog/knowledge.h"
#include "dialog/places.h"
#include "dialog/schedule.h"
#include "dialog/waiting.h"
#include "host/host.h"
#include "net/http_server.h"

#define PLUGINS_MAX 64
#define NOTE_MAX 1000

/* ---- Reading */

static size_t
count_daemon_sections(void)
{
	size_t n = 0;
	while (conf_daemon_sections[n].name)
		n++;
	return n;
}

static int
set_overrides(const struct desk_config *config, struct settings *settings,
	      struct err *err)
{
	for (size_t i = 0; i < config->n_overrides; i++) {
		struct arena arena = {0};
		const char *text = config->overrides[i];
		const char *value = strchr(text, '=');
		int rc = 0;
		if (!value)
			rc = err_set(err, "--set %s: it must be PATH=VALUE",
				     text);
		else
			rc = settings_set(settings,
					  arena_strndup(&arena, text,
							(size_t)(value - text)),
					  value + 1, err);
		arena_release(&arena);
		if (rc)
			return -1;
	}
	return 0;
}

struct settings *
desk_settings_read(const struct desk_config *config,
		   const struct option_section *plugins, size_t n_plugins,
		   struct err *err)
{
	struct arena arena = {0};
	size_t n = count_daemon_sections();
	struct option_section *sections =
		arena_array(&arena, n + n_plugins, sizeof(*sections));
	memcpy(sections, conf_daemon_sections, n * sizeof(*sections));
	if (n_plugins)
		memcpy(sections + n, plugins, n_plugins * sizeof(*sections));
	struct settings *settings = settings_read(config->config_path, sections,
						  n + n_plugins, err);
	if (settings && set_overrides(config, settings, err)) {
		settings_free(settings);
		settings = NULL;
	}
	arena_release(&arena);
	return settings;
}

/* ---- Plugins */

int
desk_load_plugin(struct desk *desk, const struct settings *settings, size_t i,
		 struct err *err)
{
	const char *name = settings_plugin_name(settings, i);
	if (host_options(desk->host, name) || !host_load(desk->host, name, err))
		return 0;
	struct arena arena = {0};
	const char **names;
	struct buf dir;
	buf_init(&dir, PATH_MAX);
	desk_plugin_dir(settings, &dir);
	long n = places_plugin_names(buf_str(&dir), &arena, &names, NULL);
	desk_add_names(err, name, names, n);
	buf_release(&dir);
	arena_release(&arena);
	return settings_blame_plugin(settings, i, err);
}

void
desk_load_plugins(struct desk *desk, const struct settings *settings,
		  struct buf *notes)
{
	for (size_t i = 0; desk->host && settings_plugin_name(settings, i);
	     i++) {
		struct err why = {0};
		if (desk_load_plugin(desk, settings, i, &why))
			desk_note(notes, "%s", why.text);
	}
}

size_t
desk_plugin_sections(const struct desk *desk, const struct settings *settings,
		     struct arena *arena, const struct option_section **out)
{
	size_t n = 0;
	struct option_section *sections =
		arena_array(arena, PLUGINS_MAX, sizeof(*sections));
	for (size_t i = 0; settings_plugin_name(settings, i); i++) {
		const char *name = settings_plugin_name(settings, i);
		const struct teller_option *options =
			desk->host ? host_options(desk->host, name) : NULL;
		if (!options || n == PLUGINS_MAX)
			continue;
		sections[n++] = (struct option_section){
			.name = arena_printf(arena, "plugins.%s", name),
			.help = "",
			.options = options,
		};
	}
	*out = sections;
	return n;
}

struct settings *
desk_settings_with_plugins(struct desk *desk, const struct settings *first,
			   struct err *err)
{
	struct arena arena = {0};
	const struct option_section *sections;
	desk_load_plugins(desk, first, NULL);
	size_t n = desk_plugin_sections(desk, first, &arena, &sections);
	struct settings *settings =
		desk_settings_read(&desk->config, sections, n, err);
	arena_release(&arena);
	return settings;
}

/* ---- Directories */

char *
desk_find_state_dir(const struct desk_config *config,
		    const struct settings *settings)
{
	if (config->state_dir)
		return mem_strdup(config->state_dir);
	static const char *const names[] = {"TELLERD_STATE", "STATE_DIRECTORY"};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *dir = getenv(names[i]);
		if (dir && *dir)
			return mem_strdup(dir);
	}
	return mem_strdup(settings_text(settings, "daemon.state_dir"));
}

char *
desk_state_dir_of(const char *config_path, const char *state_dir,
		  struct err *err)
{
	struct desk_config config = {
		.config_path = config_path,
		.state_dir = state_dir,
	};
	struct settings *settings = desk_settings_read(&config, NULL, 0, err);
	if (!settings)
		return NULL;
	char *dir = desk_find_state_dir(&config, settings);
	settings_free(settings);
	return dir;
}

void
desk_plugin_dir(const struct settings *settings, struct buf *out)
{
	places_plugins(settings_text(settings, "daemon.plugin_dir"), out);
}

void
desk_pack_dir(const struct settings *settings, struct buf *out)
{
	places_packs(settings_text(settings, "desk.packs_dir"), out);
	buf_addf(out, "/%s", settings_text(settings, "desk.pack"));
}

/* ---- Applying */

/* Workers that others took the place of. */
struct retired {
	struct job job;
	struct pool *workers;
};

static void
end_retired(struct job *job)
{
	struct retired *retired = container_of(job, struct retired, job);
	pool_free(retired->workers);
	free(retired);
}

/* They finish what was given to them, which the loop must not wait for. */
static bool
retire(struct desk *desk, struct pool *workers)
{
	if (!workers)
		return true;
	struct retired *retired = mem_new(sizeof(*retired));
	retired->workers = workers;
	retired->job.run = end_retired;
	if (pool_push(desk->changes, &retired->job))
		return true;
	free(retired);
	return false;
}

static void
apply_workers(struct desk *desk, struct buf *notes)
{
	int n = (int)settings_int(desk->settings, "turn.workers");
	int64_t max = settings_int(desk->settings, "store.queue");
	if (n == desk->n_turn_workers && max == desk->max_queued)
		return;
	struct pool *workers = pool_new("turn", n, (size_t)max);
	if (!workers || !retire(desk, desk->turn_workers)) {
		desk_note(notes, "turn.workers: cannot be changed now: too "
				 "many threads, or too much else is going on");
		pool_free(workers);
		return;
	}
	pool_watch(workers);
	desk->turn_workers = workers;
	desk->n_turn_workers = n;
	desk->max_queued = max;
	schedule_set_workers(desk->schedule, workers);
}

void
desk_apply_settings(struct desk *desk, struct buf *notes)
{
	const struct settings *settings = desk->settings;
	enum log_level level;
	/* tellerctl says what it did by itself. */
	if (desk->config.is_daemon &&
	    log_level_by_name(settings_text(settings, "log.level"), &level))
		log_open(level);
	library_set_settings(desk->library, settings);
	desk->intake = (struct intake){
		.loop = desk->loop,
		.store = desk->store,
		.schedule = desk->schedule,
		.outbox = desk->outbox,
		.recent = desk->recent,
		.key = desk->key,
		.max_chars = settings_int(settings, "turn.max_chars"),
		.max_waiting = settings_int(settings, "store.queue"),
		.disk_full = disk_watch_refused,
		.disk_full_arg = &desk->disk,
	};
	schedule_set_restarts(desk->schedule,
			      (int)settings_int(settings, "turn.restarts"));
	apply_workers(desk, notes);
	waiting_set_claim(desk->waiting, settings_int(settings, "desk.claim"));
	if (desk->http)
		desk_apply_http(desk);
}

/* ---- What a reload does not bring about */

static const char later[] = "changed, takes effect at the next start";

void
desk_note(struct buf *notes, const char *fmt, ...)
{
	struct buf line;
	va_list args;
	buf_init(&line, NOTE_MAX);
	va_start(args, fmt);
	buf_addv(&line, fmt, args);
	va_end(args);
	log_warn("desk: %s", buf_str(&line));
	if (notes)
		buf_addf(notes, "%s\n", buf_str(&line));
	buf_release(&line);
}

static bool
is_elsewhere(const struct desk *desk)
{
	char *dir = desk_find_state_dir(&desk->config, desk->settings);
	bool is_other = strcmp(dir, desk->state_dir) != 0;
	free(dir);
	return is_other;
}

/* One of the settings that are read at a start alone. */
static void
note_setting(struct desk *desk, struct buf *notes, const char *path)
{
	if (!settings_same(desk->at_start, desk->settings, path))
		desk_note(notes, "%s: %s", path, later);
}

/* All of the generator's are: its model is in memory by then. */
static void
note_generator(struct desk *desk, struct buf *notes)
{
	const struct option_section *section = conf_daemon_sections;
	char path[64];
	while (strcmp(section->name, "generator") != 0)
		section++;
	for (const struct teller_option *row = section->options; row->name;
	     row++) {
		snprintf(path, sizeof(path), "generator.%s", row->name);
		note_setting(desk, notes, path);
	}
}

void
desk_note_later(struct desk *desk, struct buf *notes)
{
	static const char *const at_start[] = {
		"daemon.plugin_dir",
		"store.min_free",
		"store.wal_limit",
		"admin.group",
	};
	/* The command line or systemd may have the last word. */
	if (is_elsewhere(desk))
		desk_note(notes, "daemon.state_dir: %s", later);
	for (size_t i = 0; i < sizeof(at_start) / sizeof(*at_start); i++)
		note_setting(desk, notes, at_start[i]);
	note_generator(desk, notes);
}
