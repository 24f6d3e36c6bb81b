/* A workspace has removed the app: what the plugin keeps of it goes.  What was
 * said there is the desk's, which deletes by rules of its own. */
#include <stdio.h>

#include "slack.h"
#include "token.h"

/* Keys that could not be removed now end by themselves, some day. */
static void
on_state(void *arg, const struct teller_state *found)
{
	const struct slack *slack = arg;
	if (found)
		slack->services->state_put(
			slack->host, &(struct teller_state){.key = found->key},
			1, NULL, NULL);
}

void
workspace_forget(struct workspace *workspace)
{
	static const char *const what[] = {STATE_THREAD, STATE_GREETED};
	struct slack *slack = workspace->slack;
	token_forget(workspace);
	for (size_t i = 0; i < sizeof(what) / sizeof(*what); i++) {
		char prefix[NAMES_SIZE];
		snprintf(prefix, sizeof(prefix), "%s%s/", what[i],
			 workspace->team);
		slack->services->state_list(slack->host, prefix, on_state,
					    slack);
	}
}
