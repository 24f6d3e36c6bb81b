/* The host's slots, one a plugin: the object, and the instance that lives from
 * it, if any.  What is wanted of a slot is noted down, and brought about from
 * the settle timer, where no plugin is on the stack. */
#include "host/host_inside.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "conf/options.h"
#include "host/key.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/loop.h"

/* Requests of a plugin that gets new settings, and for how long. */
#define MAX_WAITING 1000
#define WAIT_MS 10000

static void settle(void *arg);

struct host *
host_new(const struct host_config *config, const struct host_events *events,
	 struct err *err)
{
	struct host *host = mem_new(sizeof *host);

	if (config->key_path &&
	    key_open(config->key_path, host->frame.key, err) < 0) {
		free(host);
		return NULL;
	}
	host->plugin_dir = mem_strdup(config->plugin_dir);
	host->frame.config = *config;
	host->frame.config.plugin_dir = host->plugin_dir;
	host->frame.config.key_path = NULL;
	host->frame.events = *events;
	host->frame.settle = timer_new(config->loop, settle, host);
	return host;
}

struct slot *
host_find_slot(struct host *host, const char *name)
{
	for (size_t i = 0; i < host->n_slots; i++)
		if (strcmp(slot_name(&host->slots[i]), name) == 0)
			return &host->slots[i];
	return NULL;
}

int
host_load(struct host *host, const char *name, struct err *err)
{
	if (host_find_slot(host, name))
		return 0;
	if (host->n_slots == MAX_PLUGINS)
		return err_set(err, "plugin '%s': there are %d already", name,
			       MAX_PLUGINS);
	struct object *object = object_load(host->plugin_dir, name, err);
	if (!object)
		return -1;
	log_info("plugin %s %s is loaded", name, object->plugin->version);
	struct slot *slot = &host->slots[host->n_slots++];
	*slot = (struct slot){.object = object};
	if (host->frame.config.http)
		slot->site = http_site_new(host->frame.config.http, MAX_WAITING,
					   WAIT_MS);
	return 0;
}

const struct teller_option *
host_options(struct host *host, const char *name)
{
	struct slot *slot = host_find_slot(host, name);

	return slot ? slot->object->options : NULL;
}

int
host_try(struct host *host, const char *name, const struct settings *settings,
	 struct err *err)
{
	struct slot *slot = host_find_slot(host, name);
	struct teller_host *instance = instance_new(
		&host->frame, slot->object->plugin, settings, NULL);
	int rc = instance_try(instance, err);

	instance_free(instance);
	return rc;
}

/* ---- Settling */

static void
announce(struct host *host, struct slot *slot, bool is_running)
{
	const struct host_events *events = &host->frame.events;

	if (slot->is_announced == is_running)
		return;
	slot->is_announced = is_running;
	log_line(LOG_LEVEL_INFO, &(struct log_about){.plugin = slot_name(slot)},
		 "plugin %s %s", slot_name(slot),
		 is_running ? "runs" : "has stopped");
	events->changed(events->arg, slot_name(slot), is_running);
}

static void
end_instance(struct host *host, struct slot *slot)
{
	struct teller_host *instance = slot->instance;

	slot->instance = NULL;
	if (instance->state == INSTANCE_FAILED)
		slot->failure = mem_strdup(instance->words);
	instance_free(instance);
	announce(host, slot, false);
}

static void
begin_instance(struct host *host, struct slot *slot)
{
	free(slot->failure);
	slot->failure = NULL;
	slot->wish = WISH_NONE;
	slot->instance = instance_new(&host->frame, slot->object->plugin,
				      host->settings, slot->site);
	instance_begin(slot->instance);
}

/* Take one step if one can be taken. */
static void
settle_slot(struct host *host, struct slot *slot)
{
	if (slot->instance) {
		instance_settle(slot->instance);
		if (slot->instance->state == INSTANCE_RUNNING)
			announce(host, slot, true);
		else if (slot->instance->state >= INSTANCE_OVER)
			end_instance(host, slot);
	}
	if (!slot->instance && slot->wish == WISH_RUN)
		begin_instance(host, slot);
}

static void
free_slot(struct slot *slot)
{
	assert(!slot->instance);
	http_site_free(slot->site);
	free(slot->failure);
	object_free(slot->object);
}

/* Objects that nobody wants any more go; one that would not really go stays,
 * to be there when it is wanted again. */
