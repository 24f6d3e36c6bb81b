/* GET .../messages/{message}/why: what a reply was decided upon, for a desk
 * that is on show. */
#include <string.h>

#include "web.h"

/* The same for whatever there is not, lest it tell what there is elsewhere. */
static void
answer_none(const struct web *web, struct teller_request *request)
{
	web->services->problem(request, 404, "not_found",
			       "this conversation has no such reply", 0);
}

static void
explained(void *arg, const char *json)
{
	struct pending *pending = arg;
	if (pending->request && json)
		pending->web->services->answer(pending->request, 200,
					       "application/json", NULL, 0,
					       json, strlen(json));
	else if (pending->request)
		answer_none(pending->web, pending->request);
	pending_end(pending);
}

static void
serve_why(void *arg, struct teller_request *request)
{
	struct web *web = arg;
	const struct teller_services *services = web->services;
	const char *id = web_authorised(web, request);
	if (!id)
		return;
	const char *reply = services->http_param(request, "message");
	if (!reply || !web_is_message_id(reply)) {
		answer_none(web, request);
		return;
	}
	struct pending *pending = pending_new(web, request, id);
	if (pending &&
	    services->explain(web->host, "", id, reply, explained, pending))
		pending_refused(pending);
}

int
web_serve_why(struct web *web)
{
	if (!TELLER_HAS(web->services, explain))
		return 0;
	return web->services->serve(
		web->host, "GET",
		"/v1/conversations/{id}/messages/{message}/why", 0, 0,
		serve_why, web);
}
