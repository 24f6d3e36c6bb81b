#include "host/handle.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/log.h"

#define MAX_WARNINGS                                            \
	100 /* of a process: a plugin may do it again and again \
	     */

/* A request does not say whose it is before it is known to be there, so that
 * all plugins have one set. */
static struct idmap things; /* by address */
static pthread_t loop_thread;
static atomic_int n_warnings;
static _Thread_local const char *running; /* the plugin whose code runs here */

void
handle_note(const void *thing)
{
	if (!things.n)
		loop_thread = pthread_self();
	idmap_put(&things, (uint64_t)(uintptr_t)thing, (void *)thing);
}

void
handle_forget(const void *thing)
{
	idmap_remove(&things, (uint64_t)(uintptr_t)thing);
	if (!things.n)
		idmap_release(&things);
}

const char *
handle_enter(const char *plugin)
{
	const char *before = running;

	running = plugin;
	return before;
}

bool
handle_refuse(const char *what, const char *why)
{
	int n = atomic_fetch_add(&n_warnings, 1);

	if (n < MAX_WARNINGS)
		log_line(LOG_LEVEL_WARN, &(struct log_about){.plugin = running},
			 "%s%s calls %s%s: it is refused%s",
			 running ? "plugin " : "a plugin",
			 running ? running : "", what, why,
			 n == MAX_WARNINGS - 1 ? " (what follows is not logged)"
					       : "");
	else
		atomic_store(&n_warnings, MAX_WARNINGS);
	return false;
}

bool
handle_is_good(const void *thing, const char *what)
{
	if (!pthread_equal(pthread_self(), loop_thread))
		return handle_refuse(what,
				     " from a thread that is not the loop's, "
				     "where only post is allowed");
	if (!thing)
		return handle_refuse(what,
				     " with NULL for what the host gave it");
	if (!idmap_get(&things, (uint64_t)(uintptr_t)thing))
		return handle_refuse(what,
				     " with what is over, or was never the "
				     "host's");
	return true;
}