static void
unload_slots(struct host *host)
{
	size_t n = 0;

	for (size_t i = 0; i < host->n_slots; i++) {
		struct slot slot = host->slots[i];
		bool is_over = slot.wish == WISH_UNLOAD && !slot.instance;
		bool is_kept =
			slot.object->plugin->capabilities & TELLER_KEEP_LOADED;
		if (is_over && !is_kept) {
			log_info("plugin %s is unloaded", slot_name(&slot));
			free_slot(&slot);
			continue;
		}
		if (is_over) {
			slot.is_dormant = true;
			slot.wish = WISH_NONE;
		}
		host->slots[n++] = slot;
	}
	host->n_slots = n;
}

/* Requests wait from stop_slot() until the plugin runs again, or has failed. */
static void
settle_site(const struct slot *slot)
{
	bool is_failed = slot->failure && !slot->is_dormant;

	if (!slot->site || slot->wish == WISH_RUN)
		return;
	if (!slot->instance && is_failed)
		http_site_down(slot->site);
	else if (!slot->instance || slot->instance->state == INSTANCE_RUNNING)
		http_site_open(slot->site);
}

static bool
is_settled(const struct slot *slot)
{
	return slot->wish == WISH_NONE &&
	       (!slot->instance || slot->instance->state == INSTANCE_RUNNING);
}

static void
call_done(void (**done)(void *), void *arg)
{
	void (*fn)(void *) = *done;

	*done = NULL;
	if (fn)
		fn(arg);
}

static void
settle(void *arg)
{
	struct host *host = arg;

	for (size_t i = 0; i < host->n_slots; i++)
		settle_slot(host, &host->slots[i]);
	unload_slots(host);
	for (size_t i = 0; i < host->n_slots && !host->is_stopping; i++)
		settle_site(&host->slots[i]);
	for (size_t i = 0; i < host->n_slots; i++)
		if (!is_settled(&host->slots[i]))
			return;
	call_done(&host->reloaded, host->reloaded_arg);
	/* It may have begun to stop just now, and then is not at its end. */
	if (host->is_stopping && !timer_is_set(host->frame.settle))
		call_done(&host->stopped, host->stopped_arg);
}

static void
settle_soon(struct host *host)
{
	timer_set(host->frame.settle, 0);
}

/* ---- What is wanted */

static void
stop_slot(struct slot *slot)
{
	if (slot->instance)
		instance_stop(slot->instance);
}

bool
host_is_named(const struct settings *settings, const char *name)
{
	const char *named;

	for (size_t i = 0;
	     settings && (named = settings_plugin_name(settings, i)); i++)
		if (strcmp(named, name) == 0)
			return true;
	return false;
}

static bool
is_same(const struct settings *before, const struct settings *after,
	const char *name)
{
	char section[64];

	snprintf(section, sizeof section, "plugins.%s", name);
	return before && settings_same(before, after, section);
}

static void
want(struct host *host, struct slot *slot, const struct settings *before)
{
	const char *name = slot_name(slot);
	bool is_wanted = host_is_named(host->settings, name);
	bool goes_on = slot->instance && slot->wish != WISH_UNLOAD &&
		       is_same(before, host->settings, name);

	if (!is_wanted && slot->is_dormant)
		return;
	slot->is_dormant = false;
	if (is_wanted && goes_on) {
		slot->instance->settings = host->settings;
		return;
	}
	slot->wish = is_wanted ? WISH_RUN : WISH_UNLOAD;
	if (is_wanted && slot->site)
		http_site_hold(slot->site);
	stop_slot(slot);
}

void
host_reload(struct host *host, const struct settings *settings,
	    void (*done)(void *arg), void *arg)
{
	const struct settings *before = host->settings;

	assert(!host->reloaded);
	host->reloaded = done;
	host->reloaded_arg = arg;
	host->settings = settings;
	for (size_t i = 0; i < host->n_slots && !host->is_stopping; i++)
		want(host, &host->slots[i], before);
	settle_soon(host);
}

void
host_start(struct host *host, const struct settings *settings)
{
	host_reload(host, settings, NULL, NULL);
}

void
host_stop(struct host *host, void (*done)(void *arg), void *arg)
{
	host->is_stopping = true;
	host->stopped = done;
	host->stopped_arg = arg;
	for (size_t i = 0; i < host->n_slots; i++) {
		struct slot *slot = &host->slots[i];
		slot->wish = WISH_NONE;
		if (slot->site)
			http_site_down(slot->site);
		stop_slot(slot);
	}
	settle_soon(host);
}

void
host_free(struct host *host)
{
	if (!host)
		return;
	for (size_t i = 0; i < host->n_slots; i++)
		free_slot(&host->slots[i]);
	http_client_free(host->frame.client);
	timer_free(host->frame.settle);
	free(host->plugin_dir);
	crypto_wipe(host->frame.key, sizeof host->frame.key);
	free(host);
}
