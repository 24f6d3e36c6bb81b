#include "host/option.h"

#include <stdlib.h>
#include <string.h>

#include <tellerd/plugin.h>

#include "base/buf.h"
#include "base/mem.h"
#include "conf/options.h"
#include "host/handle.h"
#include "host/instance.h"

#define PATH_BYTES 512

#define TYPE(type) (1u << (type))

/* The setting at the plugin's path, if it is one of those types, and its path
 * in the file. */
static const struct teller_option *
find(struct teller_host *host, const char *path, unsigned int types,
     char full[PATH_BYTES])
{
	struct buf buf;
	const struct teller_option *option = NULL;

	buf_init(&buf, PATH_BYTES - 1);
	if (path &&
	    buf_addf(&buf, "plugins.%s.%s", host->plugin->name, path) == 0) {
		memcpy(full, buf.data, buf.len + 1);
		option = settings_option(host->settings, full);
	}
	buf_release(&buf);
	return option && (TYPE(option->type) & types) ? option : NULL;
}

/* The same; one that is not there is the plugin's mistake. */
static bool
has(struct teller_host *host, const char *path, unsigned int types,
    char full[PATH_BYTES])
{
	if (!handle_is_good(host, "a service for options"))
		return false;
	if (find(host, path, types, full))
		return true;
	instance_warn(host,
		      "asks for the setting '%.200s', which it has not, "
		      "or not of that type",
		      path ? path : "");
	return false;
}

/* Settings may be replaced by others that say the same (reload), so what is
 * lent until close() is a copy. */
static const char *
lend(struct teller_host *host, const char *text)
{
	char *copy = map_get(&host->texts, text);

	if (!copy) {
		copy = mem_strdup(text);
		map_put(&host->texts, text, copy);
	}
	return copy;
}

int64_t
option_int(struct teller_host *host, const char *path)
{
	unsigned int types =
		TYPE(TELLER_INT) | TYPE(TELLER_DURATION) | TYPE(TELLER_SIZE);
	char full[PATH_BYTES];

	return has(host, path, types, full) ? settings_int(host->settings, full)
					    : 0;
}

double
option_real(struct teller_host *host, const char *path)
{
	char full[PATH_BYTES];

	return has(host, path, TYPE(TELLER_REAL), full)
		       ? settings_real(host->settings, full)
		       : 0;
}

bool
option_bool(struct teller_host *host, const char *path)
{
	char full[PATH_BYTES];

	return has(host, path, TYPE(TELLER_BOOL), full) &&
	       settings_bool(host->settings, full);
}

const char *
option_text(struct teller_host *host, const char *path)
{
	unsigned int types = TYPE(TELLER_TEXT) | TYPE(TELLER_CHOICE);
	char full[PATH_BYTES];

	return has(host, path, types, full)
		       ? lend(host, settings_text(host->settings, full))
		       : NULL;
}

#define LISTS                                                              \
	(TYPE(TELLER_LIST) | TYPE(TELLER_DIGESTS) | TYPE(TELLER_ORIGINS) | \
	 TYPE(TELLER_TABLE))

size_t
option_count(struct teller_host *host, const char *path)
{
	char full[PATH_BYTES];

	return has(host, path, LISTS, full)
		       ? settings_count(host->settings, full)
		       : 0;
}

const char *
option_item(struct teller_host *host, const char *path, size_t i)
{
	char full[PATH_BYTES];

	if (!has(host, path, LISTS, full) ||
	    i >= settings_count(host->settings, full))
		return NULL;
	return lend(host, settings_item(host->settings, full, i));
}

const char *
option_secret(struct teller_host *host, const char *path)
{
	char full[PATH_BYTES];

	return find(host, path, TYPE(TELLER_SECRET), full)
		       ? settings_text(host->settings, full)
		       : NULL;
}

unsigned int
option_capabilities(const struct teller_plugin *plugin,
		    const struct settings *settings)
{
	unsigned int can = plugin->capabilities;
	struct buf path;

	if (!TELLER_HAS(plugin, desk_option) || !plugin->desk_option)
		return can;
	buf_init(&path, PATH_BYTES - 1);
	buf_addf(&path, "plugins.%s.%s", plugin->name, plugin->desk_option);
	if (!settings_option(settings, buf_str(&path)) ||
	    !settings_count(settings, buf_str(&path)))
		can &= ~(unsigned int)TELLER_CAN_DESK;
	buf_release(&path);
	return can;
}

int64_t
option_burst_ms(struct teller_host *host)
{
	return option_int(host, "burst");
}
