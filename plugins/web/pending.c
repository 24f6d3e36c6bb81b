#include <stdio.h>
#include <stdlib.h>

#include "web.h"

static void
pending_gone(void *arg)
{
	((struct pending *)arg)->request = NULL;
}

/* The host ends the request. */
static void
pending_drop(struct web_call *call)
{
	free(container_of(call, struct pending, call));
}

struct pending *
pending_new(struct web *web, struct teller_request *request,
	    const char *conversation)
{
	struct pending *pending = calloc(1, sizeof(*pending));
	if (!pending) {
		web->services->problem(request, 503, "no_memory",
				       "there is no memory; try again", 1);
		return NULL;
	}
	pending->web = web;
	pending->request = request;
	snprintf(pending->conversation, sizeof(pending->conversation), "%s",
		 conversation);
	pending->call.drop = pending_drop;
	web_call_begin(web, &pending->call);
	web->services->http_on_gone(request, pending_gone, pending);
	return pending;
}

void
pending_refused(struct pending *pending)
{
	pending->web->services->problem(pending->request, 503, "busy",
					"the request cannot be taken now", 1);
	pending_end(pending);
}

void
pending_end(struct pending *pending)
{
	struct web *web = pending->web;
	web_call_end(&pending->call);
	free(pending);
	web_settle(web);
}
