#include "hook.h"

#include <stdlib.h>
#include <string.h>

/* Slack takes it for half an hour; a reply may be under way for a while. */
#define GOOD_US (29 * 60 * US_PER_S)

bool
hook_is_good(const struct slack *slack, const char *url)
{
	size_t len = strlen(slack->hooks_base);
	return url && strlen(url) <= HOOK_MAX &&
	       strncmp(url, slack->hooks_base, len) == 0 && url[len] == '/' &&
	       strspn(url + len, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "abcdefghijklmnopqrstuvwxyz"
				 "0123456789-._~/%=&?") == strlen(url + len);
}

int
hook_post(struct slack *slack, const char *url, const char *body, api_fn *fn,
	  void *arg)
{
	return hook_is_good(slack, url)
		       ? api_call_hook(slack, url, body, fn, arg)
		       : -1;
}

char *
hook_make_route(const struct slack *slack, const char *url)
{
	if (!hook_is_good(slack, url))
		return NULL;
	json_t *route = json_pack(
		"{s:s, s:I}", "hook", url, "until",
		(json_int_t)(slack->services->now_us(slack->host) + GOOD_US));
	char *text = json_dumps(route, JSON_COMPACT);
	json_decref(route);
	return text;
}

/* What an agent writes, and what is told of him, goes where it can be answered;
 * and of what may be there already nobody can see whether it is. */
static bool
may_answer(const struct teller_job *job)
{
	return job->kind == TELLER_JOB_REPLY && !job->maybe_sent &&
	       job->route_len > 0;
}

char *
hook_of_job(const struct slack *slack, const struct teller_job *job)
{
	json_t *route = may_answer(job) ? json_loadb(job->route, job->route_len,
						     0, NULL)
					: NULL;
	const char *url = event_text(route, "hook");
	json_int_t until_us =
		json_integer_value(json_object_get(route, "until"));
	char *hook = url && slack->services->now_us(slack->host) < until_us
			     ? strdup(url)
			     : NULL;
	json_decref(route);
	return hook;
}
