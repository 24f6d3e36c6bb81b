/* Looking at what an operator wrote before it is put to use.  Before the loop
 * runs, and on the thread of changes. */
#include <limits.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "conf/options.h"
#include "conf/yaml.h"
#include "dialog/desk_parts.h"
#include "dialog/generator.h"
#include "dialog/pack_import.h"
#include "dialog/places.h"
#include "host/host.h"
#include "net/http_server.h"
#include "net/loop.h"
#include "nlu/pack.h"

#define NAMES_MAX 300

/* ---- What one setting cannot say by itself */

void
desk_add_names(struct err *err, const char *word, const char *const *names,
	       long n)
{
	const struct err why = *err;
	struct buf list;
	for (long i = 0; i < n; i++)
		if (strcmp(names[i], word) == 0)
			return;
	const char *near = n > 0 ? conf_nearest(word, names, (size_t)n) : NULL;
	if (near) {
		err_set(err, "%s; did you mean '%s'?", why.text, near);
		return;
	}
	buf_init(&list, NAMES_MAX);
	for (long i = 0; i < n; i++)
		buf_addf(&list, "%s%s", i ? ", " : "", names[i]);
	if (n > 0 && !list.failed)
		err_set(err, "%s; there is: %s", why.text, buf_str(&list));
	buf_release(&list);
}

static int
check_retrieval(const struct settings *settings, struct err *err)
{
	double threshold = settings_real(settings, "retrieval.threshold");
	double floor = settings_real(settings, "retrieval.floor");
	if (floor <= threshold)
		return 0;
	err_set(err,
		"the floor, %g, is above the threshold, %g: every entry that "
		"is offered would be the answer at once; lower the one or "
		"raise the other",
		floor, threshold);
	return settings_blame(settings,
			      settings_line(settings, "retrieval.floor")
				      ? "retrieval.floor"
				      : "retrieval.threshold",
			      err);
}

static int
check_pack_is_there(const struct settings *settings, struct err *err)
{
	struct arena arena = {0};
	struct buf path, packs;
	const char **names, *pack = settings_text(settings, "desk.pack");
	int rc = 0;
	buf_init(&path, PATH_MAX);
	buf_init(&packs, PATH_MAX);
	desk_pack_dir(settings, &path);
	places_packs(settings_text(settings, "desk.packs_dir"), &packs);
	if (!places_is_directory(buf_str(&path))) {
		long n =
			places_pack_names(buf_str(&packs), &arena, &names, err);
		if (n >= 0) {
			err_set(err, "there is no directory %s",
				buf_str(&path));
			desk_add_names(err, pack, names, n);
		}
		rc = settings_blame(
			settings, n < 0 ? "desk.packs_dir" : "desk.pack", err);
	}
	buf_release(&packs);
	buf_release(&path);
	arena_release(&arena);
	return rc;
}

static int
check_plugin_dir(const struct settings *settings, struct err *err)
{
	const char *dir = settings_text(settings, "daemon.plugin_dir");
	if (!*dir || places_is_directory(dir))
		return 0;
	err_set(err,
		"there is no directory %s; name the one that has the plugins, "
		"or leave this out",
		dir);
	return settings_blame(settings, "daemon.plugin_dir", err);
}

int
desk_check_settings(const struct desk_config *config,
		    const struct settings *settings,
		    struct http_address **addresses_r, struct err *err)
{
	if (check_retrieval(settings, err) ||
	    check_pack_is_there(settings, err))
		return -1;
	if (!config->is_daemon)
		return 0;
	if (check_plugin_dir(settings, err) ||
	    generator_check_settings(settings, err) ||
	    desk_check_http(settings, err) ||
	    (config->check && config->check(settings, err)))
		return -1;
	return desk_find_addresses(settings, addresses_r, err);
}

/* ---- All that a start would read */

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

static int
try_plugins(struct desk *desk, const struct settings *settings, struct err *err)
{
	const char *name;
	for (size_t i = 0; (name = settings_plugin_name(settings, i)); i++)
		if (host_try(desk->host, name, settings, err))
			return settings_blame_plugin(settings, i, err);
	return 0;
}

/* Every plugin that is named can be loaded, takes its section, and can be
 * opened with it. */
static int
check_plugins(struct desk *desk, const struct settings *first, struct err *err)
{
	for (size_t i = 0; settings_plugin_name(first, i); i++)
		if (desk_load_plugin(desk, first, i, err))
			return -1;
	struct settings *settings =
		desk_settings_with_plugins(desk, first, err);
	int rc = settings ? try_plugins(desk, settings, err) : -1;
	settings_free(settings);
	return rc;
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
desk_check(const struct desk_config *config, bool *has_plugins_r,
	   struct err *err)
{
	struct desk desk = {.config = *config};
	struct settings *settings = desk_settings_read(config, NULL, 0, err);
	if (!settings)
		return -1;
	struct http_address *addresses = NULL;
	desk.loop = loop_new(err);
	int rc = desk.loop ? desk_check_settings(config, settings, &addresses,
						 err)
			   : -1;
	http_addresses_free(addresses);
	if (!rc)
		rc = check_pack(settings, err);
	if (!rc)
		rc = generator_check(settings, err);
	if (!rc)
		rc = make_host(&desk, settings, err);
	if (!rc)
		rc = check_plugins(&desk, settings, err);
	if (!rc)
		*has_plugins_r = settings_plugin_name(settings, 0) != NULL;
	host_free(desk.host);
	loop_free(desk.loop);
	settings_free(settings);
	return rc;
}

/* ---- What may be set of plugins */

static void
give_one(struct host *host, const char *plugin, desk_options_fn *give,
	 void *arg)
{
	struct err why = {0};
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
