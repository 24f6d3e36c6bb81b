/* Calls of Slack's Web API, and what its answers mean. */
#ifndef SLACK_API_H
#define SLACK_API_H

#include "error.h"
#include "slack.h"

struct api_answer {
	enum api_result result;
	json_t *body;	 /* of OK: an object */
	char words[200]; /* of anything else, for a person */
	char error[64];	 /* Slack's name for it, or "" */
	/* What the token may do, parted by commas; borrowed, NULL: not said. */
	const char *scopes;
	int retry_after_s;
};

void api_read(struct api_answer *, const struct teller_fetched *);
void api_release(struct api_answer *);

typedef void api_fn(void *arg, const struct api_answer *);

/* Add to a query or a form what may have any signs, as a cursor does. */
void api_add_escaped(char *url, size_t size, const char *text);

/* Call a method, which may have a query behind it, with the token of that
 * workspace; body: JSON, or NULL for a GET.  0, or -1: refused, fn is not
 * called. */
int api_call(struct workspace *, const char *method, const char *body, api_fn *,
	     void *arg);
/* The same with a token that is no workspace's yet. */
int api_call_by(struct slack *, const char *token, const char *method,
		const char *body, api_fn *, void *arg);
/* Ask oauth.v2.access as the app itself; -1 also without a client secret. */
int api_call_oauth(struct slack *, const char *form, api_fn *, void *arg);
/* The same with the token of the app, and no body. */
int api_call_as_app(struct slack *, const char *method, api_fn *, void *arg);
/* Post JSON to an address that Slack gave for that, without a token: see
 * hook.h. */
int api_call_hook(struct slack *, const char *url, const char *body, api_fn *,
		  void *arg);
/* Those that are under way: nobody is told of them any more. */
void api_drop_calls(struct slack *);

#endif
