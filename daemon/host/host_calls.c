/* What the layer above asks of plugins that run, and of how they are. */
#include "host/checking.h"
#include "host/host_inside.h"
#include "host/option.h"

static struct teller_host *
find_running(struct host *host, const char *name)
{
	struct slot *slot = host_find_slot(host, name);
	bool is_running = slot && slot->is_announced &&
			  slot->instance->state == INSTANCE_RUNNING;

	return is_running ? slot->instance : NULL;
}

bool
host_can(struct host *host, const char *plugin, unsigned int capability)
{
	struct teller_host *instance = find_running(host, plugin);

	return instance &&
	       (option_capabilities(instance->plugin, instance->settings) &
		capability) == capability;
}

const char *
host_plugin_with(struct host *host, unsigned int capability, size_t i)
{
	for (size_t k = 0; k < host->n_slots; k++) {
		const struct slot *slot = &host->slots[k];
		if (!host_is_named(host->settings, slot_name(slot)))
			continue;
		unsigned int can = option_capabilities(slot->object->plugin,
						       host->settings);
		if ((can & capability) == capability && i-- == 0)
			return slot_name(slot);
	}
	return NULL;
}

bool
host_send(struct host *host, const char *plugin, const struct teller_job *job)
{
	struct teller_host *instance = find_running(host, plugin);

	if (!instance)
		return false;
	struct entered entered = instance_enter(instance);
	instance->plugin->send(instance->self, job);
	instance_leave(instance, "send()", entered);
	return true;
}

void
host_typing(struct host *host, const char *plugin, const char *account,
	    const char *conversation, bool on)
{
	struct teller_host *instance = find_running(host, plugin);

	if (!instance || !instance->plugin->typing)
		return;
	struct entered entered = instance_enter(instance);
	instance->plugin->typing(instance->self, account, conversation, on);
	instance_leave(instance, "typing()", entered);
}

void
host_cancel(struct host *host, const char *plugin, const char *job)
{
	struct teller_host *instance = find_running(host, plugin);

	if (!instance || !instance->plugin->cancel)
		return;
	struct entered entered = instance_enter(instance);
	instance->plugin->cancel(instance->self, job);
	instance_leave(instance, "cancel()", entered);
}

bool
host_check(struct host *host, const char *plugin, const char *post,
	   host_found_fn *fn, void *arg)
{
	struct teller_host *instance = find_running(host, plugin);

	return instance && checking_begin(instance, post, fn, arg);
}

static const char *
slot_state(const struct slot *slot)
{
	if (slot->failure)
		return "failed";
	if (!slot->instance || slot->instance->state < INSTANCE_RUNNING)
		return "loaded";
	return slot->instance->state == INSTANCE_RUNNING ? "running"
							 : "stopping";
}

bool
host_status_at(struct host *host, size_t i, struct host_status *out)
{
	size_t k = 0;

	while (k < host->n_slots && (host->slots[k].is_dormant || i-- > 0))
		k++;
	if (k == host->n_slots)
		return false;
	const struct slot *slot = &host->slots[k];
	const struct teller_host *instance = slot->instance;
	*out = (struct host_status){
		.name = slot_name(slot),
		.version = slot->object->plugin->version,
		.state = slot_state(slot),
		.health = slot->failure ? TELLER_DOWN
			  : instance	? instance->health
					: TELLER_OK,
		.words = slot->failure ? slot->failure
			 : instance    ? instance->words
				       : NULL,
		.is_keeping = instance && instance->n_putting > 0,
	};
	if (!out->words)
		out->words = "";
	return true;
}
