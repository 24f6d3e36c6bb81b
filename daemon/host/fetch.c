#include "host/fetch.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "host/instance.h"
#include "net/http_client.h"

struct fetching {
	struct owned owned;
	struct teller_host *owner;
	struct http_transfer *transfer;
	teller_fetched_fn *fn;
	void *arg;
};

static void
cancel(struct owned *owned)
{
	struct fetching *fetching = container_of(owned, struct fetching, owned);

	instance_disown(fetching->owner, owned);
	http_transfer_cancel(fetching->transfer);
	free(fetching);
}

static void
tell_fetched(void *arg, const struct teller_fetched *fetched)
{
	struct fetching *fetching = arg;
	struct teller_host *host = fetching->owner;

	instance_disown(host, &fetching->owned);
	struct entered entered = instance_enter(host);
	fetching->fn(fetching->arg, fetched);
	instance_leave(host, "the end of fetch()", entered);
	free(fetching);
}

/* The client of all plugins is made when the first of them needs it. */
static struct http_client *
get_client(struct host_frame *frame, struct err *err)
{
	if (!frame->client)
		frame->client = http_client_new(frame->config.loop, err);
	return frame->client;
}

int
fetch_begin(struct teller_host *host, const struct teller_fetch *fetch,
	    teller_fetched_fn *fn, void *arg)
{
	struct err err = {
		.text = "its size is not set, or nobody is to be told"};

	if (instance_check_room(host, "fetch", INSTANCE_STOPPING) < 0)
		return -1;
	struct fetching *fetching = mem_new(sizeof *fetching);
	fetching->owned.end = cancel;
	fetching->owner = host;
	fetching->fn = fn;
	fetching->arg = arg;
	if (fn && fetch && TELLER_HAS(fetch, allow_private) &&
	    get_client(host->frame, &err))
		fetching->transfer =
			http_client_fetch(host->frame->client, fetch,
					  tell_fetched, fetching, &err);
	if (!fetching->transfer) {
		instance_warn(host, "fetch is refused: %s", err.text);
		free(fetching);
		return -1;
	}
	instance_own(host, &fetching->owned);
	return 0;
}
