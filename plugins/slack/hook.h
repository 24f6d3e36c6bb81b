/* Addresses by which Slack lets us answer what somebody did, for half an hour
 * and a few times: nobody but him sees it, and the bot need not be in the
 * channel. */
#ifndef SLACK_HOOK_H
#define SLACK_HOOK_H

#include "api.h"

#define HOOK_MAX 1000 /* theirs have about 100 */

/* The route of a conversation whose newest message came without one. */
#define HOOK_NONE "-"

/* Is it an address of Slack's?  Nothing is posted to others. */
bool hook_is_good(const struct slack *, const char *url);
/* Post JSON there.  fn gets API_GONE when Slack takes nothing there any more.
 * 0, or -1: refused, fn is not called. */
int hook_post(struct slack *, const char *url, const char *body, api_fn *,
	      void *arg);

/* A route that answers by that address for as long as Slack takes it, freed by
 * the caller; NULL: it is none of Slack's, or there is no memory. */
char *hook_make_route(const struct slack *, const char *url);
/* The address that a job is to be answered by, freed by the caller; NULL: by
 * none, or not any more. */
char *hook_of_job(const struct slack *, const struct teller_job *);

#endif
