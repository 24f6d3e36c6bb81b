/* Looking at what an operator wrote before it is put to use. */
#include <limits.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "conf/options.h"
#include "dialog/desk_parts.h"
#include "dialog/pack_import.h"
#include "dialog/places.h"
#include "host/host.h"
#include "net/loop.h"
#include "nlu/pack.h"

static int
check_pack(const struct settings *settings, struct err *err)
{
	struct buf dir;
	buf_init(&dir, PATH_MAX);
	desk_pack_dir(settings, &dir);
	struct pack *pack = pack_read(buf_str(&dir), err);
	buf_release(&dir);
	int rc = pack ? pack_check_entries(pack, err) : -1;
	pack_free(pack);
	return rc;
}

/* Every plugin that is named can be loaded, and takes its section. */
static int
check_plugins(struct desk *desk, const struct settings *first, struct err *err)
{
	for (size_t i = 0; settings_plugin_name(first, i); i++) {
		const char *name = settings_plugin_name(first, i);
		if (host_load(desk->host, name, err))
			return -1;
	}
	struct settings *settings =
		desk_settings_with_plugins(desk, first, err);
	settings_free(settings);
	return settings ? 0 : -1;
}

static int
make_host(struct desk *desk, const struct settings *settings, struct err *err)
{
	struct buf dir;
	buf_init(&dir, PATH_MAX);
	desk_plugin_dir(settings, &dir);
	struct host_config config = {
		.loop = desk->loop,
		.plugin_dir = buf_str(&dir),
	};
	struct host_events events;
	desk_host_events(desk, &events);
	desk->host = host_new(&config, &events, err);
	buf_release(&dir);
	return desk->host ? 0 : -1;
}

int
desk_check(const struct desk_config *config, struct err *err)
{
	struct desk desk = {.config = *config};
	struct settings *settings = desk_settings_read(config, NULL, 0, err);
	if (!settings)
		return -1;
	desk.loop = loop_new(err);
	int rc = desk.loop ? check_pack(settings, err) : -1;
	if (!rc)
		rc = make_host(&desk, settings, err);
	if (!rc)
		rc = check_plugins(&desk, settings, err);
	host_free(desk.host);
	loop_free(desk.loop);
	settings_free(settings);
	return rc;
}

static void
give_one(struct host *host, const char *plugin, desk_options_fn *give,
	 void *arg)
{
	struct err why = {""};
	if (host_load(host, plugin, &why))
		give(arg, plugin, NULL, why.text);
	else
		give(arg, plugin, host_options(host, plugin), NULL);
}

static int
give_all(struct host *host, const struct settings *settings,
	 desk_options_fn *give, void *arg, struct err *err)
{
	struct arena arena = {0};
	struct buf dir;
	const char **names;
	buf_init(&dir, PATH_MAX);
	desk_plugin_dir(settings, &dir);
	long n = places_plugin_names(buf_str(&dir), &arena, &names, err);
	for (long i = 0; i < n; i++)
		give_one(host, names[i], give, arg);
	buf_release(&dir);
	arena_release(&arena);
	return n < 0 ? -1 : 0;
}

int
desk_list_options(const char *config_path, const char *plugin,
		  desk_options_fn *give, void *arg, struct err *err)
{
	struct desk desk = {.config.config_path = config_path};
	struct settings *settings =
		desk_settings_read(&desk.config, NULL, 0, err);
	if (!settings)
		return -1;
	desk.loop = loop_new(err);
	int rc = desk.loop ? make_host(&desk, settings, err) : -1;
	if (!rc && plugin)
		give_one(desk.host, plugin, give, arg);
	else if (!rc)
		rc = give_all(desk.host, settings, give, arg, err);
	host_free(desk.host);
	loop_free(desk.loop);
	settings_free(settings);
	return rc;
}
