/* Pages that may call a plugin's routes: the list goes to its site, which asks
 * nobody else; who is refused is told of here, once each, with the setting that
 * would admit him.  The list stays with the site when the instance ends, so
 * that a page can read the 503 that it gets meanwhile. */
#include "host/origins.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "host/instance.h"
#include "host/option.h"
#include "net/http_server.h"

/* So many are remembered; then it begins anew. */
#define MAX_TOLD 64

struct origins {
	struct owned owned;
	struct teller_host *owner;
	char *option;
	struct map told;
};

static void
origins_end(struct owned *owned)
{
	struct origins *origins = container_of(owned, struct origins, owned);

	http_site_on_refused(origins->owner->site, NULL, NULL);
	instance_disown(origins->owner, owned);
	map_release(&origins->told);
	free(origins->option);
	free(origins);
}

static void
on_refused(void *arg, const char *origin)
{
	struct origins *origins = arg;
	struct teller_host *host = origins->owner;

	if (map_get(&origins->told, origin))
		return;
	if (origins->told.n >= MAX_TOLD)
		map_release(&origins->told);
	map_put(&origins->told, origin, origins);
	if (strcmp(origin, "null") == 0 || strcmp(origin, "none") == 0)
		instance_warn(host,
			      "a page without an origin (a file, a sandboxed "
			      "frame) was refused");
	else
		instance_warn(host,
			      "plugins.%s.%s lacks %.200s: a page from there "
			      "was refused",
			      host->plugin->name, origins->option, origin);
}

/* One call takes the place of another. */
static struct origins *
find(struct teller_host *host)
{
	struct owned *owned = host->owned;

	while (owned && owned->end != origins_end)
		owned = owned->next;
	return owned ? container_of(owned, struct origins, owned) : NULL;
}

int
origins_allow(struct teller_host *host, const char *option)
{
	if (instance_check_room(host, "http_origins", INSTANCE_RUNNING) < 0)
		return -1;
	if (!host->site || !option) {
		instance_warn(host, "http_origins is refused: %s",
			      host->site ? "it names no setting"
					 : "there is no listener for HTTP in "
					   "the settings");
		return -1;
	}
	size_t n = option_count(host, option);
	const char **items = mem_array(n + 1, sizeof *items);
	for (size_t i = 0; i < n; i++)
		items[i] = option_item(host, option, i);
	http_site_allow(host->site, items, n);
	free(items);
	struct origins *before = find(host);
	if (before)
		origins_end(&before->owned);
	struct origins *origins = mem_new(sizeof *origins);
	origins->owned.end = origins_end;
	origins->owner = host;
	origins->option = mem_strdup(option);
	instance_own(host, &origins->owned);
	http_site_on_refused(host->site, on_refused, origins);
	return 0;
}
