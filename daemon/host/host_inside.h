/* What a host is made of, for the files of host.h. */
#ifndef HOST_HOST_INSIDE_H
#define HOST_HOST_INSIDE_H

#include "host/host.h"
#include "host/instance.h"
#include "host/load.h"

#define MAX_PLUGINS 64

enum wish {
	WISH_NONE,
	WISH_RUN,   /* once there is no instance, a new one */
	WISH_UNLOAD /* once there is no instance, nothing */
};

struct slot {
	struct object *object;
	struct teller_host *instance; /* NULL: none */
	struct http_site *site; /* of its routes; NULL: there is no HTTP */
	enum wish wish;
	bool is_announced; /* changed() said that it runs */
	bool is_dormant;   /* no longer wanted, but it cannot be unloaded */
	char *failure;	   /* why the last instance failed; NULL: it did not */
};

struct host {
	struct host_frame frame;
	char *plugin_dir;
	struct slot slots[MAX_PLUGINS];
	size_t n_slots;
	const struct settings *settings;
	bool is_stopping;

	/* Of host_reload() and host_stop(). */
	void (*reloaded)(void *arg);
	void *reloaded_arg;
	void (*stopped)(void *arg);
	void *stopped_arg;
};

static inline const char *
slot_name(const struct slot *slot)
{
	return slot->object->plugin->name;
}

/* NULL: it is not loaded. */
struct slot *host_find_slot(struct host *, const char *name);
/* Do the settings name that plugin? */
bool host_is_named(const struct settings *, const char *name);

#endif
