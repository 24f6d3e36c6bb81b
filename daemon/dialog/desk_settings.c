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
#include "dialog/waiting.h"
#include "host/host.h"
#include "net/http_server.h"

#define PLUGINS_MAX 64

/* ---- Reading */

static size_t
count_daemon_sections(void)
{
	size_t n = 0;
	while (conf_daemon_sections[n].name)
		n++;
	return n;
}

/* The sections of the plugins that `first` names and the host has loaded. */
static size_t
plugin_sections(const struct desk *desk, const struct settings *first,
		struct option_section *sections, struct arena *arena)
{
	size_t n = 0;
	for (size_t i = 0; first && settings_plugin_name(first, i); i++) {
		const char *name = settings_plugin_name(first, i);
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

static struct settings *
read_sections(const struct desk *desk, const struct settings *first,
	      struct err *err)
{
	struct arena arena = {0};
	size_t n = count_daemon_sections();
	struct option_section *sections =
		arena_array(&arena, n + PLUGINS_MAX, sizeof(*sections));
	memcpy(sections, conf_daemon_sections, n * sizeof(*sections));
	n += plugin_sections(desk, first, sections + n, &arena);
	struct settings *settings =
		settings_read(desk->config.config_path, sections, n, err);
	if (settings && set_overrides(&desk->config, settings, err)) {
		settings_free(settings);
		settings = NULL;
	}
	arena_release(&arena);
	return settings;
}

struct settings *
desk_settings_read(const struct desk *desk, struct err *err)
{
	return read_sections(desk, NULL, err);
}

struct settings *
desk_settings_with_plugins(struct desk *desk, const struct settings *first,
			   struct err *err)
{
	for (size_t i = 0; desk->host && settings_plugin_name(first, i); i++) {
		struct err why = {""};
		const char *name = settings_plugin_name(first, i);
		if (!host_options(desk->host, name) &&
		    host_load(desk->host, name, &why))
			log_error("%s", why.text);
	}
	return read_sections(desk, first, err);
}

/* ---- Directories */

char *
desk_find_state_dir(const struct desk_config *config,
		    const struct settings *settings)
{
	if (config->state_dir)
		return mem_strdup(config->state_dir);
	const char *systemd = getenv("STATE_DIRECTORY");
	if (systemd && *systemd)
		return mem_strdup(systemd);
	return mem_strdup(settings_text(settings, "daemon.state_dir"));
}

char *
desk_state_dir_of(const char *config_path, const char *state_dir,
		  struct err *err)
{
	struct desk desk = {
		.config.config_path = config_path,
		.config.state_dir = state_dir,
	};
	struct settings *settings = desk_settings_read(&desk, err);
	if (!settings)
		return NULL;
	char *dir = desk_find_state_dir(&desk.config, settings);
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

static void
apply_http(struct desk *desk)
{
	const struct settings *settings = desk->settings;
	size_t n = settings_count(settings, "http.hosts");
	const char **hosts = mem_array(n + 1, sizeof(*hosts));
	for (size_t i = 0; i < n; i++)
		hosts[i] = settings_item(settings, "http.hosts", i);
	struct http_limits limits = http_limits_default;
	limits.max_body_bytes = (size_t)settings_int(settings, "http.max_body");
	limits.max_connections =
		(int)settings_int(settings, "http.max_connections");
	limits.max_per_address =
		(int)settings_int(settings, "http.max_per_address");
	limits.max_streams_per_address =
		(int)settings_int(settings, "http.max_streams_per_address");
	limits.head_ms = settings_int(settings, "http.head_timeout");
	limits.body_ms = settings_int(settings, "http.body_timeout");
	limits.idle_ms = settings_int(settings, "http.idle_timeout");
	limits.answer_ms = settings_int(settings, "http.answer_timeout");
	limits.stream_max_ms = settings_int(settings, "http.stream_max");
	limits.hosts = n ? hosts : NULL;
	limits.n_hosts = n;
	http_server_set_limits(desk->http, &limits);
	free(hosts);
}

void
desk_apply_settings(struct desk *desk)
{
	const struct settings *settings = desk->settings;
	enum log_level level;
	if (log_level_by_name(settings_text(settings, "log.level"), &level))
		log_open(level);
	library_set_settings(desk->library, settings);
	desk->intake = (struct intake){
		.loop = desk->loop,
		.store = desk->store,
		.schedule = desk->schedule,
		.max_chars = settings_int(settings, "turn.max_chars"),
		.max_waiting = settings_int(settings, "store.queue"),
	};
	waiting_set_claim(desk->waiting, settings_int(settings, "desk.claim"));
	if (desk->http)
		apply_http(desk);
}
