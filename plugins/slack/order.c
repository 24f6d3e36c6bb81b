/* Which messages of threads are taken: those of threads that the bot takes part
 * in.  That is read first, and what is written meanwhile waits behind. */
#include <stdio.h>
#include <string.h>

#include "slack.h"

static void dispatch(struct taking *);

static bool
is_of(const struct taking *taking, const char *key)
{
	return taking->envelope && strcmp(taking->event.key, key) == 0;
}

/* What came while that was being read, in the order in which it came. */
static void
go_on(struct slack *slack, const char *key)
{
	struct taking *oldest;
	do {
		oldest = NULL;
		for (struct taking *t = slack->takings; t; t = t->next) {
			if (is_of(t, key) && t->is_asked)
				return;
			if (is_of(t, key) && t->is_waiting)
				oldest = t;
		}
		if (oldest) {
			oldest->is_waiting = false;
			dispatch(oldest);
		}
	} while (oldest);
}

static void
on_thread(void *arg, const struct teller_state *found)
{
	struct taking *taking = arg;
	struct slack *slack = taking->slack;
	char key[SLACK_KEY_SIZE];
	memcpy(key, taking->event.key, sizeof(key));
	taking->is_asked = false;
	if (found)
		taking_receive_event(taking);
	else
		taking_pass(taking, "ignored_unaddressed");
	go_on(slack, key);
}

/* What brought the bot into the thread may be on its way to disk. */
static bool
is_being_followed(const struct taking *taking)
{
	for (const struct taking *t = taking->slack->takings; t; t = t->next)
		if (t != taking && t->event.act == EVENT_TAKE &&
		    !t->is_waiting && is_of(t, taking->event.key))
			return true;
	return false;
}

static void
take_if_followed(struct taking *taking)
{
	const struct slack *slack = taking->slack;
	char key[NAMES_SIZE];
	if (is_being_followed(taking)) {
		taking_receive_event(taking);
		return;
	}
	snprintf(key, sizeof(key), STATE_THREAD "%s", taking->event.key);
	taking->is_asked = true;
	if (slack->services->state_get(slack->host, key, on_thread, taking) ==
	    0)
		return;
	taking_refuse(taking, 503, "refused", "The event cannot be taken now.",
		      5);
}

static void
dispatch(struct taking *taking)
{
	if (taking->event.act == EVENT_TAKE_KNOWN)
		take_if_followed(taking);
	else
		taking_receive_event(taking);
}

void
take_in_order(struct taking *taking)
{
	for (const struct taking *t = taking->slack->takings; t; t = t->next)
		taking->is_waiting |= t != taking &&
				      (t->is_asked || t->is_waiting) &&
				      is_of(t, taking->event.key);
	if (!taking->is_waiting)
		dispatch(taking);
}
